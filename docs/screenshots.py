"""`make screenshots`: the pictures of the README, taken of real runs in a headless Chromium.

Two runs are made (the released model and tfidf) and compared; nothing is touched up.
"""

from __future__ import annotations

import subprocess
import sys
import tempfile
from pathlib import Path

from playwright.sync_api import sync_playwright

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from tests.browser.conftest import FLAGS, Visit, chromium  # noqa: E402

IMAGES = ROOT / "docs" / "images"


def command(*words: str) -> None:
    """Run one of the project's commands."""
    subprocess.run([sys.executable, "-m", *words], cwd=ROOT, check=True, stdout=subprocess.DEVNULL)


def main() -> None:
    """Make the runs, open their pages, and write three pictures."""
    path = chromium()
    if path is None:
        sys.exit("no Chromium here: install it (Debian: apt-get install chromium) or name it in CHROMIUM")
    IMAGES.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as driver:
        runs = Path(folder) / "runs"
        for model in ("tfidf", "released"):
            command(
                "src.train", f"model={model}", f"paths.runs={runs}", "baselines=[majority,tfidf]" if model == "released" else "baselines=[]"
            )
        made = sorted(str(status.parent) for status in runs.glob("default/*/status"))
        command("src.compare", f"runs=[{','.join(made)}]", f"output={folder}/compare")
        browser = driver.chromium.launch(executable_path=path, args=FLAGS)
        page = browser.new_context(viewport={"width": 1180, "height": 820}).new_page()
        shots = (("report", Path(made[-1]) / "report.html", "h1"), ("explorer", Path(made[-1]) / "report.html", "section.explorer"),
                 ("compare", Path(folder) / "compare" / "compare.html", "h1"))  # fmt: skip
        for name, file, anchor in shots:
            page.goto(file.as_uri())
            Visit(page).ready()
            page.evaluate("a => document.querySelector(a).scrollIntoView()", anchor)
            page.screenshot(path=IMAGES / f"{name}.png")
        browser.close()
    print(f"written: {', '.join(sorted(str(image.relative_to(ROOT)) for image in IMAGES.glob('*.png')))}")


if __name__ == "__main__":
    main()
