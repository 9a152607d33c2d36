"""How far a project is: everybody sees counts, managers see where they are."""

from __future__ import annotations

from labelwright.domain.annotator import Annotator
from labelwright.domain.canonical import Json
from labelwright.domain.project import Project
from labelwright.ports.storage import Views
from labelwright.services.people.annotate import own_progress


def progress(views: Views, project: Project, annotator: Annotator) -> dict[str, Json]:
    """Count items, labels and queue; per purpose and status for managers alone (B2: the sizes tell what is a check)."""
    counts = views.queue_counts(project.id)
    answer: dict[str, Json] = {
        "n_items": views.item_count(project.id),
        "labels": views.label_count(project.id),
        **own_progress(views, project, annotator),
    }
    if annotator.role == "manager":
        rows = [{"purpose": c.purpose, "open": c.open, "leased": c.leased, "done": c.done} for c in counts]
        return {**answer, "queue": rows, "resolved": views.resolution_counts(project.id)}
    total = {
        "purpose": None,
        "open": sum(c.open for c in counts),
        "leased": sum(c.leased for c in counts),
        "done": sum(c.done for c in counts),
    }
    return {**answer, "queue": [total], "resolved": None}
