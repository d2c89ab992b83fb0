"""What is in the labelled dataset: counts, balance, and how varied its wording is beside a set of real news."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import Any

from src.data.collection import PARTS, Collection
from src.data.leakage import near_pairs, normalise
from src.records import STANCES

Table = tuple[str, list[str], list[list[Any]]]


def counts(collection: Collection) -> list[Table]:
    """Tables (title, header, rows): parts, hard-case types, kinds of parties, and the commonest parties."""
    entries, pairs = list(collection.entries()), list(collection.pairs())
    parts = []
    for part in (*PARTS, "all"):
        rows = [row for row in pairs if part in (row["part"], "all")]
        stances = Counter(row["stance"] for row in rows)
        here = [e for e in entries if part in (collection.parts.get(e.source), "all")]
        articles = {e.source for e in here if e.source in collection.texts}
        bias = sum(row["alleges_bias"] for row in rows)
        parts.append([part, len(articles), len(here), len(rows), *(stances[s] for s in STANCES), bias])
    tags = Counter(tag for entry in entries for tag in entry.sentence.tags)
    seen: Counter[str] = Counter()
    kinds: dict[str, set[str]] = {}
    for entry in entries:
        for mention in entry.sentence.mentions:
            kind: str = mention.entity.type
            if kind == "state" and ":" in mention.entity.id:
                kind = "invented state"
            kinds.setdefault(kind, set()).add(mention.entity.id)
    for row in pairs:
        seen.update({row["actor"]["id"], row["target"]["id"]})
    return [
        ("Parts", ["part", "articles", "sentences", "pairs", *STANCES, "allege bias"], parts),
        ("Types of hard cases", ["type", "sentences"], [[tag, count] for tag, count in tags.most_common()]),
        ("Parties", ["kind", "different"], [[kind, len(ids)] for kind, ids in sorted(kinds.items())]),
        ("Commonest parties", ["party", "pairs", "share"], [[p, n, f"{n / max(1, len(pairs)):.1%}"] for p, n in seen.most_common(12)]),
    ]


def diversity(texts: Sequence[str], others: Sequence[str], names: tuple[str, str]) -> Table:
    """Variety of two sets of sentences at the same number of words: distinct n-grams (Li et al. 2016), lengths, neighbours."""
    size = min(sum(len(normalise(t).split()) for t in side) for side in (texts, others))
    columns = [_variety(side, size) for side in (texts, others)]
    return "Variety", ["figure", *names], [[key, columns[0][key], columns[1][key]] for key in columns[0]]


def _variety(texts: Sequence[str], size: int) -> dict[str, Any]:
    import numpy as np

    words: list[list[str]] = []
    left = size
    for text in texts:
        found = normalise(text).split()[:left]
        if not found:
            break
        words.append(found)
        left -= len(found)
    lengths = np.array([len(w) for w in words])
    result: dict[str, Any] = {"sentences": len(words), "words": int(lengths.sum())}
    for n in (1, 2, 3):
        grams = [tuple(w[i : i + n]) for w in words for i in range(len(w) - n + 1)]
        result[f"distinct-{n}"] = round(len(set(grams)) / max(1, len(grams)), 3)
    result["vocabulary"] = len({w for found in words for w in found})
    result["mean length"] = round(float(lengths.mean()), 1)
    result["deviation of length"] = round(float(lengths.std()), 1)
    kept = [" ".join(w) for w in words]
    nearest = [0.0] * len(kept)
    for i, j, value in near_pairs(kept, kept, 0.2):
        if i != j:
            nearest[i] = max(nearest[i], value)
    result["sentences with a neighbour at 0.2 or more"] = sum(v > 0 for v in nearest)
    result["nearest neighbour, largest similarity"] = round(max(nearest, default=0.0), 2)
    return result


def as_text(table: Table) -> str:
    """A table in Markdown."""
    title, header, rows = table
    lines = [f"### {title}", "", "| " + " | ".join(header) + " |", "|" + "---|" * len(header)]
    return "\n".join([*lines, *("| " + " | ".join(map(str, row)) + " |" for row in rows)]) + "\n"
