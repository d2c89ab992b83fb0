"""The only file that knows the order of the stages: articles -> sentences -> actors -> pairs -> stances -> positions."""

from __future__ import annotations

import logging
import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from itertools import islice
from typing import TYPE_CHECKING, Protocol, TypeVar

from src.errors import InputError
from src.models.base import PairScores, StanceModel
from src.records import ATTRIBUTIONS, STANCES, Article, Attribution, Mention, Pair, Position, Sentence, Stance

if TYPE_CHECKING:
    from src.corpus import CorpusReader

log = logging.getLogger(__name__)
T = TypeVar("T")


@dataclass
class Counts:
    """What a labelling run saw: articles read and skipped (by reason), sentences, pairs, positions, faulty inputs."""

    articles: int = 0
    sentences: int = 0
    pairs: int = 0
    positions: int = 0
    skipped: Counter[str] = field(default_factory=Counter)
    faults: list[str] = field(default_factory=list)

    def summary(self) -> str:
        """One line for the end of a run."""
        parts = [f"{self.articles} articles", f"{self.sentences} sentences", f"{self.pairs} directed pairs"]
        parts.append(f"{self.positions} positions")
        parts += [f"{count} skipped ({reason})" for reason, count in sorted(self.skipped.items())]
        if self.faults:
            parts.append(f"{len(self.faults)} faulty inputs")
        return ", ".join(parts)


@dataclass(frozen=True)
class Labelled:
    """An article with what was found in it."""

    article: Article
    sentences: list[Sentence]
    positions: list[Position]


@dataclass(frozen=True)
class Thresholds:
    """When a pair is written as a position, and when that position alleges bias."""

    stance: float = 0.5
    bias: float = 0.5
    keep_neutral: bool = False


class Actors(Protocol):
    """What finds the parties in the sentences of articles."""

    def find_many(
        self, articles: Iterable[Sequence[Sentence]], *, dates: Sequence[str | None] | None = None
    ) -> Iterator[list[list[Mention]]]:
        """The mentions of every sentence, an article at a time; `dates` has one day an article."""
        ...


