"""Pure metric functions: `(y_true, y_pred, *, labels)`, lists of label names in, plain numbers out."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from src.errors import StancelabError, unknown_value
from src.records import Span

if TYPE_CHECKING:
    import numpy as np


def _check(y_true: Sequence[str], y_pred: Sequence[str], labels: Sequence[str]) -> None:
    if len(y_true) != len(y_pred):
        raise StancelabError(f"y_true has {len(y_true)} labels and y_pred {len(y_pred)}; they must be of the same length")
    for side, values in (("y_true", y_true), ("y_pred", y_pred)):
        if unknown := sorted(set(values) - set(labels), key=str):
            raise StancelabError(unknown_value(f"label in {side}", unknown[0], labels))


def confusion(y_true: Sequence[str], y_pred: Sequence[str], *, labels: Sequence[str]) -> np.ndarray:
    """Counts (k, k), gold by predicted.

    >>> confusion(["a", "b", "b"], ["a", "a", "b"], labels=["a", "b"]).tolist()
    [[1, 0], [1, 1]]
    """
    import numpy as np

    _check(y_true, y_pred, labels)
    where = {label: i for i, label in enumerate(labels)}
    counts = np.zeros((len(labels), len(labels)), dtype=np.int64)
    for true, pred in zip(y_true, y_pred, strict=True):
        counts[where[true], where[pred]] += 1
    return counts


def f1_from_counts(counts: np.ndarray) -> np.ndarray:
    """F1 (..., k) of each label from confusion counts (..., k, k); 0 where a label is neither gold nor predicted."""
    import numpy as np

    hits = np.diagonal(counts, axis1=-2, axis2=-1)
    both = counts.sum(-1) + counts.sum(-2)
    return np.divide(2 * hits, both, out=np.zeros(both.shape), where=both > 0)


def macro_f1(y_true: Sequence[str], y_pred: Sequence[str], *, labels: Sequence[str]) -> float:
    """Mean F1 over the labels that occur as gold or as prediction.

    Of three polarities it is the F1_m of Hamborg and Donnay 2021 (NewsMTSC).

    >>> macro_f1(["a", "b", "b"], ["a", "a", "b"], labels=["a", "b"])
    0.6666666666666666
    """
    return float(macro_from_counts(confusion(y_true, y_pred, labels=labels)))


def macro_from_counts(counts: np.ndarray) -> np.ndarray:
    """Macro-F1 (...) over labels that occur, from confusion counts (..., k, k)."""
    import numpy as np

    occurs = (counts.sum(-1) + counts.sum(-2)) > 0
    return np.asarray((f1_from_counts(counts) * occurs).sum(-1) / np.maximum(1, occurs.sum(-1)))


def micro_f1(y_true: Sequence[str], y_pred: Sequence[str], *, labels: Sequence[str]) -> float:
    """Micro-F1, which for one label an example is the accuracy.

    >>> micro_f1(["a", "b"], ["a", "a"], labels=["a", "b"])
    0.5
    """
    counts = confusion(y_true, y_pred, labels=labels)
    return float(counts.trace() / max(1, counts.sum()))


def f_avg(y_true: Sequence[str], y_pred: Sequence[str]) -> float:
    """Mean of the F1 of favor and of against (Mohammad et al. 2016, SemEval-2016 Task 6).

    >>> f_avg(["favor", "against", "neutral"], ["favor", "neutral", "neutral"])
    0.5
    """
    counts = confusion(y_true, y_pred, labels=("favor", "against", "neutral"))
    return float(f1_from_counts(counts)[:2].mean())


def per_label(y_true: Sequence[str], y_pred: Sequence[str], *, labels: Sequence[str]) -> dict[str, dict[str, float]]:
    """Precision, recall, F1 and support of each label.

    >>> per_label(["a", "b"], ["a", "a"], labels=["a", "b"])["a"]["precision"]
    0.5
    """
    counts = confusion(y_true, y_pred, labels=labels)
    f1 = f1_from_counts(counts)
    return {
        label: {
            "precision": float(counts[i, i] / max(1, counts[:, i].sum())),
            "recall": float(counts[i, i] / max(1, counts[i].sum())),
            "f1": float(f1[i]),
            "support": int(counts[i].sum()),
        }
        for i, label in enumerate(labels)
    }


def binary_f1(y_true: Sequence[bool], y_pred: Sequence[bool]) -> dict[str, float]:
    """Precision, recall, F1 and support of the positive class.

    >>> binary_f1([True, True, False], [True, False, False])["recall"]
    0.5
    """
    names = ["yes", "no"]
    values = per_label(["yes" if v else "no" for v in y_true], ["yes" if v else "no" for v in y_pred], labels=names)
    return values["yes"]


def direction_errors(
    groups: Sequence[str], parties: Sequence[tuple[str, str]], y_true: Sequence[str], y_pred: Sequence[str]
) -> dict[str, float]:
    """Errors of direction apart from errors of polarity.

    `groups` names the sentence of each pair and `parties` its (actor, target) ids. Of the gold positions (not neutral):
    *polarity*: favor for against or the reverse; *direction*: missed, while the reverse pair, which is gold neutral or of the other
    polarity, was given this polarity; *missed*: any other. `spurious` counts neutral pairs given a position, apart from those
    direction errors.

    >>> direction_errors(["s", "s"], [("A", "B"), ("B", "A")], ["against", "neutral"], ["neutral", "against"])["direction"]
    1
    """
    where = {(group, *pair): i for i, (group, pair) in enumerate(zip(groups, parties, strict=True))}
    counts: dict[str, float] = {"positions": 0, "right": 0, "direction": 0, "polarity": 0, "missed": 0, "spurious": 0}
    turned: set[int] = set()
    for i, (true, pred) in enumerate(zip(y_true, y_pred, strict=True)):
        if true == "neutral":
            continue
        counts["positions"] += 1
        reverse = where.get((groups[i], parties[i][1], parties[i][0]))
        if pred == true:
            counts["right"] += 1
        elif pred != "neutral":
            counts["polarity"] += 1
        elif reverse is not None and y_pred[reverse] == true and y_true[reverse] != true:
            counts["direction"] += 1
            turned.add(reverse)
        else:
            counts["missed"] += 1
    counts["spurious"] = sum(
        true == "neutral" and pred != "neutral" and i not in turned for i, (true, pred) in enumerate(zip(y_true, y_pred, strict=True))
    )
    counts["direction_share"] = counts["direction"] / max(1, counts["positions"])
    counts["polarity_share"] = counts["polarity"] / max(1, counts["positions"])
    return counts


#: The classes of Park et al. 2021: (stance of Ent1 toward Ent2, stance of Ent2 toward Ent1), in the order of labels 0 to 4.
DSE_LABELS = ("0", "1", "2", "3", "4")


def dse_classes(forward: np.ndarray, backward: np.ndarray) -> np.ndarray:
    """Five-class probabilities (n, 5) from the stances (n, 3) of Ent1 toward Ent2 and of Ent2 toward Ent1.

    A class is the product of what it says of the two directions; classes that the set does not have (mutual positions) are left out.

    >>> import numpy as np
    >>> dse_classes(np.array([[0.1, 0.8, 0.1]]), np.array([[0.1, 0.1, 0.8]])).argmax(1).tolist()
    [3]
    """
    import numpy as np

    favor, against, neutral = 0, 1, 2
    rows = np.stack(
        [
            forward[:, neutral] * backward[:, neutral],
            forward[:, favor] * backward[:, neutral],
            forward[:, neutral] * backward[:, favor],
            forward[:, against] * backward[:, neutral],
            forward[:, neutral] * backward[:, against],
        ],
        axis=1,
    )
    return np.asarray(rows / rows.sum(1, keepdims=True))


def span_f1(gold: Sequence[Sequence[Span]], found: Sequence[Sequence[Span]]) -> dict[str, float]:
    """Precision, recall and F1 of evidence over all its characters, and `support`, the number of examples.

    The token-level F1 of DeYoung et al. 2020 (ERASER), on characters, so that no tokeniser has a say.

    >>> span_f1([[Span(0, 4)]], [[Span(2, 4)]])["recall"]
    0.5
    """
    if len(gold) != len(found):
        raise StancelabError(f"{len(gold)} gold lists of spans but {len(found)} found ones; they must be of the same length")
    shared = marked = given = 0
    for true, pred in zip(gold, found, strict=True):
        a, b = ({i for span in spans for i in range(span.start, span.end)} for spans in (true, pred))
        shared, marked, given = shared + len(a & b), marked + len(a), given + len(b)
    return {
        "precision": shared / max(1, given),
        "recall": shared / max(1, marked),
        "f1": 2 * shared / max(1, marked + given),
        "support": len(gold),
    }


def by_group(
    keys: Sequence[str], y_true: Sequence[str], y_pred: Sequence[str], *, labels: Sequence[str], least: int = 5
) -> dict[str, dict[str, Any]]:
    """n, accuracy and macro-F1 for each key with at least `least` examples, most frequent first."""
    rows: dict[str, list[int]] = {}
    for i, key in enumerate(keys):
        if key:
            rows.setdefault(key, []).append(i)
    out: dict[str, dict[str, Any]] = {}
    for key, where in sorted(rows.items(), key=lambda item: (-len(item[1]), item[0])):
        if len(where) >= least:
            true, pred = [y_true[i] for i in where], [y_pred[i] for i in where]
            out[key] = {
                "n": len(where),
                "accuracy": micro_f1(true, pred, labels=labels),
                "macro_f1": macro_f1(true, pred, labels=labels),
            }
    return out
