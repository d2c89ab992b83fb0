"""`python -m src.train`: one experiment, from labelled data and articles to scores and a report."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from src.cli import run

if TYPE_CHECKING:
    from omegaconf import DictConfig


def task(config: DictConfig) -> float:
    """Compose, validate, call. Returns the optimised metric, so that a sweeper can use it."""
    from hydra.core.hydra_config import HydraConfig
    from omegaconf import OmegaConf

    from src.config import typed
    from src.experiment import run_experiment

    overrides = list(HydraConfig.get().overrides.task)
    resolved: Any = OmegaConf.to_container(config, resolve=True)
    return run_experiment(typed(config), resolved, overrides)


if __name__ == "__main__":
    run(task, "train")
