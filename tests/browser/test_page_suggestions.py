"""Suggestions on the page: blind first, filled in, judged, side by side; by keyboard and by mouse."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import BrowserContext, Page, Response, expect

from labelwright.domain.ids import ItemKey, QuestionName
from labelwright.domain.project import ModelSource, Policy, Wellbeing
from labelwright.events import PredictionsRecorded
from tests.browser.layout import fits
from tests.browser.workplace import (
    ASPECTS,
    MODEL,
    SENTIMENT,
    WORLD,
    Workplace,
    _prediction,
    item,
    press,
    two_questions,
    workplace,
)

TEXTS = [{"text": f"This is review number {number}."} for number in range(1, 5)]
HOSTILE = "<img src=x onerror=\"document.title='caught'\">"


@contextmanager
def place_with(folder: Path, policy: Policy, **more: Any) -> Iterator[Workplace]:  # noqa: ANN401
    config = replace(two_questions(TEXTS), policy=policy, **more)
    with workplace(folder, TEXTS, config=config, reason="model unsure") as opened:
        yield opened


def test_the_model_speaks_after_the_first_answer_and_both_are_kept(tmp_path: Path, page: Page) -> None:
    heard: list[str] = []

    def hear(one: Response) -> None:
        if "/leases" in one.url and one.ok:
            heard.append(one.text())

    with place_with(tmp_path, Policy(suggestions="after_choice")) as place:
        page.on("response", hear)
        place.enter(page)
        expect(page.get_by_text("Answer first")).to_be_visible()
        expect(page.get_by_text("suggested")).to_have_count(0)
        assert not any(MODEL in one for one in heard)
        page.remove_listener("response", hear)  # what is under way when a page is left cannot be read
        press(page, "2", "q", "Enter")
        expect(page.get_by_text("you said negative, the model says positive")).to_be_visible()
        expect(page.get_by_text("suggested 71%").first).to_be_visible()
        item(page, 1)
        page.reload()  # what was revealed stays so
        expect(page.get_by_text("you said negative, the model says positive")).to_be_visible()
        press(page, "1", "Enter")
        item(page, 2)
        expect(page.get_by_text("✓ saved")).to_be_visible()
        page.get_by_role("radio", name="positive").check()
        page.get_by_role("checkbox", name="screen").check()
        page.get_by_role("button", name="See what the model says").click()
        expect(page.get_by_text("you and the model both say positive")).to_be_visible()
        page.get_by_role("contentinfo").get_by_role("button", name="Submit").click()
        item(page, 3)
        expect(page.get_by_text("2 done")).to_be_visible()
        with place.storage.reading() as views:
            first = [(one.question, one.value) for one in views.first_answers(place.project.id)]
        assert first[:2] == [("aspects", ["battery"]), ("sentiment", "negative")]
        assert place.answers()[:2] == [("sentiment", "positive"), ("aspects", ["battery"])]


def test_offline_nothing_is_revealed_and_the_answer_goes_out_later_as_it_is(
    tmp_path: Path, page: Page, context: BrowserContext
) -> None:
    with place_with(tmp_path, Policy(suggestions="after_choice")) as place:
        place.enter(page)
        context.set_offline(True)
        press(page, "2", "q", "Enter")
        expect(page.get_by_text("submit once more to send your answer as it is")).to_be_visible()
        press(page, "Enter")
        item(page, 2)
        context.set_offline(False)
        expect(page.get_by_text("✓ saved")).to_be_visible()
        assert place.answers() == [("sentiment", "negative"), ("aspects", ["battery"])]
        assert not any(one.suggestion_shown for one in place.annotations())


def test_what_is_filled_in_is_submitted_or_changed(tmp_path: Path, page: Page) -> None:
    with place_with(tmp_path, Policy(suggestions="prefilled")) as place:
        place.enter(page)
        expect(page.get_by_text("The model has filled this in")).to_be_visible()
        expect(page.get_by_role("radio", name="positive")).to_be_checked()
        press(page, "Enter")
        item(page, 2)
        press(page, "2", "Enter")
        item(page, 3)
        expect(page.get_by_text("2 done")).to_be_visible()
        assert [value for _, value in place.answers()] == ["positive", ["screen"], "negative", ["screen"]]
        assert {one.assistance.display for one in place.annotations() if one.assistance} == {"prefilled"}


def test_the_models_label_is_judged_with_a_reason_where_it_is_wrong(tmp_path: Path, page: Page) -> None:
    with place_with(tmp_path, Policy(suggestions="judge")) as place:
        place.enter(page)
        press(page, "Enter")  # right
        item(page, 2)
        press(page, "Shift+X", "2", "w", "Enter")
        expect(page.get_by_text("Say in a few words why it is wrong.")).to_be_visible()
        page.get_by_role("textbox", name="Why is the model's label wrong?").fill(HOSTILE)
        page.get_by_role("contentinfo").get_by_role("button", name="Submit").click()
        item(page, 3)
        expect(page.get_by_text("2 done")).to_be_visible()
        noted = [one.assistance for one in place.annotations() if one.question == SENTIMENT]
        assert [(one.verdict, one.reason) for one in noted if one] == [("accepted", ""), ("rejected", HOSTILE)]
        assert page.title() != "caught"


@pytest.fixture
def several(tmp_path: Path) -> Iterator[Workplace]:
    models = tuple(ModelSource(name, "http://127.0.0.1:9/v1") for name in (MODEL, "second", HOSTILE))
    with place_with(tmp_path, Policy(), models=models) as place:
        with place.storage.reading() as views:
            keys = [ItemKey(int(key)) for key in views.item_keys(place.project.id)]
        said = {"second": "negative", HOSTILE: "negative"}
        for model, value in said.items():
            rows = tuple(
                replace(_prediction(key, QuestionName(question), answer), model=model)
                for key in keys
                for question, answer in ((SENTIMENT, value), (ASPECTS, ["screen"]))
            )
            event = PredictionsRecorded(place.project.id, "prelabel", model, "prompt", rows)
            place.storage.write(lambda tx, event=event: tx.append([event], WORLD.provenance()))
        yield place


def test_several_suggestions_stand_side_by_side_and_are_taken_over_by_key_or_click(
    several: Workplace, page: Page
) -> None:
    several.enter(page)
    models = page.get_by_role("region", name="What the models say")
    expect(models.get_by_text("2 of 3 models say negative")).to_be_visible()
    expect(models.get_by_text("All 3 models agree")).to_be_visible()
    expect(models.get_by_text("right with 71%").first).to_be_visible()
    expect(models.get_by_text("how sure is not known").first).to_be_visible()
    press(page, "Shift+A")
    expect(page.get_by_role("radio", name="positive")).to_be_checked()
    press(page, "Shift+A")
    expect(page.get_by_role("radio", name="negative")).to_be_checked()
    models.get_by_role("button", name="positive").click()
    expect(page.get_by_role("radio", name="positive")).to_be_checked()
    press(page, "m")
    expect(page.get_by_text("prompt prompt, guideline v1").first).to_be_visible()
    assert page.title() != "caught"
    page.set_viewport_size({"width": 390, "height": 800})
    fits(page)


def test_an_item_that_may_distress_is_covered_until_it_is_wanted(
    tmp_path: Path, page: Page, accessibility_problems: Callable[[Page], list[str]]
) -> None:
    with place_with(tmp_path, Policy(), wellbeing=Wellbeing(f"Abuse. {HOSTILE}")) as place:
        place.enter(page)
        expect(page.get_by_text("Abuse. <img")).to_be_visible()
        expect(page.get_by_text("This is review number 1.")).to_have_count(0)
        press(page, "1", "q", "Enter")  # nothing is answered unseen
        item(page, 1)
        assert accessibility_problems(page) == []
        press(page, "Shift+V")
        expect(page.get_by_text("This is review number 1.")).to_be_visible()
        press(page, "1", "q", "Enter")
        item(page, 2)
        expect(page.get_by_text("This is review number")).to_have_count(0)  # nor in the list of what was just done
        page.get_by_role("button", name="Show the item").click()
        expect(page.get_by_text("This is review number 2.")).to_be_visible()
        page.get_by_role("button", name="Menu of ada").click()
        page.get_by_role("switch", name="Cover items with a warning").click()
        page.get_by_role("button", name="Menu of ada").click()
        expect(page.get_by_role("dialog")).to_have_count(0)
        page.get_by_role("radio", name="positive").check()
        page.get_by_role("checkbox", name="battery").check()
        page.get_by_role("contentinfo").get_by_role("button", name="Submit").click()
        expect(page.get_by_text("This is review number 3.")).to_be_visible()
        assert page.title() != "caught"


def test_a_break_is_suggested_and_nothing_is_held_while_one_rests(tmp_path: Path, page: Page) -> None:
    with place_with(tmp_path, Policy(), wellbeing=Wellbeing(break_items=2)) as place:
        place.enter(page)
        press(page, "1", "q", "Enter")
        item(page, 2)
        expect(page.get_by_role("dialog")).to_have_count(0)
        press(page, "1", "q", "Enter")
        reminder = page.get_by_role("dialog", name="Time for a break?")
        expect(reminder.get_by_text("done 2 items")).to_be_visible()
        reminder.get_by_role("button", name="Go on").click()
        item(page, 3)
        press(page, "1", "q", "Enter")
        item(page, 4)
        press(page, "1", "q", "Enter")
        reminder.get_by_role("button", name="Take a break").press("Enter")
        expect(page.get_by_role("heading", name="Rest well")).to_be_visible()
        page.get_by_role("button", name="Come back to work").press("Enter")
        expect(page.get_by_text("4 done")).to_be_visible()
        assert len(place.answers()) == 8
