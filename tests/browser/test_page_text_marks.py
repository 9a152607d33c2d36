"""Marks in text: selected by mouse, touch and keys, drawn so that they can be told apart, counted as by the server."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any, cast

import pytest
from playwright.sync_api import BrowserContext, Page, expect

from labelwright.domain.canonical import Json
from labelwright.domain.project import ModelSource, ProjectConfig
from tests.browser.answering import by_keyboard, by_mouse
from tests.browser.layout import at_rest, fits
from tests.browser.test_page_safety import HOSTILE
from tests.browser.test_page_task_types import config_of
from tests.browser.workplace import MODEL, Workplace, press, workplace

LABELS = ["person", "place"]
TEXT = "Ada Lovelace met Charles Babbage in London. Zoë 👩‍👩‍👧 stayed in नमस्ते at home."
SCRIPTS = (
    "🦊🦊 Ada 🇩🇪 met 👩‍👩‍👧.",
    "פגשתי את עדה בלונדון 🦊 אתמול.",  # right to left
    "愛麗絲在倫敦見到了查爾斯。",  # no blanks between words
    "Zoe\u0308 i\u0302s \u0928\u092e\u0938\u094d\u0924\u0947 x\u0301\u0302 end",  # letters of several code points
)


def marks_of(place: Workplace) -> list[tuple[int, int, str]]:
    ((_, value),) = place.answers()
    return [(one["start"], one["end"], one["label"]) for one in cast("list[dict[str, Any]]", value)]


def point_of(page: Page, units: int) -> tuple[float, float]:
    """Give where a character of the text is on the screen; units: its place in UTF-16 units."""
    page.locator("[role=textbox]").first.wait_for()
    x, y = page.evaluate(
        """(units) => {
          const root = document.querySelector('[role=textbox]');
          const walker = document.createTreeWalker(root, NodeFilter.SHOW_TEXT);
          let before = 0;
          for (let node = walker.nextNode(); node; node = walker.nextNode()) {
            if (before + node.length > units) {
              const range = document.createRange();
              range.setStart(node, units - before);
              range.setEnd(node, units - before + 1);
              node.parentElement.scrollIntoView({block: 'nearest'});
              const box = range.getBoundingClientRect();
              return [box.left + 1, box.top + box.height / 2];
            }
            before += node.length;
          }
        }""",
        units,
    )
    return x, y


def drag(page: Page, start: int, end: int, *, modifier: str | None = None) -> None:
    """Pull the mouse from one character of the text to another; the pieces of a pair stay together."""
    page.mouse.move(*point_of(page, start))
    page.mouse.down()
    if modifier:
        page.keyboard.down(modifier)
    x, y = point_of(page, end)
    page.mouse.move(x - 4, y)
    page.mouse.move(x, y)
    page.mouse.up()
    if modifier:
        page.keyboard.up(modifier)


def saved(page: Page) -> None:
    press(page, "Enter")
    expect(page.get_by_text("✓ saved")).to_be_visible()


def asked(*questions: tuple[str, str, dict[str, Any]]) -> ProjectConfig:
    """Ask such questions, with a model that suggests."""
    return replace(config_of(*questions), models=(ModelSource(MODEL, "http://127.0.0.1:9/v1"),))


def spans_config(**settings: Json) -> ProjectConfig:
    return asked(("names", "spans", {"labels": LABELS, **settings}))


@by_keyboard("spans")
def test_marks_overlap_nest_and_move_by_the_keyboard_alone(page: Page, tmp_path: Path) -> None:
    with workplace(tmp_path, [{"text": TEXT}], config=spans_config(), blind=True) as place:
        place.enter(page)
        press(page, "Tab", "Tab", "Tab")
        page.get_by_role("textbox", name="the text to mark").focus()
        press(page, "ArrowRight", "1")  # Ada
        press(page, "Shift+ArrowRight", "1")  # Ada Lovelace, around it
        press(page, "ArrowRight", "ArrowRight", "Shift+ArrowRight", "1")  # Charles Babbage
        press(page, "Alt+ArrowLeft")  # … Babbag: the mark goes along
        press(page, "End", "ArrowLeft", "2")  # home
        expect(page.locator("[data-caption]")).to_have_count(4)
        levels = [one.get_attribute("style") for one in page.locator("[data-label=person]").all()]
        assert len(set(levels)) == 2, "the two that begin with Ada have a lane each"
        saved(page)
        assert marks_of(place) == [
            (0, 3, "person"),
            (0, 12, "person"),
            (17, 31, "person"),
            (len(TEXT) - 5, len(TEXT) - 1, "place"),
        ]


@by_mouse("spans")
def test_marks_are_made_and_moved_with_the_mouse(page: Page, tmp_path: Path) -> None:
    with workplace(tmp_path, [{"text": TEXT}], config=spans_config(), blind=True) as place:
        place.enter(page)
        drag(page, 1, 6)  # from within Ada to within Lovelace: both words
        page.get_by_role("button", name="mark as person").click()
        drag(page, 18, 21, modifier="Shift")  # "har", letter by letter
        press(page, "2")
        page.mouse.click(*point_of(page, 38))  # a click selects a word
        press(page, "2")
        edge = at_rest(page.locator("[data-edge=end]"))
        page.mouse.move(edge["x"], edge["y"] + edge["height"] / 2)
        page.mouse.down()
        page.mouse.move(*point_of(page, 45))  # into Zoë: "London. Zoë"
        page.mouse.move(*point_of(page, 46))
        page.mouse.up()
        page.mouse.click(*point_of(page, 2))  # a click on a mark selects it
        expect(page.get_by_role("status").filter(has_text="Ada Lovelace, marked as person")).to_have_count(1)
        saved(page)
        assert marks_of(place) == [(0, 12, "person"), (18, 21, "place"), (36, 47, "place")]


@pytest.mark.parametrize("text", SCRIPTS)
def test_places_are_those_the_server_counts_in_every_script(page: Page, tmp_path: Path, text: str) -> None:
    with workplace(tmp_path, [{"text": text}], config=spans_config(), blind=True) as place:
        place.enter(page)
        page.get_by_role("textbox", name="the text to mark").focus()
        words: list[str] = page.evaluate(
            "(text) => [...new Intl.Segmenter(undefined, {granularity: 'word'}).segment(text)]"
            ".map(one => one.segment).filter(one => one.trim() !== '')",
            text,
        )
        # Keys move as they look: the next word of a text that is written from the right stands on the left.
        on = "ArrowLeft" if "\u0590" < text[0] < "\u0600" else "ArrowRight"
        for _ in words:
            press(page, on, "1")
        press(page, "Escape")
        units = len(text.encode("utf-16-le")) // 2
        assert page.get_by_role("textbox").evaluate("one => one.textContent.length") == units
        saved(page)
        assert [text[start:end] for start, end, _ in marks_of(place)] == words


def test_what_is_suggested_is_taken_one_by_one_or_all(page: Page, tmp_path: Path) -> None:
    def span(start: int, end: int, label: str) -> dict[str, Json]:
        return {"start": start, "end": end, "label": label}

    suggested: list[Json] = [
        span(0, 12, "person"),
        span(13, 16, "place"),
        span(17, 32, "person"),
        span(36, 42, "place"),
    ]
    config = spans_config()
    with workplace(tmp_path, [{"text": TEXT}], config=config, suggestions={"names": suggested}) as place:
        place.enter(page)
        expect(page.locator("[data-suggested]")).to_have_count(4)
        expect(page.get_by_text("4 suggested, with a dashed line")).to_be_visible()
        expect(page.locator("[data-caption='person?']")).to_have_count(2)
        take = page.get_by_role("button", name="take the suggested mark")
        take.click()  # selects the first
        take.click()
        page.get_by_role("button", name="decline the suggested mark").click()  # "met" is no place
        expect(page.locator("[data-suggested]")).to_have_count(2)
        page.get_by_role("button", name="take all suggested marks").click()
        expect(page.locator("[data-suggested]")).to_have_count(0)
        expect(page.get_by_role("button", name="take the suggested mark")).to_have_count(0)
        saved(page)
        assert marks_of(place) == [(0, 12, "person"), (17, 32, "person"), (36, 42, "place")]


def test_word_by_word_one_key_marks_and_goes_on(page: Page, tmp_path: Path) -> None:
    config = spans_config(mode="tokens")
    with workplace(tmp_path, [{"text": "Ada Lovelace met Bo Cid Rome."}], config=config, blind=True) as place:
        place.enter(page)
        # Person, person; not; person; a new one: person; place. Nothing has the focus but the item.
        press(page, "1", "1", "3", "1", "5", "1", "2", "2", "4", "2", "3")
        expect(page.get_by_role("status").filter(has_text="selected: .")).to_have_count(1)
        saved(page)
        assert marks_of(place) == [(0, 12, "person"), (17, 19, "person"), (20, 23, "person"), (24, 28, "place")]


def test_one_of_many_labels_is_found_by_its_name(page: Page, tmp_path: Path) -> None:
    labels: list[Json] = [{"value": f"l{n}", "title": f"Étage {n}"} for n in range(1, 40)]
    config = spans_config(labels=[*labels, {"value": "z", "title": HOSTILE[1]}])
    with workplace(tmp_path, [{"text": TEXT}], config=config, blind=True) as place:
        place.enter(page)
        page.get_by_role("textbox", name="the text to mark").focus()
        press(page, "ArrowRight", "9")
        field = page.get_by_role("combobox", name="Find a label")
        expect(field).to_be_focused()
        page.keyboard.type("etage 3")
        press(page, "ArrowDown", "Enter")
        page.get_by_role("textbox", name="the text to mark").focus()
        press(page, "ArrowRight", "9")
        page.keyboard.type("onerror")
        press(page, "Enter")
        expect(page.locator("[data-caption*=onerror]")).to_have_count(1)
        assert page.evaluate("window.hit") is None
        press(page, "Escape")
        page.get_by_role("article").focus()
        saved(page)
        assert [(start, end) for start, end, _ in marks_of(place)] == [(0, 3), (4, 12)]
        assert [label for _, _, label in marks_of(place)] == ["l30", "z"]


@by_mouse("relations")
def test_marks_are_related_by_pulling_a_line_by_keys_and_by_numbers(page: Page, tmp_path: Path) -> None:
    between: Json = {"lives in": {"tail": ["place"]}, "met": {"head": ["person"], "tail": ["person"]}}
    types: list[Json] = ["met", "lives in", "left"]
    config = asked(("who", "relations", {"labels": LABELS, "types": types, "between": between}))
    with workplace(tmp_path, [{"text": "Ada met Bo in Rome."}], config=config, blind=True) as place:
        place.enter(page)
        page.get_by_role("textbox", name="the text to mark").focus()
        press(page, "ArrowRight", "1", "ArrowRight", "ArrowRight", "1", "ArrowRight", "ArrowRight", "2")
        # From Ada's label to Bo's: of two types that fit, one is pressed.
        first, second = (at_rest(page.locator(f"[data-flag='{number}']")) for number in (0, 1))
        page.mouse.move(first["x"] + 12, first["y"] + 8)
        page.mouse.down()
        page.mouse.move(second["x"] + 4, second["y"] + 8)
        page.mouse.move(second["x"] + 12, second["y"] + 8)
        page.mouse.up()
        expect(page.get_by_text("From Ada to Bo: now say how.")).to_be_visible()
        expect(page.get_by_role("button", name="head lives in selected mark")).to_have_count(0)
        page.get_by_role("button", name="head met selected mark").click()
        # By keys: nobody met a place; then by their numbers.
        page.get_by_role("textbox", name="the text to mark").focus()
        press(page, "End", "ArrowLeft", "4", "7")
        page.keyboard.type("2 3 li")
        expect(page.get_by_text("Enter: Bo lives in Rome")).to_be_visible()
        press(page, "Enter")
        page.keyboard.type("1 3 met")
        expect(page.get_by_text("No relation yet")).to_be_visible()
        press(page, "Escape")
        so_far = page.get_by_role("list", name="the relations so far").get_by_role("listitem")
        expect(so_far).to_have_count(2)
        page.keyboard.press("Tab")
        page.get_by_role("article").focus()
        saved(page)
        ((_, value),) = place.answers()
        found = cast("dict[str, list[dict[str, Json]]]", value)
        assert len(found["spans"]) == 3
        assert found["relations"] == [{"head": 0, "tail": 1, "type": "met"}, {"head": 1, "tail": 2, "type": "lives in"}]


def test_S7_no_text_and_no_label_runs_a_script_where_it_is_marked(page: Page, tmp_path: Path) -> None:
    labels: list[Json] = [{"value": attack, "title": attack, "description": attack} for attack in HOSTILE]
    config = asked(
        ("names", "spans", {"labels": labels}),
        ("who", "relations", {"labels": labels, "types": [{"value": HOSTILE[0]}]}),
    )
    suggestions: dict[str, Json] = {"names": [{"start": 0, "end": 5, "label": HOSTILE[1]}]}
    with workplace(tmp_path, [{"text": "\n".join(HOSTILE)}], config=config, suggestions=suggestions) as place:
        place.enter(page)
        passage = page.get_by_role("textbox", name="the text to mark").first
        passage.focus()
        press(page, "ArrowRight", "1", "Shift+ArrowRight", "2", "End", "3")
        assert passage.evaluate("one => one.textContent") == "\n".join(HOSTILE)
        assert page.evaluate("window.hit") is None
        assert page.locator("article img, article script, article iframe, article style, article svg").count() == 0


def test_nothing_serious_stands_in_the_way_of_marking(
    page: Page,
    tmp_path: Path,
    new_context: Callable[..., BrowserContext],
    accessibility_problems: Callable[[Page], list[str]],
) -> None:
    many: list[Json] = [f"label {n}" for n in range(30)]
    suggested: list[Json] = [{"start": 0, "end": 12, "label": "label 1"}, {"start": 4, "end": 16, "label": "label 2"}]
    config = spans_config(labels=many)
    with workplace(tmp_path, [{"text": TEXT}] * 2, config=config, suggestions={"names": suggested}, slots=2) as place:
        place.enter(page)
        page.get_by_role("button", name="take all suggested marks").click()
        page.get_by_role("textbox", name="the text to mark").focus()
        press(page, "ArrowRight")
        assert accessibility_problems(page) == []
        press(page, "9")
        assert accessibility_problems(page) == []
        dark = new_context(color_scheme="dark", viewport={"width": 390, "height": 844}, has_touch=True).new_page()
        place.enter(dark, "ben")
        x, y = point_of(dark, 14)
        dark.touchscreen.tap(x, y)
        expect(dark.locator("[data-edge]")).to_have_count(2)
        assert accessibility_problems(dark) == []
        fits(dark)


def long_text(n_characters: int) -> str:
    words: Sequence[str] = ("lorem", "ipsum", "dolor", "🦊", "sit", "amet,", "consectetur.\n")
    text = " ".join(words) * (n_characters // 40)
    return text[:n_characters]


def test_a_megabyte_with_ten_thousand_marks_is_found_in_and_marked(page: Page, tmp_path: Path) -> None:
    text = long_text(1_000_000)
    suggested: list[Json] = [
        cast("Json", {"start": at, "end": at + 5, "label": LABELS[at // 100 % 2]}) for at in range(100, 999_900, 100)
    ]
    config = spans_config()
    with workplace(tmp_path, [{"text": text}], config=config, suggestions={"names": suggested}) as place:
        place.enter(page)
        passage = page.get_by_role("textbox", name="the text to mark")
        units = len(text.encode("utf-16-le")) // 2
        assert passage.evaluate("one => one.textContent.length") == units, "the browser's own search finds everything"
        expect(page.locator("[data-suggested]").first).to_be_attached()
        assert page.locator("[data-suggested]").count() < 1_000, "marks are drawn near what is in sight"
        page.get_by_role("button", name="take all suggested marks").click()
        passage.focus()
        press(page, "End", "1")
        expect(page.locator("[data-selected]").last).to_be_in_viewport()
        saved(page)
        marks = marks_of(place)
        assert len(marks) == len(suggested) + 1
        start, end, label = marks[-1]
        assert (end, label) == (1_000_000, "person") or text[start:end].strip() == text[start:end]


def test_a_text_is_set_right_and_what_was_changed_is_shown(page: Page, tmp_path: Path) -> None:
    config = replace(asked(("right", "text", {"correct": "ocr"})), content_fields=("ocr",))
    attack = HOSTILE[1]
    contents: list[dict[str, Json]] = [{"ocr": "The Iamp is 🦊 bright."}, {"ocr": f"right {attack}"}]
    suggestions: dict[str, Json] = {"right": f"The lamp is bright. {attack}"}
    with workplace(tmp_path, contents, config=config, suggestions=suggestions) as place:
        place.enter(page)
        field = page.get_by_role("textbox", name="The text to correct")
        expect(field).to_have_value("The Iamp is 🦊 bright.")
        press(page, "Enter")  # nothing was said of it yet
        expect(page.get_by_role("alert")).to_contain_text("say that it is right as it stands")
        field.focus()
        press(page, "Control+Home", *["ArrowRight"] * 5, "Backspace")
        page.keyboard.type("l")
        changes = page.get_by_role("region", name="What you changed")
        expect(changes.get_by_role("deletion")).to_have_text("Iamp")
        expect(changes.get_by_role("insertion")).to_have_text("lamp")
        press(page, "Control+Enter")
        expect(page.get_by_role("article", name="Item item-2")).to_be_visible()
        press(page, "1")  # right as it stands
        expect(page.get_by_text("Nothing is changed.")).to_be_visible()
        assert page.evaluate("window.hit") is None
        saved(page)
        assert [value for _, value in place.answers()] == ["The lamp is 🦊 bright.", f"right {attack}"]


def test_a_form_with_records_says_beside_each_field_what_is_missing(
    page: Page, tmp_path: Path, accessibility_problems: Callable[[Page], list[str]]
) -> None:
    parts: list[Json] = [
        {"name": "what", "type": "text", "required": True, "description": HOSTILE[1]},
        {"name": "price", "type": "number"},
        {"name": "kind", "type": "choice", "labels": ["food", HOSTILE[0]]},
    ]
    fields: list[Json] = [
        {"name": "shop", "type": "text", "required": True},
        {"name": "items", "type": "records", "fields": parts},
    ]
    config = asked(("receipt", "fields", {"fields": fields}))
    with workplace(tmp_path, [{"text": TEXT}], config=config, blind=True) as place:
        place.enter(page)
        press(page, "1", "1", "Enter")  # two records
        shop = page.get_by_role("textbox", name="shop")
        expect(shop).to_have_accessible_description("⚠ fill it in")
        second = page.get_by_role("group", name="items 2")
        expect(second.get_by_text("⚠ fill it in")).to_be_visible()
        assert accessibility_problems(page) == []
        shop.fill("Ada's")
        second.get_by_role("textbox", name="what").fill("bread")
        second.get_by_role("textbox", name="price").fill("2.5")
        second.get_by_role("radio", name="food").check()
        page.get_by_role("button", name="remove items 1").click()
        assert page.evaluate("window.hit") is None
        page.get_by_role("article").focus()
        saved(page)
        ((_, value),) = place.answers()
        assert value == {"shop": "Ada's", "items": [{"what": "bread", "price": 2.5, "kind": "food"}]}
