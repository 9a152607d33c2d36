"""Label Studio's page, measured as Labelwright's is: from the submitting key to the next task painted.

It runs in a virtual environment of its own, in the same run and the same browser; its task is one question about the
same texts, its keys `1` and Ctrl+Enter. The script in the page is the same but for what it looks at.
"""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Protocol

import aiohttp
from label_studio import BOSS, PASSWORD, Studio, project_of, running, until_up
from playwright.sync_api import Browser, Page

SHOWN = """document.querySelector(".lsf-richtext__line")?.textContent ?? \"\""""
LABELS = ("positive", "negative", "neutral", "mixed")
PATIENCE_MS = 20_000


class Measure(Protocol):
    """How a page is measured, the same for both."""

    def __call__(self, page: Page, items: int, *, keys: Sequence[str]) -> dict[str, float]: ...


def measure_label_studio(
    environment: Path, browser: Browser, texts: list[str], *, script: str, measure: Measure
) -> dict[str, float]:
    """Start Label Studio, fill it, answer all texts but the last on its page."""
    with running(environment) as studio:
        project = _apart(_filled(studio, texts))
        page = _open(browser, studio.base, project, script.replace("SHOWN", SHOWN))
        found = measure(page, len(texts) - 1, keys=("1", "Control+Enter"))
        page.close()
        return found


def _apart(work: Coroutine[None, None, int]) -> int:
    # The browser's own loop runs in this thread.
    with ThreadPoolExecutor(1) as thread:
        return thread.submit(asyncio.run, work).result()


async def _filled(studio: Studio, texts: list[str]) -> int:
    await until_up(f"{studio.base}/health")
    async with aiohttp.ClientSession(headers={"Authorization": f"Token {studio.token}"}) as http:
        return await project_of(http, studio.base, texts, LABELS)


def _open(browser: Browser, base: str, project: int, script: str) -> Page:
    """Sign in as the one person there is, and open the stream of tasks; returns when the first is shown."""
    page = browser.new_page(viewport={"width": 1280, "height": 800})
    page.add_init_script(script)
    page.goto(f"{base}/user/login")
    page.fill("input[name=email]", BOSS)
    page.fill("input[name=password]", PASSWORD)
    page.keyboard.press("Enter")
    page.wait_for_url(lambda url: "login" not in url, timeout=PATIENCE_MS)
    page.goto(f"{base}/projects/{project}/data?labeling=1")
    page.locator(".lsf-richtext__line").wait_for(timeout=PATIENCE_MS)
    return page