class Labeller:
    """Labels articles: finds the actors, asks the model about every directed pair, keeps what is a position."""

    def __init__(
        self,
        corpus: CorpusReader,
        actors: Actors,
        model: StanceModel,
        *,
        thresholds: Thresholds | None = None,
        max_mentions: int = 12,
        batch_articles: int = 32,
    ) -> None:
        self.corpus, self.actors, self.model = corpus, actors, model
        self.thresholds = thresholds or Thresholds()
        self.max_mentions = max_mentions
        self.batch_articles = batch_articles
        self.counts = Counts()

    def label(self, path: str, *, skip: int = 0, on_fault: Callable[[InputError], None] | None = None) -> Iterator[Labelled]:
        """Label every article of a file, folder or glob, in order, a batch at a time.

        `skip` passes over so many articles that an earlier, interrupted run has labelled already. A faulty input is reported
        through `on_fault` and in `counts`, and the rest goes on.
        """

        def fault(error: InputError) -> None:
            self.counts.faults.append(str(error))
            if on_fault is not None:
                on_fault(error)

        def readable() -> Iterator[tuple[Article, list[Sentence]]]:
            for item in self.corpus.articles(path, on_error=fault):
                if item.skipped is not None:
                    self.counts.skipped[item.skipped.reason] += 1
                    log.info("skipped %s: %s", item.article.id, item.skipped)
                else:
                    yield item.article, item.sentences

        stream = islice(readable(), skip, None)
        batches = iter(lambda: list(islice(stream, self.batch_articles)), [])
        for batch, mentions in ahead((batch, self._find(batch)) for batch in batches):
            yield from self._answer(batch, mentions)

    def label_articles(self, batch: Sequence[tuple[Article, list[Sentence]]]) -> list[Labelled]:
        """Label articles that are already split into sentences."""
        return self._answer(batch, self._find(batch))

    def _find(self, batch: Sequence[tuple[Article, list[Sentence]]]) -> list[list[list[Mention]]]:
        return list(self.actors.find_many([sentences for _, sentences in batch], dates=[article.date for article, _ in batch]))

    def _answer(self, batch: Sequence[tuple[Article, list[Sentence]]], mentions: list[list[list[Mention]]]) -> list[Labelled]:
        pairs: list[Pair] = []
        where: list[tuple[int, Sentence, Mention, Mention]] = []
        for number, ((_, sentences), found) in enumerate(zip(batch, mentions, strict=True)):
            for sentence, named in zip(sentences, found, strict=True):
                for actor, target in directed_pairs(named[: self.max_mentions]):
                    pairs.append(Pair(sentence.text, actor.span, target.span))
                    where.append((number, sentence, actor, target))
        scores = self.model.predict(pairs) if pairs else None
        positions: list[list[Position]] = [[] for _ in batch]
        if scores is not None:
            slants = self._slants(scores, [sentence for _, sentence, _, _ in where])
            for row in _chosen(scores, where, self.thresholds):
                number, sentence, actor, target = where[row]
                position = _position(row, sentence, actor, target, scores, slants[row], self.thresholds)
                positions[number].append(position)
        positions = [_one_target(_one_of_owner_and_owned(found)) for found in positions]
        labelled = [Labelled(article, sentences, found) for (article, sentences), found in zip(batch, positions, strict=True)]
        self.counts.articles += len(batch)
        self.counts.sentences += sum(len(sentences) for _, sentences in batch)
        self.counts.pairs += len(pairs)
        self.counts.positions += sum(len(found) for found in positions)
        return labelled

    def _slants(self, scores: PairScores, sentences: Sequence[Sentence]) -> list[float]:
        if scores.media_bias is not None:
            return [float(value) for value in scores.media_bias]
        distinct = list(dict.fromkeys(sentence.text for sentence in sentences))
        by_text = dict(zip(distinct, self.model.media_bias(distinct), strict=True))
        return [float(by_text[sentence.text]) for sentence in sentences]


def ahead(items: Iterator[T]) -> Iterator[T]:
    """The same items, the next one made in a thread of its own while this one is used: articles are read while the model answers."""
    with ThreadPoolExecutor(1) as worker:
        upcoming = worker.submit(next, items, None)
        while (item := upcoming.result()) is not None:
            upcoming = worker.submit(next, items, None)
            yield item


def directed_pairs(mentions: Sequence[Mention]) -> Iterable[tuple[Mention, Mention]]:
    """Every ordered pair of mentions of two different parties, apart from a person and who that person represents."""
    for actor in mentions:
        for target in mentions:
            if actor is target or actor.entity.id == target.entity.id:
                continue
            if actor.start < target.end and target.start < actor.end:
                continue  # "both sides": one span for two parties
            represented = {m.represents.id for m in (actor, target) if m.represents is not None}
            if actor.entity.id in represented or target.entity.id in represented:
                continue
            yield actor, target


def _chosen(scores: PairScores, where: Sequence[tuple[int, Sentence, Mention, Mention]], thresholds: Thresholds) -> list[int]:
    """The rows to write: of several mentions of the same two parties in a sentence the one that takes a position most clearly."""
    best: dict[tuple[str, str, str], int] = {}
    for row, (_, sentence, actor, target) in enumerate(where):
        key = (sentence.id, actor.entity.id, target.entity.id)
        if key not in best or scores.stance[row, :2].max() > scores.stance[best[key], :2].max():
            best[key] = row
    return [row for row in sorted(best.values()) if thresholds.keep_neutral or _stance(scores, row, thresholds) != "neutral"]


def _stance(scores: PairScores, row: int, thresholds: Thresholds) -> Stance:
    label = int(scores.stance[row, :2].argmax())
    return STANCES[label] if scores.stance[row, label] >= thresholds.stance else "neutral"


