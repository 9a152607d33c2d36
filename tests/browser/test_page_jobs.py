"""The jobs page: a manager starts a run, watches, pauses and resumes it. The server and its worker are real."""

from __future__ import annotations

import json
import os
import signal
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest
from playwright.sync_api import BrowserContext, Locator, Page, expect

from labelwright.workspace import Workspace
from tests.browser.layout import fits
from tests.browser.serving import serving
from tests.replaying import Replay, replaying
from tests.story.recorded_project import record, write_project

N = 200
LABELWRIGHT = [sys.executable, "-m", "labelwright.cli"]


@dataclass(frozen=True)
class Served:
    """A project whose model is a replay server, and its page."""

    folder: Path
    link: str
    replay: Replay

    def page_url(self, name: str = "jobs") -> str:
        return f"{self.link.partition('/join')[0]}/p/small/{name}"


@contextmanager
def served(folder: Path, *options: str, **changes: object) -> Iterator[Served]:
    """changes: of project.yaml."""
    recorded = record(folder / "recorded", N)
    work = folder / "work"
    with replaying(recorded, *options) as replay:
        write_project(work, replay.url)
        written = json.loads((work / "project.yaml").read_text())
        (work / "project.yaml").write_text(json.dumps(written | changes))
        with Workspace.create(work) as workspace:
            workspace.apply()
            workspace.project().import_items(recorded / "items.jsonl", id_field="id")
        with serving(work) as told:
            yield Served(work, told["links"]["small"], replay)


@pytest.fixture
def slow(tmp_path: Path) -> Iterator[Served]:
    """Some 40 answers a second: a run of some eight seconds."""
    with served(tmp_path, "--latency-ms", "400") as place:
        yield place


def enter(page: Page, place: Served) -> None:
    """Go from the invitation to the jobs by the menu, as a person would."""
    page.goto(place.link)
    page.get_by_role("button", name="Menu of manager").click()
    page.get_by_role("button", name="Jobs").click()
    expect(page.get_by_role("heading", name="Runs of the models")).to_be_visible()


def newest(page: Page) -> Locator:
    return page.get_by_role("rowgroup", name="run of").first


def test_a_run_is_started_watched_paused_resumed_and_done(
    slow: Served,
    page: Page,
    new_context: Callable[..., BrowserContext],
    accessibility_problems: Callable[[Page], list[str]],
) -> None:
    enter(page, slow)
    expect(page.get_by_text("There has been no run yet")).to_be_visible()
    assert accessibility_problems(page) == []
    page.get_by_role("textbox", name="At most so many items").focus()
    page.keyboard.press("Enter")
    expect(newest(page)).to_contain_text("Running")
    expect(newest(page)).to_contain_text(f"of {N}")
    expect(page.get_by_role("button", name="Start", exact=True)).to_be_disabled()
    assert accessibility_problems(page) == []
    newest(page).get_by_role("button", name="Pause").press("Enter")
    expect(newest(page)).to_contain_text("Paused")
    asked = slow.replay.stats()["requests"]
    assert 0 < asked < N
    time.sleep(1)
    assert slow.replay.stats()["requests"] == asked, "a paused run asks for nothing"
    newest(page).get_by_role("button", name="Resume").press("Enter")
    expect(newest(page)).to_contain_text("Done")
    expect(newest(page)).to_contain_text(f"{N} of {N}")
    expect(newest(page).get_by_role("button")).to_have_count(0)
    counted = slow.replay.stats()
    assert (counted["requests"], counted["repeated"]) == (N, 0), "nothing was paid for twice"
    expect(page.get_by_role("button", name="Start", exact=True)).to_be_enabled()
    state, here = page.context.storage_state(), page.url
    for options in ({"color_scheme": "dark"}, {"viewport": {"width": 390, "height": 844}}):
        other = new_context(storage_state=state, **options).new_page()
        other.goto(here)
        expect(other.get_by_role("heading", name="Runs of the models")).to_be_visible()
        expect(newest(other)).to_contain_text("Done")
        assert accessibility_problems(other) == [], options
        fits(other)


