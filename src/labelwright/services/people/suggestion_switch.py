"""How an entry shows suggestions: as the policy says, by chance, or as long as they are not known to harm."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from labelwright.domain.ids import AnnotatorId, EntryId, ProjectId
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


def display_of(views: Views, project: Project, lease: Lease, annotator: AnnotatorId) -> Drawn:
    """Say how this entry shows suggestions to that person; a blind one never does."""
    policy = project.config.policy
    if lease.blind or policy.hides_suggestions:
        return Drawn("hidden")
    mode = policy.suggestions
    if not isinstance(mode, str):
        if policy.suggestions_per == "person":
            return display_of_person(mode, project.id, policy.seed, _place(views, project.id, annotator))
        return drawn_display(mode, project.id, policy.seed, lease.entry)
    if mode != "auto":
        return Drawn(mode)
    return Drawn("hidden" if is_known_to_harm(views, project) else "shown")


def is_known_to_harm(views: Views, project: Project) -> bool:
    """Say whether the newest measurement found that showing suggestions does harm."""
    measured = newest_result(views, project.id, ASSIST)
    return measured is not None and measured.report.get("harmful") is True


def drawn_display(shares: Mapping[Display, float], project: ProjectId, seed: int, entry: EntryId) -> Drawn:
    """Draw an entry's display by its share; the same entry always draws the same.

    Nobody can foresee it: a project's id never leaves the server.
    """
    return _by_share(shares, _chance(project, f"{seed}/{entry}"))


def display_of_person(shares: Mapping[Display, float], project: ProjectId, seed: int, place: int) -> Drawn:
    """Draw a person's display by its share, for all their entries.  place: theirs among those who joined.

    Those who join one after another are drawn in blocks of as many as there are displays, each block spread over the
    shares: of two people, one shows and one hides. By itself each draw has the chance that the shares say.
    """
    size = len(shares)
    block, within = divmod(place, size)
    order = sorted(range(size), key=lambda one: _chance(project, f"{seed}/order/{block}/{one}"))
    return _by_share(shares, (order[within] + _chance(project, f"{seed}/start/{block}")) / size)


def _place(views: Views, project: ProjectId, annotator: AnnotatorId) -> int:
    people = [one.id for one in views.annotators(project) if one.kind in ("human", "simulated")]
    return people.index(annotator)


def _chance(project: ProjectId, word: str) -> float:
    drawn = hashlib.blake2b(word.encode(), key=project.encode()[:64], digest_size=8, person=b"display").digest()
    return int.from_bytes(drawn) / 2**64


def _by_share(shares: Mapping[Display, float], chance: float) -> Drawn:
    place, last = chance, Drawn("hidden")
    for display, share in shares.items():
        last = Drawn(display, round(share, 6))
        place -= share
        if place < 0:
            break
    return last
