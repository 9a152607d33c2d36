"""Small pieces of history for tests of storage, and of services on top of it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from labelwright.domain.annotation import (
    Annotation,
    AnnotationStatus,
    AssistantUse,
    NewPrediction,
    PredictionStatus,
    Purpose,
    Remark,
    RemarkKind,
)
from labelwright.domain.annotator import Annotator, AnnotatorKind
from labelwright.domain.canonical import Json, commitment, digest
from labelwright.domain.ids import AnnotationId, AnnotatorId, ItemId, ItemKey, ProjectId, QuestionName, RunId
from labelwright.domain.item import NewItem
from labelwright.domain.project import Guideline, LabelSchema, ModelSource, Policy, ProjectConfig, Question
from labelwright.domain.provenance import Provenance
from labelwright.domain.queue import NewEntry
from labelwright.events import (
    AnnotationSubmitted,
    AnnotatorAdded,
    AssistantAsked,
    Event,
    ItemRemarked,
    ItemsImported,
    ItemsRouted,
    PredictionsRecorded,
    ProjectConfigured,
    ProjectCreated,
)
from labelwright.events.assistant import use_words
from labelwright.events.remarks import remark_words
from labelwright.history.configuration import config_to_json
from labelwright.ports.calls import CallRecord
from labelwright.ports.storage import Storage, Transaction
from labelwright.tasks.registry import task_types

PROJECT = ProjectId("p1")
QUESTION = QuestionName("mood")
MODEL = "model-a"
PROVENANCE = Provenance(actor="system", at="2026-11-21T12:00:00.000Z", via="python", version="test")


def configuration(version: int = 1, *, text: str = "Label the mood.") -> ProjectConfig:
    """Give a configuration of one question."""
    question = Question(QUESTION, min(task_types()), {"labels": ["good", "bad"]})
    return ProjectConfig(
        schema=LabelSchema(1, (question,)),
        guideline=Guideline(version, text),
        policy=Policy(),
        content_fields=("text",),
        models=(ModelSource(MODEL, "http://127.0.0.1:1/v1"),),
        version=version,
    )


def configured(config: ProjectConfig, project: ProjectId = PROJECT) -> ProjectConfigured:
    """Give the event that puts a configuration in force."""
    return ProjectConfigured(
        project, config.version, config.schema.version, config.guideline.version, config_to_json(config)
    )


def new_item(number: int, project: ProjectId = PROJECT) -> NewItem:
    """Give the item of that number."""
    content: dict[str, Json] = {"text": f"text {number} of {project}"}
    salt = digest(["salt", project, number]).encode()[:16]
    return NewItem(ItemId(f"item-{number}"), content, {"n": number}, digest(content), salt)


def imported(numbers: Sequence[int], project: ProjectId = PROJECT, *, rejected: int = 0) -> ItemsImported:
    """Give the event that brings in the items of these numbers, as lines of one file."""
    items = tuple(new_item(number, project) for number in numbers)
    first, last = (numbers[0], numbers[-1]) if numbers else (0, 0)
    return ItemsImported(project, "import-1", "items.jsonl", "0" * 64, first, last, items, rejected)


def person(name: str, kind: AnnotatorKind = "human", project: ProjectId = PROJECT) -> AnnotatorAdded:
    """Give the event that adds a person."""
    return AnnotatorAdded(project, Annotator(AnnotatorId(f"id-{name}"), name, kind, "annotator"))


def begin(
    storage: Storage, *, items: int = 5, people: Sequence[str] = ("ann", "bob"), project: ProjectId = PROJECT
) -> None:
    """Make a configured project with items 1..n and people."""
    events: list[Event] = [ProjectCreated(project, f"name of {project}"), configured(configuration(), project)]
    events += [imported(range(1, items + 1), project)] if items else []
    events += [person(name, project=project) for name in people]
    append(storage, *events)


def append(storage: Storage, *events: Event) -> None:
    """Append events in a transaction of their own."""
    storage.write(lambda transaction: transaction.append(events, PROVENANCE))


def entry(
    item: int, *, slot: int = 0, purpose: Purpose = "review", priority: float = 0.0, in_round: int = 0
) -> NewEntry:
    """Give a slot for an item."""
    return NewEntry(ItemKey(item), (QUESTION,), purpose, slot, priority, purpose != "review", "because", in_round)


def queued(*entries: NewEntry, project: ProjectId = PROJECT, run: str = "route-1") -> ItemsRouted:
    """Give the event that puts entries into the queue."""
    return ItemsRouted(project, run, 1, (), entries)


def prediction(
    item: int,
    value: Json = "good",
    *,
    status: PredictionStatus = "valid",
    confidence: float | None = 0.5,
    model: str = MODEL,
    signals: Mapping[str, Json] | None = None,
    prompt: str = "prompt-1",
) -> NewPrediction:
    """Give a model's answer."""
    valid = status == "valid"
    return NewPrediction(
        item=ItemKey(item),
        question=QUESTION,
        model=model,
        status=status,
        value=value if valid else None,
        confidence=confidence if valid else None,
        confidence_kind="verbalised" if valid else None,
        signals=signals or {},
        problem=None if valid else "not a label",
        raw=None if valid else "banana",
        call_key=None,
        run=RunId("prelabel-1"),
        schema_version=1,
        guideline_version=1,
        prompt_hash=prompt,
    )


