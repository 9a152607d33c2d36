"""The model that reviews answers after they were given (`cooperation: judge`): beside the server, in nobody's way.

An answer is acknowledged first; then, when its turn comes, a process that stands by has a model review it. What is not
reviewed when the server ends is found by the next one, which goes on with it.
"""

from __future__ import annotations

import asyncio
import contextlib
import sys
from collections import Counter
from collections.abc import Mapping, Sequence
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any

from labelwright.domain.ids import AnnotatorId, ProjectId
from labelwright.domain.objection import Objection
from labelwright.domain.project import Project
from labelwright.errors import LabelwrightError
from labelwright.ports.storage import Storage, Transaction
from labelwright.ports.world import World
from labelwright.server.child import Child, main, patience
from labelwright.services.models.desk_wait import WAIT_SECONDS, desk_wait
from labelwright.services.people.desk_reviews import is_reviewed, unreviewed
from labelwright.services.people.objections import record_objections

if TYPE_CHECKING:
    from labelwright.server.deps import Desk, Place

AT_ONCE = 2
MOST_WAITING = 200
"""More are not kept: people who label faster than the model reviews shall not pay for it with old objections."""
FAREWELL_SECONDS = 5
"""For which a server that ends waits for what is being asked."""


class DeskJudge:
    """The reviews of one server that are under way."""

    def __init__(self) -> None:
        self._turns = asyncio.Semaphore(AT_ONCE)
        self._under_way: set[asyncio.Task[None]] = set()
        self._asking: set[asyncio.Task[None]] = set()
        self._waiting: Counter[AnnotatorId] = Counter()
        self._closed = False

    def consider(self, here: Place, submission: str, *, again: bool = False) -> None:
        """Have a submission reviewed when its turn comes; does not wait.

        again: whether it waited when a server ended, and may have been reviewed meanwhile.
        """
        if self._closed or len(self._under_way) >= MOST_WAITING:
            return
        self._waiting[here.annotator.id] += 1
        task = asyncio.create_task(self._review(here, submission, again=again))
        self._under_way.add(task)
        task.add_done_callback(self._under_way.discard)

    async def resume(self, desk: Desk) -> None:
        """Go on with what waited when the last server ended."""
        with contextlib.suppress(LabelwrightError):
            for here, submission in await asyncio.to_thread(_left_over, desk):
                self.consider(here, submission, again=True)

    def waiting(self, annotator: AnnotatorId) -> int:
        """Count this person's submissions whose review is not done."""
        return self._waiting[annotator]

    async def close(self) -> None:
        """Let go of what waits: the next server goes on with it.  What is being asked, and paid, may end first."""
        self._closed = True
        for task in self._under_way - self._asking:
            task.cancel()
        if self._asking:
            await asyncio.wait(self._asking, timeout=FAREWELL_SECONDS)
        for task in self._under_way:
            task.cancel()

    async def _review(self, here: Place, submission: str, *, again: bool) -> None:
        folder = here.settings.workspace
        asked = {"submission": submission, "again": again, "workspace": None if folder is None else str(folder)}
        task = asyncio.current_task()
        assert task is not None  # noqa: S101 - it is one
        try:
            async with self._turns:
                self._asking.add(task)
                # A model that is away, or a spent budget: the run in the ledger says so, and nobody is held up.
                with contextlib.suppress(LabelwrightError):
                    await _CHILD.ask(here, asked)
        finally:
            self._asking.discard(task)
            self._waiting[here.annotator.id] -= 1


def _left_over(desk: Desk) -> list[tuple[Place, str]]:
    """Find what nobody has reviewed, with whose it is."""
    deps = import_module("labelwright.server.deps")
    found: list[tuple[Place, str]] = []
    with desk.storage.reading() as views:
        for project in views.projects():
            due = unreviewed(views, project, most=MOST_WAITING)
            people = {one.id: one for one in views.annotators(project.id)} if due else {}
            around = {"children": desk.children, "talkers": desk.talkers}
            found += [
                (deps.Place(desk.storage, desk.world, desk.settings, people[whose], project, **around), submission)
                for whose, submission in due
                if whose in people
            ]
    return found


def act(asked: Mapping[str, Any], project: ProjectId, *, storage: Storage, world: World) -> dict[str, Any]:
    """Review a submission, unless another process has it in hand."""
    folder, submission = asked["workspace"], str(asked["submission"])
    if folder is None:
        return _reviewed(asked, project, storage=storage, world=world)
    first_at = import_module("labelwright.adapters.execution.one_process").first_at
    with first_at(Path(folder) / "locks" / "desk-reviews", submission) as is_first:
        return _reviewed(asked, project, storage=storage, world=world) if is_first else {"objections": 0}


def _reviewed(asked: Mapping[str, Any], project: ProjectId, *, storage: Storage, world: World) -> dict[str, Any]:
    """Review it.  The services are imported here, never by the server's own modules."""
    service = import_module("labelwright.services.comparing.judge_submission")
    surroundings = import_module("labelwright.bootstrap.models").surroundings
    with storage.reading() as views:
        current = views.project(project)
        answers = [one for one in views.submission(project, asked["submission"]) if one.status != "retracted"]
        items = views.items_by_key(project, [one.item for one in answers[:1]])
        is_done = asked["again"] and current is not None and is_reviewed(views, current, asked["submission"])
    if current is None or not items or is_done or current.config.policy.cooperation != "judge":
        return {"objections": 0}

    def record(tx: Transaction, said: Sequence[Objection]) -> int:
        return record_objections(tx, current, said, world=world)

    with patience() as stop:
        around = surroundings(current, Path(asked["workspace"] or "."), storage=storage, world=world, stop=stop)
        found = service.review_submission(current, around, items[0], answers, record=record)
    return {"objections": len(found)}


def _wait(project: Project) -> float:
    return max(map(desk_wait, project.config.models[:1]), default=WAIT_SECONDS)


_CHILD = Child(
    "labelwright.server.desk_judge",
    act,
    seconds=_wait,
    late="the review took too long",
    failed="the review could not be made",
    asks_models=True,
)

if __name__ == "__main__":
    main(sys.argv[1:], act)
