"""The trackers, read back through their own libraries."""

from __future__ import annotations

from pathlib import Path

import pytest

from src.config import LoggerConfig
from src.loggers import open_loggers
from src.models.training import History
from src.runs import Run, read_run, signature


def logged(folder: Path, *, fail: bool = False) -> Path:
    config = LoggerConfig(mlflow=True, mlflow_uri=f"sqlite:///{folder}/store/mlflow.db", tensorboard=True)
    with Run.start(folder / "runs", "tried", {"seed": 3}, ["seed=3"], checksums={"a": "b"}, seed=3, repository=folder) as run:
        run.write_json("metrics.json", {"macro_f1": 0.5})
        with open_loggers(config, run, {"seed": 3, "model": {"name": "tfidf"}}) as loggers:
            loggers.history("pair", History(validations=[{"epoch": 1.0, "score": 0.25}, {"epoch": 2.0, "score": 0.75}]))
            loggers.metrics({"macro_f1": 0.5})
            loggers.artefacts(run.folder)
            if fail:
                raise RuntimeError("the disk is full")
    return run.folder


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    folder = tmp_path_factory.mktemp("tracked")
    done = logged(folder)
    with pytest.raises(RuntimeError):
        logged(folder, fail=True)
    return folder, done


def test_mlflow_holds_settings_figures_epochs_and_files(store: tuple[Path, Path]) -> None:
    from mlflow.tracking import MlflowClient

    folder, run = store
    client = MlflowClient(f"sqlite:///{folder}/store/mlflow.db")
    experiment = client.get_experiment_by_name("tried")
    assert experiment is not None
    found = {entry.info.status: entry for entry in client.search_runs([experiment.experiment_id])}
    assert set(found) == {"FINISHED", "FAILED"}
    done = found["FINISHED"]
    assert done.info.run_name == run.name
    assert done.data.params["model.name"] == "tfidf"
    assert done.data.metrics["macro_f1"] == 0.5
    history = client.get_metric_history(done.info.run_id, "pair/score")
    assert [point.value for point in history] == [0.25, 0.75]
    assert {file.path for file in client.list_artifacts(done.info.run_id)} >= {"config.yaml", "metrics.json", "manifest.json"}


def test_tensorboard_holds_figures_and_epochs(store: tuple[Path, Path]) -> None:
    from tensorboard.backend.event_processing.event_accumulator import EventAccumulator

    events = EventAccumulator(str(store[1] / "tensorboard"))
    events.Reload()
    assert [round(point.value, 3) for point in events.Scalars("pair/score")] == [0.25, 0.75]
    assert events.Scalars("macro_f1")[0].value == 0.5


def test_a_failed_run_says_why_and_cannot_be_read(store: tuple[Path, Path]) -> None:
    folder, done = store
    (failed,) = (f for f in (folder / "runs" / "tried").iterdir() if f != done)
    assert (failed / "status").read_text() == "failed: RuntimeError: the disk is full\n"
    with pytest.raises(Exception, match="not finished"):
        read_run(failed)


def test_a_signature_changes_with_what_changes_a_result() -> None:
    base = signature({"seed": 1, "model": {"name": "tfidf"}, "paths": {"root": "a"}}, {"x": "1"})
    assert base == signature({"seed": 1, "model": {"name": "tfidf"}, "paths": {"root": "b"}}, {"x": "1"})
    others = {
        signature({"seed": 2, "model": {"name": "tfidf"}}, {"x": "1"}),
        signature({"seed": 1, "model": {"name": "pair"}}, {"x": "1"}),
        signature({"seed": 1, "model": {"name": "tfidf"}}, {"x": "2"}),
    }
    assert base not in others
    assert len(others) == 3
