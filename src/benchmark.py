"""`python -m src.benchmark`: speed of the models here beside the usual ways, interleaved in one process."""

from __future__ import annotations

from typing import TYPE_CHECKING

from src.cli import run

if TYPE_CHECKING:
    from omegaconf import DictConfig


def task(config: DictConfig) -> None:
    """Compose, validate, call, print."""
    from src.benchmarks import benchmark
    from src.config import typed

    print(benchmark(typed(config)))


if __name__ == "__main__":
    run(task, "benchmark")
