"""Items that speak to the model are noticed; items that do not are left alone."""

from __future__ import annotations

import gzip
import json
import re
import unicodedata
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from labelwright.prompting.disguise import readings
from labelwright.prompting.suspicion import FAMILIES, RULES, suspicion
from tests.fault.injections import ATTACKS, HARMLESS, texts

LEET = str.maketrans("013457@$", "oieastas")


@pytest.mark.parametrize(("family", "text"), texts("i0007", "http://127.0.0.1:1/x"))
def test_M7_every_attack_of_the_corpus_is_noticed(family: str, text: str) -> None:
    assert family in suspicion({"text": text}, ["text"])


@pytest.mark.parametrize(("family", "text"), texts("i0007", "http://127.0.0.1:1/x"))
def test_M7_an_attack_is_noticed_inside_a_conversation(family: str, text: str) -> None:
    content: dict[str, Any] = {"talk": [{"role": "user", "text": f"Hello.\n{text}"}], "unseen": "…"}
    assert family in suspicion(content, ["talk", "unseen"])
    assert suspicion(content, ["unseen"]) == ()


def test_there_are_eight_families_and_attacks_of_each() -> None:
    assert tuple(ATTACKS) == FAMILIES
    assert len(FAMILIES) == 8
    assert all(len(of_family) >= 4 for of_family in ATTACKS.values())


@pytest.mark.parametrize("text", HARMLESS)
def test_what_only_uses_the_same_words_is_left_alone(text: str) -> None:
    assert suspicion({"text": text}, ["text"]) == ()


NEEDED = sorted({needed for rule in RULES for needed in rule.needs})


def spoken(text: str) -> set[str]:
    """Try every rule by itself: slow, and plainly what the rules say."""
    lowered = text.lower()
    return {r.family for r in RULES if any(n in lowered for n in r.needs) and r.pattern.search(lowered)}


@given(st.lists(st.sampled_from([*NEEDED, *" \n\"'{<:.", "all ", "the ", "x"]) | st.text(max_size=6), max_size=30))
def test_one_walk_through_a_text_finds_what_every_rule_by_itself_finds(pieces: list[str]) -> None:
    text = "".join(pieces)
    assert spoken(text) <= set(suspicion({"text": text}, ["text"]))
    if not list(readings(text)):
        assert set(suspicion({"text": text}, ["text"])) - {"disguise"} == spoken(text)


@pytest.mark.parametrize(
    "text", [text for _, text in texts("i0007", "http://127.0.0.1:1/x")] + [r.pattern.pattern for r in RULES]
)
def test_an_attack_is_of_the_families_whose_rules_fit_it(text: str) -> None:
    assert spoken(text) <= set(suspicion({"text": text}, ["text"]))


@given(st.text(st.sampled_from("aZ0137$@ 9(.é\n"), max_size=12))
def test_digits_that_stand_for_letters_are_seen_between_letters_alone(text: str) -> None:
    is_leet = re.search(r"[A-Za-z][013457@$]+[A-Za-z]", text) is not None
    plain = unicodedata.normalize("NFKC", text)
    assert (plain.translate(LEET) in list(readings(text))) or not is_leet
    if text.isascii() and not is_leet and text.count(".") < 5 and " " not in text:
        assert list(readings(text)) == []


@given(st.text(max_size=200))
def test_any_text_can_be_looked_at(text: str) -> None:
    assert set(suspicion({"text": text, "n": 3, "none": None}, ["text", "n", "none", "absent"])) <= set(FAMILIES)


def test_a_long_text_made_to_be_slow_is_not() -> None:
    for unit in ("ignore all the ", "for all other the next ", "a ", "repeat ", "<item", "aGVsbG8", "\\x41", "{'a': '"):
        suspicion({"text": unit * (50_000 // len(unit))}, ["text"])


def test_hardly_any_recorded_item_is_noticed(shared_data: Path) -> None:
    """At most one in a thousand of the recorded sets' items; the rate is printed, no text is shown."""
    looked = noticed = 0
    for task in sorted(shared_data.glob("*/*/task.json")):
        fields = json.loads(task.read_text()).get("content_fields") or ["text"]
        for content in _items(task.parent, most=300):
            looked += 1
            noticed += suspicion(content, fields) != ()
    print(f"{noticed} of {looked} recorded items are noticed")
    assert looked > 5_000
    assert noticed <= looked / 1_000


def _items(folder: Path, *, most: int) -> Iterator[dict[str, Any]]:
    file = next(iter(sorted(folder.glob("items.jsonl*"))), None)
    if file is None:
        return
    with gzip.open(file, "rt") if file.suffix == ".gz" else file.open() as lines:
        for _, line in zip(range(most), lines, strict=False):
            row = json.loads(line)
            yield row.get("content", row)
