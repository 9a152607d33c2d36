"""Verbs about money: what was spent, how to spend the rest, and a rehearsal before any is."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING

from labelwright.domain.canonical import Json
from labelwright.workspace.handle import Handle

if TYPE_CHECKING:
    from labelwright.services.money.costs import Grouping


class MoneyVerbs(Handle):
    """Costs, plans, rehearsals."""

    def costs(self, *, by: Grouping = "kind") -> dict[str, Json]:
        """Add up what the project has cost: calls, machines, people; per label and per right label; by month."""
        from labelwright.services.money.costs import cost_report

        return self._read(lambda views: cost_report(views, self.id, by=by))

    def plan(self, figures: Mapping[str, object], *, question: str | None = None) -> dict[str, Json]:
        """Say how money is best spent, from the project's own figures and those given; kept for the report.

        figures: as in a world file, such as {"budget": 500}.
        """
        from labelwright.services.money.plan_money import plan_project

        here = self.workspace
        return plan_project(self.id, figures, storage=here.storage, world=here.world, question=question)

    def simulate(
        self,
        figures: Mapping[str, object],
        *,
        seeds: Sequence[int] = (1, 2, 3),
        progress: Callable[[int, int], None] | None = None,
    ) -> dict[str, Json]:
        """Rehearse this project on made-up items, by its policy and its own figures and those given.

        Nothing is sent and nothing of the project changes.
        """
        from labelwright.bootstrap.rehearsal import rehearse
        from labelwright.services.money.plan_money_measured import measured_project

        project = self.config
        measured = self._read(lambda views: measured_project(views, project))
        return rehearse(figures, seeds=seeds, project=project, measured=measured, progress=progress)
