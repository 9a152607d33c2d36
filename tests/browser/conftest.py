"""A real browser for tests: one Chromium per worker, a fresh context per test."""

import os
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, sync_playwright

from tests.browser.chromium import FLAGS, find


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """A headless Chromium, found or fetched as `tests/browser/chromium.py` says."""
    path = find(os.environ)
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=path, args=list(FLAGS))
        yield chromium
        chromium.close()


@pytest.fixture
def context(browser: Browser) -> Iterator[BrowserContext]:
    """A browser context of its own: no cookies, no storage, English, light."""
    context = browser.new_context(locale="en-GB", color_scheme="light", viewport={"width": 1280, "height": 800})
    context.set_default_timeout(10_000)
    yield context
    context.close()


@pytest.fixture
def page(context: BrowserContext) -> Iterator[Page]:
    """A page that fails the test when a script on it throws."""
    page = context.new_page()
    thrown: list[str] = []
    page.on("pageerror", lambda error: thrown.append(str(error)))
    yield page
    assert not thrown, f"the page threw: {thrown}"
