"""Intervals and paired tests by a bootstrap over articles, and McNemar's test."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

from src.errors import StancelabError

if TYPE_CHECKING:
    import numpy as np

#: A figure of confusion counts: maps (..., k, k) to (...).
Statistic = Callable[["np.ndarray"], "np.ndarray"]

_CHUNK = 2_000_000  # numbers drawn at a time, so that memory stays small whatever the number of articles


def cluster_counts(clusters: Sequence[str], true: Sequence[int], pred: Sequence[int], labels: int) -> np.ndarray:
    """Confusion counts (clusters, k, k), gold by predicted; clusters in sorted order of their names.

    Raises:
        StancelabError: the three differ in length.

    >>> cluster_counts(["a", "b", "a"], [0, 1, 1], [0, 1, 0], 2).tolist()
    [[[1, 0], [1, 0]], [[0, 0], [0, 1]]]
    """
    import numpy as np

    if not len(clusters) == len(true) == len(pred):
        raise StancelabError(f"{len(clusters)} clusters, {len(true)} gold and {len(pred)} predicted labels; one length is expected")
    names, where = np.unique(np.asarray(clusters, dtype=str), return_inverse=True)
    counts = np.zeros((len(names), labels, labels), dtype=np.int64)
    np.add.at(counts, (where, np.asarray(true, dtype=int), np.asarray(pred, dtype=int)), 1)
    return counts


def resample(counts: np.ndarray, *, resamples: int, seed: int) -> np.ndarray:
    """Confusion counts (resamples, k, k), each the sum of as many clusters as there are, drawn with replacement.

    The draws depend on the seed and the number of clusters alone, so that two models' counts are resampled alike.
    """
    import numpy as np

    size = len(counts)
    rng = np.random.default_rng(seed)
    flat = counts.reshape(size, -1).astype(float)  # exact up to 2**53, and far faster to multiply than integers
    step = max(1, _CHUNK // size)
    parts = [
        rng.multinomial(size, np.full(size, 1 / size), size=min(step, resamples - done)).astype(float) @ flat
        for done in range(0, resamples, step)
    ]
    return np.concatenate(parts).reshape(resamples, *counts.shape[1:])


def percentiles(values: np.ndarray, level: float = 0.95) -> tuple[float, float]:
    """The percentile interval of resampled values."""
    import numpy as np

    low, high = np.quantile(values, [(1 - level) / 2, (1 + level) / 2])
    return float(low), float(high)


def bootstrap(counts: np.ndarray, statistic: Statistic, *, resamples: int, seed: int, level: float = 0.95) -> tuple[float, float] | None:
    """Percentile interval of a statistic of confusion counts, resampling whole clusters (Efron and Tibshirani 1993).

    `counts` is (clusters, k, k); `statistic` maps (..., k, k) to (...). None where there are fewer than two clusters.
    """
    if len(counts) < 2:
        return None
    return percentiles(statistic(resample(counts, resamples=resamples, seed=seed)), level)


def paired_bootstrap(first: np.ndarray, second: np.ndarray, statistic: Statistic, *, resamples: int, seed: int) -> dict[str, Any]:
    """Difference second - first of a statistic on the same clusters, its 95% interval and a two-sided p-value.

    The p-value is twice the smaller share of resampled differences on either side of zero, with one added to count and total
    (Davison and Hinkley 1997).

    Raises:
        StancelabError: the two have different clusters, or none.
    """
    if first.shape != second.shape or not len(first):
        raise StancelabError(f"paired counts must have one shape and at least one cluster; first has {first.shape}, second {second.shape}")
    values = [statistic(resample(counts, resamples=resamples, seed=seed)) for counts in (first, second)]
    differences = values[1] - values[0]
    below, above = int((differences <= 0).sum()), int((differences >= 0).sum())
    return {
        "difference": float(statistic(second.sum(0)) - statistic(first.sum(0))),
        "ci95": list(percentiles(differences)),
        "p": min(1.0, 2 * (min(below, above) + 1) / (resamples + 1)),
    }


def ranks(counts: Sequence[np.ndarray], statistic: Statistic, *, resamples: int, seed: int) -> list[tuple[float, float, float]]:
    """For each model its mean rank over resamples (1 is best) and the 95% interval of it; ties share their mean rank.

    All models are resampled alike, so that ranks are those on one draw of articles.
    """
    import numpy as np
    from scipy.stats import rankdata

    values = np.stack([statistic(resample(one, resamples=resamples, seed=seed)) for one in counts])
    places = rankdata(-values, axis=0)
    return [(float(row.mean()), *percentiles(row)) for row in places]


def mcnemar(first_right: Sequence[bool], second_right: Sequence[bool]) -> dict[str, Any]:
    """McNemar's test on which examples each model got right: exact p (McNemar 1947), and mid-p, which is less conservative
    (Fagerland et al. 2013).

    >>> mcnemar([True, True, False], [True, False, True])["p"]
    1.0
    """
    from scipy.stats import binom
    from statsmodels.stats.contingency_tables import mcnemar as test

    if len(first_right) != len(second_right):
        raise StancelabError(f"the first has {len(first_right)} answers and the second {len(second_right)}")
    pairs = list(zip(first_right, second_right, strict=True))
    table = [[sum(p == (a, b) for p in pairs) for b in (True, False)] for a in (True, False)]
    exact = float(test(table, exact=True).pvalue)
    only_first, only_second = table[0][1], table[1][0]
    tie = only_first == only_second
    mid = (
        1 - float(binom.pmf(only_first, 2 * only_first, 0.5))
        if tie
        else exact - float(binom.pmf(min(only_first, only_second), only_first + only_second, 0.5))
    )
    return {"only_first": only_first, "only_second": only_second, "p": exact, "mid_p": max(0.0, mid)}


def holm(values: Sequence[float]) -> list[float]:
    """p-values corrected for their number (Holm 1979).

    >>> holm([0.01, 0.04])
    [0.02, 0.04]
    """
    from statsmodels.stats.multitest import multipletests

    return [float(value) for value in multipletests(list(values), method="holm")[1]] if values else []
