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


COUNTRIES = [f"Country {n:03} of {'north' if n % 2 else 'south'}" for n in range(1000)]


def test_one_of_a_thousand_labels_is_found_by_typing_and_typing_stays_quick(
    page: Page, tmp_path: Path, accessibility_problems: Callable[[Page], list[str]]
) -> None:
    config = asking(
        question("country", "classification", {"labels": [*COUNTRIES[:-1], XSS]}),
        question("tags", "multilabel", {"labels": COUNTRIES}),
    )
    with workplace(tmp_path, [{"text": TEXT}] * 2, config=config, blind=True) as place:
        place.enter(page)
        country, tags = (page.get_by_role("combobox", name=f"find a label for {name}") for name in ("country", "tags"))
        page.keyboard.press("/")
        expect(country).to_be_focused()
        page.evaluate(LONG_TASKS)
        page.keyboard.type("nort 417", delay=30)
        expect(page.get_by_role("option", name="Country 417 of north")).to_have_count(1)
        assert page.evaluate("window.longest") < 200, "ms of any one piece of work while typing"
        page.keyboard.press("Enter")
        expect(page.get_by_role("article")).to_be_focused()
        page.keyboard.press("q")  # the second list has its own row's first key
        expect(tags).to_be_focused()
        for typed in ("country 9", "country 010"):
            page.keyboard.type(typed)
            page.keyboard.press("Enter")
        page.keyboard.press("ArrowDown")
        page.keyboard.press("Enter")
        page.keyboard.press("Backspace")  # takes the last of the schema's order away again
        page.keyboard.press("Escape")
        page.keyboard.press("Enter")
        expect(page.get_by_text("✓ saved")).to_be_visible()
        said = dict(place.answers())
        assert said["country"] == "Country 417 of north"
        assert "Country 010 of south" in said["tags"]  # type: ignore[operator]
        # By mouse; what was used last stands on top.
        first = page.get_by_role("listbox", name="labels").first.get_by_role("option").first
        expect(first).to_contain_text("Country 417 of north")
        expect(first).to_contain_text("used last")
        country.fill("onerror")
        page.get_by_role("option", name=XSS).click()
        page.get_by_role("button", name="none of these").click()
        assert accessibility_problems(page) == []
        page.locator("footer").get_by_role("button", name="Submit").click()
        expect(page.get_by_role("heading", name="All done for now")).to_be_visible()
        page.wait_for_function("() => document.querySelectorAll('nav li[data-status=saved]').length === 2")
        assert place.answers()[2:] == [("country", XSS), ("tags", [])]
        assert page.title() != "owned"


LONG_TASKS = """() => {
  window.longest = 0;
  new PerformanceObserver((list) => {
    for (const one of list.getEntries()) window.longest = Math.max(window.longest, one.duration);
  }).observe({ type: 'longtask', buffered: false });
}"""

TREE = [
    {"value": "animal", "children": [{"value": "dog", "children": ["poodle", "pug"]}, "cat"]},
    {"value": XSS, "children": ["moss"]},
    "stone",
]


def test_a_place_in_a_tree_is_found_by_typing_by_arrows_and_by_mouse(
    page: Page, tmp_path: Path, accessibility_problems: Callable[[Page], list[str]]
) -> None:
    breed = question(
        "breed",
        "multilabel",
        {"labels": ["show", "work"]},
        show_when=ShowWhen(QuestionName("kind"), ("dog",)),
    )
    config = asking(question("kind", "taxonomy", {"tree": TREE}), breed)
    with workplace(tmp_path, [{"text": TEXT}] * 3, config=config, blind=True) as place:
        place.enter(page)
        page.keyboard.press("/")
        page.keyboard.type("pug")
        page.keyboard.press("Enter")
        page.keyboard.press("q")  # a dog is shown or works: any place on the path meets the condition
        page.keyboard.press("Enter")
        expect(page.get_by_role("group", name="Breed")).to_have_count(0)
        page.keyboard.press("2")  # the tree
        expect(page.get_by_role("button", name="animal", exact=True)).to_be_focused()
        for key in ("ArrowRight", "ArrowDown", "Enter"):
            page.keyboard.press(key)
        expect(page.get_by_role("button", name="cat", pressed=True)).to_be_focused()
        assert accessibility_problems(page) == []
        page.locator("article").focus()
        page.keyboard.press("Enter")
        page.get_by_role("button", name=XSS).click()
        page.get_by_role("button", name="moss").click()
        page.locator("footer").get_by_role("button", name="Submit").click()
        expect(page.get_by_role("heading", name="All done for now")).to_be_visible()
        page.wait_for_function("() => document.querySelectorAll('nav li[data-status=saved]').length === 3")
        assert place.answers() == [
            ("kind", ["animal", "dog", "pug"]),
            ("breed", ["show"]),
            ("kind", ["animal", "cat"]),
            ("kind", [XSS, "moss"]),
        ]
        assert page.title() != "owned"
