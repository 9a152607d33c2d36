"""Managers explore items and read one's life; annotators flag at the desk. By keyboard alone and by mouse."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import BrowserContext, Page, expect

from labelwright.services.people.aggregate import aggregate
from tests.browser.layout import fits
from tests.browser.workplace import Workplace, workplace

XSS = "<img src=x onerror=\"document.title='run'\"><script>document.title='run'</script>"
TEXTS = [{"text": f"review number {n}: the screen is fine"} for n in range(1, 8)]


@pytest.fixture
def place(tmp_path: Path) -> Iterator[Workplace]:
    with workplace(tmp_path, TEXTS, slots=2) as made:
        yield made


def manage(page: Page, place: Workplace, path: str = "items") -> None:
    page.goto(place.link("mia", "manager"))
    expect(page.get_by_role("article")).to_be_visible()
    page.goto(f"{place.page_url}/{path}")


def answer(page: Page, place: Workplace, name: str = "ada") -> None:
    place.enter(page, name)
    page.get_by_role("radio", name="negative").click()
    page.get_by_role("checkbox", name="battery").click()
    page.get_by_role("contentinfo").get_by_role("button", name="Submit").click()
    expect(page.get_by_role("article")).to_contain_text("number 2")
    while not place.annotations():  # the page goes on at once; the answer follows
        page.wait_for_timeout(50)


def settle(place: Workplace) -> None:
    aggregate(place.project.id, storage=place.storage, world=place.world)


def flags(place: Workplace) -> list[tuple[str, str, str]]:
    with place.storage.reading() as views:
        return [(one.kind, one.reason, one.text) for one in views.remarks(place.project.id)]


def test_an_annotator_flags_an_item_by_keys_alone_and_goes_on(
    place: Workplace, page: Page, accessibility_problems: Callable[[Page], list[str]]
) -> None:
    place.enter(page)
    page.keyboard.press("f")
    dialog = page.get_by_role("dialog", name="Flag this item")
    expect(dialog).to_be_visible()
    assert accessibility_problems(page) == []
    page.keyboard.press("2")
    page.keyboard.press("Enter")
    expect(dialog).to_have_count(0)
    expect(page.get_by_role("status").filter(has_text="Flagged.")).to_be_visible()
    expect(page.get_by_role("article")).to_contain_text("number 1")
    assert flags(place) == [("flag", "No label fits", "")]
    page.get_by_role("button", name="flag").click()
    page.get_by_role("textbox", name="In your words").fill(XSS)
    page.get_by_role("button", name="Only comment").click()
    expect(dialog).to_have_count(0)
    assert flags(place)[1] == ("comment", "", XSS)


def test_a_manager_finds_an_item_reads_its_life_and_restores_a_label_by_keys_alone(
    place: Workplace,
    page: Page,
    new_context: Callable[..., BrowserContext],
    accessibility_problems: Callable[[Page], list[str]],
) -> None:
    answer(new_context().new_page(), place)
    settle(place)
    manage(page, place)
    table = page.get_by_role("region", name="Found items")
    expect(table.get_by_role("rowheader")).to_have_count(len(TEXTS))
    assert accessibility_problems(page) == []
    words = page.get_by_role("textbox", name="Words in the text or the id")
    words.focus()
    page.keyboard.type("number 1")
    page.keyboard.press("Enter")
    expect(table.get_by_role("rowheader")).to_have_count(1)
    assert "text=number+1" in page.url
    table.get_by_role("link").focus()
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="Item item-1", level=1)).to_be_visible()
    history = page.get_by_role("region", name="History")
    expect(history).to_contain_text("ada says: negative")
    expect(history).to_contain_text("zwk-reader says: positive")
    why = page.get_by_role("region", name="Why Sentiment has this label")
    expect(why).to_contain_text("one person's answer")
    expect(why).to_contain_text("ada says: negative")
    similar = page.get_by_role("region", name="Similar items")
    similar.get_by_role("button", name="Find items worded like it").press("Enter")
    expect(similar.get_by_role("link")).to_have_count(len(TEXTS) - 1)
    assert accessibility_problems(page) == []
    history.get_by_role("button", name="Restore this label: zwk-reader says: positive").press("Enter")
    dialog = page.get_by_role("dialog")
    expect(dialog).to_contain_text("It is “negative” now")
    expect(dialog.get_by_role("textbox")).to_be_focused()
    page.keyboard.type("it says so itself")
    dialog.get_by_role("button", name="Restore it").press("Enter")
    expect(why).to_contain_text("mia says: positive")
    expect(why).to_contain_text("Because: it says so itself")
    history.get_by_role("button", name="Undo this restore").press("Enter")
    expect(why).to_contain_text("Left out: taken back")
    expect(why).to_contain_text("ada says: negative")
    page.go_back()
    expect(table.get_by_role("rowheader")).to_have_count(1)


def test_remarks_and_texts_execute_nothing_and_every_width_and_colour_is_readable(
    tmp_path: Path,
    page: Page,
    new_context: Callable[..., BrowserContext],
    accessibility_problems: Callable[[Page], list[str]],
) -> None:
    with workplace(tmp_path / "xss", [{"text": XSS}, {"text": "plain"}], reason=XSS) as place:
        manage(page, place, "items/item-1")
        expect(page.get_by_role("article")).to_contain_text("<script>")
        page.get_by_role("textbox", name="Your comment").fill(XSS)
        page.get_by_role("button", name="Flag it with this").click()
        remarks = page.get_by_role("region", name="Remarks")
        expect(remarks).to_contain_text("mia flagged it")
        expect(page.get_by_role("region", name="History")).to_contain_text("<script>")
        page.goto(f"{place.page_url}/items?noted=flag")
        expect(page.get_by_role("rowheader")).to_have_count(1)
        expect(page.get_by_role("row").nth(1)).to_contain_text("1 flagged")
        assert page.title() != "run"
        state = page.context.storage_state()
        for options in ({"color_scheme": "dark"}, {"viewport": {"width": 390, "height": 844}}):
            other = new_context(storage_state=state, **options).new_page()
            for path in ("items", "items/item-1"):
                other.goto(f"{place.page_url}/{path}")
                expect(other.get_by_role("heading", level=1)).to_be_visible()
                expect(other.get_by_text("<script>").first).to_be_visible()
                assert accessibility_problems(other) == [], (options, path)
                fits(other)


def test_an_annotator_sees_only_their_own_part_of_an_item(place: Workplace, page: Page) -> None:
    answer(page, place)
    settle(place)
    page.goto(f"{place.page_url}/items/item-1")
    expect(page.get_by_role("region", name="History")).to_contain_text("ada says: negative")
    expect(page.get_by_text("zwk-reader")).to_have_count(0)
    page.goto(f"{place.page_url}/items/item-5")
    expect(page.get_by_role("heading", name="No such item")).to_be_visible()
    page.goto(f"{place.page_url}/items")
    expect(page.get_by_role("heading", name="For managers")).to_be_visible()
