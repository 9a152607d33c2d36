from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from labelwright.domain.project import LongItemRule, LongItems
from labelwright.prompting.long_items import count_tokens, fit, most_tokens
from labelwright.tasks.protocol import Shown

words = st.lists(st.text("ab é太", max_size=12), max_size=60).map(" ".join)


@given(st.text(max_size=200))
def test_the_estimate_never_exceeds_the_upper_bound(text: str) -> None:
    assert count_tokens(text) <= most_tokens(text)


def test_what_fits_is_left_alone() -> None:
    content = {"text": "Short.", "n": 1}
    for rules in (LongItems(), LongItems(10, "refuse"), LongItems(10, "truncate")):
        fitted = fit(content, ["text"], rules)
        assert (fitted.parts, fitted.notes, fitted.refused) == ((content,), {}, None)


def test_a_refused_item_says_how_long_it_is() -> None:
    fitted = fit({"text": "x" * 400}, ["text"], LongItems(50, "refuse"))
    assert fitted.parts == ()
    assert fitted.refused == "it has about 100 tokens, and 50 are allowed"


def test_the_longest_text_is_cut_between_words_and_what_was_kept_is_recorded() -> None:
    content = {"title": "A title", "text": "one two three four five six seven eight nine ten"}
    fitted = fit(content, ["title", "text"], LongItems(8, "truncate"))
    assert fitted.parts[0] == {"title": "A title", "text": "one two three four five "}
    assert fitted.shown[0].texts == fitted.parts[0]
    assert fitted.notes == {"truncated": {"field": "text", "kept": 24, "of": 48, "tokens": 14}}


@pytest.mark.parametrize("rule", ["truncate", "chunk"])
def test_texts_beside_the_longest_may_leave_no_room(rule: LongItemRule) -> None:
    fitted = fit({"a": "x" * 80, "b": "x" * 80}, ["a", "b"], LongItems(20, rule))
    assert fitted.parts == ()
    assert "cut to nothing" in str(fitted.refused)


def test_an_item_of_very_many_parts_is_refused() -> None:
    assert "more than 64 parts" in str(fit({"text": "word " * 5_000}, ["text"], LongItems(16, "chunk")).refused)


@given(words, st.integers(16, 40))
def test_parts_keep_within_the_limit_miss_nothing_and_lead_back_to_the_items_own_places(text: str, most: int) -> None:
    fitted = fit({"text": text}, ["text"], LongItems(most, "chunk"))
    covered = 0
    for part, shown in zip(fitted.parts, fitted.shown, strict=True):
        piece = part["text"]
        assert isinstance(piece, str)
        assert shown.texts["text"] == piece
        start, end = shown.origin("text", 0, len(piece))
        assert text[start:end] == piece
        assert start <= covered
        assert count_tokens(piece) <= most
        covered = end
    assert covered == len(text)


def test_places_in_a_part_lead_through_what_was_replaced_before() -> None:
    replaced = Shown({"text": "x" * 200}, lambda _field, start, end: (start + 1_000, end + 1_000))
    fitted = fit({"text": "x" * 200}, ["text"], LongItems(30, "chunk"), base=replaced)
    starts = [shown.origin("text", 0, 1)[0] for shown in fitted.shown]
    assert starts[0] == 1_000
    assert starts == sorted(set(starts))
