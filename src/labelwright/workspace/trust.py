"""Verbs that say how good the labels are, and decide by it."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from labelwright import bootstrap
from labelwright.domain.canonical import Json
from labelwright.workspace.handle import Handle

if TYPE_CHECKING:
    from labelwright.adapters.formats.croissant import Publication
    from labelwright.ports.sinks import ExportedFile
    from labelwright.services.acceptance.calibrate import CalibrationReport
    from labelwright.services.acceptance.check_certificate import CheckedCertificate
    from labelwright.services.acceptance.route import RouteReport
    from labelwright.services.card.card_check import CardCheck
    from labelwright.services.people.aggregate import AggregateReport
    from labelwright.services.people.assist_checks import AssistChecks
    from labelwright.services.projects.export import ExportReport
    from labelwright.services.projects.status import StatusReport


class TrustVerbs(Handle):
    """From votes to a data set whose quality is known."""

    def calibrate(self, *, count_missing_as_wrong: bool = False, new_pool: bool = False) -> CalibrationReport:
        """Plan the blind sample, or say how far it is, or issue the certificates: whatever is due.

        new_pool: draw a new sample, where items came after the pool was frozen.
        """
        from labelwright.services.acceptance.calibrate import calibrate

        return calibrate(
            self.id,
            storage=self.workspace.storage,
            world=self.workspace.world,
            count_missing_as_wrong=count_missing_as_wrong,
            new_pool=new_pool,
        )

    def check_certificates(self) -> list[CheckedCertificate]:
        """Compute every certificate again from the ledger, and say whether the same comes out."""
        from labelwright.services.acceptance.check_certificate import check_certificates

        return self._read(lambda views: check_certificates(views, self.id))

    def route(self) -> RouteReport:
        """Accept what the certificates cover, reserve the audit, queue the rest."""
        from labelwright.services.acceptance.route import route

        return route(self.id, storage=self.workspace.storage, world=self.workspace.world)

    def aggregate(self) -> AggregateReport:
        """Settle the label of record of every (item, question)."""
        from labelwright.services.people.aggregate import aggregate

        return aggregate(self.id, storage=self.workspace.storage, world=self.workspace.world)

    def report(self) -> dict[str, Json]:
        """Say what was done and how good the labels are."""
        from labelwright.services.projects.report import build_report

        return self._read(lambda views: build_report(views, self.id, now=self.workspace.world.now()))

    def report_html(self) -> str:
        """Draw the report as one HTML file that needs nothing else."""
        from labelwright.adapters.report.project_page import project_page

        return project_page(self.report(), at=self.workspace.world.timestamp())

    def export(
        self,
        destination: str | Path,
        *,
        formats: Sequence[str] = ("jsonl", "csv"),
        guard_formulas: bool = False,
        weights: bool = False,
        about: Publication | None = None,
    ) -> ExportReport:
        """Write the labelled data set with its provenance, its card and a manifest into a folder.

        guard_formulas: disarm CSV cells that a spreadsheet would run.  weights: write also each item's chance of being
        drawn, and pseudo-outcomes for analysts.  about: licence, address and creator, for the card.
        """
        return bootstrap.export(
            self.id,
            Path(destination),
            storage=self.workspace.storage,
            world=self.workspace.world,
            formats=formats,
            guard_formulas=guard_formulas,
            weights=weights,
            about=about,
            media=self.workspace.path,
        )

    def card(self) -> dict[str, Json]:
        """Say what the labels are worth, and what every figure rests on: the data-set card."""
        from labelwright.services.card.card import build_card

        return self._read(lambda views: build_card(views, self.id))

    def write_card(
        self, folder: str | Path, *, formats: Sequence[str] | None = None, about: Publication | None = None
    ) -> dict[str, ExportedFile]:
        """Write the card into a folder, beside what was exported there, if anything; give its files.

        formats: of `json`, `html`, `croissant` and `datasheet`; None = all that can be.
        """
        return bootstrap.write_card(self.id, Path(folder), storage=self.workspace.storage, formats=formats, about=about)

    def check_card(self, folder: str | Path) -> CardCheck:
        """Say whether a folder's files are as they were written, and what the card would say today."""
        return bootstrap.check_card(Path(folder), storage=self.workspace.storage, project=self.id)

    def status(self) -> StatusReport:
        """Say where every item stands, and what is due next."""
        from labelwright.services.projects.status import status

        return self._read(lambda views: status(views, self.id, now=self.workspace.world.now()))

    def alt_test(self, *, epsilon: float = 0.15, by: str | None = None, least_items: int = 30) -> dict[str, Json]:
        """Test whether the model may replace the annotators, and keep the result. For the arguments see the command."""
        from labelwright.services.people.replacement import check_replacement

        here = self.workspace
        return check_replacement(
            self.id, storage=here.storage, world=here.world, epsilon=epsilon, by=by, least_items=least_items
        )

    def assist(self) -> dict[str, Json]:
        """Measure what showing suggestions does to people, and keep the result."""
        from labelwright.services.people.assist import measure_assist

        return measure_assist(self.id, storage=self.workspace.storage, world=self.workspace.world)

    def ask_assist_checks(self, n: int) -> AssistChecks:
        """Ask people again about `n` items whose truth is known, half with the suggestion in view."""
        from labelwright.services.people.assist_checks import ask_checks

        return ask_checks(self.id, n, storage=self.workspace.storage, world=self.workspace.world)
