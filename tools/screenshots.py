"""Take the pictures of the documentation: `make screenshots` runs the demonstration and photographs its pages.

Writes docs/images/PAGE-{light,dark,narrow}.png and results.png, and a widget-NAME.png for each kind of question
(tools/gallery.py). With names of pages, takes those pages' pictures only. The demonstration's server is stopped at
the end. Its reviews come in several scripts; one that this machine has no font for is answered and passed over.
"""

import os
import re
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Literal
from urllib.parse import quote

from playwright.sync_api import Page, sync_playwright

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))
from tests.browser.chromium import FLAGS, find  # noqa: E402 - the tests' way to a browser, from the repository's root
from tools.contents_pictures import photograph_contents  # noqa: E402
from tools.gallery import photograph_gallery  # noqa: E402

IMAGES = ROOT / "docs" / "images"
AT_LEAST = 2
SETTLES_MS = 500
LATIN = 0x250
ADDRESS = re.compile(r"https?://(?:127\.0\.0\.1|localhost)[:/]\S+")


@dataclass(frozen=True)
class Picture:
    """One look at the page."""

    name: str
    width: int
    height: int
    scheme: Literal["light", "dark"]


PAGES = {
    "label": "",
    "accept": "results#accept",
    "card": "results#card",
    "audit": "results#audit",
    "cockpit": "cockpit",
    "dashboard": "dashboard",
    "jobs": "jobs",
    "items": "items",
    "bulk": "items?view=bulk",
    "item": "items/{item}",
    "settings": "settings",
}
"""Name of the picture -> where the page is, below the project's own; a new page is a line here.

{item}: the first item that was answered while getting ready for the pictures.
"""

PICTURES = (
    Picture("light", 1280, 800, "light"),
    Picture("dark", 1280, 800, "dark"),
    Picture("narrow", 390, 844, "light"),
)


def first_address(output: IO[str]) -> str:
    """Read what the demonstration prints until it names the address of its page."""
    for line in output:
        print(line, end="", file=sys.stderr)
        if found := ADDRESS.search(line):
            return found.group().rstrip(".,)")
    raise SystemExit("error: the demonstration ended without naming an address")


def photograph(address: str, names: Sequence[str]) -> None:
    """Open the one-time address once, then take every picture (or those of the named pages) with that session."""
    IMAGES.mkdir(parents=True, exist_ok=True)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=find(os.environ), args=list(FLAGS))
        entry = browser.new_context()
        entry.new_page().goto(address, wait_until="networkidle")
        first = entry.pages[0]
        first.get_by_role("article").wait_for()
        item = first.get_by_role("article").get_attribute("aria-label") or ""
        answer(first, AT_LEAST)
        here, session = first.url, entry.storage_state()
        for picture in PICTURES:
            context = browser.new_context(
                viewport={"width": picture.width, "height": picture.height},
                color_scheme=picture.scheme,
                storage_state=session,
            )
            for name, path in PAGES.items():
                if names and name not in names:
                    continue
                page = context.new_page()
                below = path.format(item=quote(item.removeprefix("Item "), safe=""))
                page.goto(f"{here.rstrip('/')}/{below}" if below else here, wait_until="networkidle")
                page.locator("main").first.wait_for()
                page.locator("[aria-busy=true]").first.wait_for(state="detached")
                page.wait_for_timeout(SETTLES_MS)
                page.screenshot(path=IMAGES / f"{name}-{picture.name}.png")
                page.close()
            context.close()
        if names:
            browser.close()
            return
        first.goto(f"{here.rstrip('/')}/results", wait_until="networkidle")
        first.get_by_role("heading", name="What may be accepted unseen").wait_for()
        first.screenshot(
            path=IMAGES / "results.png", full_page=True, clip={"x": 0, "y": 0, "width": 1280, "height": 1080}
        )
        looks = {
            picture.name: {
                "viewport": {"width": picture.width, "height": picture.height},
                "color_scheme": picture.scheme,
            }
            for picture in PICTURES
        }
        with tempfile.TemporaryDirectory() as folder:
            photograph_contents(browser, Path(folder), images=IMAGES, looks=looks)
            photograph_gallery(browser, Path(folder) / "gallery", images=IMAGES)
        browser.close()


def answer(page: Page, at_least: int) -> None:
    """Answer some items with the first label of each question, and on until a text in Latin letters is shown."""
    for turn in range(60):
        text = page.get_by_role("article").inner_text()
        if turn >= at_least and all(ord(letter) < LATIN or not letter.isalpha() for letter in text):
            return
        for key in ("1", "q", "Enter"):
            page.keyboard.press(key)
        page.get_by_text("✓ saved").wait_for()
        page.wait_for_timeout(300)
    raise SystemExit("error: no text in Latin letters came up among sixty items")


def main(names: Sequence[str]) -> int:
    """Run the demonstration in a temporary folder, photograph it, stop it."""
    with tempfile.TemporaryDirectory() as folder:
        command = [Path(sys.executable).with_name("labelwright"), "demo", "--seed", "2"]
        environment = {**os.environ, "COLUMNS": "300", "NO_COLOR": "1", "PYTHONUNBUFFERED": "1"}
        with subprocess.Popen(
            command, cwd=folder, env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
        ) as demo:
            assert demo.stdout is not None  # noqa: S101 - asked for above
            try:
                photograph(first_address(demo.stdout), names)
            finally:
                demo.terminate()
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
