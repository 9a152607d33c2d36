"""What an item is covered for until the person uncovers it."""

from __future__ import annotations

from typing import Final

from labelwright.domain.item import Item
from labelwright.domain.project import Project

LONGEST: Final = 300
PLAIN: Final = "This item may be distressing."


def warning_of(project: Project, item: Item) -> str | None:
    """Give the item's own warning, else the project's; None: it is shown at once.

    Whoever runs the project names the field. It leaves the server, with blind entries too, so it must tell no label.
    """
    spared = project.config.wellbeing
    own = None if spared.warning_field is None else item.metadata.get(spared.warning_field)
    if isinstance(own, str) and own.strip():
        return own.strip()[:LONGEST]
    if own:
        return spared.warning or PLAIN
    return spared.warning or None
