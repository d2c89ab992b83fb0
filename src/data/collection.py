"""The labelled dataset as it lies in a folder: the written form of each annotator, the parts, and the files made of them.

annotations/<annotator>/<name>.txt   the source of everything: articles, or lists of sentences
splits.tsv                           which article or sentence belongs to which part
pairs/ sentences/ <part>.jsonl, articles.jsonl, annotations.jsonl, croissant.json, manifest.json     made by `build`
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from src.data.croissant import croissant
from src.data.notation import AnnotatedSentence, AnnotatedText, read_annotated, read_sentence
from src.data.rows import pairs_of
from src.errors import InputError, unknown_value
from src.files import write_atomically

PARTS = ("train", "validation", "test", "test_unseen_actors", "test_invented")
#: Parts that never change within a version of the dataset.
FROZEN = PARTS[2:]
AUTHOR = "author"
#: The author's reading, but the adjudicated one where there is one.
GOLD = "gold"
_HEAD = "source\tpart"

OnError = Callable[[InputError], None]


@dataclass(frozen=True)
class Entry:
    """One sentence in its place: `source` is the article or, in a list of sentences, the sentence itself."""

    id: str
    source: str
    event: str
    path: Path
    sentence: AnnotatedSentence


@dataclass(frozen=True)
class Collection:
    """All texts of one annotator by name, and the part of each source."""

    folder: Path
    annotator: str
    texts: Mapping[str, AnnotatedText]
    parts: Mapping[str, str] = field(default_factory=dict)

    def entries(self) -> Iterator[Entry]:
        """Every sentence, in the order of the files."""
        for name, text in self.texts.items():
            article = bool(text.fields.get("title"))
            path = self.folder / "annotations" / (AUTHOR if self.annotator == GOLD else self.annotator) / f"{name}.txt"
            for number, sentence in enumerate(text.sentences):
                identity = f"{name}-{number:03d}"
                source = name if article else identity
                yield Entry(identity, source, text.fields.get("event", source) if article else source, path, sentence)

    def pairs(self) -> Iterator[dict[str, Any]]:
        """The rows of the `pairs` contract, with their `part` ("" where none is assigned)."""
        for name, text in self.texts.items():
            for row in pairs_of(text, name=name, annotator=self.annotator):
                yield row | {"part": self.parts.get(row["article_id"], "")}


def read_collection(folder: Path, annotator: str = GOLD, *, on_error: OnError | None = None) -> Collection:
    """Read the texts of an annotator (or of `GOLD`) and the parts; a faulty file is told to `on_error` and left out.

    Raises:
        InputError: there is no such annotator; or a file is faulty and no `on_error` is given.
    """
    place = folder / "annotations" / (AUTHOR if annotator == GOLD else annotator)
    if not place.is_dir():
        raise InputError("no such folder of annotated texts; data/annotations/<annotator>/*.txt is expected", path=place)
    texts: dict[str, AnnotatedText] = {}
    for path in sorted(place.glob("*.txt")):
        try:
            texts[path.stem] = read_annotated(path)
        except InputError as error:
            if on_error is None:
                raise
            on_error(error)
    try:
        parts = read_parts(folder / "splits.tsv")
    except InputError as error:
        if on_error is None:
            raise
        on_error(error)
        parts = {}
    if annotator == GOLD:
        try:
            texts = _adjudicated(texts, folder / "adjudication.tsv")
        except InputError as error:
            if on_error is None:
                raise
            on_error(error)
    return Collection(folder, annotator, texts, parts)


def _adjudicated(texts: dict[str, AnnotatedText], path: Path) -> dict[str, AnnotatedText]:
    """The texts with the readings of an adjudication file in place of the author's."""
    readings: dict[str, AnnotatedSentence] = {}
    for number, line in enumerate(path.read_text(encoding="utf-8").splitlines() if path.is_file() else [], 1):
        if number == 1 or not line.strip():
            continue
        cells = line.split("\t")
        if len(cells) != 3 or not all(cells):
            raise InputError(
                "three columns are expected: the sentence's id, its reading in the written form, the reason", path=path, line=number
            )
        readings[cells[0]] = read_sentence(cells[1], {}, path, number)
    found = {}
    for name, text in texts.items():
        number = 0
        blocks: list[list[AnnotatedSentence] | str] = []
        for block in text.blocks:
            if isinstance(block, str):
                blocks.append(block)
                continue
            sentences = []
            for sentence in block:
                reading = readings.pop(f"{name}-{number:03d}", sentence)
                if reading.text != sentence.text:
                    raise InputError(f"{name}-{number:03d}: the adjudicated sentence has other words", path=path, line=reading.line)
                sentences.append(replace(reading, tags=sentence.tags, line=sentence.line))
                number += 1
            blocks.append(sentences)
        found[name] = AnnotatedText(text.fields, blocks)
    if readings:
        raise InputError(f"no such sentence: {next(iter(readings))}", path=path)
    return found


