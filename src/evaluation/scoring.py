"""Scores of a whole set from per-example answers, as `evaluate` and the run folder hold them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from src.errors import StancelabError
from src.evaluation import calibration, metrics
from src.evaluation.intervals import Statistic, bootstrap, cluster_counts
from src.records import STANCES, LabelledPair, LabelledSentence, NliExample

if TYPE_CHECKING:
    import numpy as np


def _micro(counts: np.ndarray) -> np.ndarray:
    import numpy as np

    return np.asarray(np.trace(counts, axis1=-2, axis2=-1) / np.maximum(1, counts.sum((-2, -1))))


def _f_avg(counts: np.ndarray) -> np.ndarray:
    return metrics.f1_from_counts(counts)[..., :2].mean(-1)


def _positive_f1(counts: np.ndarray) -> np.ndarray:
    return metrics.f1_from_counts(counts)[..., 0]


def _figures(
    clusters: Sequence[str],
    true: Sequence[int],
    pred: Sequence[int],
    labels: int,
    statistics: dict[str, Statistic],
    options: dict[str, int],
) -> tuple[dict[str, float], dict[str, list[float] | None]]:
    """Values and 95% intervals of statistics of the confusion counts."""
    counts = cluster_counts(clusters, true, pred, labels)
    total = counts.sum(0)
    values = {name: float(statistic(total)) for name, statistic in statistics.items()}
    bounds = {name: bootstrap(counts, statistic, **options) for name, statistic in statistics.items()}
    return values, {name: None if pair is None else list(pair) for name, pair in bounds.items()}


def _clusters(rows: Sequence[LabelledPair]) -> list[str]:
    return [row.article_id or row.group or row.pair.text for row in rows]


def score_pairs(
    examples: Sequence[LabelledPair],
    stance_probs: np.ndarray,
    bias_probs: np.ndarray | None = None,
    *,
    seed: int = 1,
    resamples: int = 1000,
    bias_threshold: float = 0.5,
) -> dict[str, Any]:
    """The scores of labelled pairs from stance probabilities (n, 3) and probabilities of an allegation (n,).

    Stances are scored for examples that have a gold one. A set that is all of one published scheme gets that scheme's own
    figures beside the common ones. Intervals come from a bootstrap over articles.

    Raises:
        StancelabError: the lengths differ, or no example has a gold stance.
    """
    import numpy as np

    if len(examples) != len(stance_probs):
        raise StancelabError(f"{len(examples)} examples but {len(stance_probs)} rows of probabilities")
    known = [i for i, e in enumerate(examples) if e.stance is not None]
    if not known:
        raise StancelabError("no example has a gold stance, so there is nothing to score")
    rows, probs = [examples[i] for i in known], np.asarray(stance_probs)[known]
    options = {"seed": seed, "resamples": resamples}
    gold = [STANCES.index(e.stance) for e in rows if e.stance is not None]
    guess = probs.argmax(1).tolist()
    true, pred = [STANCES[i] for i in gold], [STANCES[i] for i in guess]
    statistics: dict[str, Statistic] = {"macro_f1": metrics.macro_from_counts, "micro_f1": _micro, "f_avg": _f_avg}
    values, bounds = _figures(_clusters(rows), gold, guess, len(STANCES), statistics, options)
    result: dict[str, Any] = {
        "n": len(rows),
        **values,
        "per_label": metrics.per_label(true, pred, labels=STANCES),
        "ci95": bounds,
        "confusion": {"labels": list(STANCES), "counts": metrics.confusion(true, pred, labels=STANCES).tolist()},
        "ece": calibration.expected_calibration_error(probs.max(1).tolist(), [a == b for a, b in zip(gold, guess, strict=True)]),
    }
    groups = [e.article_id + "\0" + e.pair.text for e in rows]
    parties = [(_key(e, "actor"), _key(e, "target")) for e in rows]
    result["errors"] = metrics.direction_errors(groups, parties, true, pred)
    result["per_actor"] = metrics.by_group([e.actor_id for e in rows], true, pred, labels=STANCES)
    result["per_target"] = metrics.by_group([e.target_id for e in rows], true, pred, labels=STANCES)
    result["per_attribution"] = metrics.by_group([e.attribution or "" for e in rows], true, pred, labels=STANCES)
    tagged = [(i, tag) for i, e in enumerate(rows) for tag in e.tags]
    result["per_tag"] = metrics.by_group(
        [tag for _, tag in tagged], [true[i] for i, _ in tagged], [pred[i] for i, _ in tagged], labels=STANCES
    )
    if bias_probs is not None:
        result["alleges_bias"] = _bias(rows, np.asarray(bias_probs)[known], bias_threshold, options)
    schemes = {e.scheme for e in rows}
    if schemes == {"dse"}:
        _dse(result, rows, probs, options)
    elif schemes <= {"plv", "seesaw"}:
        _two_class(result, rows, probs, "plv" in schemes, options)
    elif schemes == {"newsmtsc"}:
        result["f1_m"], result["ci95"]["f1_m"] = result["macro_f1"], result["ci95"]["macro_f1"]
    return result


def _key(example: LabelledPair, role: str) -> str:
    """Who stands on one side: the span, so that two mentions of one party are kept apart."""
    span = example.pair.actor if role == "actor" else example.pair.target
    return "" if span is None else f"{span.start}-{span.end}"


def _bias(rows: Sequence[LabelledPair], probs: np.ndarray, threshold: float, options: dict[str, int]) -> dict[str, Any] | None:
    known = [i for i, e in enumerate(rows) if e.alleges_bias is not None and probs[i] == probs[i]]
    if not known or not any(rows[i].alleges_bias for i in known):
        return None
    true, pred = [bool(rows[i].alleges_bias) for i in known], [bool(probs[i] >= threshold) for i in known]
    clusters = _clusters([rows[i] for i in known])
    codes = [0 if v else 1 for v in true], [0 if v else 1 for v in pred]
    _, bounds = _figures(clusters, *codes, 2, {"f1": _positive_f1}, options)
    return {"n": len(known), **metrics.binary_f1(true, pred), "ci95": bounds}


def _dse(result: dict[str, Any], rows: Sequence[LabelledPair], probs: np.ndarray, options: dict[str, int]) -> None:
    """The paper's five classes, from the two directed answers to each row."""
    import numpy as np

    where = {e.id: i for i, e in enumerate(rows)}
    stems = [e.id[:-3] for e in rows if e.id.endswith(":12") and f"{e.id[:-3]}:21" in where]
    ahead = [where[f"{stem}:12"] for stem in stems]
    back = [where[f"{stem}:21"] for stem in stems]
    classes = {
        ("neutral", "neutral"): 0,
        ("favor", "neutral"): 1,
        ("neutral", "favor"): 2,
        ("against", "neutral"): 3,
        ("neutral", "against"): 4,
    }
    gold = [classes[(str(rows[a].stance), str(rows[b].stance))] for a, b in zip(ahead, back, strict=True)]
    guess = metrics.dse_classes(probs[ahead], probs[back]).argmax(1).tolist()
    clusters = [rows[i].group for i in ahead]
    statistics: dict[str, Statistic] = {"dse_macro_f1": metrics.macro_from_counts, "dse_micro_f1": _micro}
    values, bounds = _figures(clusters, gold, guess, 5, statistics, options)
    result.update(values)
    result["ci95"].update(bounds)
    labels = metrics.DSE_LABELS
    named = [labels[i] for i in gold], [labels[i] for i in guess]
    result["dse_n"] = len(stems)
    result["dse_per_label"] = metrics.per_label(*named, labels=labels)
    result["dse_confusion"] = np.asarray(metrics.confusion(*named, labels=labels)).tolist()


