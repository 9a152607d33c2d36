"""A person has asked the assistant about an item."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from labelwright.domain.annotation import AssistantUse
from labelwright.domain.canonical import Json
from labelwright.domain.ids import ProjectId
from labelwright.events.base import label_stream


def use_words(use: AssistantUse) -> list[Json]:
    """Give what the event's commitment covers: both texts may quote the item, so the ledger holds none of them."""
    return [use.asked, use.answer]


@dataclass(frozen=True, slots=True)
class AssistantAsked:
    """A question and its answer. Row: the use; the body commits to its words."""

    type: ClassVar[str] = "assistant-asked"
    project: ProjectId
    use: AssistantUse
    commitment: str

    @property
    def stream(self) -> str:
        return label_stream(self.project, self.use.item, "*")

    def body(self) -> dict[str, Json]:
        u = self.use
        return {
            "project": self.project,
            "use": u.id,
            "item": u.item,
            "annotator": u.annotator,
            "round": u.round,
            "model": u.model,
            "cost_micro": u.cost_micro,
            "run": u.run,
            "guideline_version": u.guideline_version,
            "created_at": u.created_at,
            "commitment": self.commitment,
        }
