"""Sentences made from sentences keep every label where it belongs."""

from __future__ import annotations

import random

from src.models.augmentation import hide_names, join, rename
from src.models.items import Gold, Item
from src.records import Span

# [CLS] chad thanked togo . [SEP], one token a word
FIRST = Item(
    (1, 10, 11, 12, 13, 2), ((-1, -1), (0, 4), (5, 12), (13, 17), (17, 18), (-1, -1)), ((1, 2, 3, 4),), (Gold(0, 0, 0, (Span(5, 12),)),)
)
SECOND = Item((1, 20, 21, 22, 2), ((-1, -1), (0, 4), (5, 12), (13, 17), (-1, -1)), ((3, 4, 1, 2),), (Gold(1, 1, 0, (Span(5, 12),)),))


def words(item: Item, span: tuple[int, int, int, int]) -> tuple[tuple[int, ...], tuple[int, ...]]:
    return item.ids[span[0] : span[1]], item.ids[span[2] : span[3]]


def test_joined_sentences_keep_their_positions_and_have_none_across() -> None:
    (made,) = join([FIRST, SECOND], 1, limit=40, pairs=48, rng=random.Random(0))
    labels = {words(made, span): (gold.stance, gold.bias) for span, gold in zip(made.spans, made.gold, strict=True)}
    assert labels[(10,), (12,)] == (0, 0)
    assert labels[(22,), (20,)] == (1, 1)
    across = {pair: label for pair, label in labels.items() if pair not in {((10,), (12,)), ((22,), (20,))}}
    assert len(across) == 8 and set(across.values()) == {(2, 0)}
    assert made.ids.count(1) == 1 and made.ids.count(2) == 1


def test_joined_evidence_moves_with_its_sentence() -> None:
    (made,) = join([FIRST, SECOND], 1, limit=40, pairs=48, rng=random.Random(0))
    for gold in made.gold:
        for span in gold.evidence or ():
            covered = [i for i, (start, end) in zip(made.ids, made.offsets, strict=True) if start < span.end and end > span.start]
            assert covered in ([11], [21])


def test_nothing_is_joined_beyond_the_limits() -> None:
    assert join([FIRST, SECOND], 1, limit=8, pairs=48, rng=random.Random(0)) == []
    assert join([FIRST, SECOND], 1, limit=40, pairs=1, rng=random.Random(0)) == []


def test_renamed_mentions_keep_their_place_in_the_pair() -> None:
    made = rename(FIRST, 1.0, [(30, 31, 32)], 40, random.Random(0))
    assert made.ids == (1, 30, 31, 32, 11, 30, 31, 32, 13, 2)
    assert words(made, made.spans[0]) == ((30, 31, 32), (30, 31, 32))
    assert len(made.offsets) == len(made.ids) and made.gold == FIRST.gold
    assert rename(FIRST, 1.0, [(30, 31, 32)], 7, random.Random(0)) == FIRST


def test_hidden_names_leave_the_other_words() -> None:
    assert hide_names(FIRST, 1.0, 99, random.Random(0)).ids == (1, 99, 11, 99, 13, 2)
