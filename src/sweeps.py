"""Many runs from one command: what is done is not done again, a failed job stops no other, and the sweep ends with a table.

Each job of a `--multirun` appends one line to `jobs.jsonl` in the sweep's folder; `SweepTable`, a Hydra callback, makes of them the
table at the end (`sweep.md`, `sweep.json`). A sweep that was cut off is given again: jobs whose signature (settings, data checksums,
code version, seed) a finished run bears are skipped, and a job that was cut off goes on from its checkpoint.
"""

from __future__ import annotations

import fcntl
import json
import logging
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

from hydra.experimental.callback import Callback
from omegaconf import DictConfig

from src.errors import StancelabError
from src.files import write_atomically
from src.runs import is_alive, run_status

log = logging.getLogger(__name__)


def finished_run(runs: Path, experiment: str, signature: str) -> Path | None:
    """The newest finished run of this signature."""
    found = [folder for folder in sorted((runs / experiment).glob(f"*_{signature}")) if run_status(folder) == "done"]
    return found[-1] if found else None


def cut_off_run(runs: Path, experiment: str, signature: str) -> Path | None:
    """The newest run of this signature that was cut off, left a checkpoint, and is worked on by nobody."""
    for folder in sorted((runs / experiment).glob(f"*_{signature}"), reverse=True):
        if run_status(folder) != "done" and not is_alive(folder) and any((folder / "checkpoint").glob("*/*")):
            return folder
    return None


def sweep_job(sweep: Path, number: int, overrides: Sequence[str], job: Callable[[], tuple[float, str, list[Path]]]) -> float:
    """Run one job of a sweep and note how it ended; a failure is noted and told, not raised, and gives NaN.

    `job` returns the optimised metric, `done` or `skipped`, and the run folders.
    """
    started = time.monotonic()
    row: dict[str, Any] = {"job": number, "overrides": list(overrides), "status": "done", "value": None, "runs": []}
    try:
        value, row["status"], folders = job()
        row |= {"value": value, "runs": [str(folder) for folder in folders]}
    except Exception as error:
        why = " ".join((str(error) if isinstance(error, StancelabError) else f"{type(error).__name__}: {error}").split())
        row["status"] = f"failed: {why}"
        value = float("nan")
        log.error("job %d failed: %s", number, why, exc_info=None if isinstance(error, StancelabError) else error)
    row["seconds"] = round(time.monotonic() - started, 1)
    sweep.mkdir(parents=True, exist_ok=True)
    with (sweep / "jobs.jsonl").open("a", encoding="utf-8") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        file.write(json.dumps(row) + "\n")
    return value


def read_jobs(sweep: Path) -> list[dict[str, Any]]:
    """The jobs of a sweep, in their order."""
    file = sweep / "jobs.jsonl"
    rows = [json.loads(line) for line in file.read_text(encoding="utf-8").splitlines()] if file.exists() else []
    return sorted(rows, key=lambda row: row["job"])


def table(jobs: Sequence[Mapping[str, Any]], metric: str) -> str:
    """The jobs as a Markdown table, best first among those that have a value, the failed ones last.

    >>> print(table([{"job": 0, "overrides": ["seed=1"], "status": "done", "value": 0.5, "seconds": 2.0, "runs": []}], "macro_f1"))
    | job | overrides | macro_f1 | status | seconds |
    |---|---|---|---|---|
    | 0 | seed=1 | 0.5000 | done | 2.0 |
    """
    lines = [f"| job | overrides | {metric} | status | seconds |", "|---|---|---|---|---|"]
    for row in sorted(jobs, key=lambda r: (r["value"] is None, -(r["value"] or 0.0), r["job"])):
        value = "-" if row["value"] is None else f"{row['value']:.4f}"
        told = str(row["status"]).replace("|", "\\|")
        lines.append(f"| {row['job']} | {' '.join(row['overrides'])} | {value} | {told} | {row['seconds']} |")
    return "\n".join(lines)


class SweepTable(Callback):
    """Hydra callback: prints and writes the table when a sweep ends; `failed` is how many jobs of it failed."""

    failed = 0

    def on_multirun_end(self, config: DictConfig, **_: Any) -> None:
        """Called by Hydra once, in the process that was started by the user."""
        sweep = Path(config.hydra.sweep.dir)
        jobs = read_jobs(sweep)
        if not jobs:
            return
        counts = {kind: sum(row["status"].startswith(kind) for row in jobs) for kind in ("done", "skipped", "failed")}
        SweepTable.failed = counts["failed"]
        text = table(jobs, str(config.task.metric))
        write_atomically(sweep / "sweep.md", text + "\n")
        write_atomically(sweep / "sweep.json", json.dumps(jobs, indent=2) + "\n")
        told = f"{counts['done']} done, {counts['skipped']} skipped as done before, {counts['failed']} failed"
        print(f"\n{text}\n\n{told}: {sweep / 'sweep.md'}")
