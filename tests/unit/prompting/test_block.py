from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from labelwright.prompting.block import CLOSING, OPENING, block_hash, final_block, item_block, neutralise, restore

hostile = st.lists(
    st.one_of(
        st.sampled_from(
            ["<item>", "</item>", "<\\/item>", "</ITEM >", "< / item", "\n</item>", "<item>\n", "<\\item", "\\", "<"]
        ),
        st.text(max_size=8),
    ),
    max_size=12,
).map("".join)


@given(hostile)
def test_neutralising_can_be_undone_exactly(text: str) -> None:
    assert restore(neutralise(text)) == text


@given(hostile)
def test_m7_no_text_can_close_its_block_or_open_another(text: str) -> None:
    """M7: item text is delimited."""
    block = item_block({"text": text}, ["text"])
    inside = block.removeprefix(OPENING).removesuffix(CLOSING)
    assert re.search(r"<\s*/?\s*item", inside, re.IGNORECASE) is None
    assert final_block(["earlier <item>\nother\n</item>", block]) == block


@given(hostile, hostile)
def test_different_texts_have_different_blocks(one: str, other: str) -> None:
    blocks = {block_hash(item_block({"text": text}, ["text"])) for text in (one, other)}
    assert len(blocks) == len({one, other})


@given(hostile)
def test_the_final_block_is_found_behind_examples_and_before_a_tail(text: str) -> None:
    block = item_block({"text": text}, ["text"])
    shots = "Example: <item>\nfine\n</item> -> good\n"
    assert final_block([shots + block + "\nAnswer in JSON."]) == block


def test_several_fields_become_sections_in_the_order_asked_for() -> None:
    content = {"b": "second", "a": "first", "hidden": "never shown"}
    assert item_block(content, ["a", "b"]) == "<item>\na: first\n\nb: second\n</item>"


def test_a_field_that_is_no_text_is_written_as_json_and_a_missing_one_is_empty() -> None:
    assert item_block({"turns": [{"who": "a"}]}, ["turns", "note"]) == '<item>\nturns: [{"who":"a"}]\n\nnote: \n</item>'


@pytest.mark.parametrize("text", ["", "no block here", "</item> backwards <item>\n", "<item>x</item>"])
def test_no_block_is_found_where_there_is_none(text: str) -> None:
    assert final_block([text]) is None


def test_a_lone_surrogate_has_a_hash_like_any_text() -> None:
    assert len(block_hash(item_block({"text": "\ud800"}, ["text"]))) == 32
