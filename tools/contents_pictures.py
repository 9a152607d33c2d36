"""The pictures of docs/howto/contents.md: a conversation and two answers to it, photographed on the real page."""

import sys
from collections.abc import Iterable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from playwright.sync_api import Browser

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))
from labelwright.domain.canonical import Json  # noqa: E402
from labelwright.domain.contents import ShownField  # noqa: E402
from labelwright.domain.ids import QuestionName  # noqa: E402
from labelwright.domain.project import Question  # noqa: E402
from tests.browser.workplace import two_questions, workplace  # noqa: E402 - the tests' way to a served project

ITEM: dict[str, Json] = {
    "conversation": [
        {"role": "system", "content": "You answer for a lamp shop. Look orders up before you promise anything."},
        {"role": "user", "content": "My lamp gives no light at all. I plugged it in twice."},
        {"role": "assistant", "content": "", "tool_calls": [{"name": "find_order", "article": "desk lamp"}]},
        {"role": "tool", "content": "order 7: sent on 3 May, 2 years' guarantee"},
    ],
    "answer_a": "I am sorry! Your lamp is under **guarantee**, so we replace it. Shall I send the new one today?",
    "answer_b": "I am sorry! Your lamp is under **guarantee**, so we refund it. Did you check the bulb?",
}


def photograph_contents(
    browser: Browser, folder: Path, *, images: Path, looks: Mapping[str, Mapping[str, Any]]
) -> None:
    """Write contents-LOOK.png for each look (options of a browser context) into `images`."""
    question = Question(QuestionName("better"), "labelwright/preference", {}, "Which answer is better?")
    plain = two_questions([ITEM], guideline="# Which is better\n\nThe one that promises only what the **order** says.")
    shown: Iterable[ShownField] = (
        ShownField("conversation", "conversation"),
        ShownField("answer_a", "markdown", beside="answer_b"),
    )
    config = replace(plain, schema=replace(plain.schema, questions=(question,)), contents=tuple(shown))
    with workplace(folder, [ITEM], config=config, blind=True) as place:
        for look, options in looks.items():
            context = browser.new_context(locale="en-GB", **options)
            page = context.new_page()
            place.enter(page, look)
            page.get_by_text("under guarantee").first.wait_for()
            page.screenshot(path=images / f"contents-{look}.png")
            context.close()
