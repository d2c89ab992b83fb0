"""`python -m src.label input=PATH output=FILE.jsonl`: the positions in any articles, by the released model."""

from __future__ import annotations

from typing import TYPE_CHECKING

from src.cli import run

if TYPE_CHECKING:
    from omegaconf import DictConfig


def task(config: DictConfig) -> None:
    """Compose, validate, call, print."""
    import sys

    from src.config import typed
    from src.labelling import label_to_file

    summary = label_to_file(typed(config))
    print(summary, file=sys.stderr)


if __name__ == "__main__":
    run(task, "label")
