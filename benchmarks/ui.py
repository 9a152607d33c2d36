"""What the label page costs the person at it: from the key press to the next item painted, in headless Chromium.

    python benchmarks/ui.py [--items 300] [--label-studio FOLDER]

A real server, a project of two questions with suggestions, one person answering by keys at an even pace. For every
item:

- `painted`: from the time stamp of the submitting key to the second animation frame after the next item is in the
  document, when the frame that shows it is on the screen; this counts up to one frame (16.7 ms) too much, never too
  little;
- `event`: the browser's own Event Timing of that key, to the next paint, in steps of 8 ms;
- `main_thread`: processor time of the tasks of the page's thread that ran between the press and that second frame, from
  the browser's trace over the last items (`main_thread_wall`: their wall time, which a busy machine lengthens);
- `item_main_thread`: processor time for a whole item: three keys, the acknowledgement, the refill of what lies ready;
- long tasks: those over 50 ms, by the PerformanceObserver.

Label Studio's page, where the virtual environment it is installed in is named, goes through the same in the same run,
with one question instead of two (benchmarks/ui_label_studio.py).
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import sys
import tempfile
from collections.abc import Sequence
from itertools import pairwise
from pathlib import Path
from typing import Any

from playwright.sync_api import CDPSession, Page, sync_playwright

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))
from ui_label_studio import measure_label_studio  # noqa: E402

from tests.browser.chromium import FLAGS, find  # noqa: E402 - the tests' way to a browser, from the repository's root
from tests.browser.workplace import workplace  # noqa: E402

RESULTS = Path(__file__).parent / "results"
PACE_MS = 120
WARM_UP = 10
TRACED = 60
GOALS = {"painted_p95_ms": 50.0, "main_thread_p95_ms": 16.0, "long_tasks": 0.0}
SHOWN = """document.querySelector("main article")?.getAttribute("aria-label") ?? \"\""""
"""What is on the page, as an expression in it."""
WATCH = """
(() => {
  const seen = { painted: [], events: [], long: [] };
  window.seenByBenchmark = seen;
  const shown = () => SHOWN;
  addEventListener("keydown", (event) => {
    if (event.key !== "Enter" || event.repeat) return;
    const before = shown();
    performance.mark("press");
    const look = () => requestAnimationFrame(() => {
      if (shown() === before) look();
      else requestAnimationFrame(() => {
        performance.mark("painted");
        seen.painted.push(performance.now() - event.timeStamp);
      });
    });
    look();
  }, { capture: true });
  new PerformanceObserver((list) => {
    for (const one of list.getEntries()) if (one.name === "keydown") seen.events.push(one.duration);
  }).observe({ type: "event", durationThreshold: 16 });
  new PerformanceObserver((list) => {
    for (const one of list.getEntries()) seen.long.push(one.duration);
  }).observe({ type: "longtask" });
})()
"""


def main() -> None:
    """Measure, print the table, write the results."""
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--items", type=int, default=300)
    options.add_argument("--label-studio", type=Path, help="the virtual environment Label Studio is installed in")
    chosen = options.parse_args()
    items: int = max(chosen.items, WARM_UP + TRACED)
    load = os.getloadavg()[0]
    texts = [
        {"text": f"Review number {number}. " + "The lamp is bright and cheap. " * 8} for number in range(items + 1)
    ]
    with (
        tempfile.TemporaryDirectory() as folder,
        workplace(Path(folder), texts) as place,
        sync_playwright() as playwright,
    ):
        browser = playwright.chromium.launch(executable_path=find(os.environ), args=list(FLAGS))
        page = browser.new_page(viewport={"width": 1280, "height": 800})
        page.add_init_script(WATCH.replace("SHOWN", SHOWN))
        place.enter(page)
        found = measure(page, items, keys=("1", "q", "Enter"))
        page.get_by_text("✓ saved").wait_for()
        page.get_by_text(f"{items} done").wait_for()
        version = browser.version
        stored = len(place.annotations())
        page.close()
        peer = None
        if chosen.label_studio is not None:
            peer = measure_label_studio(
                chosen.label_studio, browser, [str(one["text"]) for one in texts], script=WATCH, measure=measure
            )
        browser.close()
    assert stored == 2 * items, f"{stored} answers are stored of {2 * items}"
    show(found, peer)
    written = {
        "machine": {"cpus": os.cpu_count(), "python": platform.python_version(), "chromium": version, "load": load},
        "items": items,
        "labelwright": found,
        "label_studio": peer,
        "goals": {name: f"≤ {limit:g}" for name, limit in GOALS.items()},
    }
    RESULTS.mkdir(exist_ok=True)
    (RESULTS / "ui.json").write_text(json.dumps(written, indent=2) + "\n")


