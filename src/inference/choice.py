"""Chooses the runtime of a model: what the user asked for, if its labels are those of the exact one, or the fastest that has them.

The gate: on a probe set, the share of directed pairs whose stance or allegation differs from torch in single precision may be at
most `tolerance`. Its verdicts are kept beside the exported file, under the checksum of the weights, the machine and the versions.
"""

from __future__ import annotations

import hashlib
import json
import logging
import platform
import time
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from src.errors import ModelError
from src.files import write_atomically
from src.inference.runtimes import PRECISIONS, Runtime, export, onnx_runtime, openvino_runtime, quantised, supports_bf16, torch_runtime
from src.records import Pair, Span
from src.runs import hardware

if TYPE_CHECKING:
    from src.config import EngineConfig
    from src.models.onepass import OnePassModel

log = logging.getLogger(__name__)
_ROUNDS = 3


@dataclass(frozen=True)
class Verdict:
    """Of one runtime: the share of probe pairs whose labels differ, and probe sentences a second."""

    runtime: str
    precision: str
    differing: float
    speed: float


def read_probe(path: Path) -> list[Pair]:
    """The directed pairs of a file of pairs, without their labels.

    Raises:
        ModelError: there is no such file, or it is no file of pairs.
    """
    try:
        rows = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]
        return [Pair(row["text"], Span(**row["actor"]), Span(**row["target"])) for row in _spans_only(rows)]
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise ModelError(f"the probe set engine.probe={path} cannot be read: {error!r}; a JSONL file of pairs is expected") from error


def _spans_only(rows: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    sides = ("actor", "target")
    return [{"text": row["text"], **{s: {"start": row[s]["start"], "end": row[s]["end"]} for s in sides}} for row in rows]


def use_runtime(model: Any, config: EngineConfig) -> str:
    """Have `model` answer by `engine.runtime` and `engine.precision`; returns what it is, for example `openvino bf16`.

    Raises:
        ModelError: the model has no such runtime, a package is missing, or the gate refuses it.
    """
    if (config.runtime, config.precision) in (("torch", "auto"), ("torch", "fp32")):
        return "torch fp32"
    if not hasattr(model, "run_by"):
        raise ModelError(f"engine.runtime={config.runtime} needs a one-pass model (released, released_small, onepass)")
    candidates = _candidates(config.runtime, config.precision)
    probe = read_probe(Path(config.probe))
    folder = _folder(model, probe)
    known = _read_verdicts(folder)
    verdicts = []
    for runtime, precision in candidates:
        verdict = known.get((runtime, precision))
        if verdict is None:
            try:
                verdict = judge(model, runtime, precision, probe, folder, threads=config.threads)
            except ImportError as error:
                if len(candidates) == 1 or config.runtime != "auto":
                    raise ModelError(f"engine.runtime={runtime} needs the package {error.name}: install it") from error
                continue
            known[runtime, precision] = verdict
            _write_verdicts(folder, known)
        verdicts.append(verdict)
    passing = [v for v in verdicts if v.differing <= config.tolerance]
    if not passing:
        told = ", ".join(f"{v.runtime} {v.precision} {v.differing:.1%}" for v in verdicts)
        raise ModelError(
            f"labels differ from single precision on too many of {len(probe)} probe pairs ({told});"
            f" engine.tolerance={config.tolerance:.1%} at most: use engine.precision=fp32"
        )
    best = max(passing, key=lambda v: v.speed)
    model.run_by(build(model, best.runtime, best.precision, folder, threads=config.threads))
    log.info(
        "runtime: %s %s, %.0f probe sentences/s, %.2f%% of labels differ", best.runtime, best.precision, best.speed, 100 * best.differing
    )
    return f"{best.runtime} {best.precision}"


def _candidates(runtime: str, precision: str) -> list[tuple[str, str]]:
    every = [(name, kind) for name, kinds in PRECISIONS.items() for kind in kinds]
    found = [(r, p) for r, p in every if runtime in ("auto", r) and precision in ("auto", p)]
    if not found:
        allowed = "; ".join(f"{name}: {', '.join(kinds)}" for name, kinds in PRECISIONS.items())
        raise ModelError(f"engine.runtime={runtime} has no engine.precision={precision}; there is {allowed}")
    if precision == "auto" and runtime != "auto":
        found = found[:1]  # the exact one
    return found


def build(model: OnePassModel, runtime: str, precision: str, folder: Path, *, threads: int) -> Runtime:
    """One runtime of the model's network; exported files are made in `folder` when they are first needed.

    Raises:
        ImportError: the runtime's package is not installed.
        ModelError: the processor has no bfloat16 for OpenVINO.
    """
    if runtime == "torch":
        return torch_runtime(model.network, precision)
    file = export(model.network, model.example(), folder)
    if runtime == "onnx":
        return onnx_runtime(quantised(file) if precision == "int8" else file, threads=threads)
    if precision == "bf16" and not supports_bf16():
        raise ModelError("this processor does not compute in bfloat16; use engine.precision=fp32")
    return openvino_runtime(file, precision, threads=threads)


def judge(model: OnePassModel, runtime: str, precision: str, probe: Sequence[Pair], folder: Path, *, threads: int) -> Verdict:
    """Compare a runtime's labels with those of torch in single precision on the probe, and time it (median of three, warmed up)."""
    import numpy as np

    sentences = len({pair.text for pair in probe})
    with model.answering(torch_runtime(model.network)):
        exact = model.predict(probe)
    try:
        made = build(model, runtime, precision, folder, threads=threads)
    except ModelError:
        return Verdict(runtime, precision, 1.0, 0.0)
    with model.answering(made):
        scores = model.predict(probe)
        seconds = []
        for _ in range(_ROUNDS):
            started = time.perf_counter()
            model.predict(probe)
            seconds.append(time.perf_counter() - started)
    threshold = model.bias_threshold
    same = (scores.stance.argmax(1) == exact.stance.argmax(1)) & ((scores.alleges_bias >= threshold) == (exact.alleges_bias >= threshold))
    return Verdict(runtime, precision, float(1 - np.mean(same)), sentences / sorted(seconds)[_ROUNDS // 2])


def _folder(model: OnePassModel, probe: Sequence[Pair]) -> Path:
    from src.models.encoders import cache_folder

    return cache_folder() / "runtimes" / f"{model.checksum()[:16]}-{hashlib.sha256(repr(probe).encode()).hexdigest()[:8]}"


def _machine() -> str:
    import importlib.metadata

    found = [platform.machine(), str(hardware()["processor"]), str(hardware()["cores"])]
    for package in ("torch", "onnxruntime", "openvino"):
        try:
            found.append(f"{package} {importlib.metadata.version(package)}")
        except importlib.metadata.PackageNotFoundError:
            found.append(f"no {package}")
    return ", ".join(found)


def _read_verdicts(folder: Path) -> dict[tuple[str, str], Verdict]:
    try:
        kept = json.loads((folder / "verdicts.json").read_text(encoding="utf-8"))
        return {(v["runtime"], v["precision"]): Verdict(**v) for v in kept["verdicts"]} if kept["machine"] == _machine() else {}
    except (OSError, ValueError, KeyError, TypeError):
        return {}


def _write_verdicts(folder: Path, known: dict[tuple[str, str], Verdict]) -> None:
    kept = {"machine": _machine(), "verdicts": [asdict(v) for v in known.values()]}
    write_atomically(folder / "verdicts.json", json.dumps(kept, indent=2) + "\n")
