"""What of an item people are shown: the fields the project names."""

from __future__ import annotations

from labelwright.domain.canonical import Json
from labelwright.domain.item import Item
from labelwright.domain.project import Project


def shown_content(project: Project, item: Item) -> dict[str, Json]:
    """Give the fields the project shows; all of them where it names none."""
    names = project.config.content_fields or tuple(item.content)
    return {name: item.content[name] for name in names if name in item.content}
