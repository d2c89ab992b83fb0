"""Loggers besides the run folder: MLflow with a local SQLite store, TensorBoard."""

from __future__ import annotations

import fcntl
import logging
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

if TYPE_CHECKING:
    from src.config import LoggerConfig
    from src.models.training import History
    from src.runs import Run


class Logger(Protocol):
    """What a tracker must take."""

    def metrics(self, values: Mapping[str, float]) -> None:
        """Final figures."""
        ...

    def history(self, model: str, history: History) -> None:
        """Figures over the epochs of a fit."""
        ...

    def artefacts(self, folder: Path) -> None:
        """Files to keep with the run."""
        ...


class _Mlflow:
    _KEPT = ("config.yaml", "metrics.json", "manifest.json", "report.html")

    def metrics(self, values: Mapping[str, float]) -> None:
        import mlflow

        mlflow.log_metrics({name: float(value) for name, value in values.items()})

    def history(self, model: str, history: History) -> None:
        import mlflow

        for step, row in enumerate(history.validations):
            mlflow.log_metrics({f"{model}/{k}": v for k, v in row.items() if v == v}, step=step)

    def artefacts(self, folder: Path) -> None:
        import mlflow

        for name in self._KEPT:
            if (folder / name).exists():
                mlflow.log_artifact(str(folder / name))


class _TensorBoard:
    def __init__(self, writer: Any) -> None:
        self._writer = writer

    def metrics(self, values: Mapping[str, float]) -> None:
        for name, value in values.items():
            self._writer.add_scalar(name, float(value), 0)

    def history(self, model: str, history: History) -> None:
        for step, row in enumerate(history.validations):
            for name, value in row.items():
                self._writer.add_scalar(f"{model}/{name}", value, step)

    def artefacts(self, folder: Path) -> None:
        """TensorBoard keeps none; the run folder has them."""


class Loggers:
    """All trackers of a run as one."""

    def __init__(self, members: list[Logger]) -> None:
        self._members = members

    def metrics(self, values: Mapping[str, float]) -> None:
        """Final figures, to every tracker."""
        for member in self._members:
            member.metrics(values)

    def history(self, model: str, history: History) -> None:
        """Figures over epochs, to every tracker."""
        for member in self._members:
            member.history(model, history)

    def artefacts(self, folder: Path) -> None:
        """The run's files, to every tracker that keeps files."""
        for member in self._members:
            member.artefacts(folder)


def _flat(values: Mapping[str, Any], prefix: str = "") -> Iterator[tuple[str, str]]:
    for key, value in values.items():
        if isinstance(value, Mapping):
            yield from _flat(value, f"{prefix}{key}.")
        else:
            yield f"{prefix}{key}", str(value)[:500]


@contextmanager
def _alone(uri: str) -> Iterator[None]:
    """While it lasts, no other run of ours sets up the SQLite store at `uri`."""
    if not uri.startswith("sqlite:///"):
        yield
        return
    store = Path(uri.removeprefix("sqlite:///"))
    store.parent.mkdir(parents=True, exist_ok=True)
    with store.with_name(f"{store.name}.lock").open("a") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield


def _parent(sweep: Path) -> str:
    """The id of the sweep's own MLflow run, made by whichever of its jobs comes first."""
    import mlflow

    sweep.mkdir(parents=True, exist_ok=True)
    with (sweep / "mlflow_run").open("a+", encoding="utf-8") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        file.seek(0)
        if not (known := file.read().strip()):
            with mlflow.start_run(run_name=f"sweep {sweep.name}") as parent:
                known = str(parent.info.run_id)
            file.write(known)
        return known


@contextmanager
def open_loggers(config: LoggerConfig, run: Run, settings: Mapping[str, Any], sweep: Path | None = None) -> Iterator[Loggers]:
    """The trackers that the configuration asks for, closed at the end, marked failed when the run fails.

    In MLflow the runs of one `sweep` (its folder) are children of one parent run.
    """
    members: list[Logger] = []
    writer: Any = None
    if config.tensorboard:
        from torch.utils.tensorboard import SummaryWriter

        writer = SummaryWriter(str(run.folder / "tensorboard"))
        members.append(_TensorBoard(writer))
    if config.mlflow:
        import mlflow

        for name in ("mlflow", "alembic"):
            logging.getLogger(name).setLevel(logging.WARNING)
        mlflow.set_tracking_uri(config.mlflow_uri)
        experiment = str(run.manifest["experiment"])
        with _alone(config.mlflow_uri):  # the first to come makes the tables and the experiment
            if mlflow.get_experiment_by_name(experiment) is None:
                place = run.folder.parent.parent.parent / "mlartifacts" / experiment
                mlflow.create_experiment(experiment, artifact_location=place.resolve().as_uri())
            mlflow.set_experiment(experiment)
        tags = {} if sweep is None else {"mlflow.parentRunId": _parent(sweep)}
        mlflow.start_run(run_name=run.folder.name, tags=tags)
        mlflow.log_params(dict(_flat(settings)))
        mlflow.set_tag("git_commit", str(run.manifest["git_commit"]))
        members.append(_Mlflow())
    status = "FAILED"
    try:
        yield Loggers(members)
        status = "FINISHED"
    finally:
        if writer is not None:
            writer.close()
        if config.mlflow:
            import mlflow

            mlflow.end_run(status)
