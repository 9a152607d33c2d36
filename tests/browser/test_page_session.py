"""Own keys, nothing lost, drafts, undo and redo: in a real browser against the real server."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import BrowserContext, Locator, Page, expect

from tests.browser.workplace import Workplace, item, press, workplace

TEXTS = [{"text": f"This is review number {number}."} for number in range(1, 13)]
FORBID_THE_DATABASE = "Object.defineProperty(window, 'indexedDB', { value: undefined })"
FORBID_ALL_STORAGE = """
Object.defineProperty(window, 'indexedDB', { value: undefined });
Storage.prototype.setItem = () => { throw new DOMException('full', 'QuotaExceededError'); };
"""
WAITING_IN_DATABASE = """() => new Promise((resolve, reject) => {
  const opening = indexedDB.open("labelwright", 1);
  opening.onerror = () => reject(opening.error);
  opening.onsuccess = () => {
    const all = opening.result.transaction("outgoing").objectStore("outgoing").getAll();
    all.onsuccess = () => resolve(all.result.map((one) => one.outgoing.kind));
  };
})"""
WAITING_IN_STORAGE = "() => Object.keys(localStorage).filter((name) => name.startsWith('labelwright/outbox/')).length"


@pytest.fixture
def place(tmp_path: Path) -> Iterator[Workplace]:
    with workplace(tmp_path, TEXTS) as opened:
        yield opened


def leave(page: Page) -> None:
    """Close a tab as a person does, and wait until it is gone."""
    with page.expect_event("close"):
        page.close(run_before_unload=True)


def keys_dialog(page: Page) -> Locator:
    press(page, "?")
    page.get_by_role("dialog", name="All keys").get_by_role("button", name="Change keys").click()
    return page.get_by_role("dialog", name="Keys", exact=True)


# ---------------------------------------------------------------- keys


def test_an_answer_takes_a_key_of_ones_own_and_keeps_it(place: Workplace, page: Page) -> None:
    place.enter(page)
    dialog = keys_dialog(page)
    dialog.get_by_role("button", name="positive").focus()
    press(page, "Enter")  # by keyboard alone
    expect(dialog.get_by_text("Press the new key")).to_be_visible()
    press(page, "p")
    expect(dialog.get_by_role("button", name="positive P", exact=True)).to_be_focused()
    press(page, "Escape")
    press(page, "1")
    expect(page.get_by_role("radio", checked=True)).to_have_count(0)
    press(page, "p")
    expect(page.get_by_role("radio", name="positive")).to_be_checked()
    page.reload()
    item(page, 1)
    press(page, "2", "p", "e", "Enter")
    item(page, 2)
    press(page, "?")  # the overlay is made from the same table
    expect(page.get_by_role("dialog", name="All keys").locator("div", has_text="positive").last).to_contain_text("P")


def test_two_keys_change_places_and_all_go_back(place: Workplace, page: Page) -> None:
    place.enter(page)
    dialog = keys_dialog(page)
    dialog.get_by_role("button", name="negative").click()
    press(page, "s")
    expect(dialog.get_by_role("alert")).to_contain_text("is the key of Skip this item")
    dialog.get_by_role("button", name="Leave it").click()
    expect(dialog.get_by_role("button", name="negative 2", exact=True)).to_be_visible()
    dialog.get_by_role("button", name="negative").click()
    press(page, "s", "Enter")  # the focus is on "Swap the two"
    expect(dialog.get_by_role("button", name="negative S", exact=True)).to_be_visible()
    expect(dialog.get_by_role("button", name="Skip this item, with a reason 2", exact=True)).to_be_visible()
    press(page, "Escape")
    press(page, "s")
    expect(page.get_by_role("radio", name="negative")).to_be_checked()
    press(page, "2")
    expect(page.get_by_role("dialog", name="Skip this item")).to_be_visible()
    press(page, "Escape")
    dialog = keys_dialog(page)
    dialog.get_by_role("button", name="Reset all").click()
    expect(dialog.get_by_role("button", name="negative 2", exact=True)).to_be_visible()
    expect(dialog.get_by_role("button", name="Skip this item, with a reason S", exact=True)).to_be_visible()


def test_a_key_the_browser_keeps_is_refused_with_the_reason(
    place: Workplace, page: Page, accessibility_problems: Callable[[Page], list[str]]
) -> None:
    place.enter(page)
    dialog = keys_dialog(page)
    dialog.get_by_role("button", name="positive").click()
    press(page, "F2")
    expect(dialog.get_by_role("alert")).to_contain_text("belong to the browser")
    press(page, "ArrowDown")
    expect(dialog.get_by_role("alert")).to_contain_text("move and scroll")
    assert accessibility_problems(page) == []
    press(page, "Escape")  # leaves the choice, not the dialog
    expect(dialog.get_by_role("alert")).to_have_count(0)
    expect(dialog.get_by_role("button", name="positive 1", exact=True)).to_be_focused()


# ---------------------------------------------------------------- nothing lost


def test_R7_a_tab_closed_with_a_dead_network_loses_nothing(place: Workplace, context: BrowserContext) -> None:
    page = context.new_page()
    place.enter(page)
    context.set_offline(True)
    press(page, "1", "q", "Enter")
    item(page, 2)
    press(page, "2", "w", "Enter")
    item(page, 3)
    expect(page.get_by_text("offline, retrying 2")).to_be_visible()
    assert page.evaluate(WAITING_IN_DATABASE) == ["submit", "submit"]
    assert page.evaluate(WAITING_IN_STORAGE) == 0
    leave(page)
    assert place.answers() == []
    context.set_offline(False)
    later = context.new_page()
    later.goto(place.page_url)
    expect(later.get_by_text("2 done · 10 left")).to_be_visible()
    assert place.answers() == [
        ("sentiment", "positive"),
        ("aspects", ["battery"]),
        ("sentiment", "negative"),
        ("aspects", ["screen"]),
    ]
    assert later.evaluate(WAITING_IN_DATABASE) == []


def test_R7_an_answer_given_in_the_last_moment_of_a_tab_is_not_lost(place: Workplace, context: BrowserContext) -> None:
    page = context.new_page()
    place.enter(page)
    context.set_offline(True)
    press(page, "1", "q", "Enter")
    leave(page)
    context.set_offline(False)
    later = context.new_page()
    later.goto(place.page_url)
    expect(later.get_by_text("1 done · 11 left")).to_be_visible()


def test_R7_what_an_older_page_left_behind_is_moved_and_sent(place: Workplace, context: BrowserContext) -> None:
    older = context.new_page()
    older.add_init_script(FORBID_THE_DATABASE)
    place.enter(older)
    expect(older.get_by_text("keeps its database from the page")).to_be_visible()
    context.set_offline(True)
    press(older, "1", "q", "Enter")
    item(older, 2)
    assert older.evaluate(WAITING_IN_STORAGE) == 1
    leave(older)
    context.set_offline(False)
    newer = context.new_page()
    newer.goto(place.page_url)
    expect(newer.get_by_text("1 done · 11 left")).to_be_visible()
    assert newer.evaluate(WAITING_IN_STORAGE) == 0
    assert place.answers() == [("sentiment", "positive"), ("aspects", ["battery"])]


def test_a_browser_that_keeps_nothing_is_told_to_stay_open(place: Workplace, context: BrowserContext) -> None:
    page = context.new_page()
    page.add_init_script(FORBID_ALL_STORAGE)
    place.enter(page)
    expect(page.get_by_text("do not close this tab")).to_be_visible()
    context.set_offline(True)
    press(page, "1", "q", "Enter")
    expect(page.get_by_text("only in this tab: keep it open")).to_be_visible()
    context.set_offline(False)
    expect(page.get_by_text("✓ saved")).to_be_visible()
    assert place.answers() == [("sentiment", "positive"), ("aspects", ["battery"])]


def test_R7_signing_in_again_in_another_tab_sends_what_waits(place: Workplace, context: BrowserContext) -> None:
    page = context.new_page()
    place.enter(page)
    context.clear_cookies()
    press(page, "1", "w", "Enter")
    expect(page.get_by_text("One answer is still waiting")).to_be_visible()
    somebody_else = context.new_page()
    place.enter(somebody_else, "ben")  # never under another person's name
    come_back(page)
    expect(page.get_by_role("article")).to_be_visible()
    assert place.answers() == []
    ada = context.new_page()
    ada.goto(place.link())
    expect(ada.get_by_text("1 done · 11 left")).to_be_visible()
    ((annotator, _),) = {(one.annotator, one.submission) for one in place.annotations()}
    with place.storage.reading() as views:
        assert {one.id: one.name for one in views.annotators(place.project.id)}[annotator] == "ada"


def test_R7_the_same_person_back_in_another_tab_goes_on_in_this_one(place: Workplace, context: BrowserContext) -> None:
    page = context.new_page()
    place.enter(page)
    context.clear_cookies()
    press(page, "1", "w", "Enter")
    expect(page.get_by_role("heading", name="You are signed out")).to_be_visible()
    other = context.new_page()
    other.goto(place.link())
    expect(other.get_by_role("article")).to_be_visible()
    come_back(page)
    expect(page.get_by_role("article")).to_be_visible()
    expect(page.get_by_text("1 done · 11 left")).to_be_visible()
    assert place.answers() == [("sentiment", "positive"), ("aspects", ["screen"])]


def come_back(page: Page) -> None:
    """Look at a tab again; a headless browser does not tell it."""
    page.bring_to_front()
    page.evaluate("window.dispatchEvent(new Event('focus'))")


# ---------------------------------------------------------------- drafts


def test_what_was_begun_goes_on_after_a_reload_and_on_another_device(
    place: Workplace, page: Page, new_context: Callable[[], BrowserContext]
) -> None:
    place.enter(page)
    press(page, "2", "w")
    expect(page.get_by_text("draft kept")).to_be_visible()
    assert place.answers() == []  # a draft is no label
    page.reload()
    expect(page.get_by_role("radio", name="negative")).to_be_checked()
    expect(page.get_by_role("checkbox", name="screen")).to_be_checked()
    phone = new_context().new_page()
    place.enter(phone)
    expect(phone.get_by_role("radio", name="negative")).to_be_checked()
    press(phone, "Enter")
    item(phone, 2)
    expect(phone.get_by_text("✓ saved")).to_be_visible()
    assert place.answers() == [("sentiment", "negative"), ("aspects", ["screen"])]


def test_what_was_begun_in_the_last_moment_of_a_tab_is_there_in_the_next(
    place: Workplace, context: BrowserContext
) -> None:
    page = context.new_page()
    place.enter(page)
    press(page, "3")
    leave(page)
    later = context.new_page()
    later.goto(place.page_url)
    item(later, 1)
    expect(later.get_by_role("radio", name="neutral")).to_be_checked()


# ---------------------------------------------------------------- undo and redo


def test_items_are_taken_back_and_submitted_again_by_keys_and_by_mouse(place: Workplace, page: Page) -> None:
    place.enter(page)
    press(page, "1", "q", "Enter")
    item(page, 2)
    press(page, "2", "w", "Enter")
    item(page, 3)
    expect(page.get_by_text("2 done · 10 left")).to_be_visible()
    expect(page.get_by_role("button", name="redo")).to_have_count(0)
    press(page, "u", "u")
    item(page, 1)
    expect(page.get_by_role("radio", name="positive")).to_be_checked()
    assert place.answers() == []
    press(page, "3", "Shift+U")  # as it was, whatever was tried meanwhile
    item(page, 2)
    page.get_by_role("button", name="redo").click()
    item(page, 3)
    expect(page.get_by_role("button", name="redo")).to_have_count(0)
    expect(page.get_by_text("2 done · 10 left")).to_be_visible()
    assert place.answers() == [
        ("sentiment", "positive"),
        ("aspects", ["battery"]),
        ("sentiment", "negative"),
        ("aspects", ["screen"]),
    ]
    press(page, "Shift+U")
    expect(page.get_by_text("nothing to submit again")).to_be_visible()


# ---------------------------------------------------------------- parts that cannot be fetched


def test_offline_every_key_of_the_desk_still_opens_what_it_opens(
    place: Workplace, page: Page, context: BrowserContext
) -> None:
    with page.expect_response("**/assets/SkipDialog*.js"), page.expect_response("**/assets/FlagDialog*.js"):
        place.enter(page)  # they come by themselves, before anybody asks for them
    context.set_offline(True)
    for key, title in (("s", "Skip this item"), ("f", "Flag this item")):
        press(page, key)
        expect(page.get_by_role("dialog", name=title)).to_be_visible()
        press(page, "Escape")
        expect(page.get_by_role("dialog")).to_have_count(0)
    item(page, 1)


def test_a_dialog_that_cannot_be_fetched_leaves_the_desk_and_comes_the_next_time(place: Workplace, page: Page) -> None:
    page.route("**/assets/SkipDialog*", lambda route: route.abort())
    place.enter(page)
    press(page, "1", "s")
    expect(page.get_by_text("This part of the page could not be fetched")).to_be_visible()
    expect(page.get_by_role("radio", name="positive")).to_be_checked()
    page.unroute("**/assets/SkipDialog*")
    press(page, "s")
    expect(page.get_by_role("dialog", name="Skip this item")).to_be_visible()


def test_a_page_that_cannot_be_fetched_says_so_and_comes_when_it_can(place: Workplace, page: Page) -> None:
    page.route("**/assets/LabelPage*", lambda route: route.abort())
    page.goto(place.link())
    expect(page.get_by_role("heading", name="That did not work")).to_be_visible()
    expect(page.get_by_role("button", name="Try again")).to_be_focused()
    page.unroute("**/assets/LabelPage*")
    press(page, "Enter")
    item(page, 1)
