"""What people have begun to answer: kept until it is submitted, skipped or emptied."""

from __future__ import annotations

import json

from sqlalchemy import bindparam, delete, select

from labelwright.adapters.storage.database import Database, json_text
from labelwright.adapters.storage.draft_table import draft
from labelwright.adapters.storage.statement import Statement, upsert
from labelwright.domain.ids import AnnotatorId, EntryId
from labelwright.domain.queue import Draft

_COLUMNS = ("annotator", "entry", "answers", "seconds", "saved_at")
_MINE = (draft.c.annotator == bindparam("me"), draft.c.entry == bindparam("of_entry"))
KEEP_DRAFT = Statement(upsert(draft, _COLUMNS, keys=("annotator", "entry"), update=("answers", "seconds", "saved_at")))
DRAFT = Statement(select(draft.c.answers, draft.c.seconds).where(*_MINE))
FORGET_DRAFT = Statement(delete(draft).where(*_MINE))


def keep(db: Database, annotator: AnnotatorId, entry: EntryId, kept: Draft, *, now: float) -> None:
    """Keep a draft in the place of the one before."""
    values = {"answers": json_text(kept.answers), "seconds": kept.seconds, "saved_at": now}
    db.run(KEEP_DRAFT, {"annotator": annotator, "entry": entry, **values})


def kept(db: Database, annotator: AnnotatorId, entry: EntryId) -> Draft | None:
    """Give what this person had begun."""
    row = db.one(DRAFT, {"me": annotator, "of_entry": entry})
    return None if row is None else Draft(json.loads(row[0]), row[1])


def forget(db: Database, annotator: AnnotatorId, entry: EntryId) -> None:
    """Let go of it."""
    db.run(FORGET_DRAFT, {"me": annotator, "of_entry": entry})
