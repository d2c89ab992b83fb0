"""The benchmark times every contender on the same sentences, in turn."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from src.benchmarks.contenders import interleaved, sentences_with_pairs
from src.errors import InputError


def test_contenders_take_turns_after_a_warm_up() -> None:
    calls: list[str] = []
    found = interleaved({"a": lambda: calls.append("a"), "b": lambda: calls.append("b")}, count=8, rounds=2)
    assert calls == ["a", "b", "a", "b", "a", "b"]
    assert all(t.low <= t.median <= t.high for t in found.values())


def test_only_sentences_with_enough_pairs_are_timed(tmp_path: Path) -> None:
    def row(text: str, at: int) -> str:
        return json.dumps({"text": text, "actor": {"start": 0, "end": 4}, "target": {"start": at, "end": at + 2}})

    path = tmp_path / "pairs.jsonl"
    path.write_text("\n".join([row("Chad met Oman twice.", 5), row("Chad met Oman twice.", 9), row("Chad met Mali.", 9)]), encoding="utf-8")
    (group,) = sentences_with_pairs(path, sentences=1, pairs=2)
    assert [pair.text for pair in group] == ["Chad met Oman twice."] * 2
    with pytest.raises(InputError, match="only 1 sentences"):
        sentences_with_pairs(path, sentences=2, pairs=2)
