"""Training sentences made from training sentences: names hidden or exchanged, two sentences joined into one.

None of these changes a label: a position is read from the words between the names, and does not reach into another sentence.
"""

from __future__ import annotations

import random
from collections.abc import Mapping, Sequence

from src.models.items import Gold, Item


def _ranges(item: Item) -> list[tuple[int, int]]:
    """The token ranges of the mentions, in their order, without that of an unstated actor."""
    return sorted({(s[0], s[1]) for s in item.spans if s[0] > 0} | {(s[2], s[3]) for s in item.spans if s[2] > 0})


def hide_names(item: Item, probability: float, mask_id: int, rng: random.Random) -> Item:
    """The item with the words of some mentions replaced by the mask token."""
    if not item.spans or not probability:
        return item
    ids = list(item.ids)
    for low, high in _ranges(item):
        if rng.random() < probability:
            ids[low:high] = [mask_id] * (high - low)
    return Item(tuple(ids), item.offsets, item.spans, item.gold, item.media_bias, item.rows)


def rename(item: Item, probability: float, names: Sequence[tuple[int, ...]], limit: int, rng: random.Random) -> Item:
    """The item with some mentions under other names (token ids); unchanged where it would grow beyond `limit` tokens."""
    if not item.spans or not probability or not names:
        return item
    ranges = _ranges(item)
    if any(high > low for (_, high), (low, _) in zip(ranges, ranges[1:], strict=False)):
        return item  # mentions inside one another
    ids: list[int] = []
    offsets: list[tuple[int, int]] = []
    moved: dict[int, int] = {}
    at = 0
    for low, high in [*ranges, (len(item.ids), len(item.ids))]:
        ids += item.ids[at:low]
        offsets += item.offsets[at:low]
        if low == len(item.ids):
            break
        moved[low] = len(ids)
        if rng.random() < probability:
            name = rng.choice(names)
            ids += name
            offsets += [(item.offsets[low][0], item.offsets[high - 1][1])] * len(name)
        else:
            ids += item.ids[low:high]
            offsets += item.offsets[low:high]
        moved[high] = len(ids)
        at = high
    if len(ids) > limit:
        return item
    spans = tuple((*_shifted(a0, a1, moved), *_shifted(t0, t1, moved)) for a0, a1, t0, t1 in item.spans)
    return Item(tuple(ids), tuple(offsets), spans, item.gold, item.media_bias, item.rows)


def _shifted(low: int, high: int, moved: Mapping[int, int]) -> tuple[int, int]:
    return (moved[low], moved[high]) if low else (low, high)


def join(items: Sequence[Item], count: int, *, limit: int, pairs: int, rng: random.Random) -> list[Item]:
    """`count` items of two sentences each, with every directed pair of both, and pairs across them as neutral.

    Items longer than `limit` tokens or with more than `pairs` directed pairs are passed over.
    """
    made: list[Item] = []
    none = Gold(stance=2, bias=0)
    for _ in range(20 * count):
        if len(made) == count or len(items) < 2:
            break
        first, second = rng.sample(items, 2)
        shift = len(first.ids) - 2  # the first's closing and the second's leading token are left out
        if shift + len(second.ids) > limit:
            continue
        behind = max(end for _, end in first.offsets) + 1
        moved = {i: i + shift for i in range(1, len(second.ids) + 1)}
        theirs = [(low + shift, high + shift) for low, high in _ranges(second)]
        spans = [*first.spans, *((*_shifted(a0, a1, moved), *_shifted(t0, t1, moved)) for a0, a1, t0, t1 in second.spans)]
        golds = [*first.gold, *(_moved(gold, behind) for gold in second.gold)]
        across = [span for a in _ranges(first) for b in theirs for span in ((*a, *b), (*b, *a))]
        rng.shuffle(across)
        across = across[: max(0, pairs - len(spans))]
        if len(spans) > pairs:
            continue
        made.append(
            Item(
                ids=(*first.ids[:-1], *second.ids[1:]),
                offsets=(*first.offsets[:-1], *((s + behind, e + behind) if s >= 0 else (s, e) for s, e in second.offsets[1:])),
                spans=(*spans, *across),
                gold=(*golds, *([none] * len(across))),
                rows=(),
            )
        )
    return made


def _moved(gold: Gold, by: int) -> Gold:
    evidence = None if gold.evidence is None else tuple(type(span)(span.start + by, span.end + by) for span in gold.evidence)
    return Gold(gold.stance, gold.bias, gold.attribution, evidence, gold.scheme, gold.soft)
