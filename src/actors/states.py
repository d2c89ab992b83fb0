"""States that no list holds, invented ones among them: by the company they keep, their formal names and their adjectives."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from src.actors.context import PROPER
from src.actors.gazetteer import slug
from src.records import Entity

#: A ministry that a name alone does not give a state.
MINISTRY = re.compile(r"\b(?:Ministry|Foreign Office|Government|Army|Navy|Armed Forces|Air Force|Cabinet|Embassy|Defen[cs]e Department)\b")
#: `Republic of Veldoria`.
STATE_FORM = re.compile(
    r"^(?:the )?(?:(?:Islamic |Democratic |Federal |People's |United )*(?:Republic|Kingdom|Federation|Duchy|Emirate|State|Principality|Commonwealth) of )(.+)$"
)

_STATE_NOUNS = {"government", "foreign", "ministry", "minister", "president", "ambassador", "embassy", "envoy", "parliament", "delegation", "authorities",
                "officials", "forces", "army", "troops", "navy", "diplomats", "defence", "defense", "prime", "leaders", "leadership", "military", "premier",
                "chancellor", "negotiators", "cabinet", "senate", "junta", "side", "team", "spokesman", "spokeswoman", "monarchy", "crown"}  # fmt: skip
_STATE_VERBS = {"accused", "condemned", "praised", "recalled", "rejected", "welcomed", "denounced", "warned", "urged", "signed", "imposed", "lifted", "backed", "blamed",
                "thanked", "expelled", "suspended", "protested", "threatened", "offered", "pledged", "declined", "refused", "criticised", "criticized", "hailed", "said", "says",
                "called", "summoned", "closed", "opened", "sent", "cancelled", "vetoed", "defended", "insisted", "denied", "objected", "dismissed", "lodged", "withdrew", "told", "agreed"}  # fmt: skip


#: What a person has as well as a state: "Solheim's spokesman".
_ANYBODYS = {"spokesman", "spokeswoman", "team", "side", "envoy", "government", "cabinet", "negotiators"}
#: What stands before a state's name: "ambassador to", "relations with", "sanctions on".
_BEFORE_STATE = re.compile(
    r"(?:ambassadors?|envoys?|diplomats?|troops|embassy|border|relations|ties|treaty|trade|aid|sanctions|government|parliament|delegation|exports|imports|tariffs|war"
    r"|president|minister|premier|visits?|neighbou?r|state|republic|kingdom) (?:in|from|to|of|with|on|against|between) $",
    re.I,
)


def before_state_noun(span: Any) -> bool:
    """True before what only a state has: `the Veldorian government`."""
    following = span.doc[span.end] if span.end < len(span.doc) else None
    return following is not None and following.lower_ in _STATE_NOUNS


def acts_like_state(span: Any) -> bool:
    """A name that owns a ministry, governs a verb of diplomacy, or is its object beside a known state."""
    doc, end = span.doc, span.end
    if end + 1 < len(doc) and doc[end].text in ("'s", "’s") and doc[end + 1].lower_ in _STATE_NOUNS - _ANYBODYS:
        return True
    if before_state_noun(span) or _BEFORE_STATE.search(doc.user_data["text"][max(0, span.start_char - 30) : span.start_char]):
        return True
    root = span.root
    anchor = root
    while anchor.dep_ == "conj" and anchor.head.i != anchor.i:
        anchor = anchor.head
    return len(span) <= 2 and (
        (anchor.dep_ in ("nsubj", "nsubjpass") and anchor.head.lower_ in _STATE_VERBS and anchor.ent_type_ != "PERSON")
        or (anchor.dep_ == "pobj" and anchor.head.dep_ == "agent" and anchor.ent_type_ != "PERSON")
        or (anchor.dep_ == "dobj" and anchor.head.lower_ in _STATE_VERBS and anchor.ent_type_ != "PERSON" and anchor.tag_ in PROPER)
    )


def state_of_adjective(text: str, names: Mapping[str, Entity]) -> Entity | None:
    """The unlisted state that an unlisted adjective belongs to, among the `names` of the article."""
    for name, entity in names.items():
        if entity.type == "state" and text != name and len(name) > 3 and " " not in text:
            stem = re.sub(r"(?:ia|a|e|o|y|ea)$", "", name)
            if len(stem) >= 3 and text.startswith(stem) and re.search(r"(?:n|ns|ese|ish|i|ic|ite|ites|ian|ians)$", text):
                return entity
    return None


def guess_state(text: str) -> Entity | None:
    """A state for an adjective whose noun was never given: `the Veldorian government` -> Veldoria."""
    if " " in text:
        return None
    for ending, noun in (("ians", "ia"), ("ian", "ia"), ("ese", ""), ("ish", ""), ("ans", "a"), ("an", "a"), ("i", ""), ("ic", "")):
        if text.endswith(ending) and len(text) - len(ending) >= 3:
            name = text[: len(text) - len(ending)] + noun
            return Entity(name, f"state:{slug(name)}", "state")
    return None
