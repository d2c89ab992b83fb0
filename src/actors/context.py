"""Decides from the sentence's grammar whether a name acts as a party or is only a place or an attribute."""

from __future__ import annotations

from typing import Any, Literal

#: "cancelled a visit to Lima": the visit is called off against whoever governs there.
_CALLING_OFF = {"cancel", "cancelled", "canceled", "cancels", "cancellation", "called", "postponed", "scrapped", "suspended", "boycotted", "refused", "shelved"}  # fmt: skip
#: "a Lima-led inquiry".
_BY_PARTY = {"led", "backed", "brokered", "sponsored", "mediated", "drafted", "funded", "financed", "imposed", "installed"}
Use = Literal["party", "place", "attribute", "title"]

#: Penn Treebank tags by part of speech; spaCy's own mapping takes a sixth of the time of finding actors.
PROPER = frozenset({"NNP", "NNPS"})
NOUN = frozenset({"NN", "NNS"})
ADJECTIVE = frozenset({"JJ", "JJR", "JJS", "AFX"})
_ADPOSITION = frozenset({"IN", "RP", "TO", "POS"})

#: "in Geneva", "near Lima": where something happens.
_LOCATIVE = {"in", "at", "near", "inside", "outside", "across", "around", "throughout", "through", "via", "within", "off", "along", "onto", "beyond"}  # fmt: skip
#: "confidence in Chad": about the party all the same.
_ABOUT_IN = {"confidence", "trust", "faith", "interest", "belief", "believe", "disappointed", "disappointment", "invest", "confide"}  # fmt: skip
#: "anger at Lima".
_ABOUT_AT = {"anger", "outrage", "fury", "rage", "irritation", "indignation", "resentment", "dismay", "annoyance", "angry", "furious", "indignant"}  # fmt: skip
_ABOUT = {"in": _ABOUT_IN, "at": _ABOUT_AT}
_MOTION = {"fly", "flee", "travel", "go", "come", "return", "move", "arrive", "head", "drive", "walk", "sail", "bring", "take", "migrate",
           "relocate", "journey", "transfer", "fled", "flown", "depart", "leave", "escape", "cross", "trip", "flight", "way", "back"}  # fmt: skip
_PART_OF = {"part", "north", "south", "east", "west", "center", "centre", "capital", "city", "town", "region", "province", "coast", "border",
            "outskirts", "rest", "map", "village", "port", "streets", "people", "citizen", "national", "resident", "majority"}  # fmt: skip
#: "a fan from Chad", "the University of Chile": belongs there, and is not the state.
_BELONGING = {"fan", "fans", "man", "men", "woman", "women", "refugee", "refugees", "migrant", "migrants", "student", "students", "tourist", "tourists", "visitor", "visitors",
              "player", "players", "family", "families", "doctor", "engineer", "university", "college", "museum", "hospital", "school", "airport"}  # fmt: skip
#: Verbs whose object is a place.
_GOING = {"visit", "visits", "visited", "visiting", "reach", "reached", "reaching", "leave", "leaves", "left", "leaving", "enter", "entered", "entering", "fled", "flee", "fleeing", "tour",
          "toured", "touring", "crossed", "crossing"}  # fmt: skip
