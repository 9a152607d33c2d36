"""Find the project a verb is about."""

from __future__ import annotations

from labelwright.domain.ids import ProjectId
from labelwright.domain.project import Project
from labelwright.errors import NotFound
from labelwright.ports.storage import Views


def project_of(views: Views, project: ProjectId) -> Project:
    """Give the project with the configuration in force. Raises NotFound."""
    found = views.project(project)
    if found is None:
        raise NotFound(f"there is no project {project!r} in this workspace; `labelwright status` lists them")
    return found
