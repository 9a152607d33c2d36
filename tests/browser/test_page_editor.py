"""The editor of questions and guideline, by keyboard and by mouse, against the real server."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import BrowserContext, Page, expect

from labelwright.domain.project import ProjectConfig
from tests.browser.layout import fits
from tests.browser.workplace import Workplace, two_questions, workplace

ATTACK = '<img src=x onerror="window.pwned=1"><script>window.pwned=1</script>[x](javascript:window.pwned=1)'
CONTENTS = [{"text": f"The battery lasts. {ATTACK}"}, {"text": "Stopped after a week."}, {"text": "Good value."}]


@pytest.fixture
def place(tmp_path: Path) -> Iterator[Workplace]:
    with workplace(tmp_path, CONTENTS) as made:
        yield made


def enter(page: Page, place: Workplace, name: str = "mia") -> None:
    page.goto(place.link(name, "manager"))
    expect(page.get_by_role("button", name=f"Menu of {name}")).to_be_visible()
    page.goto(f"{place.page_url}/settings")
    expect(page.get_by_role("heading", name="Questions and guideline")).to_be_visible()
    expect(page.get_by_text("Choose one answer.")).to_be_visible()


def config(place: Workplace) -> ProjectConfig:
    with place.storage.reading() as views:
        found = views.project(place.project.id)
    assert found is not None
    return found.config


def labels(place: Workplace) -> Any:  # noqa: ANN401
    return config(place).schema.questions[0].settings["labels"]


def test_form_and_yaml_edit_one_document_by_mouse(page: Page, place: Workplace) -> None:
    enter(page, place)
    page.get_by_role("textbox", name="Label 1").first.fill("great")
    expect(page.locator(".cm-content[data-language=yaml]")).to_contain_text("- great")
    expect(page.get_by_role("radio", name=re.compile("great"))).to_be_visible()
    page.get_by_role("textbox", name="New label").first.fill("no")
    page.get_by_role("button", name="Add", exact=True).first.click()
    expect(page.locator(".cm-content[data-language=yaml]")).to_contain_text('- "no"')
    page.get_by_role("button", name="Move no up").click()
    page.get_by_role("button", name="What does this touch?").click()
    dialog = page.get_by_role("dialog")
    expect(dialog).to_contain_text("positive, negative, neutral, mixed → great, negative, neutral, no, mixed")
    expect(dialog).to_contain_text("Items waiting in the queue: 3")
    dialog.get_by_role("button", name="Apply as version 2").click()
    expect(page.get_by_text("Version 2 is in force.")).to_be_visible()
    assert labels(place) == ["great", "negative", "neutral", "no", "mixed"]


def test_the_preview_answers_and_sends_nothing(page: Page, place: Workplace) -> None:
    enter(page, place)
    sent: list[str] = []
    page.on("request", lambda request: sent.append(request.url) if request.method != "GET" else None)
    page.get_by_role("radio", name=re.compile("negative")).check(force=True)
    expect(page.get_by_text("Would be submitted: negative")).to_be_visible()
    page.get_by_role("button", name="Another item").click()
    expect(page.get_by_text("Stopped after a week.")).to_be_visible()
    assert [url for url in sent if "/configuration/check" not in url] == []
    assert place.annotations() == []


def test_everything_by_keyboard_alone(page: Page, place: Workplace) -> None:
    enter(page, place)
    page.get_by_role("textbox", name="project.yaml").focus()
    page.keyboard.press("Control+End")
    page.keyboard.type("instruktion: Be fair.\n", delay=5)
    expect(page.locator(".cm-said")).to_contain_text("did you mean 'instruction'")
    expect(page.get_by_role("alert").filter(has_text="did you mean")).to_contain_text("Line ")
    expect(page.get_by_role("button", name="What does this touch?")).to_be_disabled()
    page.keyboard.press("ArrowUp")
    page.keyboard.press("Home")
    for _ in range(len("instru")):
        page.keyboard.press("ArrowRight")
    page.keyboard.press("Delete")
    page.keyboard.type("c")
    expect(page.get_by_text("One change, not in force yet")).to_be_visible()
    expect(page.get_by_role("textbox", name="Instruction")).to_have_value("Be fair.")
    # Tab leaves the editor: nobody is caught in it.
    page.keyboard.press("Tab")
    assert not page.evaluate("document.activeElement.closest('.cm-editor') !== null")
    page.get_by_role("button", name="What does this touch?").focus()
    page.keyboard.press("Enter")
    expect(page.get_by_role("button", name="Apply as version 2")).to_be_enabled()
    page.get_by_role("button", name="Apply as version 2").focus()
    page.keyboard.press("Enter")
    expect(page.get_by_text("Version 2 is in force.")).to_be_visible()
    assert config(place).instruction == "Be fair."


def test_an_older_version_is_compared_word_by_word_and_brought_back(page: Page, place: Workplace) -> None:
    enter(page, place)
    page.get_by_role("textbox", name="Guideline, as Markdown").click()
    page.keyboard.press("Control+End")
    page.keyboard.type(" Be strict.")
    page.get_by_role("button", name="What does this touch?").click()
    expect(page.get_by_role("dialog").locator("ins")).to_contain_text("Be strict.")
    page.get_by_role("button", name="Apply as version 2").click()
    expect(page.get_by_text("Version 2 is in force.")).to_be_visible()
    page.get_by_role("tab", name="Versions").click()
    expect(page.get_by_role("region", name="Versions")).to_contain_text("mia · on the page")
    expect(page.locator("ins")).to_contain_text("Be strict.")
    page.get_by_role("button", name="Bring version 1 back").click()
    expect(page.get_by_text("Version 1 is on the desk.")).to_be_visible()
    page.get_by_role("button", name="What does this touch?").click()
    page.get_by_role("button", name="Apply as version 3").click()
    expect(page.get_by_text("Version 3 is in force.")).to_be_visible()
    assert "strict" not in config(place).guideline.text


def test_what_somebody_applied_meanwhile_is_told_and_not_overwritten(
    page: Page, new_context: Callable[..., BrowserContext], place: Workplace
) -> None:
    enter(page, place)
    page.get_by_role("textbox", name="Instruction").fill("mine")
    other = new_context().new_page()
    enter(other, place, "zoe")
    other.get_by_role("textbox", name="Instruction").fill("theirs")
    other.get_by_role("button", name="What does this touch?").click()
    other.get_by_role("button", name="Apply as version 2").click()
    expect(other.get_by_text("Version 2 is in force.")).to_be_visible()
    page.get_by_role("button", name="What does this touch?").click()
    expect(page.get_by_role("dialog").get_by_role("alert")).to_contain_text("by zoe, after version 1")
    page.get_by_role("button", name="Leave it").click()
    page.reload()  # the draft is still there
    expect(page.get_by_text("This draft was made from version 1")).to_be_visible()
    expect(page.get_by_role("textbox", name="Instruction")).to_have_value("mine")
    page.get_by_role("button", name="Keep my draft").click()
    page.get_by_role("button", name="What does this touch?").click()
    expect(page.get_by_role("dialog")).to_contain_text("theirs → mine")
    page.get_by_role("button", name="Apply as version 3").click()
    expect(page.get_by_text("Version 3 is in force.")).to_be_visible()
    assert config(place).instruction == "mine"


def test_items_become_examples_and_nothing_in_them_runs(page: Page, tmp_path: Path) -> None:
    hostile = two_questions(CONTENTS, labels=(ATTACK, "fine"), guideline=f"# Rules\n\n{ATTACK}")
    with workplace(tmp_path, CONTENTS, config=hostile, suggested="fine") as place:
        enter(page, place)
        page.get_by_role("button", name="Examples from items…").click()
        page.get_by_role("button", name="Item item-1 into the guideline").click()
        expect(page.get_by_text("Item item-1 stands in the guideline now.")).to_be_visible()
        page.keyboard.press("Escape")
        shown = page.get_by_role("region", name="The guideline as people read it")
        expect(shown).to_contain_text(f"“The battery lasts. {ATTACK}”")
        page.get_by_role("button", name="What does this touch?").click()
        page.get_by_role("button", name="Apply as version 2").click()
        expect(page.get_by_text("Version 2 is in force.")).to_be_visible()
        page.get_by_role("tab", name="Versions").click()
        expect(page.locator("ins")).to_contain_text("The battery lasts.")
        assert page.evaluate("window.pwned") is None
        assert page.locator("img[src=x]").count() == 0
        assert page.locator("a[href^='javascript']").count() == 0


def test_it_can_be_heard_reached_and_used_on_a_phone(
    page: Page,
    new_context: Callable[..., BrowserContext],
    place: Workplace,
    accessibility_problems: Callable[[Page], list[str]],
) -> None:
    enter(page, place)
    assert accessibility_problems(page) == []
    page.get_by_role("tab", name="Versions").click()
    expect(page.get_by_text("Nothing differs.")).to_be_visible()
    assert accessibility_problems(page) == []
    phone = new_context(viewport={"width": 390, "height": 844}, color_scheme="dark").new_page()
    enter(phone, place, "pia")
    assert accessibility_problems(phone) == []
    fits(phone)
    button = phone.get_by_role("button", name="What does this touch?").bounding_box()
    assert button is not None
    assert button["height"] >= 44


def test_people_who_label_do_not_see_it(page: Page, place: Workplace) -> None:
    place.enter(page)
    page.goto(f"{place.page_url}/settings")
    expect(page.get_by_role("heading", name="For managers")).to_be_visible()


def test_labels_are_renamed_by_keyboard_merged_by_mouse_and_that_is_taken_back(page: Page, place: Workplace) -> None:
    enter(page, place)
    page.get_by_role("tab", name="Labels").focus()
    page.keyboard.press("Enter")
    page.get_by_role("radio", name="positive").focus()
    page.keyboard.press("Space")
    page.get_by_role("textbox", name="New name").focus()
    page.keyboard.type(f"fine {ATTACK}")
    page.keyboard.press("Enter")
    expect(page.get_by_role("dialog")).to_contain_text("sentiment: 'positive' is renamed to")
    expect(page.get_by_role("dialog")).to_contain_text("0 answers by people, 3 answers of the model")
    page.get_by_role("button", name="Change them").focus()
    page.keyboard.press("Enter")
    expect(page.get_by_text("Version 2 is in force.")).to_be_visible()
    assert labels(place)[0] == f"fine {ATTACK}"
    page.get_by_text("Merge", exact=True).click()
    page.get_by_role("checkbox", name="neutral").check()
    page.get_by_role("checkbox", name="mixed").check()
    page.get_by_role("textbox", name="They become").fill("between")
    page.get_by_role("button", name="What does this touch?").click()
    page.get_by_role("button", name="Change them").click()
    expect(page.get_by_text("Version 3 is in force.")).to_be_visible()
    assert labels(place)[1:] == ["negative", "between"]
    for version in (4, 5):
        page.get_by_role("button", name="Take it back…").click()
        page.get_by_role("button", name="Take it back", exact=True).click()
        expect(page.get_by_text(f"Version {version} is in force.")).to_be_visible()
    assert labels(place) == ["positive", "negative", "neutral", "mixed"]
    assert page.evaluate("window.pwned") is None
