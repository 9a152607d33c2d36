"""What the newest looks at the data itself found: for the report, which computes none of it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, cast

from labelwright.domain.canonical import Json
from labelwright.domain.ids import ProjectId
from labelwright.ports.storage import Views
from labelwright.services.projects.kept_results import newest_result

DRIFT, DUPLICATES, MEMORISATION = "drift", "duplicates", "memorisation"


def soundness_sections(views: Views, project: ProjectId) -> dict[str, Json]:
    """Give `drift`, `duplicates` and `memorisation`; each is None before its command was first run.

    n_items_since: items that came after the look, of which it says nothing.
    """
    return {name: _section(views, project, name) for name in (DRIFT, DUPLICATES, MEMORISATION)}


def known_by_heart(views: Views, project: ProjectId) -> list[str]:
    """Give what the newest probe of each model says, of those that seem to know items or labels by heart."""
    newest: dict[str, Mapping[str, Any]] = {}
    for run in views.runs(project):
        if run.kind == MEMORISATION and run.finished and run.report is not None:
            newest[str(run.report["model"])] = run.report
    return [str(report["sentence"]) for report in newest.values() if report["is_suspected"]]


def _section(views: Views, project: ProjectId, kind: str) -> dict[str, Json] | None:
    kept = newest_result(views, project, kind)
    if kept is None:
        return None
    since = views.item_count(project) - cast("int", kept.parameters["n_items"])
    return {"at": kept.at, **kept.report, "n_items_since": since}
