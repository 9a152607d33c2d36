"""`labelwright replay`: a real process on a real socket, answering as the recorded models did."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from labelwright.adapters.chat.anthropic import Anthropic
from labelwright.domain.project import ConfidenceSource
from labelwright.prompting.block import item_block
from labelwright.prompting.failures import (
    ModelUnknown,
    RequestRejected,
)
from labelwright.prompting.parse import read_answer
from labelwright.prompting.render import ItemToLabel, Sampling
from tests.contract.recording import ITEMS, answer_of, block, prompt_for, text_of
from tests.replaying import Replay, replaying


def test_models_are_the_recorded_variants(replay: Replay) -> None:
    listed = replay.client.get(replay.url + "/models").json()
    assert [model["id"] for model in listed["data"]] == replay.models
    assert replay.models == [
        *("plain", "sure", "weighed", "shots/8-shot/2", "doubting"),
        *("often/s1", "often/s2", "often/s3", "odd", "mute"),
    ]


def test_a_plain_question_gets_the_label_as_text(replay: Replay) -> None:
    assert text_of(replay.ask("plain", block("Fine."))) == "yes"
    assert text_of(replay.ask("shots/8-shot/2", block("Fine."))) == "not sure"


def test_the_final_block_counts_where_a_prompt_holds_examples(replay: Replay) -> None:
    shots = f"{block('Twin.')} -> no\n{block('Same words.')} -> yes\n"
    assert text_of(replay.ask("plain", shots + block("Fine.") + "\nAnswer:")) == "yes"


def test_m7_an_item_that_imitates_the_delimiters_is_still_itself(replay: Replay) -> None:
    """M7: item f pretends to end and to be item a, whose answer is yes; its own recorded answer is no."""
    assert text_of(replay.ask("plain", block(ITEMS[5]["text"]))) == "no"


def test_metadata_decides_between_equal_texts(replay: Replay) -> None:
    assert text_of(replay.ask("plain", block("Same words."), metadata={"item_id": "b"})) == "yes"
    assert text_of(replay.ask("plain", block("Same words."), metadata={"item_id": "c"})) == "no"


def test_without_metadata_equal_answers_are_one_answer_and_different_ones_are_a_conflict(replay: Replay) -> None:
    assert text_of(replay.ask("plain", block("Twin."))) == "no"
    conflict = replay.ask("plain", block("Same words."))
    assert conflict.status_code == 409
    assert conflict.headers["x-should-retry"] == "false"
    assert "say which is meant in metadata.item_id" in conflict.json()["error"]["message"]


@pytest.mark.parametrize(
    ("model", "text", "code", "message"),
    [
        ("plian", "Fine.", "model_not_found", "did you mean 'plain'?"),
        ("shots", "Fine.", "model_not_found", "no model 'shots'"),
        ("plain", "Unheard of.", "item_not_found", "Unheard of."),
        ("sure", "Twin.", "answer_not_recorded", "gave item 'd' no answer"),
    ],
)
def test_what_was_not_recorded_is_not_found(replay: Replay, model: str, text: str, code: str, message: str) -> None:
    response = replay.ask(model, block(text))
    assert response.status_code == 404
    assert response.json()["error"]["code"] == code
    assert message in response.json()["error"]["message"]


def test_a_request_that_cannot_be_honoured_says_why(replay: Replay) -> None:
    assert replay.ask("plain", "no item here").json()["error"]["code"] == "no_item"
    assert replay.ask("plain", block("Fine."), stream=True).json()["error"]["param"] == "stream"
    assert replay.ask("plain", block("Fine."), n=2).json()["error"]["param"] == "n"
    schema = {"type": "json_schema", "json_schema": {"schema": {"properties": {"mood": {}}}}}
    assert "asks for 'mood'" in replay.ask("plain", block("Fine."), response_format=schema).json()["error"]["message"]
    assert replay.client.post(replay.url + "/chat/completions", content=b"{").status_code == 400
    assert replay.client.get(replay.url + "/nothing").status_code == 404


async def test_our_own_client_gets_label_confidence_and_origin(replay: Replay) -> None:
    found = await answer_of(replay, "sure", prompt_for("verbalised"))
    assert (found.value, found.confidence, found.confidence_kind) == ("yes", 0.75, "verbalised")
    assert found.signals["recorded"] is True
    assert found.signals["reasoning"] == "?"


async def test_a_confidence_that_was_not_recorded_is_unknown(replay: Replay) -> None:
    found = await answer_of(replay, "plain", prompt_for("verbalised"))
    assert (found.value, found.confidence) == ("yes", None)


async def test_recorded_log_probabilities_become_a_confidence(replay: Replay) -> None:
    found = await answer_of(replay, "weighed", prompt_for("logprob"))
    # exp(-.4) / (exp(-1.2) + exp(-.4) + exp(-5)) = .6703 / .9782
    assert (found.value, found.confidence) == ("no", pytest.approx(0.6853, abs=1e-3))
    unknown = await answer_of(replay, "plain", prompt_for("logprob"))
    assert (unknown.value, unknown.confidence) == ("yes", None)


@pytest.mark.parametrize(("model", "problem"), [("odd", "'perhaps' is not in the schema"), ("mute", "None is not")])
async def test_m4_a_recorded_answer_outside_the_schema_stays_outside(replay: Replay, model: str, problem: str) -> None:
    """M4, through the whole path."""
    found = await answer_of(replay, model, prompt_for())
    assert found.value is None
    assert problem in str(found.problem)


async def test_usage_is_counted_by_the_rule_it_states(replay: Replay) -> None:
    body = replay.ask("plain", block("Fine.")).json()
    assert body["usage"]["prompt_tokens"] == -(-len(block("Fine.")) // 4)
    assert body["usage"]["completion_tokens"] == 1
    assert "four bytes" in body["labelwright"]["tokens"]


async def test_missing_things_have_their_own_failures(replay: Replay) -> None:
    with pytest.raises(ModelUnknown):
        await answer_of(replay, "nobody", prompt_for())
    with pytest.raises(RequestRejected):
        await answer_of(replay, "plain", prompt_for(), "Unheard of.")


def test_it_counts_what_it_answered(recording: Path) -> None:
    with replaying(recording) as fresh:
        for text in ("Fine.", "Fine.", "Twin.", "Unheard of."):
            fresh.ask("plain", block(text))
        counts = fresh.stats()
    assert (counts["requests"], counts["answers"], counts["distinct"], counts["repeated"]) == (4, 3, 2, 1)
    assert counts["by_item"] == {"plain a": 2, "plain d": 1}


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_it_ends_politely(recording: Path, number: signal.Signals) -> None:
    with replaying(recording) as running:
        running.process.send_signal(number)
        assert running.process.wait(timeout=60) == 0


def test_a_taken_port_and_a_missing_folder_are_clear_errors(recording: Path, replay: Replay) -> None:
    port = replay.url.split(":")[2].split("/")[0]
    command = [sys.executable, "-m", "labelwright.cli", "replay"]
    taken = subprocess.run([*command, str(recording), "--port", port], capture_output=True, text=True, check=False)
    assert (taken.returncode, "choose another --port" in taken.stderr) == (1, True)
    missing = subprocess.run([*command, str(recording / "nowhere")], capture_output=True, text=True, check=False)
    assert (missing.returncode, "is not a folder" in missing.stderr) == (1, True)


@pytest.mark.slow
def test_every_recorded_set_is_answered_as_recorded(shared_data: Path) -> None:
    """One variant of each real set, every item: texts repeat, fields differ, some answers are outside the schema."""
    from labelwright.adapters.chat.recording import Recording
    from labelwright.adapters.formats.recorded_folder import read_recorded_folder

    checked = 0
    for task_file in sorted(shared_data.glob("llm/*/task.json")):
        if not json.loads(task_file.read_text()).get("demo"):
            continue
        recorded = read_recorded_folder(task_file.parent)
        recording = Recording(recorded)
        variant = recorded.best_variant()
        for item in recorded.items:
            expected = recorded.answers[variant].get(str(item["id"]))
            if expected is None:
                continue
            found = recording.find(variant, [item_block(item, recorded.content_fields)], str(item["id"]))
            assert found.answer == expected
            checked += 1
    assert checked > 10_000


SCHEMA = {"type": "object", "properties": {"label": {"type": "string"}, "confidence": {}}, "required": ["label"]}


def test_a_tool_is_called_with_the_answer(replay: Replay) -> None:
    tools = [{"type": "function", "function": {"name": name, "parameters": SCHEMA}} for name in ("other", "say")]
    chosen = {"type": "function", "function": {"name": "say"}}
    body = replay.ask("sure", block("Fine."), tools=tools, tool_choice=chosen).json()
    choice = body["choices"][0]
    call = choice["message"]["tool_calls"][0]["function"]
    assert (choice["finish_reason"], choice["message"]["content"], call["name"]) == ("tool_calls", None, "say")
    assert json.loads(call["arguments"]) == {"label": "yes", "confidence": {"label": 0.75}}


def test_pictures_beside_the_item_are_accepted(replay: Replay) -> None:
    parts = [{"type": "image_url", "image_url": {"url": "data:,"}}, {"type": "text", "text": block("Fine.")}]
    body = {"model": "plain", "messages": [{"role": "user", "content": parts}]}
    assert text_of(replay.client.post(replay.url + "/chat/completions", json=body)) == "yes"


def test_without_a_schema_the_prompts_words_decide_what_the_object_holds(replay: Replay) -> None:
    asks = "Answer with one JSON object with the keys `label`"
    assert json.loads(text_of(replay.ask("sure", f"{asks}\n{block('Fine.')}"))) == {"label": "yes"}
    with_confidence = f"{asks}, `confidence`\n{block('Fine.')}"
    stated = {"label": "yes", "confidence": {"label": 0.75}}
    assert json.loads(text_of(replay.ask("sure", with_confidence))) == stated
    assert json.loads(text_of(replay.ask("sure", with_confidence, response_format={"type": "json_object"}))) == stated


@pytest.mark.parametrize("confidence", ["verbalised", "none"])
async def test_our_anthropic_client_gets_the_same_answers(replay: Replay, confidence: ConfidenceSource) -> None:
    endpoint = Anthropic(replay.url)
    prompt = prompt_for(confidence)
    try:
        response = await endpoint.complete(prompt.request(ItemToLabel("a", {"text": "Fine."}), "sure", Sampling()))
    finally:
        await endpoint.close()
    found = read_answer(prompt, response).answers[0]
    assert (found.value, found.confidence) == ("yes", 0.75 if confidence == "verbalised" else None)
    assert response.usage is not None


def test_an_unknown_model_is_told_in_each_protocol(replay: Replay) -> None:
    turn = [{"role": "user", "content": block("Fine.")}]
    refused = replay.client.post(replay.url + "/messages", json={"model": "plian", "max_tokens": 9, "messages": turn})
    assert (refused.status_code, refused.json()["type"]) == (404, "error")
    assert refused.json()["error"]["type"] == "not_found_error"
