"""Relations as arcs above the text: where they are drawn, what lights them, and that the text stays the item's."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import cast

from playwright.sync_api import BrowserContext, Page, expect

from labelwright.domain.canonical import Json
from tests.browser.layout import at_rest
from tests.browser.test_page_text_marks import asked, press, saved
from tests.browser.workplace import workplace

TEXT = "Ada met Bo in Rome. " * 3 + "\n" + "Eve 👩‍👩‍👧 left Rome. " * 2
TYPES: list[Json] = ["met", "lives in", "left"]


def spans_of(text: str, *words: str) -> list[Json]:
    """Mark such words, each behind the one before it."""
    found: list[Json] = []
    at = 0
    for word in words:
        at = text.index(word, at)
        found.append({"start": at, "end": at + len(word), "label": "place" if word == "Rome" else "person"})
        at += len(word)
    return found


def arcs_of(*arcs: tuple[int, int, str]) -> list[Json]:
    return [{"head": head, "tail": tail, "type": kind} for head, tail, kind in arcs]


def relations(types: list[Json] = TYPES, **settings: Json) -> tuple[str, str, dict[str, Json]]:
    return ("who", "relations", {"labels": ["person", "place"], "types": types, **settings})


def test_arcs_are_drawn_lit_and_lead_to_their_words(
    page: Page, tmp_path: Path, accessibility_problems: Callable[[Page], list[str]]
) -> None:
    spans = spans_of(TEXT, "Ada", "Bo", "Rome", "Ada", "Bo", "Rome", "Eve", "Rome")
    value: Json = {
        "spans": spans,
        "relations": arcs_of((0, 1, "met"), (0, 2, "lives in"), (3, 4, "met"), (6, 7, "left"), (4, 6, "met")),
    }
    with workplace(tmp_path, [{"text": TEXT}], config=asked(relations()), suggestions={"who": value}) as place:
        place.enter(page)
        expect(page.locator("[data-arc][data-suggested]")).to_have_count(6)  # one runs from line to line
        page.get_by_role("button", name="take all suggested marks").click()
        names = page.locator("[data-arc]")
        expect(names).to_have_count(6)
        expect(page.locator("[data-arc][data-suggested]")).to_have_count(0)
        assert sorted(str(one.get_attribute("data-named")) for one in names.all()) == sorted(
            ["met", "lives in", "met", "left", "met 7", "met 5"]
        )
        text = page.get_by_role("textbox", name="the text to mark")
        assert text.evaluate("one => one.textContent") == TEXT, "what is drawn is no part of the text"
        for one in names.all():
            over, passage = at_rest(one), at_rest(text)
            assert passage["x"] <= over["x"]
            assert over["x"] + over["width"] <= passage["x"] + passage["width"] + 1
        # An arc is above the names it joins, and nothing of the text lies under its name.
        first, chip = at_rest(page.locator("[data-arc='0-1-met']")), at_rest(page.locator("[data-flag='0']"))
        assert first["y"] + first["height"] <= chip["y"] + 1
        page.locator("[data-arc='0-2-lives in']").hover()
        row = page.get_by_role("list", name="the relations so far").get_by_role("listitem")
        expect(row.nth(1)).to_have_attribute("data-lit", "true")
        expect(page.locator("[data-arc][data-dim]")).to_have_count(5)
        page.locator("[data-arc='0-2-lives in']").click()
        expect(page.get_by_role("button", name="take back: Ada lives in Rome")).to_be_focused()
        press(page, "Enter")
        expect(names).to_have_count(5)
        assert accessibility_problems(page) == []
        page.mouse.move(2, 2)
        page.get_by_role("article").focus()
        saved(page)
        ((_, stored),) = place.answers()
        assert isinstance(stored, dict)
        assert len(cast("list[Json]", stored["relations"])) == 4


def test_a_line_pulled_from_name_to_name_is_seen_and_relates_at_once(page: Page, tmp_path: Path) -> None:
    config = asked(relations(types=["met"]))
    with workplace(tmp_path, [{"text": TEXT}], config=config, blind=True) as place:
        place.enter(page)
        page.get_by_role("textbox", name="the text to mark").focus()
        press(page, "ArrowRight", "1", "ArrowRight", "ArrowRight", "1")
        boxes = [at_rest(page.locator(f"[data-flag='{number}']")) for number in (0, 1)]
        page.mouse.move(boxes[0]["x"] + 10, boxes[0]["y"] + 8)
        page.mouse.down()
        page.mouse.move(boxes[1]["x"] - 20, boxes[1]["y"] + 30)
        page.mouse.move(boxes[1]["x"] + 10, boxes[1]["y"] + 8)
        expect(page.locator("[data-sheet] circle")).to_have_count(1)
        page.mouse.up()
        expect(page.locator("[data-sheet] circle")).to_have_count(0)
        expect(page.locator("[data-arc='0-1-met']")).to_have_count(1)
        saved(page)
        ((_, stored),) = place.answers()
        assert isinstance(stored, dict)
        assert stored["relations"] == [{"head": 0, "tail": 1, "type": "met"}]


def test_from_the_right_arcs_leave_a_line_on_the_left(page: Page, tmp_path: Path) -> None:
    text = "עדה פגשה את צרלס.\nצרלס גר בלונדון 🦊."
    spans: list[Json] = [
        {"start": 0, "end": 3, "label": "person"},
        {"start": 12, "end": 16, "label": "person"},
        {"start": 26, "end": 32, "label": "place"},
    ]
    value: Json = {"spans": spans, "relations": arcs_of((0, 1, "met"), (1, 2, "lives in"))}
    with workplace(tmp_path, [{"text": text}], config=asked(relations()), suggestions={"who": value}) as place:
        place.enter(page)
        page.get_by_role("button", name="take all suggested marks").click()
        expect(page.locator("[data-arc='1-2-lives in']")).to_have_count(2)
        chips = [at_rest(page.locator(f"[data-flag='{number}']")) for number in range(3)]
        boxes = {str(one.get_attribute("data-named")): at_rest(one) for one in page.locator("[data-arc]").all()}
        out, into, met = boxes["lives in 3"], boxes["lives in 2"], boxes["met"]
        assert out["x"] < chips[1]["x"], "it runs out where the line ends"
        assert into["x"] > chips[2]["x"], "and comes in where the next begins"
        assert chips[1]["x"] < met["x"] < chips[0]["x"] + chips[0]["width"]
        saved(page)
        ((_, stored),) = place.answers()
        assert stored == value


def test_in_a_long_text_only_the_arcs_in_sight_are_drawn(
    page: Page, tmp_path: Path, new_context: Callable[..., BrowserContext]
) -> None:
    line = "Ada met Bo in Rome and wrote a letter home about it.\n"
    text = line * 4_000
    spans: list[Json] = []
    for at in range(0, 4_000 * len(line), 10 * len(line)):
        spans += [
            {"start": at, "end": at + 3, "label": "person"},
            {"start": at + 8, "end": at + 10, "label": "person"},
        ]
    count = len(spans)
    arcs = arcs_of(*((at, at + 1, "met") for at in range(0, count, 2)), (0, count - 1, "left"))
    value: Json = {"spans": spans, "relations": arcs}
    with workplace(tmp_path, [{"text": text}], config=asked(relations()), suggestions={"who": value}) as place:
        place.enter(page)
        page.get_by_role("button", name="take all suggested marks").click()
        expect(page.locator("[data-arc='0-1-met']")).to_have_count(1)
        expect(page.locator(f"[data-named='left {count}']")).to_have_count(1)
        assert page.locator("[data-arc]").count() < 60
        text_box = page.get_by_role("textbox", name="the text to mark")
        text_box.evaluate("one => { one.scrollTop = one.scrollHeight }")
        expect(page.locator(f"[data-arc='{count - 2}-{count - 1}-met']")).to_have_count(1)
        expect(page.locator("[data-named='left 1']")).to_have_count(1)
        expect(page.locator("[data-arc='0-1-met']")).to_have_count(0)
        chip, name = (
            at_rest(page.locator(one).first)
            for one in (f"[data-flag='{count - 2}']", f"[data-arc='{count - 2}-{count - 1}-met']")
        )
        assert 0 < chip["y"] - name["y"] < 60, "it stands above the line it belongs to"
