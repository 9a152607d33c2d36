"""Where a model judges answers at the desk (`cooperation: judge`): what it says against one, and what becomes of that.

The answer is submitted and counts; the review comes later and holds nobody up. Whoever is shown an objection keeps the
answer, or takes it back and gives another: both are recorded, the first stays in the history, and the other one is
never blind. Only what is reviewed openly is judged: nothing in calibration, audit, spot checks and the blind share.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import orjson

from labelwright.domain.annotator import Annotator
from labelwright.domain.canonical import Json, commitment
from labelwright.domain.ids import QuestionName
from labelwright.domain.objection import Objection, Settled
from labelwright.domain.project import Project
from labelwright.domain.queue import Lease
from labelwright.domain.sighting import Sighting
from labelwright.errors import Conflict, InvalidValue, NotFound
from labelwright.events import AnswerObjected, ObjectionSettled
from labelwright.events.objections import objection_words
from labelwright.ports.access import StoredResponse
from labelwright.ports.storage import Transaction, Views
from labelwright.ports.world import World
from labelwright.services.people.entry_content import preview, shown_content
from labelwright.services.people.lease_token import unseal
from labelwright.services.people.remarks import by_person
from labelwright.services.projects.idempotency import once
from labelwright.tasks.registry import bind


def is_judged(views: Views, project: Project, annotator: Annotator, lease: str) -> bool:
    """Say whether an answer to that entry of theirs is reviewed by a model."""
    if project.config.policy.cooperation != "judge" or not project.config.models:
        return False
    claim = unseal(project.id, annotator.id, lease)
    found = None if claim is None else views.held(project.id, claim.entry)
    return found is not None and found[0].purpose == "review" and not found[0].blind


def record_objections(tx: Transaction, project: Project, found: Sequence[Objection], *, world: World) -> int:
    """Write down what a model says against answers that still stand; give how many that are.

    Appends: AnswerObjected, once per answer.
    """
    known = {one.annotation for one in tx.objections(project.id)}
    events = [
        AnswerObjected(project.id, one, commitment(tx.item_salt(one.item), objection_words(one)))
        for one in found
        if one.annotation not in known and _stands(tx, one)
    ]
    if events:
        tx.append(events, world.provenance(run=found[0].run))
    return len(events)


def open_objections(views: Views, project: Project, annotator: Annotator) -> list[Objection]:
    """Give what was said against this person's answers that stand, where they have not said what they do about it."""
    mine = [one for one in views.objections(project.id, annotator.id) if one.settled is None]
    return [one for one in mine if project.config.schema.question(one.question) is not None and _stands(views, one)]


def as_cards(views: Views, project: Project, objections: Sequence[Objection]) -> list[Json]:
    """Give objections as the person sees them, newest first."""
    items = {item.key: item for item in views.items_by_key(project.id, [one.item for one in objections])}
    told: list[Json] = []
    for one in reversed(objections):
        answer = views.annotation(one.annotation)
        item = items.get(one.item)
        if answer is not None and item is not None:
            told.append(
                {
                    "id": one.id,
                    "submission": one.submission,
                    "item": {"id": item.id, "preview": preview(shown_content(project, item))},
                    "question": one.question,
                    "answer": answer.value,
                    "reason": one.reason,
                    "evidence": list(one.evidence),
                    "model": one.model,
                    "at": one.created_at,
                }
            )
    return told


def of_objections(objections: Sequence[Objection]) -> list[Sighting]:
    """Give what objections tell of labels: the model would not have answered so."""
    return [Sighting(one.item, one.question, "objection", one.round) for one in objections]


def keep_answer(
    tx: Transaction, project: Project, annotator: Annotator, *, objection: str, key: str, world: World
) -> StoredResponse:
    """Keep one's answer in spite of an objection.

    Appends: ObjectionSettled.  Raises: NotFound; Conflict, when it is settled, or the answer is taken back.
    """

    def act() -> tuple[int, bytes]:
        found = next((one for one in tx.objections(project.id, annotator.id) if one.id == objection), None)
        if found is None:
            raise NotFound(f"there is no objection {objection[:100]!r} to an answer of yours")
        if found.settled is not None:
            raise Conflict("you have said already what you do about this objection")
        if not _stands(tx, found):
            raise Conflict("the answer it is about is taken back; answer the item again")
        tx.append([_settled(project, found, "kept")], by_person(annotator, world))
        return 200, orjson.dumps({"objection": found.id, "settled": "kept"})

    return once(tx, key, annotator.id, request=["objection", project.id, objection], now=world.now(), act=act)


def settled_by(
    views: Views, project: Project, annotator: Annotator, lease: Lease, values: Mapping[QuestionName, Json]
) -> list[ObjectionSettled]:
    """Give what answering an entry again says of the objections to the answers before."""
    said: list[ObjectionSettled] = []
    for one in views.objections(project.id, annotator.id, item=lease.item):  # of hundreds, as a person labels on
        is_here = one.round == lease.round and one.question in lease.questions
        if one.settled is None and is_here:
            said.append(_settled(project, one, _what_was_done(views, project, one, values)))
    return said


def _what_was_done(views: Views, project: Project, one: Objection, values: Mapping[QuestionName, Json]) -> Settled:
    answer, question = views.annotation(one.annotation), project.config.schema.question(one.question)
    if one.question not in values or answer is None or question is None:
        return "withdrawn"
    task = bind(question)
    try:
        is_same = task.distance(task.parse(answer.value), task.parse(values[one.question])) == 0
    except InvalidValue:  # said under an older schema
        is_same = False
    return "kept" if is_same else "changed"


def _stands(views: Views, one: Objection) -> bool:
    answer = views.annotation(one.annotation)
    return answer is not None and answer.status != "retracted"


def _settled(project: Project, one: Objection, how: Settled) -> ObjectionSettled:
    return ObjectionSettled(project.id, one.id, one.item, one.question, how)
