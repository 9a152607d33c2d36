"""Reading what a workspace holds: projects, their configurations, people and runs."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

from labelwright.domain.annotator import Annotator
from labelwright.domain.canonical import Json
from labelwright.domain.ids import ProjectId
from labelwright.domain.project import Project, ProjectConfig
from labelwright.history.label_changes import LabelChange


@dataclass(frozen=True, slots=True)
class ConfigVersion:
    """When a version of a configuration came into force, and through whom. actor: an annotator's id, or `system`."""

    version: int
    position: int
    at: str
    actor: str
    via: str


@dataclass(frozen=True, slots=True)
class RunRow:
    """A run as it stands. finished: whether its RunFinished is in the ledger."""

    id: str
    kind: str
    parameters: dict[str, Json]
    started_at: str
    finished: bool
    report: dict[str, Json] | None


class ProjectReads(Protocol):
    """What the projects are."""

    def projects(self) -> list[Project]: ...
    def project_by_name(self, name: str) -> Project | None: ...
    def project(self, project: ProjectId) -> Project | None: ...
    def config(self, project: ProjectId, version: int) -> ProjectConfig | None: ...
    def config_versions(self, project: ProjectId) -> list[ConfigVersion]:
        """Give all versions of the configuration, oldest first."""
        ...

    def label_changes(self, project: ProjectId) -> tuple[LabelChange, ...]:
        """Give how labels were renamed, merged and split, oldest first, undone changes included.

        All values that are read here say what they say today: through every change that came after them.
        """
        ...

    def annotators(self, project: ProjectId) -> list[Annotator]: ...
    def runs(self, project: ProjectId) -> list[RunRow]: ...
