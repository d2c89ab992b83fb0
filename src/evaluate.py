"""`python -m src.evaluate data=NAME data.path=FILE output=FILE.json`: score a model without training."""

from __future__ import annotations

from typing import TYPE_CHECKING

from src.cli import run

if TYPE_CHECKING:
    from omegaconf import DictConfig


def task(config: DictConfig) -> float:
    """Compose, validate, call, print. Returns the headline figure."""
    import json
    from pathlib import Path

    from src.config import typed
    from src.experiment import evaluate_file
    from src.files import write_atomically

    settings = typed(config)
    scores = evaluate_file(settings)
    text = json.dumps(scores, indent=2, ensure_ascii=False) + "\n"
    if settings.output:
        write_atomically(Path(settings.output), text)
    print(text, end="")
    return float(scores.get("macro_f1", scores.get("accuracy", 0.0)))


if __name__ == "__main__":
    run(task, "evaluate")
