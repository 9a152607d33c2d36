"""What an item may show: by mode, by field, in nested values, with every place mapped back."""

from __future__ import annotations

import time
from collections.abc import Mapping
from typing import Any

import orjson
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from labelwright.domain.canonical import Json
from labelwright.domain.project import PiiMode, Privacy
from labelwright.prompting.privacy.find import find
from labelwright.prompting.privacy.protect import Protected, may_leave, protect, through
from labelwright.tasks.protocol import Shown

KEY = b"0123456789abcdef"
DATA = (
    "bob@example.org", "Bob@Example.org", "+44 20 7946 0958", "212-555-0123", "4111 1111 1111 1111", "078-05-1120",
    "DE89370400440532013000", "203.0.113.7", "https://a:b1@example.org/x", "86095742719", "born on 3/4/1971",
    "sk-proj-abcdefghijklmnop1234", "password: hunter2!", "2001:db8::1:2", "AB123456C",
)  # fmt: skip
WORDS = st.one_of(
    st.sampled_from(DATA),
    st.sampled_from(["🙂", " ", "[EMAIL]", "[EMAIL_1]", "[", "]", "é", "\n", '"', "\\", ".", "0", "4", "-", "a", "@"]),
    st.text(alphabet=st.characters(exclude_categories=["Cs"]), max_size=8),
)
TEXTS = st.lists(WORDS, max_size=9).map("".join)
VALUES: st.SearchStrategy[Any] = st.recursive(
    TEXTS | st.integers(-(10**15), 10**18) | st.booleans() | st.none() | st.just(4111111111111111),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXTS, inner, max_size=3),
    max_leaves=6,
)
MODES: list[PiiMode] = ["redact", "pseudonymise"]


def shown(value: Json, mode: PiiMode = "redact", *, key: bytes = KEY) -> Protected:
    return protect({"text": value}, Privacy(pii=mode), fields=["text"], key=key)


def test_each_mode_does_what_it_says() -> None:
    text = "Ask bob@example.org or amy@example.org; bob@example.org is 🙂."
    assert shown(text, "off").content == {"text": text}
    assert shown(text, "redact").content == {"text": "Ask [EMAIL] or [EMAIL]; [EMAIL] is 🙂."}
    numbered = shown(text, "pseudonymise", key=b"")
    assert numbered.content == {"text": "Ask [EMAIL_1] or [EMAIL_2]; [EMAIL_1] is 🙂."}
    assert (
        numbered.restore("[EMAIL_2], not [EMAIL_1] or [EMAIL_9]") == "amy@example.org, not bob@example.org or [EMAIL_9]"
    )
    blocked = shown(text, "block")
    assert blocked.blocked
    assert blocked.content == {}
    assert blocked.shown.texts == {}
    assert blocked.reason == "it holds personal data (email), and privacy.pii is block"
    assert [(one.field, text[one.start : one.end], one.kind) for one in blocked.found] == [
        ("text", "bob@example.org", "EMAIL"),
        ("text", "amy@example.org", "EMAIL"),
        ("text", "bob@example.org", "EMAIL"),
    ]
    assert not shown("Nothing of the kind.", "block").blocked


def test_the_same_value_has_the_same_pseudonym_in_every_item_under_one_key_alone() -> None:
    here = shown("bob@example.org", "pseudonymise").content["text"]
    there = shown("cc: bob@example.org!", "pseudonymise").content["text"]
    elsewhere = shown("bob@example.org", "pseudonymise", key=b"another").content["text"]
    assert there == f"cc: {here}!"
    assert here != elsewhere
    assert "bob" not in str(here)


def test_other_spellings_keep_their_name_and_come_back_as_they_were() -> None:
    text = "bob@example.org, BOB@example.org, 4111 1111 1111 1111, 4111111111111111"
    one = shown(text, "pseudonymise")
    first, second, third, fourth = str(one.content["text"]).split(", ")
    assert (second, fourth) == (first[:-1] + ".2]", third[:-1] + ".2]")
    assert one.restore(str(one.content["text"])) == text


def test_a_text_that_already_reads_like_a_pseudonym_is_not_taken_for_one() -> None:
    text = "[EMAIL_1] is not bob@example.org"
    one = shown(text, "pseudonymise", key=b"")
    assert one.content["text"] == "[EMAIL_1] is not [EMAIL_2]"
    assert one.restore(str(one.content["text"])) == text


def test_a_span_over_a_replacement_covers_all_that_was_replaced() -> None:
    text = "🙂 bob@example.org, 🙂 fine"
    one = shown(text)  # 🙂 [EMAIL], 🙂 fine
    assert one.shown.texts == {"text": "🙂 [EMAIL], 🙂 fine"}
    assert one.shown.origin("text", 2, 9) == (2, 17)
    assert one.shown.origin("text", 4, 6) == (2, 17)  # within the brackets
    assert one.shown.origin("text", 0, 3) == (0, 17)
    assert one.shown.origin("text", 8, 12) == (2, 20)
    assert one.shown.origin("text", 11, 12) == (19, 20)
    assert one.shown.origin("text", 13, 17) == (21, 25)
    assert one.shown.origin("text", 0, 17) == (0, len(text))
    assert one.shown.origin("text", 11, 11) == (19, 19)


