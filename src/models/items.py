"""What a one-pass model reads in training and answering: tokenised sentences with the directed pairs that ride along."""

from __future__ import annotations

from dataclasses import dataclass

from src.records import Span


@dataclass(frozen=True)
class Gold:
    """Labels of one pair; -1 (or None) where unknown."""

    stance: int = -1
    bias: int = -1
    attribution: int = -1
    evidence: tuple[Span, ...] | None = None
    scheme: int = 0
    #: probabilities of a teacher: the stances, then alleged bias
    soft: tuple[float, ...] | None = None


@dataclass(frozen=True)
class Item:
    """A tokenised sentence with the pairs that ride along.

    `spans` holds for each pair the token ranges (actor_start, actor_end, target_start, target_end), end-exclusive.
    """

    ids: tuple[int, ...]
    offsets: tuple[tuple[int, int], ...]
    spans: tuple[tuple[int, int, int, int], ...]
    gold: tuple[Gold, ...] = ()
    media_bias: int = -1
    rows: tuple[int, ...] = ()

    @property
    def length(self) -> int:
        return len(self.ids) + 2 * len(self.spans)