def read_parts(path: Path) -> dict[str, str]:
    """Source to part.

    Raises:
        InputError: a line does not hold a source and a known part, or a source stands twice.
    """
    parts: dict[str, str] = {}
    if not path.is_file():
        return parts
    for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
        if not line.strip() or line == _HEAD:
            continue
        source, tab, part = line.partition("\t")
        if not tab or part not in PARTS:
            raise InputError(unknown_value("part", part, PARTS), path=path, line=number)
        if source in parts:
            raise InputError(f"{source} stands twice; every source has one part", path=path, line=number)
        parts[source] = part
    return parts


def assign(collection: Collection, *, seed: int) -> dict[str, str]:
    """The part of every source: as it was, or for a new one drawn by its event, eight of ten for training."""
    events: dict[str, str] = {}
    for entry in collection.entries():
        if part := collection.parts.get(entry.source):
            events.setdefault(entry.event, part)

    def drawn(event: str) -> str:
        tenth = int(hashlib.sha256(f"{seed}:{event}".encode()).hexdigest(), 16) % 10
        return "validation" if tenth == 0 else "test" if tenth == 1 else "train"

    return {e.source: collection.parts.get(e.source) or events.setdefault(e.event, drawn(e.event)) for e in collection.entries()}


def build(collection: Collection, *, version: str) -> dict[str, str]:
    """The content of every file that is made of the written form, by its path inside the folder."""
    files: dict[str, str] = {"splits.tsv": _HEAD + "\n" + "".join(f"{s}\t{p}\n" for s, p in sorted(collection.parts.items()))}
    pairs: dict[str, list[dict[str, Any]]] = {part: [] for part in PARTS}
    for row in collection.pairs():
        pairs[row.pop("part")].append(row)
    sentences: dict[str, list[dict[str, Any]]] = {part: [] for part in PARTS}
    for entry in collection.entries():
        s = entry.sentence
        sentences[collection.parts[entry.source]].append(
            {
                "id": entry.id,
                "text": s.text,
                "media_bias": s.media_bias,
                "tags": list(s.tags),
                "article_id": entry.source,
                "group": entry.event,
            }
        )
    for part in PARTS:
        files[f"pairs/{part}.jsonl"] = _lines(pairs[part])
        files[f"sentences/{part}.jsonl"] = _lines(sentences[part])
    files["articles.jsonl"] = _lines(_articles(collection))
    files["annotations.jsonl"] = _lines(_annotations(collection.folder))
    checksums = {name: hashlib.sha256(content.encode()).hexdigest() for name, content in sorted(files.items())}
    frozen = [f"pairs/{part}.jsonl" for part in FROZEN]
    files["croissant.json"] = croissant(checksums, version)
    manifest = {"version": version, "files": checksums, "frozen": {name: checksums[name] for name in frozen}}
    return files | {"manifest.json": json.dumps(manifest, indent=2) + "\n"}


def write_files(folder: Path, files: Mapping[str, str]) -> None:
    """Write the made files, each at once or not at all."""
    for name, content in files.items():
        write_atomically(folder / name, content)


def _articles(collection: Collection) -> Iterator[dict[str, Any]]:
    for name, text in collection.texts.items():
        if not text.fields.get("title"):
            continue
        parts = [block if isinstance(block, str) else " ".join(s.text for s in block) for block in text.blocks]
        known = {key: text.fields.get(key) for key in ("title", "date", "outlet", "outlet_type", "event")}
        yield {"id": name, **known, "text": "\n\n".join(parts), "part": collection.parts[name], "constructed": True}


def _annotations(folder: Path) -> Iterator[dict[str, Any]]:
    """Every annotator's reading of every sentence, before any adjudication."""
    for place in sorted(p for p in (folder / "annotations").iterdir() if p.is_dir()):
        collection = read_collection(folder, place.name)
        for entry in collection.entries():
            s = entry.sentence
            yield {
                "id": entry.id,
                "annotator": place.name,
                "text": s.text,
                "mentions": [
                    {"start": m.start, "end": m.end, "id": m.entity.id, "represents": m.represents.id if m.represents else None}
                    for m in s.mentions
                ],
                "positions": [
                    {
                        "actor": label.actor, "target": label.target, "stance": label.stance, "alleges_bias": label.alleges_bias,
                        "attribution": label.attribution, "evidence": [{"start": e.start, "end": e.end} for e in label.evidence],
                    }
                    for label in s.labels
                ],
                "media_bias": s.media_bias,
            }  # fmt: skip


def _lines(rows: Iterable[Mapping[str, Any]]) -> str:
    return "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows)
