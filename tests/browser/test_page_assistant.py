"""The assistant on the page: asked by keyboard and by mouse, its answer only ever text, its failures told."""

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

from playwright.sync_api import Page, expect

from labelwright.domain.annotation import Assistance
from labelwright.domain.project import Assistant, ModelSource, Policy, Spending
from labelwright.testing.scripted_server import Reply, ScriptedServer, completion
from tests.browser.layout import fits
from tests.browser.model_beside import model_beside
from tests.browser.workplace import MODEL, Workplace, item, two_questions, workplace

HOSTILE = "<img src=x onerror=\"document.title='caught'\">"
TEXTS = [{"text": f"This is review number {number}. {HOSTILE}"} for number in range(1, 4)]
ANSWER = (
    "## The rule\n\nBy **rule 2** irony counts as what is *meant*:\n\n- the tone decides\n- not the words\n\n"
    f"{HOSTILE} <script>document.title='caught'</script> ![shot](http://127.0.0.1:9/p.png) "
    "[more](javascript:document.title='caught') http://127.0.0.1:9/auto"
)


def saying(text: str, *, seconds: float = 0.0) -> Reply:
    return Reply(completion(json.dumps({"answer": text})), seconds=seconds)


@contextmanager
def place_with(
    folder: Path, *replies: Reply, policy: Policy | None = None, blind: bool = False, budget: int | None = None
) -> Iterator[tuple[Workplace, ScriptedServer]]:
    with model_beside(*replies) as server:
        source = ModelSource(MODEL, server.base_url, price_input=1_000_000, price_output=1_000_000)
        config = replace(
            two_questions(TEXTS),
            policy=policy or Policy(),
            models=(source,),
            assistant=Assistant(MODEL, 3),
            spending=Spending(budget=budget),
        )
        with workplace(folder, TEXTS, config=config, blind=blind) as opened:
            yield opened, server


def test_the_assistant_is_asked_by_keyboard_alone_and_its_answer_is_only_text(
    tmp_path: Path, page: Page, accessibility_problems: Callable[[Page], list[str]]
) -> None:
    fetched: list[str] = []
    page.on("request", lambda one: fetched.append(one.url))
    with place_with(tmp_path, saying(ANSWER), saying("Yes.")) as (place, server):
        place.enter(page)
        assert not any("AssistantPanel" in url for url in fetched)
        page.keyboard.press("Shift+G")
        panel = page.get_by_role("region", name="Ask about this item")
        expect(panel.get_by_role("textbox", name="Your question")).to_be_focused()
        expect(panel.get_by_text("Questions left for this item: 3")).to_be_visible()
        page.keyboard.type(f"Is irony 1 negative? {HOSTILE}")
        page.keyboard.press("Enter")
        log = panel.get_by_role("log")
        expect(log.get_by_role("heading", name="The rule")).to_be_visible(timeout=60_000)
        expect(log.get_by_text("the tone decides")).to_be_visible()
        expect(log.get_by_text("Is irony 1 negative? <img")).to_be_visible()
        expect(panel.get_by_text("Questions left for this item: 2")).to_be_visible()
        expect(panel.get_by_role("textbox")).to_be_focused()
        assert log.locator("a, img, script, input").count() == 0
        assert page.title() != "caught"
        assert not any(":9/" in url for url in fetched)
        assert accessibility_problems(page) == []
        page.keyboard.press("Escape")
        expect(panel).to_have_count(0)
        expect(page.get_by_role("article")).to_be_focused()
        page.keyboard.press("Shift+G")
        expect(log.get_by_text("the tone decides")).to_be_visible()
        page.reload()
        item(page, 1)
        page.keyboard.press("Shift+G")
        expect(log.get_by_text("the tone decides")).to_be_visible()
        page.keyboard.press("Escape")
        for key in ("1", "q", "Enter"):
            page.keyboard.press(key)
        item(page, 2)
        expect(page.get_by_text("1 done")).to_be_visible()
        page.keyboard.press("Shift+G")
        expect(panel.get_by_text("Questions left for this item: 3")).to_be_visible()
        expect(log.get_by_text("the tone decides")).to_have_count(0)
        noted = {one.assistance for one in place.annotations()}
        assert noted == {Assistance("shown", asked=1)}
        assert len(server.requests) == 1
        place_history(page, place)


def place_history(page: Page, place: Workplace) -> None:
    page.goto(f"{place.url}/p/{place.project.name}/items/item-1")
    expect(page.get_by_text("ada asked the assistant")).to_be_visible()
    expect(page.get_by_text("Is irony 1 negative? <img").first).to_be_visible()
    assert page.title() != "caught"


