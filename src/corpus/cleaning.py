"""Finds what is prose in an article's text, keeping offsets into the original.

Share bars, date lines, bylines, subheads, cookie and newsletter lines fall away; of a dateline (`BAKU:`) only the dateline does.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from src.corpus.readers import parse_date

Kind = Literal["title", "body", "subhead", "furniture"]


@dataclass(frozen=True)
class Paragraph:
    """A paragraph of the original text: `text[start:end]`, a dateline left out."""

    start: int
    end: int
    kind: Kind


_SHARE = re.compile(
    r"(?:icon-[\w-]+|share(?: this)?(?: article| story| on)?|tweet|e-?mail(?: this)?|print(?: this)?|facebook|twitter|whats-?app"
    r"|linkedin|reddit|telegram|pinterest|copy link|save|follow us(?: on)?|like us on|instagram|youtube|on|x|comments?|\d+ comments?|\d+ shares?"
    r"|[|/•·,>\u2022-])+",
    re.I,
)
_FURNITURE = re.compile(
    r"^(?:"
    r"(?:we|this (?:web)?site) uses? cookies\b.*|.*\baccept (?:all )?cookies\b.*|.*\bcookie (?:policy|settings|preferences)\b.*"
    r"|(?:sign|subscribe|register)\b.{0,40}\b(?:newsletter|updates|inbox|daily briefing|alerts)\b.*"
    r"|(?:read|see|watch|listen) (?:more|also|next)\b.{0,120}|related(?: articles?| stories| topics| coverage)?:?.{0,120}"
    r"|advertisements?|story continues below.*|continue reading.*|click here\b.*|skip to (?:main )?content.*"
    r"|(?:©|\(c\)|copyright)\s.*|.*\ball rights reserved\b.*|most (?:read|popular|viewed).{0,60}|trending(?: now)?|tags?:.*|topics?:.*"
    r"|(?:photo|image|picture|file photo)(?: credit| by)?\s*[:/].*|getty images.*|\(?(?:reuters|ap|afp|tass)\)?|loading\.*"
    r"|(?:last )?(?:updated|published|posted)(?: on| at)?:?\s.{0,60}|\d{1,2}:\d{2}\s*(?:am|pm|gmt|utc)?.{0,20}|\d+ min(?:ute)?s? read"
    r"|download (?:the|our) app.*|follow .{0,40} on (?:twitter|facebook|x|instagram|telegram).*"
    r")$",
    re.I | re.S,
)
_BYLINE = re.compile(
    r"^(?:by\s+(?:[A-Z][\w.'’-]*(?:\s+|$)|and\s+|,\s*|for\s+|in\s+){1,12}"
    r"|(?:reporting|editing|writing|additional reporting|compiled|translated)\s+by\b.*"
    r"|(?:staff (?:writer|reporter|correspondent)|our correspondent|web desk|news desk|from our .{0,30}correspondent))\s*$",
)
# BAKU:   WASHINGTON (Reuters) -   TALLINN, May 3 (Baltwire) —   NEW YORK/GENEVA, Nov. 2 -
_CITY = r"[A-ZÀ-Þ][A-ZÀ-Þ'’.\- ]{2,40}"
_DATELINE = re.compile(
    rf"\s*{_CITY}(?:/{_CITY})?(?:,\s*[A-Z][\w.]+(?:\s+[A-Z][\w.]+)?)?"
    r"(?:,?\s*(?:Jan|Feb|Mar|Apr|May|June?|July?|Aug|Sept?|Oct|Nov|Dec)[a-z]*\.?\s+\d{1,2}(?:,?\s+\d{4})?)?"
    r"\s*(?:\([^()]{2,40}\)\s*)?(?::|[-–—]{1,2})\s+"
)
_MIXED_DATELINE = re.compile(
    r"\s*[A-Z][\w'’.-]+(?:\s[A-Z][\w'’.-]+){0,2}(?:,\s*(?:[A-Z][\w.]+|\d{1,2})(?:\s+\w+)?)?\s*\([A-Z][\w ./-]{1,30}\)\s*[-–—:]{1,2}\s+"
)


def dateline_end(text: str) -> int:
    """Where the dateline at the head of a paragraph ends; 0 if there is none.

    >>> dateline_end("BAKU: The talks failed."), dateline_end("The talks failed.")
    (6, 0)
    """
    for pattern in (_DATELINE, _MIXED_DATELINE):
        found = pattern.match(text)
        if found and any(c.isalpha() for c in text[found.end() :]):
            return found.end()
    return 0


def _lines(text: str) -> Iterator[tuple[int, int]]:
    for found in re.finditer(r"[^\n]+", text):
        start, end = found.span()
        words = text[start:end]
        start += len(words) - len(words.lstrip())
        end -= len(words) - len(words.rstrip())
        if start < end:
            yield start, end


def _blocks(text: str) -> Iterator[tuple[int, int]]:
    """Paragraphs: what stands between blank lines; where a text has none of these, its lines."""
    lines = list(_lines(text))
    if not re.search(r"\n\s*\n", text.strip()):
        yield from _unwrapped(text, lines)
        return
    block: list[tuple[int, int]] = []
    for start, end in lines:
        if block and text.count("\n", block[-1][1], start) > 1:
            yield from _unwrapped(text, block)
            block = []
        block.append((start, end))
    if block:
        yield from _unwrapped(text, block)


def _unwrapped(text: str, lines: list[tuple[int, int]]) -> Iterator[tuple[int, int]]:
    """Lines joined to paragraphs where they are one wrapped sentence after the other; a line that ends its sentence ends the paragraph."""
    start = None
    for i, (low, high) in enumerate(lines):
        if start is None:
            start = low
        following = lines[i + 1] if i + 1 < len(lines) else None
        wrapped = (
            following is not None
            and high - low > 40
            and text[high - 1] not in ".!?\"”’:"
            and (text[following[0]].islower() or text[high - 1] in ",;-–—" or high - low > 60)
            and classify(text[low:high]) == "body"
            and classify(text[following[0] : following[1]]) in ("body", "subhead")
        )
        if not wrapped:
            yield start, high
            start = None


def classify(line: str) -> Kind:
    """What a line or paragraph is, judged by itself.

    >>> classify("icon-facebook icon-twitter"), classify("Relations under strain"), classify("Oslo thanked Chad.")
    ('furniture', 'subhead', 'body')
    """
    text = line.strip()
    if not any(c.isalnum() for c in text):
        return "furniture"
    squeezed = re.sub(r"\s+", "", text)
    if _SHARE.fullmatch(squeezed) or _SHARE.fullmatch(text.replace(" ", "")):
        return "furniture"
    if parse_date(text) or _BYLINE.match(text) or (_FURNITURE.match(text) and len(text) < 260):
        return "furniture"
    words = text.split()
    if len(words) <= 12 and text[-1] not in ".!?\"”’…;,)" and not re.search(r"[.!?]\s", text):
        return "subhead"
    return "body"


def paragraphs(text: str, title: str | None = None) -> list[Paragraph]:
    """The paragraphs of an article in order, each with its kind; datelines are left out of the spans."""
    out: list[Paragraph] = []
    wanted = " ".join((title or "").split()).lower()
    titled = False
    for start, end in _blocks(text):
        block = text[start:end]
        plain = " ".join(block.split()).lower()
        if wanted and not titled and plain == wanted:
            out.append(Paragraph(start, end, "title"))
            titled = True
            continue
        kind = classify(block)
        if kind == "subhead" and dateline_end(block):
            kind = "body"
        if kind == "body":
            start += dateline_end(block)
        out.append(Paragraph(start, end, kind))
    return out
