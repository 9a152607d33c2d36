"""Verbs about money: what was spent, how to spend the rest, and a rehearsal before any is."""

from __future__ import annotations

from typing import TYPE_CHECKING

from labelwright.domain.canonical import Json
from labelwright.workspace.handle import Handle

if TYPE_CHECKING:
    from labelwright.services.costs import Grouping


class MoneyVerbs(Handle):
    """Costs, plans."""

    def costs(self, *, by: Grouping = "kind") -> dict[str, Json]:
        """Add up what the project has cost: calls, machines, people; per label and per right label; by month."""
        from labelwright.services.costs import cost_report

        return self._read(lambda views: cost_report(views, self.id, by=by))
