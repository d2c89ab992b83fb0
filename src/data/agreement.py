"""How far two annotators agree: Krippendorff's alpha for each layer, with intervals by a bootstrap over sentences."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from src.data.collection import Collection
from src.data.notation import AnnotatedSentence
from src.errors import InputError
from src.records import Mention

#: Two values given to one unit.
Unit = tuple[Hashable, Hashable]
LAYERS = ("mention", "identity", "stance", "alleges_bias", "attribution", "media_bias")


def krippendorff_alpha(units: Sequence[Unit]) -> float:
    """Nominal alpha of two annotators without missing values: one minus observed over expected disagreement.

    1 is full agreement, 0 that of chance; NaN where all values are the same and nothing can be said.
    Source: Krippendorff 2011, "Computing Krippendorff's Alpha-Reliability".

    >>> round(krippendorff_alpha([("a", "a"), ("a", "a"), ("b", "b"), ("b", "a")]), 3)
    0.533
    """
    counts: Counter[Hashable] = Counter(value for unit in units for value in unit)
    n = sum(counts.values())
    expected = n * n - sum(c * c for c in counts.values())
    if not expected:
        return float("nan")
    disagreement = 2 * sum(a != b for a, b in units)
    return 1.0 - (n - 1) * disagreement / expected


@dataclass(frozen=True)
class Agreement:
    """Alpha of a layer, its 95% interval, the share of equal values, and the number of units."""

    alpha: float
    low: float
    high: float
    equal: float
    units: int


def agreement(one: Collection, other: Collection, *, seed: int, resamples: int = 1000) -> dict[str, Agreement]:
    """Alpha for every layer over the sentences that both have.

    Layers: `mention` (is a word part of a party), `identity` (who it is, where both mark one), `stance` and `alleges_bias` (of every
    directed pair that both mark), `attribution` (where both see a position), `media_bias` (of the sentence).

    Raises:
        InputError: the two have no sentence in common.
    """
    import numpy as np

    theirs = {entry.sentence.text: entry.sentence for entry in other.entries()}
    shared = [(entry.sentence, theirs[entry.sentence.text]) for entry in one.entries() if entry.sentence.text in theirs]
    if not shared:
        raise InputError(f"{one.annotator} and {other.annotator} have no sentence in common", path=one.folder)
    units: dict[str, list[list[Unit]]] = {layer: [] for layer in LAYERS}
    for a, b in shared:
        found = _units(a, b)
        for layer in LAYERS:
            units[layer].append(found[layer])
    rng = np.random.default_rng(seed)
    drawn = rng.multinomial(len(shared), np.full(len(shared), 1 / len(shared)), size=resamples)
    return {layer: _summary(units[layer], drawn) for layer in LAYERS}


def _summary(groups: list[list[Unit]], drawn: Any) -> Agreement:
    """Alpha with its interval; `drawn` (resamples, sentences) says how often each draw has each sentence."""
    import numpy as np
    from scipy.sparse import lil_array

    flat = [unit for group in groups for unit in group]
    values = {value: i for i, value in enumerate(dict.fromkeys(v for unit in flat for v in unit))}
    table = lil_array((len(groups), len(values) + 1), dtype=np.int64)  # how often each value is given; disagreements
    for row, group in enumerate(groups):
        for a, b in group:
            table[row, values[a]] += 1
            table[row, values[b]] += 1
            table[row, -1] += a != b
    alphas = []
    for summed in (table.tocsr().T @ drawn.T).T:
        counts, disagreements = summed[:-1].astype(float), summed[-1]
        n = counts.sum()
        expected = n * n - (counts * counts).sum()
        if expected:
            alphas.append(1.0 - (n - 1) * 2 * disagreements / expected)
    low, high = np.quantile(alphas, [0.025, 0.975]) if alphas else (float("nan"), float("nan"))
    equal = sum(a == b for a, b in flat) / max(1, len(flat))
    return Agreement(krippendorff_alpha(flat), float(low), float(high), equal, len(flat))


def _units(a: AnnotatedSentence, b: AnnotatedSentence) -> dict[str, list[Unit]]:
    words = [found.span() for found in re.finditer(r"\w+(?:['’.-]\w+)*", a.text)]
    inside = [[any(m.start < end and start < m.end for m in s.mentions) for start, end in words] for s in (a, b)]
    matched = _matched(a, b)
    stances: list[dict[tuple[int, int], Any]] = [{(label.actor, label.target): label for label in s.labels} for s in (a, b)]
    result: dict[str, list[Unit]] = defaultdict(list)
    result["mention"] = list(zip(*inside, strict=True))
    result["identity"] = [(a.mentions[i].entity.id, b.mentions[j].entity.id) for i, j in matched.items()]
    for i, j in matched.items():
        for k, m in matched.items():
            if i == k:
                continue
            one, other = stances[0].get((i, k)), stances[1].get((j, m))
            result["stance"].append((one.stance if one else "neutral", other.stance if other else "neutral"))
            result["alleges_bias"].append((bool(one and one.alleges_bias), bool(other and other.alleges_bias)))
            if one and other:
                result["attribution"].append((one.attribution, other.attribution))
    result["media_bias"] = [(a.media_bias, b.media_bias)]
    return result


def _matched(a: AnnotatedSentence, b: AnnotatedSentence) -> Mapping[int, int]:
    """Mentions of one that overlap a mention of the other, or else name the same party elsewhere in the sentence."""

    def overlap(x: Mention, y: Mention) -> bool:
        return x.start < y.end and y.start < x.end

    found: dict[int, int] = {}
    for same in (overlap, lambda x, y: x.entity.id == y.entity.id):
        for i, x in enumerate(a.mentions):
            if i not in found:
                free = [j for j, y in enumerate(b.mentions) if j not in found.values() and same(x, y)]
                if free:
                    found[i] = free[0]
    return found


def positions_f1(one: Collection, other: Collection) -> float:
    """F1 of whole positions (actor, target, stance, allegation) between the two, whoever marked which parties."""
    theirs = {entry.sentence.text: _positions(entry.sentence) for entry in other.entries()}
    shared = [(_positions(e.sentence), theirs[e.sentence.text]) for e in one.entries() if e.sentence.text in theirs]
    hits = sum(len(a & b) for a, b in shared)
    return 2 * hits / max(1, sum(len(a) + len(b) for a, b in shared))


def disagreements(one: Collection, other: Collection) -> list[dict[str, Any]]:
    """Every sentence whose positions the two read differently, with both readings in words; the work list of adjudication."""
    theirs = {entry.sentence.text: entry.sentence for entry in other.entries()}
    rows = []
    for entry in one.entries():
        second = theirs.get(entry.sentence.text)
        if second is None:
            continue
        readings = [_positions(s) for s in (entry.sentence, second)]
        if readings[0] != readings[1]:
            only = [sorted(readings[0] - readings[1]), sorted(readings[1] - readings[0])]
            rows.append({"id": entry.id, "text": entry.sentence.text, one.annotator: only[0], other.annotator: only[1]})
    return rows


def _positions(sentence: AnnotatedSentence) -> set[str]:
    names = [m.entity.id for m in sentence.mentions]
    return {
        f"{names[label.actor]} {label.stance}{' (bias)' if label.alleges_bias else ''} {names[label.target]}" for label in sentence.labels
    }
