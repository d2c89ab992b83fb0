"""The comparison's figures are those that scipy and statsmodels give, and only what can be compared is."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from src.errors import InputError
from src.evaluation.intervals import ranks
from src.evaluation.metrics import macro_from_counts
from src.reporting import compare_runs, write_index
from src.reporting.packing import Table
from src.runs import Run
from tests.browser.test_pages import make_run
from tests.conftest import examples


@pytest.fixture(scope="module")
def runs(tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    root = tmp_path_factory.mktemp("experiments") / "runs"
    rows = [row for row in examples() if row.stance != "neutral"]
    return [make_run(root, rows, wrong=wrong) for wrong in (3, 5, 7)]


@pytest.fixture(scope="module")
def compared(runs: list[Path], tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    output = tmp_path_factory.mktemp("compared")
    result, _ = compare_runs([str(run) for run in runs], output=output, metric="accuracy", seed=1, resamples=4000, root=output)
    return result


def rights(run: Path) -> tuple[np.ndarray, np.ndarray]:
    rows = [json.loads(line) for line in (run / "predictions.jsonl").read_text(encoding="utf-8").splitlines()]
    return np.array([row["right"] for row in rows]), np.array([row["article_id"] for row in rows])


def test_intervals_agree_with_scipy(runs: list[Path], compared: dict[str, Any]) -> None:
    from scipy.stats import bootstrap

    for run, score in zip(runs, compared["scores"], strict=True):
        right, articles = rights(run)
        groups = [right[articles == name] for name in np.unique(articles)]

        def accuracy(picked: np.ndarray, groups: list[np.ndarray] = groups) -> float:
            return float(np.concatenate([groups[int(i)] for i in picked]).mean())

        expected = bootstrap((np.arange(len(groups)),), accuracy, n_resamples=2000, method="percentile", vectorized=False, rng=3)
        assert score["accuracy"] == pytest.approx(right.mean())
        assert score["ci95"] == pytest.approx(list(expected.confidence_interval), abs=0.03)


def test_p_values_agree_with_statsmodels(runs: list[Path], compared: dict[str, Any]) -> None:
    from statsmodels.stats.contingency_tables import mcnemar
    from statsmodels.stats.multitest import multipletests

    right = [rights(run)[0] for run in runs]
    expected = []
    for a, b in ((0, 1), (0, 2), (1, 2)):
        table = [
            [int(np.sum(right[a] & right[b])), int(np.sum(right[a] & ~right[b]))],
            [int(np.sum(~right[a] & right[b])), int(np.sum(~right[a] & ~right[b]))],
        ]
        expected.append(float(mcnemar(table, exact=True).pvalue))
    assert [test["mcnemar"]["p"] for test in compared["tests"]] == pytest.approx(expected)
    assert [test["mcnemar"]["p_holm"] for test in compared["tests"]] == pytest.approx(list(multipletests(expected, method="holm")[1]))


def test_exactly_the_setting_that_differs_is_named(compared: dict[str, Any]) -> None:
    assert compared["differs"] == {"model.strength": [3.0, 5.0, 7.0]}


def test_markdown_latex_and_figures_are_written(runs: list[Path], tmp_path: Path) -> None:
    _, folder = compare_runs([str(run) for run in runs], output=tmp_path, metric="macro_f1", seed=1, resamples=200, root=tmp_path)
    assert "\\toprule" in (folder / "compare.tex").read_text(encoding="utf-8")
    assert "| `model.strength` |" in (folder / "compare.md").read_text(encoding="utf-8")
    names = {"scores", "ranks", "curve"}
    assert {path.name for path in (folder / "figures").iterdir()} == {f"{name}.{kind}" for name in names for kind in ("svg", "png")}


def test_runs_on_other_data_are_refused_by_their_checksums(runs: list[Path], tmp_path: Path) -> None:
    other = make_run(tmp_path / "runs", examples()[:12])
    with pytest.raises(InputError, match=r"different examples .*checksums of ids and gold: .* of pairs/a\.jsonl 00000000"):
        compare_runs([str(runs[0]), str(other)], output=tmp_path / "out", metric="macro_f1", seed=1, resamples=200, root=tmp_path)
    assert not (tmp_path / "out").exists()


def test_ranks_are_those_of_one_draw_of_articles() -> None:
    good = np.array([[[5, 0], [0, 5]]] * 6)
    bad = np.array([[[2, 3], [3, 2]]] * 6)
    assert ranks([bad, good, good], macro_from_counts, resamples=200, seed=1) == [(3.0, 3.0, 3.0), (1.5, 1.5, 1.5), (1.5, 1.5, 1.5)]


def test_the_index_lists_runs_that_failed_or_were_cut_off(tmp_path: Path) -> None:
    root = tmp_path / "runs"
    done = make_run(root, examples())
    with pytest.raises(ZeroDivisionError), Run.start(root, "x", {"seed": 1}, [], checksums={}, seed=1, repository=root):
        raise ZeroDivisionError("no <b>figure</b>")
    dead = root / "x" / "20310101_dead000000"
    dead.mkdir()
    (dead / "status").write_text("running\n")
    page = write_index(root)
    assert page == tmp_path / "index.html"
    text = page.read_text(encoding="utf-8")
    assert "failed: ZeroDivisionError: no &lt;b&gt;figure&lt;/b&gt;" in text
    assert ">cut off<" in text
    assert f'href="runs/browser/{done.name}/report.html"' in text


def test_a_packed_table_holds_what_it_was_given() -> None:
    import base64
    import zlib

    rows = [{"t": "Chad thanked Togo.", "n": 0.5, "g": "favor"}, {"t": "Chad thanked Togo.", "n": None, "g": "against"}]
    table = Table(
        [("t", "text", "sentence"), ("n", "p", "number"), ("g", "gold", "choice"), ("x", "empty", "choice")], rows, [[0, 4, 13, 17], []]
    )
    told = json.loads(zlib.decompress(base64.b64decode(table.packed())))
    assert [column["key"] for column in told["columns"]] == ["t", "n", "g"], "columns without a value are left out"
    assert told["columns"][0]["values"] == [0, 0] and told["strings"][0] == "Chad thanked Togo."
    assert told["columns"][1]["values"] == [0.5, None]
    assert told["marks"] == [[0, 4, 13, 17], []]
