"""Persons and whom they represent, from titles and appositions."""

from __future__ import annotations

import re
from typing import Any

#: Words that make a title. A run of them (with small words between) before a name says what the person is.
ROLES = {
    "president", "premier", "minister", "secretary", "chancellor", "king", "queen", "prince", "princess", "emir", "sultan", "ambassador", "envoy", "spokesman", "spokeswoman",
    "spokesperson", "chief", "commissioner", "leader", "general", "colonel", "admiral", "marshal", "commander", "negotiator", "representative", "senator", "congressman",
    "congresswoman", "governor", "mayor", "speaker", "chair", "chairman", "chairwoman", "chairperson", "director", "head", "diplomat", "official", "adviser", "advisor",
    "deputy", "mp", "lawmaker", "justice", "judge", "prosecutor", "rapporteur", "mediator", "counsellor", "counselor", "attaché", "consul", "delegate", "taoiseach",
    "pm", "secretary-general", "undersecretary", "vice-president", "coordinator", "monarch", "legislator", "economist", "analyst", "lawyer", "activist", "bishop", "archbishop",
    "cardinal", "ayatollah", "sheikh", "captain", "major", "lieutenant", "sen.", "rep.", "gov.", "gen.", "amb.", "col.", "pope", "agent", "veteran", "boss", "organiser", "organizer", "founder", "manager",
    "dean", "reverend", "rabbi", "imam", "abbot", "patriarch", "provost", "rector", "sergeant", "brigadier", "superintendent", "magistrate", "barrister", "archdeacon", "coach",
}  # fmt: skip
_SMALL = {"of", "the", "for", "and", "to", "a", "an", "its", "'s", "’s", ",", "-", "&"}
_BETWEEN = {
    "prime", "foreign", "vice", "deputy", "assistant", "acting", "interim", "former", "defence", "defense", "interior", "finance", "trade", "state", "affairs", "policy",
    "security", "national", "high", "top", "special", "permanent", "chief", "senior", "press", "economy", "energy", "justice", "health", "agriculture", "culture", "environment", "home",
    "external", "relations", "cooperation", "development", "government", "opposition", "party", "parliamentary", "presidential", "military", "army", "union", "human", "rights", "climate",
    "fisheries", "labour", "labor", "transport", "information", "communications", "public", "first", "lady", "house", "senate", "majority", "minority", "republican", "democratic",
    "water", "river", "marine", "mining", "mines", "sport", "sports", "digital", "planning", "infrastructure", "railways", "railway", "ports", "oil", "petroleum", "industry",
    "education", "tourism", "budget", "treasury", "science", "housing", "lands", "forestry", "immigration", "integration", "gender", "youth", "irrigation", "aviation",
    "telecommunications", "broadcasting", "commerce", "economic", "heritage", "maritime", "municipal", "post", "technology", "welfare", "veterans", "works", "roads",
    "ruling", "outgoing", "new", "veteran", "ministry", "department", "office", "embassy", "delegation", "group", "committee", "commission", "executive", "general", "under", "central", "bank",
}  # fmt: skip
TITLES = ROLES | {"mr", "mr.", "mrs", "mrs.", "ms", "ms.", "dr", "dr.", "prof", "prof.", "sir", "lord", "lady", "dame", "mx", "deacon", "metropolitan", "comptroller", "father", "sister"}  # fmt: skip

_NAME = r"[A-ZÀ-Þ][\w'’.-]*[\w](?:\s(?:(?:al|el|bin|ibn|de|da|dos|van|von|der|den|la|le|du|di|y)\s)?[A-ZÀ-Þ][\w'’-]*[\w]){0,3}"
#: A title directly before a name that the recogniser may have missed.
TITLED = re.compile(rf"(?:\b(?:[Pp]resident|[Mm]inister|[Ss]ecretary|[Cc]hancellor|[Aa]mbassador|[Ee]nvoy|[Ss]pokes(?:man|woman|person)|[Ss]enator|[Gg]overnor|[Pp]remier|[Kk]ing|[Qq]ueen|[Ll]eader|[Cc]hief|[Gg]eneral|[Cc]ommissioner|[Ss]peaker|[Nn]egotiator|[Cc]hair(?:man|woman)?|[Mm]ediator|[Dd]irector|(?:[Aa]rch)?[Bb]ishop|[Cc]ardinal|[Ss]heikh|[Jj]udge|[Pp]rosecutor|[Mm]ayor|[Cc]olonel|[Aa]dmiral|[Dd]eputy|Secretary-General)\s)({_NAME})")  # fmt: skip

#: What a person is who needs no title.
_CALLINGS = "correspondent|reporter|columnist|arbitrator|referee|moderator|treasurer"

#: A name set off after a title: "Haiti's prime minister, Odile Fabrice, accused".
SET_OFF = re.compile(
    rf"\b(?:president|minister|secretary|chancellor|ambassador|envoy|spokes(?:man|woman|person)|governor|premier|leader|chief|general|commissioner|speaker"
    rf"|negotiator|chair(?:man|woman)?|mediator|director|bishop|judge|prosecutor|mayor|deputy|delegate|head|rapporteur|lawyer|editor|captain|coach|{_CALLINGS}), ({_NAME}),"
)

#: A name that an apposition explains: "Oumou Keita, the commissioner for peace,".
EXPLAINED = re.compile(
    rf"(?<!-)\b({_NAME.replace('{0,3}', '{1,3}')}), (?:an?|the|its|their|(?:[A-ZÀ-Þ][\w-]+ ){{0,3}}?[A-ZÀ-Þ][\w-]*(?:'s|’s)) (?:[\w'’-]+ ){{0,3}}?"
    rf"(?:{'|'.join(sorted(re.escape(role) for role in ROLES))}|{_CALLINGS}"
    r"|professor|historian|editor|author|statistician|winger|striker|umpire|engineer|hydrographer|investigator|jurist|counsel)\b"
)


def is_title_word(word: str) -> bool:
    """True for a word that can stand in a title."""
    return word.lower() in ROLES or word.lower() in _BETWEEN


def title_before(doc: Any, start: int) -> int:
    """Where the title that ends at token `start` begins; `start` itself if there is none.

    Small words are bridged only inside a title (`minister of foreign affairs X`).
    """
    at, role = start, False
    while at > 0:
        token = doc[at - 1]
        if token.lower_ in ROLES:
            role = True
        elif not (token.lower_ in _BETWEEN or token.lower_ in ("of", "for", "and", "-") or (token.text == "," and at == start)):
            break
        at -= 1
    while at < start and doc[at].lower_ in (*_SMALL, ","):
        at += 1
    return at if role else start


def apposition_after(doc: Any, end: int) -> tuple[int, int] | None:
    """The tokens between the commas after a name, where they hold a role: `X, the foreign minister of Y, said`."""
    if end >= len(doc) or doc[end].text != ",":
        return None
    stop = end + 1
    while stop < len(doc) and stop - end < 14 and doc[stop].text not in (",", ".", ";", ":", "who", "which", "said", "told"):
        stop += 1
    inner = doc[end + 1 : stop]
    return (end + 1, stop) if any(token.lower_ in ROLES for token in inner[:8]) else None
