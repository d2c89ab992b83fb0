"""Organisations and groups by the form of their names: `Dockers' Union of Riga`, `the ratings firm Halden`, `Armenian separatists`."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import Any

from src.actors.context import ADJECTIVE, GROUP_HEADS, PROPER
from src.actors.gazetteer import slug
from src.actors.people import ROLES
from src.records import Entity, EntityType

#: Tokens [start, end) and the party that they name.
Named = tuple[int, int, Entity]

BODY_WORDS = re.compile(
    r"\b(?:Court|Council|Commission|Parliament|Assembly|Agency|Panel|Authority|Committee|Tribunal|Bank|Organi[sz]ation|Secretariat|Board|Bureau|Senate"
    r"|Congress|Chamber|Office|Fund|Bloc|Conference|Forum|Community|Mission|Summit|Institute|Inspectorate|Ombudsman|League|Pact|Compact)\b"
)
#: The end of an organisation's name, and what may stand around it.
_KEY = (r"(?:Union|Front|Party|Movement|Federation|Association|Alliance|Coalition|League|Church|Council|Court|Commission|Tribunal|Institute|Foundation|Network"
        r"|Agency|Authority|Bank|Group|Company|Corporation|Committee|Chamber|Assembly|Parliament|Congress|Senate|Times|Post|Herald|Gazette|Tribune|News|Broadcasting|Guild"
        r"|Syndicate|Brotherhood|Army|Brigade|Forum|Society|Observatory|Watch|Confederation|Organi[sz]ation|Board|Trust|Courier|Daily|Radio|Television|Vanguard|Column|Militia|Resistance"
        r"|Cooperative|Co-operative|Consortium|Collective|Caucus|Fund|Bureau|Inspectorate|Secretariat|Panel|Partnership|List|Bloc|Pole|Project|Centre|Center)")  # fmt: skip
#: A name that says its kind, other than a company's.
ORGANISED = re.compile(rf"\b{_KEY}\b")
_ORGANISATION = re.compile(
    rf"((?:(?:(?:People|Women|Men|Children|Citizen)['’]s|(?:[A-ZÀ-Þ]\w*['’])?[A-ZÀ-Þ][\w-]+(?:s['’])?) (?:(?:of|for) (?:the )?|and |& )?){{1,5}}{_KEY})\b(?! [A-Z])"
    r"(?: (?:(?:of|for|on) (?:the )?|against )(?!(?:Mon|Tues|Wednes|Thurs|Fri|Satur|Sun)day|January|February|March|April|May|June|July|August|September|October"
    r"|November|December)[A-ZÀ-Þ][\w'’-]+(?:(?: and| of)? [A-ZÀ-Þ][\w'’-]+){0,3})?"
)
_HEADED = re.compile(
    r"\b((?:Court|Chamber|Council|Union|Federation|Association|League|Bank|Church|Board|Guild|Institute|Office|Committee|Movement|Front|Party|Confederation|Congress|Society|Network"
    r"|Alliance|Assembly|Order|Syndicate) of (?:the )?[A-ZÀ-Þ][\w'’-]+(?:(?: and)? [A-ZÀ-Þ][\w'’-]+){0,3})\b"
)  # the same with its kind in front: `Chamber of Advocates`, `Court of Appeal`
#: Federations and companies that bear a state's name: `Cricket Namibia`, `Uzbekistan Railways`.
_OF_A_STATE = frozenset({
    "Swimming", "Cricket", "Athletics", "Statistics", "Rugby", "Hockey", "Cycling", "Rowing", "Gymnastics", "Tennis", "Basketball", "Volleyball", "Judo", "Boxing", "Football",
    "Transparency", "Paddle", "Surf", "Squash", "Netball", "Archery", "Fencing", "Badminton", "Sailing", "Aquatics", "Golf", "Triathlon", "Canoe", "Wrestling", "Skiing",
})  # fmt: skip
_STATES_OWN = _OF_A_STATE | {"Railways", "Airlines", "Airways", "Post", "Steel", "Power", "Telecom", "Ports", "Petroleum", "Rail", "Electricity", "Shipping", "Ferries", "Customs"}  # fmt: skip
#: First words of organisations that never stand for the whole.
_COMMON_FIRST = re.compile(
    r"National|United|Free|New|Central|General|International|Democratic|Social|Popular|Christian|Royal|Federal|Daily|Evening|Morning|Sunday|World|Global|Independent|Public"
    r"|State|Union|Party|Movement|Council|Federation|Association|Northern|Southern|Eastern|Western|North|South|East|West|Great|Saint|Radio|Civil|Workers|First|Grand"
)
#: Institutions that a capital makes no state: "the Court".
COMMON_LAST = re.compile(
    rf"{_KEY}|{BODY_WORDS.pattern}|Brotherhood|Circle|Mission|Secretariat|Ministry|Government|Club|Caravan|University|Ratings"
)
#: Houses that are places rather than parties.
SCHOOLS = re.compile(r"\b(?:University|College|School|Hospital|Museum|Airport|Stadium|Theatre|Theater|Library|Hotel)\b")


def clean_name(text: str) -> str:
    """A name in one line, without its possessive."""
    return re.sub(r"(?:['’]s?)$", "", " ".join(text.split()))


def organisations(doc: Any, text: str, listed: Sequence[Named]) -> Iterator[Named]:
    """Organisations by the form of their name: `Dockers' Union of Riga`, `Constitutional Court of Benin`.

    `text` is the sentence, `listed` the token ranges of names that the gazetteer knows. A body that a state owns bears its name: `Peru's
    Constitutional Tribunal` is the Constitutional Tribunal of Peru.
    """
    known = {(start, end) for start, end, entity in listed if entity.type != "state"}
    for start, end, state in listed:
        low = start - (state.type == "state" and start > 0 and doc[start - 1].text in _OF_A_STATE)
        high = end + (state.type == "state" and low == start and end < len(doc) and doc[end].text in _STATES_OWN)
        if (low, high) != (start, end):
            name = doc[low:high].text
            yield low, high, Entity(name, f"group:{slug(name)}", "group")
    for match in (*_ORGANISATION.finditer(text), *_HEADED.finditer(text)):
        if SCHOOLS.search(match.group(1)):
            continue
        span = doc.char_span(*match.span(), alignment_mode="contract")
        if span is None:
            continue
        start, end = span.start, span.end
        if start == doc[start].sent.start and start + 2 < end and doc[start].text.endswith("s") and doc[start + 1].lower_ == "of":
            start += 2  # "Negotiators of the Southern Liberation Army"
        start = _after_member(doc, start, end)
        while start < end and (
            doc[start].lower_ in ("the", "a", "and", "-elect", "elect", "-") or (doc[start].lower_ in ROLES and end - start > 2)
        ):
            start += 1  # "Justice Commission" keeps its name
        if end - start < 2 or (start, end) in known or any(a <= start and end <= b for a, b in known):
            continue
        inside = [(a, b) for a, b in known if a < end and start < b]
        rest = [t for t in doc[start:end] if not any(a <= t.i < b for a, b in inside)]
        owned = any(t.text in ("'", "’") for t in rest)  # "Offshore and Harbour Workers' Congress"
        if inside and not owned and any(t.lower_ in ("and", "or", "on", ",") for t in rest):  # two parties, or a party and a day
            continue
        name = clean_name(doc[start:end].text)
        sort: EntityType = "body" if BODY_WORDS.search(match.group(1)) else "group"
        yield start, end, _of_its_state(doc, start, Entity(name, f"{sort}:{slug(name)}", sort), listed)


def _after_member(doc: Any, start: int, end: int) -> int:
    """Where the organisation begins in `Ousman Jallow of the Alliance for Progress`."""
    for token in doc[start + 1 : end - 2]:
        if token.lower_ in ("of", "for") and doc[token.i + 1].lower_ == "the":
            return start if COMMON_LAST.fullmatch(doc[token.i - 1].text) else int(token.i) + 2
    return start


def _of_its_state(doc: Any, start: int, entity: Entity, listed: Sequence[Named]) -> Entity:
    if entity.type != "body" or " of " in entity.name or start < 2 or doc[start - 1].text not in ("'s", "’s", "'", "’"):
        return entity
    owner = next((owner for _, end, owner in listed if owner.type == "state" and end == start - 1), None)
    return entity if owner is None else body_of(owner, entity.name)


def body_of(state: Entity, name: str) -> Entity:
    """A state's own body of a name that others have too: the Congress of Peru."""
    full = f"{name} of {state.name}"
    return Entity(full, f"body:{slug(full)}", "body")


