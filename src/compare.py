"""`python -m src.compare runs=[RUN,RUN,...]`: a paired comparison of finished runs."""

from __future__ import annotations

from typing import TYPE_CHECKING

from src.cli import run

if TYPE_CHECKING:
    from omegaconf import DictConfig


def task(config: DictConfig) -> None:
    """Compose, validate, call, print."""
    from pathlib import Path

    from src.config import ROOT, typed
    from src.reporting.compare import compare_runs, markdown

    settings = typed(config)
    result, folder = compare_runs(
        settings.runs, output=Path(settings.output) if settings.output else None, metric=settings.metric,
        seed=settings.seed, resamples=settings.resamples, root=ROOT,
    )  # fmt: skip
    print(markdown(result))
    print(f"comparison: {folder / 'compare.html'}")


if __name__ == "__main__":
    run(task, "compare")
