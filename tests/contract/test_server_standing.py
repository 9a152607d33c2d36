"""What the page asks of statistics is done by processes that stand by, and nothing is lost when one of them goes."""

from __future__ import annotations

import asyncio
import os
import signal
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest

from labelwright.server.child import REFUSED
from labelwright.server.standing import FAILED, StandingChildren
from tests.story.accepting_project import Accepting

BOSS = "boss"


@asynccontextmanager
async def standing(folder: Path) -> AsyncIterator[tuple[StandingChildren, str]]:
    """Give the processes over a certified project's workspace, and the project's id."""
    small = Accepting(n_items=250, folder=folder, routed=False).small
    children = StandingChildren(folder)
    try:
        yield children, small.id
    finally:
        await children.close()
        small.storage.close()


def wanted(project: str, module: str = "cockpit", **asked: Any) -> dict[str, Any]:  # noqa: ANN401 - JSON
    return {"module": f"labelwright.server.{module}", "project": project, "by": BOSS, "asked": asked}


def processes() -> set[int]:
    """Give the processes that this one has started and that live."""
    children = Path(f"/proc/self/task/{os.getpid()}/children").read_text(encoding="ascii")
    return {int(one) for one in children.split()}


async def test_one_process_does_one_thing_after_another_and_ends_with_the_server(tmp_path: Path) -> None:
    before = processes()
    async with standing(tmp_path) as (children, project):
        children.warm()
        for _ in range(3):
            status, out = await children.ask(wanted(project, verb="dashboard"), seconds=60)
            assert (status, out[:1], out[-1:]) == (0, b"{", b"}")
            assert len(processes() - before) == 1
        status, out = await children.ask(wanted(project, module="report"), seconds=60)
        assert (status, b'"n_items":250' in out) == (0, True)
    assert processes() == before


async def test_a_refusal_comes_in_our_own_words_and_a_fault_says_nothing(tmp_path: Path) -> None:
    async with standing(tmp_path) as (children, project):
        status, out = await children.ask(wanted(project, verb="apply", plan="another"), seconds=60)
        assert status == REFUSED
        assert b"the sample is another" in out
        assert await children.ask(wanted(project, verb="no such thing"), seconds=60) == (FAILED, b"")
        assert (await children.ask(wanted(project, verb="dashboard"), seconds=60))[0] == 0


async def test_what_is_killed_or_late_is_replaced(tmp_path: Path) -> None:
    before = processes()
    async with standing(tmp_path) as (children, project):
        with pytest.raises(TimeoutError):
            await children.ask(wanted(project, verb="dashboard"), seconds=0.001)
        assert processes() == before
        assert (await children.ask(wanted(project, verb="dashboard"), seconds=60))[0] == 0
        (child,) = processes() - before
        os.kill(child, signal.SIGKILL)
        await asyncio.sleep(0.2)
        # Dead before it is asked, or found dead while it is: told as a fault at most once.
        statuses = [(await children.ask(wanted(project, verb="dashboard"), seconds=60))[0] for _ in range(2)]
        assert statuses[-1] == 0
        assert child not in processes()
