"""Scores agree with scikit-learn, intervals hold what they promise, and an error of direction is told from one of polarity."""

from __future__ import annotations

import numpy as np
import pytest
from sklearn.metrics import f1_score

from src.errors import StancelabError
from src.evaluation.endtoend import score_endtoend
from src.evaluation.intervals import bootstrap, cluster_counts, holm, mcnemar, paired_bootstrap
from src.evaluation.metrics import f_avg, macro_f1, macro_from_counts, micro_f1
from src.records import STANCES

RNG = np.random.default_rng(3)
GOLD = [STANCES[i] for i in RNG.integers(0, 3, 300)]
PRED = [g if RNG.random() < 0.7 else STANCES[RNG.integers(0, 3)] for g in GOLD]


def test_f1_agrees_with_scikit_learn() -> None:
    assert macro_f1(GOLD, PRED, labels=STANCES) == pytest.approx(f1_score(GOLD, PRED, average="macro"))
    assert micro_f1(GOLD, PRED, labels=STANCES) == pytest.approx(f1_score(GOLD, PRED, average="micro"))
    both = f1_score(GOLD, PRED, average=None, labels=["favor", "against"])
    assert f_avg(GOLD, PRED) == pytest.approx(both.mean())


def test_a_label_outside_the_set_is_refused() -> None:
    with pytest.raises(StancelabError, match="pro"):
        macro_f1(["favor"], ["pro"], labels=STANCES)


def counts(clusters: list[str], pred: list[str]) -> np.ndarray:
    index = STANCES.index
    return cluster_counts(clusters, [index(g) for g in GOLD], [index(p) for p in pred], 3)  # type: ignore[arg-type]


def test_an_interval_holds_the_figure_and_widens_with_larger_clusters() -> None:
    alone = bootstrap(counts([str(i) for i in range(300)], PRED), macro_from_counts, resamples=500, seed=1)
    tied = bootstrap(counts([str(i // 50) for i in range(300)], PRED), macro_from_counts, resamples=500, seed=1)
    assert alone is not None and tied is not None
    assert alone[0] < macro_f1(GOLD, PRED, labels=STANCES) < alone[1]
    assert alone == bootstrap(counts([str(i) for i in range(300)], PRED), macro_from_counts, resamples=500, seed=1)
    assert bootstrap(counts(["one"] * 300, PRED), macro_from_counts, resamples=10, seed=1) is None


def test_a_paired_test_sees_a_real_difference_and_none_between_equals() -> None:
    clusters = [str(i // 3) for i in range(300)]
    worse = [g if RNG.random() < 0.4 else "neutral" for g in GOLD]
    real = paired_bootstrap(counts(clusters, worse), counts(clusters, PRED), macro_from_counts, resamples=500, seed=1)
    none = paired_bootstrap(counts(clusters, PRED), counts(clusters, PRED), macro_from_counts, resamples=500, seed=1)
    assert real["p"] < 0.01 and real["ci95"][0] > 0
    assert none["p"] == 1.0 and none["difference"] == 0


def test_mcnemar_and_holm_by_hand() -> None:
    # 8 against 1 discordant examples: exact two-sided p = 2 * (1 + 9) / 2**9
    assert mcnemar([True] * 8 + [False], [False] * 8 + [True])["p"] == pytest.approx(20 / 512)
    assert holm([0.03, 0.01, 0.04]) == pytest.approx([0.06, 0.03, 0.06])


def party(identity: str) -> dict[str, object]:
    return {"id": identity, "name": identity, "represents": None}


def position(actor: str, target: str, stance: str = "against", bias: bool = False) -> dict[str, object]:
    return {"actor": party(actor), "target": party(target), "stance": stance, "alleges_bias": bias}


def test_end_to_end_counts_direction_stance_and_allegation() -> None:
    rows = [
        {"id": "1", "text": "a", "positions": [position("CHE", "FRA", bias=True)]},
        {"id": "2", "text": "b", "positions": [position("CHE", "FRA")]},
        {"id": "3", "text": "c", "positions": []},
    ]
    found = [[position("CHE", "FRA", bias=True)], [position("FRA", "CHE")], [position("PER", "FRA", "favor")]]
    scores = score_endtoend(rows, found, seed=1, resamples=50)
    assert (scores["positions"]["hits"], scores["positions"]["found"], scores["positions"]["gold"]) == (1, 3, 2)
    assert scores["alleges_bias"]["f1"] == 1.0
    assert scores["direction_errors"] == 1


def test_sentences_of_one_article_are_drawn_together() -> None:
    gold, wrong = position("CHE", "FRA"), position("FRA", "CHE")
    apart = [{"id": str(i), "text": "a", "positions": [gold]} for i in range(8)]
    found = [[gold], [wrong]] * 4
    alone = score_endtoend(apart, found, seed=1, resamples=200)
    together = score_endtoend([{**row, "article": "x"} for row in apart], found, seed=1, resamples=200)
    assert (alone["articles"], together["articles"]) == (8, 1)
    assert alone["positions"]["f1"] == together["positions"]["f1"]
    low, high = together["positions"]["ci95"]["f1"]
    assert low == high  # one article says nothing of others


def test_a_speaker_counts_as_the_state_spoken_for() -> None:
    rows = [{"id": "1", "text": "a", "positions": [position("CHE", "FRA")]}]
    speaker = {"id": "person:a-b", "name": "A B", "represents": {"id": "CHE", "name": "Switzerland"}}
    scores = score_endtoend(rows, [[{**position("CHE", "FRA"), "actor": speaker}]], seed=1, resamples=50)
    assert scores["positions"]["f1"] == pytest.approx(1.0)
