"""Compares finished runs that were scored on the same examples."""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Mapping, Sequence
from glob import glob, has_magic
from itertools import combinations
from pathlib import Path
from typing import TYPE_CHECKING, Any

from src.errors import ConfigError, InputError
from src.evaluation import metrics
from src.evaluation.intervals import Statistic, bootstrap, cluster_counts, holm, mcnemar, paired_bootstrap, ranks
from src.files import write_atomically
from src.reporting import figures
from src.reporting.packing import Table
from src.reporting.report import environment, inline
from src.runs import read_run

if TYPE_CHECKING:
    import numpy as np


def find_runs(runs: Sequence[str] | str) -> list[Path]:
    """The run folders of a list, or of a glob (unfinished runs of a glob are left out).

    Raises:
        ConfigError: fewer than two runs.
    """
    if isinstance(runs, str):
        found = [Path(p) for p in sorted(glob(runs))] if has_magic(runs) else [Path(runs)]
        found = [p for p in found if (p / "status").exists() and (p / "status").read_text().strip() == "done"]
    else:
        found = [Path(str(run)) for run in runs]
    if len(found) < 2:
        raise ConfigError(f"a comparison needs two finished runs or more; runs={runs} gives {len(found)}")
    return found


def flat(config: Mapping[str, Any], prefix: str = "") -> dict[str, Any]:
    """Nested settings as dotted keys.

    >>> flat({"model": {"name": "tfidf"}, "seed": 1})
    {'model.name': 'tfidf', 'seed': 1}
    """
    out: dict[str, Any] = {}
    for key, value in config.items():
        if isinstance(value, Mapping):
            out |= flat(value, f"{prefix}{key}.")
        else:
            out[f"{prefix}{key}"] = value
    return out


def differing(configs: Sequence[Mapping[str, Any]]) -> dict[str, list[Any]]:
    """The settings in which runs differ, with each run's value (None where a run has no such setting)."""
    tables = [flat(config) for config in configs]
    keys = list(dict.fromkeys(key for table in tables for key in table))
    return {key: [t.get(key) for t in tables] for key in keys if len({json.dumps(t.get(key), default=str) for t in tables}) > 1}


def _statistic(name: str) -> Statistic:
    import numpy as np

    def accuracy(counts: np.ndarray) -> np.ndarray:
        return np.asarray(np.trace(counts, axis1=-2, axis2=-1) / np.maximum(1, counts.sum((-2, -1))))

    def f_avg(counts: np.ndarray) -> np.ndarray:
        return np.asarray(metrics.f1_from_counts(counts)[..., :2].mean(-1))

    known: dict[str, Statistic] = {
        "macro_f1": metrics.macro_from_counts, "micro_f1": accuracy, "accuracy": accuracy, "f_avg": f_avg,
    }  # fmt: skip
    if name not in known:
        raise ConfigError(f"metric={name} cannot be compared; choose one of {', '.join(known)}")
    return known[name]


def _same_data(runs: Sequence[Mapping[str, Any]]) -> list[str]:
    """The ids that all runs were scored on.

    Raises:
        InputError: the runs were scored on different examples; names the checksums.
    """
    marks = []
    for run in runs:
        blob = json.dumps([[r["id"], r["set"], r["gold"]] for r in run["predictions"] if r.get("right") is not None])
        marks.append(hashlib.sha256(blob.encode()).hexdigest()[:12])
    if len(set(marks)) > 1:
        told = "; ".join(f"{Path(run['folder']).name}: {mark} of {_files(run)}" for run, mark in zip(runs, marks, strict=True))
        raise InputError(f"these runs were scored on different examples and cannot be compared (checksums of ids and gold: {told})")
    return [row["id"] for row in runs[0]["predictions"] if row.get("right") is not None]


def _files(run: Mapping[str, Any]) -> str:
    return ", ".join(f"{name} {value[:8]}" for name, value in run["manifest"]["data"].items()) or "no file"


