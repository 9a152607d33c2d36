"""The beginning of items' texts, for people who look at examples."""

from __future__ import annotations

from collections.abc import Sequence

from labelwright.domain.ids import ProjectId
from labelwright.ports.storage import Views
from labelwright.services.models.show_item import item_text
from labelwright.services.projects.project_of import project_of

_CHARACTERS = 72


def excerpts(views: Views, project: ProjectId, ids: Sequence[str]) -> dict[str, str]:
    """Give one line of each item, by its id; ids that are no items are left out."""
    config = project_of(views, project).config
    wanted = set(ids)
    keys = [key for key, name in views.item_ids(project).items() if str(name) in wanted]
    items = views.items_by_key(project, keys) if keys else []
    return {str(item.id): excerpt(item_text(config, item.content)) for item in items}


def excerpt(text: str) -> str:
    r"""Give a text's beginning as one line.

    >>> excerpt("a\n  b")
    'a b'
    """
    line = " ".join(text[: 4 * _CHARACTERS].split())
    return line if len(line) <= _CHARACTERS else line[: _CHARACTERS - 1] + "…"
