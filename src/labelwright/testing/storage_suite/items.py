"""One item's life."""

from __future__ import annotations

import pytest

from labelwright.domain.annotation import Remark
from labelwright.domain.decision import Resolution
from labelwright.domain.ids import AnnotationId, AnnotatorId, ItemKey
from labelwright.errors import Conflict
from labelwright.events import AnnotationRetracted, Exported, ItemsResolved, RemarkWithdrawn
from labelwright.ports.storage import Storage
from labelwright.testing.storage_build import (
    PROJECT,
    PROVENANCE,
    QUESTION,
    append,
    begin,
    entry,
    predicted,
    prediction,
    queued,
    remarked,
    say,
)

OTHER = "p10"  # its streams begin like those of "p1"


class ItemsSuite:
    """What happened to one item, and what was remarked on it."""

    def test_an_item_is_found_by_the_id_its_project_gave_it(self, storage: Storage) -> None:
        begin(storage, items=3)
        with storage.reading() as views:
            found = views.item_by_id(PROJECT, "item-2")
            assert found is not None
            assert (found.key, found.content) == (2, {"text": f"text 2 of {PROJECT}"})
            assert views.item_by_id(PROJECT, "item-9") is None

    def test_a_trail_tells_all_that_happened_to_one_item_and_nothing_else(self, storage: Storage) -> None:
        begin(storage, items=12)
        append(storage, predicted(prediction(1, "bad"), prediction(11, "good")))
        append(storage, queued(entry(1), entry(11)))
        say(storage, 1, "ann", "good", id="a1")
        say(storage, 11, "ann", "bad", id="a11")
        append(storage, AnnotationRetracted(PROJECT, AnnotationId("a1"), ItemKey(1), QUESTION, "undo"))
        say(storage, 1, "bob", "bad", id="a2")
        final = Resolution(ItemKey(1), QUESTION, "bad", "human-verified", None, "single vote", ("a2",), {"share": 1.0})
        append(storage, ItemsResolved(PROJECT, "g1", (final,)), Exported(PROJECT, "e1", 5, {}))
        with storage.reading() as views:
            rows = views.trail(PROJECT, ItemKey(1))
            assert [row.position for row in rows] == sorted(row.position for row in rows)
            kinds = [row.kind for row in rows]
            assert kinds == [
                "imported", "predicted", "queued", "answered", "retracted", "answered", "resolved", "exported"
            ]  # fmt: skip
            told = dict(zip(kinds, (row.told for row in rows), strict=True))
            assert told["predicted"]["value"] == "bad"
            assert told["answered"]["value"] == "bad"  # the second
            assert rows[3].told["retraction"] == rows[4].position
            assert told["resolved"]["voters"] == ["a2"]
            assert [row.kind for row in views.trail(PROJECT, ItemKey(3))] == ["imported", "exported"]

    def test_a_remark_stands_until_it_is_withdrawn_and_is_withdrawn_once(self, storage: Storage) -> None:
        begin(storage)
        storage.write(lambda t: t.append([remarked(t, 2, "ann", "odd", id="m1", kind="flag")], PROVENANCE))
        storage.write(lambda t: t.append([remarked(t, 1, "bob", "fine", id="m2")], PROVENANCE))
        append(storage, RemarkWithdrawn(PROJECT, "m1", ItemKey(2)))
        with pytest.raises(Conflict, match="withdrawn already"):
            append(storage, RemarkWithdrawn(PROJECT, "m1", ItemKey(2)))
        at = "2026-11-21T12:00:00.000Z"
        with storage.reading() as views:
            flag = Remark("m1", ItemKey(2), AnnotatorId("id-ann"), "flag", "", "odd", at, withdrawn=True)
            comment = Remark("m2", ItemKey(1), AnnotatorId("id-bob"), "comment", "", "fine", at)
            assert views.remarks(PROJECT) == [comment, flag]
            assert views.remarks(PROJECT, ItemKey(2)) == [flag]
        storage.verify()