def test_a_failure_is_told_and_asked_again_by_mouse_also_on_a_phone(
    tmp_path: Path, page: Page, accessibility_problems: Callable[[Page], list[str]]
) -> None:
    away = Reply(b'{"error":{"message":"secret words"}}', status=401)
    with place_with(tmp_path, away, saying("Rule 2 decides.")) as (place, _server):
        page.set_viewport_size({"width": 390, "height": 800})
        place.enter(page)
        page.get_by_role("contentinfo").get_by_role("button", name="ask").click()
        panel = page.get_by_role("region", name="Ask about this item")
        panel.get_by_role("textbox", name="Your question").fill("Which rule?")
        panel.get_by_role("button", name="Ask").click()
        expect(panel.get_by_role("alert")).to_contain_text("the model cannot be asked just now", timeout=60_000)
        expect(page.get_by_text("secret words")).to_have_count(0)
        expect(panel.get_by_role("textbox")).to_have_value("Which rule?")
        panel.get_by_role("button", name="Ask").click()
        expect(panel.get_by_text("Rule 2 decides.")).to_be_visible(timeout=60_000)
        expect(panel.get_by_role("alert")).to_have_count(0)
        fits(page)
        for name in ("Close", "Ask"):
            box = panel.get_by_role("button", name=name).bounding_box()
            assert box is not None
            assert min(box["height"], box["width"]) >= 44
        assert accessibility_problems(page) == []
        panel.get_by_role("button", name="Close").click()
        expect(panel).to_have_count(0)


def test_a_question_that_follows_another_is_asked_with_what_was_said_before(tmp_path: Path, page: Page) -> None:
    with place_with(tmp_path, saying("By rule 2 it is negative."), saying("Rule 2 stands in the guideline.")) as (
        place,
        server,
    ):
        place.enter(page)
        page.keyboard.press("Shift+G")
        panel = page.get_by_role("region", name="Ask about this item")
        for question, said in (
            ("Is irony negative?", "By rule 2 it is negative."),
            ("Where does it stand?", "Rule 2 stands in the guideline."),
        ):
            expect(panel.get_by_role("textbox", name="Your question")).to_be_focused()
            page.keyboard.type(question)
            page.keyboard.press("Enter")
            expect(panel.get_by_text(said)).to_be_visible(timeout=60_000)
            expect(panel.get_by_text(question)).to_be_visible()
        expect(panel.get_by_text("Questions left for this item: 1")).to_be_visible()
        first, second = (json.dumps(one["messages"]) for one in server.requests)
        assert "Where does it stand?" not in first
        told = [second.index(words) for words in ("Is irony negative?", "By rule 2 it is", "Where does it stand?")]
        assert told == sorted(told), "the talk is sent as it was held"
        page.reload()
        item(page, 1)
        page.keyboard.press("Shift+G")
        log = panel.get_by_role("log")
        expect(log.get_by_text("Rule 2 stands in the guideline.")).to_be_visible()
        expect(log.get_by_text("By rule 2 it is negative.")).to_be_visible()
        page.goto(f"{place.url}/p/{place.project.name}/items/item-1")
        expect(page.get_by_text("ada asked the assistant")).to_have_count(2)


def test_a_spent_budget_is_told(tmp_path: Path, page: Page) -> None:
    with place_with(tmp_path, saying("no"), budget=1) as (place, server):
        place.enter(page)
        page.keyboard.press("Shift+G")
        page.get_by_role("textbox", name="Your question").fill("Which rule?")
        page.keyboard.press("Enter")
        expect(page.get_by_role("alert")).to_contain_text("the project's budget does not pay", timeout=60_000)
        assert server.requests == []


def test_B1_nothing_is_offered_where_no_suggestion_may_be_seen_yet(tmp_path: Path, page: Page) -> None:
    ask = page.get_by_role("contentinfo").get_by_role("button", name="ask")
    with place_with(tmp_path / "blind", saying("no"), blind=True) as (place, server):
        place.enter(page)
        expect(ask).to_have_count(0)
        page.keyboard.press("Shift+G")
        expect(page.get_by_role("region", name="Ask about this item")).to_have_count(0)
        assert server.requests == []
    with place_with(tmp_path / "later", saying("no"), policy=Policy(suggestions="after_choice")) as (place, _):
        place.enter(page, "bob")
        expect(ask).to_have_count(0)
        for key in ("1", "q", "Enter"):
            page.keyboard.press(key)
        expect(ask).to_be_visible()
