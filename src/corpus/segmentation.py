"""Sentences with their offsets: sentencex inside each paragraph, with a few repairs for news English.

sentencex (Wikimedia) knows abbreviations but never splits inside quotation marks or brackets, where news has much of its
text; so it is shown the paragraph with these marks blanked out, character for character.
"""

from __future__ import annotations

import re

from src.corpus.cleaning import Paragraph, paragraphs
from src.records import Article, Sentence

# What sentencex must not see: quotation marks, brackets, bullets, line breaks; apostrophes but those between letters.
_HIDDEN = re.compile(r"[^\w.!?…,;:'‘’@$%&/+–—-]|(?<!\w)['‘’]|['‘’](?!\w)")
_OPENING = "\"'“‘„«([¿¡"
_CLOSING = ".,;:!?)]”-–—―"

# Never the last word of a sentence.
_TITLE = re.compile(
    r"\b(?:Mr|Mrs|Ms|Mx|Dr|Prof|Sens?|Reps?|Govs?|Gens?|Cols?|Lt|Cmdr|Sgts?|Capt|Maj|Brig|Adm|Amb|Rev|Hon|Messrs|Mmes|Pres|Atty|Sec"
    r"|Supt|Insp|Ft|Mt|vs|Jan|Feb|Aug|Sept|Oct|Nov|Dec|e\.g|i\.e|cf|viz|approx)\.$"
)
# May end a sentence: it does where the next word is one that seldom follows it inside one.
_ABBREVIATION = re.compile(r"(?:\b(?:[A-Za-z]\.)+|\b(?:Inc|Ltd|Corp|Co|Bros|Jr|Sr|St|Ave|etc|No|Nos)\.|\.\.\.|…)$")
_LAST_WORD = re.compile(r"\b(?:etc|and Co)\.$")  # before a capital it always ends one
_INITIALS = re.compile(r"\b(?:[A-Z]\.)+$")
_STARTER = re.compile(
    r"[\"“‘'(\[]*(?:The|An?|It|He|She|They|We|You|I|His|Her|Its|Their|Our|My|This|That|These|Those|There|Here"
    r"|In|On|At|By|For|From|With|As|To|After|Before|Since|During|Under|Despite|Although|While|When|Where|Why|What|Who|How|If|Once"
    r"|But|And|Or|So|Yet|However|Meanwhile|Also|Then|Now|Nor|Not|No|Nobody|Nothing|Neither|Both|Some|Many|Most|All|Others?|Each"
    r"|One|Two|Three|Several|Asked|According|Earlier|Later|Last)\b(?!\.)"
)
_HOUR = re.compile(r"\b[ap]\.m\.$")
_AFTER_HOUR = re.compile(
    r"(?:Mon|Tues|Wednes|Thurs|Fri|Satur|Sun)day\b|[A-Z]{1,3}T\b|GMT|UTC|(?:East|West|Centr|Pacif|Mount)\w+ [Tt]ime|ET\b"
)
_TERMINAL = re.compile(r"[.!?…][\"”’'»)\]]*\s+")
_AFFILIATION = re.compile(r"\([A-Z]{1,4}-[\w. ]{1,12}\.\)$")  # Sen. Lee (R-Va.)
_NICKNAME = re.compile(r"[\"“]\w+[\"”]\s")
_MIDDLE = re.compile(r"[a-z]{1,2}[A-Z]")  # iRobot, eBay


def spans(text: str) -> list[tuple[int, int]]:
    """Offsets of the sentences of one paragraph, in order, without the white space between them.

    >>> [("Mr. Li left. “We won. It is over,” he said."[a:b]) for a, b in spans("Mr. Li left. “We won. It is over,” he said.")]
    ['Mr. Li left.', '“We won.', 'It is over,” he said.']
    """
    from sentencex import get_sentence_boundaries

    masked = _HIDDEN.sub(" ", text)
    starts = {_start(text, found["start_index"]) for found in get_sentence_boundaries("en", masked)}
    candidates = starts | {found.end() for found in _TERMINAL.finditer(text)}
    cuts = [cut for cut in sorted(candidates) if 0 < cut < len(text) and _parts(text, cut, cut in starts)]
    pieces = zip([0, *cuts], [*cuts, len(text)], strict=True)
    return [span for start, end in pieces if (span := _trim(text, start, end))[0] < span[1]]


def _start(text: str, boundary: int) -> int:
    """Where the next sentence starts, given a boundary in the masked text: closing marks go to the sentence before."""
    at = boundary
    while at > 0 and not text[at - 1].isalnum() and text[at - 1] not in ".!?…":
        at -= 1  # back to the last character of the sentence before
    while at < boundary and not text[at].isspace() and text[at] not in "“‘„«([":
        at += 1
    while at < len(text) and text[at].isspace():
        at += 1
    return at


def _parts(text: str, cut: int, proposed: bool) -> bool:
    """Whether a sentence ends before `cut`; `proposed` is what sentencex says."""
    before = text[max(0, cut - 40) : cut].rstrip()
    bare = before.rstrip("\"”’'»)]")
    after = text[cut : cut + 40]
    word = after.lstrip(_OPENING)
    if word[:1].islower() and not _MIDDLE.match(word):
        return False
    if after[0] in _CLOSING or not any(c.isalnum() for c in after):
        return False
    if _TITLE.search(bare):
        return False
    if _HOUR.search(bare) and _AFTER_HOUR.match(word):
        return False
    if _AFFILIATION.search(before):
        return False
    if _LAST_WORD.search(bare):
        return True
    if _ABBREVIATION.search(bare):
        quoted = before[len(bare) :].strip("'’)]") != "" or (after[0] in '“"' and not _NICKNAME.match(after))
        return quoted or bool(_STARTER.match(after)) or (proposed and not _INITIALS.search(bare))
    return proposed or (bare[-1:] == "." and (after[0] == "“" or bare.endswith(" May.")))


def _trim(text: str, start: int, end: int) -> tuple[int, int]:
    words = text[start:end]
    return start + len(words) - len(words.lstrip()), end - len(words) + len(words.rstrip())


def segment(article: Article, *, clean: bool = True, titles: bool = True) -> list[Sentence]:
    """The sentences of an article, in order; `article.text[s.start:s.end] == s.text` for each.

    With `clean`, subheads and page furniture give none; without it every line of text is prose. `titles` keeps the headline.
    """
    blocks = paragraphs(article.text, article.title) if clean else [Paragraph(0, len(article.text), "body")]
    kept = [b for b in blocks if b.kind == "body" or (b.kind == "title" and titles)]
    out: list[Sentence] = []
    for number, block in enumerate(kept):
        text = article.text[block.start : block.end]
        pieces = [(0, len(text))] if block.kind == "title" else spans(text)
        for start, end in pieces:
            if any(c.isalpha() for c in text[start:end]):
                out.append(
                    Sentence(
                        article.id,
                        f"{article.id}:{len(out)}",
                        text[start:end],
                        block.start + start,
                        block.start + end,
                        number,
                        "title" if block.kind == "title" else "body",
                    )
                )
    return out
