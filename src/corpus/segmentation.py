"""Sentences with their offsets, by sentencex (Wikimedia) inside each paragraph, with a few repairs."""

from __future__ import annotations

import re

from src.corpus.cleaning import Paragraph, paragraphs
from src.records import Article, Sentence

# an abbreviation before a capital, where no sentence ends
_OPEN = re.compile(
    r"(?:\b(?:Mr|Mrs|Ms|Dr|Prof|Sen|Rep|Gov|Gen|Col|Lt|Sgt|Capt|Maj|Adm|Amb|Rev|Hon|St|Messrs|Mmes|No|Nos|vs|Art|Sec|Pres|Min|Fr|Sr|Jr"
    r"|Jan|Feb|Mar|Apr|Jun|Jul|Aug|Sept?|Oct|Nov|Dec)\.|\b(?:[A-Z]\.){1,3})\s*$"
)
# inside a long quotation: a full stop, then a new sentence
_INNER = re.compile(r"(?<=[a-z0-9)’'][.!?])\s+(?=[A-Z“\"‘])")
_ENDS_IN_STATE = re.compile(r"\b(?:U\.S|U\.N|U\.K|E\.U|D\.C)\.\s*$")
_STARTER = re.compile(r"(?:The|A|An|It|He|She|They|We|In|On|At|But|And|This|That|These|Those|However|Meanwhile|Its|His|Her|Their)\b")


def spans(text: str) -> list[tuple[int, int]]:
    """Offsets of the sentences of one paragraph.

    >>> [("Mr. Li left. He won."[a:b]) for a, b in spans("Mr. Li left. He won.")]
    ['Mr. Li left.', 'He won.']
    """
    from sentencex import get_sentence_boundaries

    cuts: list[tuple[int, int]] = []
    at = 0
    for boundary in get_sentence_boundaries("en", text):
        words = boundary["text"] if isinstance(boundary, dict) else boundary.text
        start = text.find(words, at)
        if start < 0:
            continue
        at = start + len(words)
        cuts.append((start, at))
    merged: list[tuple[int, int]] = []
    for start, end in cuts or [(0, len(text))]:
        if merged:
            before = text[merged[-1][0] : merged[-1][1]]
            after = text[start:end].lstrip()
            joined = (_OPEN.search(before) and not (_ENDS_IN_STATE.search(before) and _STARTER.match(after))) or (
                after[:1].islower()
            )
            if joined:
                merged[-1] = (merged[-1][0], end)
                continue
        merged.append((start, end))
    out = []
    for start, end in merged:
        out += _split_inside(text, start, end)
    return [trimmed for start, end in out if (trimmed := _trim(text, start, end))[0] < trimmed[1]]


def _split_inside(text: str, start: int, end: int) -> list[tuple[int, int]]:
    """Parts of a run that holds several sentences, such as a long quotation."""
    parts, low = [], start
    for found in _INNER.finditer(text, start, end):
        if _OPEN.search(text[low : found.start()]):
            continue
        if found.start() - low < 12:
            continue
        parts.append((low, found.start()))
        low = found.end()
    return [*parts, (low, end)]


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
                        article.id, f"{article.id}:{len(out)}", text[start:end], block.start + start, block.start + end,
                        number, "title" if block.kind == "title" else "body",
                    )  # fmt: skip
                )
    return out