def _two_class(result: dict[str, Any], rows: Sequence[LabelledPair], probs: np.ndarray, plv: bool, options: dict[str, int]) -> None:
    """Favor or against, the likelier of the two, on the examples of a set that has no neutral."""
    kept = [i for i, e in enumerate(rows) if e.stance != "neutral" and (plv or e.actor_id not in ("", "None"))]
    if not kept:
        return
    gold = [STANCES.index(rows[i].stance) for i in kept]
    guess = probs[kept, :2].argmax(1).tolist()
    name, statistic = ("binary_macro_f1", metrics.macro_from_counts) if plv else ("polarity_accuracy", _micro)
    values, bounds = _figures(_clusters([rows[i] for i in kept]), gold, guess, 2, {name: statistic}, options)
    result.update(values)
    result["ci95"].update(bounds)
    result[f"{name}_n"] = len(kept)


def score_sentences(examples: Sequence[LabelledSentence], probs: np.ndarray, *, seed: int = 1, resamples: int = 1000) -> dict[str, Any]:
    """Macro-F1 of the two classes of the media-bias task, from probabilities (n,) of slant."""
    if len(examples) != len(probs):
        raise StancelabError(f"{len(examples)} examples but {len(probs)} probabilities")
    labels = ("biased", "unbiased")
    gold = [0 if e.media_bias else 1 for e in examples]
    guess = [0 if p >= 0.5 else 1 for p in probs]
    statistics: dict[str, Statistic] = {"macro_f1": metrics.macro_from_counts, "micro_f1": _micro}
    values, bounds = _figures([e.group or e.id for e in examples], gold, guess, 2, statistics, {"seed": seed, "resamples": resamples})
    true, pred = [labels[i] for i in gold], [labels[i] for i in guess]
    return {
        "n": len(examples),
        **values,
        "f_avg": None,
        "per_label": metrics.per_label(true, pred, labels=labels),
        "ci95": bounds,
        "confusion": {"labels": list(labels), "counts": metrics.confusion(true, pred, labels=labels).tolist()},
    }


def score_nli(examples: Sequence[NliExample], probs: np.ndarray, *, seed: int = 1, resamples: int = 1000) -> dict[str, Any]:
    """Accuracy and macro-F1 of three-way inference from probabilities (n, 3): entailment, neutral, contradiction."""
    if len(examples) != len(probs):
        raise StancelabError(f"{len(examples)} examples but {len(probs)} rows of probabilities")
    labels = ("entailment", "neutral", "contradiction")
    gold, guess = [labels.index(e.label) for e in examples], probs.argmax(1).tolist()
    statistics: dict[str, Statistic] = {"macro_f1": metrics.macro_from_counts, "micro_f1": _micro, "accuracy": _micro}
    values, bounds = _figures([e.premise for e in examples], gold, guess, 3, statistics, {"seed": seed, "resamples": resamples})
    true, pred = [labels[i] for i in gold], [labels[i] for i in guess]
    return {
        "n": len(examples),
        **values,
        "f_avg": None,
        "per_label": metrics.per_label(true, pred, labels=labels),
        "ci95": bounds,
        "confusion": {"labels": list(labels), "counts": metrics.confusion(true, pred, labels=labels).tolist()},
    }
