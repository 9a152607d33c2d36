"""A certified project whose accepted labels turn out bad in one slice: in memory, or in a folder."""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from typing import Any, cast

import numpy as np

from labelwright import bootstrap
from labelwright.domain.decision import Decision
from labelwright.domain.project import ProjectConfig
from labelwright.services.acceptance.calibrate import calibrate
from labelwright.services.acceptance.certified import certified
from labelwright.services.acceptance.route import route
from labelwright.services.audits.audit import audits
from labelwright.services.audits.draw_audit import draw_audit
from labelwright.services.audits.recall import recall, undo_recall
from labelwright.services.people.aggregate import aggregate
from labelwright.services.people.manage_people import invite
from labelwright.services.projects.manage_project import apply_config
from tests.story.small_project import SmallProject, configuration


class Accepting:
    """A certified project: the model says "bad" of every fifth item, and people no longer agree with that."""

    def __init__(
        self, audit_share: float = 0.05, *, n_items: int = 900, folder: Path | None = None, routed: bool = True
    ) -> None:
        config = configuration(audit_share=audit_share, calibration_size=150)
        if folder is None:
            self.small = SmallProject.made(config, n_items=n_items, n_people=2)
        else:
            self.small = _on_disk(folder, config, n_items=n_items)
        self.keys = self.small.keys()
        self.said = {key: "bad" if place % 5 == 0 else "good" for place, key in enumerate(self.keys)}
        sure = np.linspace(0.99, 0.6, n_items)
        self.small.predict(dict(self.said), {key: float(s) for key, s in zip(self.keys, sure, strict=True)})
        self.calibrate()
        self.small.work_queue(lambda item, _q, _n: self.said[item])
        self.calibrate()
        if routed:
            self.route()

    def calibrate(self) -> None:
        calibrate(self.small.id, storage=self.small.storage, world=self.small.world)

    def route(self) -> None:
        route(self.small.id, storage=self.small.storage, world=self.small.world)

    def aggregate(self) -> None:
        aggregate(self.small.id, storage=self.small.storage, world=self.small.world)

    def answer(self, most: int, *, honest: bool = False) -> list[dict[str, Any]]:
        """People find every "bad" wrong, unless they are to agree."""
        return self.small.work_queue(lambda item, _q, _n: self.said[item] if honest else "good", most=most)

    def draw(self, n: int) -> None:
        draw_audit(self.small.id, n, storage=self.small.storage, world=self.small.world)

    def recall(self, words: str | None = "label=bad", reason: str = "people disagree") -> str:
        made = recall(self.small.id, storage=self.small.storage, world=self.small.world, slice=words, reason=reason)
        return made.recall

    def undo(self, named: str) -> None:
        undo_recall(self.small.id, named, storage=self.small.storage, world=self.small.world)

    def decisions(self) -> dict[int, Decision]:
        with self.small.storage.reading() as views:
            return {int(d.item): d for d in views.decisions(self.small.id)}

    def statuses(self) -> Counter[str]:
        with self.small.storage.reading() as views:
            return Counter(r.status for r in views.resolutions(self.small.id))

    def status_by_item(self) -> dict[int, str]:
        with self.small.storage.reading() as views:
            return {int(r.item): str(r.status) for r in views.resolutions(self.small.id)}

    def audit(self) -> dict[str, Any]:
        with self.small.storage.reading() as views:
            return cast("dict[str, Any]", audits(views, self.small.project)["tone"])

    def accepted(self) -> set[int]:
        with self.small.storage.reading() as views:
            found = certified(views, self.small.project, "tone")
        assert found is not None
        return {int(item) for item in found.pool.item[found.accepted]}

    def open_reviews(self) -> int:
        with self.small.storage.reading() as views:
            return sum(one.open for one in views.queue_counts(self.small.id) if one.purpose == "review")

    def head(self) -> int:
        with self.small.storage.reading() as views:
            return views.head().position


def _on_disk(folder: Path, config: ProjectConfig, *, n_items: int) -> SmallProject:
    world, storage = bootstrap.real_world(via="test"), bootstrap.create_workspace(folder)
    project = apply_config("small", config, storage=storage, world=world).project
    assert project is not None
    made = SmallProject(storage, world, project)
    made.add_items(n_items)
    current = made.project
    for name in ("ann", "bob"):
        made.people.append(storage.write(lambda tx, n=name: invite(tx, current, name=n, world=world)).annotator)
    return made
