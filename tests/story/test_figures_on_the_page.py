"""The page's figures are those of the moment: what moves without an event is told as soon as somebody looks."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from httpx import AsyncClient

from labelwright.adapters.jobs.stored_budget import StoredBudget
from labelwright.domain.project import Spending
from labelwright.ports.budget import LOST_AFTER_SECONDS
from labelwright.server.app import create_app
from labelwright.server.settings import ServerSettings
from labelwright.services.people.manage_people import invite
from tests.contract.serving import sign_in
from tests.story.small_project import SmallProject, configuration
from tests.story.test_costs import a_call

AT = "/api/v1/projects/small"
DOLLAR = 1_000_000
PICO = 1_000_000


async def get(boss: AsyncClient, page: str) -> dict[str, Any]:
    return (await boss.get(f"{AT}/{page}")).json()


async def test_paid_calls_and_a_budget_that_the_clock_alone_moves_are_told_though_no_event_was_written() -> None:
    config = replace(configuration(calibration_size=5), spending=Spending(budget=DOLLAR))
    small = SmallProject.made(config, n_items=10)
    clock = [small.world.now()]
    world = replace(small.world, now=lambda: clock[0])
    app = create_app(small.storage, world, ServerSettings(workspace=None))
    project = small.project
    asked = small.storage.write(lambda tx: invite(tx, project, name="boss", role="manager", uses=1, world=world))
    async with await sign_in(app, asked.token) as boss:
        report = await get(boss, "report")
        assert (report["calls"]["calls"], report["budget"]["spent_micro"]) == (0, 0)
        assert (await get(boss, "dashboard"))["cost"]["calls"] == 0
        head = report["ledger"]

        paid = a_call(small.id, "k1", cost_pico=7 * PICO)
        small.storage.write(lambda tx: tx.record_calls([paid]))
        report, seen = await get(boss, "report"), await get(boss, "dashboard")
        assert (report["calls"]["calls"], report["budget"]["spent_micro"], report["ledger"]) == (1, 7, head)
        assert seen["budget"]["spent_micro"] == 7

        free = a_call(small.id, "k2", cost_pico=None, status="error", response=None)
        small.storage.write(lambda tx: tx.record_calls([free]))
        assert (await get(boss, "report"))["calls"]["failed"] == 1, "a call without a price moves no budget"

        run = StoredBudget(small.storage, small.id, DOLLAR, process="killed", now=lambda: clock[0])
        run.reserve("run", 500 * PICO, at_least=1)
        for page in ("report", "dashboard"):
            assert (await get(boss, page))["budget"]["reserved_micro"] == 500
        clock[0] += LOST_AFTER_SECONDS + 1
        for page in ("report", "dashboard"):
            budget = (await get(boss, page))["budget"]
            assert (budget["reserved_micro"], budget["lost_micro"]) == (0, 500)
        assert (await get(boss, "report"))["ledger"] == head
