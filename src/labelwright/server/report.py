"""The report for the page: made in a process of its own, kept until the ledger moves.

Statistics need scipy, which the server must not carry: so a short-lived process makes the report and hands over bytes.
`python -m labelwright.server.report WORKSPACE PROJECT_ID` is that process.
"""

from __future__ import annotations

import asyncio
import sys
from importlib import import_module
from pathlib import Path

import orjson

from labelwright.domain.ids import ProjectId
from labelwright.errors import LabelwrightError, NotReady
from labelwright.ports.storage import Storage
from labelwright.server.deps import Place

DEADLINE_SECONDS = 60
NOT_YET = 3
"""The child's exit status when it says, in our own words, why there is no report."""


class ReportShelf:
    """Reports by project, each with the ledger's head it was made from; one is made at a time."""

    def __init__(self) -> None:
        self._made: dict[str, tuple[str, bytes]] = {}
        self._making = asyncio.Lock()

    async def get(self, here: Place) -> bytes:
        """Give the report of the present head, made now if need be."""
        async with self._making:
            head = here.read(lambda views: views.head()).hash
            kept = self._made.get(here.project.id)
            if kept is not None and kept[0] == head:
                return kept[1]
            made = await _make(here)
            self._made[here.project.id] = (head, made)
            return made


async def _make(here: Place) -> bytes:
    workspace = here.settings.workspace
    if workspace is None:
        return await asyncio.to_thread(report_bytes, here.storage, here.project.id)
    command = (sys.executable, "-m", __name__, str(workspace), here.project.id)
    pipe = asyncio.subprocess.PIPE
    child = await asyncio.create_subprocess_exec(*command, stdout=pipe, stderr=pipe)
    try:
        out, said = await asyncio.wait_for(child.communicate(), DEADLINE_SECONDS)
    except TimeoutError as error:
        child.kill()
        await child.wait()
        raise NotReady("the report takes too long for the page; make it with: labelwright report") from error
    if child.returncode == NOT_YET:
        raise NotReady(f"the report cannot be made yet: {said.decode(errors='replace').strip()}")
    if child.returncode != 0:
        # What a traceback says may be anything; it goes nowhere (S3). The command shows it to whoever runs it.
        raise NotReady("the report could not be made; see what the command says: labelwright report")
    return out


def report_bytes(storage: Storage, project: ProjectId) -> bytes:
    """Make the report. Its statistics are imported here, never by the server's own modules."""
    build_report = import_module("labelwright.services.projects.report").build_report
    with storage.reading() as views:
        return orjson.dumps(build_report(views, project), option=orjson.OPT_SERIALIZE_NUMPY)


def main(arguments: list[str]) -> None:
    """Write the report of a workspace's project to stdout."""
    bootstrap = import_module("labelwright.bootstrap")
    workspace, project = arguments
    try:
        storage = bootstrap.open_workspace(Path(workspace))
        try:
            sys.stdout.buffer.write(report_bytes(storage, ProjectId(project)))
        finally:
            storage.close()
    except LabelwrightError as error:
        sys.stderr.write(str(error))
        raise SystemExit(NOT_YET) from None


if __name__ == "__main__":
    main(sys.argv[1:])
