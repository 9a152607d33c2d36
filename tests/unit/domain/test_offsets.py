"""Code points and UTF-16 units, on the fixture that the page's tests read too."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from labelwright.domain.offsets import CodePoints, Offsets, Utf16Units

CASES: list[dict[str, Any]] = json.loads((Path(__file__).parents[2] / "fixtures" / "offsets.json").read_text("utf-8"))


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["name"])
def test_every_place_is_converted_there_and_back(case: dict[str, Any]) -> None:
    offsets = Offsets(case["text"])
    assert [offsets.to_units(CodePoints(place)) for place in range(len(case["text"]) + 1)] == case["units"]
    assert [offsets.to_code_points(Utf16Units(place)) for place in case["units"]] == list(range(len(case["units"])))


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["name"])
def test_a_place_inside_a_character_or_outside_the_text_is_refused(case: dict[str, Any]) -> None:
    offsets, last = Offsets(case["text"]), case["units"][-1]
    for place in set(range(-2, last + 3)) - set(case["units"]):
        with pytest.raises(ValueError, match=r"is not in a text|is inside"):
            offsets.to_code_points(Utf16Units(place))
    with pytest.raises(ValueError, match="is not in a text"):
        offsets.to_units(CodePoints(len(case["text"]) + 1))


@given(text=st.text(max_size=30), place=st.integers(0, 30))
def test_a_place_is_the_length_in_utf_16_of_what_comes_before(text: str, place: int) -> None:
    if place <= len(text):
        before = len(text[:place].encode("utf-16-le", "surrogatepass")) // 2
        assert Offsets(text).to_units(CodePoints(place)) == before
        assert Offsets(text).to_code_points(Utf16Units(before)) == place
