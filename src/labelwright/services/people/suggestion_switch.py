"""Whether people see the model's suggestions: as the policy says, or as long as they are not known to harm."""

from __future__ import annotations

from typing import Final

from labelwright.domain.project import Project
from labelwright.ports.storage import Views
from labelwright.services.projects.kept_results import newest_result

ASSIST: Final = "assist"
"""The kind of run under which measured effects of suggestions are kept."""
MOST_ANCHORING: Final = 0.2
"""Above that share of wrong suggestions taken over, review with suggestions is worse than a fresh label."""


def suggestions_are_shown(views: Views, project: Project) -> bool:
    """Say whether entries that are not blind go out with suggestions."""
    mode = project.config.policy.suggestions
    if mode != "auto":
        return mode == "shown"
    measured = newest_result(views, project.id, ASSIST)
    return measured is None or measured.report.get("harmful") is not True
