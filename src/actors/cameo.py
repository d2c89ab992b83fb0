"""Reads actor dictionaries in the CAMEO/Phoenix (TABARI) format.

An entry is a name with its code in brackets; `+` lines add names, `[CODE <yymmdd]`, `[CODE >yymmdd]` or `[CODE yymmdd-yymmdd]` lines
give codes for a time. Source: Schrodt 2012, CAMEO manual; the Open Event Data Alliance's Phoenix dictionaries.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

from src.actors.gazetteer import Name, slug
from src.errors import InputError
from src.records import Entity, EntityType

_CODE = re.compile(r"\[([A-Z]{3}[A-Z]*)\s*([<>]?[\d-]*)?\]")
_STATE_PARTS = ("", "GOV", "MIL", "COP", "SPY", "JUD", "LEG")
_GROUP_PARTS = ("REB", "OPP", "INS", "SEP", "UAF", "CRM", "RAD")


@dataclass(frozen=True)
class CameoEntry:
    """A name with its aliases and codes; a code with dates holds only in these (ISO days, either open)."""

    name: str
    aliases: tuple[str, ...]
    codes: tuple[tuple[str, str | None, str | None], ...]
    line: int

    def code_on(self, day: str | None) -> str | None:
        """The code that holds on an ISO day; the latest one where the day is unknown."""
        fitting = [c for c, low, high in self.codes if day is None or ((low or "") <= day <= (high or "9"))]
        return fitting[-1] if fitting else None


def _day(digits: str) -> str:
    year = int(digits[:2])
    return f"{1900 + year if year > 29 else 2000 + year}-{digits[2:4]}-{digits[4:6]}"


def _dates(text: str) -> tuple[str | None, str | None]:
    if text.startswith("<"):
        return None, _day(text[1:])
    if text.startswith(">"):
        return _day(text[1:]), None
    low, _, high = text.partition("-")
    return (_day(low) if len(low) == 6 else None), (_day(high) if len(high) == 6 else None)


def _words(text: str) -> str:
    """`UNITED_STATES_` as running text; words of up to three letters that are no acronym stay as written."""
    plain = re.sub(r"\s+", " ", text.replace("_", " ")).strip()
    return " ".join(w if len(w) <= 3 and w.isupper() and "." in w else w.capitalize() for w in plain.split(" "))


def read_cameo(path: Path) -> list[CameoEntry]:
    """The entries of a dictionary.

    Raises:
        InputError: the file is missing or holds no entry.
    """
    if not path.is_file():
        raise InputError("no such actor dictionary", path=path)
    entries: list[CameoEntry] = []
    name, aliases, codes, start = "", list[str](), list[tuple[str, str | None, str | None]](), 0

    def close() -> None:
        if name and codes:
            entries.append(CameoEntry(name, tuple(aliases), tuple(codes), start))

    for number, raw in enumerate(path.read_text(encoding="utf-8", errors="replace").splitlines(), 1):
        line = re.split(r"\s*[;#]", raw, maxsplit=1)[0].rstrip()
        if not line.strip() or line.lstrip().startswith("<!--"):
            continue
        found = [(code, *_dates(dates or "")) for code, dates in _CODE.findall(line)]
        head = _CODE.sub("", line).strip()
        if head.startswith("+"):
            aliases.append(_words(head[1:]))
        elif not head:
            codes += found
        else:
            close()
            name, aliases, codes, start = _words(head), [], found, number
    close()
    if not entries:
        raise InputError("no entry of the form NAME [CODE] was found; a CAMEO/Phoenix actor dictionary is expected", path=path)
    return entries


def cameo_names(path: Path, states: dict[str, Entity], *, day: str | None = None) -> list[Name]:
    """Names for the gazetteer: state codes link to the state, international codes to a body, armed ones to a group.

    Single short words are left out, since the dictionaries are upper case and would match ordinary words.
    """
    names: list[Name] = []
    for entry in read_cameo(path):
        code = entry.code_on(day)
        if code is None:
            continue
        country, part = code[:3], code[3:]
        kind: EntityType
        if country in states and part in _STATE_PARTS and entry.name == states[country].name:
            entity = states[country]
        else:
            kind = "group" if part[:3] in _GROUP_PARTS or country in ("IMG",) else "body" if country in ("IGO", "NGO", "MNC") else "person" if part.startswith("GOV") else "group"  # fmt: skip
            entity = Entity(entry.name, f"{kind}:{slug(entry.name)}", kind)
        for text in (entry.name, *entry.aliases):
            if len(text) > 4 and (" " in text or len(text) > 6):
                names.append(Name(text, entity, "name"))
    return names
