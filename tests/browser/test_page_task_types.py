"""Each kind of question is answered by the keyboard, and arrives as the server's own task type reads it."""

from pathlib import Path
from typing import Any, cast

import pytest
from playwright.sync_api import Page, expect

from labelwright.domain.ids import QuestionName
from labelwright.domain.project import Guideline, LabelSchema, Policy, ProjectConfig, Question
from tests.browser.answering import by_keyboard, by_mouse
from tests.browser.layout import at_rest
from tests.browser.workplace import workplace

TEXT = "Ada 🦊 met Bo."
SQUARE = "data:image/svg+xml,<svg xmlns='http://www.w3.org/2000/svg' width='400' height='400'/>"


def config_of(
    *questions: tuple[str, str, dict[str, Any]], content_fields: tuple[str, ...] = ("text",)
) -> ProjectConfig:
    asked = tuple(Question(QuestionName(name), f"labelwright/{kind}", settings) for name, kind, settings in questions)
    return ProjectConfig(
        schema=LabelSchema(1, asked),
        guideline=Guideline(1, ""),
        policy=Policy(),
        content_fields=content_fields,
        models=(),
        version=1,
    )


def tab_to(page: Page, name: str) -> None:
    """Go to a field as people without a mouse do."""
    wanted = page.get_by_role("textbox", name=name)
    for _ in range(60):
        page.keyboard.press("Tab")
        if wanted.evaluate("one => one === document.activeElement"):
            return
    raise AssertionError(f"no way by Tab to {name!r}")


@by_keyboard("rating", "preference", "spans")
def test_a_rating_a_preference_and_spans_are_given_by_the_keyboard(page: Page, tmp_path: Path) -> None:
    config = config_of(
        ("stars", "rating", {"max": 5, "max_title": "splendid"}),
        ("better", "preference", {"tie": "tie"}),
        ("names", "spans", {"labels": ["person", "place"]}),
    )
    with workplace(tmp_path, [{"text": TEXT}], config=config, blind=True) as place:
        place.enter(page)
        page.keyboard.press("4")
        page.keyboard.press("w")  # Q: A, W: tie, E: B
        page.keyboard.press("Enter")
        expect(page.get_by_role("group", name="Names").get_by_role("alert")).to_contain_text("Mark what applies")
        tab_to(page, "the text to mark")
        for key in ("ArrowRight", "d", "ArrowRight", "ArrowRight", "ArrowRight", "d", "Enter"):
            page.keyboard.press(key)
        expect(page.get_by_text("✓ saved")).to_be_visible()
        ada, bo = ({"start": at, "end": to, "label": "person"} for at, to in ((0, 3), (10, 12)))
        # The fox is one character to the server and two units to the browser.
        assert place.answers() == [("stars", 4), ("better", "tie"), ("names", [ada, bo])]


@by_keyboard("ranking", "text", "fields", "relations")
def test_a_ranking_a_text_a_form_and_relations_are_given_by_the_keyboard(page: Page, tmp_path: Path) -> None:
    config = config_of(
        ("order", "ranking", {"labels": ["red", "green", "blue"]}),
        ("facts", "fields", {"fields": [{"name": "count", "type": "number"}, {"name": "day", "type": "date"}]}),
        ("who", "relations", {"labels": ["person"], "types": ["met"]}),
        ("words", "text", {}),
    )
    with workplace(tmp_path, [{"text": TEXT}], config=config, blind=True) as place:
        place.enter(page)
        for key in ("3", "1", "2"):
            page.keyboard.press(key)
        tab_to(page, "count")
        page.keyboard.type("2.5")
        page.keyboard.press("Escape")
        page.keyboard.press("q")  # the rest is not stated
        tab_to(page, "the text to mark")
        # D marks a person, J takes it as head, and K relates it to what is selected then; F is the flag's.
        for key in ("ArrowRight", "d", "j", "End", "ArrowLeft", "d", "k"):
            page.keyboard.press(key)
        tab_to(page, "Your text")
        page.keyboard.type("Ada met Bo ")
        page.keyboard.press("Control+Enter")
        expect(page.get_by_text("✓ saved")).to_be_visible()
        ada, bo = ({"start": at, "end": to, "label": "person"} for at, to in ((0, 3), (10, 12)))
        assert place.answers() == [
            ("order", ["blue", "red", "green"]),
            ("facts", {"count": 2.5, "day": None}),
            ("who", {"spans": [ada, bo], "relations": [{"head": 0, "tail": 1, "type": "met"}]}),
            ("words", "Ada met Bo"),
        ]


@by_mouse("boxes")
def test_boxes_are_drawn_by_mouse_and_set_right_by_keys(page: Page, tmp_path: Path) -> None:
    config = config_of(("things", "boxes", {"labels": ["cat", "dog"]}), content_fields=("image",))
    with workplace(tmp_path, [{"image": SQUARE}], config=config, blind=True) as place:
        place.enter(page)
        canvas = page.get_by_role("application", name="the image to draw boxes in")
        canvas.scroll_into_view_if_needed()
        page.wait_for_function("() => [...document.images].every((one) => one.complete && one.naturalWidth > 0)")
        area = at_rest(canvas)
        page.keyboard.press("2")  # the next box is a dog
        page.mouse.move(area["x"] + area["width"] * 0.25, area["y"] + area["height"] * 0.25)
        page.mouse.down()
        page.mouse.move(area["x"] + area["width"] * 0.75, area["y"] + area["height"] * 0.5)
        page.mouse.up()
        page.keyboard.press("3")  # another, in the middle
        page.keyboard.press("1")
        canvas.focus()
        for key in ("ArrowRight", "Shift+ArrowDown", "Enter"):
            page.keyboard.press(key)
        expect(page.get_by_text("✓ saved")).to_be_visible()
        ((_, value),) = place.answers()
        dog, cat = cast("list[dict[str, Any]]", value)
        assert cat == {"x": 0.31, "y": 0.3, "width": 0.4, "height": 0.41, "label": "cat"}
        assert dog["label"] == "dog"
        drawn = [dog[side] for side in ("x", "y", "width", "height")]
        assert drawn == pytest.approx([0.25, 0.25, 0.5, 0.25], abs=0.01)
