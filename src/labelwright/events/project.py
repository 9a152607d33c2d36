"""A project comes to be, is configured, and people join it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from labelwright.domain.annotator import Annotator
from labelwright.domain.canonical import Json
from labelwright.domain.ids import ProjectId
from labelwright.events.base import project_stream


@dataclass(frozen=True, slots=True)
class ProjectCreated:
    """A name is taken."""

    type: ClassVar[str] = "project-created"
    project: ProjectId
    name: str

    @property
    def stream(self) -> str:
        return project_stream(self.project)

    def body(self) -> dict[str, Json]:
        return {"project": self.project, "name": self.name}


@dataclass(frozen=True, slots=True)
class ProjectConfigured:
    """A new version of schema, guideline and policy is in force. The configuration itself is in the body."""

    type: ClassVar[str] = "project-configured"
    project: ProjectId
    version: int
    schema_version: int
    guideline_version: int
    config: dict[str, Json]
    """The whole configuration as JSON (see `history.configuration`)."""

    @property
    def stream(self) -> str:
        return project_stream(self.project)

    def body(self) -> dict[str, Json]:
        return {
            "project": self.project,
            "version": self.version,
            "schema_version": self.schema_version,
            "guideline_version": self.guideline_version,
            "config": self.config,
        }


@dataclass(frozen=True, slots=True)
class AnnotatorAdded:
    """A person or machine may label here. The name stays in its own table."""

    type: ClassVar[str] = "annotator-added"
    project: ProjectId
    annotator: Annotator

    @property
    def stream(self) -> str:
        return project_stream(self.project)

    def body(self) -> dict[str, Json]:
        who = self.annotator
        return {"project": self.project, "annotator": who.id, "kind": who.kind, "role": who.role}
