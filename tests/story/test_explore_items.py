"""Managers look for items by how they stand; annotators may not."""

from __future__ import annotations

from pathlib import Path

import httpx
import pytest

from labelwright.domain.annotator import Annotator
from labelwright.ports.item_search import ItemFilter
from tests.contract.serving import answer_entry, take
from tests.story.test_item_life import NEGATIVE, POSITIVE, Office, opened, send

HERE = "/api/v1/projects/reviews"


async def ids(who: httpx.AsyncClient, **asked: str | float) -> list[str]:
    answer = await who.get(f"{HERE}/items", params=asked)
    assert answer.status_code == 200, answer.text
    return [one["id"] for one in answer.json()["items"]]


async def worked(office: Office) -> Annotator:
    """item-1: ann negative, bob positive, flagged; item-2: ann positive, commented by mia; all settled."""
    for answers in (NEGATIVE, POSITIVE):
        (entry,) = await take(office.ann)
        await answer_entry(office.ann, entry["lease"], answers)
    (entry,) = await take(office.bob)
    await send(office.bob, "POST", f"{entry['item']['id']}/remarks", {"kind": "flag", "reason": "odd"})
    await answer_entry(office.bob, entry["lease"], POSITIVE)
    await send(office.mia, "POST", "item-2/remarks", {"kind": "comment", "text": "fine"})
    office.settle()
    with office.setting.storage.reading() as views:
        return next(one for one in views.annotators(office.project.id) if one.name == "ann")


async def test_every_condition_finds_what_it_says_and_all_of_them_hold_together(tmp_path: Path) -> None:
    async with opened(tmp_path) as office:
        ann = await worked(office)
        mia = office.mia
        everything = [f"item-{n}" for n in range(1, 7)]
        assert await ids(mia) == everything
        assert await ids(mia, status="unresolved") == everything[2:]
        assert await ids(mia, status="none") == []
        assert await ids(mia, predicted='"positive"') == everything
        assert await ids(mia, question="topics", predicted='"screen"') == everything, "a list holds it"
        assert await ids(mia, predicted='"negative"') == []
        assert await ids(mia, answer='"negative"') == ["item-1"]
        assert await ids(mia, annotator=ann.id) == ["item-1", "item-2"]
        assert await ids(mia, annotator=ann.id, answer='"positive"') == ["item-2"]
        assert await ids(mia, noted="flag") == ["item-1"]
        assert await ids(mia, noted="comment") == ["item-2"]
        assert await ids(mia, noted="any") == ["item-1", "item-2"]
        assert await ids(mia, differing="people") == ["item-1"]
        assert await ids(mia, differing="model") == ["item-1"]
        assert await ids(mia, waiting="open") == ["item-2"]
        assert await ids(mia, waiting="none") == ["item-1", *everything[2:]]
        assert await ids(mia, text="NUMBER 3") == ["item-3"]
        assert await ids(mia, text="item-4") == ["item-4"]
        assert await ids(mia, text="never shown") == [], "a field that is not shown is not searched"
        assert await ids(mia, text="%") == [], "no wildcard"
        assert await ids(mia, field="source", value="mail") == everything
        assert await ids(mia, field="source", value="web") == []
        assert await ids(mia, field="nothing") == []
        assert await ids(mia, since="2000", until="2100") == ["item-1", "item-2"]
        assert await ids(mia, until="2000") == []
        assert await ids(mia, least=0.5) == [], "no probability is known"
        assert await ids(mia, unanswered=True) == everything[2:]
        assert await ids(mia, annotator=ann.id, differing="people", text="number") == ["item-1"]


async def test_pages_follow_one_another_without_a_gap_or_a_repetition(tmp_path: Path) -> None:
    async with opened(tmp_path) as office:
        found: list[str] = []
        after: str | None = "0"
        while after is not None:
            page = (await office.mia.get(f"{HERE}/items", params={"after": after, "limit": 4})).json()
            found += [one["id"] for one in page["items"]]
            after = page["next"]
        assert found == [f"item-{n}" for n in range(1, 7)]


async def test_S4_what_is_no_condition_is_refused_and_annotators_may_not_look(tmp_path: Path) -> None:
    async with opened(tmp_path) as office:
        for asked in (
            {"order": "1; drop table item"},
            {"label": "positive"},
            {"question": "nothing"},
            {"noted": "x"},
            {"field": 'a"b'},
        ):
            refused = await office.mia.get(f"{HERE}/items", params=asked)
            assert refused.status_code == 422, asked
        for path in ("items", "items.csv"):
            assert (await office.ann.get(f"{HERE}/{path}")).status_code == 403


async def test_the_table_holds_all_that_was_found_and_no_formula(tmp_path: Path) -> None:
    async with opened(tmp_path) as office:
        await worked(office)
        answer = await office.mia.get(f"{HERE}/items.csv", params={"annotator": "nobody"})
        assert answer.text.splitlines() == ["id,label,status,route,probability,model_label,answers,flags,comments"]
        answer = await office.mia.get(f"{HERE}/items.csv")
        lines = answer.text.splitlines()
        assert len(lines) == 7
        assert lines[2] == "item-2,positive,human-verified,,,positive,1,0,1"


@pytest.mark.parametrize("text", ["=1+1", "+x", "@x", "-x"])
def test_S7_a_cell_that_a_spreadsheet_would_run_is_quoted(text: str) -> None:
    from labelwright.domain.ids import ItemId, ItemKey
    from labelwright.domain.item import Item
    from labelwright.ports.item_search import FoundItem
    from labelwright.services.people.explore_items import csv_lines

    item = Item(ItemKey(1), ItemId(text), {}, {}, "")
    row = FoundItem(item, text, None, None, None, None, False, 0, 0, 0, 0)
    assert csv_lines([row]).startswith(f"'{text},'{text},")


def test_a_filter_without_conditions_asks_for_everything() -> None:
    from labelwright.adapters.storage.explore import _conditions
    from labelwright.domain.ids import QuestionName

    assert _conditions(ItemFilter(QuestionName("x")))[0] == []


async def test_items_worded_alike_are_found_nearest_first_and_by_managers_alone(tmp_path: Path) -> None:
    async with opened(tmp_path) as office:
        answer = await office.mia.get(f"{HERE}/items/item-1/similar")
        assert answer.status_code == 200, answer.text
        found = answer.json()
        assert found["n_compared"] == 6
        assert "item-1" not in [one["id"] for one in found["items"]]
        near = [one["similarity"] for one in found["items"]]
        assert near == sorted(near, reverse=True)
        assert near[0] > 0.5, "the texts differ in one figure"
        assert (await office.ann.get(f"{HERE}/items/item-1/similar")).status_code == 403
        assert (await office.mia.get(f"{HERE}/items/item-9/similar")).status_code == 404
