"""Choices and questions on the label page: conditions, long lists, taxonomies, strengths, sliders, orders, cards."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from playwright.sync_api import Page, expect

from labelwright.domain.ids import QuestionName
from labelwright.domain.project import Guideline, LabelSchema, ModelSource, Policy, ProjectConfig, Question, ShowWhen
from tests.browser.answering import by_keyboard, by_mouse
from tests.browser.layout import at_rest
from tests.browser.workplace import MODEL, workplace

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


@by_mouse("classification", "multilabel")
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
        # On a busy machine a piece of work is as long as it is interrupted; 1,000 labels drawn anew take seconds there.
        assert page.evaluate("window.longest") < 600, "ms of any one piece of work while typing"
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


@by_keyboard("taxonomy")
@by_mouse("taxonomy")
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


def saved(page: Page, n: int) -> None:
    """Wait until the server has acknowledged so many answers."""
    page.wait_for_function(f"() => document.querySelectorAll('nav li[data-status=saved]').length === {n}")


BETTER = question(
    "better",
    "preference",
    {"tie": "tie", "strengths": ["slightly", "much"], "criteria": ["helpful", {"value": "safe", "title": XSS}]},
)
SURE = question("sure", "rating", {"min": 0, "max": 100, "min_title": XSS, "display": "slider"})
ORDER = question("order", "ranking", {"labels": ["red", "green", "blue"]})


@by_keyboard("preference", "rating", "ranking")
def test_criteria_sliders_and_orders_are_answered_by_the_keyboard(
    page: Page, tmp_path: Path, accessibility_problems: Callable[[Page], list[str]]
) -> None:
    with workplace(tmp_path, [{"text": TEXT}], config=asking(BETTER, SURE, ORDER), blind=True) as place:
        place.enter(page)
        expect(page.get_by_role("slider", name="Sure")).to_have_attribute("aria-valuetext", "not set yet")
        page.keyboard.press("1")  # the first criterion: A much
        page.keyboard.press("Enter")
        expect(page.get_by_role("group", name="Better").get_by_role("alert")).to_contain_text(XSS)
        page.keyboard.press("3")  # the second: a tie
        page.keyboard.press("i")  # 70, the seventh key of the second row: U takes back
        page.keyboard.press("=")  # a point more; the slider has the focus now
        page.keyboard.press("ArrowRight")
        page.keyboard.press("d")  # S skips, so that the third row begins: D, F, J, ...
        expect(page.get_by_role("list", name="the order so far").get_by_role("listitem")).to_have_count(1)
        page.get_by_role("button", name="place the rest as listed").focus()
        page.keyboard.press("Space")
        page.get_by_role("button", name="blue up").focus()
        page.keyboard.press("Space")
        assert accessibility_problems(page) == []
        page.locator("article").focus()
        page.keyboard.press("Enter")
        saved(page, 1)
        assert place.answers() == [
            ("better", {"helpful": {"choice": "A", "strength": "much"}, "safe": {"choice": "tie", "strength": None}}),
            ("sure", 72),
            ("order", ["red", "blue", "green"]),
        ]
        assert page.title() != "owned"


@by_mouse("preference", "rating", "ranking")
def test_criteria_sliders_and_orders_are_answered_by_the_mouse(page: Page, tmp_path: Path) -> None:
    with workplace(tmp_path, [{"text": TEXT}], config=asking(BETTER, SURE, ORDER), blind=True) as place:
        place.enter(page)
        page.get_by_role("radiogroup", name=XSS).get_by_role("radio", name="B slightly").check()
        page.get_by_role("radiogroup", name="helpful").get_by_role("radio", name="tie").check()
        slider = page.get_by_role("slider", name="Sure")
        slider.scroll_into_view_if_needed()
        area = at_rest(slider)
        page.mouse.click(area["x"] + area["width"] / 2, area["y"] + area["height"] / 2)  # where it stood: 50
        page.get_by_role("button", name="place the rest as listed").click()
        rows = page.get_by_role("list", name="the order so far").get_by_role("listitem")
        rows.last.scroll_into_view_if_needed()
        handle, top = at_rest(rows.nth(2).get_by_title("drag to move")), at_rest(rows.nth(0))
        page.mouse.move(handle["x"] + 10, handle["y"] + 10)
        page.mouse.down()
        page.mouse.move(handle["x"] + 10, top["y"] + top["height"] + 2, steps=4)
        page.mouse.move(handle["x"] + 10, top["y"] + 2, steps=4)
        page.mouse.up()
        expect(rows.nth(0)).to_contain_text("blue")
        page.locator("footer").get_by_role("button", name="Submit").click()
        saved(page, 1)
        assert place.answers() == [
            (
                "better",
                {
                    "helpful": {"choice": "tie", "strength": None},
                    "safe": {"choice": "B", "strength": "slightly"},
                },
            ),
            ("sure", 50),
            ("order", ["blue", "red", "green"]),
        ]


def cards(*labels: str) -> ProjectConfig:
    asked = question("sentiment", "classification", {"labels": list(labels), "display": "cards"})
    return replace(asking(asked), models=(ModelSource(MODEL, "http://127.0.0.1:9/v1"),))


def test_cards_are_accepted_and_rejected_and_the_next_comes_by_itself(
    page: Page, tmp_path: Path, accessibility_problems: Callable[[Page], list[str]]
) -> None:
    config = cards("negative", "positive", XSS)
    with workplace(tmp_path, [{"text": f"{TEXT} {n}"} for n in range(4)], config=config) as place:
        place.enter(page)
        expect(page.get_by_text("Is it")).to_be_visible()
        expect(page.get_by_text("suggested 71%")).to_be_visible()
        assert accessibility_problems(page) == []
        page.keyboard.press("a")
        saved(page, 1)
        page.keyboard.press("x")
        expect(page.get_by_text("Not positive: what is it then?")).to_be_visible()
        page.keyboard.press("Enter")
        expect(page.get_by_role("alert")).to_contain_text("Choose the right answer")
        page.get_by_role("radio", name=XSS).click()
        saved(page, 2)
        page.get_by_role("button", name="yes").click()
        saved(page, 3)
        page.get_by_role("button", name="no", exact=False).filter(has_text="✗").click()
        page.get_by_role("radio", name="negative").click()
        saved(page, 4)
        said = [value for _, value in place.answers()]
        assert said == ["positive", XSS, "positive", "negative"]
        assert all(one.suggestion_shown for one in place.annotations())
        assert page.title() != "owned"


def test_B1_a_card_of_a_blind_item_asks_without_the_suggestion(page: Page, tmp_path: Path) -> None:
    texts = [{"text": f"{TEXT} {n}"} for n in range(2)]
    with workplace(tmp_path / "two", texts, config=cards("negative", "positive"), blind=True) as place:
        place.enter(page)
        expect(page.locator("strong").get_by_text("negative")).to_be_visible()
        expect(page.get_by_text("suggested")).to_have_count(0)
        page.keyboard.press("x")
        saved(page, 1)
        page.keyboard.press("a")
        saved(page, 2)
        assert [value for _, value in place.answers()] == ["positive", "negative"]
    with workplace(tmp_path / "three", texts, config=cards("negative", "positive", "mixed"), blind=True) as place:
        place.enter(page, name="bob")
        expect(page.get_by_role("radio")).to_have_count(3)
        expect(page.get_by_text("Is it")).to_have_count(0)
        page.keyboard.press("2")
        saved(page, 1)
        assert [value for _, value in place.answers()] == ["positive"]


TOPICS = ("price", "screen", XSS, "sound")


def deck() -> ProjectConfig:
    asked = question("topics", "multilabel", {"labels": list(TOPICS), "display": "cards"})
    return replace(asking(asked), models=(ModelSource(MODEL, "http://127.0.0.1:9/v1"),))


def test_each_suggested_label_has_a_card_and_others_can_be_added(
    page: Page, tmp_path: Path, accessibility_problems: Callable[[Page], list[str]]
) -> None:
    texts = [{"text": f"{TEXT} {n}"} for n in range(3)]
    with workplace(tmp_path, texts, config=deck(), suggestions={"topics": ["price", XSS]}) as place:
        place.enter(page)
        expect(page.get_by_text("Does this apply? 1 of 2")).to_be_visible()
        assert accessibility_problems(page) == []
        page.keyboard.press("Enter")
        expect(page.get_by_role("alert")).to_contain_text("Decide about each card")
        page.keyboard.press("a")
        expect(page.locator("strong").get_by_text(XSS)).to_be_visible()
        expect(page.get_by_text("Does this apply? 2 of 2")).to_be_visible()
        page.keyboard.press("x")
        expect(page.get_by_text("Every card is decided")).to_be_visible()
        assert place.answers() == []  # what the model missed can still be added
        page.keyboard.press("4")
        assert accessibility_problems(page) == []
        page.keyboard.press("Enter")
        saved(page, 1)
        page.get_by_role("button", name="no", exact=False).filter(has_text="✗").click()
        page.get_by_role("button", name="yes").click()
        page.get_by_role("checkbox", name="price").click()
        page.get_by_role("button", name="Submit").last.click()
        saved(page, 2)
        page.keyboard.press("5")
        page.keyboard.press("Enter")
        saved(page, 3)
        assert [value for _, value in place.answers()] == [["price", "sound"], ["price", XSS], []]
        assert page.title() != "owned"


def test_B1_blind_cards_ask_about_every_label_and_the_next_item_comes_by_itself(page: Page, tmp_path: Path) -> None:
    texts = [{"text": f"{TEXT} {n}"} for n in range(2)]
    with workplace(tmp_path, texts, config=deck(), blind=True, suggestions={"topics": ["price", XSS]}) as place:
        place.enter(page)
        expect(page.get_by_text("suggested")).to_have_count(0)
        for n, key in enumerate("axax", start=1):
            expect(page.get_by_text(f"Does this apply? {n} of 4")).to_be_visible()
            page.keyboard.press(key)
        saved(page, 1)
        for _ in range(4):
            page.keyboard.press("x")
        saved(page, 2)
        assert [value for _, value in place.answers()] == [["price", XSS], []]


def test_every_key_is_in_the_overlay_and_can_be_changed(page: Page, tmp_path: Path) -> None:
    config = asking(
        question("topic", "classification", {"labels": COUNTRIES}),
        question("verdict", "classification", {"labels": ["good", "bad"], "display": "cards"}),
        question("kind", "taxonomy", {"tree": TREE}),
        BETTER,
        SURE,
        ORDER,
    )
    with workplace(tmp_path, [{"text": TEXT}], config=config, blind=True) as place:
        place.enter(page)
        page.keyboard.press("Shift+Slash")
        overlay = page.get_by_role("dialog", name="All keys")
        for told in ("find a label by typing", "reject the label on the card", "go through the tree", "A much"):
            expect(overlay.get_by_text(told).first).to_be_visible()
        caps = overlay.locator("dt kbd").all_inner_texts()
        bound = [cap for cap in caps if cap != "–"]
        assert len(bound) == len(set(bound)), "no key is for two things"
