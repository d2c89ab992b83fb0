"""`make report-benchmark`: how large `report.html` is, how long it takes to open, and to filter, for more and more predictions."""

from __future__ import annotations

import statistics
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

from src.files import write_atomically
from src.records import LabelledPair, Pair
from src.runs import hardware
from tests.browser.conftest import FLAGS, Visit, chromium, until
from tests.browser.test_pages import make_run
from tests.conftest import ROOT, examples

SIZES = (500, 5_000, 50_000)
ROUNDS = 5


def rows(count: int) -> list[LabelledPair]:
    """So many labelled pairs, four to a sentence of about 150 characters, all sentences different."""
    base = [row for row in examples() if row.pair.actor is not None]
    out = []
    for number in range(count):
        one = base[number % len(base)]
        words = f" over case {number // 4}, the {number // 4 % 97}th of its kind, after talks that nobody in the region had expected to fail so soon"
        text = f"{one.pair.text[:-1]}{words}."
        pair = Pair(text, one.pair.actor, one.pair.target)
        article = f"a{number // 40}"
        out.append(LabelledPair(f"p{number}", pair, one.stance, article_id=article, actor_id=one.actor_id, target_id=one.target_id))
    return out


def timed(page: Any, file: Path) -> tuple[float, float]:
    """Seconds to open the page with its explorer drawn, and to filter it by a word."""
    started = time.perf_counter()
    page.goto(file.as_uri())
    Visit(page).ready()
    opened = time.perf_counter() - started
    page.select_option("#data-predictions-outcome", "")
    status = "document.querySelector('section[data-source=data-predictions] [role=status]').textContent"
    page.wait_for_timeout(500)
    before = page.evaluate(f"() => {status}")
    started = time.perf_counter()
    page.fill("#data-predictions-text", "case 7")
    until(page, f"b => {status} !== b", before)
    return opened, time.perf_counter() - started


def main() -> None:
    """Measure every size and write the table."""
    from playwright.sync_api import sync_playwright

    path = chromium()
    if path is None:
        sys.exit("no Chromium here: install it (Debian: apt-get install chromium) or name it in CHROMIUM")
    lines = ["| predictions | report.html | open, median (range) | filter, median (range) |", "|---|---|---|---|"]
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as driver:
        browser = driver.chromium.launch(executable_path=path, args=FLAGS)
        for count in SIZES:
            file = make_run(Path(folder) / str(count), rows(count)) / "report.html"
            page = browser.new_page()
            times = [timed(page, file) for _ in range(ROUNDS)]
            page.close()
            told = [f"{statistics.median(t):.2f} s ({min(t):.2f} to {max(t):.2f})" for t in zip(*times, strict=True)]
            lines.append(f"| {count:,} | {file.stat().st_size / 1e6:.2f} MB | {told[0]} | {told[1]} |")
        browser.close()
    machine = hardware()
    lines += ["", f"{ROUNDS} rounds, headless Chromium; {machine['processor']}, {machine['cores']} cores."]
    text = "\n".join(lines) + "\n"
    write_atomically(ROOT / "experiments" / "benchmarks" / "report.md", text)
    print(text)


if __name__ == "__main__":
    main()
