"""Who may come in (by hashes of tokens, never tokens), and what a repeated request was answered."""

from __future__ import annotations

from sqlalchemy import bindparam, delete, insert, select, tuple_, update

from labelwright.adapters.storage.access_tables import idempotency, invite, session
from labelwright.adapters.storage.database import Database
from labelwright.adapters.storage.projects import annotator_by_id
from labelwright.adapters.storage.statement import Statement, given, number
from labelwright.adapters.storage.tables import annotator
from labelwright.domain.annotator import Annotator
from labelwright.domain.ids import AnnotatorId, ProjectId
from labelwright.errors import AlreadyExists, IdempotencyConflict, NotFound
from labelwright.ports.access import Session, StoredResponse

ADD_INVITE = Statement(insert(invite).values(given(invite, "token_hash", "project", "annotator", "expires_at", "uses")))
REDEEM = Statement(
    update(invite)
    .where(
        invite.c.token_hash == bindparam("token"),
        invite.c.uses > number(0),
        invite.c.expires_at > bindparam("now"),
    )
    .values(uses=invite.c.uses - number(1))
    .returning(invite.c.project, invite.c.annotator)
)
ADD_SESSION = Statement(insert(session).values(given(session, "token_hash", "project", "annotator", "expires_at")))
SESSION = Statement(
    select(session.c.project, annotator.c.id, annotator.c.name, annotator.c.kind, annotator.c.role)
    .join_from(
        session,
        annotator,
        (annotator.c.project == session.c.project) & (annotator.c.id == session.c.annotator),
    )
    .where(session.c.token_hash == bindparam("token"), session.c.expires_at > bindparam("now"))
)
END_SESSION = Statement(delete(session).where(session.c.token_hash == bindparam("token")))
REMEMBERED = Statement(
    select(idempotency.c.body_hash, idempotency.c.status, idempotency.c.body).where(
        idempotency.c.annotator == bindparam("annotator"), idempotency.c.key == bindparam("key")
    )
)
REMEMBER = Statement(
    insert(idempotency).values(given(idempotency, "annotator", "key", "body_hash", "status", "body", "created_at"))
)
_NAMED = (idempotency.c.annotator, idempotency.c.key)
FORGET = Statement(
    delete(idempotency).where(
        tuple_(*_NAMED).in_(
            select(*_NAMED)
            .where(idempotency.c.created_at < bindparam("before"))
            .order_by(idempotency.c.created_at)
            .limit(number(8))
            .offset(number(0))
        )
    )
)
REMEMBERED_SECONDS = 7 * 86_400.0
"""How long a key is remembered at least; each new one lets a few of the older ones go."""


def add_invite(
    db: Database, token_hash: str, project: ProjectId, annotator: AnnotatorId, *, expires_at: float, uses: int
) -> None:
    """Keep an invitation for somebody who is already in the project."""
    _known(db, project, annotator)
    who = {"token_hash": token_hash, "project": project, "annotator": annotator}
    db.run(ADD_INVITE, {**who, "expires_at": expires_at, "uses": uses})


def redeem_invite(db: Database, token_hash: str, *, now: float) -> Session | None:
    """Use an invitation once; None when it is unknown, expired or used up."""
    used = db.run(REDEEM, {"token": token_hash, "now": now}).fetchall()
    if not used:
        return None
    project, annotator = used[0]
    return Session(_known(db, project, annotator), ProjectId(project))


def add_session(
    db: Database, token_hash: str, project: ProjectId, annotator: AnnotatorId, *, expires_at: float
) -> None:
    """Let a token speak for somebody."""
    _known(db, project, annotator)
    who = {"token_hash": token_hash, "project": project, "annotator": annotator}
    db.run(ADD_SESSION, {**who, "expires_at": expires_at})


def session_of(db: Database, token_hash: str, *, now: float) -> Session | None:
    """Say who a token speaks for."""
    row = db.one(SESSION, {"token": token_hash, "now": now})
    return None if row is None else Session(Annotator(AnnotatorId(row[1]), *row[2:]), ProjectId(row[0]))


def end_session(db: Database, token_hash: str) -> None:
    """Let a token speak for nobody."""
    db.run(END_SESSION, {"token": token_hash})


def remembered(db: Database, key: str, annotator: AnnotatorId) -> StoredResponse | None:
    """Give the answer that an idempotency key got."""
    row = db.one(REMEMBERED, {"key": key, "annotator": annotator})
    return None if row is None else StoredResponse(row[0], row[1], bytes(row[2]))


def remember(db: Database, key: str, annotator: AnnotatorId, response: StoredResponse, *, now: float) -> None:
    """Keep the answer for the next time the key comes, and let go of a few that nobody will ask for again."""
    db.run(FORGET, {"before": now - REMEMBERED_SECONDS})
    values = {"body_hash": response.body_hash, "status": response.status, "body": response.body, "created_at": now}
    try:
        db.run(REMEMBER, {**values, "key": key, "annotator": annotator})
    except AlreadyExists as error:
        raise IdempotencyConflict(key) from error


def _known(db: Database, project: str, annotator: str) -> Annotator:
    found = annotator_by_id(db, project, annotator)
    if found is None:
        raise NotFound(f"annotator {annotator!r} is not in this project; add them first")
    return found
