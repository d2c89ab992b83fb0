"""From the written form of the dataset to its `pairs`: every ordered pair of different parties in every sentence."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from src.data.notation import AnnotatedSentence, AnnotatedText
from src.records import Mention


def pairs_of(text: AnnotatedText, *, name: str, annotator: str) -> Iterator[dict[str, Any]]:
    """The rows of one file in the `pairs` contract; `name` is the article's id (an article has a `title` in its head).

    Sentences of a file without a head are events of their own.
    """
    article = bool(text.fields.get("title"))
    for number, sentence in enumerate(text.sentences):
        source = name if article else f"{name}-{number:03d}"
        for row in _sentence_pairs(sentence, f"{name}-{number:03d}"):
            yield row | {
                "article_id": source,
                "group": text.fields.get("event", source) if article else source,
                "annotator": annotator,
                "source": "stancelab",
                "constructed": True,
            }


def _sentence_pairs(sentence: AnnotatedSentence, identity: str) -> Iterator[dict[str, Any]]:
    labels = {(label.actor, label.target): label for label in sentence.labels}
    for i, actor in enumerate(sentence.mentions):
        for j, target in enumerate(sentence.mentions):
            label = labels.get((i, j))
            if i == j or (label is None and _one_party(actor, target)):
                continue
            yield {
                "id": f"{identity}-{i + 1}-{j + 1}",
                "text": sentence.text,
                "actor": _party(actor),
                "target": _party(target),
                "stance": label.stance if label else "neutral",
                "alleges_bias": bool(label and label.alleges_bias),
                "attribution": label.attribution if label else None,
                "evidence": [{"start": span.start, "end": span.end} for span in label.evidence] if label else [],
                "tags": list(sentence.tags),
            }


def _one_party(actor: Mention, target: Mention) -> bool:
    """Two mentions of one party, or of a person and the state represented."""
    ids = {actor.entity.id} | ({actor.represents.id} if actor.represents else set())
    others = {target.entity.id} | ({target.represents.id} if target.represents else set())
    return bool(ids & others)


def _party(mention: Mention) -> dict[str, Any]:
    other = mention.represents
    return {
        "start": mention.start,
        "end": mention.end,
        "mention": mention.text,
        "name": mention.entity.name,
        "id": mention.entity.id,
        "type": mention.entity.type,
        "represents": None if other is None else {"name": other.name, "id": other.id},
    }
