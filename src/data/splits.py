"""Splits that cannot leak: examples that share an article, a story or a sentence stay together."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Sequence
from typing import Any

from src.data.leakage import normalise
from src.models.base import TrainingData


def groups_of(rows: Sequence[Any]) -> list[int]:
    """A group number for each row; rows that share a `group`, an `article_id` or a sentence share it, transitively.

    Rows are `LabelledPair`, `LabelledSentence` or `NliExample`.
    """
    parent = list(range(len(rows)))

    def root(i: int) -> int:
        while parent[i] != i:
            parent[i] = parent[parent[i]]
            i = parent[i]
        return i

    first: dict[tuple[str, str], int] = {}
    for i, row in enumerate(rows):
        text = row.pair.text if hasattr(row, "pair") else row.text if hasattr(row, "text") else row.premise
        keys = [("text", normalise(text))]
        keys += [(name, value) for name in ("group", "article_id") if (value := getattr(row, name, ""))]
        for key in keys:
            j = first.setdefault(key, i)
            parent[root(i)] = root(j)
    return [root(i) for i in range(len(rows))]


def _each_part(data: TrainingData, choose: Callable[[Sequence[Any], list[int]], list[bool]]) -> tuple[TrainingData, TrainingData]:
    """Split each list of the data by a choice over its rows; (not chosen, chosen)."""
    kept, taken = [], []
    for rows in (data.pairs, data.sentences, data.nli):
        chosen = choose(rows, groups_of(rows)) if rows else []
        kept.append([row for row, flag in zip(rows, chosen, strict=True) if not flag])
        taken.append([row for row, flag in zip(rows, chosen, strict=True) if flag])
    return TrainingData(*kept), TrainingData(*taken)  # type: ignore[arg-type]


def holdout(data: TrainingData, *, share: float, seed: int) -> tuple[TrainingData, TrainingData]:
    """(rest, held-out share) parted by group; of several sources each gives its share."""
    from sklearn.model_selection import GroupShuffleSplit

    def choose(rows: Sequence[Any], groups: list[int]) -> list[bool]:
        held = set()
        sources: dict[str, list[int]] = defaultdict(list)
        for i, row in enumerate(rows):
            sources[getattr(row, "scheme", "")].append(i)
        for members in sources.values():
            inside = [groups[i] for i in members]
            if len(set(inside)) > 1:
                splitter = GroupShuffleSplit(1, test_size=share, random_state=seed)
                _, test = next(splitter.split(members, groups=inside))
                held |= {groups[members[i]] for i in test}
        return [group in held for group in groups]

    return _each_part(data, choose)


def folds(data: TrainingData, count: int, *, seed: int) -> Iterator[tuple[TrainingData, TrainingData]]:
    """Grouped k-fold: (rest, held-out fold), `count` times."""
    from sklearn.model_selection import GroupKFold

    for number in range(count):

        def choose(rows: Sequence[Any], groups: list[int], number: int = number) -> list[bool]:
            splitter = GroupKFold(count, shuffle=True, random_state=seed)
            _, test = list(splitter.split(rows, groups=groups))[number]
            chosen = set(test.tolist())
            return [i in chosen for i in range(len(rows))]

        yield _each_part(data, choose)


def subsample(data: TrainingData, count: int, *, seed: int) -> TrainingData:
    """So many examples of each list, drawn without replacement; nested for growing counts (learning curves)."""
    import random

    def draw(rows: Sequence[Any]) -> list[Any]:
        order = list(range(len(rows)))
        random.Random(seed).shuffle(order)
        return [rows[i] for i in sorted(order[:count])]

    return TrainingData(draw(data.pairs), draw(data.sentences), draw(data.nli))


def leave_one_out(data: TrainingData, role: str, *, least: int) -> Iterator[tuple[TrainingData, TrainingData]]:
    """For each actor (or target) with so many pairs at `least`: (pairs of sentences that do not name it, pairs with it in `role`)."""
    key = f"{role}_id"
    counts = Counter(getattr(row, key) for row in data.pairs)
    for identity in sorted(name for name, count in counts.items() if name and count >= least):
        held = [row for row in data.pairs if getattr(row, key) == identity]
        naming = {row.pair.text for row in data.pairs if identity in (row.actor_id, row.target_id)}
        yield TrainingData([row for row in data.pairs if row.pair.text not in naming]), TrainingData(held)
