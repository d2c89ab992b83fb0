"""Experiments that build on the models of others: what an experiment needs is trained first, unless a finished run has it.

`model.encoder`, `model.teacher` or `model.path` of the form `{NAME}` means the model that `experiment=NAME` makes, which may need others in
turn. A recipe that was cut off is given again: finished stages are taken up, and the one it was cut off in goes on from its checkpoint.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from src.config import TrainConfig, typed
from src.errors import ConfigError, unknown_value
from src.experiment import Made, run_experiment
from src.runs import read_run

_NAMED = re.compile(r"\{(\w+)\}")
_BUILT_ON = ("encoder", "teacher", "path")
#: What the command line says of the last stage alone; all else (seed, debug, engine, logger, paths ...) holds for every stage.
_LAST_ONLY = re.compile(r"[+~]*(experiment|experiment_name|model|data|task|articles|resume|release|seeds)\b")


def run_recipe(config: TrainConfig, resolved: Mapping[str, Any], overrides: Sequence[str], *, sweep: Path | None = None) -> Made:
    """Run an experiment after the ones whose models it builds on; the manifest tells their runs, seeds and data checksums.

    Raises:
        ConfigError: an experiment that is named does not exist, makes no model, or needs itself.
    """
    return _run(config, dict(resolved), list(overrides), above=(config.experiment_name,), sweep=sweep)


def _run(config: TrainConfig, resolved: dict[str, Any], overrides: list[str], *, above: tuple[str, ...], sweep: Path | None) -> Made:
    stages: dict[str, Any] = {}
    placed: dict[str, str] = {}
    for key in _BUILT_ON:
        found = _NAMED.fullmatch(getattr(config.model, key, None) or "")
        if found is None:
            continue
        name = found.group(1)
        if config.seeds:
            raise ConfigError(
                f"model.{key} is the model of another experiment, of which there is one a seed: use --multirun seed=1,2 for seeds"
            )
        if name in above:
            raise ConfigError(f"experiment={name} needs itself: {' -> '.join([*above, name])}")
        folder, earlier = _stage(name, [o for o in overrides if not _LAST_ONLY.match(o)], above)
        stages |= earlier
        placed[key] = str(folder / "model")
    if placed:
        config = replace(config, model=replace(config.model, **placed))
        resolved = {**resolved, "model": {**resolved["model"], **placed}}
    again = bool(placed) or len(above) > 1
    return run_experiment(config, resolved, overrides, sweep=sweep, take_up=again, notes={"stages": stages} if stages else {})


def _stage(name: str, handed: list[str], above: tuple[str, ...]) -> tuple[Path, dict[str, Any]]:
    """The run folder of an experiment that others build on, and what the manifest tells of it and of those before it."""
    from hydra import compose
    from hydra.core.global_hydra import GlobalHydra
    from omegaconf import OmegaConf

    known = GlobalHydra.instance().config_loader().get_group_options("experiment")
    if name not in known:
        raise ConfigError(unknown_value("experiment", name, known))
    overrides = [f"experiment={name}", *handed]
    composed = compose("train", overrides)
    resolved: Any = OmegaConf.to_container(composed, resolve=True)
    print(f"stage {name} of {above[0]}", flush=True)
    made = _run(typed(composed), resolved, overrides, above=(*above, name), sweep=None)
    (folder,) = made.folders
    if not (folder / "model").is_dir():
        raise ConfigError(f"experiment={name} makes no model, so nothing can build on it")
    manifest = read_run(folder)["manifest"]
    told = {key: manifest[key] for key in ("signature", "seed", "data")} | {"run": f"{folder.parent.name}/{folder.name}"}
    return folder, {**manifest.get("stages", {}), name: told}
