"""Reports, comparisons and the index as a reader meets them: in a browser, offline, with a mouse, a keyboard, or a phone."""

from __future__ import annotations

import json
import time
from pathlib import Path
from typing import Any

import pytest

from src.models.base import TrainingData
from src.pipeline import Labelled
from src.records import Article, Entity, LabelledPair, Mention, Pair, Position, Sentence, Span
from src.reporting import compare_runs, write_index, write_report
from src.runs import Run
from tests.browser.conftest import Visitor, until
from tests.conftest import examples

pytestmark = pytest.mark.browser

HOSTILE = [
    "<script>alert('Chad')</script> thanked Togo.",
    '"onerror="alert(1)" <img src=x onerror=alert(2)> thanked Togo.',
    "Chad \u202egnidaer\u202c thanked Togo.",
    "Chad " + "x" * 10_000 + " thanked Togo.",
    "</script><script>alert(3)</script> Chad thanked Togo & left {{ 7*7 }}.",
    "\U0001f30d Chad thanked Togo with an \U0001f642.",
]


def hostile_pairs() -> list[LabelledPair]:
    rows = []
    for number, text in enumerate(HOSTILE):
        at = text.index("Togo")
        pair = Pair(text, Span(0, 4), Span(at, at + 4))
        rows.append(
            LabelledPair(f"h{number}", pair, "favor", article_id=f"h{number}", actor_id="TCD", target_id=text[:40], tags=("other",))
        )
    return rows


def article() -> Labelled:
    text = HOSTILE[1]
    sentence = Sentence("<b>a</b>", "<b>a</b>:0", text, 0, len(text))
    chad, togo = Entity("<i>Chad</i>", "TCD", "state"), Entity("Togo", "TGO", "state")
    at = text.index("Togo")
    position = Position(
        "<b>a</b>", "<b>a</b>:0", text, 0, len(text), Mention("onerr", 1, 6, chad), Mention("Togo", at, at + 4, togo),
        "favor", {"favor": 0.9, "against": 0.05, "neutral": 0.05}, False, 0.1, 0.1, "writer", (Span(at - 8, at - 1),),
    )  # fmt: skip
    made = Article("<b>a</b>", text, title="<script>alert(4)</script>", date="2031-02-03", outlet='"><b>Herald')
    return Labelled(made, [sentence], [position])


def scored(rows: list[LabelledPair], wrong: int) -> list[dict[str, Any]]:
    out = []
    for number, row in enumerate(rows):
        assert row.pair.actor is not None
        guess = "neutral" if number % wrong == 0 else row.stance
        sides = {"actor": (row.pair.actor, row.actor_id), "target": (row.pair.target, row.target_id)}
        out.append(
            {
                "id": row.id, "set": "pairs", "article_id": row.article_id, "group": row.group, "text": row.pair.text, "gold": row.stance,
                "predicted": guess, "right": guess == row.stance, "tags": list(row.tags), "attribution": row.attribution or "writer",
                "stance_probs": {"favor": 0.2, "against": 0.2, "neutral": 0.6},
                **{side: {"id": name, "mention": row.pair.text[s.start : s.end], "start": s.start, "end": s.end} for side, (s, name) in sides.items()},
            }
        )  # fmt: skip
    return out


def metrics(rows: list[dict[str, Any]], data: TrainingData) -> dict[str, Any]:
    import numpy as np

    from src.evaluation.scoring import score_pairs
    from src.records import STANCES

    probs = np.array([[row["predicted"] == name for name in STANCES] for row in rows], dtype=float)
    scores = score_pairs(data.pairs, probs, np.full(len(rows), 0.1), seed=1, resamples=100)
    return {
        "model": "tfidf",
        "first": "pairs",
        "headline": {"n": len(rows), "macro_f1": scores["macro_f1"]},
        "sets": {"pairs": {"tfidf": scores}},
    }