def compare_runs(
    runs: Sequence[str] | str, *, output: Path | None, metric: str, seed: int, resamples: int, root: Path
) -> tuple[dict[str, Any], Path]:
    """Compare runs pairwise and write `compare.json`, `compare.md`, `compare.tex`, `compare.html` and figures.

    Tests are the paired bootstrap over articles and McNemar's, p-values corrected by Holm over all pairs.

    Returns:
        The comparison, and the folder it was written to.
    """
    read = [read_run(folder) for folder in find_runs(runs)]
    _same_data(read)
    names = _names(read)
    rows = [[r for r in run["predictions"] if r.get("right") is not None] for run in read]
    labels = sorted({str(r[key]) for run in rows for r in run for key in ("gold", "predicted")}, key=_label_order)
    place = {label: i for i, label in enumerate(labels)}
    clusters = [r.get("article_id") or r.get("group") or r["id"] for r in rows[0]]
    counts = [
        cluster_counts(clusters, [place[str(r["gold"])] for r in run], [place[str(r["predicted"])] for r in run], len(labels))
        for run in rows
    ]
    statistic = _statistic(metric)
    scores: list[dict[str, Any]] = [
        {
            "run": name,
            "folder": run["folder"],
            "signature": run["manifest"]["signature"],
            metric: float(statistic(count.sum(0))),
            "ci95": bootstrap(count, statistic, resamples=resamples, seed=seed),
        }
        for name, run, count in zip(names, read, counts, strict=True)
    ]
    tests: list[dict[str, Any]] = []
    for a, b in combinations(range(len(read)), 2):
        paired = paired_bootstrap(counts[a], counts[b], statistic, resamples=resamples, seed=seed)
        right = [[bool(r["right"]) for r in rows[i]] for i in (a, b)]
        tests.append({"first": names[a], "second": names[b], "bootstrap": paired, "mcnemar": mcnemar(*right)})
    for kind in ("bootstrap", "mcnemar"):
        for test, value in zip(tests, holm([t[kind]["p"] for t in tests]), strict=True):
            test[kind]["p_holm"] = value
    ranked = ranks(counts, statistic, resamples=resamples, seed=seed)
    for score, (middle, low, high) in zip(scores, ranked, strict=True):
        score["rank"] = {"mean": middle, "ci95": [low, high]}
    result: dict[str, Any] = {
        "metric": metric,
        "n": len(rows[0]),
        "seed": seed,
        "resamples": resamples,
        "scores": scores,
        "tests": tests,
        "differs": differing([run["config"] for run in read]),
        "flips": {f"{names[a]} vs {names[b]}": _flips(rows[a], rows[b]) for a, b in combinations(range(len(read)), 2)},
    }
    folder = output or root / "experiments" / "comparisons" / "-".join(s["signature"] for s in scores)[:80]
    write_atomically(folder / "compare.json", json.dumps(result, indent=2, ensure_ascii=False) + "\n")
    write_atomically(folder / "compare.md", markdown(result))
    write_atomically(folder / "compare.tex", latex(result))
    page = environment().get_template("compare.html").render(
        result=result, names=names, figures={name: inline(path) for name, path in _draw(result, folder / "figures").items()},
        flips=_flip_table(result["flips"]).packed(), links=[os.path.relpath(Path(s["folder"]) / "report.html", folder) for s in scores],
    )  # fmt: skip
    write_atomically(folder / "compare.html", page)
    return result, folder


def _draw(result: Mapping[str, Any], folder: Path) -> dict[str, Path]:
    metric, scores = result["metric"], result["scores"]
    bounds = {s["run"]: s["ci95"] for s in scores if s["ci95"]}
    drawn = {"scores": figures.save(figures.scores({s["run"]: s[metric] for s in scores}, bounds, metric), folder / "scores")}
    places = {s["run"]: (s["rank"]["mean"], *s["rank"]["ci95"]) for s in scores}
    drawn["ranks"] = figures.save(figures.rank_plot(places), folder / "ranks")
    for key, values in result["differs"].items():
        numeric = all(isinstance(v, (int, float)) and not isinstance(v, bool) for v in values)
        if len(result["differs"]) == 1 and numeric and len(values) > 2:
            points = [(float(v), s[metric], s["ci95"]) for v, s in zip(values, scores, strict=True)]
            drawn["curve"] = figures.save(figures.curve(points, key, metric), folder / "curve")
    return drawn


def _flip_table(flips: Mapping[str, Mapping[str, Sequence[Mapping[str, Any]]]]) -> Table:
    """The explorer's table of the examples that flipped."""
    table = Table(
        [
            ("text", "sentence", "sentence"), ("actor", "actor", "party"), ("target", "target", "party"), ("gold", "gold", "choice"),
            ("first", "first run", "choice"), ("second", "second run", "choice"), ("kind", "right", "choice"), ("pair", "runs", "note"),
        ]
    )  # fmt: skip
    rows, marks = [], []
    for pair, kinds in flips.items():
        for kind, title in (("gained", "only second"), ("lost", "only first")):
            for row in kinds[kind]:
                sides = [row.get("actor") or {}, row.get("target") or {}]
                names = [side.get("id") or side.get("mention") for side in sides]
                shown = {key: str(row[key]) for key in ("text", "gold", "first", "second")}
                rows.append(shown | {"actor": names[0], "target": names[1], "kind": title, "pair": pair})
                marks.append([at for side in sides for at in ((side["start"], side["end"]) if side.get("mention") else (-1, -1))])
    table.rows, table.marks = rows, marks
    return table


