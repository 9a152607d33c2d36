"""For those who are new to the page: what is missing comes into sight, and the way to other pages is always there."""

from collections.abc import Callable
from pathlib import Path

from playwright.sync_api import BrowserContext, Page, expect

from labelwright.domain.ids import QuestionName
from labelwright.domain.project import Guideline, LabelSchema, Policy, ProjectConfig, Question
from tests.browser.layout import fits
from tests.browser.workplace import two_questions, workplace

LONG = "What does the writer say of it? " * 90
ITEM = {"text": "The screen is good."}


def test_what_is_still_to_be_answered_comes_into_sight(page: Page, tmp_path: Path) -> None:
    questions = tuple(
        Question(QuestionName(name), "labelwright/classification", {"labels": ["good", "bad"]}, LONG)
        for name in ("first", "second")
    )
    config = ProjectConfig(LabelSchema(1, questions), Guideline(1, ""), Policy(), ("text",), (), version=1)
    with workplace(tmp_path, [ITEM], config=config, blind=True) as place:
        place.enter(page)
        for key, told in (("Enter", 0), ("1", 1)):
            page.keyboard.press(key)
            page.keyboard.press("Enter")
            expect(page.get_by_role("group").nth(told).get_by_role("alert")).to_be_in_viewport(ratio=1)
        page.keyboard.press("q")
        page.keyboard.press("Enter")
        expect(page.get_by_text("✓ saved")).to_be_visible()
        assert place.answers() == [("first", "good"), ("second", "good")]


def test_managers_go_from_page_to_page_on_a_phone(new_context: Callable[..., BrowserContext], tmp_path: Path) -> None:
    page = new_context(viewport={"width": 390, "height": 844}).new_page()
    with workplace(tmp_path, [ITEM], config=two_questions([ITEM])) as place:
        page.goto(place.link("mia", "manager"))
        expect(page.get_by_role("article")).to_be_visible()
        page.goto(f"{place.page_url}/items")
        pages = page.get_by_role("navigation", name="Pages")
        for title in ("Settings", "Jobs", "Items", "Results"):
            pages.get_by_role("link", name=title).click()
            here = pages.locator("[aria-current=page]")
            expect(here).to_have_text(title)
            expect(here).to_be_in_viewport(ratio=1)
            whole = here.evaluate("one => one.scrollWidth <= one.clientWidth && one.clientHeight >= 44")
            assert whole, f"{title} is cut off, or too small for a finger"
        fits(page)
