"""Who may come in: invites, sessions, annotators.

No default credential and no open sign-up (S6): everybody comes with a one-time invite. Tokens are 256 random bits; only
their hashes are kept, so a copy of the database opens nothing.
"""

from __future__ import annotations

import hashlib
from base64 import urlsafe_b64encode
from dataclasses import dataclass
from itertools import count

from labelwright.domain.annotator import Annotator, AnnotatorKind, Role
from labelwright.domain.ids import AnnotatorId
from labelwright.domain.project import Project
from labelwright.errors import Conflict, InvalidValue, NotSignedIn
from labelwright.events import AnnotatorAdded
from labelwright.ports.access import Session
from labelwright.ports.storage import Transaction, Views
from labelwright.ports.world import World

DAY = 86_400.0
SESSION_SECONDS = 30 * DAY
INVITE_SECONDS = 7 * DAY
LONGEST_NAME = 100


@dataclass(frozen=True, slots=True)
class Invite:
    """A way in, shown once: the token is not kept."""

    token: str
    annotator: Annotator
    expires_at: float

    def url(self, base: str) -> str:
        """Give the link a person opens; the part after `#` never reaches a server's log."""
        return f"{base.rstrip('/')}/join#{self.token}"


@dataclass(frozen=True, slots=True)
class NewSession:
    """A session that has just begun; the token is not kept."""

    token: str
    session: Session
    expires_at: float


def invite(
    tx: Transaction,
    project: Project,
    *,
    name: str,
    world: World,
    role: Role = "annotator",
    kind: AnnotatorKind = "human",
    seconds: float = INVITE_SECONDS,
    uses: int = 1,
) -> Invite:
    """Make a one-time way in for a person, who is added when the name is new.

    Appends: AnnotatorAdded. A name that is known gets another invite to the same annotator (a second device).
    Only people come in, and simulated ones who stand in for them: a machine's vote must never count as a person's.
    Raises: InvalidValue for an unusable name or a machine; Conflict, when the name is known in another role or kind.
    """
    if kind not in ("human", "simulated"):
        raise InvalidValue("kind", f"{kind!r} annotators cannot be invited: only people label here", "; try 'human'")
    annotator = _find(tx, project, name) or _add(tx, project, name, role=role, kind=kind, world=world)
    if (annotator.role, annotator.kind) != (role, kind):
        raise Conflict(
            f"{name!r} is in project {project.name!r} already, as {annotator.kind} {annotator.role}, "
            f"not {kind} {role}; choose another name"
        )
    token = _new_token(world)
    expires_at = world.now() + seconds
    tx.add_invite(token_hash(token), project.id, annotator.id, expires_at=expires_at, uses=uses)
    return Invite(token, annotator, expires_at)


def redeem(tx: Transaction, token: str, *, world: World) -> NewSession:
    """Turn an invite into a session. Raises NotSignedIn, when it is unknown, used up or expired."""
    now = world.now()
    session = tx.redeem_invite(token_hash(token), now=now)
    if session is None:
        raise NotSignedIn("this invite is unknown, used or expired; ask for a new one")
    secret = _new_token(world)
    expires_at = now + SESSION_SECONDS
    tx.add_session(token_hash(secret), session.project, session.annotator.id, expires_at=expires_at)
    return NewSession(secret, session, expires_at)


def has_manager(views: Views, project: Project) -> bool:
    """Say whether anybody was ever invited to manage the project."""
    return any(person.role == "manager" for person in views.annotators(project.id))


def manager_name(views: Views, project: Project) -> str:
    """Give the name of the manager a server makes by itself: `manager`, or the next such name no annotator has."""
    taken = {
        person.name for person in views.annotators(project.id) if (person.role, person.kind) != ("manager", "human")
    }
    names = (f"manager-{number}" if number > 1 else "manager" for number in count(1))
    return next(name for name in names if name not in taken)


def token_hash(token: str) -> str:
    """Give what is kept of a token.

    >>> token_hash("a")[:8]
    'ca978112'
    """
    return hashlib.sha256(token.encode("utf-8", "surrogatepass")).hexdigest()


def _find(views: Views, project: Project, name: str) -> Annotator | None:
    return next((person for person in views.annotators(project.id) if person.name == name), None)


def _add(tx: Transaction, project: Project, name: str, *, role: Role, kind: AnnotatorKind, world: World) -> Annotator:
    if not name.strip() or name != name.strip() or len(name) > LONGEST_NAME or not name.isprintable():
        raise InvalidValue("name", f"{name[:40]!r} is not a name", f"; give 1 to {LONGEST_NAME} printable characters")
    annotator = Annotator(AnnotatorId(world.new_id()), name, kind, role)
    tx.append([AnnotatorAdded(project.id, annotator)], world.provenance())
    return annotator


def _new_token(world: World) -> str:
    return urlsafe_b64encode(world.random_bytes(32)).rstrip(b"=").decode()
