"""Verbs about money: what was spent, how to spend the rest, and a rehearsal before any is."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from labelwright.domain.canonical import Json
from labelwright.workspace.handle import Handle

if TYPE_CHECKING:
    from labelwright.services.costs import Grouping


class MoneyVerbs(Handle):
    """Costs, and plans."""

    def costs(self, *, by: Grouping = "kind") -> dict[str, Json]:
        """Add up what the project has cost: calls, machines, people; per label and per right label; by month."""
        from labelwright.services.costs import cost_report

        return self._read(lambda views: cost_report(views, self.id, by=by))

    def plan(self, figures: Mapping[str, object], *, question: str | None = None) -> dict[str, Json]:
        """Say how money is best spent, from the project's own figures and those given; kept for the report.

        figures: as in a world file, such as {"budget": 500}.
        """
        from labelwright.services.plan_money import plan_project

        here = self.workspace
        return plan_project(self.id, figures, storage=here.storage, world=here.world, question=question)
