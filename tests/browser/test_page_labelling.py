"""The page does what a person at the keyboard expects of it, against the real server."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import BrowserContext, Page, Request, Route, expect

from tests.browser.answering import by_keyboard
from tests.browser.workplace import Workplace, item, press, two_questions, workplace

TEXTS = [{"text": f"This is review number {number}.", "product": f"Lamp {number}"} for number in range(1, 9)]


@pytest.fixture
def place(tmp_path: Path) -> Iterator[Workplace]:
    with workplace(tmp_path, TEXTS) as opened:
        yield opened


def submissions_of(page: Page) -> list[Request]:
    sent: list[Request] = []
    page.on("request", lambda one: sent.append(one) if one.method == "POST" and "/submissions" in one.url else None)
    return sent


@by_keyboard("classification", "multilabel")
def test_items_are_labelled_by_the_keyboard_alone(place: Workplace, page: Page) -> None:
    place.enter(page)
    item(page, 1)
    press(page, "1", "q", "Enter")
    item(page, 2)
    press(page, "2", "q", "w", "Enter")
    item(page, 3)
    press(page, "4", "e", "Enter")  # e: none of these
    item(page, 4)
    expect(page.get_by_text("✓ saved")).to_be_visible()
    expect(page.get_by_text("3 done · 5 left")).to_be_visible()
    assert place.answers() == [
        ("sentiment", "positive"),
        ("aspects", ["battery"]),
        ("sentiment", "negative"),
        ("aspects", ["battery", "screen"]),
        ("sentiment", "mixed"),
        ("aspects", []),
    ]
    assert all(one.seconds > 0 for one in place.annotations())


def test_the_invitation_leaves_the_address_and_works_once(
    place: Workplace, page: Page, context: BrowserContext
) -> None:
    link = place.link()
    page.goto(link)
    page.wait_for_url(place.page_url)
    page.go_back()
    assert "#" not in page.url
    context.clear_cookies()
    page.goto("about:blank")
    page.goto(link)
    expect(page.get_by_role("heading", name="This invitation does not work")).to_be_visible()
    assert "#" not in page.url


def test_an_incomplete_answer_says_beside_the_question_what_is_missing(place: Workplace, page: Page) -> None:
    place.enter(page)
    press(page, "1", "Enter")
    expect(page.get_by_role("group", name="Aspects").get_by_role("alert")).to_contain_text("Choose all that apply")
    expect(page.get_by_role("group", name="Sentiment").get_by_role("alert")).to_have_count(0)
    press(page, "w")
    expect(page.get_by_role("alert")).to_have_count(0)
    press(page, "Enter")
    item(page, 2)


def test_suggestions_are_shown_with_their_probability_and_nothing_is_chosen_beforehand(
    place: Workplace, page: Page
) -> None:
    place.enter(page)
    expect(page.get_by_text("suggested 71%").first).to_be_visible()
    expect(page.get_by_role("radio", checked=True)).to_have_count(0)
    expect(page.get_by_role("checkbox", checked=True)).to_have_count(0)
    expect(page.get_by_text("zwk-because")).to_have_count(0)
    press(page, "m")
    expect(page.get_by_text("zwk-because").first).to_be_visible()
    press(page, "h")
    expect(page.get_by_text("suggested")).to_have_count(0)
    press(page, "h", "a", "Enter")  # shown again, taken over
    item(page, 2)
    expect(page.get_by_text("✓ saved")).to_be_visible()
    assert place.answers() == [("sentiment", "positive"), ("aspects", ["screen"])]
    assert all(one.suggestion_shown for one in place.annotations())


def test_the_last_submission_is_taken_back_with_its_answers(place: Workplace, page: Page) -> None:
    place.enter(page)
    press(page, "1", "w", "Enter")
    item(page, 2)
    expect(page.get_by_text("✓ saved")).to_be_visible()
    press(page, "u")
    item(page, 1)
    expect(page.get_by_role("radio", name="positive")).to_be_checked()
    expect(page.get_by_role("checkbox", name="screen")).to_be_checked()
    assert place.answers() == []
    press(page, "2", "Enter")
    item(page, 2)
    expect(page.get_by_text("✓ saved")).to_be_visible()
    assert place.answers() == [("sentiment", "negative"), ("aspects", ["screen"])]


def test_an_earlier_answer_is_mended_from_the_list_even_after_a_reload(place: Workplace, page: Page) -> None:
    place.enter(page)
    press(page, "1", "w", "Enter")
    item(page, 2)
    press(page, "1", "q", "Enter")
    item(page, 3)
    expect(page.get_by_text("✓ saved")).to_be_visible()
    page.reload()
    done = page.get_by_role("navigation", name="Your last answers")
    expect(done.get_by_role("listitem")).to_have_count(2)
    done.get_by_role("button", name="review number 1").click()
    item(page, 1)
    expect(page.get_by_role("checkbox", name="screen")).to_be_checked()


def test_a_skip_asks_for_a_reason_and_is_done_by_keys(place: Workplace, page: Page) -> None:
    place.enter(page)
    item(page, 1)
    press(page, "s")
    expect(page.get_by_role("dialog", name="Skip this item")).to_be_visible()
    expect(page.get_by_role("radio", name="I cannot decide")).to_be_focused()
    press(page, "2", "Enter")
    item(page, 2)
    expect(page.get_by_role("status").filter(has_text="✓ skipped")).to_be_visible()
    press(page, "s")
    expect(page.get_by_role("dialog")).to_be_visible()
    press(page, "5")
    page.keyboard.type("seen it, 1 and 2")  # letters and digits are words here, not answers
    press(page, "Escape")
    expect(page.get_by_role("dialog")).to_have_count(0)
    item(page, 2)
    assert place.answers() == []


def test_R3_an_acknowledgement_that_got_lost_is_asked_for_again_under_the_same_key(
    place: Workplace, page: Page
) -> None:
    sent = submissions_of(page)
    place.enter(page)
    lost: list[str] = []

    def lose_the_first_answer(route: Route) -> None:
        if route.request.method == "POST" and not lost:
            route.fetch()  # the server has stored it
            lost.append(route.request.url)
            route.abort("connectionreset")
        else:
            route.continue_()

    page.route("**/submissions", lose_the_first_answer)
    press(page, "1", "w", "Enter")
    item(page, 2)
    expect(page.get_by_text("✓ saved")).to_be_visible()
    assert len(sent) == 2
    assert len({one.headers["idempotency-key"] for one in sent}) == 1
    assert place.answers() == [("sentiment", "positive"), ("aspects", ["screen"])]


def test_offline_and_back_nothing_is_lost_and_nothing_doubled(
    place: Workplace, page: Page, context: BrowserContext
) -> None:
    sent = submissions_of(page)
    place.enter(page)
    expect(page.get_by_text("0 done · 8 left")).to_be_visible()
    context.set_offline(True)
    press(page, "1", "q", "Enter")
    item(page, 2)
    press(page, "2", "w", "Enter")
    item(page, 3)
    expect(page.get_by_text("offline, retrying 2")).to_be_visible()
    assert place.answers() == []
    context.set_offline(False)
    expect(page.get_by_text("✓ saved")).to_be_visible()
    assert place.answers() == [
        ("sentiment", "positive"),
        ("aspects", ["battery"]),
        ("sentiment", "negative"),
        ("aspects", ["screen"]),
    ]
    assert len({one.headers["idempotency-key"] for one in sent}) == 2


def test_R7_what_was_answered_offline_survives_a_reload(place: Workplace, page: Page) -> None:
    place.enter(page)
    page.route("**/submissions", lambda route: route.abort() if route.request.method == "POST" else route.continue_())
    press(page, "1", "q", "Enter")
    expect(page.get_by_text("offline, retrying 1")).to_be_visible()
    page.unroute_all()
    page.reload()
    expect(page.get_by_role("article")).to_be_visible()
    expect(page.get_by_text("1 done · 7 left")).to_be_visible()
    assert place.answers() == [("sentiment", "positive"), ("aspects", ["battery"])]


def test_two_tabs_of_one_person_make_one_annotation_of_an_item(place: Workplace, page: Page) -> None:
    place.enter(page)
    second = page.context.new_page()
    second.goto(place.page_url)
    item(second, 1)
    press(page, "1", "w", "Enter")
    item(page, 2)
    expect(page.get_by_text("✓ saved")).to_be_visible()
    second.bring_to_front()
    press(second, "2", "q", "Enter")
    expect(second.get_by_role("status").filter(has_text="not accepted")).to_contain_text("already answered")
    assert place.answers() == [("sentiment", "positive"), ("aspects", ["screen"])]


def test_R6_closing_a_tab_gives_its_items_to_others_at_once(
    place: Workplace, page: Page, new_context: Callable[[], BrowserContext]
) -> None:
    place.enter(page)
    item(page, 1)
    page.close(run_before_unload=True)
    other = new_context().new_page()
    place.enter(other, "ben")
    item(other, 1)


def test_an_empty_queue_says_so_and_goes_on_when_something_comes(tmp_path: Path, page: Page) -> None:
    with workplace(tmp_path, TEXTS[:1]) as place:
        place.enter(page)
        press(page, "1", "w", "Enter")
        expect(page.get_by_role("heading", name="All done for now")).to_be_visible()
        press(page, "u")
        item(page, 1)


def test_what_others_hold_is_not_called_done(
    tmp_path: Path, page: Page, new_context: Callable[[], BrowserContext]
) -> None:
    with workplace(tmp_path, TEXTS[:1]) as place:
        place.enter(page)
        other = new_context().new_page()
        other.goto(place.link("ben"))
        expect(other.get_by_role("heading", name="Nothing is free just now")).to_be_visible()
        expect(other.get_by_text("The last item is with other people")).to_be_visible()


def test_a_session_that_ended_is_said_and_keeps_what_waits(place: Workplace, page: Page) -> None:
    place.enter(page)
    page.context.clear_cookies()
    press(page, "1", "w", "Enter")
    expect(page.get_by_role("heading", name="You are signed out")).to_be_visible()
    expect(page.get_by_text("One answer is still waiting")).to_be_visible()
    page.goto(place.link())  # the same person, by another invitation
    expect(page.get_by_text("1 done · 7 left")).to_be_visible()
    assert place.answers() == [("sentiment", "positive"), ("aspects", ["screen"])]


def test_the_help_lists_every_key_and_focus_comes_back(place: Workplace, page: Page) -> None:
    place.enter(page)
    press(page, "?")
    dialog = page.get_by_role("dialog", name="All keys")
    for words in ("positive", "none of these", "Take back the last submission", "Skip this item"):
        expect(dialog.get_by_text(words)).to_be_visible()
    press(page, "1", "Escape")
    expect(dialog).to_have_count(0)
    expect(page.get_by_role("article")).to_be_focused()
    expect(page.get_by_role("radio", checked=True)).to_have_count(0)  # keys in a dialog answer nothing


def test_a_long_guideline_scrolls_in_its_panel_and_the_page_stays(tmp_path: Path, page: Page) -> None:
    long = "\n\n".join(f"Rule {number}: the {number}. thing to know." for number in range(1, 60))
    with workplace(tmp_path, TEXTS, config=two_questions(TEXTS, guideline=f"# How to label\n\n{long}")) as place:
        page.set_viewport_size({"width": 1280, "height": 900})
        place.enter(page)
        item(page, 1)
        page.get_by_text("Rule 59").scroll_into_view_if_needed()
        expect(page.get_by_role("contentinfo").get_by_role("button", name="Submit")).to_be_in_viewport()
        assert page.evaluate("document.documentElement.scrollHeight - innerHeight") <= 0
