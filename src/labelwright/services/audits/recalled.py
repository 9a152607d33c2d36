"""Which accepted labels were taken back: recalls as the ledger tells of them, and what they do to decisions.

A recall is in force from the moment its run has begun until the run that undoes it has begun: whoever reads between two
chunks of either already sees its end, and the rest is written by whichever stage comes next.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Final, cast

import numpy as np
from numpy.typing import NDArray

from labelwright.domain.canonical import Json
from labelwright.domain.decision import Decision
from labelwright.domain.ids import ProjectId
from labelwright.ports.project_reads import RunRow
from labelwright.ports.storage import Views

RECALL: Final = "recall"
UNDO: Final = "recall-undo"
EVERYTHING: Final = "everything accepted"
RECALLED: Final = "recalled: "
"""How the reason of a decision begins that a recall has made."""
SLOTS: Final = 100
"""The entries of recall number k have the slots from k times this on."""


_ACCEPTED = frozenset({"accept", "audit"})


@dataclass(frozen=True, slots=True)
class Recalled:
    """One recall; no item is in two that hold at once.  number: 1, 2, … in this project.

    plan: the calibration whose certificate had accepted the items. A new one is a new promise: this says nothing of it.
    slice: what was taken back, such as `label=spam`; None = everything.
    items: their keys, ascending; None = all up to `last_item` that the certificate accepts.
    request: the request that asked for it, so that it is done once; None = asked for in a terminal.
    error: the share of wrong ones that the audit had seen among them; None = not audited.
    undone_by: the run that undid it, if one did.  finished: its decisions are all written.
    """

    id: str
    number: int
    plan: str
    question: str
    slice: str | None
    items: tuple[int, ...] | None
    last_item: int
    n_items: int
    reason: str
    error: float | None
    request: str | None
    at: str
    finished: bool
    undone_by: str | None
    undone_at: str | None

    @property
    def words(self) -> str:
        """The slice, or that it was everything."""
        return self.slice or EVERYTHING

    @property
    def as_reason(self) -> str:
        """The reason that a decision gives."""
        return f"{RECALLED}{self.reason}"

    def covers(self, items: NDArray[np.int64]) -> NDArray[np.bool_]:
        """Mark the items it takes back; (N,)."""
        if self.items is None:
            return items <= self.last_item
        return np.isin(items, np.array(self.items, dtype=np.int64))


def all_recalls(views: Views, project: ProjectId) -> list[Recalled]:
    """Give every recall of the project, oldest first, undone ones included."""
    runs = views.runs(project)
    undone = {str(run.parameters["recall"]): run for run in runs if run.kind == UNDO}
    rows = [run for run in runs if run.kind == RECALL]
    return [_recalled(run, number, undone.get(run.id)) for number, run in enumerate(rows, 1)]


def recalls_in_force(views: Views, project: ProjectId, plan: str) -> list[Recalled]:
    """Give the recalls that hold now: of this plan, and not undone."""
    return [one for one in all_recalls(views, project) if one.plan == plan and one.undone_by is None]


def is_recalled(recalls: Iterable[Recalled], question: str, items: NDArray[np.int64]) -> NDArray[np.bool_]:
    """Mark the items of which a recall in force speaks; (N,)."""
    mask = np.zeros(len(items), dtype=np.bool_)
    for one in recalls:
        if one.question == question:
            mask |= one.covers(items)
    return mask


def taken_back(decisions: Sequence[Decision], recalls: Sequence[Recalled]) -> list[Decision]:
    """Give the decisions with what was recalled sent to people."""
    found = list(decisions)
    for one in recalls:
        places = [place for place, d in enumerate(decisions) if d.question == one.question and d.route in _ACCEPTED]
        items = np.array([int(decisions[place].item) for place in places], dtype=np.int64)
        for place in np.flatnonzero(one.covers(items)).tolist():
            d = decisions[places[place]]
            found[places[place]] = Decision(d.item, d.question, "review", one.as_reason, d.score, d.probability)
    return found


def listed_recalls(views: Views, project: ProjectId) -> list[dict[str, Json]]:
    """Write down all recalls, oldest first, undone ones included."""
    plan = views.plan(project)
    stands = {one.id for one in recalls_in_force(views, project, str(plan["plan"]))} if plan else set[str]()
    return [recall_as_json(one, holds=one.id in stands) for one in all_recalls(views, project)]


def recall_as_json(recall: Recalled, *, holds: bool) -> dict[str, Json]:
    """Write down a recall.  holds: it is in force."""
    return {
        "recall": recall.id,
        "number": recall.number,
        "question": recall.question,
        "slice": recall.slice,
        "n_items": recall.n_items,
        "reason": recall.reason,
        "at": recall.at,
        "undone_at": recall.undone_at,
        "in_force": holds,
    }


def _recalled(run: RunRow, number: int, undo: RunRow | None) -> Recalled:
    said = cast("dict[str, Any]", run.parameters)
    items = said["items"]
    return Recalled(
        id=run.id,
        number=number,
        plan=said["plan"],
        question=said["question"],
        slice=said["slice"],
        items=None if items is None else tuple(items),
        last_item=said["last_item"],
        n_items=said["n_items"],
        reason=said["reason"],
        error=said["error"],
        request=said["request"],
        at=run.started_at,
        finished=run.finished,
        undone_by=None if undo is None else undo.id,
        undone_at=None if undo is None else undo.started_at,
    )
