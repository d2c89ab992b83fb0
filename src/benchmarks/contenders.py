"""Contenders side by side in one process: the usual ways of asking for directed stances against the models here.

Every contender answers the same sentences and pairs, interleaved over rounds after a warm-up, so that a noisy machine is noisy for all.
"""

from __future__ import annotations

import json
import statistics
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from src.errors import InputError
from src.records import Pair, Span

if TYPE_CHECKING:
    from src.models.base import StanceModel

_HYPOTHESES = ("{actor} supports {target}.", "{actor} opposes {target}.", "{actor} takes no position on {target}.")


@dataclass(frozen=True)
class Timing:
    """Sentences a second: median, lowest and highest over the rounds."""

    median: float
    low: float
    high: float


def sentences_with_pairs(path: Path, *, sentences: int, pairs: int) -> list[list[Pair]]:
    """The first sentences of a file of pairs that have so many directed pairs, with these.

    Raises:
        InputError: the file has too few of them.
    """
    grouped: dict[str, list[Pair]] = {}
    for line in path.read_text(encoding="utf-8").splitlines():
        row = json.loads(line)
        actor, target = (Span(row[side]["start"], row[side]["end"]) for side in ("actor", "target"))
        grouped.setdefault(row["text"], []).append(Pair(row["text"], actor, target))
    found = [group[:pairs] for group in grouped.values() if len(group) >= pairs][:sentences]
    if len(found) < sentences:
        raise InputError(f"only {len(found)} sentences have {pairs} pairs; {sentences} are asked for", path=path)
    return found


def interleaved(contenders: dict[str, Callable[[], Any]], *, count: int, rounds: int) -> dict[str, Timing]:
    """Sentences a second of each contender, which answers `count` sentences a call."""
    for contender in contenders.values():
        contender()
    seconds: dict[str, list[float]] = {name: [] for name in contenders}
    for _ in range(rounds):
        for name, contender in contenders.items():
            started = time.perf_counter()
            contender()
            seconds[name].append(time.perf_counter() - started)
    rates = {name: [count / value for value in values] for name, values in seconds.items()}
    return {name: Timing(statistics.median(values), min(values), max(values)) for name, values in rates.items()}


def zero_shot(checkpoint: str, groups: Sequence[Sequence[Pair]], *, random_size: str | None = None) -> Callable[[], Any]:
    """The usual way: transformers' zero-shot pipeline with three hypotheses for each directed pair.

    `random_size` puts a randomly initialised network of that kind behind the same tokenizer: for its speed only.
    """
    from transformers import AutoModelForSequenceClassification, AutoTokenizer, pipeline

    tokenizer = AutoTokenizer.from_pretrained(checkpoint, trust_remote_code=False)
    if random_size is None:
        model = AutoModelForSequenceClassification.from_pretrained(checkpoint, trust_remote_code=False, use_safetensors=True)
    else:
        model = _random(random_size, len(tokenizer))
    ask = pipeline("zero-shot-classification", model=model.eval(), tokenizer=tokenizer, device=-1)

    def answer() -> None:
        for group in groups:
            for pair in group:
                names = {"actor": pair.mention("actor"), "target": pair.mention("target")}
                ask(pair.text, [h.format(**names) for h in _HYPOTHESES], hypothesis_template="{}")

    return answer


def per_target(checkpoint: str, groups: Sequence[Sequence[Pair]]) -> Callable[[], Any]:
    """One pass for each pair of a RoBERTa-base-sized classifier with random weights, as target-dependent classifiers do."""
    import torch
    from transformers import AutoTokenizer

    tokenizer = AutoTokenizer.from_pretrained(checkpoint, trust_remote_code=False)
    model = _random("roberta-base", len(tokenizer)).eval()

    def answer() -> None:
        with torch.inference_mode():
            for group in groups:
                texts = [pair.text for pair in group]
                marks = [f"{pair.mention('actor')} {pair.mention('target')}" for pair in group]
                model(**tokenizer(texts, marks, padding=True, return_tensors="pt"))

    return answer


def _random(size: str, vocabulary: int) -> Any:
    from transformers import DebertaV2Config, DebertaV2ForSequenceClassification, RobertaConfig, RobertaForSequenceClassification

    labels: dict[str, Any] = {
        "id2label": {0: "entailment", 1: "neutral", 2: "contradiction"},
        "label2id": {"entailment": 0, "neutral": 1, "contradiction": 2},
    }
    if size == "deberta-v3-small":
        shape: dict[str, Any] = {
            "hidden_size": 768, "num_hidden_layers": 6, "num_attention_heads": 12, "intermediate_size": 3072, "relative_attention": True,
            "position_buckets": 256, "norm_rel_ebd": "layer_norm", "share_att_key": True, "pos_att_type": ["p2c", "c2p"],
            "position_biased_input": False, "type_vocab_size": 0,
        }  # fmt: skip
        return DebertaV2ForSequenceClassification(DebertaV2Config(vocab_size=vocabulary, **shape, **labels))
    return RobertaForSequenceClassification(RobertaConfig(vocab_size=vocabulary, type_vocab_size=2, **labels))


def own(model: StanceModel, groups: Sequence[Sequence[Pair]]) -> Callable[[], Any]:
    """A model of ours, asked for everything at once."""
    pairs = [pair for group in groups for pair in group]
    return lambda: model.predict(pairs)