#: Heads with which a demonym is about what the state does or has done to it: "the Israeli airstrikes", "Turkish mediation".
_ACTS = {
    "sanctions", "tariffs", "tariff", "aid", "support", "attack", "attacks", "strike", "strikes", "airstrike", "airstrikes", "raid", "raids", "offensive", "war", "policy",
    "policies", "stance", "position", "claims", "claim", "plan", "plans", "proposal", "proposals", "offer", "demand", "demands", "request", "pressure", "criticism", "concerns",
    "concern", "response", "reaction", "threat", "threats", "influence", "help", "blockade", "embargo", "ban", "decision", "move", "moves", "role", "rule", "law", "laws",
    "blame", "bias", "propaganda", "meddling", "espionage", "diplomacy", "ties", "relations", "talks", "withdrawal", "siege", "bombing", "shelling", "missile", "missiles",
    "drone", "drones", "weapons", "arms", "warplanes", "bombers", "tanks", "gas", "oil", "exports", "imports", "grain", "funding", "money", "assets", "economy", "interests",
    "sovereignty", "airspace", "territory", "veto", "vote", "bid", "membership", "initiative", "draft", "resolution", "deal", "appeal", "ultimatum", "protest", "denial",
    "denials", "remarks", "comments", "rhetoric", "narrative", "account", "version", "view", "views", "backing", "guarantees", "promises", "pledge", "pledges", "advance",
    "advances", "retreat", "defeat", "victory", "crackdown", "atrocities", "crimes", "abuses", "rights", "hostility", "conflict", "dispute", "cyberattack", "cyberattacks",
    "gesture", "gestures", "argument", "arguments", "charge", "adviser", "advisers", "advisor", "advisors", "coastguard", "coastguards", "expert", "experts", "inspectors",
    "hostages", "counteroffensive", "operation", "operations", "campaign", "action", "actions", "behaviour", "behavior", "conduct", "intentions", "ambitions",
    "inquiry", "filing", "complaint", "complaints", "walkout", "dossier", "text", "letter", "note", "report", "objection", "objections", "apology", "candidacy", "candidate",
    "duties", "submission", "submissions", "motion", "questionnaire", "paper", "papers", "invitation", "refusal", "visa", "visas", "subsidies", "frogmen", "sappers", "attachés",
    "lorries", "trucks", "goods", "products", "cargo", "trawler", "trawlers", "freighter", "cutters", "boats", "barges", "fleet",
}  # fmt: skip
#: "tariffs on Chadian cotton": what is done to a state's goods is done to the state.
_MEASURES = {"ban", "bans", "tariff", "tariffs", "duty", "duties", "levy", "levies", "embargo", "boycott", "quota", "quotas", "restrictions", "curbs", "limits", "sanctions"}  # fmt: skip
#: "officials in Kampala": those who govern there.
_GOVERNING = {"officials", "authorities", "lawmakers", "ministers", "government", "leaders", "generals", "junta", "ministry", "presidency", "rulers", "cabinet", "regime",
              "aides", "nobody", "everybody", "everyone", "politicians", "diplomats"}  # fmt: skip
#: "praise came from Singapore".
_UTTERANCES = {"praise", "criticism", "condemnation", "support", "word", "words", "protest", "protests", "warning", "thanks", "objections", "complaint", "rebuke", "reply", "answer"}  # fmt: skip
_ABSTRACT = ("tion", "tions", "sion", "sions", "ment", "ments", "ance", "ence", "ism", "ship", "ness", "acy", "ity")
#: Heads with which a demonym or a bare country name means the state that acts or is acted on.
_STATE_BODIES = {
    "government", "authorities", "authority", "official", "officials", "ministry", "minister", "ministers", "diplomat", "diplomats", "delegation",
    "delegations", "envoy", "envoys", "ambassador", "ambassadors", "embassy", "embassies", "consulate", "mission", "force", "forces", "troop",
    "troops", "army", "military", "navy", "air", "soldiers", "police", "side", "leadership", "administration", "state", "regime", "junta",
    "negotiator", "negotiators", "representative", "representatives", "intelligence", "leader", "leaders", "president", "premier", "chancellor",
    "cabinet", "presidency", "foreign", "defence", "defense", "treasury", "customs", "navies", "warship", "warships", "jets", "lawmakers", "counterpart", "counterparts",
    "monarch", "king", "queen", "emir", "spokesman", "spokeswoman", "spokesperson", "secretary", "department", "mediator", "mediators", "mediation", "team",
    "delegate", "delegates", "guard", "guards", "ship", "ships", "vessel", "vessels", "aircraft", "planes", "helicopters", "peacekeepers", "commandos", "agents", "spies",
    "politicians", "generals", "commanders", "airbase", "ministries", "negotiating", "capital", "statement", "readout", "prime", "parliament",
    "chargé", "chair", "chairman", "chairwoman", "facilitator", "facilitators", "host", "hosts", "officer", "officers", "sailors", "battalion", "contingent", "regulators",
    "controllers", "chairmanship", "consul", "chancellery", "attaché", "inspectorate", "secretariat", "charge",
}  # fmt: skip
#: Heads with which it is only an attribute.
_ATTRIBUTES = {
    "national", "nationals", "citizen", "citizens", "man", "woman", "men", "women", "people", "child", "children", "language", "restaurant", "wine",
    "film", "singer", "author", "actor", "actress", "novel", "novelist", "football", "footballer", "city", "town", "village", "region", "province", "coast",
    "cuisine", "food", "music", "artist", "tourist", "tourists", "student", "students", "time", "soil", "territories", "waters",
    "dollar", "dollars", "pound", "euro", "peso", "rupee", "yuan", "yen", "island", "islands", "river", "lake", "sea", "mountains", "peninsula",
    "culture", "history", "art", "literature", "poet", "writer", "speaker", "speakers", "descent", "origin", "heritage", "born", "border", "borders",
    "frontier", "population", "community", "university", "television", "education", "winter", "summer", "weather", "countryside", "desert", "valley", "resident", "residents", "shores", "port", "ports", "hotel", "airport",
}  # fmt: skip
#: Heads with which a demonym makes a group of its own.
GROUP_HEADS = {
    "separatists", "separatist", "rebels", "rebel", "militants", "militia", "militias", "insurgents", "guerrillas", "opposition", "protesters", "demonstrators",
    "activists", "dissidents", "farmers", "fishermen", "workers", "unions", "union", "miners", "teachers", "journalists", "jihadists", "islamists", "nationalists",
    "conservatives", "liberals", "socialists", "communists", "democrats", "republicans", "company", "companies", "firms", "exporters", "importers", "banks",
    "broadcaster", "newspaper", "newspapers", "media", "press", "church", "clergy", "ngos", "campaigners", "lawyers", "judges", "voters", "refugees",
    "settlers", "traders", "drivers", "clerics", "monks", "nurses", "doctors", "pilots", "engineers", "clans", "tribes", "fighters", "gunmen", "hackers", "prosecutors", "investors", "producers", "growers", "truckers", "students'", "federation",
    "lawmakers'", "senators", "senate", "court", "courts",
}  # fmt: skip


