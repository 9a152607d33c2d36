"""Every page for everybody: in each language and direction, light, dark, in high contrast, on a phone."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any, cast
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import BrowserContext, Page, expect
from playwright.sync_api import TimeoutError as TooLate

from tests.browser.layout import fits
from tests.browser.serving import serving
from tests.browser.test_page_results import LABELWRIGHT, demonstrated, served
from tests.browser.test_page_task_types import config_of
from tests.browser.workplace import workplace

__all__ = ["demonstrated"]
RESULTS = tuple(f"/results#{tab}" for tab in ("accept", "card", "audit", "errors", "people", "money"))
PAGES = ("", *RESULTS, "/cockpit", "/dashboard", "/jobs", "/items", "/items?view=bulk", "/items/0001", "/settings")
PHONE = {"viewport": {"width": 390, "height": 844}, "has_touch": True, "is_mobile": True}
LOOKS: dict[str, tuple[dict[str, Any], dict[str, str]]] = {
    "high contrast": ({"forced_colors": "none"}, {"contrast": "more"}),
    "German, dark": ({"color_scheme": "dark", "locale": "de-DE"}, {}),
    "Arabic, high contrast, dark": ({"color_scheme": "dark", "contrast": "more"}, {"language": "ar"}),
    "German, on a phone": (PHONE, {"language": "de"}),
    "Arabic, on a phone": (PHONE, {"language": "ar"}),
}


@pytest.fixture
def signed_in(page: Page, demonstrated: Path) -> Any:  # noqa: ANN401 - a generator of (link, session)
    with served(demonstrated) as link:
        page.goto(link)
        expect(page.get_by_role("article")).to_be_visible()
        yield page.url, page.context.storage_state()


def test_every_page_can_be_used_in_every_language_light_and_dark_and_on_a_phone(
    signed_in: tuple[str, Any],
    new_context: Callable[..., BrowserContext],
    accessibility_problems: Callable[[Page], list[str]],
) -> None:
    """WCAG 2.2 AA as far as a machine can tell, and nothing wider than the screen."""
    address, session = signed_in
    wrong: list[object] = []
    for look, (options, preferences) in LOOKS.items():
        context = new_context(**({"storage_state": session} | options)) if "locale" not in options else None
        if context is None:
            browser = new_context().browser
            assert browser is not None
            context = browser.new_context(storage_state=session, **options)
        context.add_init_script(
            f"localStorage.setItem('labelwright/preferences', {json.dumps(json.dumps(preferences))})"
        )
        other = context.new_page()
        for path in PAGES:
            other.goto(address + path)  # from tab to tab of the results nothing is loaded anew
            settled(other)
            wrong += [(look, path, problem) for problem in accessibility_problems(other)]
            expect(other.locator("html[dir=rtl]")).to_have_count(1 if "Arabic" in look else 0)
            try:
                fits(other)
            except TooLate:
                wrong.append((look, path, "wider than the screen"))
        context.close()
    assert not wrong, "\n".join(str(one) for one in wrong)


def settled(page: Page) -> None:
    """Wait until what was asked for is drawn."""
    expect(page.locator("main").first).to_be_visible()
    expect(page.locator("[aria-busy=true]")).to_have_count(0, timeout=150_000)  # as long as the page itself waits
    expect(page.get_by_text("…", exact=False).and_(page.get_by_role("status"))).to_have_count(0)


def test_every_page_of_an_empty_project_says_what_to_do_next(
    page: Page, tmp_path: Path, accessibility_problems: Callable[[Page], list[str]]
) -> None:
    subprocess.run([*LABELWRIGHT, "init", str(tmp_path)], check=True, stdout=subprocess.DEVNULL)
    subprocess.run([*LABELWRIGHT, "apply", "-w", str(tmp_path)], check=True, capture_output=True)
    says = {
        "": "labelwright import FILE",
        "/results": "What is due next in this project",
        "/cockpit": "What is due next in this project",
        "/items": "labelwright import FILE",
        "/dashboard": "labelwright import FILE",
        "/jobs": "There has been no run yet.",
        "/settings": "The project has no items yet",
    }
    with serving(tmp_path, link=True) as told:
        page.goto(told["links"]["reviews"])
        expect(page.get_by_role("heading", name="There are no items yet")).to_be_visible()
        address = page.url
        for path, words in says.items():
            page.goto(address + path)
            expect(page.get_by_text(words).first).to_be_visible()
            assert accessibility_problems(page) == [], path
        page.goto(f"{address}/cockpit")
        page.get_by_role("link", name="What is due next").click()
        expect(page.get_by_role("heading", name="How it goes")).to_be_visible()


def test_a_person_chooses_the_language_and_it_stays(signed_in: tuple[str, Any], page: Page) -> None:
    page.get_by_role("button", name="Menu of manager").click()
    page.get_by_label("Language").select_option("de")
    expect(page.locator("html")).to_have_attribute("lang", "de")
    expect(page.get_by_role("contentinfo").get_by_role("button", name="Absenden")).to_be_visible()
    page.reload()
    expect(page.get_by_role("contentinfo").get_by_role("button", name="Absenden")).to_be_visible()
    page.get_by_role("button", name="Menü von manager").click()
    page.get_by_label("Sprache").select_option("ar")
    expect(page.locator("html")).to_have_attribute("dir", "rtl")
    assert urlsplit(page.url).path.startswith("/p/")


def test_the_keys_answer_in_every_language(signed_in: tuple[str, Any], page: Page) -> None:
    page.evaluate("localStorage.setItem('labelwright/preferences', '{\"language\": \"ar\"}')")
    page.reload()
    article = page.get_by_role("article")
    before = article.get_attribute("aria-label")
    page.keyboard.press("1")
    page.keyboard.press("Shift+Slash")
    expect(page.get_by_role("dialog")).to_be_visible()
    page.keyboard.press("Escape")
    expect(page.get_by_role("dialog")).to_have_count(0)
    page.keyboard.press("s")
    expect(page.get_by_role("dialog")).to_be_visible()
    page.keyboard.press("1")
    page.keyboard.press("Enter")
    expect(article).not_to_have_attribute("aria-label", before or "")


@pytest.mark.parametrize("text", ["פגשתי את עדה 🦊 Lovelace בלונדון.", "قابلت ليلى 🦊 Ada في لندن."])
def test_a_text_written_from_the_right_is_marked_on_the_arabic_page_where_the_server_counts(
    page: Page, tmp_path: Path, text: str
) -> None:
    """The arrows move as they look, and the places are those of the text as it is stored."""
    config = config_of(("names", "spans", {"labels": ["person", "place"]}))
    with workplace(tmp_path, [{"text": text}], config=config, blind=True) as place:
        page.add_init_script("localStorage.setItem('labelwright/preferences', '{\"language\": \"ar\"}')")
        place.enter(page)
        expect(page.locator("html")).to_have_attribute("dir", "rtl")
        page.get_by_role("article").get_by_role("textbox").focus()
        for key in ("Home", "1", "ArrowLeft", "ArrowLeft", "1", "ArrowRight", "2", "End", "Shift+ArrowLeft"):
            page.keyboard.press(key)
        page.keyboard.press("Escape")
        page.keyboard.press("Enter")
        expect(page.get_by_text("✓ حُفظ")).to_be_visible()
        ((_, value),) = place.answers()
        said = [(text[one["start"] : one["end"]], one["label"]) for one in cast("list[dict[str, Any]]", value)]
        first, second, third, *_ = text.split()
        assert sorted(said) == sorted([(first, "person"), (second, "place"), (third, "person")])
