"""What every verb of a project stands on."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, TypeVar

from labelwright.domain.ids import ProjectId
from labelwright.domain.project import Project

if TYPE_CHECKING:
    from labelwright.ports.storage import Views
    from labelwright.workspace import Workspace

T = TypeVar("T")


class Handle:
    """One project of one workspace."""

    def __init__(self, workspace: Workspace, project: ProjectId) -> None:
        self.workspace, self.id = workspace, project

    @property
    def config(self) -> Project:
        """The project with its configuration in force."""
        from labelwright.services.projects.project_of import project_of

        return self._read(lambda views: project_of(views, self.id))

    @property
    def name(self) -> str:
        """The project's name."""
        return self.config.name

    def _read(self, look: Callable[[Views], T]) -> T:
        with self.workspace.storage.reading() as views:
            return look(views)
