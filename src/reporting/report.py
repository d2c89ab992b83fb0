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
from src.reporting.packing import Table

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
    "alleges_bias_f1": "alleges bias F1",
}


def environment() -> Any:
    """The template environment: everything is escaped unless it is markup made here."""
    from jinja2 import Environment, FileSystemLoader, StrictUndefined

    return Environment(
        loader=FileSystemLoader(_TEMPLATES), autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True
    )


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
            predictions=_predictions(rows).packed(),
            found=_positions(articles).packed(),
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


def _predictions(rows: Sequence[Mapping[str, Any]]) -> Table:
    """The explorer's table of all scored examples."""
    table = Table(
        [
            ("text", "sentence", "sentence"), ("actor", "actor", "party"), ("target", "target", "party"), ("gold", "gold", "choice"),
            ("predicted", "predicted", "choice"), ("outcome", "outcome", "choice"), ("confidence", "confidence", "number"),
            ("bias", "alleges bias", "note"), ("attribution", "attribution", "note"), ("tags", "type", "note"), ("set", "set", "note"),
        ]
    )  # fmt: skip
    shown, marks = [], []
    for row in rows:
        parties = [row.get("actor") or {}, row.get("target") or {}]
        text = f"{row['text']} → {row['hypothesis']}" if "hypothesis" in row else row["text"]
        said, gold = row.get("alleges_bias_prob"), row.get("alleges_bias")
        shown.append(
            {
                "text": text,
                "actor": parties[0].get("id") or parties[0].get("mention"),
                "target": parties[1].get("id") or parties[1].get("mention"),
                "gold": row["gold"],
                "predicted": row["predicted"],
                "outcome": None if row.get("right") is None else "right" if row["right"] else "wrong",
                "confidence": round(max(row["stance_probs"].values()), 3) if "stance_probs" in row else None,
                "bias": ", ".join(
                    f"bias {name}"
                    for name, holds in (("in gold", gold), ("predicted", said is not None and said == said and said >= 0.5))
                    if holds
                ),
                "attribution": row.get("attribution"),
                "tags": ", ".join(row.get("tags") or ()),
                "set": row["set"],
            }
        )
        found = [at for party in parties for at in ((party["start"], party["end"]) if party.get("mention") else (-1, -1))]
        marks.append([*found, *(at for span in row.get("evidence") or () for at in (span["start"], span["end"]))])
    table.rows, table.marks = shown, marks
    return table


def _positions(articles: Sequence[Labelled]) -> Table:
    """The explorer's table of the positions found in articles."""
    table = Table(
        [
            ("text", "sentence", "sentence"), ("actor", "actor", "party"), ("stance", "stance", "choice"), ("target", "target", "party"),
            ("bias", "alleges bias", "choice"), ("attribution", "attribution", "note"), ("p", "probability", "number"),
            ("date", "date", "note"), ("outlet", "outlet", "note"), ("article", "article", "article"),
        ]
    )  # fmt: skip
    shown, marks = [], []
    for number, labelled in enumerate(articles):
        for position in labelled.positions:
            row = position.to_json()
            shown.append(
                {
                    "text": row["sentence"],
                    "actor": _named(row["actor"]),
                    "stance": row["stance"],
                    "target": _named(row["target"]),
                    "bias": "yes" if row["alleges_bias"] else "no",
                    "attribution": row["attribution"],
                    "p": row["stance_probs"][row["stance"]],
                    "date": labelled.article.date,
                    "outlet": labelled.article.outlet,
                    "article": number,
                }
            )
            found = [at for role in ("actor", "target") for at in (row[role]["start"], row[role]["end"])]
            marks.append([*found, *(at for span in row["evidence"] for at in (span["start"], span["end"]))])
    table.rows, table.marks = shown, marks
    return table


def _named(party: Mapping[str, Any]) -> str:
    """A party with whom it represents: `Ilham Aliyev (Azerbaijan)`."""
    return f"{party['name']} ({party['represents']['name']})" if party["represents"] else str(party["name"])


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
