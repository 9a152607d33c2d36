"""M7, where an item's text could come into another item's prompt: as an example of a reviewed item."""

from __future__ import annotations

import pytest

from labelwright.domain.ids import ItemId, ItemKey
from labelwright.domain.item import Item
from labelwright.services.models.demonstrations import _demonstration
from labelwright.tasks.registry import bind
from tests.fault.injections import HARMLESS, texts
from tests.story.small_project import TONE, SmallProject, configuration


@pytest.fixture(scope="module")
def small() -> SmallProject:
    return SmallProject.made(configuration(), n_items=1)


def item(text: str) -> Item:
    return Item(ItemKey(7), ItemId("i7"), {"text": text}, {}, "")


@pytest.mark.parametrize("text", [text for _, text in texts("i0001", "http://127.0.0.1:1/x")])
def test_M7_an_item_that_speaks_to_the_model_is_no_example_for_others(small: SmallProject, text: str) -> None:
    assert _demonstration(small.project, item(text), {"tone": "good"}, {"tone": bind(TONE)}) is None


@pytest.mark.parametrize("text", HARMLESS)
def test_any_other_reviewed_item_may_be_one(small: SmallProject, text: str) -> None:
    made = _demonstration(small.project, item(text), {"tone": "good"}, {"tone": bind(TONE)})
    assert made is not None
    assert (made.content, made.answers, made.item_id) == ({"text": text}, {"tone": "good"}, "i7")
