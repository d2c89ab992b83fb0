"""Every configuration that ships can be composed, and settings out of range are refused in words."""

from __future__ import annotations

import pytest

from tests.conftest import ROOT, command

EXPERIMENTS = sorted(p.stem for p in (ROOT / "configs" / "experiment").glob("*.yaml"))


def test_every_experiment_config_composes() -> None:
    from hydra import compose, initialize_config_dir
    from hydra.core.global_hydra import GlobalHydra
    from omegaconf import OmegaConf

    from src.config import register

    register()
    GlobalHydra.instance().clear()
    with initialize_config_dir(str(ROOT / "configs"), version_base="1.3"):
        for name in EXPERIMENTS:
            told = [f"experiment={name}"] if name != "default" else []
            config = compose("train", overrides=[*told, "paths.public=/nowhere"])
            assert config.experiment_name, name
            assert OmegaConf.to_container(config, resolve=False), name


@pytest.mark.parametrize(
    ("override", "named"),
    [("task.threshold=2", "task.threshold"), ("data.on_leakage=ignore", "refuse"), ("model=nosuch", "released"), ("modl=nli", "modl")],
)
def test_a_wrong_setting_is_one_line_and_exit_2(override: str, named: str) -> None:
    done = command("src.train", override)
    assert done.returncode == 2
    assert len(done.stderr.strip().splitlines()) == 1
    assert named in done.stderr
