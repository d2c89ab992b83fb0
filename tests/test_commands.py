"""The commands as a user types them: what they print, leave behind, and say of mistakes."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.conftest import ROOT, command, examples, write_pairs

TEXT = """Harbour talks fail

Tue Nov 28 2023
icon-facebook icon-twitter

OSLO: Chad condemned Togo on Monday. Togo thanked Norway for its ships. The two sides met in Lima.
"""


@pytest.fixture(scope="module")
def space(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("user")
    rows = examples()
    write_pairs(folder / "train.jsonl", [r for r in rows if "Lima" not in r.pair.text])
    write_pairs(folder / "test.jsonl", [r for r in rows if "Lima" in r.pair.text])
    (folder / "articles").mkdir()
    (folder / "articles" / "one.txt").write_text(TEXT, encoding="utf-8")
    return folder


def train(space: Path, *words: str, **environment: str) -> object:
    return command(
        "src.train", "data=pairs", f"data.train=[{{name: pairs, path: {space}/train.jsonl}}]", f"data.path={space}/test.jsonl",
        f"articles={space}/articles", f"paths.runs={space}/runs", "resamples=100", *words, **environment,
    )  # fmt: skip


@pytest.fixture(scope="module")
def runs(space: Path) -> list[Path]:
    """Two finished runs that differ in one setting, and their printed output."""
    for extra in ("model.ngrams=1", "model.ngrams=2"):
        done = train(space, "model=tfidf", "model.min_count=1", extra)
        assert done.returncode == 0, done.stderr  # type: ignore[attr-defined]
        assert "macro_f1" in done.stdout and "majority" in done.stdout  # type: ignore[attr-defined]
    found = sorted((space / "runs" / "default").iterdir())
    assert len(found) == 2
    return found


def test_a_run_leaves_the_whole_folder(runs: list[Path]) -> None:
    names = {p.name for p in runs[0].iterdir()}
    assert {"config.yaml", "overrides.yaml", "metrics.json", "predictions.jsonl", "manifest.json", "report.html", "train.log",
            "status", "model", "positions.jsonl"} <= names  # fmt: skip
    assert (runs[0] / "status").read_text().strip() == "done"
    manifest = json.loads((runs[0] / "manifest.json").read_text())
    assert runs[0].name.endswith(manifest["signature"])
    assert {"git_commit", "versions", "data", "seed", "hardware", "wall_seconds"} <= set(manifest)
    assert all(len(checksum) == 64 for checksum in manifest["data"].values())
    assert "model.ngrams=1" in (runs[0] / "overrides.yaml").read_text()
    metrics = json.loads((runs[0] / "metrics.json").read_text())
    assert metrics["sets"]["pairs"]["tfidf"]["macro_f1"] > metrics["sets"]["pairs"]["majority"]["macro_f1"]
    rows = [json.loads(line) for line in (runs[0] / "predictions.jsonl").read_text().splitlines()]
    assert len(rows) == metrics["headline"]["n"]
    for row in rows:
        side = row["actor"]
        assert row["text"][side["start"] : side["end"]] == side["mention"]


def test_the_report_opens_offline_and_shows_the_positions(runs: list[Path]) -> None:
    page = (runs[0] / "report.html").read_text(encoding="utf-8")
    assert "http://" not in page.replace("http://www.w3.org", "") and "https://" not in page
    assert "Confusion" in page and '<mark class="actor">' in page
    assert "icon-facebook" not in page
    for name in ("scores", "confusion", "reliability", "network"):
        assert (runs[0] / "figures" / f"{name}.svg").exists() and (runs[0] / "figures" / f"{name}.png").exists()


def test_compare_names_exactly_the_setting_that_differs(runs: list[Path], tmp_path: Path) -> None:
    done = command("src.compare", f"runs=[{runs[0]},{runs[1]}]", f"output={tmp_path}/c", "resamples=200")
    assert done.returncode == 0, done.stderr
    result = json.loads((tmp_path / "c" / "compare.json").read_text())
    assert list(result["differs"]) == ["model.ngrams"]
    gained, lost = (len(next(iter(result["flips"].values()))[k]) for k in ("gained", "lost"))
    assert (gained, lost) == (result["tests"][0]["mcnemar"]["only_second"], result["tests"][0]["mcnemar"]["only_first"])
    assert (tmp_path / "c" / "compare.html").exists() and "toprule" in (tmp_path / "c" / "compare.tex").read_text()


def test_compare_refuses_runs_scored_on_different_examples(runs: list[Path], space: Path, tmp_path: Path) -> None:
    other = train(
        space, "model=majority", f"data.path={space}/train.jsonl", "data.on_leakage=keep", "articles=null", "experiment_name=other"
    )
    assert other.returncode == 0, other.stderr  # type: ignore[attr-defined]
    (third,) = (space / "runs" / "other").iterdir()
    done = command("src.compare", f"runs=[{runs[0]},{third}]", f"output={tmp_path}/c")
    assert done.returncode == 2 and "different examples" in done.stderr and "Traceback" not in done.stderr


def test_a_failed_run_says_why_and_is_no_part_of_a_comparison(space: Path) -> None:
    done = train(space, "model=tfidf", "task.metric=accuracy", "experiment_name=failing")
    assert done.returncode == 2  # type: ignore[attr-defined]
    (folder,) = (space / "runs" / "failing").iterdir()
    assert (folder / "status").read_text().startswith("failed: ConfigError")
    assert command("src.compare", f"runs={space}/runs/failing/*").returncode == 2


def test_a_fitted_model_labels_articles_by_the_contract(runs: list[Path], space: Path, tmp_path: Path) -> None:
    output = tmp_path / "positions.jsonl"
    done = command(
        "src.label", f"input={space}/articles", f"output={output}", f"model.path={runs[1]}/model", "keep_neutral=true", "progress=false"
    )
    assert done.returncode == 0, done.stderr
    rows = [json.loads(line) for line in output.read_text(encoding="utf-8").splitlines()]
    assert rows
    for row in rows:
        assert set(row) == {"article_id", "sentence_id", "sentence", "start", "end", "actor", "target", "stance", "stance_probs",
                            "alleges_bias", "alleges_bias_prob", "media_bias_prob", "attribution", "evidence"}  # fmt: skip
        assert TEXT[row["start"] : row["end"]] == row["sentence"]
        for side in (row["actor"], row["target"]):
            assert row["sentence"][side["start"] : side["end"]] == side["mention"]
            assert set(side) == {"name", "id", "type", "mention", "start", "end", "represents"}
        assert abs(sum(row["stance_probs"].values()) - 1) < 0.01
    assert {"TCD", "TGO"} <= {row["actor"]["id"] for row in rows}
    assert not any("icon" in row["sentence"] or "Nov 28" in row["sentence"] for row in rows)


@pytest.mark.parametrize(
    ("name", "content", "words"),
    [
        ("empty.txt", b"", ["empty.txt", "empty"]),
        ("binary.txt", bytes(range(256)) * 20, ["binary.txt", "binary"]),
        ("latin.txt", "Le président a déclaré la guerre.".encode("latin-1"), ["latin.txt", "UTF-8"]),
        ("broken.jsonl", b'{"id": "a", "text": "Chad condemned Togo."}\n' * 1 + b'{"id": "b", "text": "Oslo met Lima."}\n' * 5 + b'{"id": \n', ["broken.jsonl:7", "JSON"]),
        ("column.csv", b"id,body\n1,Chad condemned Togo.\n", ["column.csv:1", "text"]),
    ],
)  # fmt: skip
def test_a_bad_article_file_is_named_and_the_rest_goes_on(
    runs: list[Path], tmp_path: Path, name: str, content: bytes, words: list[str]
) -> None:
    (tmp_path / "in").mkdir()
    (tmp_path / "in" / name).write_bytes(content)
    (tmp_path / "in" / "good.txt").write_text("Chad condemned Togo on Monday over the dam that both had built.", encoding="utf-8")
    done = command(
        "src.label",
        f"input={tmp_path}/in",
        f"output={tmp_path}/out.jsonl",
        f"model.path={runs[1]}/model",
        "progress=false",
        "keep_neutral=true",
    )
    assert done.returncode == 0 and "Traceback" not in done.stderr
    (line,) = [x for x in done.stderr.splitlines() if x.startswith("skipped:")]
    assert all(word in line for word in words)
    assert any(json.loads(x)["article_id"] == "good" for x in (tmp_path / "out.jsonl").read_text().splitlines())


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (["src.label", "input=nowhere.txt", "output=x.jsonl"], "nowhere.txt"),
        (["src.label", "output=x.jsonl"], "input"),
        (["src.train", "model=tfidff"], "tfidf"),
        (["src.train", "model.strenght=3", "model=tfidf"], "model.strength"),
        (["src.train", "model=tfidf", "model.ngrams=many"], "model.ngrams"),
        (["src.train", "model=tfidf", "model.ngrams=9"], "at most 5"),
        (["src.train", "experiment=nope"], "default"),
        (["src.train", "model=gpt"], "released_small, tfidf"),
        (["src.train", "sede=1"], "seed"),
        (["src.train", "model._target_=os.system"], "not allowed"),
        (["src.evaluate", "data=pairs", "data.path=nowhere.jsonl"], "nowhere.jsonl"),
        (["src.evaluate", "data=nope", "data.path=x"], "newsmtsc"),
        (["src.compare", "runs=[a]"], "two"),
    ],
)
def test_a_wrong_setting_is_one_clear_line_and_exit_code_2(words: list[str], told: str, tmp_path: Path) -> None:
    done = command(*words, cwd=ROOT, **({} if words[0] != "src.train" else {"STANCE_RUNS": str(tmp_path)}))
    lines = [line for line in done.stderr.splitlines() if line.strip()]
    assert done.returncode == 2, done.stderr
    assert len(lines) == 1 and told in lines[0] and "Traceback" not in done.stderr


def test_an_input_of_which_nothing_can_be_read_is_an_error(runs: list[Path], tmp_path: Path) -> None:
    (tmp_path / "empty.txt").write_bytes(b"")
    done = command(
        "src.label", f"input={tmp_path}/empty.txt", f"output={tmp_path}/out.jsonl", f"model.path={runs[1]}/model", "progress=false"
    )
    assert done.returncode == 2
    assert "the file is empty" in done.stderr and "nothing could be labelled" in done.stderr
    assert [p.name for p in tmp_path.iterdir()] == ["empty.txt"]


def test_the_traceback_is_there_for_who_asks() -> None:
    done = command("src.train", "model=tfidff", HYDRA_FULL_ERROR="1")
    assert done.returncode != 0 and "Traceback" in done.stderr


@pytest.mark.parametrize(
    ("row", "told"),
    [
        ({"stance": "favour"}, "favor, against, neutral"),
        ({"actor": {"start": 0, "end": 999}}, "outside the text"),
        ({"alleges_bias": "yes"}, "true, false"),
    ],
)
def test_bad_labelled_rows_name_line_and_mend(runs: list[Path], space: Path, tmp_path: Path, row: dict[str, object], told: str) -> None:
    lines = (space / "test.jsonl").read_text().splitlines()
    lines[4] = json.dumps({**json.loads(lines[4]), **row})
    bad = tmp_path / "bad.jsonl"
    bad.write_text("\n".join(lines))
    done = command("src.evaluate", "data=pairs", f"data.path={bad}", f"model.path={runs[0]}/model")
    assert done.returncode == 2 and f"{bad}:5" in done.stderr and told in done.stderr


def test_evaluate_writes_what_the_contract_says(runs: list[Path], space: Path, tmp_path: Path) -> None:
    done = command(
        "src.evaluate",
        "data=pairs",
        f"data.path={space}/test.jsonl",
        f"model.path={runs[1]}/model",
        f"output={tmp_path}/s.json",
        "resamples=100",
    )
    assert done.returncode == 0, done.stderr
    scores = json.loads((tmp_path / "s.json").read_text())
    assert {"n", "macro_f1", "micro_f1", "f_avg", "per_label", "ci95", "signature", "errors"} <= set(scores)
    low, high = scores["ci95"]["macro_f1"]
    assert low <= scores["macro_f1"] <= high
    assert scores == json.loads(done.stdout)


def test_evaluate_calls_an_allegation_what_reaches_the_threshold(runs: list[Path], space: Path) -> None:
    words = ("src.evaluate", "data=pairs", f"data.path={space}/test.jsonl", f"model.path={runs[1]}/model", "resamples=100")
    found = json.loads(command(*words, "task.bias_threshold=0").stdout)["alleges_bias"]
    assert found["recall"] == 1.0
    assert json.loads(command(*words, "task.bias_threshold=1").stdout)["alleges_bias"]["recall"] == 0.0


def test_sentences_of_one_article_are_read_together(tmp_path: Path) -> None:
    def row(number: int, text: str, actor: tuple[str, str], target: tuple[str, str], stance: str, article: str) -> str:
        position = {"actor": dict(zip(("name", "id"), actor, strict=True)), "target": dict(zip(("name", "id"), target, strict=True)),
                    "stance": stance, "alleges_bias": False}  # fmt: skip
        return json.dumps({"id": str(number), "article": article, "text": text, "positions": [position]})

    authority, motors = ("Coral Transit Authority", "body:coral-transit-authority"), ("Denholm Motors", "group:denholm-motors")
    hits = {}
    for articles in (("x", "x"), ("x", "y")):
        rows = [
            row(1, "The Coral Transit Authority condemned Denholm Motors.", authority, motors, "against", articles[0]),
            row(2, "The Transit Authority was condemned by Togo.", ("Togo", "TGO"), authority, "against", articles[1]),
        ]
        path = tmp_path / "rows.jsonl"
        path.write_text("\n".join(rows) + "\n", encoding="utf-8")
        done = command("src.evaluate", "data=endtoend", f"data.path={path}", "model=released_small", "resamples=100")
        hits[articles] = json.loads(done.stdout)["positions"]["hits"]
    assert hits == {("x", "x"): 2, ("x", "y"): 1}  # alone, nobody knows whose Transit Authority it is


def test_help_shows_groups_and_overrides() -> None:
    done = command("src.train", "--help")
    assert done.returncode == 0
    assert all(word in done.stdout for word in ("model:", "experiment:", "majority", "released", "seed=3", "--multirun"))