def lemma_or_form(token: Any) -> str:
    """Lower-case form with a plain plural or verb ending cut, without running a lemmatiser."""
    word = str(token.lower_)
    irregular = {"flew": "fly", "went": "go", "came": "come", "took": "take", "brought": "bring", "drove": "drive", "left": "leave"}
    if word in irregular:
        return irregular[word]
    for ending, stem in (
        ("ies", "y"),
        ("led", "l"),
        ("ed", ""),
        ("ed", "e"),
        ("ing", ""),
        ("ing", "e"),
        ("es", ""),
        ("es", "e"),
        ("s", ""),
    ):
        if word.endswith(ending) and word[: -len(ending)] + stem in _MOTION | _PART_OF | _ABOUT_IN:
            return word[: -len(ending)] + stem
    return word


def use_of(span: Any, kind: str) -> Use:
    """How a state's name, demonym, capital or seat is used at a spaCy span."""
    root = span.root
    if (
        span.end + 1 < len(span.doc)
        and span.doc[span.end].text in ("-", "–", "/")
        and span.doc[span.end + 1].tag_ in PROPER
        and kind != "demonym"
    ):
        return "party"  # "Washington-Beijing ties"
    if span.end + 1 < len(span.doc) and span.doc[span.end].text == "-" and span.doc[span.end + 1].lower_ in _BY_PARTY:
        return "party"
    if span.start > 1 and span.doc[span.start - 1].text == "-" and span.doc[span.start - 2].lower_ in ("pro", "anti", "ex", "non", "post"):
        return "attribute"
    if kind == "demonym":
        return _demonym_use(span, root)
    if span.start == 0 and span.end + 1 < len(span.doc) and span.doc[span.end].text == "to" and span.doc[span.end + 1].tag_ in PROPER:
        return "party"  # the headline "Lima to Quito: no"
    if root.dep_ in ("compound", "amod", "nmod") and root.head.i > span.end - 1:
        return _attributive_use(span, root, kind)
    following = span.doc[span.end] if span.end < len(span.doc) else None
    if following is not None and following.text in ("'s", "’s", "'", "’"):
        possessed = root.head.lower_
        return "place" if kind == "capital" and possessed in _ATTRIBUTES | {"streets", "suburbs", "mayor", "airport"} else "party"
    anchor = root
    while anchor.dep_ in ("conj", "appos") and anchor.head.i != anchor.i:
        anchor = anchor.head
    if anchor.dep_ == "pobj" and anchor.head.tag_ in _ADPOSITION:
        return _after_preposition(anchor, kind)
    before = span.doc[span.start - 1] if span.start else None
    if before is not None and before.lower_ in _LOCATIVE and anchor.dep_ not in ("nsubj", "nsubjpass", "dobj", "agent", "poss"):
        return "place"
    if anchor.dep_ in ("npadvmod", "advmod") and kind in ("capital", "seat"):
        return "place"
    if kind == "capital" and anchor.dep_ in ("dobj",) and anchor.head.lower_ in _GOING:
        return "place"
    return "party"


