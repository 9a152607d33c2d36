"""The assistant at the desk: who may ask about what, how often, and what is recorded of it.

Asking is refused wherever a suggestion may not be seen (yet): in calibration, audit and other blind entries, where the
policy hides suggestions, and before the first answer where they are revealed after it. All are refused in the same
words (B1, B2).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import orjson

from labelwright.domain.annotation import AssistantUse
from labelwright.domain.annotator import Annotator
from labelwright.domain.canonical import Json, commitment
from labelwright.domain.ids import ItemKey, RunId
from labelwright.domain.project import Assistant, Project
from labelwright.domain.queue import Lease
from labelwright.errors import Conflict, IdempotencyConflict, InvalidValue, LeaseLost, NotFound
from labelwright.events import AssistantAsked
from labelwright.events.assistant import use_words
from labelwright.ports.access import StoredResponse
from labelwright.ports.storage import Transaction, Views
from labelwright.ports.world import World
from labelwright.services.people.lease_token import Claim, unseal
from labelwright.services.projects.idempotency import fingerprint, once

LONGEST_QUESTION = 500
_NOT_HERE = "the assistant cannot be asked about this item now: it is for you to judge by yourself"
_BLIND = frozenset({"calibration", "audit", "spot-check", "adjudication"})


@dataclass(frozen=True, slots=True)
class Talk:
    """About which item is asked, and what this person asked and was told about it before, oldest first."""

    item: ItemKey
    earlier: tuple[tuple[str, str], ...]


def asked_so_far(tx: Transaction, project: Project, annotator: Annotator, *, lease: str) -> dict[str, Json]:
    """Give what this person has asked about the item in their hands, and how often they may still ask.

    Raises: NotFound; Conflict, where nobody may ask.
    """
    settings, row = _askable(tx, project, annotator, lease)
    return _thread(tx, project, annotator, row, settings)


def check_question(
    tx: Transaction, project: Project, annotator: Annotator, *, lease: str, question: str, key: str
) -> StoredResponse | Talk:
    """Say about which item the model is to be asked, or give the answer to the same request.

    Raises: NotFound; Conflict, where nobody may ask, or this person has asked enough; LeaseLost; InvalidValue at
    `question`; IdempotencyConflict.
    """
    known = tx.remembered(key, annotator.id)
    if known is not None:
        if known.body_hash != fingerprint(_request(project, lease, question)):
            raise IdempotencyConflict(key)
        return known
    settings, row = _askable(tx, project, annotator, lease)
    if not question.strip():
        raise InvalidValue("question", "is empty", "; say what you want to know")
    _check_left(tx, project, annotator, row, settings)
    uses = tx.assistant_uses(project.id, annotator.id, row.item, row.round)
    # What was said under another guideline would speak against this one.
    current = [one for one in uses if one.guideline_version == project.config.guideline.version]
    return Talk(row.item, tuple((one.asked, one.answer) for one in current))


def record_use(
    tx: Transaction,
    project: Project,
    annotator: Annotator,
    *,
    lease: str,
    question: str,
    told: Callable[[str], Json],
    key: str,
    world: World,
) -> StoredResponse:
    """Record what was asked and answered, once per idempotency key, and give all that was asked.

    told: `answer`, `model`, `run` and `cost_micro` of what the model said.
    Appends: AssistantAsked.
    Raises: as `check_question`; nothing that was paid for is shown where it may not be any more.
    """

    def act() -> tuple[int, bytes]:
        settings, row = _askable(tx, project, annotator, lease)
        _check_left(tx, project, annotator, row, settings)
        cost = told("cost_micro")
        use = AssistantUse(
            id=world.new_id(),
            item=row.item,
            annotator=annotator.id,
            round=row.round,
            asked=question.strip(),
            answer=str(told("answer")),
            model=str(told("model")),
            cost_micro=cost if isinstance(cost, int) else None,
            run=RunId(str(told("run"))),
            guideline_version=project.config.guideline.version,
            created_at=world.timestamp(),
        )
        kept = commitment(tx.item_salt(row.item), use_words(use))
        tx.append([AssistantAsked(project.id, use, kept)], world.provenance(run=use.run))
        return 201, orjson.dumps(_thread(tx, project, annotator, row, settings))

    request = _request(project, lease, question)
    return once(tx, key, annotator.id, request=request, now=world.now(), act=act)


def _request(project: Project, lease: str, question: str) -> list[Json]:
    return ["assistant", project.id, lease, question]


def _askable(tx: Transaction, project: Project, annotator: Annotator, token: str) -> tuple[Assistant, Lease]:
    claim = unseal(project.id, annotator.id, token)
    found = tx.held(project.id, claim.entry) if claim is not None else None
    if claim is None or found is None:
        raise NotFound("there is no such lease of yours here; take the next entry")
    row, holder, state = found
    settings = project.config.assistant
    if settings is None or not _may_see(tx, project, annotator, row, claim):
        raise Conflict(_NOT_HERE)
    if state == "done":
        raise Conflict("this entry is answered; undo that submission to ask about it")
    if row.fence != claim.fence or holder != annotator.id:
        raise LeaseLost("this entry is no longer yours; an answer would still be kept as an extra vote")
    return settings, row


def _may_see(views: Views, project: Project, annotator: Annotator, row: Lease, claim: Claim) -> bool:
    """Whether a suggestion would be seen by this person now."""
    if row.blind or row.purpose in _BLIND or project.config.policy.hides_suggestions:
        return False
    if claim.display == "after_choice":
        return bool(views.first_answers_of(project.id, annotator.id, row.item, row.round))
    return claim.display != "hidden"


def _check_left(views: Views, project: Project, annotator: Annotator, row: Lease, settings: Assistant) -> None:
    n_asked = len(views.assistant_uses(project.id, annotator.id, row.item, row.round))
    if n_asked >= settings.max_questions_per_item:
        raise Conflict(f"you have asked all {settings.max_questions_per_item} questions about this item")


def _thread(views: Views, project: Project, annotator: Annotator, row: Lease, settings: Assistant) -> dict[str, Json]:
    uses = views.assistant_uses(project.id, annotator.id, row.item, row.round)
    return {
        "thread": [{"question": one.asked, "answer": one.answer, "model": one.model} for one in uses],
        "left": max(0, settings.max_questions_per_item - len(uses)),
    }