def measure(page: Page, items: int, *, keys: Sequence[str]) -> dict[str, float]:
    """Press these keys for every item, the last of which submits.

    Give the figures, the first few items left out (code is compiled, fonts are loaded).
    """
    browser = page.context.browser
    assert browser is not None
    watch = page.context.new_cdp_session(page)
    watch.send("Performance.enable", {"timeDomain": "threadTicks"})
    for_item: list[float] = []
    began = 0
    for number in range(items):
        if number == WARM_UP:
            began = len(page.evaluate("seenByBenchmark.long"))
        if number == items - TRACED:
            browser.start_tracing(page=page, categories=["toplevel", "blink.user_timing"])
        at_start = task_ms(watch)
        for key in keys[:-1]:
            page.keyboard.press(key)
            page.wait_for_timeout(PACE_MS / 2)
        page.keyboard.press(keys[-1])
        painted(page, number + 1)
        page.wait_for_timeout(PACE_MS)
        for_item.append(task_ms(watch) - at_start)
    traced = between_marks(json.loads(browser.stop_tracing())["traceEvents"])
    seen: dict[str, list[float]] = page.evaluate("seenByBenchmark")
    walls = seen["painted"][WARM_UP:]
    found = {
        "painted_p50_ms": quantile(walls, 0.5),
        "painted_p95_ms": quantile(walls, 0.95),
        "painted_max_ms": max(walls),
    }
    # Presses below the threshold of 16 ms are not told: they count as that.
    events = sorted([*seen["events"], *[16.0] * max(0, len(keys) * items - len(seen["events"]))])
    found |= {"event_p50_ms": quantile(events, 0.5), "event_p95_ms": quantile(events, 0.95)}
    works_by_name = {
        "main_thread": [work for work, _ in traced],
        "main_thread_wall": [wall for _, wall in traced],
        "item_main_thread": for_item[WARM_UP:],
    }
    for name, works in works_by_name.items():
        found |= {f"{name}_p50_ms": quantile(works, 0.5), f"{name}_p95_ms": quantile(works, 0.95)}
    long = seen["long"][began:]
    return found | {"long_tasks": len(long), "longest_task_ms": max(long, default=0.0)}


def between_marks(events: list[dict[str, Any]]) -> list[tuple[float, float]]:
    """Give (processor, wall) milliseconds of the page's thread between each press and its painted frame."""
    marks = sorted((one for one in events if one["name"] in ("press", "painted")), key=lambda one: one["ts"])
    thread = (marks[0]["pid"], marks[0]["tid"])
    tasks = [
        one
        for one in events
        if one["name"] == "ThreadControllerImpl::RunTask" and (one["pid"], one["tid"]) == thread and one["ph"] == "X"
    ]
    found: list[tuple[float, float]] = []
    for press, end in pairwise(marks):
        if (press["name"], end["name"]) == ("press", "painted"):
            within = [one for one in tasks if one["ts"] + one["dur"] > press["ts"] and one["ts"] < end["ts"]]
            found.append(
                (sum(one.get("tdur", one["dur"]) for one in within) / 1000, sum(one["dur"] for one in within) / 1000)
            )
    return found


def painted(page: Page, count: int) -> None:
    """Wait until so many items were painted; asked seldom, so that the asking is no load."""
    for _ in range(500):
        page.wait_for_timeout(40)
        if page.evaluate("seenByBenchmark.painted.length") >= count:
            return
    raise SystemExit(f"error: item {count} was not painted within twenty seconds")


def task_ms(watch: CDPSession) -> float:
    """Give the milliseconds the page's thread has worked so far."""
    metrics: list[dict[str, Any]] = watch.send("Performance.getMetrics")["metrics"]
    return 1000 * next(one["value"] for one in metrics if one["name"] == "TaskDuration")


def quantile(values: list[float], share: float) -> float:
    """Give the value that the share of all values does not exceed."""
    ordered = sorted(values)
    return round(ordered[min(len(ordered) - 1, int(share * len(ordered)))], 2)


def show(found: dict[str, float], peer: dict[str, float] | None) -> None:
    """Print the figures beside the peer's and their goals."""
    print(f"{'':26}{'Labelwright':>12}" + ("" if peer is None else f"{'Label Studio':>14}{'ratio':>8}"))
    for name, value in found.items():
        beside = "" if peer is None else f"{peer[name]:14.2f}{peer[name] / max(value, 0.01):8.1f}"
        limit = GOALS.get(name)
        goal = "" if limit is None else f"   goal ≤ {limit:g}: {'met' if value <= limit else 'MISSED'}"
        print(f"{name:26}{value:12.2f}{beside}{goal}")


if __name__ == "__main__":
    main()
