"""What is done by mouse, by finger and by going back: forms, corrections, orders, covered pictures."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from playwright.sync_api import BrowserContext, Page, expect

from labelwright.domain.canonical import Json
from labelwright.domain.project import Wellbeing
from tests.browser.answering import by_mouse
from tests.browser.layout import at_rest
from tests.browser.test_page_task_types import config_of
from tests.browser.workplace import two_questions, workplace

RED = "data:image/svg+xml,<svg xmlns='http://www.w3.org/2000/svg' width='40' height='40'/>"


def submit(page: Page) -> None:
    page.get_by_role("contentinfo").get_by_role("button", name="Submit").click()


@by_mouse("fields", "text")
def test_a_form_and_a_correction_are_given_by_mouse_and_only_words_are_typed(page: Page, tmp_path: Path) -> None:
    fields: list[Json] = [
        {"name": "shop", "type": "text"},
        {"name": "kind", "type": "choice", "labels": ["food", "tools"]},
        {"name": "lines", "type": "records", "fields": [{"name": "what", "type": "text"}]},
    ]
    config = config_of(("receipt", "fields", {"fields": fields}), ("right", "text", {"correct": "text"}))
    with workplace(tmp_path, [{"text": "A lanp."}], config=config, blind=True) as place:
        place.enter(page)
        page.get_by_role("textbox", name="shop").click()
        page.keyboard.type("Ada's")
        page.get_by_role("radio", name="tools").check()
        page.get_by_role("button", name="lines").first.click()
        page.get_by_role("group", name="lines 1").get_by_role("textbox", name="what").click()
        page.keyboard.type("lamp")
        field = page.get_by_role("textbox", name="The text to correct")
        field.dblclick(position={"x": 40, "y": 20})  # the word under it
        page.keyboard.type("lamp")
        submit(page)
        expect(page.get_by_text("✓ saved")).to_be_visible()
        assert place.answers() == [
            ("receipt", {"shop": "Ada's", "kind": "tools", "lines": [{"what": "lamp"}]}),
            ("right", "A lamp."),
        ]


@by_mouse("ranking")
def test_an_order_is_dragged_with_a_finger_and_the_page_stays_where_it_is(
    new_context: Callable[..., BrowserContext], tmp_path: Path
) -> None:
    config = config_of(("order", "ranking", {"labels": ["red", "green", "blue"]}))
    page = new_context(viewport={"width": 390, "height": 640}, has_touch=True, is_mobile=True).new_page()
    with workplace(tmp_path, [{"text": "A lamp."}], config=config, blind=True) as place:
        place.enter(page)
        page.get_by_role("button", name="place the rest as listed").tap()
        rows = page.get_by_role("list", name="the order so far").get_by_role("listitem")
        expect(rows).to_have_count(3)
        rows.last.scroll_into_view_if_needed()
        handle, top = at_rest(rows.nth(2).get_by_title("drag to move")), at_rest(rows.nth(0))
        before = page.evaluate("scrollY")
        fingers = page.context.new_cdp_session(page)

        def touch(kind: str, *places: tuple[float, float]) -> None:
            points = [{"x": x, "y": y} for x, y in places]
            fingers.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": points})

        x, start, end = handle["x"] + handle["width"] / 2, handle["y"] + handle["height"] / 2, top["y"] + 4
        touch("touchStart", (x, start))
        for step in range(1, 9):
            touch("touchMove", (x, start + (end - start) * step / 8))
        touch("touchEnd")
        expect(rows.nth(0)).to_contain_text("blue")
        assert page.evaluate("scrollY") == before
        submit(page)
        expect(page.get_by_text("✓ saved")).to_be_visible()
        assert place.answers() == [("order", ["blue", "red", "green"])]


def test_pictures_that_may_distress_are_veiled_once_more_and_nothing_is_answered_before(
    page: Page, tmp_path: Path
) -> None:
    items = [{"text": "See the picture.", "image": RED}, {"text": "Another.", "image": RED}]
    config = replace(two_questions(items), wellbeing=Wellbeing("Wounds."))
    with workplace(tmp_path, items, config=config, blind=True) as place:
        place.enter(page)
        picture = page.get_by_role("article").locator("img")
        expect(page.get_by_text("Wounds.")).to_be_visible()
        expect(picture).to_have_count(0)
        page.keyboard.press("Shift+V")
        expect(page.get_by_text("See the picture.")).to_be_visible()
        expect(picture.first).to_have_css("filter", re.compile("blur"))
        page.keyboard.press("Shift+V")
        expect(page.locator("[data-veiled]")).to_have_count(0)
        expect(picture.first).not_to_have_css("filter", re.compile("blur"))
        for key in ("1", "w", "Enter"):
            page.keyboard.press(key)
        expect(page.get_by_text("✓ saved")).to_be_visible()
        # The next one by mouse: covered again, veiled, seen.
        page.get_by_role("button", name="Show the item").click()
        expect(page.get_by_text("Another.")).to_be_visible()
        page.locator("[data-veiled]").get_by_role("button").first.click()
        expect(page.locator("[data-veiled]")).to_have_count(0)
        assert len(place.answers()) == 2


def test_back_and_forward_go_between_pages_and_send_nothing_twice(page: Page, tmp_path: Path) -> None:
    with workplace(tmp_path, [{"text": f"Lamp {n}."} for n in range(3)]) as place:
        page.goto(place.link("mia", "manager"))
        expect(page.get_by_role("article", name="Item item-1")).to_be_visible()
        for key in ("1", "w", "Enter"):
            page.keyboard.press(key)
        expect(page.get_by_role("article", name="Item item-2")).to_be_visible()
        expect(page.get_by_text("✓ saved")).to_be_visible()
        page.keyboard.press("2")
        page.get_by_role("button", name="Menu of mia").click()
        page.get_by_role("button", name="Items").click()
        expect(page.get_by_role("navigation", name="Pages")).to_be_visible()
        page.go_back()
        expect(page.get_by_role("article", name="Item item-2")).to_be_visible()
        expect(page.get_by_role("radio", name="negative")).to_be_checked()
        page.go_forward()
        expect(page.get_by_role("navigation", name="Pages")).to_be_visible()
        page.go_back()
        expect(page.get_by_role("radio", name="negative")).to_be_checked()
        for key in ("q", "Enter"):
            page.keyboard.press(key)
        expect(page.get_by_role("article", name="Item item-3")).to_be_visible()
        page.go_back()
        page.go_forward()
        expect(page.get_by_role("article")).to_be_visible()
        expect(page.get_by_text("2 done · 1 left")).to_be_visible()
        assert place.answers() == [
            ("sentiment", "positive"),
            ("aspects", ["screen"]),
            ("sentiment", "negative"),
            ("aspects", ["battery"]),
        ]
