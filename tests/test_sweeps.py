"""A sweep as a user runs it: failures are shown and stop nothing, what is done is not done again, a killed one goes on."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from src.sweeps import cut_off_run, finished_run, read_jobs, sweep_job, table

ROOT = Path(__file__).resolve().parent.parent


def command(runs: Path, *overrides: str) -> list[str]:
    quick = [f"paths.runs={runs}", "articles=null", "baselines=[]", "resamples=100", "debug.examples=300"]
    return [sys.executable, "-m", "src.train", "--multirun", *quick, *overrides]


def sweep(runs: Path, *overrides: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(command(runs, *overrides), cwd=ROOT, capture_output=True, text=True, timeout=300, check=False)


def folders(runs: Path) -> list[Path]:
    return sorted(path.parent for path in runs.glob("default/*/status"))


def test_a_failed_job_stops_no_other_and_is_shown(tmp_path: Path) -> None:
    done = sweep(tmp_path, "model=majority", "seed=1,2", "task.metric=accuracy,macro_f1")
    assert done.returncode == 1, done.stderr
    assert "2 done, 0 skipped as done before, 2 failed" in done.stdout
    assert "failed: task.metric=accuracy is not a figure of this experiment" in done.stdout
    (sheet,) = tmp_path.glob("default/sweeps/*/sweep.json")
    jobs = json.loads(sheet.read_text(encoding="utf-8"))
    assert [job["status"].split(":")[0] for job in jobs] == ["failed", "done", "failed", "done"]
    assert all(Path(job["runs"][0], "report.html").exists() for job in jobs if job["status"] == "done")


def test_a_killed_sweep_goes_on_where_it_stopped(tmp_path: Path) -> None:
    overrides = ("model=majority,tfidf", "seed=1,2,3")
    process = subprocess.Popen(command(tmp_path, *overrides), cwd=ROOT, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    until = time.monotonic() + 120
    while time.monotonic() < until and sum(f.joinpath("status").read_text().startswith("done") for f in folders(tmp_path)) < 2:
        time.sleep(0.05)
    process.send_signal(signal.SIGKILL)
    process.wait()
    before = {f.name for f in folders(tmp_path) if f.joinpath("status").read_text().startswith("done")}
    assert before and len(before) < 6
    again = sweep(tmp_path, *overrides)
    assert again.returncode == 0, again.stderr
    assert f"{6 - len(before)} done, {len(before)} skipped as done before, 0 failed" in again.stdout
    finished = [f.name for f in folders(tmp_path) if f.joinpath("status").read_text().startswith("done")]
    assert len({name.split("_")[1] for name in finished}) == len(finished) == 6, "a job ran twice"
    anew = sweep(tmp_path, "model=majority", "seed=1", "skip_done=false")
    assert "1 done, 0 skipped as done before" in anew.stdout


def test_jobs_run_side_by_side_with_the_joblib_launcher(tmp_path: Path) -> None:
    done = sweep(tmp_path, "model=majority", "seed=1,2", "hydra/launcher=joblib", "hydra.launcher.n_jobs=2", "logger=mlflow",
                 f"logger.mlflow_uri=sqlite:///{tmp_path}/mlflow.db")  # fmt: skip
    assert "2 done, 0 skipped as done before, 0 failed" in done.stdout, done.stdout + done.stderr
    import mlflow

    mlflow.set_tracking_uri(f"sqlite:///{tmp_path}/mlflow.db")
    runs = mlflow.search_runs(search_all_experiments=True, output_format="list")
    parents = {run.data.tags.get("mlflow.parentRunId") for run in runs} - {None}
    assert len(runs) == 3 and len(parents) == 1, "two children of one parent"
    assert parents <= {run.info.run_id for run in runs}


def test_leave_one_actor_out_scores_each_actor_by_a_model_that_never_saw_it(tmp_path: Path) -> None:
    fixed = f"data.train=[{{name: positions, path: {ROOT / 'data'}, split: validation}}]"  # the training part grows, and with it the models
    options = ["model=tfidf", fixed, "data.leave_out=actor", "data.leave_out_least=12", "debug.examples=0", "seed=1"]
    done = sweep(tmp_path, *options)
    assert "1 done" in done.stdout, done.stdout + done.stderr
    (run,) = folders(tmp_path)
    rows = [json.loads(line) for line in run.joinpath("predictions.jsonl").read_text(encoding="utf-8").splitlines()]
    assert {row["set"] for row in rows} == {"positions:leave-one-actor-out"}
    counts: dict[str, int] = {}
    for row in rows:
        counts[row["actor"]["id"]] = counts.get(row["actor"]["id"], 0) + 1
    assert len(counts) > 3 and min(counts.values()) >= 12


def test_a_job_notes_how_it_ended(tmp_path: Path) -> None:
    def broken() -> tuple[float, str, list[Path]]:
        raise ZeroDivisionError("no figure")

    assert sweep_job(tmp_path, 1, ["a=2"], lambda: (0.25, "done", [])) == 0.25
    value = sweep_job(tmp_path, 0, ["a=1"], broken)
    assert value != value
    rows = read_jobs(tmp_path)
    assert [row["job"] for row in rows] == [0, 1]
    assert rows[0]["status"] == "failed: ZeroDivisionError: no figure"
    assert table(rows, "f_avg").splitlines()[2].startswith("| 1 | a=2 | 0.2500 | done |")


def test_only_a_run_that_nobody_works_on_is_taken_up(tmp_path: Path) -> None:
    import fcntl

    folder = tmp_path / "exp" / "20310101_abcdef0123"
    (folder / "checkpoint" / "onepass").mkdir(parents=True)
    (folder / "checkpoint" / "onepass" / "state.json").write_text("{}")
    (folder / "status").write_text("running\n")
    assert cut_off_run(tmp_path, "exp", "abcdef0123") == folder
    with (folder / ".lock").open("a") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        assert cut_off_run(tmp_path, "exp", "abcdef0123") is None
    assert finished_run(tmp_path, "exp", "abcdef0123") is None
    (folder / "status").write_text("done\n")
    assert finished_run(tmp_path, "exp", "abcdef0123") == folder


@pytest.fixture(autouse=True)
def no_hub(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(os.environ, "HF_HUB_OFFLINE", "1")
