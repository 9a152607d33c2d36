"""Recalls for the page, made in a process of their own: they need statistics, which the server must not carry.

`python -m labelwright.server.recalls WORKSPACE PROJECT_ID ANNOTATOR_ID` does what the JSON on stdin asks for and writes
its report, or its refusal, to stdout.  A child that is killed leaves a recall that the next stage, or the same request,
finishes.
"""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Mapping
from dataclasses import asdict, replace
from importlib import import_module
from pathlib import Path
from typing import Any

import orjson

from labelwright import errors
from labelwright.domain.ids import ProjectId
from labelwright.errors import LabelwrightError, NotReady
from labelwright.ports.storage import Storage
from labelwright.ports.world import World
from labelwright.server.deps import Place

DEADLINE_SECONDS = 120
REFUSED = 3
"""The child's exit status when it says, in our own words, why not."""
_REFUSALS: Mapping[str, type[LabelwrightError]] = {
    kind.__name__: kind for kind in (errors.NotFound, errors.Conflict, errors.NotReady, errors.NotCalibrated)
}


async def ask(here: Place, asked: Mapping[str, Any]) -> dict[str, Any]:
    """Preview, recall or undo; give the report.  Raises what the service raised."""
    workspace = here.settings.workspace
    if workspace is None:
        world = replace(here.world, actor=here.annotator.id)
        return await asyncio.to_thread(act, asked, here.project.id, storage=here.storage, world=world)
    command = (sys.executable, "-m", __name__, str(workspace), here.project.id, here.annotator.id)
    pipe = asyncio.subprocess.PIPE
    child = await asyncio.create_subprocess_exec(*command, stdin=pipe, stdout=pipe, stderr=pipe)
    try:
        out, _ = await asyncio.wait_for(child.communicate(orjson.dumps(asked)), DEADLINE_SECONDS)
    except TimeoutError as error:
        child.kill()
        await child.wait()
        raise NotReady(
            "the recall takes too long for the page; what it has begun goes on with: labelwright route"
        ) from error
    if child.returncode == REFUSED:
        raise _refusal(orjson.loads(out))
    if child.returncode != 0:
        # What a traceback says may be anything; it goes nowhere (S3).
        raise NotReady("the recall could not be made; see what the command says: labelwright recall")
    return orjson.loads(out)


def act(asked: Mapping[str, Any], project: ProjectId, *, storage: Storage, world: World) -> dict[str, Any]:
    """Do what is asked.  The services are imported here, never by the server's own modules."""
    services = import_module("labelwright.services.recall")
    if asked["verb"] == "undo":
        done = services.undo_recall(project, asked["recall"], storage=storage, world=world)
    elif asked["verb"] == "preview":
        with storage.reading() as views:
            done = services.preview_recall(views, project, question=asked["question"], slice=asked["slice"])
    else:
        what = {name: asked[name] for name in ("question", "slice", "reason", "request")}
        done = services.recall(project, storage=storage, world=world, **what)
    return asdict(done)


def _refusal(said: Mapping[str, str]) -> LabelwrightError:
    if said["kind"] == errors.InvalidValue.__name__:
        return errors.InvalidValue(said["path"], said["problem"])
    return _REFUSALS.get(said["kind"], NotReady)(said["problem"])


def main(arguments: list[str]) -> None:
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
    sys.stdout.buffer.write(orjson.dumps(done))


if __name__ == "__main__":
    main(sys.argv[1:])
