"""The one narrow interface behind which every model stands."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from src.records import LabelledPair, LabelledSentence, NliExample, Pair, Span

if TYPE_CHECKING:
    import numpy as np

    from src.models.training import History


@dataclass(frozen=True)
class TrainingData:
    """All a model may learn from, one list a kind of label; a model takes what it can use."""

    pairs: Sequence[LabelledPair] = ()
    sentences: Sequence[LabelledSentence] = ()
    nli: Sequence[NliExample] = ()


@dataclass(frozen=True)
class PairScores:
    """What a model says of n directed pairs.

    Attributes:
        stance: probabilities (n, 3), columns in the order of `STANCES`, rows sum to 1.
        alleges_bias: probability (n,) that the actor alleges bias of the target; NaN where the model cannot tell.
        attribution: probabilities (n, 3), columns in the order of `ATTRIBUTIONS`, or None.
        evidence: for each pair the spans that carry the position, or None where the model gives none.
        media_bias: probability (n,) that the pair's sentence is slanted, where it comes in the same pass, else None.
    """

    stance: np.ndarray
    alleges_bias: np.ndarray
    attribution: np.ndarray | None = None
    evidence: list[tuple[Span, ...]] | None = field(default=None)
    media_bias: np.ndarray | None = None


class StanceModel(Protocol):
    """A stance model: constructed from hyperparameters alone, fitted on data, asked for probabilities.

    Predictions do not depend on how the pairs are batched.
    """

    #: False for models used as they come (zero-shot NLI, the released model).
    learns: bool

    def fit(self, train: TrainingData, valid: TrainingData, *, seed: int, checkpoint: Path | None = None) -> History | None:
        """Learn from `train`; `valid` is for early stopping only. `checkpoint` is a folder to resume from."""
        ...

    def predict(self, pairs: Sequence[Pair], *, scheme: str = "positions") -> PairScores:
        """Score directed pairs. `scheme` names the label conventions to answer by, where a model learnt several."""
        ...

    def media_bias(self, sentences: Sequence[str]) -> np.ndarray:
        """Probability (m,) that a sentence's own wording is slanted; NaN where the model cannot tell."""
        ...

    def save(self, folder: Path) -> None:
        """Write the fitted model (safetensors or JSON, never pickle)."""
        ...