def test_conversations_and_tables_are_protected_in_every_corner() -> None:
    talk: Json = [
        {"role": "user", "text": 'I am "bob@example.org"'},
        {"role": "bob@example.org", "rows": [[1, 4111111111111111, None], {"212-555-0123": True}]},
    ]
    one = shown(talk, "redact")
    assert one.content["text"] == [
        {"role": "user", "text": 'I am "[EMAIL]"'},
        {"role": "[EMAIL]", "rows": [[1, "[CARD]", None], {"[PHONE]": True}]},
    ]
    own = orjson.dumps(talk).decode()
    assert [own[d.start : d.end] for d in one.found] == [
        "bob@example.org", "bob@example.org", "4111111111111111", "212-555-0123",
    ]  # fmt: skip
    place = one.shown.texts["text"].index("[CARD]")
    start, end = one.shown.origin("text", place, place + 6)
    assert own[start:end] == "4111111111111111"


def test_keys_that_become_equal_are_told_apart() -> None:
    one = shown({"a@example.org": 1, "b@example.org": 2})
    assert one.content["text"] == {"[EMAIL]": 1, "[EMAIL] (2)": 2}


def test_what_never_leaves_is_gone_also_where_it_is_listed() -> None:
    content: Mapping[str, Json] = {"text": "fine", "name": "Zoë", "note": "unlisted"}
    privacy = Privacy(never_leaves=("name",))
    one = protect(content, privacy, fields=["text", "name"], key=b"")
    assert (one.content, one.shown.texts, one.blocked) == ({"text": "fine"}, {"text": "fine"}, False)
    assert may_leave(["text", "name"], privacy) == ("text",)
    nothing = protect(content, privacy, fields=["name"], key=b"")
    assert nothing.content == {}
    assert nothing.reason == "every field with content is in privacy.never_leaves"
    empty = protect({"text": "", "name": "Zoë"}, privacy, fields=["text", "name"], key=b"")
    assert empty.blocked


def test_a_picture_is_not_read_and_a_text_that_pretends_to_be_one_is() -> None:
    picture = "data:image/png;base64,4111111111111111"
    assert shown(picture).content["text"] == picture
    assert shown(picture + " bob@example.org").content["text"] != picture + " bob@example.org"
    assert [one.kind for one in shown([picture, "data:image/png;base64,x bob@example.org"]).found] == ["EMAIL"]


def test_a_cut_after_replacement_maps_back_through_both() -> None:
    text = "write to bob@example.org about the price"
    first = shown(text).shown  # write to [EMAIL] about the price
    cut = Shown({"text": first.texts["text"][9:]}, lambda _f, start, end: (start + 9, end + 9))
    both = through(cut, first)
    assert both.texts["text"][0:7] == "[EMAIL]"
    assert both.origin("text", 0, 7) == (9, 24)
    assert both.origin("text", 18, 23) == (35, 40)


def test_a_value_that_is_too_deep_to_search_is_not_sent() -> None:
    deep: Any = "bob@example.org"
    for _ in range(5_000):
        deep = [deep]
    one = shown(deep)
    assert one.blocked
    assert "nested too deeply" in str(one.reason)


def test_nothing_personal_stands_in_a_printed_protected_item() -> None:
    assert "bob" not in repr(shown("bob@example.org", "pseudonymise"))


@pytest.mark.parametrize("mode", MODES)
@given(value=VALUES)
@example(value="bob@example.orgbob@example.org4111111111111111212-555-0123")
@example(value={"bob@example.org": 4111111111111111, "Bob@Example.org": ["[EMAIL_1]"]})
def test_nothing_that_would_be_recognised_survives(mode: PiiMode, value: Json) -> None:
    one = shown(value, mode)
    for leaf in leaves(one.content["text"]):
        assert find(leaf) == ()


@given(value=VALUES, key=st.sampled_from([b"", KEY]))
def test_pseudonyms_are_put_back_exactly(value: Json, key: bytes) -> None:
    one = shown(value, "pseudonymise", key=key)
    texts = leaves(value)
    assert leaves(one.restore_value(one.content["text"])) == texts


@pytest.mark.parametrize("mode", MODES)
@given(value=VALUES)
def test_every_shown_place_maps_to_its_own_character(mode: PiiMode, value: Json) -> None:
    own = text_of(value)
    one = shown(value, mode)
    text = one.shown.texts["text"]
    assert text == text_of(one.content["text"])
    hidden = {place for d in one.found for place in range(d.start, d.end)}
    covered: set[int] = set()
    for place, character in enumerate(text):
        start, end = one.shown.origin("text", place, place + 1)
        assert 0 <= start <= end <= len(own)
        inside = set(range(start, end))
        if not inside & hidden and end - start == 1:
            assert own[start:end] == character
        covered |= inside
    assert covered == set(range(len(own)))


def leaves(value: Json) -> list[str]:
    """Give every text of a value: strings, keys, and numbers as they are written."""
    if isinstance(value, str):
        return [value]
    if isinstance(value, bool) or value is None:
        return []
    if isinstance(value, Mapping):
        return [leaf for name, one in value.items() for leaf in [name, *leaves(one)]]
    if isinstance(value, int | float):
        return [str(value)]
    return [leaf for one in value for leaf in leaves(one)]


def text_of(value: Json) -> str:
    if value is None:
        return ""
    return value if isinstance(value, str) else orjson.dumps(value).decode()


def test_short_texts_are_protected_fast() -> None:
    """20,000 a second and more on an idle machine; half of that, in CPU time, where others may work."""
    texts = [
        f"I bought it {n} days ago for 20 dollars and, honestly, it is the best screen I ever had. Would buy again!"
        for n in range(4_000)
    ]
    privacy = Privacy(pii="redact")
    best = float("inf")
    for _ in range(3):
        began = time.process_time()
        for text in texts:
            protect({"text": text}, privacy, fields=("text",), key=KEY)
        best = min(best, time.process_time() - began)
    rate = len(texts) / best
    print(f"{rate:,.0f} texts/s")
    assert rate > 10_000
