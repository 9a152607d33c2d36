"""The cockpit and the dashboard: a manager weighs, looks, applies, rolls back and undoes; the server is real."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest
from playwright.sync_api import BrowserContext, Page, expect

from labelwright.domain.annotator import Role
from labelwright.services.people.manage_people import invite
from tests.browser.layout import fits
from tests.browser.serving import serving
from tests.story.accepting_project import Accepting

N = 300
HEADING = "How much to accept unseen"


@dataclass(frozen=True)
class Served:
    """A certified project that is not routed yet, and its page."""

    made: Accepting
    url: str

    def link(self, name: str, role: Role) -> str:
        small = self.made.small
        project = small.project
        found = small.storage.write(lambda tx: invite(tx, project, name=name, role=role, world=small.world))
        return found.url(self.url)

    def page_url(self, page: str) -> str:
        return f"{self.url}/p/small/{page}"

    def accepted(self) -> int:
        return sum(d.route in {"accept", "audit"} for d in self.made.decisions().values())


@pytest.fixture
def place(tmp_path: Path) -> Iterator[Served]:
    made = Accepting(folder=tmp_path, n_items=N, routed=False)
    try:
        with serving(tmp_path) as told:
            yield Served(made, told["url"])
    finally:
        made.small.storage.close()


def enter(page: Page, place: Served, at: str = "cockpit") -> None:
    page.goto(place.link("mia", "manager"))
    expect(page.get_by_role("button", name="Menu of mia")).to_be_visible()
    page.goto(place.page_url("results"))
    page.get_by_role("navigation", name="Pages").get_by_role("link", name=at.capitalize()).click()


def test_the_slider_answers_keys_and_only_the_frozen_limit_is_called_certified(
    place: Served,
    page: Page,
    new_context: Callable[..., BrowserContext],
    accessibility_problems: Callable[[Page], list[str]],
) -> None:
    enter(page, place)
    expect(page.get_by_role("heading", name=HEADING)).to_be_visible()
    limit = page.get_by_role("region", name="The limit")
    numbers = page.get_by_role("region", name="At this limit")
    slider = page.get_by_role("slider")
    expect(limit.get_by_role("status")).to_contain_text("Certified.")
    expect(numbers).to_contain_text("certified at 95% confidence")
    expect(slider).to_have_attribute("aria-valuetext", "at most 10% wrong")
    before = numbers.inner_text()
    slider.focus()
    page.keyboard.press("ArrowRight")
    expect(slider).to_have_attribute("aria-valuetext", "at most 10.5% wrong")
    expect(limit.get_by_role("status")).to_contain_text("A planning figure, no certificate")
    expect(page.get_by_role("region", name="Lines of project.yaml")).to_have_count(1)
    expect(page.get_by_role("region", name="Lines of project.yaml")).to_contain_text("target_error: 0.105")
    page.keyboard.press("Home")
    expect(numbers).to_contain_text("nothing")
    expect(limit.get_by_role("status")).to_contain_text("let nothing through")
    assert numbers.inner_text() != before
    field = page.get_by_role("textbox", name="Error at most, in percent")
    field.fill("20.3")
    field.press("Enter")
    expect(slider).to_have_attribute("aria-valuetext", "at most 20% wrong")
    expect(page.get_by_role("region", name="Some of the items").get_by_role("listitem")).not_to_have_count(0)
    assert accessibility_problems(page) == []
    page.get_by_role("button", name="Your limit, 10%").click()
    expect(numbers).to_contain_text("certified at 95% confidence")
    assert numbers.inner_text() == before
    state = page.context.storage_state()
    for options in ({"color_scheme": "dark"}, {"viewport": {"width": 390, "height": 844}}):
        other = new_context(storage_state=state, **options).new_page()
        for name, heading in (("cockpit", HEADING), ("dashboard", "How it goes")):
            other.goto(place.page_url(name))
            expect(other.get_by_role("heading", name=heading)).to_be_visible()
            assert accessibility_problems(other) == [], (options, name)
            fits(other)


def test_what_is_certified_is_applied_rolled_back_and_given_back_with_the_counts_said_before(
    place: Served, page: Page, accessibility_problems: Callable[[Page], list[str]]
) -> None:
    enter(page, place)
    acts = page.get_by_role("region", name="Apply and roll back")
    expect(acts.get_by_role("button", name="Roll back")).to_be_disabled()
    assert place.accepted() == 0
    acts.get_by_role("button", name="Apply", exact=True).press("Enter")
    dialog = page.get_by_role("dialog", name="Apply the certificates?")
    n = len(place.made.accepted())
    expect(dialog).to_contain_text(f"{n} items accepted without a person")
    assert accessibility_problems(page) == []
    page.keyboard.press("Escape")
    expect(dialog).to_have_count(0)
    assert place.accepted() == 0, "a dialog that is closed does nothing"
    acts.get_by_role("button", name="Apply", exact=True).click()
    dialog.get_by_role("button", name="Apply to").click()
    expect(acts).to_contain_text("Applied")
    expect(acts).to_contain_text(f"{n} items are accepted now")
    assert place.accepted() == n
    expect(acts.get_by_role("button", name="Apply", exact=True)).to_be_disabled()

    acts.get_by_role("button", name="Roll back").click()
    page.get_by_role("dialog").get_by_role("button", name=f"Take back {n} items").click()
    expect(acts).to_contain_text(f"{n} items went back to people")
    assert place.accepted() == 0
    assert accessibility_problems(page) == []
    acts.get_by_role("button", name="Undo").press("Enter")
    page.get_by_role("dialog").get_by_role("button", name=f"Accept {n} items again").press("Enter")
    expect(acts).to_contain_text("Undone")
    expect(acts.get_by_role("button", name="Undo")).to_have_count(0)
    assert place.accepted() == n


def test_the_dashboard_shows_people_by_name_and_figures_are_saved(
    place: Served, page: Page, accessibility_problems: Callable[[Page], list[str]]
) -> None:
    enter(page, place, "dashboard")
    expect(page.get_by_role("heading", name="How it goes")).to_be_visible()
    people = page.get_by_role("region", name="People", exact=True)
    expect(people.get_by_role("rowheader")).to_have_text(["ann", "bob"])
    expect(page.get_by_role("region", name="Calibration and audit")).to_contain_text("The certificates are out")
    assert accessibility_problems(page) == []
    velocity = page.get_by_role("region", name="Velocity")
    with page.expect_download() as saved:
        velocity.get_by_role("button", name="Save numbers (CSV)").press("Enter")
    assert saved.value.suggested_filename == "dashboard-when-people-answer.csv"
    lines = saved.value.path().read_text(encoding="utf-8-sig").splitlines()
    assert lines[0] == "day,hour,items answered"
    assert sum(int(line.rpartition(",")[2]) for line in lines[1:]) == 150
    with page.expect_download() as saved:
        velocity.get_by_role("button", name="Save picture (SVG)").press("Enter")
    text = saved.value.path().read_text(encoding="utf-8")
    root = ET.fromstring(text)
    assert root.tag == "{http://www.w3.org/2000/svg}svg"
    assert "var(" not in text
    assert "class=" not in text
    filled = {part.get("fill") for part in root.iter("{http://www.w3.org/2000/svg}rect")}
    assert "rgb(47, 111, 94)" in filled, "the accent, written out"


def test_S2_annotators_get_neither_page(place: Served, page: Page) -> None:
    page.goto(place.link("ann2", "annotator"))
    expect(page.get_by_role("button", name="Menu of ann2")).to_be_visible()
    for name in ("cockpit", "dashboard"):
        page.goto(place.page_url(name))
        expect(page.get_by_role("heading", name="For managers")).to_be_visible()
    answers = page.evaluate(
        """async () => Promise.all(['cockpit', 'dashboard', 'cockpit/sample?question=tone&score_at_least=0'].map(
          async (path) => (await fetch(`/api/v1/projects/small/${path}`)).status))"""
    )
    assert answers == [403, 403, 403]