def test_a_run_is_cancelled_and_a_limited_one_is_not_exceeded(slow: Served, page: Page) -> None:
    enter(page, slow)
    page.get_by_role("button", name="Start", exact=True).click()
    expect(newest(page)).to_contain_text("Running")
    newest(page).get_by_role("button", name="Cancel").click()
    expect(newest(page)).to_contain_text("Cancelled")
    before = slow.replay.stats()["requests"]
    page.get_by_role("textbox", name="At most so many items").fill("all of them")
    expect(page.get_by_text("A whole number from 1")).to_be_visible()
    expect(page.get_by_role("button", name="Start", exact=True)).to_be_disabled()
    page.get_by_role("textbox", name="At most so many items").fill("7")
    page.get_by_role("button", name="Start", exact=True).click()
    expect(newest(page)).to_contain_text("at most 7")
    expect(newest(page)).to_contain_text("Done")
    assert slow.replay.stats()["requests"] == before + 7


def test_a_killed_worker_shows_as_stalled_with_what_to_do(
    slow: Served, page: Page, accessibility_problems: Callable[[Page], list[str]]
) -> None:
    enter(page, slow)
    page.get_by_role("button", name="Start", exact=True).click()
    expect(newest(page)).to_contain_text("Running")
    with Workspace.open(slow.folder) as workspace, workspace.storage.reading() as views:
        (job,) = views.jobs(workspace.project().id)
    assert job.worker is not None
    os.kill(int(job.worker.rpartition(":")[2]), signal.SIGKILL)
    # Half a minute is long for a test: the worker's last word is put back instead.
    with Workspace.open(slow.folder) as workspace:
        at = workspace.world.now() - 31
        workspace.storage.write(lambda tx: tx.beat_job(job.id, job.fence, job.counts, state="running", now=at))
    expect(newest(page)).to_contain_text("Stalled")
    expect(newest(page)).to_contain_text("it was probably killed")
    assert accessibility_problems(page) == []
    newest(page).get_by_role("button", name="Resume").click()
    expect(newest(page)).to_contain_text("Done")
    expect(newest(page)).to_contain_text(f"{N} of {N}")


def test_S2_annotators_get_no_jobs_page(slow: Served, page: Page, new_context: Callable[..., BrowserContext]) -> None:
    with Workspace.open(slow.folder) as workspace:
        link = workspace.project().invite("ann").url(slow.link.partition("/join")[0])
    page.goto(link)
    page.get_by_role("button", name="Menu of ann").click()
    expect(page.get_by_role("button", name="Sign out")).to_be_visible()
    expect(page.get_by_role("button", name="Jobs")).to_have_count(0)
    page.goto(slow.page_url())
    expect(page.get_by_role("heading", name="For managers")).to_be_visible()


def test_a_run_that_costs_says_so_and_asks_before_it_begins(
    tmp_path: Path,
    page: Page,
    new_context: Callable[..., BrowserContext],
    accessibility_problems: Callable[[Page], list[str]],
) -> None:
    """As on the command line: `confirm_above` says from when on."""
    changes = {"recorded": False, "confirm_above": 0.0001, "budget": 1}
    with served(tmp_path, **changes) as place:
        enter(page, place)
        page.get_by_role("textbox", name="At most so many items").fill("150")
        page.get_by_role("textbox", name="At most so many items").press("Enter")
        asked = page.get_by_role("dialog", name="Start this run?")
        expect(asked).to_contain_text("This costs about $0.00")
        expect(asked).to_contain_text("first: 150 items due, about 150 calls")
        expect(asked).to_contain_text("Left of the budget: $1.00.")
        assert accessibility_problems(page) == []
        asked.get_by_role("button", name="Leave it").click()
        expect(asked).to_have_count(0)
        expect(page.get_by_role("textbox", name="At most so many items")).to_be_focused()
        expect(page.get_by_text("There has been no run yet")).to_be_visible()
        assert place.replay.stats()["requests"] == 0, "nothing was asked for without a yes"
        state, here = page.context.storage_state(), page.url
        for options in ({"color_scheme": "dark"}, {"viewport": {"width": 390, "height": 844}}):
            other = new_context(storage_state=state, **options).new_page()
            other.goto(here)
            other.get_by_role("button", name="Start", exact=True).click()
            expect(other.get_by_role("dialog", name="Start this run?")).to_be_visible()
            assert accessibility_problems(other) == [], options
            fits(other)
        page.get_by_role("button", name="Start", exact=True).click()
        asked.get_by_role("button", name="Start the run").click()
        expect(newest(page)).to_contain_text("at most 150")
        expect(newest(page)).to_contain_text("Done")
        assert place.replay.stats()["requests"] == 150
