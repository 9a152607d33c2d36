"""Who labels: a person or a machine. A machine's vote is never counted as a person's."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, TypeAlias

from labelwright.domain.ids import AnnotatorId

AnnotatorKind: TypeAlias = Literal["human", "simulated", "llm", "student"]
Role: TypeAlias = Literal["annotator", "manager"]


@dataclass(frozen=True, slots=True)
class Annotator:
    """One labeller in one project. `simulated` people stand in for people in the demonstration and say so."""

    id: AnnotatorId
    name: str
    kind: AnnotatorKind
    role: Role
