"""Intervals and paired tests by a bootstrap over articles, and McNemar's test."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

from src.errors import StancelabError

if TYPE_CHECKING:
    import numpy as np

Statistic = Callable[["np.ndarray"], "np.ndarray"]


def cluster_counts(clusters: Sequence[str], true: Sequence[int], pred: Sequence[int], labels: int) -> np.ndarray:
    """Confusion counts (clusters, k, k), gold by predicted."""
    import numpy as np

    _, where = np.unique(np.asarray(clusters, dtype=str), return_inverse=True)
    counts = np.zeros((int(where.max()) + 1 if len(where) else 0, labels, labels), dtype=np.int64)
    np.add.at(counts, (where, np.asarray(true, dtype=int), np.asarray(pred, dtype=int)), 1)
    return counts


def _draws(count: int, resamples: int, seed: int) -> np.ndarray:
    """How often each cluster is drawn, (resamples, clusters)."""
    import numpy as np

    return np.random.default_rng(seed).multinomial(count, np.full(count, 1 / count), size=resamples)


def bootstrap(
    counts: np.ndarray, statistic: Statistic, *, resamples: int, seed: int, level: float = 0.95
) -> tuple[float, float] | None:
    """Percentile interval of a statistic of confusion counts, resampling whole clusters (Efron and Tibshirani 1993).

    `counts` is (clusters, k, k); `statistic` maps (..., k, k) to (...). None where there are fewer than two clusters.
    """
    import numpy as np

    if len(counts) < 2:
        return None
    flat = counts.reshape(len(counts), -1)
    values = statistic((_draws(len(counts), resamples, seed) @ flat).reshape(resamples, *counts.shape[1:]))
    low, high = np.quantile(values, [(1 - level) / 2, (1 + level) / 2])
    return float(low), float(high)


def paired_bootstrap(
    first: np.ndarray, second: np.ndarray, statistic: Statistic, *, resamples: int, seed: int
) -> dict[str, Any]:
    """Difference second - first of a statistic on the same clusters, its 95% interval and a two-sided p-value.

    The p-value is twice the smaller share of resampled differences on either side of zero, with one added to count and total
    (Davison and Hinkley 1997).

    Raises:
        StancelabError: the two have different clusters.
    """
    import numpy as np

    if first.shape != second.shape:
        raise StancelabError(f"paired counts must have one shape; first has {first.shape}, second {second.shape}")
    drawn = _draws(len(first), resamples, seed)
    values = [
        statistic((drawn @ counts.reshape(len(counts), -1)).reshape(resamples, *counts.shape[1:]))
        for counts in (first, second)
    ]
    differences = values[1] - values[0]
    low, high = np.quantile(differences, [0.025, 0.975])
    below, above = int((differences <= 0).sum()), int((differences >= 0).sum())
    return {
        "difference": float(statistic(second.sum(0)) - statistic(first.sum(0))),
        "ci95": [float(low), float(high)],
        "p": min(1.0, 2 * (min(below, above) + 1) / (resamples + 1)),
    }


def mcnemar(first_right: Sequence[bool], second_right: Sequence[bool]) -> dict[str, Any]:
    """Exact McNemar test on which examples each model got right (McNemar 1947).

    >>> mcnemar([True, True, False], [True, False, True])["p"]
    1.0
    """
    from statsmodels.stats.contingency_tables import mcnemar as test

    if len(first_right) != len(second_right):
        raise StancelabError(f"the first has {len(first_right)} answers and the second {len(second_right)}")
    pairs = list(zip(first_right, second_right, strict=True))
    table = [[sum(p == (a, b) for p in pairs) for b in (True, False)] for a in (True, False)]
    return {"only_first": table[0][1], "only_second": table[1][0], "p": float(test(table, exact=True).pvalue)}


def holm(values: Sequence[float]) -> list[float]:
    """p-values corrected for their number (Holm 1979)."""
    from statsmodels.stats.multitest import multipletests

    return [float(value) for value in multipletests(list(values), method="holm")[1]] if values else []
