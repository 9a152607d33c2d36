"""Verbs that look at the data itself: whether it drifts, repeats itself, leaks, or is known to a model by heart."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from labelwright.bootstrap import soundness
from labelwright.workspace.handle import Handle

if TYPE_CHECKING:
    from labelwright.domain.canonical import Json
    from labelwright.methods.duplicates.shingles import Runs
    from labelwright.services.soundness.duplicates import Duplicates
    from labelwright.services.soundness.memorisation import MemorisationForecast
    from labelwright.services.soundness.memorisation_report import MemorisationReport


class SoundnessVerbs(Handle):
    """What a certificate and a gold file silently rest on."""

    def drift(self, *, since: str | None = None, batch: str | None = None) -> dict[str, Json]:
        """Compare new items with old ones, and say whether the certificate speaks of them.

        since: an import's run or file, or a date.  batch: a metadata field, each of whose values is compared with the
        rest.  Neither: what came after the certificate's sample was drawn; else the newest import.
        """
        here = self.workspace
        return soundness.drift(self.id, storage=here.storage, world=here.world, since=since, batch=batch)

    def duplicates(
        self, *, field: str = "split", runs: Runs = "characters", gold: str | Path | None = None
    ) -> Duplicates:
        """Find items that nearly repeat one another, where that leaks, and where their labels differ.

        field: of the metadata, names the sides of a split.  gold: a file of `id` and labels that measures as well.
        """
        here = self.workspace
        return soundness.duplicates(
            self.config,
            storage=here.storage,
            world=here.world,
            field=field,
            runs=runs,
            gold=None if gold is None else Path(gold),
        )

    def memorisation(
        self,
        *,
        model: str | None = None,
        limit: int = 50,
        dataset: str | None = None,
        gold: str | Path | None = None,
        progress: Callable[[int, int], None] | None = None,
    ) -> MemorisationReport:
        """Probe whether a model knows the items, or their labels, by heart.

        limit: so many items, drawn at random.  dataset: the name the data is publicly known by; None = the project's.
        gold: a file of `id` and labels; None = what people said.
        """
        here = self.workspace
        return soundness.memorisation(
            self.config,
            here.path,
            storage=here.storage,
            world=here.world,
            model=model,
            limit=limit,
            dataset=dataset,
            gold=None if gold is None else Path(gold),
            progress=progress,
        )

    def foresee_memorisation(
        self,
        *,
        model: str | None = None,
        limit: int = 50,
        dataset: str | None = None,
        gold: str | Path | None = None,
    ) -> MemorisationForecast:
        """Say what `memorisation` would ask and cost. Nothing is sent."""
        here = self.workspace
        return soundness.foresee_memorisation(
            self.config,
            here.path,
            storage=here.storage,
            world=here.world,
            model=model,
            limit=limit,
            dataset=dataset,
            gold=None if gold is None else Path(gold),
        )

    def was_probed(self) -> bool:
        """Say whether a probe for memory has been kept."""
        from labelwright.services.projects.kept_results import newest_result
        from labelwright.services.soundness.newest_looks import MEMORISATION

        return self._read(lambda views: newest_result(views, self.id, MEMORISATION)) is not None

    def known_by_heart(self) -> list[str]:
        """Say of which models the newest probe suspects that they know items or labels by heart: a sentence each."""
        from labelwright.services.soundness.newest_looks import known_by_heart

        return self._read(lambda views: known_by_heart(views, self.id))
