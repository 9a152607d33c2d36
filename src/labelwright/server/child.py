"""Work for the page that needs statistics: done in a process of its own, since the server must not carry them.

A module that offers such work has `act(asked, project, *, storage, world)` and ends with `main(sys.argv[1:], act)`;
`python -m MODULE WORKSPACE PROJECT_ID ANNOTATOR_ID` does what the JSON on stdin asks for and writes the answer, or the
refusal, to stdout. A server that stands for long keeps processes that do (`labelwright.server.standing`).
"""

from __future__ import annotations

import asyncio
import sys
import threading
from collections.abc import Callable, Generator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

import orjson

from labelwright import errors
from labelwright.domain.ids import ProjectId
from labelwright.domain.project import Project
from labelwright.errors import LabelwrightError, NotReady
from labelwright.ports.storage import Storage
from labelwright.ports.world import World
from labelwright.services.models.desk_wait import PATIENCE_SECONDS

if TYPE_CHECKING:  # the children do without the web
    from labelwright.server.deps import Place

REFUSED = 3
"""The child's exit status when it says, in our own words, why not."""
_REFUSALS: Mapping[str, type[LabelwrightError]] = {
    kind.__name__: kind for kind in (errors.NotFound, errors.Conflict, errors.NotReady, errors.NotCalibrated)
}


class Act(Protocol):
    """What a child does.  Services are imported in it, never by the server's own modules."""

    def __call__(
        self, asked: Mapping[str, Any], project: ProjectId, *, storage: Storage, world: World
    ) -> dict[str, Any]: ...


@dataclass(frozen=True, slots=True)
class Child:
    """A module's work.

    seconds: how long it may take; of what asks a model, by the project.
    late, failed: what is said when it takes longer, or ends in an unknown way.
    asks_models: whether it waits for a model, and so is done by processes that carry no statistics.
    """

    module: str
    act: Act
    seconds: float | Callable[[Project], float]
    late: str
    failed: str
    asks_models: bool = False

    async def ask(self, here: Place, asked: Mapping[str, Any]) -> dict[str, Any]:
        """Have it done; give the answer.  Raises what the service raised."""
        return orjson.loads(await self.ask_bytes(here, asked))

    async def ask_bytes(self, here: Place, asked: Mapping[str, Any]) -> bytes:
        """Have it done; give the answer as it was written."""
        workspace = here.settings.workspace
        if workspace is None:
            world = replace(here.world, actor=here.annotator.id)
            return await asyncio.to_thread(
                lambda: _written(self.act(asked, here.project.id, storage=here.storage, world=world))
            )
        seconds = self.seconds(here.project) if callable(self.seconds) else self.seconds
        try:
            standing = here.talkers if self.asks_models else here.children
            if standing is not None:
                wanted = {"module": self.module, "project": here.project.id, "by": here.annotator.id, "asked": asked}
                status, out = await standing.ask(wanted, seconds=seconds)
            else:
                status, out = await self._once(here, workspace, asked, seconds=seconds)
        except TimeoutError as error:
            raise NotReady(self.late) from error
        if status == REFUSED:
            raise _refusal(orjson.loads(out))
        if status != 0:
            # What a traceback says may be anything; it goes nowhere (S3).
            raise NotReady(self.failed)
        return out

    async def _once(
        self, here: Place, workspace: Path, asked: Mapping[str, Any], *, seconds: float
    ) -> tuple[int, bytes]:
        command = (sys.executable, "-m", self.module, str(workspace), here.project.id, here.annotator.id)
        pipe = asyncio.subprocess.PIPE
        child = await asyncio.create_subprocess_exec(*command, stdin=pipe, stdout=pipe, stderr=pipe)
        try:
            out, _ = await asyncio.wait_for(child.communicate(orjson.dumps(asked)), seconds)
        except (TimeoutError, asyncio.CancelledError):
            child.kill()
            await child.wait()
            raise
        return child.returncode or 0, out


@contextmanager
def patience(seconds: float = PATIENCE_SECONDS) -> Generator[threading.Event]:
    """Give the event that is set when patience is at its end: what asks a model then makes no further attempt."""
    stop = threading.Event()
    timer = threading.Timer(seconds, stop.set)
    timer.daemon = True
    timer.start()
    try:
        yield stop
    finally:
        timer.cancel()


def done(wanted: Mapping[str, Any], act: Act, *, workspace: Path) -> tuple[int, bytes]:
    """Do what is wanted in a workspace's project; give the status and the answer, or the refusal in our own words.

    wanted: `project` and `by`, whose ids they are, and what is `asked`.
    """
    bootstrap = import_module("labelwright.bootstrap")
    try:
        storage = bootstrap.open_workspace(workspace)
        try:
            world = replace(bootstrap.real_world(via="server"), actor=wanted["by"])
            return 0, _written(act(wanted["asked"], ProjectId(wanted["project"]), storage=storage, world=world))
        finally:
            storage.close()
    except LabelwrightError as error:
        of_value = isinstance(error, errors.InvalidValue)
        path, problem = (error.path, f"{error.problem}{error.hint}") if of_value else ("", str(error))
        return REFUSED, orjson.dumps({"kind": type(error).__name__, "path": path, "problem": problem})


def main(arguments: list[str], act: Act) -> None:
    """Do what stdin asks for in a workspace's project."""
    workspace, project, annotator = arguments
    wanted = {"project": project, "by": annotator, "asked": orjson.loads(sys.stdin.buffer.read())}
    status, out = done(wanted, act, workspace=Path(workspace))
    sys.stdout.buffer.write(out)
    raise SystemExit(status)


def _written(done: Mapping[str, Any]) -> bytes:
    return orjson.dumps(done, option=orjson.OPT_SERIALIZE_NUMPY)


def _refusal(said: Mapping[str, str]) -> LabelwrightError:
    if said["kind"] == errors.InvalidValue.__name__:
        return errors.InvalidValue(said["path"], said["problem"])
    return _REFUSALS.get(said["kind"], NotReady)(said["problem"])
