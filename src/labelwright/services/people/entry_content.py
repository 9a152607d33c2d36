"""What of an item people are shown: the fields the project names."""

from __future__ import annotations

from collections.abc import Mapping

from labelwright.domain.canonical import Json
from labelwright.domain.item import Item
from labelwright.domain.project import Project

PREVIEW_CHARACTERS = 120


def shown_content(project: Project, item: Item) -> dict[str, Json]:
    """Give the fields the project shows; all of them where it names none."""
    names = project.config.content_fields or tuple(item.content)
    return {name: item.content[name] for name in names if name in item.content}


def preview(content: Mapping[str, Json]) -> str:
    """Give the beginning of the first text, on one line."""
    text = next((value for value in content.values() if isinstance(value, str)), "")
    line = " ".join(text[: 4 * PREVIEW_CHARACTERS].split())
    return line if len(line) <= PREVIEW_CHARACTERS else line[: PREVIEW_CHARACTERS - 1] + "…"
