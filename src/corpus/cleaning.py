"""Finds what is prose in an article's text, keeping offsets into the original.

An article is cut into paragraphs, each with its kind. Share bars, datelines, bylines, date lines, notices and front matter
are no prose; of a dateline (`BAKU: The talks ...`) only the place falls away. The rules look at one line at a time and ask
for its whole form, not for a word in it: a sentence about a cookie policy stays a sentence.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from typing import Literal

Kind = Literal["title", "body", "subhead", "furniture"]


@dataclass(frozen=True, slots=True)
class Paragraph:
    """A paragraph of the original text, `text[start:end]`; a dateline is left out of the span."""

    start: int
    end: int
    kind: Kind


_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_MONTH = (
    r"(?:jan(?:uary)?|feb(?:ruary)?|mar(?:ch)?|apr(?:il)?|may|june?|july?|aug(?:ust)?|sept?(?:ember)?|oct(?:ober)?"
    r"|nov(?:ember)?|dec(?:ember)?)\.?"
)
_DAY = r"(?P<{}>\d{{1,2}})(?:st|nd|rd|th)?"
_TIME = (
    r"(?:(?:T|,?\s+(?:at\s+|[-–|•]\s*)?)\d{1,2}[:.]\d{2}(?:[:.][\d.]+)?\s*(?:[ap]\.?m\.?)?"
    r"\s*(?:[A-Z]{1,4}T?|[+-]\d{2}:?\d{2})?)?"
)
_DATE_LINE = re.compile(
    r"(?:(?:first |last )?(?:published|updated|posted|modified)(?: on| at)?:?\s+)?"
    r"(?:(?:mon|tue|wed|thu|fri|sat|sun)[a-z]{0,6}\.?,?\s+)?(?:"
    rf"(?P<month>{_MONTH})\s+{_DAY.format('day')},?\s+(?P<year>\d{{4}})"
    rf"|{_DAY.format('day2')}\s+(?P<month2>{_MONTH}),?\s+(?P<year2>\d{{4}})"
    r"|(?P<year3>\d{4})[-/.]?(?P<month3>\d{2})[-/.]?(?P<day3>\d{2})"
    r"|(?P<day4>\d{1,2})[/.](?P<month4>\d{1,2})[/.](?P<year4>\d{4})"
    rf"){_TIME}",
    re.I,
)


def parse_date(text: str | None) -> str | None:
    """The ISO 8601 day of a line or field that is nothing but a date, else None.

    Numbers alone are read as day/month/year unless only month/day/year is possible.

    >>> parse_date("Tue Nov 28 2023"), parse_date("Updated: 28 November 2023 at 10:15 GMT"), parse_date("Talks resume")
    ('2023-11-28', '2023-11-28', None)
    """
    found = _DATE_LINE.fullmatch(text.strip()) if text and len(text) < 100 else None
    if found is None:
        return None
    form = next(form for form in ("", "2", "3", "4") if found[f"year{form}"])
    year, month, day = (found[f"{part}{form}"] for part in ("year", "month", "day"))
    number = int(month) if month.isdigit() else _MONTHS.index(month[:3].lower()) + 1
    parts = (number, int(day)) if number <= 12 else (int(day), number)
    try:
        return date(int(year), *parts).isoformat()
    except ValueError:
        return None


_FRONT_MATTER = re.compile(r"---[ \t]*\r?\n((?:[ \t]*\w[\w -]*:.*\n|[ \t]*\r?\n)*)---[ \t]*(?:\r?\n|$)")


def front_matter(text: str) -> tuple[dict[str, str], int]:
    """The `key: value` fields between two `---` lines at the head of a text, and where the text goes on.

    >>> front_matter('---\\noutlet: The Ferry Post\\n---\\nBody.')
    ({'outlet': 'The Ferry Post'}, 31)
    """
    found = _FRONT_MATTER.match(text)
    if found is None:
        return {}, 0
    pairs = (line.partition(":") for line in found[1].splitlines() if line.strip())
    return {key.strip().lower(): value.strip().strip("\"'") for key, _, value in pairs}, found.end()


# Words of which a share bar consists; a line is one if it holds nothing else.
_SHARE_WORDS = frozenset(
    [
        "share",
        "this",
        "article",
        "story",
        "post",
        "page",
        "on",
        "via",
        "with",
        "tweet",
        "tweets",
        "post",
        "pin",
        "email",
        "e-mail",
        "mail",
        "print",
        "save",
        "copy",
        "link",
        "facebook",
        "twitter",
        "x",
        "whatsapp",
        "messenger",
        "linkedin",
        "reddit",
        "telegram",
        "pinterest",
        "viber",
        "flipboard",
        "instagram",
        "youtube",
        "tiktok",
        "threads",
        "bluesky",
        "vkontakte",
        "vk",
        "rss",
        "follow",
        "us",
        "like",
        "comment",
        "comments",
        "shares",
        "likes",
        "views",
        "to",
        "and",
        "or",
        "by",
        "sms",
        "more",
    ]
)
_SHARE_SIGNS = frozenset(
    [
        "share",
        "tweet",
        "print",
        "email",
        "e-mail",
        "facebook",
        "twitter",
        "whatsapp",
        "linkedin",
        "telegram",
        "reddit",
        "pinterest",
        "instagram",
        "comments",
        "follow",
    ]
)
_AT_END = r"[:…»›>→ ]*"
_NOTICE = re.compile(
    r"(?:"
    r"advertise?ment|advertorial|sponsored(?: content)?|promoted|story continues below.{0,40}|article continues.{0,40}"
    r"|continue reading.{0,80}|loading[ .…]*|skip to .{0,30}|back to top|scroll to .{0,30}|click here\b.{0,80}|tap here\b.{0,80}"
    r"|(?:read|see|watch|listen|learn|find out) (?:more|also|next|now)(?:\s*[:>»|–—-].{0,160}|(?: (?:on|about|from|at) .{0,60})?|\.\.\.)"
    r"|(?:also read|related(?: (?:articles?|stor(?:y|ies)|news|topics|coverage|content|links))?|recommended|you (?:may|might) also like"
    r"|more (?:from|on|in) [^.!?]{0,50}|more news|top stories|editor.s picks?|don.t miss|in case you missed it|up next)(?:\s*[:>»|–—-].{0,160})?"
    r"|most (?:read|popular|viewed|shared|watched)[^.!?]{0,30}|trending(?: now| topics)?|latest (?:news|stories|updates|headlines)"
    r"|(?:tags?|topics?|keywords?|categor(?:y|ies)|filed under|section|source|photos?|image|picture|file photo|credit|caption|video)\s*:.{0,160}"
    r"|(?:photo|image|picture|video)(?: credit| courtesy of| by)\s.{0,100}"
    r"|(?:\([\w/.&-]+(?: [\w/.&-]+){0,2}\)|getty images|[\w ]{0,30}/\s?getty images|(?:reuters|ap|afp|epa|tass|xinhua) ?/.{0,60}|file photo|reuters|afp|tass)"
    r"|\d{1,2}[:.]\d{2}\s*(?:[ap]\.?m\.?)?\s*(?:[A-Z]{2,4})?|\d+ min(?:ute)?s?(?: read| ago)?|\d+ (?:hours?|days?) ago|[\d,.]+[km]? (?:comments?|shares?|views?|likes?)"
    r"|https?://\S+|www\.\S+|[\w.+-]+@[\w-]+\.[\w.]+|(?:[@#]\w+[\s,]*)+"
    r"|(?:©|\(c\)|copyright (?:©|\(c\)|\d{4})).{0,200}|.{0,120}\ball rights reserved(?:\.(?: No part of .{0,120})?)?"
    r"|terms (?:of|and) (?:use|service|conditions).{0,60}|privacy policy.{0,60}|cookie (?:policy|settings|preferences|notice)|contact us|about us|home|menu|search"
    r"|(?:accept|reject|manage|allow)(?: all)? cookies|log ?in|sign (?:in|up)|subscribe(?: now| today)?|register(?: now)?|donate(?: now)?|my account"
    r")" + _AT_END,
    re.I | re.S,
)
# Sentences that speak to the reader of the page: matched at their start, to the end of a short paragraph.
_APPEAL = re.compile(
    r"(?:(?:we|this (?:web)?site|our (?:web)?site|this page|\w+ and our partners)(?: and our partners)? (?:use|uses|stores?) (?:\w+ )?cookies\b"
    r"|by (?:continuing|clicking|using|browsing|signing up|subscribing)\b.{0,60}\b(?:you (?:agree|accept|consent)|our (?:use of )?cookies)"
    r"|(?:sign up|subscribe|register|join)\b.{0,80}\b(?:newsletters?|inbox|mailing list|briefing|e-?mail|alerts|channel|our daily|today and|for free)\b"
    r"|get .{0,80}\b(?:in|to|into) your inbox\b|(?:download|get|install) (?:the|our) .{0,30}\bapp\b"
    r"|(?:follow|like|join|find) us\b|follow .{0,60} on (?:twitter|facebook|x|instagram|telegram|linkedin|google news)\b"
    r"|this (?:article|story|content|material|post|interview)(?: was| is| has been)? (?:first |originally )?(?:published|appeared|produced|translated)\b"
    r"|(?:this|the) (?:article|story|report|post) (?:was )?(?:first|originally) (?:published|appeared)\b"
    r"|(?:no part of this|reproduction of|this material may not|reprinted with|the views expressed)\b"
    r"|(?:click|tap|press) (?:here|on|the)\b|please (?:enable|disable|subscribe|sign|log|support|consider)\b"
    r"|(?:have|got) (?:a|any) (?:news )?(?:tip|story|comment|correction)|support (?:our|independent) journalism\b"
    r"|already (?:a|have) .{0,20}(?:subscriber|account)|you have (?:read|reached|used) .{0,40}(?:article|limit)"
    r"|your (?:browser|subscription|e-?mail address)\b|enter your e-?mail)",
    re.I,
)
_NAME = r"[A-ZÀ-Þ][\w.'’-]*"
_BYLINE = re.compile(
    rf"(?:(?i:(?:written |reported )?by):?\s+{_NAME}(?:(?:\s+|,\s*|\s+(?:and|for|in|of|at)\s+|\s*[|&]\s*)(?:{_NAME}|de|van|von|bin|al|el))*"
    rf"(?:,?\s+(?:(?:[A-Z]\w+|chief|senior|staff|political|diplomatic|foreign|news|our|special|the)\s+){{0,5}}(?:correspondent|reporter|editor|writer|staff))?"
    r"|(?i:(?:additional |further )?(?:reporting|editing|writing|compiled|edited|translated|graphics?)(?: and \w+)? by\b.{1,200})"
    r"|(?i:(?:by )?(?:our )?(?:staff|web|news|special|foreign|senior|political|diplomatic|chief)? ?(?:writer|reporter|correspondent|desk|report|staff|bureau)s?)"
    r")\.?"
)
_PLACE = r"[A-ZÀ-Þ][A-ZÀ-Þ'’.-]+(?: [A-ZÀ-Þ'’.-]+){0,3}"
_DATED = rf"(?i:{_MONTH})\s+\d{{1,2}}(?:,?\s+\d{{4}})?|\d{{1,2}}\s+(?i:{_MONTH})(?:,?\s+\d{{4}})?"
_AGENCY = r"\([A-Z][\w&./ -]{1,30}\)"
_DASH = r"\s*(?:[-–—―]{1,2}|:)\s*"
# KEMI, Finland, May 3 (Northwire) —    Vilnius (BNS) –    (CNN) —
_FULL_DATELINE = re.compile(
    rf"(?:(?:{_PLACE}(?:/{_PLACE})?|{_NAME}(?: {_NAME}){{0,2}})(?:,\s*{_NAME}(?: {_NAME})?)??"
    rf"(?:,?\s*(?:{_DATED}),?\s*(?:{_AGENCY})?|\s*{_AGENCY}){_DASH}|\([A-Z]{{2,6}}(?: \w+)?\)\s*[-–—―]{{1,2}}\s*)(?=\S)"
)
# BAKU:   NEW YORK/GENEVA —   TARTU, Estonia -
_BARE_DATELINE = re.compile(rf"{_PLACE}(?:/{_PLACE})?(?:,\s*{_NAME}(?: {_NAME})?)?(?::\s+|\s*[–—―]{{1,2}}\s*|\s+--?\s+)(?=[\w\"“‘'])")
_NOT_A_PLACE = frozenset(
    ["NATO", "UNESCO", "UNICEF", "ASEAN", "OPEC", "BRICS", "HAMAS", "HEZBOLLAH", "KREMLIN", "PENTAGON", "INTERPOL", "FRONTEX", "MERCOSUR"]
)
_SENTENCE_END = re.compile(r"[.!?…;,][\"”’')\]]*$")
_WRAP = 40  # characters; a line that is broken off short of this was not broken by a margin


def dateline_end(text: str, *, first: bool = True) -> int:
    """Where the dateline at the head of a paragraph ends; 0 if there is none.

    Only the first paragraph of prose may have one of the bare form `PLACE:`; elsewhere that names a speaker.

    >>> dateline_end("BAKU: The talks failed."), dateline_end("The talks failed."), dateline_end("NATO: We stand firm.")
    (6, 0, 0)
    """
    if (found := _FULL_DATELINE.match(text)) and (first or found[0].split()[0].strip(",").isupper()):
        return found.end()
    if first and (found := _BARE_DATELINE.match(text)):
        place = re.split(r"[^\w]", found[0])[0]
        if len(place) >= 3 and found[0].rstrip(" :–—―-") not in _NOT_A_PLACE and len(found[0].strip(" :–—―-")) > 3:
            return found.end()
    return 0


def is_furniture(line: str) -> bool:
    """Whether a line belongs to the page and not to the article.

    >>> is_furniture("Share on Facebook | Tweet"), is_furniture("The EU criticised the firm's cookie policy.")
    (True, False)
    """
    text = " ".join(line.split())
    words = [word for word in re.split(r"[\s|/·•,:>()\[\]]+|(?<=\d)(?=[a-z])", text.lower()) if word]
    if not any(c.isalnum() for c in text):
        return True
    if all(w in _SHARE_WORDS or w.startswith("icon-") or not any(c.isalpha() for c in w) for w in words) and any(
        w in _SHARE_SIGNS or w.startswith("icon-") for w in words
    ):
        return True
    if parse_date(text) or (len(text) <= 240 and (_NOTICE.fullmatch(text) or _BYLINE.fullmatch(text))):
        return True
    return len(text) <= 400 and _APPEAL.match(text) is not None


def is_heading(line: str) -> bool:
    """Whether a line has the form of a heading: short, and not closed as a sentence is.

    >>> is_heading("Relations under strain"), is_heading("Oslo thanked Chad.")
    (True, False)
    """
    text = line.strip()
    words = len(text.split())
    return (
        words <= 18
        and not _SENTENCE_END.search(text)
        and not re.search(r"[a-z]{2}[.!?]\s+[A-Z]", text)
        and not (text.endswith(":") and words > 4)
    )


def paragraphs(text: str, title: str | None = None, *, clean: bool = True) -> list[Paragraph]:
    """The paragraphs of an article in order, each with its kind.

    Short lines without a full stop are subheads where the article also has whole sentences; the first of them, before any
    prose, is the title where none is given. Without `clean` all but title and front matter is body.
    """
    at = front_matter(text)[1]
    blocks = list(_blocks(text, at))
    wanted = _plain(title or "")
    prose = [not is_furniture(text[start:end]) for start, end in blocks]
    headings = [is_heading(text[start:end]) for start, end in blocks]
    sentences = any(kept and not heading for kept, heading in zip(prose, headings, strict=True))
    out: list[Paragraph] = []
    titled = begun = False
    for (start, end), kept, heading in zip(blocks, prose, headings, strict=True):
        kind: Kind = "body"
        if not titled and not begun and wanted and _plain(text[start:end]) == wanted:
            kind, titled = "title", True
        elif clean and not kept:
            kind = "furniture"
        elif clean and heading and sentences:
            kind = "body" if dateline_end(text[start:end], first=False) else "subhead" if begun or titled or wanted else "title"
            titled = titled or kind == "title"
        if kind == "body":
            if clean:
                start += dateline_end(text[start:end], first=not begun)
            begun = True
        out.append(Paragraph(start, end, kind))
    return out


def _plain(text: str) -> str:
    return " ".join(text.split()).lower()


def _blocks(text: str, at: int) -> Iterator[tuple[int, int]]:
    """Spans of the paragraphs: lines, but those that a margin has broken are joined again.

    A text is taken to be broken at a margin where some long line without a full stop is followed by a lower-case one.
    """
    lines = [(m.start(), m.end()) for m in re.finditer(r"\S(?:[^\n]*\S)?", text[at:])]
    lines = [(start + at, end + at) for start, end in lines]
    pairs = list(zip(lines, lines[1:], strict=False))
    near = [text.count("\n", a[1], b[0]) == 1 for a, b in pairs]
    broken = [_broken(text, a, b) if close else False for close, (a, b) in zip(near, pairs, strict=True)]
    margin = any(cut and text[b[0]].islower() for cut, (_, b) in zip(broken, pairs, strict=True))
    start = None
    for i, line in enumerate(lines):
        start = line[0] if start is None else start
        if not (margin and i < len(broken) and broken[i]):
            yield start, line[1]
            start = None


def _broken(text: str, line: tuple[int, int], following: tuple[int, int]) -> bool:
    words, rest = text[line[0] : line[1]], text[following[0] : following[1]]
    cut = len(words) >= _WRAP and not re.search(r"[.!?…:][\"”’')\]]*$", words)
    unfinished = re.search(r"\b(?:Mr|Mrs|Ms|Dr|Sen|Rep|Gov|Gen|No|St|[A-Z])\.$", words) is not None
    return (cut or unfinished) and not is_furniture(words) and not is_furniture(rest)
