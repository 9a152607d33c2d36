"""What a page looks like on a screen, as far as a test can tell."""

from __future__ import annotations

from playwright.sync_api import Page


def fits(page: Page) -> None:
    """Wait until nothing sticks out sideways: after a new size the page is laid out anew a frame or two later.

    Raises playwright's TimeoutError where something does.
    """
    page.wait_for_function("document.documentElement.scrollWidth <= innerWidth", timeout=5_000)
