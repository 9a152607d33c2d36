"""How an entry shows suggestions: as the policy says, by chance, or as long as they are not known to harm."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from labelwright.domain.ids import EntryId, ProjectId
from labelwright.domain.project import Display, Project
from labelwright.domain.queue import Lease
from labelwright.ports.storage import Views
from labelwright.services.projects.kept_results import newest_result

ASSIST: Final = "assist"
"""The kind of run under which measured effects of suggestions are kept."""
MOST_ANCHORING: Final = 0.2
"""Above that share of wrong suggestions taken over, review with suggestions is worse than a fresh label."""


@dataclass(frozen=True, slots=True)
class Drawn:
    """How an entry goes out.  probability: with which this display was drawn; None = it was not left to chance."""

    display: Display
    probability: float | None = None


def display_of(views: Views, project: Project, lease: Lease) -> Drawn:
    """Say how this entry shows suggestions; a blind one never does."""
    policy = project.config.policy
    if lease.blind or policy.hides_suggestions:
        return Drawn("hidden")
    mode = policy.suggestions
    if not isinstance(mode, str):
        return drawn_display(mode, project.id, policy.seed, lease.entry)
    if mode != "auto":
        return Drawn(mode)
    measured = newest_result(views, project.id, ASSIST)
    return Drawn("hidden" if measured is not None and measured.report.get("harmful") is True else "shown")


def drawn_display(shares: Mapping[Display, float], project: ProjectId, seed: int, entry: EntryId) -> Drawn:
    """Draw an entry's display by its share; the same entry always draws the same.

    Nobody can foresee it: a project's id never leaves the server.
    """
    word = f"{seed}/{entry}".encode()
    drawn = int.from_bytes(hashlib.blake2b(word, key=project.encode()[:64], digest_size=8, person=b"display").digest())
    place, last = drawn / 2**64, Drawn("hidden")
    for display, share in shares.items():
        last = Drawn(display, round(share, 6))
        place -= share
        if place < 0:
            break
    return last