def short_names(name: str) -> Iterator[str]:
    """By what a text may call an organisation again: `Orange Basin` for `Orange Basin Energy`, `Transit Authority` for `Narmada Transit Authority`.

    First words of a name without small words; the last two or more where the very last says what it is; what stands before `of` or `for`.
    """
    words = name.split()
    if len(words) > 1 and all(word[:1].isupper() for word in words):
        for length in range(1, len(words)):
            short = " ".join(words[:length])
            if len(short) > 3 and not _COMMON_FIRST.fullmatch(short):
                yield short
        if COMMON_LAST.fullmatch(words[-1]):
            yield from (" ".join(words[low:]) for low in range(1, len(words) - 1))
    head = re.split(r" (?:of|for) ", name)[0]
    if head != name and " " in head:
        yield head


#: Nouns that say of the name behind or before them that it is an organisation: "the relief agency Water Without Walls".
_KINDS_OF_GROUP = frozenset({
    "group", "agency", "firm", "union", "party", "movement", "alliance", "newspaper", "daily", "weekly", "broadcaster", "station", "club", "company", "consortium", "charity",
    "coalition", "network", "bloc", "militia", "faction", "organisation", "organization", "league", "magazine", "channel", "foundation", "cooperative", "syndicate", "lobby", "team",
    "airline", "refiner", "miner", "utility", "lender", "watchdog", "outlet", "website",
})  # fmt: skip
#: The same behind a comma, and the last words of companies' names.
_TRADES = _KINDS_OF_GROUP | {
    "competitor", "manufacturer", "supplier", "operator", "maker", "producer", "subsidiary", "retailer", "publisher", "developer", "carrier", "shipowner", "brewer", "insurer",
    "contractor", "pollster", "exporter", "importer", "trader", "refinery", "bank", "association", "federation", "institute", "parent", "supermarket", "startup",
}  # fmt: skip
_COMPANY_LAST = re.compile(
    r"Radio|Media|Holdings?|Bahn|Lines?|Airways|Airlines|Motors|Energy|Electric|Steel|Ratings|Research|Telecom|Pharma|Foods|Systems|Technologies|Logistics|Shipping|Ferries|Railways?"
    r"|Petroleum|Mining|Minerals|Resources|Capital|Partners|Industries|Insurance|Aquatics|Athletics|Press|Gas|Oil|Chemicals|Cement|Fisheries|Networks?|Pictures|Studios|Analytics"
)
JOINING = frozenset({"del", "de", "da", "das", "dos", "do", "du", "des", "la", "el"})


