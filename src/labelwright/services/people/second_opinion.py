"""Where person and model answer by themselves (`cooperation: joint`) and differ, a second person is asked."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from labelwright.domain.canonical import Json
from labelwright.domain.ids import QuestionName
from labelwright.domain.project import Project
from labelwright.domain.queue import Lease, NewEntry
from labelwright.events import ItemsRouted
from labelwright.ports.storage import Views
from labelwright.services.people.assistance import differs_from_model

SECOND_OPINION: Final = "person and model differ"
_SLOT: Final = 49
"""After the votes that the policy asks for, before re-checkings and recalls: an item has one per round."""
_PRIORITY: Final = 0.95


def asked_of_a_second(
    views: Views, project: Project, lease: Lease, values: Mapping[QuestionName, Json], *, run: str
) -> list[ItemsRouted]:
    """Give the event that queues the item for a second person, blind; empty where none is needed.

    Undoing the answer leaves the question with the second person: one more vote.
    """
    is_joint = project.config.policy.cooperation == "joint" and lease.purpose == "review"
    if not is_joint or lease.reason == SECOND_OPINION:
        return []
    differing = tuple(name for name, far in differs_from_model(views, project, lease, values).items() if far)
    if not differing:
        return []
    entry = NewEntry(
        item=lease.item,
        questions=differing,
        purpose="review",
        slot=_SLOT,
        priority=_PRIORITY,
        blind=True,
        reason=SECOND_OPINION,
        round=lease.round,
    )
    return [ItemsRouted(project.id, run, project.config.version, (), (entry,))]
