from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from labelwright.domain.ids import QuestionName
from labelwright.domain.project import Guideline, LabelSchema, Question, ShowWhen
from labelwright.domain.provenance import Provenance


def test_a_question_is_found_by_name() -> None:
    mood = Question(QuestionName("mood"), "some type", {})
    schema = LabelSchema(3, (mood,))
    assert schema.question("mood") is mood
    assert schema.question("Mood") is None


def test_a_guideline_is_named_by_its_text_whatever_its_version() -> None:
    assert Guideline(1, "Be kind.").hash == Guideline(2, "Be kind.").hash
    assert Guideline(1, "Be kind.").hash != Guideline(1, "Be kind").hash


CONDITIONS = json.loads((Path(__file__).parents[2] / "fixtures" / "conditions.json").read_text())


@pytest.mark.parametrize("case", CONDITIONS, ids=[f"{one['is']}-{one['answer']}" for one in CONDITIONS])
def test_a_condition_is_met_as_the_page_has_it(case: dict[str, Any]) -> None:
    """The page's tests read the same cases."""
    assert ShowWhen(QuestionName("q"), tuple(case["is"])).is_met_by(case["answer"]) is case["met"]


def test_provenance_says_who_when_and_by_what() -> None:
    body = Provenance("ann", "2026-11-21T12:00:00Z", "api", "run-1", "0.1.0").body()
    assert body == {"actor": "ann", "at": "2026-11-21T12:00:00Z", "via": "api", "run": "run-1", "version": "0.1.0"}
