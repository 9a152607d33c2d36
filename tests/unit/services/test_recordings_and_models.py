"""What a model is asked about items that it cannot hear or see."""

from __future__ import annotations

from collections.abc import Mapping

import pytest

from labelwright.domain.canonical import Json
from labelwright.domain.ids import ItemId, ItemKey, QuestionName
from labelwright.domain.item import Item
from labelwright.domain.project import Guideline, LabelSchema, Policy, ProjectConfig, Question
from labelwright.services.models.show_item import HeldBack, ShownItem, show_item

CLIP = "data:audio/wav;base64,UklGRg=="


def shown(content: Mapping[str, Json], **settings: Json) -> ShownItem | HeldBack:
    question = Question(QuestionName("who"), "labelwright/ranges", {"labels": ["speech"], **settings})
    config = ProjectConfig(
        schema=LabelSchema(1, (question,)),
        guideline=Guideline(1, ""),
        policy=Policy(),
        content_fields=tuple(content),
        models=(),
        version=1,
    )
    item = Item(key=ItemKey(1), id=ItemId("a"), content=content, metadata={}, content_hash="")
    return show_item(item, config, picture=None)


@pytest.mark.parametrize("clip", [CLIP, "talks/monday.mp3", "https://example.org/a.webm"])
def test_a_recording_alone_goes_to_people(clip: str) -> None:
    held = shown({"clip": clip}, field="clip")
    assert isinstance(held, HeldBack)
    assert "it is a recording" in held.reason


def test_a_recording_beside_a_text_is_not_sent_and_its_ranges_are_not_asked_for() -> None:
    held = shown({"clip": CLIP, "title": "Monday's talk"}, field="clip")
    assert isinstance(held, HeldBack)
    assert "cannot answer 'who'" in held.reason
    assert "hear nothing" in held.reason


def test_a_model_reads_the_transcript_and_never_the_recording() -> None:
    sent = shown({"clip": CLIP, "transcript": "[0.0–1.5] Hello"}, field="clip", models_read="transcript")
    assert isinstance(sent, ShownItem)
    assert sent.parts[0].content == {"clip": None, "transcript": "[0.0–1.5] Hello"}


def test_a_series_is_read_as_numbers() -> None:
    sent = shown({"pulse": {"y": [60, 61, 140], "rate": 1}}, field="pulse")
    assert isinstance(sent, ShownItem)
    assert sent.parts[0].content == {"pulse": {"y": [60, 61, 140], "rate": 1}}
