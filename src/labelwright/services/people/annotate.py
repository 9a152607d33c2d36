"""What a person does at the desk: take entries, answer, undo, skip, keep, give back.

Each function runs inside one storage transaction. `answers` are read by the task types; nothing here knows one.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import orjson

from labelwright.domain.annotation import Annotation, AnnotationStatus, FirstAnswer
from labelwright.domain.annotator import Annotator
from labelwright.domain.canonical import Json, commitment
from labelwright.domain.ids import AnnotationId, QuestionName
from labelwright.domain.project import Project, Question
from labelwright.domain.provenance import Provenance
from labelwright.domain.queue import Lease
from labelwright.errors import Conflict, InvalidValue, LeaseLost, NotFound, did_you_mean
from labelwright.events import AnnotationRetracted, AnnotationSubmitted, ItemSkipped, SuggestionRevealed
from labelwright.ports.access import StoredResponse
from labelwright.ports.storage import Transaction, Views
from labelwright.ports.world import World
from labelwright.services.people.assistance import Help, help_given
from labelwright.services.people.entry_card import entry_cards, instant, revealed_card
from labelwright.services.people.entry_content import preview, shown_content
from labelwright.services.people.lease_token import Claim, unseal
from labelwright.services.people.objections import settled_by
from labelwright.services.people.second_opinion import asked_of_a_second
from labelwright.services.people.sightings import note_seen, of_cards
from labelwright.services.projects.idempotency import once
from labelwright.tasks.registry import bind

SURPLUS_MESSAGE = (
    "Your time on this item had run out and its place was taken. Your answer is kept as an extra vote; nothing is lost."
)


def lease_next(
    tx: Transaction, project: Project, annotator: Annotator, *, count: int, world: World
) -> list[dict[str, Json]]:
    """Claim the most urgent entries this person may have; those they still hold come first. Empty: nothing is due."""
    leases = tx.claim(
        project.id,
        annotator.id,
        now=world.now(),
        lease_seconds=project.config.policy.lease_seconds,
        count=count,
    )
    return _cards(tx, project, annotator, leases, world)


def renew(tx: Transaction, project: Project, annotator: Annotator, *, lease: str, world: World) -> dict[str, Json]:
    """Keep an entry longer. Raises LeaseLost, when it ran out and somebody else has it."""
    claim, _held, _state = _claimed(tx, project, annotator, lease)
    now, seconds = world.now(), project.config.policy.lease_seconds
    if not tx.renew_entry(claim.entry, claim.fence, annotator.id, now=now, lease_seconds=seconds):
        raise LeaseLost("this entry is no longer yours to keep; an answer would still be kept as an extra vote")
    return {"lease": lease, "expires_at": instant(now + seconds)}


def release(tx: Transaction, project: Project, annotator: Annotator, *, lease: str) -> None:
    """Give an entry back unanswered; giving back twice is giving back once."""
    claim, _held, _state = _claimed(tx, project, annotator, lease)
    tx.release_entry(claim.entry, claim.fence, annotator.id)


def reveal(
    tx: Transaction,
    project: Project,
    annotator: Annotator,
    *,
    lease: str,
    answers: Mapping[str, object],
    seconds: float,
    world: World,
) -> dict[str, Json]:
    """Store a person's first answers to an entry, and give it with what the model says.

    Asked again, also after an undo, it gives the same, and the first answers stay what they were.
    Appends: SuggestionRevealed, once per person, item and round.
    Raises: NotFound; Conflict, where the entry holds nothing back or is answered; LeaseLost, when somebody else has it;
    InvalidValue at `answers.<question>`.
    """
    claim, (row, _holder), state = _claimed(tx, project, annotator, lease)
    if claim.display != "after_choice":
        raise Conflict("this entry holds no suggestion back; submit your answer")
    if state == "done":
        raise Conflict("this entry is answered; undo that submission to change it")
    if row.fence != claim.fence:
        raise LeaseLost("this entry was taken again since; your answer would still be kept as an extra vote")
    if not tx.first_answers_of(project.id, annotator.id, row.item, row.round):
        values, salt, at = checked_answers(tx, project, row, answers), tx.item_salt(row.item), world.timestamp()
        first = tuple(
            FirstAnswer(row.item, question, annotator.id, row.round, value, seconds, at)
            for question, value in values.items()
        )
        kept = tuple(commitment(salt, one.value) for one in first)
        tx.append([SuggestionRevealed(project.id, claim.entry, first, kept)], _provenance(annotator, world))
    return revealed_card(tx, project, annotator.id, row, claim)


def submit(
    tx: Transaction,
    project: Project,
    annotator: Annotator,
    *,
    lease: str,
    answers: Mapping[str, object],
    seconds: float,
    key: str,
    world: World,
    reason: str = "",
) -> StoredResponse:
    """Store one answer per question of the entry, once per idempotency key (R3).

    A question whose condition the other answers do not meet has none, one that is not required may have none: where
    there is no answer there is no annotation.

    A claim that ran out and was taken by somebody else does not lose the answer: it is kept as surplus, and the person
    is told (R5). Whether suggestions were shown is what the server itself wrote into the lease, or has revealed since.
    reason: why the person rejects the model's label, where they judge it.
    Raises: NotFound, InvalidValue at `answers.<question>`, IdempotencyConflict, Conflict when this person has already
    answered this entry.
    """

    def act() -> tuple[int, bytes]:
        claim, held, state = _claimed(tx, project, annotator, lease)
        lease_row, holder = held
        if state == "done" and holder == annotator.id:
            raise Conflict("you have already answered this entry; undo that submission to change it")
        values = checked_answers(tx, project, lease_row, answers)
        given = help_given(tx, project, annotator.id, lease=lease_row, claim=claim, said=Help(values, reason))
        submission = world.new_id()
        in_time = tx.finish_entry(claim.entry, claim.fence, annotator.id, submission)
        status: AnnotationStatus = "active" if in_time else "surplus"
        salt = tx.item_salt(lease_row.item)
        events = [
            AnnotationSubmitted(
                project.id,
                Annotation(
                    id=AnnotationId(world.new_id()),
                    item=lease_row.item,
                    question=question,
                    annotator=annotator.id,
                    round=lease_row.round,
                    purpose=lease_row.purpose,
                    value=value,
                    schema_version=project.config.schema.version,
                    guideline_version=project.config.guideline.version,
                    seconds=seconds,
                    suggestion_shown=given.was_shown[question],
                    status=status,
                    created_at=world.timestamp(),
                    submission=submission,
                    assistance=given.by_question[question],
                ),
                commitment(salt, value),
            )
            for question, value in values.items()
        ]
        second = asked_of_a_second(tx, project, lease_row, values, run=submission)
        settled = settled_by(tx, project, annotator, lease_row, values)
        tx.append([*events, *second, *settled], _provenance(annotator, world))
        tx.forget_draft(annotator.id, claim.entry)
        answer = {
            "submission": submission,
            "status": "accepted" if in_time else "surplus",
            "message": None if in_time else SURPLUS_MESSAGE,
            "progress": own_progress(tx, project, annotator),
        }
        return 201, orjson.dumps(answer)

    request = ["submit", project.id, lease, answers, seconds, *([reason] if reason else [])]
    return once(tx, key, annotator.id, request=request, now=world.now(), act=act)


def undo(
    tx: Transaction, project: Project, annotator: Annotator, *, submission: str, key: str, world: World
) -> StoredResponse:
    """Take one's own submission back; its entry, if it filled one, is leased to the same person again.

    Raises: NotFound, when this person made no such submission; Conflict, when it is taken back already.
    """

    def act() -> tuple[int, bytes]:
        rows = [row for row in tx.submission(project.id, submission) if row.annotator == annotator.id]
        if not rows:
            raise NotFound(f"you have made no submission {submission[:100]!r} here")
        if rows[0].purpose in ("bulk", "adjudication"):
            raise Conflict("this was not answered at the desk: roll it back where the items are explored")
        rows = [row for row in rows if row.status != "retracted"]
        if not rows:
            raise Conflict(f"submission {submission!r} is taken back already")
        reason = "undone by the annotator"
        events = [AnnotationRetracted(project.id, row.id, row.item, row.question, reason) for row in rows]
        tx.append(events, _provenance(annotator, world))
        seconds = project.config.policy.lease_seconds
        lease = tx.reopen_entry(submission, annotator=annotator.id, now=world.now(), lease_seconds=seconds)
        cards = _cards(tx, project, annotator, [lease] if lease else [], world)
        answer = {"entry": cards[0] if cards else None, "answers": {row.question: row.value for row in rows}}
        return 200, orjson.dumps(answer)

    request = ["undo", project.id, submission]
    return once(tx, key, annotator.id, request=request, now=world.now(), act=act)


def skip(
    tx: Transaction, project: Project, annotator: Annotator, *, lease: str, reason: str, key: str, world: World
) -> StoredResponse:
    """Pass on an entry, and say why: it goes to somebody else and never comes back to this person."""

    def act() -> tuple[int, bytes]:
        claim, (row, holder), state = _claimed(tx, project, annotator, lease)
        if state == "done" and holder == annotator.id:
            raise Conflict("you have already answered this entry; undo that submission to pass on it")
        tx.release_entry(claim.entry, claim.fence, annotator.id)
        tx.append([ItemSkipped(project.id, claim.entry, row.item, annotator.id, reason)], _provenance(annotator, world))
        tx.forget_draft(annotator.id, claim.entry)
        return 201, b"{}"

    request = ["skip", project.id, lease, reason]
    return once(tx, key, annotator.id, request=request, now=world.now(), act=act)


def my_submissions(
    views: Views, project: Project, annotator: Annotator, *, limit: int, before: int | None
) -> dict[str, Json]:
    """List one's own submissions, newest first; `next` continues the list, None at its end."""
    numbered = views.submissions(project.id, annotator.id, before=before, limit=limit)
    answered = [(name, views.submission(project.id, name)) for _, name in numbered]
    items = {item.key: item for item in views.items_by_key(project.id, [rows[0].item for _, rows in answered])}
    listed: list[Json] = [
        {
            "submission": name,
            "item": {"id": items[key].id, "preview": preview(shown_content(project, items[key]))},
            "answers": {row.question: row.value for row in rows},
            "created_at": rows[0].created_at,
        }
        for name, rows in answered
        if (key := rows[0].item) in items
    ]
    return {"submissions": listed, "next": str(numbered[-1][0]) if len(numbered) == limit else None}


