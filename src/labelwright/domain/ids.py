"""Names of things. An `ItemKey` is the database's number of an item; an `ItemId` is the user's name for it."""

from __future__ import annotations

from typing import NewType

ProjectId = NewType("ProjectId", str)
ItemId = NewType("ItemId", str)
ItemKey = NewType("ItemKey", int)
QuestionName = NewType("QuestionName", str)
AnnotatorId = NewType("AnnotatorId", str)
AnnotationId = NewType("AnnotationId", str)
PredictionId = NewType("PredictionId", int)
RunId = NewType("RunId", str)
EntryId = NewType("EntryId", int)
