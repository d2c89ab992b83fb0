"""`index.html`: all runs and comparisons of a folder of experiments, with their figures and links."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

from src.files import write_atomically
from src.reporting.report import TITLES, environment
from src.runs import is_alive, run_status


def write_index(runs: Path) -> Path:
    """List every run under `runs` (and every comparison beside it) in `index.html`, beside a folder called `runs`, else inside it.

    Runs that others are writing at the same time do no harm: what cannot be read yet is listed by its status alone.
    """
    home = runs.parent if runs.name == "runs" else runs
    path = home / "index.html"
    listed = [_run(folder, home) for folder in sorted(_folders(runs), key=lambda folder: folder.name, reverse=True)]
    comparisons = [_comparison(file, home) for file in sorted((home / "comparisons").glob("*/compare.json"), reverse=True)]
    page = environment().get_template("index.html").render(runs=listed, comparisons=[c for c in comparisons if c], titles=TITLES)
    write_atomically(path, page)
    return path


def _folders(runs: Path) -> list[Path]:
    return [status.parent for status in runs.glob("*/*/status")]


def _json(path: Path) -> dict[str, Any]:
    try:
        found = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return found if isinstance(found, dict) else {}


def _run(folder: Path, home: Path) -> dict[str, Any]:
    manifest, metrics = _json(folder / "manifest.json"), _json(folder / "metrics.json")
    status = run_status(folder)
    if status == "running" and not is_alive(folder):
        status = "cut off"
    model, first = metrics.get("model", ""), metrics.get("first", "")
    scores = metrics.get("sets", {}).get(first, {}).get(model, {})
    key = next((name for name in TITLES if scores.get(name) is not None), None)
    report = folder / "report.html"
    return {
        "name": folder.parent.name,
        "model": model,
        "data": first,
        "seed": manifest.get("seed", ""),
        "started": str(manifest.get("started", ""))[:16].replace("T", " "),
        "seconds": manifest.get("wall_seconds"),
        "signature": manifest.get("signature", folder.name),
        "status": status,
        "figure": TITLES[key] if key else "",
        "value": scores.get(key) if key else None,
        "ci95": (scores.get("ci95") or {}).get(key) if key else None,
        "bias": (scores.get("alleges_bias") or {}).get("f1"),
        "link": os.path.relpath(report, home) if report.exists() else "",
    }


def _comparison(file: Path, home: Path) -> dict[str, Any] | None:
    found = _json(file)
    page = file.with_name("compare.html")
    if not found or not page.exists():
        return None
    runs = ", ".join(str(score["run"]) for score in found.get("scores", []))
    return {"runs": runs, "metric": found.get("metric", ""), "n": found.get("n", ""), "link": os.path.relpath(page, home)}
