"""Managers accept many suggestions at once, by keyboard alone and by mouse; the spot check goes to somebody else."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import BrowserContext, Page, expect

from tests.browser.layout import fits
from tests.browser.workplace import Workplace, workplace

XSS = "<img src=x onerror=\"document.title='run'\"><script>document.title='run'</script>"
TEXTS = [{"text": f"review number {n}: the screen is fine"} for n in range(1, 8)]


@pytest.fixture
def place(tmp_path: Path) -> Iterator[Workplace]:
    with workplace(tmp_path, TEXTS) as made:
        made.link("bob")  # there is somebody who can look at it blind
        yield made


def manage(page: Page, place: Workplace, path: str = "items") -> None:
    page.goto(place.link("mia", "manager"))
    expect(page.get_by_role("article")).to_be_visible()
    page.goto(f"{place.page_url}/{path}")


def purposes(place: Workplace) -> Counter[str]:
    return Counter(one.purpose for one in place.annotations())


def give_back(page: Page, place: Workplace) -> None:
    """The manager's own desk holds entries once it was opened; they are given back."""
    page.goto(f"{place.page_url}/items")
    with place.storage.reading() as views:
        mia = next(one for one in views.annotators(place.project.id) if one.name == "mia")
        keys = [*map(int, views.item_keys(place.project.id))]
        held = views.waiting(place.project.id, keys)  # type: ignore[arg-type]
    for lease in held:
        place.storage.write(lambda tx, one=lease: tx.release_entry(one.entry, one.fence, mia.id))


def test_all_but_one_are_accepted_by_keys_alone_and_taken_back(
    place: Workplace, page: Page, accessibility_problems: Callable[[Page], list[str]]
) -> None:
    manage(page, place)
    give_back(page, place)
    page.reload()
    page.get_by_role("button", name="Accept in bulk…").press("Enter")
    cards = page.get_by_role("region", name="positive").get_by_role("checkbox")
    expect(cards).to_have_count(len(TEXTS))
    assert "view=bulk" in page.url
    assert accessibility_problems(page) == []
    cards.first.focus()
    page.keyboard.press("ArrowRight")
    expect(cards.nth(1)).to_be_focused()
    page.keyboard.press("ArrowDown")
    page.keyboard.press("ArrowUp")
    expect(cards.nth(1)).to_be_focused()
    page.keyboard.press("x")
    expect(cards.nth(1)).not_to_be_checked()
    page.keyboard.press("Shift+X")
    expect(page.get_by_role("button", name="Accept 0 items")).to_be_disabled()
    page.keyboard.press("Shift+X")
    page.keyboard.press("x")
    page.keyboard.press("Enter")
    dialog = page.get_by_role("dialog", name="Accept 6 items?")
    expect(dialog).to_contain_text("positive: 6")
    expect(dialog).to_contain_text("1 left out")
    assert accessibility_problems(page) == []
    assert purposes(place) == {}
    page.keyboard.press("Tab")
    expect(dialog.get_by_role("button", name="Accept 6 items")).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.get_by_text("6 items accepted.")).to_be_visible()
    expect(page.get_by_text("6 of them go to somebody else, blind.")).to_be_visible()
    expect(page.get_by_role("checkbox")).to_have_count(1)
    assert purposes(place) == {"bulk": 12}
    acts = page.get_by_role("region", name="Accepted in bulk")
    expect(acts).to_contain_text("0 of 6 drawn are checked, 0 wrong.")
    assert accessibility_problems(page) == []
    acts.get_by_role("button", name="Roll back the 6 items").press("Enter")
    expect(acts).to_contain_text("Rolled back.")
    expect(page.get_by_role("checkbox")).to_have_count(len(TEXTS))
    assert purposes(place) == {}


def test_by_mouse_and_what_somebody_took_meanwhile_is_said(
    place: Workplace, page: Page, new_context: Callable[..., BrowserContext]
) -> None:
    manage(page, place)
    give_back(page, place)
    page.goto(f"{place.page_url}/items?text=number&view=bulk")
    cards = page.get_by_role("checkbox")
    expect(cards).to_have_count(len(TEXTS))
    cards.nth(6).click()
    expect(cards.nth(6)).not_to_be_checked()
    other = new_context().new_page()
    place.enter(other)  # ada has the first items in hand from now on
    page.get_by_role("button", name="Accept 6 items").click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_role("combobox").select_option("0.2")
    dialog.get_by_role("button", name="Accept 6 items").click()
    expect(page.get_by_text("item-1: somebody has it in hand")).to_be_visible()
    n_held = page.get_by_role("status").get_by_role("listitem").count()
    assert purposes(place)["bulk"] == 2 * (6 - n_held), "the others are accepted, in both questions"
    expect(page.get_by_role("button", name="Back to the list")).to_be_visible()
    page.get_by_role("button", name="Back to the list").click()
    expect(page).to_have_url(f"{place.page_url}/items?text=number")


def test_items_worded_alike_are_accepted_from_an_item(place: Workplace, page: Page) -> None:
    manage(page, place)
    give_back(page, place)
    page.goto(f"{place.page_url}/items/item-3")
    page.get_by_role("button", name="Find items worded like it").click()
    page.get_by_role("button", name="Accept those in bulk…").click()
    expect(page.get_by_role("heading", name="items worded like item-3", level=1)).to_be_visible()
    expect(page.get_by_role("checkbox")).to_have_count(len(TEXTS))


def test_nothing_is_executed_and_every_width_and_colour_is_readable(
    tmp_path: Path,
    page: Page,
    new_context: Callable[..., BrowserContext],
    accessibility_problems: Callable[[Page], list[str]],
) -> None:
    with workplace(tmp_path / "xss", [{"text": XSS}, {"text": "plain"}], reason=XSS) as place:
        manage(page, place)
        give_back(page, place)
        state = page.context.storage_state()
        for options in ({"color_scheme": "dark"}, {"viewport": {"width": 390, "height": 844}}):
            other = new_context(storage_state=state, **options).new_page()
            other.goto(f"{place.page_url}/items?view=bulk")
            expect(other.get_by_text("<script>").first).to_be_visible()
            assert accessibility_problems(other) == [], options
            fits(other)
            assert other.title() != "run"


def test_annotators_have_no_bulk_mode(place: Workplace, page: Page) -> None:
    place.enter(page)
    page.goto(f"{place.page_url}/items?view=bulk")
    expect(page.get_by_role("heading", name="For managers")).to_be_visible()
