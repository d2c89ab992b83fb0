"""Institutions that a sentence names by a common noun alone: `the tribunal`, `Liberia's election commission`, `observers`."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping
from typing import Any

from src.actors.context import ADJECTIVE, NOUN
from src.actors.gazetteer import slug
from src.actors.organisations import ORGANISED
from src.records import Entity, EntityType

_KINDS: dict[EntityType, frozenset[str]] = {
    "body": frozenset({
        "court", "courts", "tribunal", "tribunals", "commission", "committee", "panel", "jury", "board", "authority", "council", "agency", "secretariat",
        "bench", "inspectorate", "regulator", "watchdog", "judges", "jurists", "arbitrators", "arbiters", "observers", "monitors", "inspectors", "auditors",
        "referees", "umpires", "mediators", "rapporteurs", "experts", "investigators", "chamber", "senate", "bureau", "fund", "bank", "lender", "bloc", "assembly",
    }),
    "group": frozenset({
        "federation", "union", "unions", "company", "broadcaster", "newspaper", "daily", "station", "network", "league", "syndicate", "cooperative", "association",
        "charity", "foundation", "bishops", "militia", "party", "confederation", "guild",
    }),
    "person": frozenset({"ombudsman", "ombudswoman", "commissioner", "rapporteur", "arbitrator", "arbiter", "referee", "umpire", "mediator", "judge", "prosecutor", "nuncio"}),
}  # fmt: skip
_KIND = {word: kind for kind, words in _KINDS.items() for word in words}
#: Nouns that make an institution only together with a fitting modifier: "the observer mission", "the monitoring team".
_WITH_MODIFIER = {
    "mission": {"observer", "observers", "observation", "monitoring", "ceasefire", "truce", "election", "peacekeeping", "fact-finding", "inspection", "survey"},
    "team": {"observer", "monitoring", "inspection", "mediation", "arbitration", "audit", "verification"},
    "office": {"statistics", "prosecutor", "audit", "cartel", "ombudsman"},
    "group": {"expert", "contact", "monitoring", "mediation"},
}  # fmt: skip
_POSSESSIVE = frozenset({"its", "their", "his", "her", "our", "my"})
_DEFINITE = frozenset({"the", "this", "that", "these", "those", "same"}) | _POSSESSIVE
_DESCRIBED = frozenset(_KIND) | frozenset(_WITH_MODIFIER)
#: Where an institution is only the place: "in the court", "at the commission".
_LOCATIVE = frozenset({"in", "at", "inside", "outside", "near", "on", "as", "between", "among", "before", "after"})
_ROLES = frozenset({"nsubj", "nsubjpass", "dobj", "pobj", "poss", "agent", "dative", "iobj", "conj", "appos", "ccomp", "attr"})


#: Words by which a text goes on to speak of a court, or of another body, that it has named by an acronym or otherwise.
_COURT_WORDS = frozenset({"court", "tribunal", "judges", "jurists", "bench", "arbitrators", "arbiters"})
_COURT_NAME = re.compile(r"Court|Tribunal|Panel|Jury|Chamber|Arbitra")
_COMPANY_WORDS = frozenset(
    {"company", "firm", "carrier", "operator", "manufacturer", "airline", "exporter", "supplier", "insurer", "retailer", "shipowner"}
)
_HOUSE_NAME = re.compile(r"Congress|Senate|House|Parliament|Assembly")
#: The other words, with what a body's name says that fits them.
_BODY_WORDS = {
    **dict.fromkeys(("organization", "organisation", "agency", "secretariat", "commission", "committee"), re.compile("")),
    **dict.fromkeys(
        ("mission", "observers", "monitors", "inspectors"), re.compile(r"^(?!.*(?:Bank|Fund|Commission|Board|[a-z] commission))")
    ),
    **dict.fromkeys(("lender", "fund"), re.compile("Bank|Fund")),
    "bloc": re.compile("Union|Community|Association|Cooperation|Mercosur|BRICS|League|ASEAN|CARICOM"),
}


class Recent:
    """The court that an article has named most often so far, and the other body and the company that it has named last."""

    def __init__(self) -> None:
        self._last: dict[str, Entity] = {}
        self._courts: Counter[Entity] = Counter()

    def note(self, parties: Iterable[Entity]) -> None:
        for party in parties:
            if party.type == "body" and not _HOUSE_NAME.search(party.name):
                if _COURT_NAME.search(party.name):
                    self._courts[party] += 1
                    if self._courts[party] >= self._courts[self._last.get("court", party)]:
                        self._last["court"] = party
                else:
                    self._last["body"] = party
            elif party.type == "group" and " " in party.name and not ORGANISED.search(party.name):
                self._last["company"] = party

    def called(self, word: str, here: Iterable[Entity]) -> Entity | None:
        """Whom a bare `the judges` or `the mission` means; nobody where the sentence has named such a party itself."""
        if word in _COMPANY_WORDS:
            return None if any(e.type == "group" for e in here) else self._last.get("company")
        kind = "court" if word in _COURT_WORDS else "body" if word in _BODY_WORDS else None
        if kind is None or any(e.type == "body" and (kind == "court") == bool(_COURT_NAME.search(e.name)) for e in here):
            return None
        party = self._last.get(kind)
        return party if party is None or kind == "court" or _BODY_WORDS[word].search(party.name) else None


def institutions(
    doc: Any, named: Mapping[str, Entity], recent: Recent, here: Collection[Entity] = (), nationalities: Collection[str] = ()
) -> Iterator[tuple[int, int, Entity]]:
    """Token ranges (start, end) of such institutions with their party.

    `named` has the institutions that the article has called by a name so far, by the last word of that name: after `the Salt Strait
    Tribunal`, `the tribunal` is the same one. Those that are described are known by their own words (`body:election-commission`); a bare
    `the court` that the article never names is nobody. `recent` knows the bodies of earlier sentences,
    `here` has the parties of this one. An adjective of `nationalities` in front belongs to the description.
    """
    for token in doc:
        head = token.lower_
        kind = _KIND.get(head, "body" if head in _WITH_MODIFIER or head in _BODY_WORDS else "group" if head in _COMPANY_WORDS else None)
        if kind is None or token.tag_ not in NOUN or token.dep_ not in _ROLES or (token.text[0].isupper() and token.i):
            continue
        if head == "commissioner" and token.i and doc[token.i - 1].lower_ == "high":
            continue  # an ambassador
        start, end = token.i, token.i + 1
        while start > 0 and _modifies(doc[start - 1], token):
            start -= 1
        if start > 1 and start < end - 1 and doc[start - 1].text == "-":
            start += 1  # "three-member arbitral tribunal"
        if doc[end : end + 2].text in ("of inquiry", "of enquiry", "of experts"):
            end += 2
        modifiers = {t.lower_ for t in doc[start : token.i]}
        fitting = (head in _KIND and head not in _WITH_MODIFIER) or bool(modifiers & _WITH_MODIFIER.get(head, set()))
        if not fitting and (modifiers or head not in _BODY_WORDS.keys() | _COMPANY_WORDS):
            continue
        if start and head not in _WITH_MODIFIER and doc[start - 1].text in nationalities:
            start -= 1  # "the Dutch ombudsman"
        before = doc[start - 1] if start else None
        plural = token.tag_ == "NNS"
        owned = before is not None and before.text in ("'s", "\u2019s", "'", "\u2019")
        definite = before is not None and (before.lower_ in _DEFINITE or owned)
        fresh = fitting and kind == "body" and not plural and end - start > 1 and _begins(doc, start)
        if not (definite or fresh or (plural and kind == "body" and (before is None or before.tag_ not in ("DT", "CD", "JJ", "PDT")))):
            continue
        if before is not None and before.tag_ in ("NNP", "NNPS"):
            continue  # "the OSCE mission" is the OSCE
        if token.dep_ == "pobj" and token.head.lower_ in _LOCATIVE:
            continue
        if any(child.dep_ == "compound" and child.tag_ in ("NNP", "NNPS") for child in token.children):
            continue
        described = fitting and head in _DESCRIBED and (owned or end - start > 1)
        words = doc[start:end].text
        if described:
            party: Entity | None = named.get(words.lower()) or Entity(words, f"{kind}:{slug(words)}", kind)
        elif head == "unions" or (before is not None and before.lower_ in _POSSESSIVE):
            party = None  # "his party" is another than the one named before
        else:
            party = named.get(head.removesuffix("s")) or named.get(head)
            if party is None and definite and start == token.i and not any(t.lower_ in ("to", "of") for t in token.rights):
                party = recent.called(head, here)
        if party is not None:
            yield start, end, party


def _begins(doc: Any, start: int) -> bool:
    """True after `a` and `a three-member`, by which a text brings in what it then calls `the tribunal`."""
    if start > 3 and doc[start - 2].text == "-":
        start -= 3
    return start > 0 and doc[start - 1].lower_ in ("a", "an")


def _modifies(token: Any, head: Any) -> bool:
    """A lower-case word that belongs to the institution's description: `port authority`, `constitutional court`."""
    if not token.text[0].islower() or head.i not in {token.head.i, token.head.head.i}:
        return False
    return token.tag_ in NOUN or (token.tag_ in ADJECTIVE and token.lower_ in _KINDS_OF)


_KINDS_OF = frozenset({
    "constitutional", "supreme", "electoral", "high", "regional", "central", "appellate", "administrative", "arbitral", "international", "military", "criminal", "national",
    "federal", "joint", "special", "statistical", "maritime", "disciplinary", "ethical", "judicial", "monetary", "antitrust", "civil",
})  # fmt: skip


def descriptions(entity: Entity) -> Iterator[str]:
    """By what lower-case words a text may call a body again: `central bank` for the `Central Bank of West African States`."""
    head = re.split(r" (?:of|for) ", entity.name)[0].lower().split()
    if len(head) > 1:
        yield " ".join(head[-2:])


def last_word(entity: Entity) -> str | None:
    """The noun at the end of an organisation's name, by which the text may call it again: `tribunal` of `Salt Strait Tribunal`."""
    if entity.id in ("EU", "AU"):
        return None  # the bloc, and "the Union" by its capital alone
    words = entity.name.replace("-", " ").split(" of ")[0].split(" for ")[0].split()
    return words[-1].lower() if words and entity.type in ("body", "group") else None