def _label_order(label: str) -> tuple[int, str]:
    known = ("favor", "against", "neutral")
    return (known.index(label) if label in known else len(known), label)


def _names(runs: Sequence[Mapping[str, Any]]) -> list[str]:
    """Short distinct names: the model, with seed or signature where that is not enough."""
    names = [str(run["metrics"]["model"]) for run in runs]
    if len(set(names)) < len(names):
        names = [f"{name} (seed {run['manifest']['seed']})" for name, run in zip(names, runs, strict=True)]
    if len(set(names)) < len(names):
        names = [f"{run['metrics']['model']} ({run['manifest']['signature']})" for run in runs]
    if len(set(names)) < len(names):
        names = [f"{run['metrics']['model']} ({Path(run['folder']).name})" for run in runs]
    return names


def _flips(first: Sequence[Mapping[str, Any]], second: Sequence[Mapping[str, Any]]) -> dict[str, list[dict[str, Any]]]:
    """The examples that one run has right and the other wrong, in both directions."""
    out: dict[str, list[dict[str, Any]]] = {"gained": [], "lost": []}
    for a, b in zip(first, second, strict=True):
        if a["right"] != b["right"]:
            row = {key: a.get(key) for key in ("id", "set", "text", "actor", "target", "gold")}
            row |= {"first": a["predicted"], "second": b["predicted"]}
            out["gained" if b["right"] else "lost"].append(row)
    return out


def _interval(pair: Sequence[float] | None) -> str:
    return "" if pair is None else f" [{pair[0]:.3f}, {pair[1]:.3f}]"


def markdown(result: Mapping[str, Any]) -> str:
    """The comparison as Markdown tables."""
    metric = result["metric"]
    lines = [f"# {metric} on {result['n']} examples", "", f"| run | {metric} (95% interval) | signature |", "|---|---|---|"]
    lines += [f"| {s['run']} | {s[metric]:.3f}{_interval(s['ci95'])} | {s['signature']} |" for s in result["scores"]]
    lines += ["", "| first | second | difference (95% interval) | bootstrap p (Holm) | McNemar p (Holm) |", "|---|---|---|---|---|"]
    for t in result["tests"]:
        paired, exact = t["bootstrap"], t["mcnemar"]
        lines.append(
            f"| {t['first']} | {t['second']} | {paired['difference']:+.3f}{_interval(paired['ci95'])}"
            f" | {paired['p']:.4f} ({paired['p_holm']:.4f}) | {exact['p']:.4f} ({exact['p_holm']:.4f}) |"
        )
    lines += ["", "| setting | " + " | ".join(s["run"] for s in result["scores"]) + " |", "|---" * (len(result["scores"]) + 1) + "|"]
    lines += [f"| `{key}` | " + " | ".join(f"`{value}`" for value in values) + " |" for key, values in result["differs"].items()]
    return "\n".join(lines) + "\n"


def latex(result: Mapping[str, Any]) -> str:
    """The scores as a LaTeX table (booktabs)."""
    metric = result["metric"]
    rows = [
        f"{_tex(s['run'])} & {s[metric]:.3f} & {'' if s['ci95'] is None else '[{:.3f}, {:.3f}]'.format(*s['ci95'])} \\\\"
        for s in result["scores"]
    ]
    head = f"\\begin{{tabular}}{{lrr}}\n\\toprule\nrun & {_tex(metric)} & 95\\% interval \\\\\n\\midrule\n"
    tests = [
        f"{_tex(t['first'])} & {_tex(t['second'])} & {t['bootstrap']['difference']:+.3f} & [{t['bootstrap']['ci95'][0]:.3f},"
        f" {t['bootstrap']['ci95'][1]:.3f}] & {t['bootstrap']['p_holm']:.4f} & {t['mcnemar']['p_holm']:.4f} \\\\"
        for t in result["tests"]
    ]
    second = (
        "\\begin{tabular}{llrrrr}\n\\toprule\nfirst & second & difference & 95\\% interval & $p$ (bootstrap, Holm)"
        " & $p$ (McNemar, Holm) \\\\\n\\midrule\n"
    )
    end = "\n\\bottomrule\n\\end{tabular}\n"
    return head + "\n".join(rows) + end + "\n" + second + "\n".join(tests) + end


def _tex(text: str) -> str:
    return "".join("\\" + c if c in "_&%#$" else c for c in text)
