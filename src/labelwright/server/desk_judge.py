"""The model that reviews answers after they were given (`cooperation: judge`): beside the server, in nobody's way.

An answer is acknowledged first; then, when its turn comes, a process that stands by has a model review it. What is not
reviewed when the server ends stays unreviewed (`labelwright judge` reviews everything there is).
"""

from __future__ import annotations

import asyncio
import contextlib
import sys
import threading
from collections import Counter
from collections.abc import Mapping
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any

from labelwright.domain.ids import AnnotatorId, ProjectId
from labelwright.errors import LabelwrightError
from labelwright.ports.storage import Storage
from labelwright.ports.world import World
from labelwright.server.child import Child, main
from labelwright.services.people.objections import record_objections

if TYPE_CHECKING:
    from labelwright.server.deps import Place

AT_ONCE = 2
MOST_WAITING = 200
"""More are not kept: people who label faster than the model reviews shall not pay for it with old objections."""
PATIENCE_SECONDS = 40
DEADLINE_SECONDS = 60


class DeskJudge:
    """The reviews of one server that are under way."""

    def __init__(self) -> None:
        self._turns = asyncio.Semaphore(AT_ONCE)
        self._under_way: set[asyncio.Task[None]] = set()
        self._waiting: Counter[AnnotatorId] = Counter()

    def consider(self, here: Place, submission: str) -> None:
        """Have a submission reviewed when its turn comes; does not wait."""
        if len(self._under_way) >= MOST_WAITING:
            return
        self._waiting[here.annotator.id] += 1
        task = asyncio.create_task(self._review(here, submission))
        self._under_way.add(task)
        task.add_done_callback(self._under_way.discard)

    def waiting(self, annotator: AnnotatorId) -> int:
        """Count this person's submissions whose review is not done."""
        return self._waiting[annotator]

    def close(self) -> None:
        """Let go of what is not reviewed."""
        for task in self._under_way:
            task.cancel()

    async def _review(self, here: Place, submission: str) -> None:
        folder = here.settings.workspace
        asked = {"submission": submission, "workspace": None if folder is None else str(folder)}
        try:
            async with self._turns:
                # A model that is away, or a spent budget: the run in the ledger says so, and nobody is held up.
                with contextlib.suppress(LabelwrightError):
                    await _CHILD.ask(here, asked)
        finally:
            self._waiting[here.annotator.id] -= 1


def act(asked: Mapping[str, Any], project: ProjectId, *, storage: Storage, world: World) -> dict[str, Any]:
    """Review a submission.  The services are imported here, never by the server's own modules."""
    service = import_module("labelwright.services.comparing.judge_submission")
    surroundings = import_module("labelwright.bootstrap.models").surroundings
    with storage.reading() as views:
        current = views.project(project)
        answers = [one for one in views.submission(project, asked["submission"]) if one.status != "retracted"]
        items = views.items_by_key(project, [one.item for one in answers[:1]])
    if current is None or not items or current.config.policy.cooperation != "judge":
        return {"objections": 0}
    stop = threading.Event()
    patience = threading.Timer(PATIENCE_SECONDS, stop.set)
    patience.daemon = True
    patience.start()
    try:
        around = surroundings(current, Path(asked["workspace"] or "."), storage=storage, world=world, stop=stop)
        found = service.review_submission(current, around, items[0], answers)
    finally:
        patience.cancel()
    return {"objections": storage.write(lambda tx: record_objections(tx, current, found, world=world))}


_CHILD = Child(
    "labelwright.server.desk_judge",
    act,
    seconds=DEADLINE_SECONDS,
    late="the review took too long",
    failed="the review could not be made",
    asks_models=True,
)

if __name__ == "__main__":
    main(sys.argv[1:], act)
