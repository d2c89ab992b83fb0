"""What may be wrong with the labelled dataset, each finding with its file and line."""

from __future__ import annotations

import json
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from src.actors.gazetteer import known_names, slug
from src.data.collection import FROZEN, Collection, Entry
from src.data.leakage import duplicates_within

NEAR = 0.6  # Jaccard on word trigrams from which two sentences count as copies
MOST = 0.06  # share of all directed pairs in which one party may stand
_OFTEN = 20  # pairs from which a party must be seen on both sides


@dataclass(frozen=True)
class Finding:
    """One thing that is wrong, or (`aim`) short of what the dataset aims at."""

    message: str
    path: Path | None = None
    line: int | None = None
    aim: bool = False

    def __str__(self) -> str:
        where = "" if self.path is None else f"{self.path}: " if self.line is None else f"{self.path}:{self.line}: "
        return f"{where}{self.message}"


def check(collection: Collection, made: Mapping[str, str] | None) -> Iterator[Finding]:
    """All findings; `made` are the files that `build` makes of the collection now (None: not to be compared)."""
    entries = list(collection.entries())
    yield from _parts(collection, entries)
    yield from _copies(collection, entries)
    yield from _labels(entries)
    yield from _unseen(collection, entries)
    yield from _balance(collection)
    if made is not None:
        yield from _files(collection.folder, made)


def _parts(collection: Collection, entries: list[Entry]) -> Iterator[Finding]:
    path = collection.folder / "splits.tsv"
    sources = {entry.source for entry in entries}
    for source in sorted(sources - set(collection.parts)):
        yield Finding(f"{source} has no part; run action=split", path)
    for source in sorted(set(collection.parts) - sources):
        yield Finding(f"{source} has a part but no text", path)
    events: dict[str, dict[str, str]] = defaultdict(dict)
    for entry in entries:
        if part := collection.parts.get(entry.source):
            events[entry.event].setdefault(part, entry.source)
    for event, parts in events.items():
        if len(parts) > 1:
            where = ", ".join(f"{source} in {part}" for part, source in parts.items())
            yield Finding(f"the event {event} is spread over parts ({where}); it must stay together", path)


def _copies(collection: Collection, entries: list[Entry]) -> Iterator[Finding]:
    for i, j, value in duplicates_within([entry.sentence.text for entry in entries], threshold=NEAR):
        one, other = entries[i], entries[j]
        kind = "repeats" if value == 1 else f"nearly repeats ({value:.2f})"
        parts = [collection.parts.get(e.source, "no part") for e in (one, other)]
        leak = f" and leaks from {parts[0]} to {parts[1]}" if parts[0] != parts[1] else ""
        yield Finding(f"{kind} {one.path.name}:{one.sentence.line}{leak}", other.path, other.sentence.line)


def _labels(entries: list[Entry]) -> Iterator[Finding]:
    listed = {name.entity.id for name in known_names()}
    slugs = {slug(name.text): name.entity.id for name in known_names() if name.kind == "name"}
    for entry in entries:
        s = entry.sentence
        for mention in s.mentions:
            for party in filter(None, (mention.entity, mention.represents)):
                if ":" not in party.id and party.id not in listed:
                    message = f"unknown id {party.id!r}; states have their ISO 3166 alpha-3 code, unlisted parties `type:name`"
                    yield Finding(message, entry.path, s.line)
                known = slugs.get(party.id.partition(":")[2])
                if known is not None and known != party.id and ":" not in known:
                    yield Finding(f"{party.id} is listed as {known}; use that id", entry.path, s.line)
        for label in s.labels:
            if not label.evidence:
                yield Finding(f"the position {label.actor + 1}>{label.target + 1} has no evidence", entry.path, s.line)


def _unseen(collection: Collection, entries: list[Entry]) -> Iterator[Finding]:
    held: dict[str, Entry] = {}
    for entry in entries:
        if collection.parts.get(entry.source) == "test_unseen_actors":
            held |= {m.entity.id: entry for m in entry.sentence.mentions}
    for entry in entries:
        if collection.parts.get(entry.source) == "train":
            for mention in entry.sentence.mentions:
                if mention.entity.id in held:
                    other = held.pop(mention.entity.id)
                    message = f"{mention.entity.name} is trained on, but an unseen actor in {other.path.name}:{other.sentence.line}"
                    yield Finding(message, entry.path, entry.sentence.line)


def _balance(collection: Collection) -> Iterator[Finding]:
    total = 0
    seen: Counter[str] = Counter()
    events: dict[str, set[str]] = defaultdict(set)
    sides: dict[tuple[str, str], Counter[str]] = defaultdict(Counter)
    for row in collection.pairs():
        total += 1
        for side in ("actor", "target"):
            sides[side, row[side]["id"]][row["stance"]] += 1
            events[row[side]["id"]].add(row["group"])
        seen.update({row["actor"]["id"], row["target"]["id"]})
    for party, count in seen.most_common():
        if total >= 100 and count > MOST * total:
            yield Finding(
                f"{party} stands in {count} of {total} pairs ({count / total:.1%}); at most {MOST:.0%} are allowed", collection.folder
            )
        if count >= _OFTEN and len(events[party]) > 1:  # of a party of one event nothing can be guessed elsewhere
            lacking = [
                f"{stance} as {'holder' if side == 'actor' else 'target'}"
                for side in ("actor", "target")
                for stance in ("favor", "against")
                if not sides[side, party][stance]
            ]
            if lacking:
                yield Finding(f"{party} ({count} pairs) never occurs with {', '.join(lacking)}", collection.folder, aim=True)


def _files(folder: Path, made: Mapping[str, str]) -> Iterator[Finding]:
    manifest: dict[str, Any] = {}
    place = folder / "manifest.json"
    if place.is_file():
        manifest = json.loads(place.read_text(encoding="utf-8"))
    old = manifest.get("frozen", {})
    new = json.loads(made["manifest.json"])["frozen"]
    for part in FROZEN:
        name = f"pairs/{part}.jsonl"
        if name in old and old[name] != new[name]:
            yield Finding("the frozen part has changed; undo it, or make a new version with action=split thaw=true", folder / name)
    for name, content in made.items():
        path = folder / name
        if not path.is_file():
            yield Finding("is missing; run action=split", path)
        elif name != "manifest.json" and path.read_text(encoding="utf-8") != content:
            yield Finding("does not follow from the annotations; run action=split", path)
