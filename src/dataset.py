"""`python -m src.dataset action=validate|stats|split|export|import|agreement`: the labelled dataset's keeper."""

from __future__ import annotations

from typing import TYPE_CHECKING

from src.cli import run

if TYPE_CHECKING:
    from omegaconf import DictConfig


def task(config: DictConfig) -> None:
    """Compose, validate, call, print."""
    from src.config import typed
    from src.data.keeper import keep

    print(keep(typed(config)))


if __name__ == "__main__":
    run(task, "dataset")
