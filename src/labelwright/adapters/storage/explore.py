"""Items by how they stand: one statement per set of conditions, compiled once; pages by key, never by offset."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from functools import lru_cache
from typing import Any

from sqlalchemy import Select, Text, and_, bindparam, exists, func, or_, select
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql import ColumnElement
from sqlalchemy.sql.elements import BindParameter
from sqlalchemy.sql.functions import GenericFunction

from labelwright.adapters.storage.database import Database, json_text, read_json
from labelwright.adapters.storage.differing import differing_today
from labelwright.adapters.storage.label_changes import Today, label_changes
from labelwright.adapters.storage.projection_tables import current_decision, current_prediction, current_resolution
from labelwright.adapters.storage.projects import project_by_id
from labelwright.adapters.storage.queue_table import queue
from labelwright.adapters.storage.remark_table import remark
from labelwright.adapters.storage.statement import ListStatement, Statement, number, word
from labelwright.adapters.storage.tables import annotation, decision, item, prediction, resolution
from labelwright.domain.ids import ItemId, ItemKey, ProjectId
from labelwright.domain.item import Item
from labelwright.history.label_changes import LabelChange, values_given
from labelwright.ports.item_search import FoundItem, ItemFilter

_MOST_FIELDS = 20
_LOOKED_AT = 1_000
"""So many items at a time are compared as they are read today."""


class json_member(GenericFunction[str]):  # noqa: N801 - a function of SQL
    """The text of one member of a JSON object that is stored as text; `true` and `false` as such."""

    type = Text()
    inherit_cache = True
    name = "json_member"


@compiles(json_member, "sqlite")  # pyright: ignore[reportUntypedFunctionDecorator, reportUnknownMemberType]
def _sqlite_member(element: Any, compiler: Any, **options: Any) -> str:  # noqa: ANN401 - SQLAlchemy's own
    column, name = (compiler.process(part, **options) for part in element.clauses)
    path = f"('$.\"' || {name} || '\"')"
    boolean = f"json_type({column}, {path}) IN ('true', 'false')"
    return f"CASE WHEN {boolean} THEN json_type({column}, {path}) ELSE CAST(json_extract({column}, {path}) AS TEXT) END"


@compiles(json_member, "postgresql")  # pyright: ignore[reportUntypedFunctionDecorator, reportUnknownMemberType]
def _postgresql_member(element: Any, compiler: Any, **options: Any) -> str:  # noqa: ANN401 - SQLAlchemy's own
    column, name = (compiler.process(part, **options) for part in element.clauses)
    return f"(CAST({column} AS JSON) ->> {name})"


def _given(name: str) -> BindParameter[Any]:
    return bindparam(name)


_PROJECT, _QUESTION = _given("project"), _given("question")
_ESCAPE = "\\"
_answer = annotation.alias("answer")
_other = annotation.alias("other")


def _holds(value: ColumnElement[Any], at: ColumnElement[int], name: str, n_names: int) -> ColumnElement[bool]:
    """Whether a stored JSON value is this one, or has it among its members.

    at: where it came.  n_names: as so many names it may have been given, each in a stretch of its own; 0 = as its own.
    """
    if not n_names:
        return or_(value == _given(name), value.like(_given(f"{name}_within"), escape=_ESCAPE))
    stretches = (
        (f"{name}_{i}", at >= _given(f"{name}_{i}_from"), at < _given(f"{name}_{i}_to")) for i in range(n_names)
    )
    return or_(*(and_(since, until, _holds(value, at, named, 0)) for named, since, until in stretches))


def _answered(*conditions: ColumnElement[bool]) -> ColumnElement[bool]:
    stands = (_answer.c.item == item.c.key, _answer.c.question == _QUESTION, _answer.c.retraction.is_(None))
    return exists(select(number(1)).select_from(_answer).where(*stands, *conditions))


def _remarked(*conditions: ColumnElement[bool]) -> ColumnElement[bool]:
    return exists(
        select(number(1))
        .select_from(remark)
        .where(remark.c.item == item.c.key, remark.c.withdrawn.is_(None), *conditions)
    )


def _queued(*conditions: ColumnElement[bool]) -> ColumnElement[bool]:
    return exists(select(number(1)).select_from(queue).where(queue.c.item == item.c.key, *conditions))


_people_differ = _answered(
    exists(
        select(number(1))
        .select_from(_other)
        .where(
            _other.c.item == _answer.c.item,
            _other.c.question == _answer.c.question,
            _other.c.retraction.is_(None),
            _other.c.value != _answer.c.value,
        )
    )
)
_WAITS = queue.c.state != word("done")

# Each condition has a name; a filter is a set of names.
_CONDITIONS: Mapping[str, Callable[[int], ColumnElement[bool]]] = {
    "status": lambda _: resolution.c.status == _given("status"),
    "status none": lambda _: resolution.c.id.is_(None),
    "route": lambda _: decision.c.route == _given("route"),
    "label": lambda n: _holds(resolution.c.value, resolution.c.position, "label", n),
    "predicted": lambda n: _holds(prediction.c.value, prediction.c.position, "predicted", n),
    "answer": lambda n: _answered(_holds(_answer.c.value, _answer.c.position, "answer", n)),
    "annotator": lambda _: _answered(_answer.c.annotator == _given("annotator")),
    "annotator answer": lambda n: _answered(
        _answer.c.annotator == _given("annotator"), _holds(_answer.c.value, _answer.c.position, "answer", n)
    ),
    "since": lambda _: _answered(_answer.c.created_at >= _given("since")),
    "until": lambda _: _answered(_answer.c.created_at < _given("until")),
    "since until": lambda _: _answered(_answer.c.created_at >= _given("since"), _answer.c.created_at < _given("until")),
    "least": lambda _: decision.c.probability >= _given("least"),
    "most": lambda _: decision.c.probability <= _given("most"),
    "noted flag": lambda _: _remarked(remark.c.kind == word("flag")),
    "noted comment": lambda _: _remarked(remark.c.kind == word("comment")),
    "noted any": lambda _: _remarked(),
    "differing people": lambda _: _people_differ,
    "differing model": lambda _: and_(prediction.c.id.is_not(None), _answered(_answer.c.value != prediction.c.value)),
    "waiting open": lambda _: _queued(queue.c.state == word("open")),
    "waiting leased": lambda _: _queued(queue.c.state == word("leased")),
    "waiting none": lambda _: ~_queued(_WAITS),
    "metadata": lambda _: json_member(item.c.metadata, _given("field")) == _given("value"),
    "has field": lambda _: json_member(item.c.metadata, _given("field")).is_not(None),
    "unanswered": lambda _: and_(
        ~_answered(),
        ~_queued(_WAITS, queue.c.blind == number(1)),
        or_(decision.c.route.is_(None), decision.c.route.not_in([word("calibration"), word("audit")])),
    ),
}


def _text(n_fields: int) -> ColumnElement[bool]:
    found = [func.lower(item.c.id).like(_given("text"), escape=_ESCAPE)]
    found += [
        func.lower(json_member(item.c.content, _given(f"content_{place}"))).like(_given("text"), escape=_ESCAPE)
        for place in range(n_fields)
    ]
    return or_(*found)


@lru_cache(maxsize=500)
def statement(names: tuple[str, ...], n_fields: int, n_keys: int, *, bare: bool, n_names: int = 0) -> Statement:
    """Give the statement for a set of conditions.

    n_fields: content fields that are searched for the text, -1 = none is.  n_keys: items it is among, 0 = any.
    bare: keys alone.  n_names: as so many names what is looked for may have been given, 0 = as it is called.
    """
    # One chain of left joins: a join in parentheses would be made whole, for all items, before the first is looked at.
    joined = (
        item.outerjoin(
            current_resolution,
            and_(
                current_resolution.c.project == item.c.project,
                current_resolution.c.item == item.c.key,
                current_resolution.c.question == _QUESTION,
            ),
        )
        .outerjoin(resolution, resolution.c.id == current_resolution.c.resolution)
        .outerjoin(
            current_decision,
            and_(
                current_decision.c.project == item.c.project,
                current_decision.c.question == _QUESTION,
                current_decision.c.item == item.c.key,
            ),
        )
        .outerjoin(decision, decision.c.id == current_decision.c.decision)
        .outerjoin(
            current_prediction,
            and_(
                current_prediction.c.project == item.c.project,
                current_prediction.c.question == _QUESTION,
                current_prediction.c.model == _given("model"),
                current_prediction.c.item == item.c.key,
            ),
        )
        .outerjoin(
            prediction,
            and_(prediction.c.id == current_prediction.c.prediction, prediction.c.status == word("valid")),
        )
    )
    wanted: Select[Any] = select(item.c.key)
    if not bare:
        wanted = wanted.add_columns(
            item.c.id,
            item.c.content,
            item.c.metadata,
            item.c.content_hash,
            resolution.c.value,
            resolution.c.status,
            decision.c.route,
            decision.c.probability,
            prediction.c.value,
            resolution.c.position,
            prediction.c.position,
        )
    where: list[ColumnElement[bool]] = [item.c.project == _PROJECT, item.c.key > _given("after")]
    where += [_CONDITIONS[name](n_names) for name in names]
    if n_fields >= 0:
        where.append(_text(n_fields))
    if n_keys:
        where.append(item.c.key.in_([_given(f"among_{place}") for place in range(n_keys)]))
    return Statement(
        wanted.select_from(joined).where(*where).order_by(item.c.key).limit(_given("limit")).offset(number(0))
    )


# Every condition at once, so that each is tried on both databases.
EVERYTHING = statement(tuple(_CONDITIONS), 2, 3, bare=False)
RENAMED = statement(("label", "predicted", "annotator answer"), -1, 0, bare=True, n_names=4)
PLAIN = statement((), -1, 0, bare=True)

_of_keys = annotation.c.item
COUNT_ANSWERS = ListStatement(
    lambda keys: (
        select(_of_keys, func.count())
        .where(_of_keys.in_(keys), annotation.c.question == _QUESTION, annotation.c.retraction.is_(None))
        .group_by(_of_keys)
    )
)
COUNT_REMARKS = ListStatement(
    lambda keys: (
        select(remark.c.item, remark.c.kind, func.count())
        .where(remark.c.item.in_(keys), remark.c.withdrawn.is_(None))
        .group_by(remark.c.item, remark.c.kind)
    )
)
COUNT_WAITING = ListStatement(
    lambda keys: select(queue.c.item, func.count()).where(queue.c.item.in_(keys), _WAITS).group_by(queue.c.item)
)


def find(db: Database, project: ProjectId, asked: ItemFilter, after: int, limit: int) -> list[FoundItem]:
    """Give a page of items with how they stand."""
    rows = _found(db, project, asked, after=after, limit=limit, bare=False)
    keys = [row[0] for row in rows]
    answers = dict(db.run_list(COUNT_ANSWERS, keys, {"question": asked.question}))
    remarks = {(key, kind): n for key, kind, n in db.run_list(COUNT_REMARKS, keys, {})}
    waiting = dict(db.run_list(COUNT_WAITING, keys, {}))
    today = Today(db, project)
    return [
        FoundItem(
            item=Item(ItemKey(row[0]), ItemId(row[1]), read_json(row[2]), read_json(row[3]), row[4]),
            label=None if row[5] is None else today(asked.question, read_json(row[5]), row[10]),
            status=row[6],
            route=row[7],
            probability=row[8],
            predicted=None if row[9] is None else today(asked.question, read_json(row[9]), row[11]),
            is_predicted=row[9] is not None,
            n_answers=answers.get(row[0], 0),
            n_flags=remarks.get((row[0], "flag"), 0),
            n_comments=remarks.get((row[0], "comment"), 0),
            n_waiting=waiting.get(row[0], 0),
        )
        for row in rows
    ]


def keys(db: Database, project: ProjectId, asked: ItemFilter, limit: int) -> list[ItemKey]:
    """Give the keys of what matches."""
    return [ItemKey(row[0]) for row in _found(db, project, asked, after=0, limit=limit, bare=True)]


def _found(
    db: Database, project: ProjectId, asked: ItemFilter, *, after: int, limit: int, bare: bool
) -> list[tuple[Any, ...]]:
    differs = differing_today(db, project, asked)
    if differs is None:
        return _rows(db, project, asked, after=after, limit=limit, bare=bare)
    # Whether answers differ as they are read today, SQL cannot say: it gives those that could.
    found: list[tuple[Any, ...]] = []
    possible = replace(asked, differing=None)
    while len(found) < limit:
        rows = _rows(db, project, possible, after=after, limit=_LOOKED_AT, bare=bare)
        wanted = differs([row[0] for row in rows])
        found += [row for row in rows if row[0] in wanted]
        if len(rows) < _LOOKED_AT:
            break
        after = rows[-1][0]
    return found[:limit]


def _rows(
    db: Database, project: ProjectId, asked: ItemFilter, *, after: int, limit: int, bare: bool
) -> list[tuple[Any, ...]]:
    found = project_by_id(db, project)
    config = None if found is None else found.config
    fields = () if config is None else tuple(name for name in config.content_fields if '"' not in name)[:_MOST_FIELDS]
    names, values = _conditions(asked)
    if asked.text is not None:
        values["text"] = f"%{_escaped(asked.text.lower())}%"
        values |= {f"content_{place}": name for place, name in enumerate(fields)}
    n_keys = 0
    if asked.keys:
        n_keys = next(size for size in (1, 16, 64, 256, 512) if size >= min(len(asked.keys), 512))
        among = [*asked.keys[:512], *([asked.keys[-1]] * (n_keys - len(asked.keys[:512])))]
        values |= {f"among_{place}": key for place, key in enumerate(among)}
    n_names = _as_given(label_changes(db, project), asked, values)
    n_fields = len(fields) if asked.text is not None else -1
    asking = statement(tuple(names), n_fields, n_keys, bare=bare, n_names=n_names)
    model = "" if config is None else config.labeller or ""
    values |= {"project": project, "question": asked.question, "model": model, "after": after, "limit": limit}
    return db.run(asking, values).fetchall()


def _conditions(asked: ItemFilter) -> tuple[list[str], dict[str, Any]]:
    by_whom, said = asked.annotator is not None, asked.answer is not None
    begins, ends = asked.since is not None, asked.until is not None
    is_field, is_value = asked.field is not None, asked.value is not None
    applies = {
        "status none": asked.status == "none",
        "status": asked.status not in (None, "none"),
        "route": asked.route is not None,
        "label": asked.label is not None,
        "predicted": asked.predicted is not None,
        "annotator answer": by_whom and said,
        "annotator": by_whom and not said,
        "answer": said and not by_whom,
        "since until": begins and ends,
        "since": begins and not ends,
        "until": ends and not begins,
        "least": asked.least_probability is not None,
        "most": asked.most_probability is not None,
        f"noted {asked.noted}": asked.noted is not None,
        f"differing {asked.differing}": asked.differing is not None,
        f"waiting {asked.waiting}": asked.waiting is not None,
        "metadata": is_field and is_value,
        "has field": is_field and not is_value,
        "unanswered": asked.unanswered,
    }
    values: dict[str, Any] = {
        name: getattr(asked, name)
        for name in ("status", "route", "annotator", "since", "until", "field", "value")
        if getattr(asked, name) is not None
    }
    values |= {"least": asked.least_probability, "most": asked.most_probability}
    for name in ("label", "predicted", "answer"):
        text = getattr(asked, name)
        if text is not None:
            values |= {name: text, f"{name}_within": f"%{_escaped(text)}%"}
    return [name for name, does in applies.items() if does], values


def _as_given(changes: Sequence[LabelChange], asked: ItemFilter, values: dict[str, Any]) -> int:
    """Say as what the labels looked for were given, by name and place of the ledger; 0 = as they are called today."""
    sought = {name: json.loads(values[name]) for name in ("label", "predicted", "answer") if name in values}
    if not sought or all(one.question != asked.question for one in changes):
        return 0
    given_as = {name: values_given(changes, asked.question, label) for name, label in sought.items()}
    most = max(map(len, given_as.values()))
    size = next(size for size in (4, 16, 64, 256, 1024, most) if size >= most)
    for name, stretches in given_as.items():
        # What was never called so is found nowhere.
        padded = [*stretches, *([(sought[name], 0, 0)] * (size - len(stretches)))]
        for i, (label, begin, end) in enumerate(padded):
            text = values[name] if label == sought[name] else json_text(label)
            of_this = {"": text, "_within": f"%{_escaped(text)}%", "_from": begin, "_to": end}
            values |= {f"{name}_{i}{what}": value for what, value in of_this.items()}
        del values[name], values[f"{name}_within"]
    return size


def _escaped(text: str) -> str:
    for sign in (_ESCAPE, "%", "_"):
        text = text.replace(sign, _ESCAPE + sign)
    return text
