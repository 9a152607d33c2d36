"""Choices and questions on the label page: conditions, long lists, taxonomies, strengths, sliders, orders, cards."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from playwright.sync_api import Page, expect

from labelwright.domain.ids import QuestionName
from labelwright.domain.project import Guideline, LabelSchema, Policy, ProjectConfig, Question, ShowWhen
from tests.browser.workplace import workplace

TEXT = "Ada 🦊 met Bo."
XSS = "<img src=x onerror=\"document.title='owned'\">"


def asking(*questions: Question) -> ProjectConfig:
    return ProjectConfig(
        schema=LabelSchema(1, questions),
        guideline=Guideline(1, ""),
        policy=Policy(),
        content_fields=("text",),
        models=(),
        version=1,
    )


def question(name: str, kind: str, settings: Mapping[str, Any], **more: Any) -> Question:  # noqa: ANN401
    return Question(QuestionName(name), f"labelwright/{kind}", dict(settings), **more)


TONE = question("tone", "classification", {"labels": ["good", "bad"]})
WHY = question(
    "why",
    "multilabel",
    {"labels": ["price", XSS]},
    title=XSS,
    show_when=ShowWhen(QuestionName("tone"), ("bad",)),
)
NOTE = question("note", "text", {}, required=False)


def test_a_question_comes_and_goes_with_the_answer_it_depends_on(
    page: Page, tmp_path: Path, accessibility_problems: Callable[[Page], list[str]]
) -> None:
    with workplace(tmp_path, [{"text": TEXT}] * 3, config=asking(TONE, WHY, NOTE), blind=True) as place:
        place.enter(page)
        why = page.get_by_role("group", name=XSS)
        expect(page.get_by_role("group", name="Tone")).to_be_visible()
        expect(why).to_have_count(0)
        page.keyboard.press("q")  # the key of a question that is hidden
        page.keyboard.press("2")
        expect(why).to_be_visible()
        expect(why.get_by_role("checkbox", checked=True)).to_have_count(0)
        assert accessibility_problems(page) == []
        page.keyboard.press("Enter")
        expect(why.get_by_role("alert")).to_contain_text("Choose all that apply")
        page.keyboard.press("q")
        page.keyboard.press("Enter")
        expect(page.get_by_text("✓ saved")).to_be_visible()
        # By mouse: what was answered before the question was hidden is not sent.
        page.get_by_role("radio", name="bad").check()
        why.get_by_role("checkbox", name=XSS).check()
        page.get_by_role("radio", name="good").check()
        expect(why).to_have_count(0)
        page.get_by_role("textbox", name="Your text").fill("begun")
        page.get_by_role("button", name="leave it open").click()
        page.get_by_role("button", name="Submit Enter").or_(page.locator("footer").get_by_text("Submit")).first.click()
        expect(page.get_by_role("navigation", name="Your last answers").get_by_role("listitem")).to_have_count(2)
        expect(page.get_by_text("✓ saved")).to_be_visible()
        page.wait_for_function("() => document.querySelectorAll('nav li[data-status=saved]').length === 2")
        assert place.answers() == [("tone", "bad"), ("why", ["price"]), ("tone", "good")]
        page.keyboard.press("u")
        expect(page.get_by_role("radio", name="good")).to_be_checked()
        assert page.title() != "owned"
