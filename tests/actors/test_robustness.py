"""Whatever the text, the finder answers, and every mention lies where it says."""

from __future__ import annotations

import pytest

from src.actors import ActorFinder
from src.records import Sentence

ODD = [
    "", " ", "’s", "’S ’S’", "A’ B’ signed", "O’", "U.S.", "...", "A.Smith’s plan failed.", 'At the top."He\'s late.', "— — —", "12,5 % (n = 3)", "É", "\u200b", "President", "President ’s",
    "the two sides", "It", "They they they", "of of of", "X's Y's Z's ministry", "Mr. ' said", "( [ {", "Republic of", "and and",
    "İstanbul ’ Ğ said", "北京 warned 东京", "🙂 Baku 🙂", "IRAN WARNS US OVER STRIKE", "ABC-DEF-GHI-", "Tab\tand\nbreak in Peru's stance",
]  # fmt: skip


@pytest.fixture(scope="module")
def finder() -> ActorFinder:
    return ActorFinder()


def test_odd_texts_are_answered_and_spans_hold(finder: ActorFinder) -> None:
    sentences = [Sentence("a", f"a:{i}", text, 0, len(text)) for i, text in enumerate(ODD)]
    found = finder.find(sentences)
    assert len(found) == len(ODD)
    for sentence, mentions in zip(sentences, found, strict=True):
        for mention in mentions:
            assert sentence.text[mention.start : mention.end] == mention.text
            assert mention.entity.name and mention.entity.id


def test_batching_changes_nothing(finder: ActorFinder) -> None:
    texts = ["Kenya's foreign ministry summoned the Somali ambassador.", "It demanded an apology.", "Chile and Peru signed the pact."]
    articles = [[Sentence(str(n), f"{n}:{i}", text, 0, len(text)) for i, text in enumerate(texts[: n + 1])] for n in range(3)]
    assert list(finder.find_many(articles)) == [finder.find(article) for article in articles]


def test_nothing_of_one_article_is_remembered_in_the_next(finder: ActorFinder) -> None:
    first = [Sentence("a", "a:0", "Norwegian Prime Minister Astrid Solheim praised Finland.", 0, 56)]
    second = [Sentence("b", "b:0", "Solheim thanked Finland.", 0, 24)]
    alone = finder.find(second)
    assert list(finder.find_many([first, second]))[1] == alone
    assert all(mention.entity.id != "person:astrid-solheim" for mention in alone[0])


def test_no_article_gives_nothing(finder: ActorFinder) -> None:
    assert finder.find([]) == []
    assert list(finder.find_many([])) == []
