"""Take the pictures of the documentation: `make screenshots` runs the demonstration and photographs its page.

Writes docs/images/label-{light,dark,narrow}.png. The demonstration's server is stopped at the end.
"""

import os
import re
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Literal

from playwright.sync_api import sync_playwright

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))
from tests.browser.chromium import FLAGS, find  # noqa: E402 - the tests' way to a browser, from the repository's root

IMAGES = ROOT / "docs" / "images"
ADDRESS = re.compile(r"https?://(?:127\.0\.0\.1|localhost)[:/]\S+")


@dataclass(frozen=True)
class Picture:
    """One look at the page."""

    name: str
    width: int
    height: int
    scheme: Literal["light", "dark"]


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


def photograph(address: str) -> None:
    """Open the one-time address once, then take every picture with that session."""
    IMAGES.mkdir(parents=True, exist_ok=True)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=find(os.environ), args=list(FLAGS))
        entry = browser.new_context()
        entry.new_page().goto(address, wait_until="networkidle")
        here, session = entry.pages[0].url, entry.storage_state()
        for picture in PICTURES:
            context = browser.new_context(
                viewport={"width": picture.width, "height": picture.height},
                color_scheme=picture.scheme,
                storage_state=session,
            )
            page = context.new_page()
            page.goto(here, wait_until="networkidle")
            page.screenshot(path=IMAGES / f"label-{picture.name}.png")
            context.close()
        browser.close()


def main() -> int:
    """Run the demonstration in a temporary folder, photograph it, stop it."""
    with tempfile.TemporaryDirectory() as folder:
        command = [Path(sys.executable).with_name("labelwright"), "demo"]
        environment = {**os.environ, "COLUMNS": "300", "NO_COLOR": "1", "PYTHONUNBUFFERED": "1"}
        with subprocess.Popen(
            command, cwd=folder, env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
        ) as demo:
            assert demo.stdout is not None  # noqa: S101 - asked for above
            try:
                photograph(first_address(demo.stdout))
            finally:
                demo.terminate()
    return 0


if __name__ == "__main__":
    sys.exit(main())
