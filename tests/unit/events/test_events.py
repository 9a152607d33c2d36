"""Bodies hold ids, counts and commitments; never an item's content and never a person's answer."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable

import pytest

from labelwright import events
from labelwright.adapters.storage.projections import RECORD, SHOW
from labelwright.domain.annotation import Annotation, AssistantUse, FirstAnswer, Remark
from labelwright.domain.annotator import Annotator
from labelwright.domain.canonical import canonical_json, commitment
from labelwright.domain.decision import Decision, Resolution
from labelwright.domain.ids import AnnotationId, AnnotatorId, EntryId, ItemId, ItemKey, ProjectId, QuestionName, RunId
from labelwright.domain.item import NewItem
from labelwright.domain.objection import Objection
from labelwright.domain.sighting import Sighting
from labelwright.events import (
    AnnotationRetracted,
    AnnotationSubmitted,
    AnnotatorAdded,
    AnswerObjected,
    AssistantAsked,
    AuditReserved,
    CalibrationPlanned,
    CertificateIssued,
    Event,
    Exported,
    ItemRemarked,
    ItemsImported,
    ItemSkipped,
    ItemsResolved,
    ItemsRouted,
    LabelRestored,
    LabelsMigrated,
    LabelsSeen,
    ObjectionSettled,
    PredictionsRecorded,
    ProjectConfigured,
    ProjectCreated,
    RemarkWithdrawn,
    RunFinished,
    RunStarted,
    SuggestionRevealed,
)
from labelwright.events.assistant import use_words
from labelwright.events.decisions import decision_leaf, resolution_leaf
from labelwright.events.items import item_leaf
from labelwright.events.objections import objection_words
from labelwright.events.predictions import prediction_leaf
from labelwright.events.remarks import remark_words
from labelwright.testing.storage_build import entry, prediction

P, MOOD = ProjectId("p1"), QuestionName("mood")
SECRET = "a secret nobody may read"
NAME = "Ada Lovelace"
ITEM = NewItem(ItemId("i1"), {"text": SECRET}, {"from": SECRET}, "c" * 64, b"s" * 16)
DECISION = Decision(ItemKey(1), MOOD, "review", "unsure", 0.5, 0.6)
RESOLUTION = Resolution(ItemKey(1), MOOD, SECRET, "human-verified", 0.7, "majority", ("a1",), {"votes": 1})
ANNOTATION = Annotation(
    AnnotationId("a1"), ItemKey(1), MOOD, AnnotatorId("u1"), 0, "review", SECRET, 1, 1, 2.0, True, "active", "t", "s1"
)
FIRST = FirstAnswer(ItemKey(1), MOOD, AnnotatorId("u1"), 0, SECRET, 2.0, "t")
REMARK = Remark("m1", ItemKey(1), AnnotatorId("u1"), "flag", SECRET, SECRET, "t")
USE = AssistantUse("q1", ItemKey(1), AnnotatorId("u1"), 0, SECRET, SECRET, "m", 1, RunId("r1"), 1, "t")
OBJECTION = Objection(
    "o1",
    AnnotationId("a1"),
    "s1",
    ItemKey(1),
    MOOD,
    AnnotatorId("u1"),
    0,
    SECRET,
    (SECRET,),
    "m",
    1,
    RunId("r1"),
    1,
    "t",
)
ALL: list[Event] = [
    ProjectCreated(P, "reviews"),
    ProjectConfigured(P, 1, 1, 1, {"a": 1}),
    AnnotatorAdded(P, Annotator(AnnotatorId("u1"), NAME, "human", "annotator")),
    ItemsImported(P, "r1", "items.jsonl", "0" * 64, 1, 1, (ITEM,), 0),
    PredictionsRecorded(P, "r1", "m", "h", (prediction(1, SECRET, signals={"reasoning": SECRET}),)),
    AnnotationSubmitted(P, ANNOTATION, commitment(ITEM.salt, SECRET)),
    AnnotationRetracted(P, AnnotationId("a1"), ItemKey(1), MOOD, "undo"),
    AssistantAsked(P, USE, commitment(ITEM.salt, use_words(USE))),
    AnswerObjected(P, OBJECTION, commitment(ITEM.salt, objection_words(OBJECTION))),
    ObjectionSettled(P, "o1", ItemKey(1), MOOD, "kept"),
    ItemRemarked(P, REMARK, commitment(ITEM.salt, remark_words(REMARK))),
    RemarkWithdrawn(P, "m1", ItemKey(1)),
    LabelRestored(P, ItemKey(1), MOOD, AnnotationId("a1"), 3, "it was right"),
    LabelsMigrated(P, "c1", "rename", "mood", "labelwright/classification", ("good",), ("great",), ("good", "bad"), 2),
    LabelsSeen(P, AnnotatorId("u1"), (Sighting(ItemKey(1), MOOD, "history"),)),
    SuggestionRevealed(P, EntryId(1), (FIRST,), (commitment(ITEM.salt, SECRET),)),
    ItemSkipped(P, EntryId(1), ItemKey(1), AnnotatorId("u1"), "unclear"),
    CalibrationPlanned(P, "plan", {"n": 1}, (1,), (entry(1, purpose="calibration"),)),
    CertificateIssued(P, "plan", MOOD, {}, {}),
    ItemsRouted(P, "r1", 1, (DECISION,), (entry(1),)),
    AuditReserved(P, "r1", 1, 10, 0.1, (entry(1, purpose="audit"),)),
    ItemsResolved(P, "r1", (RESOLUTION,)),
    RunStarted(P, "r1", "prelabel", {}),
    RunFinished(P, "r1", {}),
    Exported(P, "r1", 3, {"labels.jsonl": "0"}),
]


def test_every_event_is_tried_here_and_known_to_the_storage() -> None:
    named = {name for name in events.__all__ if name != "Event"}
    assert {type(event).__name__ for event in ALL} == named
    assert set(SHOW) == {event.type for event in ALL}
    assert set(RECORD) <= set(SHOW)
    assert len(SHOW) == len(named), "two events share a type"


@pytest.mark.parametrize("event", ALL, ids=lambda event: event.type)
def test_a_body_is_canonical_json_that_names_its_project(event: Event) -> None:
    assert event.body()["project"] == P
    assert canonical_json(event.body())
    assert event.project in event.stream


@pytest.mark.parametrize("event", ALL, ids=lambda event: event.type)
def test_a_body_shows_neither_content_nor_answer_nor_name(event: Event) -> None:
    """Erasing an item or a person must leave the chain whole."""
    written = canonical_json(event.body()).decode()
    assert SECRET not in written
    assert NAME not in written


def test_an_answer_cannot_be_guessed_from_its_commitment_without_the_salt() -> None:
    known = AnnotationSubmitted(P, ANNOTATION, commitment(ITEM.salt, SECRET)).body()["commitment"]
    assert commitment(b"", SECRET) != known
    assert commitment(ITEM.salt, SECRET) == known


def changed(value: object) -> object:
    """Something else of the same kind."""
    match value:
        case bool():
            return not value
        case int() | float():
            return value + 1
        case str():
            return value + "x"
        case bytes():
            return value + b"x"
        case tuple():
            return ("x", *value)
        case dict():
            return {**value, "x": 1}
        case _:
            return 0.125


@pytest.mark.parametrize(
    ("row", "leaf"),
    [
        (ITEM, item_leaf),
        (prediction(1), prediction_leaf),
        (prediction(1, status="invalid"), prediction_leaf),
        (DECISION, decision_leaf),
        (RESOLUTION, resolution_leaf),
    ],
    ids=["item", "prediction", "invalid prediction", "decision", "resolution"],
)
def test_R9_a_leaf_covers_every_field_of_its_row(row: object, leaf: Callable[[object], bytes]) -> None:
    for field in dataclasses.fields(row):  # type: ignore[arg-type]
        if field.name == "content":
            continue  # covered by its hash, which `verify` computes again
        other = dataclasses.replace(row, **{field.name: changed(getattr(row, field.name))})  # type: ignore[type-var]
        assert leaf(other) != leaf(row), f"{field.name} could be changed unseen"


def test_a_whole_number_and_its_float_are_one_confidence() -> None:
    """A database gives 1.0 back for 1."""
    assert prediction_leaf(prediction(1, confidence=1)) == prediction_leaf(prediction(1, confidence=1.0))
    whole = dataclasses.replace(DECISION, score=1, probability=1)
    assert decision_leaf(whole) == decision_leaf(dataclasses.replace(DECISION, score=1.0, probability=1.0))


def test_streams_are_per_answer_per_project_and_per_run() -> None:
    streams = {event.type: event.stream for event in ALL}
    assert streams["annotation-submitted"] == streams["annotation-retracted"] == "label:p1:1:mood"
    assert streams["item-skipped"] == "label:p1:1:*"
    assert streams["project-configured"] == streams["calibration-planned"] == "project:p1"
    assert streams["items-imported"] == streams["run-started"] == "run:p1:r1"
