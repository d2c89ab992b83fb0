"""How far probabilities can be believed, and what is gained by abstaining where the model is unsure."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from src.errors import StancelabError

if TYPE_CHECKING:
    import numpy as np


def _check(confidence: Sequence[float], right: Sequence[bool]) -> None:
    if len(confidence) != len(right):
        raise StancelabError(f"{len(confidence)} confidences but {len(right)} answers; they must be of the same length")


def expected_calibration_error(confidence: Sequence[float], right: Sequence[bool], *, bins: int = 10) -> float:
    """Mean distance between confidence and share right over equal-width bins (Guo et al. 2017).

    >>> round(expected_calibration_error([0.9, 0.9], [True, False]), 3)
    0.4
    """
    import numpy as np

    _check(confidence, right)
    if not len(confidence):
        return 0.0
    values, hits = np.asarray(confidence, dtype=float), np.asarray(right, dtype=float)
    where = np.minimum((values * bins).astype(int), bins - 1)
    gaps = np.bincount(where, weights=values - hits, minlength=bins)
    return float(np.abs(gaps).sum() / len(values))


def brier(probs: np.ndarray, gold: Sequence[int]) -> float:
    """Mean squared distance between probabilities (n, k) and the gold columns (n,), from 0 to 2 (Brier 1950).

    >>> import numpy as np
    >>> round(brier(np.array([[0.8, 0.2]]), [0]), 3)
    0.08
    """
    import numpy as np

    if len(probs) != len(gold):
        raise StancelabError(f"{len(probs)} rows of probabilities but {len(gold)} gold labels")
    certain = np.eye(probs.shape[1])[np.asarray(gold, dtype=int)]
    return float(((probs - certain) ** 2).sum(1).mean()) if len(gold) else 0.0


def risk_coverage(confidence: Sequence[float], right: Sequence[bool]) -> list[tuple[float, float, float]]:
    """(coverage, risk, threshold) for each distinct confidence, surest first (El-Yaniv and Wiener 2010).

    At a point the model answers where its confidence is at least `threshold` and abstains elsewhere: `coverage` is the share answered,
    `risk` the share of those that is wrong. Equal confidences are answered or left together.

    >>> risk_coverage([0.9, 0.6], [True, False])
    [(0.5, 0.0, 0.9), (1.0, 0.5, 0.6)]
    """
    import numpy as np

    _check(confidence, right)
    if not len(confidence):
        return []
    values, hits = np.asarray(confidence, dtype=float), np.asarray(right, dtype=bool)
    order = np.argsort(-values, kind="stable")
    values, wrong = values[order], np.cumsum(~hits[order])
    last = np.append(values[1:] != values[:-1], True)
    counts = np.arange(1, len(values) + 1)
    return [(float(n / len(values)), float(w / n), float(v)) for n, w, v in zip(counts[last], wrong[last], values[last], strict=True)]


def area_under_risk_coverage(confidence: Sequence[float], right: Sequence[bool]) -> float:
    """Mean risk over all coverages, lower is better (Geifman and El-Yaniv 2017).

    >>> area_under_risk_coverage([0.9, 0.6], [True, False])
    0.25
    """
    points = risk_coverage(confidence, right)
    before = [0.0, *(coverage for coverage, _, _ in points)]
    return float(sum((coverage - start) * risk for start, (coverage, risk, _) in zip(before, points, strict=False)))


def coverage_at_risk(confidence: Sequence[float], right: Sequence[bool], *, risk: float) -> float:
    """The largest share that can be answered while no more than `risk` of the answers is wrong; 0 where there is none.

    >>> coverage_at_risk([0.9, 0.6], [True, False], risk=0.1)
    0.5
    """
    return max((coverage for coverage, wrong, _ in risk_coverage(confidence, right) if wrong <= risk), default=0.0)
