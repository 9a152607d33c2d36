from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from labelwright.prompting.chat import ChatResponse, TokenAlternative, TokenLogprob, decode_response, encode_response
from labelwright.prompting.usage import Usage

counts = st.integers(0, 10**9)
finite = st.floats(allow_nan=False, allow_infinity=False)
alternatives = st.builds(TokenAlternative, st.binary(max_size=4), finite)
tokens = st.builds(TokenLogprob, st.binary(max_size=4), finite, st.lists(alternatives, max_size=3).map(tuple))
words = st.text(st.characters(codec="utf-8"), max_size=20)
responses = st.builds(
    ChatResponse,
    text=words,
    finish_reason=st.sampled_from(["stop", "length", None]),
    usage=st.none() | st.builds(Usage, counts, counts, counts),
    model=words,
    refusal=st.none() | words,
    logprobs=st.none() | st.lists(tokens, max_size=3).map(tuple),
    extra=st.dictionaries(words, st.none() | st.booleans() | words, max_size=3),
)


@given(responses)
def test_an_answer_comes_back_from_the_ledger_as_it_went_in(response: ChatResponse) -> None:
    assert decode_response(encode_response(response)) == response
