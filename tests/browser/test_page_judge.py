"""A model that judges at the desk, on the page: it holds nobody up, and its words are only ever text."""

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

from playwright.sync_api import Page, expect

from labelwright.domain.project import ModelSource, Policy
from labelwright.testing.scripted_server import Reply, completion
from tests.browser.model_beside import model_beside
from tests.browser.workplace import MODEL, Workplace, item, two_questions, workplace

HOSTILE = "<img src=x onerror=\"document.title='caught'\">"
TEXTS = [{"text": f"This is review number {number}."} for number in range(1, 5)]
REASON = f"Rule 2: irony counts as what is meant. {HOSTILE} [more](javascript:document.title='caught')"


def verdict(body: dict[str, Any]) -> Reply:
    """It is against every negative tone."""
    is_against = '"negative"' in str(body["messages"][-1]["content"]).rsplit("</item>", 1)[-1]
    said = {
        "reason": REASON if is_against else "It fits.",
        "evidence": ["This is review"] if is_against else [],
        "verdict": "disagree" if is_against else "agree",
        "score": 2 if is_against else 5,
    }
    return Reply(completion(json.dumps(said)), seconds=0.3)


@contextmanager
def judging(folder: Path) -> Iterator[Workplace]:
    with model_beside(answer=verdict) as server:
        source = ModelSource(MODEL, server.base_url, price_input=1_000_000, price_output=1_000_000)
        policy = Policy(cooperation="judge", suggestions="hidden")
        config = replace(two_questions(TEXTS), policy=policy, models=(source,))
        with workplace(folder, TEXTS, config=config) as opened:
            yield opened


def test_an_objection_is_told_beside_the_next_item_and_kept_or_followed_by_keyboard(
    tmp_path: Path, page: Page, accessibility_problems: Callable[[Page], list[str]]
) -> None:
    with judging(tmp_path) as place:
        place.enter(page)
        for number in (1, 2):
            item(page, number)
            for key in ("2", "q", "Enter"):
                page.keyboard.press(key)
        item(page, 3)
        expect(page.get_by_role("button", name="The model would answer otherwise: 2")).to_be_visible(timeout=60_000)
        item(page, 3)
        page.keyboard.press("Shift+O")
        said = page.get_by_role("region", name="What the model says against your answers")
        expect(said.get_by_text("Rule 2: irony counts as what is meant.").first).to_be_visible()
        expect(said.get_by_text("This is review number 1.")).to_be_visible()
        expect(said.locator("img, a")).to_have_count(0)
        assert page.title() != "caught"
        assert accessibility_problems(page) == []
        first = said.get_by_role("article").filter(has_text="review number 2.")
        first.get_by_role("button", name="Keep my answer").focus()
        page.keyboard.press("Enter")
        expect(said.get_by_role("article")).to_have_count(1)
        said.get_by_role("button", name="Change it").focus()
        page.keyboard.press("Enter")
        item(page, 1)
        expect(said.get_by_text("You are changing this answer")).to_be_visible()
        for key in ("1", "Enter"):
            page.keyboard.press(key)
        item(page, 3)
        expect(said.get_by_text("Nothing is said against your answers now.")).to_be_visible()
        page.keyboard.press("Shift+O")
        expect(said).to_have_count(0)
        with place.storage.reading() as views:
            project = place.project
            settled = sorted((int(one.item), one.settled) for one in views.objections(project.id))
            assert [how for _, how in settled] == ["changed", "kept"]
            given = sorted(views.annotations(project.id, question="sentiment"), key=lambda one: int(one.item))
            assert [(one.value, one.is_blind) for one in given] == [("positive", False), ("negative", True)]
