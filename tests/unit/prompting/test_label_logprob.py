from __future__ import annotations

import json
import math
from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from labelwright.prompting.chat import TokenAlternative, TokenLogprob
from labelwright.prompting.label_logprob import answer_offset, label_probability
from labelwright.prompting.parse import read_answer
from labelwright.prompting.render import Prompt
from tests.unit.prompting.conftest import MOOD, TOPICS, answer


def token(text: str, chances: dict[str, float] | None = None) -> TokenLogprob:
    every = chances or {text: 1.0}
    return TokenLogprob(
        text.encode(),
        math.log(every[text]),
        tuple(TokenAlternative(other.encode(), math.log(chance)) for other, chance in every.items()),
    )


def test_the_written_label_is_weighed_against_the_other_labels_alone() -> None:
    tokens = [token('{"mood":"'), token("good", {"good": 0.6, "bad": 0.2, "zzz": 0.1}), token('"}')]
    found = label_probability(tokens, start=9, label="good", labels=["good", "bad"])
    assert found is not None
    assert found.probability == pytest.approx(0.75)  # 0.6 / (0.6 + 0.2)
    assert found.off_label == pytest.approx(0.2)  # 0.1 on zzz and 0.1 unseen


def test_labels_that_begin_alike_are_told_apart_at_the_token_that_differs() -> None:
    tokens = [
        token('{"m":"'),
        token("not", {"not": 0.5, "agree": 0.5}),
        token(" agree", {" agree": 0.8, " sure": 0.2}),
        token('"}'),
    ]
    found = label_probability(tokens, start=6, label="not agree", labels=["agree", "not agree", "not sure"])
    assert found is not None
    assert found.probability == pytest.approx(0.4)  # 0.5 x 0.8


def test_a_label_that_begins_another_is_decided_by_the_closing_quote() -> None:
    tokens = [token('"'), token("no"), token('"', {'"': 0.9, "t": 0.1}), token("}")]
    found = label_probability(tokens, start=1, label="no", labels=["no", "not"])
    assert found is not None
    assert found.probability == pytest.approx(0.9)


def test_a_quote_that_shares_the_labels_token_is_no_obstacle() -> None:
    tokens = [token('{"m":'), token('"good', {'"good': 0.7, '"bad': 0.3, "[": 1e-9}), token('"}')]
    found = label_probability(tokens, start=6, label="good", labels=["good", "bad"])
    assert found is not None
    assert found.probability == pytest.approx(0.7)


def test_an_untaken_token_that_begins_several_labels_is_shared_out() -> None:
    tokens = [token('"'), token("ab", {"ab": 0.5, "a": 0.4, "b": 0.1}), token('"')]
    found = label_probability(tokens, start=1, label="ab", labels=["ab", "ac", "b"])
    assert found is not None
    assert found.probability == pytest.approx(0.7)  # 0.5 + 0.4 / 2


def test_a_label_too_unlikely_to_be_listed_counts_with_half_the_least_listed_and_is_flagged() -> None:
    tokens = [token('"'), token("good", {"good": 0.8, "Good": 0.1}), token('"')]
    found = label_probability(tokens, start=1, label="good", labels=["good", "bad"])
    assert found is not None
    assert found.probability == pytest.approx(0.8 / 0.85)  # .1 / 2, which is less than the .1 unseen
    assert found.censored


def test_unlisted_labels_share_no_more_than_what_is_unseen() -> None:
    tokens = [token('"'), token("good", {"good": 0.6, "fair": 0.38}), token('"')]
    found = label_probability(tokens, start=1, label="good", labels=["good", "fair", "bad", "poor"])
    assert found is not None
    assert found.probability == pytest.approx(0.6)  # .6 / (.6 + .38 + 2 x .01)


def test_what_is_too_unlikely_to_be_given_is_no_measure_of_the_least_likely() -> None:
    tokens = [
        token('"'),
        TokenLogprob(b"good", -0.1, (TokenAlternative(b"good", -0.1), TokenAlternative(b"x", -9999.0))),
    ]
    found = label_probability(tokens, start=1, label="good", labels=["good", "bad"])
    assert found is not None
    assert found.probability < 1.0
    assert found.censored


def test_a_token_without_alternatives_is_unknown_and_never_certain() -> None:
    tokens = [token('"'), TokenLogprob(b"good", -0.01, ()), token('"')]
    assert label_probability(tokens, start=1, label="good", labels=["good", "bad"]) is None


