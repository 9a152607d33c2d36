"""`labelwright replay` and what flows ask beyond a label: reasons, doubts, guesses, samples."""

from __future__ import annotations

import json
from typing import Any

import httpx
import pytest

from tests.contract.recording import block, text_of
from tests.replaying import Replay


def schema_of(**properties: object) -> dict[str, Any]:
    return {"type": "json_schema", "json_schema": {"schema": {"properties": properties}}}


def stated(response: httpx.Response) -> tuple[dict[str, Any], dict[str, Any]]:
    return json.loads(text_of(response)), response.json()["labelwright"]


def test_a_reasoning_is_the_recorded_one_or_empty_and_said_to_be_missing(replay: Replay) -> None:
    asked = schema_of(reasoning={}, label={})
    answer, origin = stated(replay.ask("sure", block("Fine."), response_format=asked))
    assert (answer, "not_recorded" in origin) == ({"reasoning": "?", "label": "yes"}, False)
    answer, origin = stated(replay.ask("plain", block("Fine."), response_format=asked))
    assert (answer, origin["not_recorded"]) == ({"reasoning": "", "label": "yes"}, ["reasoning"])


def test_a_doubt_is_answered_by_a_recorded_p_true_only(replay: Replay) -> None:
    """A label is never taken for a verdict."""
    asked = schema_of(label={"enum": ["A", "B"]}, probability={})
    answer, origin = stated(replay.ask("plain", block("Fine."), response_format=asked, logprobs=True, top_logprobs=5))
    assert answer == {"label": None, "probability": {"label": None}}
    assert origin["not_recorded"] == ["p_true"]
    answer, origin = stated(replay.ask("doubting", block("Fine."), response_format=asked))
    assert answer == {"label": "B", "probability": {"label": 0.25}}
    assert "not_recorded" not in origin


@pytest.mark.parametrize("keys", [("reason", "evidence", "verdict", "score"), ("reason", "better")])
def test_nobody_recorded_what_a_model_thinks_of_others_answers(replay: Replay, keys: tuple[str, ...]) -> None:
    answer, origin = stated(replay.ask("sure", block("Fine."), response_format=schema_of(**dict.fromkeys(keys, 1))))
    assert (answer, origin["not_recorded"]) == (dict.fromkeys(keys), ["review"])
    in_words = block("Fine.") + "\n\nIts keys are " + ", ".join(f"`{key}`" for key in keys)
    answer, _ = stated(replay.ask("sure", in_words, response_format={"type": "json_object"}))
    assert answer == dict.fromkeys(keys)


def test_the_only_guess_is_the_recorded_label(replay: Replay) -> None:
    guesses = {"type": "array", "items": {"properties": {"answer": {}, "percent": {}}}}
    for model, percent in (("sure", 75), ("plain", None)):
        answer, _ = stated(replay.ask(model, block("Fine."), response_format=schema_of(label=guesses)))
        assert answer == {"label": [{"answer": "yes", "percent": percent}]}


def test_recorded_samples_are_given_out_by_number_or_in_turn(replay: Replay) -> None:
    by_number = [
        text_of(replay.ask("often", block("Fine."), metadata={"sample": str(sample)})) for sample in (2, 0, 1, 3, 0)
    ]
    assert by_number == ["no", "yes", "yes", "yes", "yes"]
    assert [text_of(replay.ask("often", block("Fine."))) for _ in range(4)] == ["yes", "yes", "no", "yes"]
    assert text_of(replay.ask("often/s3", block("Fine."))) == "no"
    origin = replay.ask("often", block("Fine."), metadata={"sample": "1"}).json()["labelwright"]
    assert (origin["sample"], origin["samples_recorded"]) == ("s2", 3)


def test_one_recorded_answer_is_every_sample_and_says_so(replay: Replay) -> None:
    for sample in ("0", "1"):
        response = replay.ask("plain", block("Fine."), metadata={"sample": sample})
        assert (text_of(response), response.json()["labelwright"]["samples_recorded"]) == ("yes", 1)