def make_run(root: Path, rows: list[LabelledPair], *, wrong: int = 5, seed: int = 1, articles: list[Labelled] | None = None) -> Path:
    """A run folder with its report, from labelled pairs of which every so-manieth is answered wrong."""
    data = TrainingData(rows)
    config = {"seed": seed, "model": {"name": "tfidf", "strength": float(wrong)}}
    with Run.start(root, "browser", config, [], checksums={"pairs/a.jsonl": "0" * 64}, seed=seed, repository=root) as run:
        predictions = scored(rows, wrong)
        run.write_lines("predictions.jsonl", predictions)
        told = metrics(predictions, data)
        run.write_json("metrics.json", told)
        write_report(run, told, {"pairs": data}, articles or [])
    return run.folder


@pytest.fixture(scope="module")
def runs(tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    root = tmp_path_factory.mktemp("experiments") / "runs"
    rows = [*examples(), *hostile_pairs()]
    return [make_run(root, rows, wrong=5, articles=[article()]), make_run(root, rows, wrong=7)]


@pytest.fixture(scope="module")
def pages(runs: list[Path]) -> dict[str, Path]:
    """Report, comparison and index."""
    home = runs[0].parents[2]
    _, folder = compare_runs(
        [str(run) for run in runs], output=home / "comparisons" / "one", metric="macro_f1", seed=1, resamples=100, root=home
    )
    return {"report": runs[0] / "report.html", "compare": folder / "compare.html", "index": write_index(runs[0].parents[1])}


_STATUS = "document.querySelector('section[data-source=data-predictions] [role=status]').textContent"


def told(page: Any, count: str) -> None:
    """Wait until the explorer of predictions says so many."""
    until(page, f"t => {_STATUS}.startsWith(t)", count)


@pytest.mark.parametrize("name", ["report", "compare", "index"])
def test_pages_open_offline_without_a_fault(pages: dict[str, Path], visit: Visitor, name: str) -> None:
    seen = visit(pages[name])
    seen.ready()
    assert seen.problems == []
    assert seen.requests == [pages[name].resolve().as_uri()]


def test_hostile_text_shows_as_text(pages: dict[str, Path], visit: Visitor) -> None:
    seen = visit(pages["report"])
    page = seen.ready()
    page.select_option("#data-predictions-outcome", "")
    for words in ("<script>alert('Chad')", "<img src=x onerror=alert(2)>", "</script><script>alert(3)", "{{ 7*7 }}"):
        page.fill("#data-predictions-text", words)
        until(page, "w => document.querySelector('section[data-source=data-predictions] tbody').textContent.includes(w)", words)
    page.fill("#data-predictions-text", "xxxxxxxx")
    page.wait_for_timeout(200)
    assert page.evaluate("document.documentElement.scrollWidth") <= 1280, "a long token must not widen the page"
    assert page.locator("details#article-0 summary").inner_text().startswith("<script>alert(4)</script>")
    assert page.locator("main img, main b:not(.kpis b), main script").count() == 0
    assert seen.problems == []


def test_marks_stand_where_the_mentions_are_even_behind_emoji(pages: dict[str, Path], visit: Visitor) -> None:
    page = visit(pages["report"]).ready()
    page.select_option("#data-predictions-outcome", "")
    page.fill("#data-predictions-text", "with an")
    until(page, "() => document.querySelectorAll('section[data-source=data-predictions] tbody tr').length === 1")
    assert page.locator("section[data-source=data-predictions] tbody mark.target").inner_text() == "Togo"


def test_filters_search_and_sorting_find_what_they_say(pages: dict[str, Path], runs: list[Path], visit: Visitor) -> None:
    page = visit(pages["report"]).ready()
    section = "section[data-source=data-predictions]"
    total = len(examples()) + len(HOSTILE)
    status = page.locator(f"{section} [role=status]")
    wrong = sum(not json.loads(line)["right"] for line in (runs[0] / "predictions.jsonl").read_text(encoding="utf-8").splitlines())
    assert status.inner_text().startswith(f"{wrong} of {total}")
    page.select_option("#data-predictions-outcome", "right")
    told(page, f"{total - wrong} of {total}")
    page.select_option("#data-predictions-outcome", "")
    page.fill("#data-predictions-actor", "Oslo")
    page.select_option("#data-predictions-gold", "against")
    page.wait_for_timeout(200)
    cells = page.locator(f"{section} tbody tr td:nth-child(2)").all_inner_texts()
    assert len(cells) == 6 and set(cells) == {"Oslo"}
    page.get_by_role("region", name="scored predictions").get_by_role("button", name="target").click()
    targets = page.locator(f"{section} tbody tr td:nth-child(3)").all_inner_texts()
    assert targets == sorted(targets)
    assert page.locator(f"{section} th[aria-sort=ascending]").inner_text() == "target"


def test_the_keyboard_reaches_the_filters_and_the_article(pages: dict[str, Path], visit: Visitor) -> None:
    page = visit(pages["report"]).ready()
    page.focus("#data-positions-text")
    page.keyboard.type("onerror")
    page.wait_for_timeout(200)
    page.locator("section[data-source=data-positions] tbody a").focus()
    page.keyboard.press("Enter")
    until(page, "() => location.hash === '#article-0' && document.getElementById('article-0').open")


def test_the_colours_can_be_switched_and_stay(pages: dict[str, Path], visit: Visitor) -> None:
    page = visit(pages["index"]).ready()
    light = page.evaluate("getComputedStyle(document.body).backgroundColor")
    page.click("#theme")
    assert page.evaluate("getComputedStyle(document.body).backgroundColor") != light
    assert page.locator("#theme").inner_text() == "light"


def test_the_index_sorts_filters_and_leads_to_reports(pages: dict[str, Path], runs: list[Path], visit: Visitor) -> None:
    seen = visit(pages["index"])
    page = seen.ready()
    page.get_by_role("button", name="value").click()
    values = [float(text) for text in page.locator("tbody tr td:nth-child(6)").all_inner_texts()]
    assert values == sorted(values, reverse=True) and len(values) == 2
    page.fill("#filter", "no such run")
    assert page.locator("tbody tr:visible").count() == 0
    page.fill("#filter", runs[1].name.split("_")[1])
    page.locator("tbody tr:visible a").click()
    assert page.url == (runs[1] / "report.html").resolve().as_uri()


def test_the_comparison_lists_flips_in_both_directions(pages: dict[str, Path], visit: Visitor) -> None:
    page = visit(pages["compare"]).ready()
    told = json.loads(pages["compare"].with_name("compare.json").read_text(encoding="utf-8"))
    (flips,) = told["flips"].values()
    assert flips["gained"] and flips["lost"]
    page.select_option("#data-flips-kind", "only second")
    page.wait_for_timeout(200)
    assert page.locator("section[data-source=data-flips] tbody tr").count() == min(50, len(flips["gained"]))
    assert page.locator("section[aria-labelledby=settings] tbody tr td:first-child").all_inner_texts() == ["model.strength"]


@pytest.mark.parametrize("name", ["report", "compare", "index"])
@pytest.mark.parametrize(("width", "dark"), [(1280, False), (1280, True), (390, False)])
def test_no_serious_barrier(pages: dict[str, Path], visit: Visitor, name: str, width: int, dark: bool) -> None:
    from axe_playwright_python.sync_playwright import Axe

    page = visit(pages[name], width=width, dark=dark).ready()
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    found = [v for v in Axe().run(page).response["violations"] if v["impact"] in ("serious", "critical")]
    assert found == [], [(v["id"], [node["html"][:120] for node in v["nodes"][:3]]) for v in found]


def test_fifty_thousand_predictions_are_filtered_at_once(tmp_path: Path, visit: Visitor) -> None:
    base = examples()
    rows = []
    for number in range(50_000):
        one = base[number % len(base)]
        text = f"{one.pair.text[:-1]} over case {number // 4}."
        assert one.pair.actor is not None
        rows.append(LabelledPair(f"p{number}", Pair(text, one.pair.actor, one.pair.target), one.stance, article_id=f"a{number // 40}",
                                 actor_id=one.actor_id, target_id=one.target_id))  # fmt: skip
    folder = make_run(tmp_path, rows)
    page = visit(folder / "report.html").ready()
    page.select_option("#data-predictions-outcome", "")
    told(page, "50,000 of 50,000")
    page.fill("#data-predictions-text", "case 77")
    started = time.monotonic()
    until(page, f"() => !({_STATUS}.startsWith('50,000'))")
    assert time.monotonic() - started < 10, "the explorer hangs"
    assert page.locator("section[data-source=data-predictions] tbody tr").count() == 50