def predicted(*rows: NewPrediction, project: ProjectId = PROJECT) -> PredictionsRecorded:
    """Give the event that records predictions."""
    first = rows[0]
    return PredictionsRecorded(project, "prelabel-1", first.model, first.prompt_hash, rows)


def answer(
    transaction: Transaction,
    item: int,
    name: str,
    value: Json = "good",
    *,
    id: str,
    question: QuestionName = QUESTION,
    submission: str | None = None,
    status: AnnotationStatus = "active",
    purpose: Purpose = "review",
    in_round: int = 0,
    project: ProjectId = PROJECT,
) -> AnnotationSubmitted:
    """Give the event of a person's answer, committed to under the item's salt."""
    annotation = Annotation(
        id=AnnotationId(id),
        item=ItemKey(item),
        question=question,
        annotator=AnnotatorId(f"id-{name}"),
        round=in_round,
        purpose=purpose,
        value=value,
        schema_version=1,
        guideline_version=1,
        seconds=3.5,
        suggestion_shown=False,
        status=status,
        created_at="2026-11-21T12:00:00.000Z",
        submission=submission or f"of-{id}",
    )
    return AnnotationSubmitted(project, annotation, commitment(transaction.item_salt(ItemKey(item)), value))


def assisted(transaction: Transaction, item: int, annotator: str, *, id: str) -> AssistantAsked:
    """Give the event of a question to the assistant, committed to under the item's salt."""
    run, person = RunId(f"run-{id}"), AnnotatorId(annotator)
    made = AssistantUse(id, ItemKey(item), person, 0, "why?", "by rule 2", MODEL, 7, run, 1, "2026-01-01")
    return AssistantAsked(PROJECT, made, commitment(transaction.item_salt(ItemKey(item)), use_words(made)))


def remarked(
    transaction: Transaction, item: int, name: str, text: str = "unclear", *, id: str, kind: RemarkKind = "comment"
) -> ItemRemarked:
    """Give the event of a remark, committed to under the item's salt."""
    made = Remark(id, ItemKey(item), AnnotatorId(f"id-{name}"), kind, "", text, "2026-11-21T12:00:00.000Z")
    return ItemRemarked(PROJECT, made, commitment(transaction.item_salt(ItemKey(item)), remark_words(made)))


def say(
    storage: Storage, item: int, name: str, value: Json = "good", *, id: str, submission: str | None = None
) -> None:
    """Have a person answer, in a transaction of its own."""
    storage.write(lambda t: t.append([answer(t, item, name, value, id=id, submission=submission)], PROVENANCE))


def call(
    key: str,
    *,
    item: int = 1,
    status: str = "ok",
    cost_pico: int | None = 1_500_000,
    most_pico: int | None = None,
    text: bytes = b"{}",
    run: str = "prelabel-1",
) -> CallRecord:
    """Give a paid call."""
    return CallRecord(
        key=key,
        project=PROJECT,
        run=run,
        item=item,
        item_id=f"item-{item}",
        provider="here",
        model=MODEL,
        step=0,
        attempt=0,
        status="ok" if status == "ok" else "truncated" if status == "truncated" else "error",
        http_status=200,
        error=None if status == "ok" else "no",
        response=text,
        tokens_in=10,
        tokens_out=5,
        tokens_cached=0,
        cost_pico=cost_pico,
        latency_ms=12,
        created_at="2026-11-21T12:00:00.000Z",
        most_pico=most_pico,
    )
