"""The result page shows managers what the report says, and nobody else anything."""

import json
import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import BrowserContext, Page, expect

from labelwright.adapters.report.project_page import project_page
from tests.browser.layout import fits
from tests.browser.serving import serving
from tests.browser.workplace import workplace

ATTACK = "</title><script>window.hit = 1</script><img src=x onerror='window.hit = 1'>"
OUR_WORDS = {"outlook", "kind", "status", "route", "purpose", "confidence_kind"}
LABELWRIGHT = [sys.executable, "-m", "labelwright.cli"]


@pytest.fixture(scope="module")
def demonstrated(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The demonstration's workspace, after its run."""
    folder = tmp_path_factory.mktemp("demo")
    command = [*LABELWRIGHT, "demo", "--no-serve", "--seed", "3", "--json"]
    subprocess.run(
        command, cwd=folder, check=True, stdout=subprocess.DEVNULL, timeout=400, env=os.environ | {"CI": "1"}
    )
    return folder / "labelwright-demo"


@contextmanager
def served(workspace: Path) -> Iterator[str]:
    """Serve it; gives a manager's link."""
    with serving(workspace, link=True) as told:
        yield told["links"]["reviews"]


def test_the_result_page_draws_what_the_report_says(
    demonstrated: Path,
    page: Page,
    new_context: Callable[..., BrowserContext],
    accessibility_problems: Callable[[Page], list[str]],
) -> None:
    told = subprocess.run(
        [*LABELWRIGHT, "report", "-w", str(demonstrated), "--json"], check=True, capture_output=True, text=True
    ).stdout
    report = json.loads(told)
    with served(demonstrated) as link:
        page.goto(link)
        page.get_by_role("button", name="Menu of manager").click()
        page.get_by_role("button", name="Results").click()
        expect(page.get_by_role("heading", name="What may be accepted unseen")).to_be_visible()
        assert len(report["questions"]) == 2
        for question in report["questions"]:
            certificate = question["certificate"]
            section = page.get_by_role("region", name=question["title"] or question["name"], exact=True)
            if certificate["is_certified"]:
                expect(section).to_contain_text(f"{certificate['n_accepted']} of the ")
                expect(section).to_contain_text("certified up to")
            else:
                expect(section).to_contain_text("Nothing can be certified")
            for title in ("Error among the accepted", "How sure the model says it is"):
                expect(section.get_by_role("img", name=title)).to_be_visible()
            expect(section.get_by_role("row")).to_have_count(1 + len(question["ladder"]))
            section.get_by_text("The numbers").first.click()
            points = [point for point in question["risk_coverage"] if point["risk"] is not None]
            numbers = section.get_by_role("region", name="Error among the accepted, as more is accepted: the numbers")
            expect(numbers.get_by_role("row")).to_have_count(1 + len(points))
        assert accessibility_problems(page) == []
        state, here = page.context.storage_state(), page.url
        for options in ({"color_scheme": "dark"}, {"viewport": {"width": 390, "height": 844}}):
            other = new_context(storage_state=state, **options).new_page()
            other.goto(here)
            expect(other.get_by_role("heading", name="What may be accepted unseen")).to_be_visible()
            assert accessibility_problems(other) == [], options
            fits(other)


def hostile(value: Any, key: str = "") -> Any:  # noqa: ANN401 - JSON
    """Put an attack in the place of every word that a project, a model or a person may choose."""
    match value:
        case dict():
            return {name: hostile(inner, name) for name, inner in value.items()}
        case list():
            return [hostile(inner, key) for inner in value]
        case str() if key not in OUR_WORDS:
            return f"{value}{ATTACK}"
        case _:
            return value


def test_S7_a_report_full_of_attacks_runs_no_script_on_the_page_or_in_its_file(
    demonstrated: Path, page: Page, new_context: Callable[..., BrowserContext], tmp_path: Path
) -> None:
    told = subprocess.run(
        [*LABELWRIGHT, "report", "-w", str(demonstrated), "--json"], check=True, capture_output=True, text=True
    ).stdout
    report = hostile(json.loads(told))
    with served(demonstrated) as link:
        page.route("**/report", lambda route: route.fulfill(json=report))
        page.goto(link)
        page.get_by_role("button", name="Menu of manager").click()
        page.get_by_role("button", name="Results").click()
        expect(page.get_by_role("heading", name="What may be accepted unseen")).to_be_visible()
        for details in page.get_by_text("The numbers").all():
            details.click()
        assert ATTACK in page.locator("body").inner_text()
        assert page.evaluate("window.hit") is None
        assert page.locator("[onerror], main script").count() == 0
    file = tmp_path / "report.html"
    file.write_text(project_page(report, at=ATTACK), encoding="utf-8")
    alone = new_context().new_page()  # no policy protects a file: nothing but the escaping does
    alone.goto(file.as_uri())
    assert ATTACK in alone.locator("body").inner_text()
    assert alone.evaluate("window.hit") is None
    assert alone.locator("[onerror], script").count() == 0


def test_S2_annotators_see_no_results_and_a_project_without_calibration_says_so(
    tmp_path: Path, page: Page, new_context: Callable[..., BrowserContext]
) -> None:
    with workplace(tmp_path, [{"text": "a lamp"}]) as place:
        place.enter(page)
        page.goto(f"{place.page_url}/results")
        expect(page.get_by_role("heading", name="For managers")).to_be_visible()
        manager = new_context().new_page()
        manager.goto(place.link("mia", "manager"))
        expect(manager.get_by_role("button", name="Menu of mia")).to_be_visible()
        manager.goto(f"{place.page_url}/results")
        expect(manager.get_by_text("Not calibrated yet").first).to_be_visible()