def named_kind(doc: Any, start: int, end: int) -> bool:
    """`the ratings firm Halden`, `the Tierra Firme bloc`, `a trade union of train drivers, Steel Road`."""
    before = doc[start - 1] if start else None
    if before is not None and before.lower_ in _KINDS_OF_GROUP and before.text[0].islower():
        return True
    return (
        end < len(doc)
        and doc[end].lower_ in _KINDS_OF_GROUP
        and before is not None
        and before.lower_ in ("the", "opposition", "separatist", "rebel", "ruling")
    )


def is_organisation(doc: Any, start: int, end: int) -> bool:
    """True for a name that its company shows to be no person's: `Steyrwerk Bahn, a competitor`, `Norte, which appealed`, `Kogi Radio`."""
    if named_kind(doc, start, end) or (end - start > 1 and _COMPANY_LAST.fullmatch(doc[end - 1].text)):
        return True
    if end + 1 >= len(doc) or doc[end].text != ",":
        return False
    following = [token.lower_ for token in doc[end + 1 : end + 7]]
    if following[0] == "which":
        return True
    told = following[: next((i for i, word in enumerate(following) if word in (",", "of", "who", "from", "in", "for")), len(following))]
    return following[0] in ("a", "an", "the") and bool(_TRADES & set(told[1:])) and not any(word in ROLES for word in told)


def acts_like_group(span: Any) -> bool:
    """A name of several words, or an acronym, that holds or receives an act."""
    if span[0].lower_ in ROLES or not (len(span) > 1 or (span.text.isupper() and 3 <= len(span.text) <= 8)):
        return False  # "Bishop Amaro Teles" is a person
    return any(t.dep_ in ("nsubj", "nsubjpass", "dobj") or (t.dep_ == "pobj" and t.head.lower_ in ("by", "against")) for t in span)


def groups(doc: Any) -> Iterator[Named]:
    """`Armenian separatists`: a demonym and a head that makes a group of its own."""
    for token in doc:
        if token.lower_ not in GROUP_HEADS or token.i == 0 or token.tag_ in PROPER:
            continue  # "Confluence Media" is a name
        start = token.i
        while start > 0 and (doc[start - 1].tag_ in PROPER | ADJECTIVE or doc[start - 1].text == "-") and start > token.i - 4:
            start -= 1
        words = doc[start : token.i + 1]
        if start == token.i or not any(t.text[0].isupper() for t in words[:-1]):
            continue
        name = words.text
        sort: EntityType = "body" if token.lower_ in ("parliament", "court", "courts", "senate") else "group"
        yield start, token.i + 1, Entity(name, f"{sort}:{slug(name)}", sort)


#: Parties without a name of their own, where they act or are acted on: "the opposition accused".
_PLAIN_GROUPS = {"opposition", "rebels", "separatists", "insurgents", "militants", "protesters", "demonstrators", "junta", "lawmakers", "activists"}  # fmt: skip


def plain_groups(doc: Any) -> Iterator[Named]:
    """`The opposition accused`: a group that the text does not name, as subject, object or agent of a verb."""
    for token in doc:
        if token.lower_ not in _PLAIN_GROUPS or any(t.dep_ in ("amod", "compound", "poss", "nmod") for t in token.lefts):
            continue
        by = token.dep_ == "pobj" and token.head.lower_ in ("by", "against")
        if by or token.dep_ in ("nsubj", "dobj"):
            name = str(token.lower_)
            yield token.i, token.i + 1, Entity(name, f"group:{slug(name)}", "group")
