"""A guideline changes: which old labels does that touch? A probe over a real socket, people again, and the way back."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any, cast

import pytest

from labelwright.domain.canonical import Json
from labelwright.errors import NotFound, NotReady
from labelwright.workspace import ProjectHandle
from tests.story.talking_model import TalkingModel, number_of, people_label, reconfigured, talking

N = 320
NEW_RULE = "Praise of the price is bad."


def is_about_price(n: int) -> bool:
    return n % 8 == 0


def old_label(n: int) -> str:
    return "good" if n % 3 else "bad"


def new_label(n: int) -> str:
    return "bad" if is_about_price(n) else old_label(n)


class Reader(TalkingModel):
    """Follows the guideline it is shown: under the new one, what is about the price is bad."""

    def said(self, body: Mapping[str, Any]) -> dict[str, Json]:
        n = number_of(body)
        return {"label": new_label(n) if NEW_RULE in json.dumps(body) else old_label(n)}


def items() -> list[dict[str, str]]:
    subject = {True: "cheap price bargain discount", False: "screen battery sound camera"}
    return [{"id": f"i{n}", "text": f"Review {n}: {subject[is_about_price(n)]}."} for n in range(N)]


def made(folder: Path, model: TalkingModel) -> Any:  # noqa: ANN401
    return talking(folder, model, items=items(), confidence="none")


def changed(handle: ProjectHandle) -> None:
    (handle.workspace.path / "guideline.md").write_text(NEW_RULE)
    reconfigured(handle, guideline="guideline.md")


def test_a_probe_tells_which_labels_change_and_people_are_asked_about_these(tmp_path: Path) -> None:
    model = Reader()
    with made(tmp_path, model) as (handle, _server):
        handle.prelabel()
        handle.calibrate()
        people_label(handle, lambda n, _p: old_label(n), names=["ann"], most=40)
        handle.aggregate()
        with pytest.raises(NotReady, match="0 labels were made under an earlier guideline"):
            handle.probe_change()
        changed(handle)
        before = handle.recheck()
        counts = cast("dict[str, Any]", before["questions"])["label"]
        assert before["probe"] is None
        assert (counts["n_labels"], counts["n_people"]) == (N, 40)

        asked = len(model.bodies)
        found = handle.probe_change(n=200, target=0.05)
        assert len(model.bodies) - asked == 200
        one = cast("dict[str, Any]", found["questions"])["label"]
        flips = [n for n in range(N) if new_label(n) != old_label(n)]
        assert one["rate_low"] <= len(flips) / N <= one["rate_high"]
        assert one["is_bounded"]
        assert one["n_again"] < N / 2
        with handle.workspace.storage.reading() as views:
            number = {int(key): int(str(id)[1:]) for key, id in views.item_ids(handle.id).items()}
            predictions = views.predictions(handle.id, "label", "m").value
        again = {number[key] for key in one["again"]}
        left_flips = [n for n in flips if n not in again]
        assert len(left_flips) <= 0.05 * one["n_left"]
        assert predictions == [old_label(number[key]) for key in sorted(number)]  # a probe records no prediction

        handle.probe_change(n=200, target=0.05)
        assert len(model.bodies) - asked == 200  # the same items, and no answer is paid for twice

        sent = handle.requeue_changed()
        assert sent.n_items == one["n_again"]
        assert handle.requeue_changed() == sent  # once
        undone = handle.undo_requeue()
        assert undone.n_items == sent.n_items
        with pytest.raises(NotFound, match="nothing was sent back"):
            handle.undo_requeue()

        handle.requeue_changed()
        people_label(handle, lambda n, _p: new_label(n), names=["bob", "eve"])
        handle.aggregate()
        with handle.workspace.storage.reading() as views:
            record = {number[int(r.item)]: r for r in views.resolutions(handle.id)}
            versions = {a.guideline_version for a in views.annotations(handle.id)}
        assert all(record[n].value == new_label(n) for n in again)  # the newer answer counts alone
        assert versions == {1, 2}  # and the older keeps its version

        handle.prelabel()
        assert len(model.bodies) - asked == N  # what the probe bought is not bought again


def test_without_a_probe_nothing_is_queued(tmp_path: Path) -> None:
    with made(tmp_path, Reader()) as (handle, _server):
        handle.prelabel()
        changed(handle)
        with pytest.raises(NotReady, match="recheck --probe"):
            handle.requeue_changed()
