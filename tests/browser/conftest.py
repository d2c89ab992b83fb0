"""A headless Chromium, and the pages that it opens: reports made of labelled pairs and articles that a test writes."""

from __future__ import annotations

import os
import shutil
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

FLAGS = ["--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
          "--disable-component-update", "--disable-sync"]  # fmt: skip


def chromium() -> str | None:
    """The browser's path: $CHROMIUM, else what is installed."""
    named = os.environ.get("CHROMIUM")
    return named or next((found for name in ("chromium", "chromium-browser", "google-chrome") if (found := shutil.which(name))), None)


@dataclass
class Visit:
    """An open page with what went wrong on it and what it asked the world for."""

    page: Any
    problems: list[str] = field(default_factory=list)
    requests: list[str] = field(default_factory=list)

    def ready(self) -> Any:
        """The page, once its explorers are drawn."""
        until(self.page, "() => [...document.querySelectorAll('section.explorer')].every(s => s.dataset.ready)")
        return self.page


def until(page: Any, expression: str, argument: Any = None, *, seconds: float = 30) -> None:
    """Wait until a JavaScript function gives true (the pages' content policy forbids the browser's own way of waiting)."""
    end = time.monotonic() + seconds
    while not page.evaluate(expression, argument):
        assert time.monotonic() < end, f"never true: {expression} with {argument!r}"
        page.wait_for_timeout(30)


Visitor = Callable[..., Visit]


@pytest.fixture(scope="session")
def browser() -> Iterator[Any]:
    """Headless Chromium, once for all tests."""
    path = chromium()
    if path is None:
        pytest.skip("no Chromium here: install it (Debian: apt-get install chromium) or name it in CHROMIUM")
    from playwright.sync_api import sync_playwright

    with sync_playwright() as driver:
        opened = driver.chromium.launch(executable_path=path, args=FLAGS)
        yield opened
        opened.close()


@pytest.fixture
def visit(browser: Any) -> Iterator[Visitor]:
    """Opens a file, at desktop or phone width, light or dark."""
    contexts = []

    def go(path: Path, *, width: int = 1280, height: int = 900, dark: bool = False) -> Visit:
        context = browser.new_context(viewport={"width": width, "height": height}, color_scheme="dark" if dark else "light")
        contexts.append(context)
        seen = Visit(context.new_page())
        seen.page.on("console", lambda message: seen.problems.append(message.text) if message.type in ("error", "warning") else None)
        seen.page.on("pageerror", lambda error: seen.problems.append(str(error)))
        seen.page.on("dialog", lambda dialog: (seen.problems.append(f"dialog: {dialog.message}"), dialog.dismiss()))
        seen.page.on("request", lambda request: seen.requests.append(request.url))
        seen.page.goto(path.resolve().as_uri())
        return seen

    yield go
    for context in contexts:
        context.close()
