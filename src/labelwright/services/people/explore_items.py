"""Items by how they stand, for managers: a page of rows, or all of them as lines of a table."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import cast

import orjson

from labelwright.domain.canonical import Json
from labelwright.domain.ids import QuestionName
from labelwright.domain.project import Project
from labelwright.errors import InvalidValue, did_you_mean
from labelwright.ports.item_search import FoundItem, ItemFilter
from labelwright.ports.storage import Views
from labelwright.services.models.show_item import item_text

EXCERPT = 280
CSV_HEAD = ("id", "label", "status", "route", "probability", "model_label", "answers", "flags", "comments")
_FORMULA = ("=", "+", "-", "@", "\t", "\r")


def checked_filter(project: Project, asked: ItemFilter) -> ItemFilter:
    """Fill in the question where it is not named, and hold labels against JSON.  Raises InvalidValue."""
    names = [one.name for one in project.config.schema.questions]
    question = asked.question or (names[0] if names else QuestionName(""))
    if question not in names:
        raise InvalidValue("question", f"is not asked here: {question[:100]!r}", did_you_mean(question[:100], names))
    written: dict[str, str] = {}
    for name in ("label", "predicted", "answer"):
        text = cast("str | None", getattr(asked, name))
        if text is not None:
            try:
                orjson.loads(text)
            except orjson.JSONDecodeError as error:
                raise InvalidValue(name, "is no JSON", '; write a label in quotes: "spam"') from error
            written[name] = text
    if asked.field is not None and '"' in asked.field:
        raise InvalidValue("field", "holds a quotation mark")
    return replace(asked, question=QuestionName(question), **written)


def find_page(views: Views, project: Project, asked: ItemFilter, *, after: int = 0, limit: int = 50) -> dict[str, Json]:
    """Give a page of rows; `next` continues it, None at the end."""
    return page_of(
        project, views.find_items(project.id, checked_filter(project, asked), after=after, limit=limit), limit=limit
    )


def page_of(project: Project, found: Sequence[FoundItem], *, limit: int) -> dict[str, Json]:
    """Give the rows of items that were found."""
    return {
        "items": [as_row(project, one) for one in found],
        "next": str(found[-1].item.key) if len(found) == limit else None,
    }


def as_row(project: Project, found: FoundItem) -> dict[str, Json]:
    """Give one item as a row: the beginning of its text, and how it stands."""
    text = " ".join(item_text(project.config, found.item.content)[: 4 * EXCERPT].split())
    return {
        "id": found.item.id,
        "excerpt": text if len(text) <= EXCERPT else text[: EXCERPT - 1] + "…",
        "label": found.label,
        "status": found.status,
        "route": found.route,
        "probability": found.probability,
        "predicted": found.predicted,
        "answers": found.n_answers,
        "flags": found.n_flags,
        "comments": found.n_comments,
        "waiting": found.n_waiting,
    }


def csv_lines(rows: Iterable[FoundItem]) -> str:
    """Write rows as lines of CSV; nothing in them is taken for a formula by a spreadsheet."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    for one in rows:
        cells = (
            one.item.id,
            _cell(one.label),
            one.status or "",
            one.route or "",
            "" if one.probability is None else f"{one.probability:.6g}",
            _cell(one.predicted),
            one.n_answers,
            one.n_flags,
            one.n_comments,
        )
        writer.writerow([f"'{cell}" if isinstance(cell, str) and cell.startswith(_FORMULA) else cell for cell in cells])
    return out.getvalue()


def _cell(value: Json) -> str:
    return "" if value is None else value if isinstance(value, str) else orjson.dumps(value).decode()
