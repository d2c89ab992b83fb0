"""The records that pass between the stages: Article, Sentence, Mention, Pair, LabelledPair, Position.

Offsets are in characters, end-exclusive. Wherever a record holds both a span and its text, `outer[start:end] == text`.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass, field
from typing import Any, Literal

Stance = Literal["favor", "against", "neutral"]
EntityType = Literal["state", "body", "group", "person", "other"]
Attribution = Literal["writer", "quotation", "reported"]

#: Label order of every stance probability matrix, (n, 3).
STANCES: tuple[Stance, ...] = ("favor", "against", "neutral")
ENTITY_TYPES: tuple[EntityType, ...] = ("state", "body", "group", "person", "other")
ATTRIBUTIONS: tuple[Attribution, ...] = ("writer", "quotation", "reported")


@dataclass(frozen=True, slots=True)
class Span:
    """A stretch of characters, end-exclusive."""

    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Article:
    """One news article as it was read; `text` is the original that all sentence offsets refer to."""

    id: str
    text: str
    title: str | None = None
    date: str | None = None  # ISO 8601 day, where known
    outlet: str | None = None
    url: str | None = None
    source: str | None = None  # the file (and row) it was read from


@dataclass(frozen=True, slots=True)
class Sentence:
    """One sentence of an article: `article.text[start:end] == text`.

    `id` is `<article_id>:<position>`, counted from 0. `kind` is "title" for the headline, else "body".
    """

    article_id: str
    id: str
    text: str
    start: int
    end: int
    paragraph: int = 0
    kind: Literal["title", "body"] = "body"


@dataclass(frozen=True, slots=True)
class Entity:
    """A canonical party. States have their ISO 3166 alpha-3 code as `id`; well-known bodies their acronym;
    all others `<type>:<slug of the name>`."""

    name: str
    id: str
    type: EntityType


@dataclass(frozen=True, slots=True)
class Mention:
    """An entity named in a sentence; `start` and `end` are offsets in the sentence.

    `represents` is the state or body that a person speaks for, where the article says so.
    """

    text: str
    start: int
    end: int
    entity: Entity
    represents: Entity | None = None

    @property
    def span(self) -> Span:
        return Span(self.start, self.end)


@dataclass(frozen=True, slots=True)
class Pair:
    """The input of a stance model: a directed pair of spans in a text.

    `actor` is None where the holder is the writer or is not stated (author sentiment toward a target).
    """

    text: str
    actor: Span | None
    target: Span

    def mention(self, role: Literal["actor", "target"]) -> str:
        """The marked words of one side ("" for an unstated actor)."""
        span = self.actor if role == "actor" else self.target
        return "" if span is None else self.text[span.start : span.end]


@dataclass(frozen=True, slots=True)
class LabelledPair:
    """A pair with its gold labels. A label that the set does not give is None.

    `group` ties together examples that must not be parted by a split (article, story or event). `actor_id` and
    `target_id` are canonical where the set gives them, else the mention itself. `tags` are hard-case types.
    `scheme` names the label conventions the example was annotated by (`positions`, `dse`, `seesaw`, `plv`, `newsmtsc`).
    """

    id: str
    pair: Pair
    stance: Stance | None
    alleges_bias: bool | None = None
    attribution: Attribution | None = None
    article_id: str = ""
    group: str = ""
    actor_id: str = ""
    target_id: str = ""
    annotator: str = ""
    source: str = ""
    scheme: str = "positions"
    evidence: tuple[Span, ...] = ()
    tags: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class LabelledSentence:
    """A sentence with the label of the media-bias task (True: slanted wording)."""

    id: str
    text: str
    media_bias: bool
    group: str = ""
    source: str = ""


@dataclass(frozen=True, slots=True)
class NliExample:
    """A premise and a hypothesis with the gold relation."""

    id: str
    premise: str
    hypothesis: str
    label: Literal["entailment", "neutral", "contradiction"]
    source: str = ""


@dataclass(frozen=True, slots=True)
class Position:
    """One line of `src.label`'s output: an actor's position toward a target in one sentence."""

    article_id: str
    sentence_id: str
    sentence: str
    start: int
    end: int
    actor: Mention
    target: Mention
    stance: Stance
    stance_probs: dict[Stance, float]
    alleges_bias: bool
    alleges_bias_prob: float
    media_bias_prob: float
    attribution: Attribution
    evidence: tuple[Span, ...] = field(default=())

    def to_json(self) -> dict[str, Any]:
        """The object of the output contract."""

        def party(mention: Mention) -> dict[str, Any]:
            other = mention.represents
            return {
                "name": mention.entity.name,
                "id": mention.entity.id,
                "type": mention.entity.type,
                "mention": mention.text,
                "start": mention.start,
                "end": mention.end,
                "represents": None if other is None else {"name": other.name, "id": other.id},
            }

        return {
            "article_id": self.article_id,
            "sentence_id": self.sentence_id,
            "sentence": self.sentence,
            "start": self.start,
            "end": self.end,
            "actor": party(self.actor),
            "target": party(self.target),
            "stance": self.stance,
            "stance_probs": {name: round(prob, 4) for name, prob in self.stance_probs.items()},
            "alleges_bias": self.alleges_bias,
            "alleges_bias_prob": round(self.alleges_bias_prob, 4),
            "media_bias_prob": round(self.media_bias_prob, 4),
            "attribution": self.attribution,
            "evidence": [asdict(span) for span in self.evidence],
        }
