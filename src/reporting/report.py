"""`report.html`: one self-contained page of a run that opens offline."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from src.files import write_atomically
from src.records import STANCES
from src.reporting import figures

if TYPE_CHECKING:
    from src.models.base import TrainingData
    from src.pipeline import Labelled
    from src.runs import Run

_TEMPLATES = Path(__file__).with_name("templates")

#: Names of figures as a reader knows them.
TITLES = {
    "macro_f1": "macro-F1",
    "micro_f1": "micro-F1",
    "f_avg": "F avg (favor, against)",
    "accuracy": "accuracy",
    "dse_macro_f1": "five-class macro-F1",
    "dse_micro_f1": "five-class micro-F1",
    "polarity_accuracy": "polarity accuracy",
    "binary_macro_f1": "binary macro-F1",
    "f1_m": "F1m",
}


def environment() -> Any:
    """The template environment: everything is escaped unless it is markup made here."""
    from jinja2 import Environment, FileSystemLoader, StrictUndefined

    made = Environment(
        loader=FileSystemLoader(_TEMPLATES), autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True
    )
    made.filters["data"] = as_data
    return made


def as_data(value: Any) -> Any:
    """JSON that may stand inside a `<script type="application/json">` whatever text it holds."""
    from markupsafe import Markup

    text = json.dumps(value, ensure_ascii=True, separators=(",", ":"))
    return Markup(text.replace("<", "\\u003c").replace(">", "\\u003e").replace("&", "\\u0026"))


def inline(path: Path) -> Any:
    """An SVG figure as markup for the page."""
    from markupsafe import Markup

    text = re.sub(r"<metadata>.*?</metadata>", "", path.read_text(encoding="utf-8"), flags=re.S)
    return Markup(text[text.index("<svg") :])


def read_predictions(folder: Path) -> list[dict[str, Any]]:
    """The per-example records of a run."""
    return [json.loads(line) for line in (folder / "predictions.jsonl").read_text(encoding="utf-8").splitlines()]


def write_report(run: Run, metrics: Mapping[str, Any], tests: Mapping[str, TrainingData], articles: Sequence[Labelled]) -> Path:
    """Draw the figures into `figures/`, and write `report.html`."""
    rows = read_predictions(run.folder)
    positions = [position.to_json() for article in articles for position in article.positions]
    drawn = _draw(run.folder / "figures", metrics, rows, positions, articles)
    page = (
        environment()
        .get_template("report.html")
        .render(
            manifest=run.manifest,
            metrics=metrics,
            titles=TITLES,
            stances=STANCES,
            config=(run.folder / "config.yaml").read_text(encoding="utf-8"),
            figures={name: inline(path) for name, path in drawn.items()},
            predictions=[_compact(row) for row in rows],
            articles=[_article(article) for article in articles],
            positions=len(positions),
        )
    )
    path = run.folder / "report.html"
    write_atomically(path, page)
    return path


def _draw(
    folder: Path,
    metrics: Mapping[str, Any],
    rows: Sequence[Mapping[str, Any]],
    positions: Sequence[Mapping[str, Any]],
    articles: Sequence[Labelled],
) -> dict[str, Path]:
    first = metrics["sets"][metrics["first"]]
    drawn: dict[str, Path] = {}
    key = next((name for name in TITLES if first[metrics["model"]].get(name) is not None), None)
    if key is not None:
        values = {name: scores[key] for name, scores in first.items() if scores.get(key) is not None}
        bounds = {name: scores["ci95"].get(key) for name, scores in first.items()}
        drawn["scores"] = figures.save(figures.scores(values, bounds, TITLES[key]), folder / "scores")
    main = [row for row in rows if row["set"] == metrics["first"] and row.get("right") is not None]
    labelled = [row for row in main if row["gold"] in STANCES and "stance_probs" in row]
    if labelled:
        counts = [[sum(r["gold"] == g and r["predicted"] == p for r in labelled) for p in STANCES] for g in STANCES]
        drawn["confusion"] = figures.save(figures.confusion(counts, STANCES), folder / "confusion")
        confidence = [max(row["stance_probs"].values()) for row in labelled]
        right = [row["right"] for row in labelled]
        drawn["reliability"] = figures.save(figures.reliability(confidence, right), folder / "reliability")
        drawn["risk_coverage"] = figures.save(figures.risk_coverage(confidence, right), folder / "risk_coverage")
    if positions:
        drawn["network"] = figures.save(figures.network(positions), folder / "network")
        drawn["matrix"] = figures.save(figures.matrix(positions), folder / "matrix")
        dates = {article.article.id: article.article.date for article in articles if article.article.date}
        dated = [(dates[row["article_id"]], row["stance"]) for row in positions if row["article_id"] in dates]
        if len({date[:7] for date, _ in dated}) > 1:
            drawn["timeline"] = figures.save(figures.timeline(dated), folder / "timeline")
    return drawn


def _compact(row: Mapping[str, Any]) -> dict[str, Any]:
    """What the explorer needs of a prediction, under short names."""
    out: dict[str, Any] = {"i": row["id"], "s": row["set"], "t": row["text"], "g": row["gold"], "p": row["predicted"], "r": row["right"]}
    if "stance_probs" in row:
        out["c"] = round(max(row["stance_probs"].values()), 3)
        for key, role in (("a", "actor"), ("o", "target")):
            if row.get(role):
                party = row[role]
                out[key] = [party["id"] or party["mention"], party["start"], party["end"]]
        out["e"] = [[span["start"], span["end"]] for span in row.get("evidence", [])]
        if row.get("alleges_bias_prob", 0) >= 0.5:
            out["b"] = 1
    if "hypothesis" in row:
        out["t"] = f"{row['text']} → {row['hypothesis']}"
    return out


def _article(labelled: Labelled) -> dict[str, Any]:
    """An article as paragraphs of sentences, each with its positions, for the article view."""
    by_sentence: dict[str, list[dict[str, Any]]] = {}
    for position in labelled.positions:
        by_sentence.setdefault(position.sentence_id, []).append(position.to_json())
    paragraphs: dict[int, list[dict[str, Any]]] = {}
    for sentence in labelled.sentences:
        positions = by_sentence.get(sentence.id, [])
        spans = [(p[role]["start"], p[role]["end"], role) for p in positions for role in ("actor", "target")]
        spans += [(e["start"], e["end"], "evidence") for p in positions for e in p["evidence"]]
        paragraphs.setdefault(sentence.paragraph, []).append(
            {"pieces": pieces(sentence.text, spans), "positions": positions, "kind": sentence.kind}
        )
    article = labelled.article
    return {
        "id": article.id,
        "title": article.title or article.id,
        "date": article.date,
        "outlet": article.outlet,
        "paragraphs": list(paragraphs.values()),
        "count": len(labelled.positions),
    }


def pieces(text: str, spans: Sequence[tuple[int, int, str]]) -> list[tuple[str, str]]:
    """The text cut where marks begin and end: (piece, space-separated marks).

    >>> pieces("Chad thanked Togo.", [(0, 4, "actor"), (13, 17, "target")])
    [('Chad', 'actor'), (' thanked ', ''), ('Togo', 'target'), ('.', '')]
    """
    cuts = sorted({0, len(text), *(s for s, _, _ in spans), *(e for _, e, _ in spans)})
    out = []
    for low, high in zip(cuts, cuts[1:], strict=False):
        marks = sorted({name for start, end, name in spans if start < high and end > low})
        out.append((text[low:high], " ".join(marks)))
    return out
