"""Verbs that say how good the labels are, and decide by it."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from labelwright import bootstrap
from labelwright.domain.canonical import Json
from labelwright.workspace.handle import Handle

if TYPE_CHECKING:
    from labelwright.services.aggregate import AggregateReport
    from labelwright.services.calibrate import CalibrationReport
    from labelwright.services.export import ExportReport
    from labelwright.services.route import RouteReport
    from labelwright.services.status import StatusReport


class TrustVerbs(Handle):
    """From votes to a data set whose quality is known."""

    def calibrate(self, *, count_missing_as_wrong: bool = False) -> CalibrationReport:
        """Plan the blind sample, or say how far it is, or issue the certificates: whatever is due."""
        from labelwright.services.calibrate import calibrate

        return calibrate(
            self.id,
            storage=self.workspace.storage,
            world=self.workspace.world,
            count_missing_as_wrong=count_missing_as_wrong,
        )

    def route(self) -> RouteReport:
        """Accept what the certificates cover, reserve the audit, queue the rest."""
        from labelwright.services.route import route

        return route(self.id, storage=self.workspace.storage, world=self.workspace.world)

    def aggregate(self) -> AggregateReport:
        """Settle the label of record of every (item, question)."""
        from labelwright.services.aggregate import aggregate

        return aggregate(self.id, storage=self.workspace.storage, world=self.workspace.world)

    def report(self) -> dict[str, Json]:
        """Say what was done and how good the labels are."""
        from labelwright.services.report import build_report

        return self._read(lambda views: build_report(views, self.id))

    def report_html(self) -> str:
        """Draw the report as one HTML file that needs nothing else."""
        from labelwright.adapters.report.project_page import project_page

        return project_page(self.report(), at=self.workspace.world.timestamp())

    def export(
        self, destination: str | Path, *, formats: Sequence[str] = ("jsonl", "csv"), guard_formulas: bool = False
    ) -> ExportReport:
        """Write the labelled data set with its provenance and manifest into a folder.

        guard_formulas: disarm CSV cells that a spreadsheet would run.
        """
        return bootstrap.export(
            self.id,
            Path(destination),
            storage=self.workspace.storage,
            world=self.workspace.world,
            formats=formats,
            guard_formulas=guard_formulas,
        )

    def status(self) -> StatusReport:
        """Say where every item stands, and what is due next."""
        from labelwright.services.status import status

        return self._read(lambda views: status(views, self.id))
