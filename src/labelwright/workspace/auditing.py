"""Verbs that watch what was accepted, and take it back."""

from __future__ import annotations

from typing import TYPE_CHECKING

from labelwright.domain.canonical import Json
from labelwright.workspace.trust import TrustVerbs

if TYPE_CHECKING:
    from labelwright.services.acceptance.route import RouteReport
    from labelwright.services.audits.draw_audit import DrawReport
    from labelwright.services.audits.recall import RecallPreview, RecallReport
    from labelwright.services.people.aggregate import AggregateReport


class AuditVerbs(TrustVerbs):
    """The live audit, and recalls."""

    def route(self) -> RouteReport:
        """Accept what the certificates cover, reserve the audit, queue the rest."""
        from labelwright.services.audits.recall import settle_recalls

        settle_recalls(self.id, storage=self.workspace.storage, world=self.workspace.world)
        return super().route()

    def aggregate(self) -> AggregateReport:
        """Settle the label of record of every (item, question); recall first what an alarm speaks against, if asked."""
        from labelwright.services.audits.recall import recall_on_alarm, settle_recalls

        here = self.workspace
        settle_recalls(self.id, storage=here.storage, world=here.world)
        recall_on_alarm(self.id, storage=here.storage, world=here.world)
        return super().aggregate()

    def audit(self, question: str | None = None) -> dict[str, dict[str, Json] | None]:
        """Say, per question, what the blind random sample says of the accepted labels now; None: nothing accepted."""
        from labelwright.services.audits.audit import audits
        from labelwright.services.projects.project_of import project_of

        return self._read(lambda views: audits(views, project_of(views, self.id), question))

    def draw_audit(self, n: int, *, question: str | None = None) -> DrawReport:
        """Enlarge the audit's sample by n accepted items per question, drawn at random."""
        from labelwright.services.audits.draw_audit import draw_audit

        here = self.workspace
        return draw_audit(self.id, n, storage=here.storage, world=here.world, question=question)

    def preview_recall(self, *, question: str | None = None, slice: str | None = None) -> RecallPreview:  # noqa: A002
        """Say what a recall would take back and cost; nothing is written."""
        from labelwright.services.audits.recall import preview_recall

        return self._read(lambda views: preview_recall(views, self.id, question=question, slice=slice))

    def recall(
        self,
        *,
        question: str | None = None,
        slice: str | None = None,  # noqa: A002
        reason: str = "",
        request: str | None = None,
    ) -> RecallReport:
        """Take a slice (`field=value`) of what was accepted back to people; None = all of it."""
        from labelwright.services.audits.recall import recall

        here = self.workspace
        return recall(
            self.id,
            storage=here.storage,
            world=here.world,
            question=question,
            slice=slice,
            reason=reason,
            request=request,
        )

    def undo_recall(self, recall: str) -> RecallReport:
        """Give back what a recall took, except where people have answered meanwhile.  recall: its id, or its number."""
        from labelwright.services.audits.recall import undo_recall

        return undo_recall(self.id, recall, storage=self.workspace.storage, world=self.workspace.world)

    def preview_undo(self, recall: str) -> RecallReport:
        """Give the recall that `undo_recall` would undo, as it stands; nothing is written."""
        from labelwright.services.audits.recall import preview_undo

        return self._read(lambda views: preview_undo(views, self.id, recall))

    def recalls(self) -> list[dict[str, Json]]:
        """List all recalls, oldest first, undone ones included."""
        from labelwright.services.audits.recalled import listed_recalls

        return self._read(lambda views: listed_recalls(views, self.id))
