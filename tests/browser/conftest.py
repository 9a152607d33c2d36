"""A real browser for tests: one Chromium per file, a fresh context per test."""

import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect, sync_playwright

from tests.browser.chromium import FLAGS, find
from tests.browser.layout import faded

# A busy machine may take its time; a page that never comes is still told.
expect.set_options(timeout=60_000)


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """A headless Chromium, found or fetched as `tests/browser/chromium.py` says.

    One per file and not per run: while it lives, Playwright's event loop runs in this thread, and no test of another
    file could run its own.
    """
    path = find(os.environ)
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=path, args=list(FLAGS))
        yield chromium
        chromium.close()


@pytest.fixture
def context(browser: Browser) -> Iterator[BrowserContext]:
    """A browser context of its own: no cookies, no storage, English, light."""
    context = browser.new_context(locale="en-GB", color_scheme="light", viewport={"width": 1280, "height": 800})
    context.set_default_timeout(60_000)
    yield context
    context.close()


@pytest.fixture
def new_context(browser: Browser) -> Iterator[Callable[..., BrowserContext]]:
    """Make further contexts: another person, another screen; closed at the end."""
    made: list[BrowserContext] = []

    def make(**options: Any) -> BrowserContext:  # noqa: ANN401 - Playwright's own options
        context = browser.new_context(locale="en-GB", **options)
        context.set_default_timeout(60_000)
        made.append(context)
        return context

    yield make
    for context in made:
        context.close()


@pytest.fixture
def page(context: BrowserContext) -> Iterator[Page]:
    """A page that fails the test when a script on it throws."""
    page = context.new_page()
    thrown: list[str] = []
    page.on("pageerror", lambda error: thrown.append(str(error)))
    yield page
    assert not thrown, f"the page threw: {thrown}"


@pytest.fixture
def accessibility_problems(repository: Path) -> Callable[[Page], list[str]]:
    """Ask axe-core what a screen reader or a keyboard would stumble over on a page; empty is good."""
    axe = (repository / "web" / "node_modules" / "axe-core" / "axe.min.js").read_text(encoding="utf-8")

    def problems(page: Page) -> list[str]:
        faded(page)
        page.evaluate(axe)  # as a debugger would, so that the page's content policy stays as strict as it is
        found: list[dict[str, Any]] = page.evaluate("async () => (await axe.run(document)).violations")
        return [f"{rule['id']}: {rule['help']}: {[node['target'] for node in rule['nodes']]}" for rule in found]

    return problems
