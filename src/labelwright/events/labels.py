"""Labels are renamed, merged or split, and that is taken back."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar, Literal, TypeAlias

from labelwright.domain.canonical import Json
from labelwright.domain.ids import ProjectId
from labelwright.events.base import project_stream

LabelChangeKind: TypeAlias = Literal["rename", "merge", "split"]


@dataclass(frozen=True, slots=True)
class LabelsMigrated:
    """What was said before this is read under other labels from here on; the rows stay as they were given."""

    type: ClassVar[str] = "labels-migrated"
    project: ProjectId
    change: str
    """The change's id; taking it back names it again."""
    kind: LabelChangeKind
    question: str
    task: str
    """The question's task type, which reads its values."""
    old: tuple[str, ...]
    new: tuple[str, ...]
    before: tuple[Json, ...]
    """The list of labels as it stood before."""
    version: int
    """Of the configuration that comes into force with it."""
    undone: bool = False
    """This takes the change of that id back."""
    among: str = ""
    """Which of the question's lists of labels; empty = the only one."""

    @property
    def stream(self) -> str:
        return project_stream(self.project)

    def body(self) -> dict[str, Json]:
        return {
            "project": self.project,
            "change": self.change,
            "kind": self.kind,
            "question": self.question,
            "task": self.task,
            "old": list(self.old),
            "new": list(self.new),
            "before": list(self.before),
            "version": self.version,
            "undone": self.undone,
            **({"among": self.among} if self.among else {}),
        }
