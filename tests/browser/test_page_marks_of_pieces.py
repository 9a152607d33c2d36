"""Marks of several pieces: by keys, by mouse, word by word; their places are those the server counts, in any script."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any, cast

import pytest
from playwright.sync_api import Page, expect

from labelwright.domain.canonical import Json
from tests.browser.test_page_text_marks import SCRIPTS, asked, drag, point_of, press, saved, spans_config
from tests.browser.workplace import Workplace, workplace

TEXT = "Pain in the left and right lung."


def pieces_of(place: Workplace) -> list[list[str]]:
    """Give the words of each mark, piece by piece, as the server cuts them."""
    ((_, value),) = place.answers()
    spans = cast("list[dict[str, Any]]", value["spans"] if isinstance(value, dict) else value)
    (text,) = {str(text) for text in place_text(place)}
    return [[text[one["start"] : one["end"]] for one in span.get("pieces", [span])] for span in spans]


def place_text(place: Workplace) -> list[Json]:
    with place.storage.reading() as views:
        return [item.content["text"] for item in views.items(place.project.id)]


def test_a_mark_of_two_pieces_is_made_by_the_keyboard_alone(page: Page, tmp_path: Path) -> None:
    with workplace(tmp_path, [{"text": TEXT}], config=spans_config(discontinuous=True), blind=True) as place:
        place.enter(page)
        add = page.get_by_role("button", name="add to the mark, or take from it")
        key = add.locator("kbd").text_content()
        assert key is not None
        page.get_by_role("textbox", name="the text to mark").focus()
        press(page, *["ArrowRight"] * 4, "1")  # left
        press(page, *["ArrowRight"] * 3)  # lung
        expect(page.get_by_text("“lung” can be added to the mark “left”.")).to_be_visible()
        press(page, key.lower())
        expect(page.get_by_role("status").filter(has_text="left … lung, marked as person")).to_have_count(1)
        press(page, "Alt+ArrowRight")  # the whole mark is selected: its end goes on by a character
        press(page, "ArrowLeft", "2")  # "the", before it
        saved(page)
        assert pieces_of(place) == [["the"], ["left", "lung."]]


def test_a_mark_of_pieces_is_made_and_unmade_with_the_mouse(page: Page, tmp_path: Path) -> None:
    with workplace(tmp_path, [{"text": TEXT}], config=spans_config(discontinuous=True), blind=True) as place:
        place.enter(page)
        drag(page, 1, 2)  # Pain
        page.get_by_role("button", name="mark as person").click()
        page.keyboard.down("Control")
        drag(page, 13, 14)  # left
        page.mouse.click(*point_of(page, 18))  # and: a blank between two pieces is no gap
        page.mouse.click(*point_of(page, 28))  # lung
        page.keyboard.up("Control")
        page.mouse.click(*point_of(page, 22))  # right lies between the pieces: a word by itself
        expect(page.get_by_role("status").filter(has_text="selected: right")).to_have_count(1)
        page.get_by_role("button", name="mark as place").click()
        page.mouse.click(*point_of(page, 1))  # any of its pieces selects the mark
        expect(page.get_by_role("status").filter(has_text="Pain … left and … lung, marked as person")).to_have_count(1)
        page.keyboard.down("Control")
        page.mouse.click(*point_of(page, 28))  # lung leaves
        page.keyboard.up("Control")
        saved(page)
        assert pieces_of(place) == [["Pain", "left and"], ["right"]]


@pytest.mark.parametrize("text", SCRIPTS)
def test_the_places_of_pieces_are_those_the_server_counts_in_every_script(
    page: Page, tmp_path: Path, text: str
) -> None:
    config = asked(
        ("who", "relations", {"labels": ["a", "b"], "types": ["with"], "discontinuous": True}),
    )
    with workplace(tmp_path, [{"text": text}], config=config, blind=True) as place:
        place.enter(page)
        page.get_by_role("textbox", name="the text to mark").focus()
        words: list[str] = page.evaluate(
            "(text) => [...new Intl.Segmenter(undefined, {granularity: 'word'}).segment(text)]"
            ".map(one => one.segment).filter(one => one.trim() !== '')",
            text,
        )
        key = page.get_by_role("button", name="add to the mark, or take from it").locator("kbd").text_content()
        assert key is not None
        on = "ArrowLeft" if "\u0590" < text[0] < "\u0600" else "ArrowRight"
        press(page, on, "1", on, on, key.lower())  # the first word and the third
        press(page, "3")  # head
        press(page, on, "2", "4")  # the fourth: the first goes with it
        saved(page)
        ((_, value),) = place.answers()
        assert isinstance(value, dict)
        assert value["relations"] == [{"head": 0, "tail": 1, "type": "with"}]
        second, third = (text.index(words[0]) + len(words[0]), text.index(words[2]))
        between = text[second:third]
        first = [words[0], words[2]] if between.strip() else [text[: third + len(words[2])]]
        assert pieces_of(place) == [first, [words[3]]]


def test_word_by_word_a_word_joins_over_those_between(page: Page, tmp_path: Path) -> None:
    config = spans_config(mode="tokens", discontinuous=True)
    with workplace(tmp_path, [{"text": TEXT}], config=config, blind=True) as place:
        place.enter(page)
        page.get_by_role("button", name="add to the mark, or take from it").wait_for()
        key = page.get_by_role("button", name="add to the mark, or take from it").locator("kbd").text_content()
        assert key is not None
        press(page, "1", "3", "3", key.lower(), "3", "3", key.lower())
        saved(page)
        assert pieces_of(place) == [["Pain", "left", "lung"]]


def test_what_is_suggested_in_pieces_is_drawn_and_taken(
    page: Page, tmp_path: Path, accessibility_problems: Callable[[Page], list[str]]
) -> None:
    split: dict[str, Json] = {
        "start": 12,
        "end": 31,
        "label": "place",
        "pieces": [{"start": 12, "end": 16}, {"start": 27, "end": 31}],
    }
    config = spans_config(discontinuous=True)
    with workplace(tmp_path, [{"text": TEXT}], config=config, suggestions={"names": [split]}) as place:
        place.enter(page)
        expect(page.locator("[data-suggested][data-begins]")).to_have_count(2)
        expect(page.locator("[data-caption]")).to_have_count(1)
        assert accessibility_problems(page) == []
        page.get_by_role("button", name="take all suggested marks").click()
        assert accessibility_problems(page) == []
        saved(page)
        ((_, value),) = place.answers()
        assert value == [split]


def test_the_space_bar_can_be_a_key_and_still_presses_buttons(page: Page, tmp_path: Path) -> None:
    with workplace(tmp_path, [{"text": TEXT + "\n" * 80}], config=spans_config(), blind=True) as place:
        place.enter(page)
        page.keyboard.press("Shift+Slash")
        page.get_by_role("button", name="Change keys…").click()
        keys = page.get_by_role("dialog")
        keys.get_by_role("button", name="mark as place").click()
        page.keyboard.press("Space")
        expect(keys.get_by_role("button", name="mark as place ␣")).to_be_visible()
        page.keyboard.press("Escape")
        passage = page.get_by_role("textbox", name="the text to mark")
        passage.focus()
        press(page, "ArrowRight", "Space")
        expect(page.locator("[data-caption=place]")).to_have_count(1)
        assert passage.evaluate("one => one.scrollTop") == 0, "it does not scroll as well"
        page.get_by_role("button", name="mark as person").focus()
        press(page, "Space")  # the button is pressed, and nothing else
        expect(page.locator("[data-caption=person]")).to_have_count(1)
        expect(page.locator("[data-caption=place]")).to_have_count(1)
        page.get_by_role("article").focus()
        saved(page)
        ((_, value),) = place.answers()
        assert [one["label"] for one in cast("list[dict[str, Any]]", value)] == ["person", "place"]