def own_progress(views: Views, project: Project, annotator: Annotator) -> dict[str, int]:
    """Count what this person has done, and the entries that still wait for somebody."""
    return {
        "done_by_you": views.submission_count(project.id, annotator.id),
        "remaining": sum(counts.open + counts.leased for counts in views.queue_counts(project.id)),
    }


def _cards(
    tx: Transaction, project: Project, annotator: Annotator, leases: Sequence[Lease], world: World
) -> list[dict[str, Json]]:
    """Give the cards, and write down which labels they show."""
    cards = entry_cards(tx, project, annotator.id, leases)
    note_seen(tx, project.id, annotator.id, of_cards(leases, cards), world=world)
    return cards


def _claimed(
    tx: Transaction, project: Project, annotator: Annotator, token: str
) -> tuple[Claim, tuple[Lease, str | None], str]:
    claim = unseal(project.id, annotator.id, token)
    found = tx.held(project.id, claim.entry) if claim is not None else None
    if claim is None or found is None:
        raise NotFound("there is no such lease of yours here; take the next entry")
    lease, holder, state = found
    return claim, (lease, holder), state


def checked_answers(
    tx: Views, project: Project, lease: Lease, answers: Mapping[str, object]
) -> dict[QuestionName, Json]:
    """Read the answers to an entry, in the order of the questions.  Raises InvalidValue at `answers.<question>`."""
    for name in answers:
        if name not in lease.questions:
            raise InvalidValue(
                f"answers.{name[:100]}", "this entry does not ask it", did_you_mean(name[:100], lease.questions)
            )
    items = tx.items_by_key(project.id, [lease.item])
    content = shown_content(project, items[0]) if items else {}
    schema, values, said = project.config.schema, dict[QuestionName, Json](), dict[str, Json]()
    for name in lease.questions:
        if schema.question(name) is None:
            raise InvalidValue(
                f"answers.{name}",
                f"schema v{schema.version} no longer asks it",
                "; reload the page and take the next entry",
            )
    for question in schema.questions:
        if question.name not in lease.questions:
            continue
        if question not in schema.shown(lease.questions, said):
            _refuse_hidden(question, answers)
        elif question.required or question.name in answers:
            values[question.name] = said[str(question.name)] = _value(question, answers, content)
    if not values:
        raise InvalidValue("answers", "nothing is answered", "; answer a question, or skip the entry with a reason")
    return values


def _refuse_hidden(question: Question, answers: Mapping[str, object]) -> None:
    """An answer to a question that was not asked is a mistake of whoever sends it, and would count."""
    when = question.show_when
    if question.name in answers and when is not None:
        wanted = " or ".join(repr(value) for value in when.values)
        raise InvalidValue(
            f"answers.{question.name}", f"it is asked only where {when.question!r} is {wanted}", "; leave it out"
        )


def _value(question: Question, answers: Mapping[str, object], content: Mapping[str, Json]) -> Json:
    name = question.name
    path = f"answers.{name}"
    if name not in answers:
        raise InvalidValue(path, f"question {name!r} has no answer", "; every question of the entry needs one")
    task = bind(question)
    try:
        value = task.parse(answers[name])
        task.check_item(value, content)
        return task.dump(value)
    except InvalidValue as error:
        raise InvalidValue(f"{path}{error.path}", error.problem, error.hint) from error


def _provenance(annotator: Annotator, world: World) -> Provenance:
    return Provenance(actor=annotator.id, at=world.timestamp(), via="api", version=world.version)
