"""Which labels people have seen."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from sqlalchemy import bindparam, select

from labelwright.adapters.storage.access_tables import session
from labelwright.adapters.storage.database import Database
from labelwright.adapters.storage.ledger import Body, Row
from labelwright.adapters.storage.seen_table import seen
from labelwright.adapters.storage.statement import ListStatement, Statement, upsert
from labelwright.domain.ids import AnnotatorId, ItemKey, ProjectId, QuestionName
from labelwright.domain.sighting import EVERY_QUESTION, Sighting, Way

_COLUMNS = ("annotator", "item", "question", "way", "round", "project", "position")
SEEN_BY = ListStatement(
    lambda keys: (
        select(seen.c.item, seen.c.question, seen.c.way, seen.c.round, seen.c.position)
        .where(seen.c.annotator == bindparam("annotator"), seen.c.item.in_(keys))
        .distinct()
    )
)
SEEN_BY_EACH = Statement(select(seen.c.item, seen.c.annotator).where(seen.c.project == bindparam("project")).distinct())
HERE = Statement(
    select(session.c.annotator)
    .where(session.c.project == bindparam("project"), session.c.expires_at > bindparam("now"))
    .distinct()
)
# The first time stays: that is when the person stopped being blind.
ADD_SEEN = Statement(upsert(seen, _COLUMNS, keys=_COLUMNS[:5]))


def seen_by(db: Database, annotator: AnnotatorId, items: Sequence[ItemKey]) -> list[Sighting]:
    """Give what this person has seen of these items, first things first."""
    asked = {"annotator": annotator}
    rows = sorted(set(db.run_list(SEEN_BY, [int(item) for item in items], asked)), key=lambda row: row[4])
    return [
        Sighting(ItemKey(item), QuestionName(question), way, in_round) for item, question, way, in_round, _at in rows
    ]


def seen_by_each(db: Database, project: ProjectId) -> dict[int, frozenset[AnnotatorId]]:
    """Give who has seen something, of every item of which somebody has."""
    found: dict[int, set[AnnotatorId]] = {}
    for item, who in db.run(SEEN_BY_EACH, {"project": project}):
        found.setdefault(item, set()).add(AnnotatorId(who))
    return {item: frozenset(people) for item, people in found.items()}


def people_here(db: Database, project: ProjectId, now: float) -> frozenset[AnnotatorId]:
    """Give who is signed in."""
    return frozenset(AnnotatorId(row[0]) for row in db.run(HERE, {"project": project, "now": now}))


# ---------------------------------------------------------------- what events write


def labels_seen(db: Database, row: Row, body: Body) -> None:
    """Note what was shown."""
    _note(
        db,
        row,
        body,
        [Sighting(ItemKey(item), QuestionName(question), way, number) for item, question, way, number in body["seen"]],
    )


def seen_at_desk(db: Database, row: Row, body: Body, way: Way, questions: Iterable[str] = (EVERY_QUESTION,)) -> None:
    """Note what an event of the desk says was seen with its entry."""
    item, number = ItemKey(body["item"]), int(body["round"])
    _note(db, row, body, [Sighting(item, QuestionName(question), way, number) for question in questions])


def _note(db: Database, row: Row, body: Body, sightings: Sequence[Sighting]) -> None:
    values = {"annotator": body["annotator"], "project": body["project"], "position": row.position}
    db.run_many(
        ADD_SEEN,
        [
            {**values, "item": int(one.item), "question": one.question, "way": one.way, "round": one.round}
            for one in sightings
        ],
    )
