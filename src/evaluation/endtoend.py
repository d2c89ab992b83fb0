"""Scores of positions found in raw sentences: the actors, the direction, the stance and the allegation all have to be right."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from src.errors import InputError, unknown_value
from src.evaluation.intervals import percentiles, resample

Json = Mapping[str, Any]


def read_endtoend(path: Path) -> list[dict[str, Any]]:
    """Sentences with their gold positions: `id`, `text`, `positions` of `actor`, `target` (name, id, perhaps represents), `stance`,
    `alleges_bias`; perhaps `article`, the same for the sentences of one text, which stand together in their order.

    Raises:
        InputError: a line is no such object, or an id stands twice; names the line.
    """
    if not path.is_file():
        raise InputError("no such file", path=path)
    rows = []
    ids: set[str] = set()
    for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
        try:
            row = json.loads(line)
            for position in row["positions"]:
                if position["stance"] not in ("favor", "against"):
                    raise InputError(unknown_value("stance", position["stance"], ("favor", "against")), path=path, line=number)
                _ = position["actor"]["id"], position["target"]["id"]
            _ = row["id"], row["text"]
        except (ValueError, KeyError, TypeError) as error:
            needed = "id, text and positions with actor, target, stance"
            raise InputError(f"not an object with {needed}: {error!r}", path=path, line=number) from error
        if str(row["id"]) in ids:
            raise InputError(f"the id {row['id']!r} stands twice", path=path, line=number)
        ids.add(str(row["id"]))
        rows.append(row)
    return rows


def article_of(row: Json) -> str:
    """The text that a sentence is of: its `article`, else the sentence itself."""
    return str(row.get("article", row["id"]))


def _keys(party: Json) -> set[str]:
    """The ids by which a party may be known: its own, without its type, and whom it represents."""
    keys = {str(party["id"]).split(":")[-1].lower()}
    if party.get("represents"):
        keys.add(str(party["represents"]["id"]).split(":")[-1].lower())
    return keys


def same_party(first: Json, second: Json) -> bool:
    """True where two parties are one, or one speaks for the other.

    >>> same_party({"id": "person:a-b", "represents": {"id": "KEN"}}, {"id": "KEN"})
    True
    """
    return bool(_keys(first) & _keys(second))


def match(gold: Sequence[Json], found: Sequence[Json], *, stance: bool = True) -> list[tuple[int, int]]:
    """Pairs (gold index, found index) of equal positions, one to one; without `stance` the parties and direction suffice."""
    pairs: list[tuple[int, int]] = []
    free = set(range(len(found)))
    for i, one in enumerate(gold):
        for j in sorted(free):
            other = found[j]
            if (
                same_party(one["actor"], other["actor"])
                and same_party(one["target"], other["target"])
                and (not stance or one["stance"] == other["stance"])
            ):
                pairs.append((i, j))
                free.discard(j)
                break
    return pairs


def _prf(hits: int, found: int, gold: int) -> dict[str, float]:
    precision, recall = hits / max(1, found), hits / max(1, gold)
    return {
        "precision": precision,
        "recall": recall,
        "f1": 2 * precision * recall / max(1e-9, precision + recall),
        "hits": hits,
        "found": found,
        "gold": gold,
    }


def _deduplicated(found: Sequence[Json]) -> list[Json]:
    """A person and the state that the person speaks for, with the same position in one sentence, are one finding."""
    kept: list[Json] = []
    for one in found:
        if not any(
            one["stance"] == other["stance"] and same_party(one["actor"], other["actor"]) and same_party(one["target"], other["target"])
            for other in kept
        ):
            kept.append(one)
    return kept


def score_endtoend(rows: Sequence[Json], found: Sequence[Sequence[Json]], *, seed: int, resamples: int) -> dict[str, Any]:
    """Precision, recall and F1 of (actor, target, stance), and of the allegations, with intervals by a bootstrap over articles.

    `found` holds the positions found in each row. An allegation counts as right where actor, target and allegation are.
    """
    import numpy as np

    table = np.zeros((len(rows), 6), dtype=np.int64)  # hits, found, gold of positions; then of allegations
    errors: list[dict[str, Any]] = []
    direction = 0
    by_type: dict[str, list[int]] = {}
    for i, (row, raw) in enumerate(zip(rows, found, strict=True)):
        gold, here = list(row["positions"]), _deduplicated(raw)
        pairs = match(gold, here)
        alleged_gold = [p for p in gold if p["alleges_bias"]]
        alleged_here = [p for p in here if p["alleges_bias"]]
        table[i] = (
            len(pairs), len(here), len(gold), len(match(alleged_gold, alleged_here)), len(alleged_here), len(alleged_gold),
        )  # fmt: skip
        by_type.setdefault(str(row.get("type", "")), []).append(i)
        missed = [p for j, p in enumerate(gold) if j not in {a for a, _ in pairs}]
        spurious = [p for j, p in enumerate(here) if j not in {b for _, b in pairs}]
        reverse = [{**p, "actor": p["target"], "target": p["actor"]} for p in spurious]
        direction += len(match(missed, reverse))
        if missed or spurious:
            errors.append({"id": row["id"], "text": row["text"], "missed": _short(missed), "spurious": _short(spurious)})
    articles, where = np.unique([article_of(row) for row in rows], return_inverse=True)
    sums = np.zeros((len(articles), table.shape[1]), dtype=np.int64)
    np.add.at(sums, where, table)
    drawn = resample(sums, resamples=resamples, seed=seed)

    def interval(first: int) -> list[float]:
        hits, seen, gold = drawn[:, first], drawn[:, first + 1], drawn[:, first + 2]
        values = 2 * hits / np.maximum(1, seen + gold)
        return list(percentiles(values))

    total = table.sum(0).tolist()
    positions, allegations = _prf(*total[:3]), _prf(*total[3:])
    return {
        "n": len(rows),
        "articles": len(articles),
        "positions": {**positions, "ci95": {"f1": interval(0)}},
        "alleges_bias": {**allegations, "ci95": {"f1": interval(3)}},
        "direction_errors": direction,
        "per_type": {name: _prf(*table[where, :3].sum(0).tolist()) for name, where in by_type.items()},
        "errors": errors,
    }


def _short(positions: Sequence[Json]) -> list[str]:
    return [f"{p['actor']['name']} {p['stance']} {p['target']['name']}" + (" (bias)" if p["alleges_bias"] else "") for p in positions]
