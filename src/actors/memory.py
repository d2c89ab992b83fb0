"""What an article has said so far: its people, names, and whom a second mention or a pronoun means."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from src.actors.institutions import Recent, descriptions, last_word
from src.records import Entity


@dataclass
class Found:
    """A candidate mention at tokens [start, end) of a sentence."""

    start: int
    end: int
    entity: Entity
    represents: Entity | None = None
    rank: int = 0  # higher wins where two overlap


@dataclass
class Memory:
    """What an article has said so far."""

    people: dict[str, tuple[Entity, Entity | None]] = field(default_factory=dict)  # by surname
    names: dict[str, Entity] = field(default_factory=dict)  # unlisted names
    parts_of_names: set[str] = field(default_factory=set)  # first names and surnames
    last_person: tuple[Entity, Entity | None] | None = None
    last_party: Entity | None = None
    last_pair: tuple[Entity, Entity] | None = None
    last_group: Entity | None = None
    called: dict[str, Entity] = field(default_factory=dict)  # organisations by the last word of their name: the tribunal, the Front
    introduced: dict[str, Entity] = field(default_factory=dict)  # the same for all of the article, the first of a word
    home: Entity | None = None  # the state that the article names again and again
    abroad: bool = True  # whether it never names the United States
    recent: Recent = field(default_factory=Recent)
    last_people: list[tuple[Entity, Entity | None]] = field(default_factory=list)
    day: str | None = None


def remember(memory: Memory, chosen: Sequence[Found], doc: Any) -> None:
    """What a sentence said, for the pronouns and second mentions of the next ones."""
    subjects = [f for f in chosen if doc[f.start : f.end].root.dep_ in ("nsubj", "nsubjpass")]
    order = [*subjects, *sorted((f for f in chosen if f not in subjects), key=lambda f: f.start)]
    people = {f.entity.id: (f.entity, f.represents) for f in chosen if f.entity.type == "person" and f.represents is not None}
    if len(people) == 2:
        memory.last_people = list(people.values())
    person = next((f for f in order if f.entity.type == "person"), None)
    if person is not None:
        memory.last_person = (person.entity, person.represents)
    party = next((f for f in order if f.entity.type in ("state", "body")), None)
    if party is not None:
        memory.last_party = party.entity
    group = next((f for f in order if f.entity.type == "group"), None)
    if group is not None:
        memory.last_group = group.entity
    memory.recent.note(f.entity for f in sorted(chosen, key=lambda f: f.start))
    for found in chosen:
        if " " in found.entity.name and (word := last_word(found.entity)) is not None:
            memory.called[word] = found.entity
            for described in descriptions(found.entity):
                memory.called[described] = found.entity
    pair = next(((a.entity, b.entity) for a in chosen for b in chosen if a.entity.type == b.entity.type == "state"
                 and b.start == a.end + 1 and doc[a.end].lower_ == "and" and a.entity.id != b.entity.id), None)  # fmt: skip
    if pair is not None:
        memory.last_pair = pair
        return
    states = list(dict.fromkeys(f.entity if f.entity.type == "state" else f.represents for f in sorted(chosen, key=lambda f: f.start)
                                if f.entity.type == "state" or (f.represents is not None and f.represents.type == "state")))  # fmt: skip
    if len(states) >= 2 and states[0] is not None and states[1] is not None:
        memory.last_pair = (states[0], states[1])
