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
    from src.errors import ConfigError
    from src.reporting import write_index
    from src.reporting.compare import compare_runs, markdown

    settings = typed(config)
    if settings.action == "index":
        print(f"index: {write_index(Path(settings.runs))}")
        return
    if settings.runs == str(ROOT / "experiments" / "runs"):
        raise ConfigError("runs must be given: runs=[RUN,RUN] or runs=GLOB")
    result, folder = compare_runs(
        settings.runs, output=Path(settings.output) if settings.output else None, metric=settings.metric,
        seed=settings.seed, resamples=settings.resamples, root=ROOT,
    )  # fmt: skip
    print(markdown(result))
    print(f"comparison: {folder / 'compare.html'}")
    if folder.parent.name == "comparisons":
        print(f"index: {write_index(folder.parent.parent / 'runs')}")


if __name__ == "__main__":
    run(task, "compare")
