"""A person was shown labels that are not their own."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from labelwright.domain.canonical import Json
from labelwright.domain.ids import AnnotatorId, ProjectId
from labelwright.domain.sighting import Sighting


@dataclass(frozen=True, slots=True)
class LabelsSeen:
    """Labels left the server for a person's eyes. No row: what was seen stands in the body, without any label."""

    type: ClassVar[str] = "labels-seen"
    project: ProjectId
    annotator: AnnotatorId
    seen: tuple[Sighting, ...]

    @property
    def stream(self) -> str:
        return f"seen:{self.project}:{self.annotator}"

    def body(self) -> dict[str, Json]:
        return {
            "project": self.project,
            "annotator": self.annotator,
            "seen": [[int(one.item), one.question, one.way, one.round] for one in self.seen],
        }
