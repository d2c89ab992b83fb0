"""Reads actor dictionaries in the CAMEO/Phoenix (TABARI) format.

An entry is a name with its code in brackets; `+` lines add names, `[CODE <yymmdd]`, `[CODE >yymmdd]` or `[CODE yymmdd-yymmdd]` lines
give codes for a time (years of two or four digits). Source: Schrodt 2012, CAMEO manual; the Open Event Data Alliance's Phoenix
dictionaries.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from src.actors.gazetteer import Name, NameKind, Role, slug
from src.errors import InputError
from src.records import Entity, EntityType

_CODE = re.compile(r"\[([A-Z]{3}[A-Z]*)\s*([<>]?[\d-]*)\s*\]")
#: Parts of a code by which its holder speaks for the state: government, military, police, intelligence, courts, parliament.
_OFFICES = ("GOV", "MIL", "COP", "SPY", "JUD", "LEG")
_ARMED = ("REB", "OPP", "INS", "SEP", "UAF", "CRM", "RAD", "IMG")
#: Prefixes of the codes of international bodies whose staff the dictionaries list.
_BODIES = {"IGOUNO": "UN", "IGOEUR": "EU", "IGONAT": "NATO", "IGOWSTNAT": "NATO"}
_COLLECTIVE = re.compile(
    r"\b(?:Army|Armies|Front|Forces?|Party|Movement|Organi[sz]ation|Ministry|Group|Council|Committee|Brigades?|Government|Union|Bank|League|Agency|Command|Police|Guards?"
    r"|Parliament|Assembly|Court|Commission|Congress|Senate|Association|Federation|Liberation|Rebels?|Militia|Fighters|Jihad|Company|Corporation|Fund|Network|Initiative"
    r"|Administration|Department|Embassy|Troops|Soldiers|Officials?|Authority|Faction|Cell|Gang|Cartel|Mission|Secretariat|Office|Program(?:me)?|Society|Church|Media)\b"
)


@dataclass(frozen=True)
class CameoEntry:
    """A name with its aliases and codes; a code with dates holds only in these (ISO days, either open)."""

    name: str
    aliases: tuple[str, ...]
    codes: tuple[tuple[str, str | None, str | None], ...]
    line: int


def _day(digits: str) -> str | None:
    """`011222` or `20011222` as an ISO day; two-digit years up to 29 are of this century.

    >>> _day("011222"), _day("19790706"), _day("2004017")
    ('2001-12-22', '1979-07-06', None)
    """
    if len(digits) == 6:
        digits = ("20" if int(digits[:2]) < 30 else "19") + digits
    return f"{digits[:4]}-{digits[4:6]}-{digits[6:]}" if len(digits) == 8 else None


def _dates(text: str) -> tuple[str | None, str | None] | None:
    """First and last day; None where the dates cannot be read."""
    if not text:
        return None, None
    if text[0] in "<>":
        day = _day(text[1:])
        return None if day is None else (None, day) if text[0] == "<" else (day, None)
    low, _, high = text.partition("-")
    first, last = _day(low), _day(high)
    return None if first is None or last is None else (first, last)


def _words(text: str) -> str:
    """`UNITED_STATES_` as running text.

    >>> _words("BAN_KI-MOON_")
    'Ban Ki-moon'
    """
    return " ".join(word.capitalize() for word in text.replace("_", " ").split())


def read_cameo(path: Path) -> list[CameoEntry]:
    """The entries of a dictionary. A code whose dates cannot be read is passed over, as such dictionaries hold some.

    Raises:
        InputError: the file is missing, holds no entry, or has a further name (`+NAME`) before any entry.
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
        found = [(code, *span) for code, dates in _CODE.findall(line) if (span := _dates(dates)) is not None]
        head = re.sub(r"\[[^]]*\]", "", line).strip()
        if head.startswith("+"):
            if not name:
                raise InputError("a further name (+NAME) stands before any entry of the form NAME [CODE]", path=path, line=number)
            aliases.append(_words(head[1:]))
            codes += found
        elif not head:
            codes += found
        else:
            close()
            name, aliases, codes, start = _words(head), [], found, number
    close()
    if not entries:
        raise InputError("no entry of the form NAME [CODE] was found; a CAMEO/Phoenix actor dictionary is expected", path=path)
    return entries


def cameo_names(path: Path, states: dict[str, Entity]) -> list[Name]:
    """Names for the gazetteer: a country's further names count as places, which act in some contexts only; a person has the roles of
    the dated codes; the rest are bodies and groups.

    Single short words are left out, since the dictionaries are in capitals and would match ordinary words.
    """
    return [name for entry in read_cameo(path) for name in _names(entry, states)]


def _names(entry: CameoEntry, states: dict[str, Entity]) -> Iterator[Name]:
    texts = [entry.name, *entry.aliases]
    country, part = entry.codes[0][0][:3], entry.codes[0][0][3:]
    roles: tuple[Role, ...] = ()
    kind: NameKind = "name"
    if not part and country in states:
        party, kind = states[country], "capital"
    else:
        type_ = _type(entry)
        party = Entity(entry.name, f"{type_}:{slug(entry.name)}", type_)
        if type_ == "person":
            roles = tuple(role for code in entry.codes if (role := _role(code, states)) is not None)
    for text in dict.fromkeys(texts):
        if " " in text or len(text) > 6 or (party.type == "person" and len(text) > 4):
            yield Name(text, party, kind, roles)


def _type(entry: CameoEntry) -> EntityType:
    codes = [code for code, _, _ in entry.codes]
    dated = any(low or high for _, low, high in entry.codes)
    armed = any(code[:3] in _ARMED or code[3:6] in _ARMED for code in codes)
    if not _COLLECTIVE.search(entry.name) and " " in entry.name and (dated or (not armed and codes[0][3:6] in (*_OFFICES, "ELI"))):
        return "person"
    return "body" if codes[0].startswith("IGO") else "other" if codes[0].startswith("MNC") else "group"


def _role(code: tuple[str, str | None, str | None], states: dict[str, Entity]) -> Role | None:
    text, low, high = code
    if text[:3] in states and text[3:6] in _OFFICES:
        return Role(text[:3], low, high)
    body = next((body for prefix, body in _BODIES.items() if text.startswith(prefix)), None)
    return None if body is None else Role(body, low, high)
