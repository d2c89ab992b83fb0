"""Stages side by side: the next articles are read while the model answers, in order, and a fault still reaches the user."""

from __future__ import annotations

import threading
from collections.abc import Iterable, Iterator, Sequence

import numpy as np
import pytest

from src.corpus import CorpusReader
from src.models.base import PairScores
from src.pipeline import Labeller, ahead
from src.records import Article, Entity, Mention, Pair, Sentence


def test_items_come_in_order_and_the_next_is_made_meanwhile() -> None:
    made: list[int] = []
    second = threading.Event()

    def numbers() -> Iterator[int]:
        for number in range(5):
            made.append(number)
            if number == 1:
                second.set()
            yield number

    found = []
    for number in ahead(numbers()):
        if number == 0:
            assert second.wait(5), "the second item is made while the first is used"
        found.append(number)
    assert found == made == [0, 1, 2, 3, 4]


def test_a_fault_in_making_reaches_who_uses() -> None:
    def broken() -> Iterator[int]:
        yield 1
        raise ZeroDivisionError("in the other thread")

    items = ahead(broken())
    assert next(items) == 1
    with pytest.raises(ZeroDivisionError, match="in the other thread"):
        next(items)


def test_nothing_gives_nothing() -> None:
    assert list(ahead(iter([]))) == []


_TEXT = "Togo and Benin say that the EU favors Ghana."


class _Named:
    """The four parties of `_TEXT`, as the finder would give them."""

    def find_many(
        self, articles: Iterable[Sequence[Sentence]], *, dates: Sequence[str | None] | None = None
    ) -> Iterator[list[list[Mention]]]:
        names = {"Togo": "TGO", "Benin": "BEN", "EU": "EU", "Ghana": "GHA"}
        for sentences in articles:
            yield [
                [Mention(n, s.text.index(n), s.text.index(n) + len(n), Entity(n, i, "state")) for n, i in names.items()] for s in sentences
            ]


class _Suspicious:
    """A model that sees an allegation by Togo of the EU and, a little weaker, of Ghana, and one by Benin of the EU."""

    learns = False
    strength = {("Togo", "EU"): 0.9, ("Togo", "Ghana"): 0.8, ("Benin", "EU"): 0.7}

    def predict(self, pairs: Sequence[Pair], *, scheme: str = "positions") -> PairScores:
        bias = np.array([self.strength.get((pair.mention("actor") or "", pair.mention("target")), 0.0) for pair in pairs])
        return PairScores(np.stack([np.zeros_like(bias), bias, 1 - bias], axis=1), bias)

    def media_bias(self, sentences: Sequence[str]) -> np.ndarray:
        return np.zeros(len(sentences))


def test_a_party_alleges_bias_of_one_target_a_sentence() -> None:
    labeller = Labeller(CorpusReader(), _Named(), _Suspicious())
    (labelled,) = labeller.label_articles([(Article("a", _TEXT), [Sentence("a", "a:0", _TEXT, 0, len(_TEXT))])])
    said = {(p.actor.text, p.target.text): (p.stance, p.alleges_bias) for p in labelled.positions}
    assert said == {("Togo", "EU"): ("against", True), ("Togo", "Ghana"): ("against", False), ("Benin", "EU"): ("against", True)}


class _Owned:
    """A state and its court, as the finder gives them, and a third party."""

    def find_many(
        self, articles: Iterable[Sequence[Sentence]], *, dates: Sequence[str | None] | None = None
    ) -> Iterator[list[list[Mention]]]:
        known = {"Togo": Entity("Togo", "TGO", "state"), "court": Entity("court", "body:court", "body"), "EU": Entity("EU", "EU", "body")}
        for sentences in articles:
            yield [[Mention(n, s.text.index(n), s.text.index(n) + len(n), e) for n, e in known.items()] for s in sentences]


class _Hostile(_Suspicious):
    """A model that sees both against the EU, the court a little more clearly."""

    strength = {("Togo", "EU"): 0.8, ("court", "EU"): 0.9}


@pytest.mark.parametrize(
    ("text", "holders"),
    [
        ("Togo's court accused the EU of bias.", {"court"}),  # one holder under two names
        ("Togo's highest court accused the EU of bias.", {"court"}),
        ("Togo and the court accused the EU of bias.", {"Togo", "court"}),
    ],
)
def test_a_state_and_its_own_institution_hold_a_position_once(text: str, holders: set[str]) -> None:
    labeller = Labeller(CorpusReader(), _Owned(), _Hostile())
    (labelled,) = labeller.label_articles([(Article("a", text), [Sentence("a", "a:0", text, 0, len(text))])])
    assert {p.actor.text for p in labelled.positions} == holders
