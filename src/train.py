"""`python -m src.train`: one experiment, from labelled data and articles to scores and a report."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

from src.cli import run

if TYPE_CHECKING:
    from omegaconf import DictConfig


def task(config: DictConfig) -> float:
    """Compose, validate, call. Returns the optimised metric, so that a sweeper can use it."""
    from hydra.core.hydra_config import HydraConfig
    from hydra.types import RunMode
    from omegaconf import OmegaConf

    from src.config import typed
    from src.recipes import run_recipe
    from src.sweeps import sweep_job

    hydra = HydraConfig.get()
    overrides = list(hydra.overrides.task)
    resolved: Any = OmegaConf.to_container(config, resolve=True)
    if hydra.mode != RunMode.MULTIRUN:
        return run_recipe(typed(config), resolved, overrides).value
    sweep = Path(hydra.sweep.dir)

    def job() -> tuple[float, str, list[Path]]:
        made = run_recipe(typed(config), resolved, overrides, sweep=sweep)
        return made.value, "skipped" if made.skipped else "done", made.folders

    return sweep_job(sweep, int(hydra.job.num), overrides, job)


def main() -> None:
    """The command; exits with 1 when a job of a sweep failed."""
    run(task, "train")
    if "src.sweeps" in sys.modules and sys.modules["src.sweeps"].SweepTable.failed:
        sys.exit(1)


if __name__ == "__main__":
    main()
