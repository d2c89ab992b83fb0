"""What a run costs beside the model's speed: the machine's peak, the stages of labelling, start-up, memory, training."""

from __future__ import annotations

import json
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from src.records import Pair

if TYPE_CHECKING:
    from src.models.onepass import OnePassModel

_ROOT = Path(__file__).resolve().parents[2]


def gemm_peak(precision: str, *, size: int = 1024, rounds: int = 12) -> float:
    """GFLOP/s of a square matrix product in torch, the best of some rounds: what this machine can do in that precision."""
    import torch

    kind = {"fp32": torch.float32, "bf16": torch.bfloat16}[precision]
    a, b = torch.randn(size, size, dtype=kind), torch.randn(size, size, dtype=kind)
    best = float("inf")
    for _ in range(rounds):
        started = time.perf_counter()
        a @ b
        best = min(best, time.perf_counter() - started)
    return 2 * size**3 / best / 1e9


def flops(model: OnePassModel, groups: Sequence[Sequence[Pair]]) -> float:
    """GFLOP of one pass over these sentences with their pairs: matrix products of the encoder's layers, without padding.

    Two for each weight and token, and two for each of the two attention products (Kaplan et al. 2020, appendix B).
    """
    config = model.network.encoder.config
    hidden, layers, inner = config.hidden_size, config.num_hidden_layers, config.intermediate_size
    total = 0.0
    for group in groups:
        tokens = len(model._tokenizer(group[0].text)["input_ids"]) + 2 * len(group)
        total += layers * (2 * tokens * (4 * hidden * hidden + 2 * hidden * inner) + 4 * tokens * tokens * hidden)
    return total / 1e9


@dataclass(frozen=True)
class Labelling:
    """Seconds of labelling a folder: each stage by itself, and the whole as `src.label` does it, with stages side by side."""

    articles: int
    stages: dict[str, float]
    whole: float
    in_encoder: float


def labelling(model: OnePassModel, articles: str, *, rounds: int = 3) -> Labelling:
    """Time the stages one after the other, and the pipeline as it runs (median of some rounds)."""
    from src.actors import ActorFinder
    from src.corpus import CorpusReader
    from src.pipeline import Labeller, directed_pairs

    finder = ActorFinder()
    finder.find([])
    stages: dict[str, float] = {}
    started = time.perf_counter()
    read = [item for item in CorpusReader().articles(articles, on_error=lambda error: None) if item.skipped is None]
    stages["read, clean, segment"] = time.perf_counter() - started
    started = time.perf_counter()
    found = list(finder.find_many([item.sentences for item in read]))
    stages["actors"] = time.perf_counter() - started
    pairs = [
        Pair(sentence.text, actor.span, target.span)
        for item, mentions in zip(read, found, strict=True)
        for sentence, named in zip(item.sentences, mentions, strict=True)
        for actor, target in directed_pairs(named[:12])
    ]
    model.predict(pairs[:64])
    started = time.perf_counter()
    model.predict(pairs)
    stages["encode and score"] = time.perf_counter() - started
    spent = 0.0

    class Timed:
        """The model, with the time it takes."""

        learns = False

        def predict(self, pairs: Sequence[Pair], *, scheme: str = "positions") -> Any:
            nonlocal spent
            begun = time.perf_counter()
            scores = model.predict(pairs, scheme=scheme)
            spent += time.perf_counter() - begun
            return scores

    wholes, encoders = [], []
    for _ in range(rounds):
        spent = 0.0
        labeller = Labeller(CorpusReader(), finder, Timed(), batch_articles=8)  # type: ignore[arg-type]
        started = time.perf_counter()
        rows = [json.dumps(position.to_json()) for item in labeller.label(articles) for position in item.positions]
        wholes.append(time.perf_counter() - started)
        encoders.append(spent)
    started = time.perf_counter()
    with tempfile.NamedTemporaryFile("w", suffix=".jsonl") as file:
        file.write("\n".join(rows))
        file.flush()
    stages["write"] = time.perf_counter() - started
    return Labelling(len(read), stages, statistics.median(wholes), statistics.median(encoders))


def start_up(rounds: int = 3) -> dict[str, tuple[float, float]]:
    """Median seconds and peak MiB of commands in processes of their own: the help, and labelling one article."""
    with tempfile.TemporaryDirectory() as folder:
        article = Path(folder) / "one.txt"
        article.write_text("Chad thanked Togo for its help on Monday. Benin accused Niger of bias in the border talks.", encoding="utf-8")
        commands = {
            "python -m src.train --help": ["src.train", "--help"],
            "python -m src.label, one article": [
                "src.label",
                *(label := [f"input={article}", f"output={folder}/out.jsonl", "progress=false"]),
            ],
            "python -m src.label model=released_small, one article": ["src.label", "model=released_small", *label],
        }
        return {name: _measured(words, rounds) for name, words in commands.items()}


def _measured(words: Sequence[str], rounds: int) -> tuple[float, float]:
    seconds, peaks = [], []
    for _ in range(rounds):
        code = (
            "import resource, subprocess, sys;"
            "subprocess.run([sys.executable, '-m', *sys.argv[1:]], check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL);"
            "print(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss)"
        )
        started = time.perf_counter()
        done = subprocess.run([sys.executable, "-c", code, *words], cwd=_ROOT, check=True, capture_output=True, text=True)
        seconds.append(time.perf_counter() - started)
        peaks.append(int(done.stdout) / 1024)
    return statistics.median(seconds), max(peaks)


def peak_memory() -> float:
    """Peak MiB of this process so far."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def training(groups: Sequence[Sequence[Pair]], encoder: str) -> dict[str, float]:
    """Sentences/s of one epoch: by the project's loop, and by a bare PyTorch loop over the same batches of the same network."""
    import torch

    from src.models.base import TrainingData
    from src.models.onepass import OnePassModel
    from src.models.training import TrainingSettings, length_buckets
    from src.records import LabelledPair

    rows = [
        LabelledPair(f"{i}-{j}", pair, ("favor", "against", "neutral")[(i + j) % 3], alleges_bias=False, attribution="writer")
        for i, group in enumerate(groups)
        for j, pair in enumerate(group)
    ]
    settings = TrainingSettings(epochs=1, batch_size=32, checkpoint_minutes=1e9)

    def ours() -> float:
        model = OnePassModel(encoder=encoder, settings=settings)
        model.training_items(TrainingData(rows))
        started = time.perf_counter()
        model.fit(TrainingData(rows), TrainingData(), seed=1)
        return time.perf_counter() - started

    def bare() -> float:
        import random

        model = OnePassModel(encoder=encoder, settings=settings, mask_names=0.0)
        items = model.training_items(TrainingData(rows))
        network = model.network.train()
        optimizer = torch.optim.AdamW(network.parameters(), lr=1e-5)
        batches = length_buckets([i.length for i in items], batch_size=32, batch_tokens=settings.batch_tokens, rng=random.Random(1))
        weights = torch.ones(5, 3)
        started = time.perf_counter()
        for batch in batches:
            with torch.autocast("cpu", torch.bfloat16):
                loss = model._loss([items[i] for i in batch], weights)
            loss.backward()
            optimizer.step()
            optimizer.zero_grad()
        return time.perf_counter() - started

    loops: dict[str, Callable[[], float]] = {"bare PyTorch loop": bare, "this project's loop": ours}
    for loop in loops.values():
        loop()
    return {name: len(groups) / statistics.median(loop() for _ in range(3)) for name, loop in loops.items()}