def test_where_the_first_token_tells_all_labels_apart_each_has_its_probability() -> None:
    tokens = [token('"'), token("good", {"good": 0.5, "bad": 0.25, "not": 0.125, "x": 0.125}), token('"')]
    found = label_probability(tokens, start=1, label="good", labels=["good", "bad", "not said"])
    assert found is not None
    assert found.distribution == pytest.approx({"good": 4 / 7, "bad": 2 / 7, "not said": 1 / 7})
    mixed = [token('"'), token("good", {"good": 0.5, "not": 0.5}), token('"')]
    found = label_probability(mixed, start=1, label="good", labels=["good", "not said", "not sure"])
    assert found is not None
    assert found.distribution == {}


def test_tokens_that_do_not_spell_the_label_leave_it_unknown() -> None:
    assert label_probability([token('"'), token("bad")], start=1, label="good", labels=["good", "bad"]) is None
    assert label_probability([], start=1, label="good", labels=["good", "bad"]) is None


@given(st.dictionaries(st.sampled_from(["good", "bad", "not said", "go", "b", "x"]), st.floats(1e-6, 1), min_size=1))
def test_a_label_probability_is_a_probability(weights: dict[str, float]) -> None:
    total = sum(weights.values())
    chances = {text: weight / total for text, weight in weights.items()} | {"good": weights.get("good", 0.5) / total}
    tokens = [token('"'), token("good", chances), token('"')]
    found = label_probability(tokens, start=1, label="good", labels=["good", "bad", "not said"])
    assert found is not None
    assert 0 <= found.probability <= 1
    assert 0 <= found.off_label <= 1


def test_the_whole_way_from_answer_to_confidence(make_prompt: Callable[..., Prompt]) -> None:
    prompt = make_prompt(MOOD, TOPICS, confidence="logprob")
    text = json.dumps({"topics": [], "mood": "bad"})
    cut = text.index("bad")
    tokens = (token(text[:cut]), token("bad", {"bad": 0.25, "good": 0.75}), token(text[cut + 3 :]))
    topics_text, mood = read_answer(prompt, answer(text, logprobs=tokens)).answers[::-1]
    assert mood.confidence == pytest.approx(0.25)
    assert mood.confidence_kind == "logprob"
    assert topics_text.confidence is None


@pytest.mark.parametrize("logprobs", [None, ()])
def test_empty_log_probabilities_are_unknown_and_never_certain(
    make_prompt: Callable[..., Prompt], logprobs: tuple[TokenLogprob, ...] | None
) -> None:
    prompt = make_prompt(MOOD, confidence="logprob")
    mood = read_answer(prompt, answer('{"mood": "bad"}', logprobs=logprobs)).answers[0]
    assert (mood.value, mood.confidence) == ("bad", None)
    assert mood.signals["confidence_unknown"] == "no log-probabilities came"


def test_tokens_of_another_text_are_not_trusted(make_prompt: Callable[..., Prompt]) -> None:
    prompt = make_prompt(MOOD, confidence="logprob")
    mood = read_answer(prompt, answer('{"mood": "bad"}', logprobs=(token('{"mood":"bad"}'),))).answers[0]
    assert mood.confidence is None


WRITTEN = (
    token("```"),
    token("json\n"),
    token('{"mood": "'),
    token("bad", {"bad": 0.8, "good": 0.1}),
    token('"}'),
    token("\n```"),
    token(""),
)


@pytest.mark.parametrize(
    "text",
    [
        pytest.param('{"mood": "bad"}', id="llama.cpp takes the fence out of the text and leaves its tokens in"),
        pytest.param('```json\n{"mood": "bad"}\n```', id="others leave it in the text"),
    ],
)
def test_what_stands_around_the_answer_does_not_hide_its_label(make_prompt: Callable[..., Prompt], text: str) -> None:
    prompt = make_prompt(MOOD, confidence="logprob")
    mood = read_answer(prompt, answer(text, logprobs=WRITTEN)).answers[0]
    assert mood.confidence == pytest.approx(0.8 / 0.95)  # the third label counts with half of the least listed


def test_an_answer_that_its_tokens_spell_twice_is_not_looked_for(make_prompt: Callable[..., Prompt]) -> None:
    twice = (token('{"mood": "bad"}'), token('{"mood": "'), token("bad", {"bad": 0.8, "good": 0.1}), token('"}'))
    assert answer_offset(twice, '{"mood": "bad"}') is None
    mood = read_answer(make_prompt(MOOD, confidence="logprob"), answer('{"mood": "bad"}', logprobs=twice)).answers[0]
    assert mood.confidence is None
