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

Then a text of a megabyte with 10,000 suggested spans, every one of them taken over:

- `spans_shown`: from the first byte of the page to the second frame after the marked text is in the document;
- `spans_scroll`: frame to frame while the text is scrolled through by wheel, and the tasks over 50 ms meanwhile;
- `spans_label`: from a key (an arrow, a label's key) to the second frame after it, beside 10,000 marks;
  its `main_thread` is processor time, which a busy machine does not lengthen as it does the wall time of long tasks.

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
from dataclasses import replace
from itertools import pairwise
from pathlib import Path
from typing import Any

from playwright.sync_api import CDPSession, Page, sync_playwright

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))
from ui_label_studio import measure_label_studio  # noqa: E402

from labelwright.domain.canonical import Json  # noqa: E402
from labelwright.domain.ids import QuestionName  # noqa: E402
from labelwright.domain.project import LabelSchema, Question  # noqa: E402
from tests.browser.chromium import FLAGS, find  # noqa: E402 - the tests' way to a browser, from the repository's root
from tests.browser.workplace import two_questions, workplace  # noqa: E402

RESULTS = Path(__file__).parent / "results"
PACE_MS = 120
WARM_UP = 10
TRACED = 60
GOALS = {
    "painted_p95_ms": 50.0,
    "main_thread_p95_ms": 16.0,
    "long_tasks": 0.0,
    "spans_scroll_long_tasks": 0.0,
    "spans_label_long_tasks": 0.0,
}
N_CHARACTERS, N_SPANS = 1_000_000, 10_000
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


KEYS = 40
AFTER_TWO_FRAMES = (
    "() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(() => done(performance.now()))))"
)
FRAMES = """
() => {
  window.framesOfBenchmark = [];
  let last = performance.now();
  const look = (now) => { framesOfBenchmark.push(now - last); last = now; requestAnimationFrame(look); };
  requestAnimationFrame(look);
}
"""
KEY_TO_PAINT = """
() => {
  window.paintOfBenchmark = new Promise((done) => addEventListener("keydown", (event) => {
    requestAnimationFrame(() => requestAnimationFrame(() => done(performance.now() - event.timeStamp)));
  }, { capture: true, once: true }));
}
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
    found |= long_text()
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


def long_text() -> dict[str, float]:
    """Scroll and label a megabyte of text with ten thousand spans."""
    words = "lorem ipsum dolor 🦊 sit amet, consectetur.\n"
    text = (words * (N_CHARACTERS // len(words) + 1))[:N_CHARACTERS]
    step = N_CHARACTERS // N_SPANS
    spans: list[Json] = [
        {"start": at, "end": at + 5, "label": "ab"[at // step % 2]} for at in range(0, N_CHARACTERS, step)
    ]
    question = Question(QuestionName("names"), "labelwright/spans", {"labels": ["a", "b", "c"]})
    config = replace(two_questions([{"text": ""}]), schema=LabelSchema(1, (question,)))
    with (
        tempfile.TemporaryDirectory() as folder,
        workplace(Path(folder), [{"text": text}], config=config, suggestions={"names": spans}) as place,
        sync_playwright() as playwright,
    ):
        browser = playwright.chromium.launch(executable_path=find(os.environ), args=list(FLAGS))
        page = browser.new_page(viewport={"width": 1280, "height": 800})
        page.add_init_script(WATCH.replace("SHOWN", SHOWN))
        place.enter(page)
        page.locator("[data-suggested]").first.wait_for()
        shown = page.evaluate(AFTER_TWO_FRAMES)
        page.get_by_role("button", name="take all suggested marks").click()
        page.locator("[data-suggested]").first.wait_for(state="detached")
        page.wait_for_timeout(2_000)  # the draft goes to the server
        found = {"spans_shown_ms": round(shown, 2)}
        for name, doing in (("scroll", scroll), ("label", label)):
            began = len(page.evaluate("seenByBenchmark.long"))
            took, works = doing(page)
            page.wait_for_timeout(500)
            long: list[float] = page.evaluate("seenByBenchmark.long")[began:]
            found |= {f"spans_{name}_p50_ms": quantile(took, 0.5), f"spans_{name}_p95_ms": quantile(took, 0.95)}
            if works:
                found |= {f"spans_{name}_main_thread_p95_ms": quantile(works, 0.95)}
                found |= {f"spans_{name}_main_thread_max_ms": max(works)}
            found |= {f"spans_{name}_long_tasks": len(long), f"spans_{name}_longest_task_ms": max(long, default=0.0)}
        page.keyboard.press("Enter")
        page.get_by_text("✓ saved").wait_for()
        ((_, value),) = place.answers()
        browser.close()
    assert isinstance(value, list)
    assert len(value) == N_SPANS + KEYS, f"{len(value)} spans are stored of {N_SPANS + KEYS}"
    return found


def scroll(page: Page) -> tuple[list[float], list[float]]:
    """Turn the wheel over the text; give the milliseconds from frame to frame, and nothing of the thread's work."""
    box = page.get_by_role("textbox", name="the text to mark").bounding_box()
    assert box is not None
    page.mouse.move(box["x"] + 100, box["y"] + 100)
    page.evaluate(FRAMES)
    for _ in range(60):
        page.mouse.wheel(0, 700)
        page.wait_for_timeout(30)
    for share in (0.3, 0.6, 0.9):
        page.evaluate(f"one = document.querySelector('[role=textbox]'); one.scrollTop = one.scrollHeight * {share}")
        page.wait_for_timeout(150)
    frames: list[float] = page.evaluate("framesOfBenchmark.splice(0)")
    return frames, []


def label(page: Page) -> tuple[list[float], list[float]]:
    """Select words by the arrow keys and label them.

    Gives the milliseconds from each key to its painted frame, and what the page's thread worked of them.
    """
    page.get_by_role("textbox", name="the text to mark").focus()
    page.keyboard.press("Escape")  # from what is in sight on
    watch = page.context.new_cdp_session(page)
    watch.send("Performance.enable", {"timeDomain": "threadTicks"})
    took: list[float] = []
    works: list[float] = []
    for key in ["ArrowRight", "3"] * KEYS:
        page.evaluate(KEY_TO_PAINT)
        at_start = task_ms(watch)
        page.keyboard.press(key)
        took.append(page.evaluate("paintOfBenchmark"))
        works.append(task_ms(watch) - at_start)
        page.wait_for_timeout(PACE_MS)
    return took, works


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
    print(f"{'':28}{'Labelwright':>12}" + ("" if peer is None else f"{'Label Studio':>14}{'ratio':>8}"))
    for name, value in found.items():
        # The long text is ours alone.
        other = None if peer is None else peer.get(name)
        ratio = "–" if other is None or value == 0 else f"{other / value:.1f}"
        beside = "" if other is None else f"{other:14.2f}{ratio:>8}"
        limit = GOALS.get(name)
        goal = "" if limit is None else f"   goal ≤ {limit:g}: {'met' if value <= limit else 'MISSED'}"
        print(f"{name:28}{value:12.2f}{beside}{goal}")


if __name__ == "__main__":
    main()
