"""Whatever a provider sends under status 200, it is an answer or a MalformedAnswer: nothing else ever comes out."""

from __future__ import annotations

from collections.abc import Callable

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from labelwright.adapters.chat.completion_body import read_completion
from labelwright.adapters.chat.decision_body import Asked, read_decision
from labelwright.adapters.chat.message_body import read_message
from labelwright.prompting.chat import ChatResponse, decode_response, encode_response
from labelwright.prompting.failures import MalformedAnswer
from labelwright.testing.wire import AnthropicWire, DecisionsWire, OpenAIWire

QUESTIONS = (Asked("label", ("a", "b"), is_choice=True),)
Reader = Callable[[bytes], ChatResponse]


def decision(body: bytes) -> ChatResponse:
    return read_decision(body, QUESTIONS)


READERS = pytest.mark.parametrize("read", [read_completion, read_message, decision])
WHOLE = [wire.answer('{"label":"a"}') for wire in (OpenAIWire(), AnthropicWire(), DecisionsWire())]


def is_answer_or_malformed(read: Reader, body: bytes) -> None:
    try:
        response = read(body)
    except MalformedAnswer:
        return
    assert decode_response(encode_response(response)) == response


@READERS
@given(body=st.binary(max_size=200))
def test_any_bytes(read: Reader, body: bytes) -> None:
    is_answer_or_malformed(read, body)


@READERS
@given(
    whole=st.sampled_from(WHOLE),
    place=st.integers(0, 400),
    length=st.integers(0, 4),
    put=st.one_of(st.binary(max_size=4), st.sampled_from([b"\xff", b"\\ud800", b"null", b"-1", b"[[", b'"', b"1e999"])),
)
def test_a_whole_answer_with_bytes_of_it_changed(
    read: Reader, whole: bytes, place: int, length: int, put: bytes
) -> None:
    is_answer_or_malformed(read, whole[:place] + put + whole[place + length :])


@READERS
@given(
    value=st.recursive(
        st.none()
        | st.booleans()
        | st.integers(-5, 5)
        | st.floats(-2, 2)
        | st.sampled_from(["a", "choice", "tool_use"]),
        lambda inner: (
            st.lists(inner, max_size=3)
            | st.dictionaries(
                st.sampled_from(
                    ["choices", "message", "content", "answers", "type", "input", "text", "usage", "probabilities"]
                ),
                inner,
                max_size=4,
            )
        ),
        max_leaves=12,
    )
)
def test_any_json(read: Reader, value: object) -> None:
    is_answer_or_malformed(read, orjson.dumps(value))


@pytest.mark.parametrize(
    "inner", [b'{"label":"\xff"}', b'{"label":"\\ud800"}', b"[" * 200_000, b"", b"1" * 10_000, b'{"a":1}}']
)
def test_a_tools_input_is_as_hostile_as_any_other_text(inner: bytes) -> None:
    body = b'{"content":[{"type":"tool_use","name":"answer","input":' + inner + b'}],"stop_reason":"tool_use"}'
    is_answer_or_malformed(read_message, body)


def test_an_error_in_a_body_that_is_no_text_is_malformed_too() -> None:
    is_answer_or_malformed(read_completion, b'{"choices":[],"error":{"message":"\xff"}}')
    is_answer_or_malformed(read_completion, b'{"choices":[],"error":{"message":"no"},"else":"\xff"}')
