"""The written form of the labelled dataset: sentences with their parties and positions marked in the line (GUIDELINES, section 7).

`{Lima} praised the {court=body:court-of-arms}. | 1>2 f w praised | tags=active`
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

from src.actors.gazetteer import known_names, slug
from src.errors import InputError, unknown_value
from src.records import Attribution, Entity, Mention, Span, Stance

#: Types of hard cases that a sentence may carry.
TAGS = (
    "active", "passive", "inversion", "reported", "nested", "quotation", "negation", "modality", "irony", "mixed", "mutual", "denial",
    "evenhanded", "othersense", "metonym", "place", "ambiguous", "pronoun", "act", "plain", "bias", "slanted", "other",
)  # fmt: skip

_MARK = re.compile(r"\{(?P<text>[^{}=]+)(?P<id>=(?P<spec>[^{}]*))?\}")
_LABEL = re.compile(r"(?P<actor>\d+)\s*>\s*(?P<target>\d+)\s+(?P<stance>ab|a|f)\s+(?P<voice>[wqr])\s*(?P<words>.*)", re.S)
_STANCE: dict[str, Stance] = {"f": "favor", "a": "against", "ab": "against"}
_VOICE: dict[str, Attribution] = {"w": "writer", "q": "quotation", "r": "reported"}


@dataclass(frozen=True, slots=True)
class Label:
    """One position: indices into the sentence's mentions, and the words that carry it."""

    actor: int
    target: int
    stance: Stance
    alleges_bias: bool
    attribution: Attribution
    evidence: tuple[Span, ...] = ()


@dataclass(frozen=True, slots=True)
class AnnotatedSentence:
    """One sentence with its labels; a pair of mentions without a label is neutral. `line` is its place in the file."""

    text: str
    mentions: tuple[Mention, ...]
    labels: tuple[Label, ...]
    tags: tuple[str, ...]
    line: int

    @property
    def media_bias(self) -> bool:
        """Whether the sentence's own wording is slanted."""
        return "slanted" in self.tags


@dataclass(frozen=True, slots=True)
class AnnotatedText:
    """A file of the written form: an article (with `fields` and paragraphs) or a list of sentences.

    `blocks` are paragraphs: a list of sentences each, or one heading or byline as a string.
    """

    fields: dict[str, str]
    blocks: list[list[AnnotatedSentence] | str] = field(default_factory=list)

    @property
    def sentences(self) -> Iterator[AnnotatedSentence]:
        """All sentences in their order."""
        return (sentence for block in self.blocks if not isinstance(block, str) for sentence in block)


def read_annotated(path: Path) -> AnnotatedText:
    """Read one file of the written form.

    Raises:
        InputError: the file is missing or not UTF-8, or a line breaks the form (the message says how it should be).
    """
    try:
        lines = path.read_text(encoding="utf-8-sig").splitlines()
    except FileNotFoundError:
        raise InputError("no such file of annotated sentences", path=path) from None
    except UnicodeDecodeError:
        raise InputError("the file is not UTF-8; save it as UTF-8", path=path) from None
    fields: dict[str, str] = {}
    start = 0
    if lines and lines[0].strip() == "---":
        start = next((i for i, line in enumerate(lines[1:], 1) if line.strip() == "---"), 0) + 1
        if start == 1:
            raise InputError("the head has no end; close it with a line ---", path=path, line=1)
        for number, line in enumerate(lines[1 : start - 1], 2):
            key, colon, value = line.partition(":")
            if not colon:
                raise InputError(f"{line!r} in the head is not `key: value`", path=path, line=number)
            fields[key.strip()] = value.strip()
    result = AnnotatedText(fields)
    names: dict[str, Entity] = {}
    paragraph: list[AnnotatedSentence] = []
    for number, line in enumerate([*lines[start:], ""], start + 1):
        if line.startswith("#"):
            continue
        if not line.strip() or "|" not in line:
            if paragraph:
                result.blocks.append(paragraph)
                paragraph = []
            if line.strip():
                if "{" in line:
                    raise InputError("a sentence needs ` | ` and its labels (none: leave them empty)", path=path, line=number)
                result.blocks.append(line.strip())
            continue
        paragraph.append(read_sentence(line, names, path, number))
    return result


