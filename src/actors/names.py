"""What an article's second mentions tell of its names: `Jasna Perkovac` and then `Perkovac` is a person, `Kandy Lakers` and then `the Lakers` a club."""

from __future__ import annotations

from collections.abc import Iterator, Sequence, Set
from dataclasses import dataclass
from typing import Any

from src.actors.context import PROPER
from src.actors.people import TITLES, is_title_word

#: What a name of several words begins with that is no person's.
_PLACES = frozenset({
    "Lake", "Mount", "Port", "River", "San", "Santa", "Saint", "Fort", "Cape", "Rio", "Río", "North", "South", "East", "West", "New", "Upper", "Lower", "Gulf", "Strait", "Camp",
    "Puerto", "Villa", "Monte", "Great", "Grand", "Northern", "Southern", "Eastern", "Western", "Central", "Old", "Radio", "Club", "Real", "Bank", "Hotel", "Operation", "Project",
})  # fmt: skip


@dataclass(frozen=True)
class _Run:
    """Capitalised words at tokens [start, end) of a sentence, and whether an article stands before them."""

    doc: Any
    start: int
    end: int
    words: tuple[str, ...]
    article: bool


def named_again(docs: Sequence[Any], listed: Sequence[Set[int]]) -> tuple[list[tuple[Any, int, int]], list[tuple[Any, int, int]]]:
    """Persons and organisations, each as (sentence, start, end), that an article gives in full and then in short.

    A person is called again by the last word of the name, or stands before `, who`; an organisation by the first ones, or by the last with
    an article. `listed` has for each sentence the tokens of names that a list holds.
    """
    runs = [run for doc, known in zip(docs, listed, strict=True) for run in _capitalised(doc, known)]
    short = {run.words for run in runs if not run.article}
    with_article = {run.words[0] for run in runs if run.article and len(run.words) == 1}
    people, organisations = [], []
    for run in runs:
        if not 1 < len(run.words) < 6 or is_title_word(run.words[-1]):
            continue
        last, place = run.words[-1], (run.doc, run.start, run.end)
        relative = run.doc[run.end : run.end + 2].text in (", who", ", whom")
        if last in with_article:
            organisations.append(place)
        elif not run.article and run.words[0] not in _PLACES and ((last,) in short or relative):
            people.append(place)
        elif any(run.words[:length] in short for length in range(1, len(run.words))):
            organisations.append(place)
    return people, organisations


def _capitalised(doc: Any, listed: Set[int]) -> Iterator[_Run]:
    """Runs of capitalised words that no list holds, without the titles before them."""
    run: list[tuple[int, int, str]] = []
    for start, end, text in [*printed_words(doc), (len(doc), len(doc), "")]:
        name = bool(text) and text[0].isupper() and doc[end - 1].tag_ in PROPER and not listed & set(range(start, end))
        if name and (run or not (is_title_word(text) or text.lower() in TITLES)):
            run.append((start, end, text))
            continue
        if run:
            first = run[0][0]
            yield _Run(doc, first, run[-1][1], tuple(word for _, _, word in run), bool(first) and doc[first - 1].lower_ in ("the", "a"))
        run = []


def printed_words(doc: Any) -> Iterator[tuple[int, int, str]]:
    """Token ranges of the words as they are printed: `Aasen-Moe` is one, which spaCy parts."""
    words = [token.text for token in doc]
    start = 0
    for i, token in enumerate(doc):
        hyphen = i if words[i] == "-" else i + 1
        joined = words[hyphen : hyphen + 1] == ["-"] and "".join(words[hyphen + 1 : hyphen + 2])[:1].isupper()
        if token.whitespace_ or not joined:
            yield start, i + 1, words[i] if start == i else doc[start : i + 1].text
            start = i + 1
