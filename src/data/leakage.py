"""Finds texts of the test data that stand, exactly or nearly, in the training data."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any


def normalise(text: str) -> str:
    """Lower-case words and digits, single spaces: what is left when only the print differs.

    >>> normalise('"Yes,"  Oslo said.')
    'yes oslo said'
    """
    return " ".join(re.findall(r"\w+", text.lower()))


def trigrams(text: str) -> frozenset[str]:
    """Word trigrams of the normalised text (the whole text where it is shorter).

    >>> sorted(trigrams("Oslo thanked Chad again"))
    ['oslo thanked chad', 'thanked chad again']
    """
    words = normalise(text).split()
    if len(words) < 3:
        return frozenset([" ".join(words)])
    return frozenset(" ".join(words[i : i + 3]) for i in range(len(words) - 2))


def jaccard(a: frozenset[str], b: frozenset[str]) -> float:
    """Shared trigrams over all trigrams."""
    return len(a & b) / len(a | b) if a or b else 1.0


@dataclass(frozen=True)
class LeakageReport:
    """How many test texts have an exact or a near copy in training; `leaking` holds the indices of all such training texts."""

    train_texts: int
    test_texts: int
    exact: int
    near: int
    threshold: float
    leaking: tuple[int, ...] = ()

    def to_dict(self) -> dict[str, Any]:
        """For a manifest."""
        return {
            "train_texts": self.train_texts,
            "test_texts": self.test_texts,
            "exact": self.exact,
            "near": self.near,
            "near_threshold": self.threshold,
        }


def near_pairs(texts: Sequence[str], others: Sequence[str], threshold: float) -> Iterable[tuple[int, int, float]]:
    """(i, j, Jaccard) for texts[i], others[j] whose word trigrams overlap by at least `threshold`; exact, not sampled.

    Prefix filtering (Chaudhuri et al. 2006): of each text only its rarest trigrams, enough that any text above the threshold
    must share one of them, are looked up in an index.
    """
    grams = [trigrams(text) for text in others]
    frequency: Counter[str] = Counter(gram for gram_set in grams for gram in gram_set)
    index: dict[str, list[int]] = defaultdict(list)
    for j, gram_set in enumerate(grams):
        keep = len(gram_set) - int(threshold * len(gram_set) - 1e-9)
        for gram in sorted(gram_set, key=lambda g: (frequency[g], g))[: max(1, keep)]:
            index[gram].append(j)
    for i, text in enumerate(texts):
        mine = trigrams(text)
        keep = len(mine) - int(threshold * len(mine) - 1e-9)
        rare = sorted(mine, key=lambda g: (frequency[g], g))[: max(1, keep)]
        for j in sorted({j for gram in rare for j in index.get(gram, ())}):
            value = jaccard(mine, grams[j])
            if value >= threshold:
                yield i, j, value


def find_leakage(train: Sequence[str], test: Sequence[str], *, threshold: float = 0.8) -> LeakageReport:
    """Exact copies (after `normalise`) and near copies (Jaccard of word trigrams >= `threshold`) of test texts in training."""
    known: dict[str, list[int]] = defaultdict(list)
    for j, text in enumerate(train):
        known[normalise(text)].append(j)
    leaking: set[int] = set()
    exact = 0
    rest: list[str] = []
    for text in test:
        if copies := known.get(normalise(text)):
            exact += 1
            leaking.update(copies)
        else:
            rest.append(text)
    near: set[int] = set()
    for i, j, _ in near_pairs(rest, train, threshold):
        near.add(i)
        leaking.add(j)
    return LeakageReport(len(train), len(test), exact, len(near), threshold, tuple(sorted(leaking)))


def duplicates_within(texts: Sequence[str], *, threshold: float = 0.8) -> list[tuple[int, int, float]]:
    """Pairs (i < j) of near copies inside one list."""
    return [(i, j, value) for i, j, value in near_pairs(texts, texts, threshold) if i < j]
