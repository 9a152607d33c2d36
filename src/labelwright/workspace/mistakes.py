"""Verbs that say where the model is wrong in a system, and what to do about it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from labelwright.bootstrap import mistakes
from labelwright.workspace.handle import Handle

if TYPE_CHECKING:
    from labelwright.domain.canonical import Json
    from labelwright.services.people.requeue import RequeueReport
    from labelwright.services.soundness.slice_actions import DrawReport, RerouteReport


class MistakeVerbs(Handle):
    """From single mistakes to what they have in common."""

    def slices(self, *, by: Sequence[str] = (), q: float = 0.1, confirm: bool = False) -> dict[str, Json]:
        """Find slices in which the model is wrong more often than elsewhere, and keep them.

        by: fields to divide by; empty = all.  q: the chance that any finding of this run is false, at most.
        confirm: test earlier findings with the fresh answers there are, though more are waited for. All confirmations
        of a project share one 5%; `confirmations` says what is spent.
        """
        here = self.workspace
        return mistakes.slices(self.id, storage=here.storage, world=here.world, by=by, q=q, confirm=confirm)

    def draw_in_slice(self, finding: int, *, n: int | None = None) -> DrawReport:
        """Ask for fresh blind answers about items drawn at random inside a finding's slice.

        finding: its number in the newest list.  n: how many; None = as many as settle it.
        """
        here = self.workspace
        return mistakes.draw_in_slice(self.id, finding, storage=here.storage, world=here.world, n=n)

    def reroute_slice(self, finding: int) -> RerouteReport:
        """Send the accepted labels of a finding's slice back to people: a recall, which can be undone."""
        here = self.workspace
        return mistakes.reroute_slice(self.id, finding, storage=here.storage, world=here.world)

    def missing_labels(self, *, q: float = 0.1) -> dict[str, Json]:
        """Find groups of similar items that fit no label, which suggests that one is missing."""
        here = self.workspace
        return mistakes.missing_labels(self.id, storage=here.storage, world=here.world, q=q)

    def excerpts(self, ids: Sequence[str]) -> dict[str, str]:
        """Give the beginning of these items' texts, by their ids."""
        from labelwright.services.projects.excerpts import excerpts

        return self._read(lambda views: excerpts(views, self.id, ids))

    def recheck(self) -> dict[str, Json]:
        """Say which labels were made under an earlier guideline or prompt, and what the probe found, if one was."""
        from labelwright.services.projects.project_of import project_of
        from labelwright.services.soundness.guideline_change import survey

        return self._read(lambda views: survey(views, project_of(views, self.id)))

    def probe_change(
        self, *, n: int = 200, target: float = 0.05, progress: Callable[[int, int], None] | None = None
    ) -> dict[str, Json]:
        """Have the model label n old items anew, and foresee which other labels the change touches.

        target: largest share of labels left as they are that may change, at 95% confidence.
        """
        here = self.workspace
        return mistakes.probe_change(
            self.config, here.path, storage=here.storage, world=here.world, n=n, target=target, progress=progress
        )

    def requeue_changed(self) -> RequeueReport:
        """Queue for people what the newest probe says the change may touch."""
        from labelwright.services.people.requeue import requeue

        return requeue(self.id, storage=self.workspace.storage, world=self.workspace.world)

    def undo_requeue(self) -> RequeueReport:
        """Take what the newest re-checking asked for off the queue again."""
        from labelwright.services.people.requeue import undo_requeue

        return undo_requeue(self.id, storage=self.workspace.storage, world=self.workspace.world)
