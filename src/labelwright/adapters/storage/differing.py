"""Which items are answered differently where labels were renamed since: answers are compared as they are read today."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Sequence
from typing import Any

from sqlalchemy import bindparam, select

from labelwright.adapters.storage.database import Database, read_json
from labelwright.adapters.storage.label_changes import Today, label_changes
from labelwright.adapters.storage.projection_tables import current_prediction
from labelwright.adapters.storage.projects import project_by_id
from labelwright.adapters.storage.statement import ListStatement, word
from labelwright.adapters.storage.tables import annotation, prediction
from labelwright.domain.canonical import Json, canonical_json
from labelwright.domain.ids import ItemKey, ProjectId
from labelwright.domain.project import Question
from labelwright.errors import InvalidValue
from labelwright.ports.item_search import ItemFilter
from labelwright.tasks.registry import bind

SAID = ListStatement(
    lambda keys: select(annotation.c.item, annotation.c.value, annotation.c.position).where(
        annotation.c.item.in_(keys),
        annotation.c.question == bindparam("question"),
        annotation.c.retraction.is_(None),
    )
)
PREDICTED = ListStatement(
    lambda keys: (
        select(current_prediction.c.item, prediction.c.value, prediction.c.position)
        .join(prediction, prediction.c.id == current_prediction.c.prediction)
        .where(
            current_prediction.c.item.in_(keys),
            current_prediction.c.question == bindparam("question"),
            current_prediction.c.project == bindparam("project"),
            current_prediction.c.model == bindparam("model"),
            prediction.c.status == word("valid"),
        )
    )
)


def differing_today(
    db: Database, project: ProjectId, asked: ItemFilter
) -> Callable[[Sequence[ItemKey]], set[ItemKey]] | None:
    """Give what finds the items among some that are answered differently; None where stored answers can be compared."""
    if asked.differing is None or all(one.question != asked.question for one in label_changes(db, project)):
        return None
    found = project_by_id(db, project)
    question = None if found is None else found.config.schema.question(asked.question)
    if found is None or question is None:
        return None
    today = Today(db, project)
    model = found.config.labeller or ""

    def read(rows: Sequence[Any]) -> dict[ItemKey, set[bytes]]:
        told: dict[ItemKey, set[bytes]] = defaultdict(set)
        for key, value, position in rows:
            if (text := _as_read(question, today(asked.question, read_json(value), position))) is not None:
                told[key].add(text)
        return told

    def differs(keys: Sequence[ItemKey]) -> set[ItemKey]:
        said = read(db.run_list(SAID, keys, {"question": asked.question}))
        if asked.differing == "people":
            return {key for key, values in said.items() if len(values) > 1}
        by = {"question": asked.question, "project": project, "model": model}
        predicted = read(db.run_list(PREDICTED, keys, by))
        return {key for key, values in predicted.items() if said.get(key, set[bytes]()) - values}

    return differs


def _as_read(question: Question, value: Json) -> bytes | None:
    """Give a value in the one form that equal values have; None = it says nothing under the labels in force."""
    task = bind(question)
    try:
        return canonical_json(task.dump(task.parse(value)))
    except InvalidValue:
        return None