def read_sentence(line: str, names: dict[str, Entity], path: Path, number: int) -> AnnotatedSentence:
    """One line of the written form; `names` remembers the parties named so far.

    Raises:
        InputError: the line breaks the form; names `path` and `number`.
    """
    body, _, rest = line.partition(" | ") if " | " in line else line.partition("|")
    labels_text, _, tail = rest.partition("|") if "|" in rest else ("", "", rest) if "tags=" in rest else (rest, "", "")
    text, mentions, indices = _marks(body.strip(), names, path, number)
    tags = tuple(tag.strip() for tag in tail.strip().removeprefix("tags=").split(",") if tag.strip() not in ("", "none"))
    for tag in tags:
        if tag not in TAGS:
            raise InputError(unknown_value("tag", tag, TAGS), path=path, line=number)
    labels: list[Label] = []
    for part in re.split(r"\s*;\s*(?=\d+\s*>\s*\d+ )", labels_text.strip().strip(";").strip()):
        if not part:
            continue
        found = _LABEL.fullmatch(part.strip())
        if found is None:
            raise InputError(f"{part!r} is no label; write `1>2 f|a|ab w|q|r evidence`", path=path, line=number)
        sides = [indices.get(int(found[side])) for side in ("actor", "target")]
        if None in sides or sides[0] == sides[1]:
            raise InputError(f"{part!r}: the sentence has no two such parties; it has {sorted(indices)}", path=path, line=number)
        evidence = []
        for words in filter(None, (part.strip() for part in found["words"].split(" && "))):
            at = text.find(words)
            if at < 0:
                raise InputError(f"the evidence {words!r} does not stand in the sentence", path=path, line=number)
            evidence.append(Span(at, at + len(words)))
        actor, target = sides
        assert actor is not None and target is not None
        labels.append(Label(actor, target, _STANCE[found["stance"]], found["stance"] == "ab", _VOICE[found["voice"]], tuple(evidence)))
    if len({(label.actor, label.target) for label in labels}) < len(labels):
        raise InputError("the same pair is labelled twice", path=path, line=number)
    return AnnotatedSentence(text, tuple(mentions), tuple(labels), tags, number)


def _marks(body: str, names: dict[str, Entity], path: Path, number: int) -> tuple[str, list[Mention], dict[int, int]]:
    """The plain text, its mentions, and for each number of a mark (from 1) the index of its mention; places have none."""
    text, position = "", 0
    mentions: list[Mention] = []
    indices: dict[int, int] = {}
    for count, mark in enumerate(_MARK.finditer(body), 1):
        text += body[position : mark.start()]
        position = mark.end()
        start = len(text)
        text += mark["text"]
        if mark["id"] is not None and not mark["spec"]:
            continue
        identity, _, represented = (mark["spec"] or "").partition("@")
        entity = _entity(mark["text"], identity, names)
        if entity is None:
            raise InputError(f"who is {mark['text']!r}? write {{{mark['text']}=ID}}", path=path, line=number)
        other = _by_id(represented, represented.partition(":")[2].replace("-", " ").title() or represented) if represented else None
        indices[count] = len(mentions)
        mentions.append(Mention(mark["text"], start, len(text), entity, other))
    text += body[position:]
    if "{" in text or "}" in text:
        raise InputError("an unpaired { or }; write {mention} or {mention=ID}", path=path, line=number)
    return text, mentions, indices


def _entity(mention: str, identity: str, names: dict[str, Entity]) -> Entity | None:
    if not identity:
        return known(mention)
    if identity in names:
        return names[identity]
    name = mention if mention[:1].isupper() and ":" in identity else identity.partition(":")[2].replace("-", " ").title()
    entity = _by_id(identity, name or mention)
    if mention[:1].isupper():
        names[identity] = entity
    return entity


@cache
def _listed() -> tuple[dict[str, Entity], dict[str, Entity]]:
    by_name: dict[str, Entity] = {}
    by_id: dict[str, Entity] = {}
    for name in known_names():
        if name.kind != "ignore":
            by_name.setdefault(name.text.replace("’", "'"), name.entity)
            by_id.setdefault(name.entity.id, name.entity)
    return by_name, by_id


def known(mention: str) -> Entity | None:
    """The listed party of this name, demonym, capital or seat."""
    by_name, _ = _listed()
    plain = mention.replace("’", "'")
    return by_name.get(plain) or by_name.get(f"the {plain}") or by_name.get(f"The {plain}")


def _by_id(identity: str, name: str) -> Entity:
    _, by_id = _listed()
    if identity in by_id:
        return by_id[identity]
    kind = identity.partition(":")[0]
    if kind == "state":
        return Entity(name, identity, "state")
    if kind == "group":
        return Entity(name, identity, "group")
    if kind == "person":
        return Entity(name, identity, "person")
    return Entity(name, identity, "other" if kind == "other" else "body")


def plain_id(name: str, kind: str) -> str:
    """The id of a party that no list holds: its type and the slug of its name."""
    return f"{kind}:{slug(name)}"
