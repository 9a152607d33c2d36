"""What painting on an image costs: strokes over 50 brush regions, in headless Chromium.

    python benchmarks/ui_images.py [--regions 50] [--strokes 40]

A real server, one image, a question of the type `masks`. The regions are painted with the mouse, each another; then
strokes go on in the last one, and a drawn answer is submitted. For every stroke:

- `move_to_frame`: from a move of the pointer while painting to the second animation frame after it, when the paint is
  on the screen; this counts up to one frame (16.7 ms) too much, never too little;
- `stroke_kept`: from the release of the button until its run lengths are in the answer (the list says so);
- long tasks: those over 50 ms of the page's thread, by the PerformanceObserver, while painting with all regions there.

The image is one of the recorded blood pictures where they are (../shared/data), else a drawn one of 1600 × 1200.
Label Studio's page is not measured here: its server is not installed with the development tools.
"""

from __future__ import annotations

import argparse
import base64
import json
import os
import platform
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

from playwright.sync_api import Page, sync_playwright

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))
from labelwright.domain.ids import QuestionName  # noqa: E402 - from the repository's root, as the tests' browser is
from labelwright.domain.project import Guideline, LabelSchema, Policy, ProjectConfig, Question  # noqa: E402
from tests.browser.chromium import FLAGS, find  # noqa: E402
from tests.browser.workplace import workplace  # noqa: E402

RESULTS = Path(__file__).parent / "results"
GOALS = {"move_to_frame_p95_ms": 50.0, "long_tasks": 0.0}
DRAWN = (
    "data:image/svg+xml,<svg xmlns='http://www.w3.org/2000/svg' width='1600' height='1200'>"
    "<rect width='1600' height='1200' fill='teal'/></svg>"
)
WATCH = """
(() => {
  const seen = { moves: [], long: [] };
  window.seenByBenchmark = seen;
  addEventListener("pointermove", (event) => {
    if (event.buttons === 0) return;
    requestAnimationFrame(() => requestAnimationFrame(() => seen.moves.push(performance.now() - event.timeStamp)));
  }, { capture: true });
  new PerformanceObserver((list) => {
    for (const one of list.getEntries()) seen.long.push(one.duration);
  }).observe({ type: "longtask" });
})()
"""


def main() -> None:
    """Measure, print the table, write the results."""
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--regions", type=int, default=50)
    options.add_argument("--strokes", type=int, default=40)
    asked = options.parse_args()
    name, image = picture()
    load = os.getloadavg()[0]
    question = Question(QuestionName("cells"), "labelwright/masks", {"labels": ["red cell", "white cell"]})
    config = ProjectConfig(
        schema=LabelSchema(1, (question,)),
        guideline=Guideline(1, ""),
        policy=Policy(),
        content_fields=("image",),
        models=(),
        version=1,
    )
    with (
        tempfile.TemporaryDirectory() as folder,
        workplace(Path(folder), [{"image": image}], config=config, blind=True) as place,
        sync_playwright() as playwright,
    ):
        browser = playwright.chromium.launch(executable_path=find(os.environ), args=list(FLAGS))
        page = browser.new_page(viewport={"width": 1280, "height": 800})
        page.add_init_script(WATCH)
        place.enter(page)
        found = measure(page, asked.regions, asked.strokes)
        version = browser.version
        stored: Any = place.answers()[0][1]
        browser.close()
    assert len(stored) == asked.regions, f"{len(stored)} regions are stored of {asked.regions}"
    show(found)
    written = {
        "machine": {"cpus": os.cpu_count(), "python": platform.python_version(), "chromium": version, "load": load},
        "image": name,
        "regions": asked.regions,
        "strokes": asked.strokes,
        "labelwright": found,
        "label_studio": None,
        "goals": {name: f"≤ {limit:g}" for name, limit in GOALS.items()},
    }
    RESULTS.mkdir(exist_ok=True)
    (RESULTS / "ui_images.json").write_text(json.dumps(written, indent=2, ensure_ascii=False) + "\n")


def picture() -> tuple[str, str]:
    """Give an image's name and address: a recorded one where there are any."""
    shared = Path(os.environ.get("LABELWRIGHT_SHARED", ROOT.parent / "shared"))
    recorded = sorted((shared / "data" / "gold" / "img_bccd_boxes" / "images").glob("*.jpg"))
    if not recorded:
        return "drawn, 1600 × 1200", DRAWN
    return recorded[0].name, "data:image/jpeg;base64," + base64.b64encode(recorded[0].read_bytes()).decode()


def measure(page: Page, regions: int, strokes: int) -> dict[str, float]:
    """Paint all regions, then strokes in the last one; submit."""
    canvas = page.get_by_role("application")
    page.wait_for_function("() => [...document.images].every((one) => one.complete)")
    canvas.evaluate("one => one.scrollIntoView({ block: 'center', behavior: 'instant' })")
    page.wait_for_timeout(500)

    def stroke(number: int, aside: float = 0.0) -> None:
        # The page makes room for the list beside the image: where the image is now is asked each time.
        area = canvas.bounding_box()
        assert area is not None
        x, y = 0.05 + 0.085 * (number % 10) + aside, 0.1 + 0.17 * (number // 10 % 5)
        page.mouse.move(area["x"] + area["width"] * x, area["y"] + area["height"] * y)
        page.mouse.down()
        page.mouse.move(area["x"] + area["width"] * (x + 0.06), area["y"] + area["height"] * (y + 0.1), steps=12)
        page.mouse.up()

    listed = """() => document.querySelectorAll('ol[aria-label="What is drawn"] > li').length"""
    for number in range(regions):
        canvas.press("Escape")
        stroke(number)
        page.wait_for_function(f"{listed} === {number + 1}")
    page.wait_for_timeout(500)
    page.evaluate("seenByBenchmark.moves.length = 0; seenByBenchmark.long.length = 0;")
    kept: list[float] = []
    for number in range(strokes):
        canvas.press("Escape")
        # Beside the grid: the very same region twice would be one.
        stroke(number * 7, 0.013)
        released = time.perf_counter()
        page.wait_for_function(f"{listed} === {regions + 1}", polling=5)
        kept.append(1000 * (time.perf_counter() - released))
        page.get_by_role("button", name="take back the last stroke").click()
        page.wait_for_function(f"{listed} === {regions}")
        page.wait_for_timeout(60)
    seen: dict[str, list[float]] = page.evaluate("seenByBenchmark")
    canvas.press("Enter")
    page.get_by_text("✓ saved").wait_for()
    moves, long = seen["moves"], seen["long"]
    return {
        "move_to_frame_p50_ms": quantile(moves, 0.5),
        "move_to_frame_p95_ms": quantile(moves, 0.95),
        "stroke_kept_p50_ms": quantile(kept, 0.5),
        "stroke_kept_p95_ms": quantile(kept, 0.95),
        "long_tasks": len(long),
        "longest_task_ms": max(long, default=0.0),
    }


def quantile(values: list[float], share: float) -> float:
    """Give the value that the share of all values does not exceed."""
    ordered = sorted(values)
    return round(ordered[min(len(ordered) - 1, int(share * len(ordered)))], 2)


def show(found: dict[str, float]) -> None:
    """Print the figures beside their goals."""
    for name, value in found.items():
        limit = GOALS.get(name)
        goal = "" if limit is None else f"   goal ≤ {limit:g}: {'met' if value <= limit else 'MISSED'}"
        print(f"{name:26}{value:10.2f}{goal}")


if __name__ == "__main__":
    main()