def _position(
    row: int,
    sentence: Sentence,
    actor: Mention,
    target: Mention,
    scores: PairScores,
    slant: float,
    thresholds: Thresholds,
) -> Position:
    stance = _stance(scores, row, thresholds)
    bias = float(scores.alleges_bias[row])
    voice: Attribution = (
        ATTRIBUTIONS[int(scores.attribution[row].argmax())] if scores.attribution is not None else attribution_by_form(sentence.text)
    )
    return Position(
        article_id=sentence.article_id,
        sentence_id=sentence.id,
        sentence=sentence.text,
        start=sentence.start,
        end=sentence.end,
        actor=actor,
        target=target,
        stance=stance,
        stance_probs={name: float(scores.stance[row, k]) for k, name in enumerate(STANCES)},
        alleges_bias=stance == "against" and bias >= thresholds.bias,
        alleges_bias_prob=bias,
        media_bias_prob=slant,
        attribution=voice,
        evidence=scores.evidence[row] if scores.evidence is not None and stance != "neutral" else (),
    )


def _one_target(positions: Sequence[Position]) -> list[Position]:
    """Of several allegations of bias by one party in a sentence only the likeliest stays one; the others remain plain positions.

    Whoever is charged with bias is charged with it toward somebody, who is named in the same breath and easily taken for a second target.
    In the training part 426 of 428 parties that allege bias in a sentence do so of one target.
    """
    likeliest: dict[tuple[str, str], Position] = {}
    for position in positions:
        if position.alleges_bias:
            held = likeliest.setdefault(_holder(position), position)
            if _strength(position) > _strength(held):
                likeliest[_holder(position)] = position
    return [
        replace(position, alleges_bias=False) if position.alleges_bias and likeliest[_holder(position)] is not position else position
        for position in positions
    ]


def _holder(position: Position) -> tuple[str, str]:
    """The sentence, and for whom the actor speaks there."""
    return position.sentence_id, (position.actor.represents or position.actor.entity).id


def _strength(position: Position) -> float:
    return position.alleges_bias_prob * position.stance_probs["against"]


#: `Morocco's`, `Tunisia's judges'`: what stands between an owner and what it owns.
_OWNED = re.compile(r"['’]s? (?:[a-z]+(?:['’]s?)? ){0,2}")


def _one_of_owner_and_owned(positions: Sequence[Position]) -> list[Position]:
    """Of a state and its own institution in one position only the likelier stays: `Morocco's federation accused FIFA` has one holder."""
    by_sentence: dict[str, list[Position]] = {}
    for position in positions:
        by_sentence.setdefault(position.sentence_id, []).append(position)

    def twice(weaker: Position, other: Position) -> bool:
        if weaker.stance != other.stance or _sureness(weaker) >= _sureness(other):
            return False
        return (weaker.target == other.target and _owned(weaker.sentence, weaker.actor, other.actor)) or (
            weaker.actor == other.actor and _owned(weaker.sentence, weaker.target, other.target)
        )

    return [p for p in positions if not any(twice(p, other) for other in by_sentence[p.sentence_id])]


def _owned(sentence: str, one: Mention, other: Mention) -> bool:
    """True where one of the two is a state and the other a body or group that stands behind its possessive."""
    first, second = sorted((one, other), key=lambda mention: mention.start)
    if first.entity.type != "state" or second.entity.type not in ("body", "group"):
        return False
    return _OWNED.fullmatch(sentence[first.end : second.start]) is not None


def _sureness(position: Position) -> float:
    return position.stance_probs[position.stance]


_SPEECH = ("said", "says", "told", "according to", "citing", "accused", "stated", "reportedly", "claimed", "argued")


def attribution_by_form(sentence: str) -> Attribution:
    """The voice by surface signs, for models that do not learn it: quotation marks, then a verb of speech."""
    if sum(sentence.count(mark) for mark in '"“”') >= 2:
        return "quotation"
    lowered = f" {sentence.lower()} "
    return "reported" if any(f" {word} " in lowered for word in _SPEECH) else "writer"
