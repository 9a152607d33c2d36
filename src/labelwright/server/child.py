"""Work for the page that needs statistics: done in a process of its own, since the server must not carry them.

A module that offers such work has `act(asked, project, *, storage, world)` and ends with `main(sys.argv[1:], act)`;
`python -m MODULE WORKSPACE PROJECT_ID ANNOTATOR_ID` does what the JSON on stdin asks for and writes the answer, or the
refusal, to stdout.
"""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Mapping
from dataclasses import dataclass, replace
from importlib import import_module
from pathlib import Path
from typing import Any, Protocol

import orjson

from labelwright import errors
from labelwright.domain.ids import ProjectId
from labelwright.errors import LabelwrightError, NotReady
from labelwright.ports.storage import Storage
from labelwright.ports.world import World
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
    """A module's work.  late, failed: what is said when it takes longer than `seconds`, or ends in an unknown way."""

    module: str
    act: Act
    seconds: float
    late: str
    failed: str

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
        command = (sys.executable, "-m", self.module, str(workspace), here.project.id, here.annotator.id)
        pipe = asyncio.subprocess.PIPE
        child = await asyncio.create_subprocess_exec(*command, stdin=pipe, stdout=pipe, stderr=pipe)
        try:
            out, _ = await asyncio.wait_for(child.communicate(orjson.dumps(asked)), self.seconds)
        except TimeoutError as error:
            child.kill()
            await child.wait()
            raise NotReady(self.late) from error
        if child.returncode == REFUSED:
            raise _refusal(orjson.loads(out))
        if child.returncode != 0:
            # What a traceback says may be anything; it goes nowhere (S3).
            raise NotReady(self.failed)
        return out


def main(arguments: list[str], act: Act) -> None:
    """Do what stdin asks for in a workspace's project."""
    bootstrap = import_module("labelwright.bootstrap")
    workspace, project, annotator = arguments
    asked = orjson.loads(sys.stdin.buffer.read())
    try:
        storage = bootstrap.open_workspace(Path(workspace))
        try:
            world = replace(bootstrap.real_world(via="server"), actor=annotator)
            done = act(asked, ProjectId(project), storage=storage, world=world)
        finally:
            storage.close()
    except LabelwrightError as error:
        of_value = isinstance(error, errors.InvalidValue)
        path, problem = (error.path, f"{error.problem}{error.hint}") if of_value else ("", str(error))
        sys.stdout.buffer.write(orjson.dumps({"kind": type(error).__name__, "path": path, "problem": problem}))
        raise SystemExit(REFUSED) from None
    sys.stdout.buffer.write(_written(done))


def _written(done: Mapping[str, Any]) -> bytes:
    return orjson.dumps(done, option=orjson.OPT_SERIALIZE_NUMPY)


def _refusal(said: Mapping[str, str]) -> LabelwrightError:
    if said["kind"] == errors.InvalidValue.__name__:
        return errors.InvalidValue(said["path"], said["problem"])
    return _REFUSALS.get(said["kind"], NotReady)(said["problem"])
