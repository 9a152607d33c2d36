"""Items of a project to look at and to take as examples: with their labels, and whether they may be one.

What certifies, audits or compares must not be learnt from: neither by a model nor by people who read the guideline.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import cast

from labelwright.domain.canonical import Json
from labelwright.domain.item import Item
from labelwright.domain.project import Project
from labelwright.errors import InvalidValue
from labelwright.ports.storage import Views
from labelwright.services.models.demonstrations import reserved_items
from labelwright.services.people.by_themselves import individual
from labelwright.services.people.consensus import consensus, readable
from labelwright.services.people.entry_card import shown_content
from labelwright.services.projects.project_of import project_of
from labelwright.tasks.registry import bind

_CHUNK = 1000
_MOST_READ = 20_000
_KEPT_APART = "it is in a random sample that certifies, audits or compares"


def items_apart(views: Views, project: Project) -> set[int]:
    """Give the items of every sample that calibrates, audits or serves as gold, past ones and open ones included."""
    plan = views.plan(project.id)
    apart = reserved_items(views, project)
    apart |= set() if plan is None else {int(key) for key in cast("list[int]", plan["items"])}
    for purpose in ("calibration", "audit"):
        apart |= {int(one.item) for one in views.annotations(project.id, purpose=purpose)}
        apart |= {item for item, _question in views.queued(project.id, purpose)}
    return apart


def found_items(views: Views, project: Project, *, search: str = "", label: str = "", limit: int = 20) -> Json:
    """Give items as the page shows them, each with what people say of it and why it may not be an example.

    search: part of the id or of what is shown, whatever the case.  label: one that people have given.
    """
    apart = items_apart(views, project)
    said = _said(views, project)
    wanted, found = search.casefold().strip(), list[Json]()
    for item in _items(views, project):
        labels = said.get(int(item.key), {})
        content = shown_content(project, item)
        if wanted and wanted not in f"{item.id} {content}".casefold():
            continue
        if label and not any(label in (value if isinstance(value, list) else [value]) for value in labels.values()):
            continue
        kept_apart = int(item.key) in apart
        found.append(
            {
                "id": item.id,
                "content": content,
                "labels": {} if kept_apart else labels,
                "why_not": _KEPT_APART if kept_apart else None,
            }
        )
        if len(found) == limit:
            break
    return found


def check_examples(views: Views, project: Project, items: tuple[str, ...]) -> None:
    """Refuse examples from a sample that is kept apart.  Raises: InvalidValue, with the place in project.yaml."""
    if not items:
        return
    current = project_of(views, project.id)
    apart = items_apart(views, current)
    keys = {str(id): key for key, id in views.item_ids(project.id).items()}
    for place, name in enumerate(items):
        if keys.get(name) in apart:
            raise InvalidValue(f"examples.items[{place}]", f"item {name!r} cannot be an example: {_KEPT_APART}")


def _items(views: Views, project: Project) -> Iterator[Item]:
    after, read = 0, 0
    while read < _MOST_READ and (chunk := views.items(project.id, after=after, limit=_CHUNK)):
        yield from chunk
        after, read = int(chunk[-1].key), read + len(chunk)


def _said(views: Views, project: Project) -> dict[int, dict[str, Json]]:
    found: dict[int, dict[str, Json]] = {}
    for question in project.config.schema.questions:
        task = bind(question)
        for item, told in consensus(
            task, readable(task, individual(views.annotations(project.id, question=question.name)))
        ).items():
            if not told.is_tied:
                found.setdefault(int(item), {})[question.name] = told.value
    return found