def _after_preposition(anchor: Any, kind: str) -> Use:
    preposition = anchor.head
    word, head = preposition.lower_, preposition.head
    governor = lemma_or_form(head)
    if word in ("from", "of") and head.lower_ in _BELONGING:
        return "place"
    if word == "in" and kind in ("capital", "name") and head.lower_ in _GOVERNING:
        return "party"
    if word in _LOCATIVE:
        about = _ABOUT.get(word, set())
        beside = preposition.doc[preposition.i - 1].lower_ if preposition.i else ""
        return "party" if governor in about or beside in about else "place"
    if word == "from" and any(t.dep_ == "nsubj" and t.lower_ in _UTTERANCES for t in head.children):
        return "party"
    if word in ("to", "into", "from", "toward", "towards"):
        called_off = any(token.lower_ in _CALLING_OFF for token in (*head.ancestors, *head.children))
        if word == "to" and called_off and governor in ("visit", "visits", "trip", "trips", "tour", "mission", "delegation"):
            return "party"
        if governor in _MOTION or any(lemma_or_form(t) in _MOTION for t in (head.head,) if head.dep_ in ("advmod", "prep")):
            return "place"
        if word == "to" and governor in ("tourism", "migration", "immigration", "pilgrimage"):
            return "place"
        if word == "into":
            return "place"
        if kind == "capital" and word == "to" and governor in ("visit", "visits", "trip", "tour", "mission", "delegation"):
            return "place"
        return "party"
    if word == "of":
        return "place" if governor in _PART_OF else "party"
    if word in ("over", "between") and kind == "capital" and word == "over":
        return "place"
    return "party"


def _attributive_use(span: Any, root: Any, kind: str) -> Use:
    """`US officials`, `Geneva talks`, `Azerbaijan-US relations`."""
    head = root.head.lower_
    if head in _ATTRIBUTES:
        return "attribute"
    if kind in ("capital",):
        return "party" if head in _STATE_BODIES or head.startswith(("back", "relation", "tie")) else "place"
    return "party"


def _demonym_use(span: Any, root: Any) -> Use:
    word, head = root.lower_, root.head
    if root.dep_ not in ("amod", "compound", "nmod", "poss") or head.i < span.end:
        following = span.doc[span.end] if span.end < len(span.doc) else None
        if following is not None and following.tag_ in NOUN | PROPER | ADJECTIVE:
            head = following
            while head.dep_ == "compound" and head.head.i > head.i:
                head = head.head
        elif root.tag_ in NOUN | PROPER and (word.endswith("s") or root.tag_ in ("NNPS", "NNS")):
            return "party" if span.start and span.doc[span.start - 1].lower_ == "the" else "attribute"
        elif span.start and span.doc[span.start - 1].lower_ == "the" and root.dep_ in ("nsubj", "nsubjpass", "pobj", "dobj"):
            return "party"
        else:
            return "attribute"
    noun = head.lower_
    if noun in ("commissioner", "commission") and head.i and head.doc[head.i - 1].lower_ == "high":
        return "party"  # an embassy of the Commonwealth
    if noun in _ATTRIBUTES:
        return "attribute"
    if noun in _STATE_BODIES:
        return "party"
    if noun in GROUP_HEADS or head.ent_type_ == "PERSON":
        return "attribute"
    if head.dep_ == "pobj" and head.head.lower_ in ("on", "against"):
        preposition = head.head.i
        if any(t.lower_ in _MEASURES for t in span.doc[max(0, preposition - 6) : preposition]):
            return "party"
    return "party" if noun in _ACTS or noun.endswith(_ABSTRACT) or head.i == root.i else "attribute"
