from __future__ import annotations

from typing import Any, ClassVar

import pytest
from hypothesis import given
from hypothesis import strategies as st

from labelwright.errors import InvalidValue
from labelwright.tasks.marks import Span
from labelwright.tasks.protocol import Shown
from labelwright.tasks.spans import TASK_TYPE
from labelwright.testing.task_type_suite import TaskTypeSuite, shares

TEXT = "Ada met Bo in Rome, and Ada left 🦊."
LABELS = ["person", "place"]


def spans_of(text: str, labels: list[str]) -> st.SearchStrategy[list[dict[str, Any]]]:
    """Any spans of a text; as many labels as there are may mark the same place."""
    place = st.tuples(st.integers(0, len(text) - 1), st.integers(1, 12)).filter(
        lambda p: bool(text[p[0] : sum(p)].strip())
    )
    span = st.builds(
        lambda p, label: {"start": p[0], "end": min(sum(p), len(text)), "label": label}, place, st.sampled_from(labels)
    )
    return st.lists(span, max_size=5, unique_by=lambda one: (one["start"], one["end"], one["label"]))


@st.composite
def split_spans_of(draw: st.DrawFn, text: str, labels: list[str]) -> list[dict[str, Any]]:
    """Any spans of a text, some of several pieces."""
    found: list[dict[str, Any]] = []
    for span in draw(spans_of(text, labels)):
        start, end = span["start"], span["end"]
        inner = st.lists(st.integers(start + 1, end - 1), min_size=2, max_size=4, unique=True)
        edges: list[int] = sorted([start, end, *(draw(inner) if end - start > 4 and draw(st.booleans()) else [])])
        if len(edges) % 2:
            edges.pop(1)
        pieces = [{"start": edges[at], "end": edges[at + 1]} for at in range(0, len(edges), 2)]
        is_split = len(pieces) > 1 and all(text[one["start"] : one["end"]].strip() for one in pieces)
        found.append({**span, "pieces": pieces} if is_split else span)
    return found


def apart(spans: list[dict[str, Any]]) -> list[dict[str, Any]]:
    kept: list[dict[str, Any]] = []
    for span in spans:
        if all(span["end"] <= other["start"] or other["end"] <= span["start"] for other in kept):
            kept.append(span)
    return kept


REFUSED = (
    None,
    "Ada",
    {"start": 0},
    [{"start": 0, "end": 3}],
    [{"start": 0, "end": 3, "label": "person", "text": "Ada"}],
    [{"start": 0, "end": 3, "label": "Person"}],
    [{"start": 3, "end": 3, "label": "person"}],
    [{"start": -1, "end": 3, "label": "person"}],
    [{"start": True, "end": 3, "label": "person"}],
    [{"start": 0.0, "end": 3, "label": "person"}],
    [{"start": 0, "end": 10**30, "label": "person"}],
    [{"start": 0, "end": 3, "label": "person"}] * 2,
)


class TestSpans(TaskTypeSuite):
    task_type = TASK_TYPE
    settings: ClassVar = {"labels": LABELS}
    values = spans_of(TEXT, LABELS)
    refused = REFUSED
    refused_settings = ({}, {"labels": LABELS, "overlap": "some"}, {"labels": LABELS, "tolerance": 1})


class TestSpansThatMayNotOverlap(TaskTypeSuite):
    task_type = TASK_TYPE
    settings: ClassVar = {"labels": LABELS, "overlap": "none", "field": "text"}
    values = spans_of(TEXT, LABELS).map(apart)
    refused = (
        *REFUSED,
        [{"start": 0, "end": 3, "label": "person"}, {"start": 2, "end": 5, "label": "place"}],
        [{"start": 0, "end": 3, "label": "person"}, {"start": 0, "end": 3, "label": "place"}],
    )
    refused_settings = ({"labels": LABELS, "field": ""}, {"labels": LABELS, "overlap": True})


LEFT_LUNG = {"start": 0, "end": 19, "label": "person", "pieces": [{"start": 0, "end": 4}, {"start": 15, "end": 19}]}


class TestSpansOfSeveralPieces(TaskTypeSuite):
    task_type = TASK_TYPE
    settings: ClassVar = {"labels": LABELS, "discontinuous": True}
    values = split_spans_of(TEXT, LABELS)
    refused = (
        *REFUSED,
        [{**LEFT_LUNG, "pieces": []}],
        [{**LEFT_LUNG, "pieces": [{"start": 0, "end": 19}]}],
        [{**LEFT_LUNG, "pieces": [{"start": 0, "end": 4}, {"start": 4, "end": 19}]}],
        [{**LEFT_LUNG, "pieces": [{"start": 0, "end": 9}, {"start": 5, "end": 19}]}],
        [{**LEFT_LUNG, "pieces": [{"start": 0, "end": 4}, {"start": 15, "end": 18}]}],
        [{**LEFT_LUNG, "pieces": [{"start": 0, "end": 0}, {"start": 15, "end": 19}]}],
        [{**LEFT_LUNG, "pieces": [{"start": 0, "end": True}, {"start": 15, "end": 19}]}],
        [{**LEFT_LUNG, "pieces": [[0, 4], [15, 19]]}],
        [{**LEFT_LUNG, "pieces": None}],
        [LEFT_LUNG, LEFT_LUNG],
    )
    refused_settings = ({"labels": LABELS, "discontinuous": "yes"}, {"labels": LABELS, "discontinuous": 1})


class TestSpansOfSeveralPiecesThatMayNotOverlap(TaskTypeSuite):
    task_type = TASK_TYPE
    settings: ClassVar = {"labels": LABELS, "discontinuous": True, "overlap": "none"}
    values = split_spans_of(TEXT, LABELS).map(apart)
    refused = ([LEFT_LUNG, {"start": 2, "end": 5, "label": "place"}],)
    refused_settings = ({"labels": LABELS, "discontinuous": None},)


task = TASK_TYPE.bind({"labels": [{"value": "person", "aliases": ["PER", "human"]}, "place"]})


def asked(text: str, *answer: tuple[str, str | None, str]) -> list[tuple[str, str]]:
    """Read quotes of a text and give what they mark."""
    raw = [{"quote": quote, "before": before, "label": label} for quote, before, label in answer]
    found = task.read_answer(raw, Shown({"text": text}))
    return [(text[span.start : span.end], span.label) for span in found]


@given(text=st.text("ab \n", min_size=1, max_size=12).filter(str.strip), data=st.data())
def test_every_span_is_found_again_in_texts_that_repeat_themselves(text: str, data: st.DataObject) -> None:
    value = task.parse(data.draw(spans_of(text, LABELS)))
    shown = Shown({"text": text})
    assert task.read_answer(task.write_answer(value, shown), shown) == value


def test_the_first_quoted_of_repeated_mentions_is_the_first_in_the_text() -> None:
    read = task.read_answer([{"quote": "Ada", "before": None, "label": "person"}] * 2, Shown({"text": TEXT}))
    assert read == (Span(0, 3, "person"), Span(24, 27, "person"))


def test_words_before_a_mention_say_which_one_is_meant() -> None:
    answer = [{"quote": "Ada", "before": "and", "label": "person"}]
    assert task.read_answer(answer, Shown({"text": TEXT})) == (Span(24, 27, "person"),)
    assert task.write_answer((Span(24, 27, "person"),), Shown({"text": TEXT})) == [
        {"quote": "Ada", "before": "and ", "label": "person"}
    ]
    assert task.write_answer((Span(0, 3, "person"),), Shown({"text": TEXT})) == [
        {"quote": "Ada", "before": None, "label": "person"}
    ]


def test_a_mention_quoted_more_often_than_it_is_there_is_refused() -> None:
    with pytest.raises(InvalidValue, match=r"\[1\]\.quote: 'Rome' is quoted more often than it is found \(once\)"):
        asked(TEXT, ("Rome", None, "place"), ("Rome", None, "place"))


def test_case_blanks_and_typographic_marks_do_not_hide_a_place() -> None:
    text = "She said “it’s  fine” to Ｂｏ\nBaker – twice."
    assert asked(text, ("it's fine", None, "person")) == [("it’s  fine", "person")]
    assert asked(text, ("bo baker - twice", None, "person")) == [("Ｂｏ\nBaker – twice", "person")]


def test_a_slip_of_the_pen_is_mended_where_one_place_only_is_meant() -> None:
    assert asked("In 1999 Barack Obama spoke.", ("Barak Obama", None, "person")) == [("Barack Obama", "person")]
    with pytest.raises(InvalidValue, match="more than one place is like it"):
        asked("Barack Obama and Barack Obama", ("Barak Obama", None, "person"))
    with pytest.raises(InvalidValue, match=r"\[0\]\.quote: 'Angela Merkel' is not in the text; copy it"):
        asked("In 1999 Barack Obama spoke.", ("Angela Merkel", None, "person"))
    with pytest.raises(InvalidValue, match="'Bob' is not in the text"):
        asked("Rob left.", ("Bob", None, "person"))


def test_an_alias_is_read_as_its_label_and_nothing_is_folded() -> None:
    assert asked(TEXT, ("Bo", None, "PER")) == [("Bo", "person")]
    with pytest.raises(InvalidValue, match=r"\[0\]\.label: label 'per' is not in the schema"):
        asked(TEXT, ("Bo", None, "per"))


def test_places_are_counted_in_the_items_own_text_and_not_in_what_was_shown_of_it() -> None:
    # The first ten characters were cut off.
    own = "0123456789Ada met Bo."
    shown = Shown({"text": own[10:]}, origin=lambda _field, start, end: (start + 10, end + 10))
    assert task.read_answer([{"quote": "Bo", "before": None, "label": "person"}], shown) == (Span(18, 20, "person"),)
    assert task.write_answer((Span(2, 4, "place"), Span(18, 20, "person")), shown) == [
        {"quote": "Bo", "before": None, "label": "person"}
    ], "what was cut off is not part of the answer"


def test_of_several_texts_the_question_must_name_one() -> None:
    shown = Shown({"title": "Ada", "text": "Ada"})
    answer = [{"quote": "Ada", "before": None, "label": "person"}]
    with pytest.raises(InvalidValue, match=r"2 texts to mark places in \(title, text\); name one as `field`"):
        task.read_answer(answer, shown)
    named = TASK_TYPE.bind({"labels": LABELS, "field": "text"})
    assert named.read_answer(answer, shown) == (Span(0, 3, "person"),)


def test_M4_a_span_beyond_the_text_is_refused_when_the_item_is_known() -> None:
    task.check_item((Span(0, 3, "person"),), {"text": "Ada", "stars": 3})
    with pytest.raises(InvalidValue, match="reaches beyond the 3 characters"):
        task.check_item((Span(0, 4, "person"),), {"text": "Ada"})


def test_crossing_spans_are_named_where_only_nesting_is_allowed() -> None:
    nested = TASK_TYPE.bind({"labels": LABELS, "overlap": "nested"})
    inside = [{"start": 0, "end": 9, "label": "person"}, {"start": 4, "end": 6, "label": "place"}]
    assert len(nested.parse(inside)) == 2
    with pytest.raises(
        InvalidValue, match="spans 0–9 'person' and 4–12 'place' cross; this question has overlap: nested"
    ):
        nested.parse([inside[0], {"start": 4, "end": 12, "label": "place"}])


def test_without_overlap_the_heaviest_spans_that_fit_together_stay() -> None:
    strict = TASK_TYPE.bind({"labels": LABELS, "overlap": "none"})
    a, b, long = Span(0, 3, "person"), Span(4, 6, "person"), Span(0, 6, "place")
    ballots = strict.decompose([(a, b), (long,)])
    posterior: Any = [[0.4, 0.6], [0.45, 0.55], [0.1, 0.9]]  # units in order: 0–3, 0–6, 4–6
    assert ballots.meaning == (a, long, b)
    # 0.6 + 0.9 > 0.55
    assert strict.compose(posterior, ballots) == (a, b)


def test_distance_is_one_minus_f1_of_the_exact_spans() -> None:
    # One of two shared: F1 = 2*1/(2+2)
    assert (
        task.distance((Span(0, 3, "person"), Span(4, 6, "place")), (Span(0, 3, "person"), Span(4, 7, "place"))) == 0.5
    )
    assert TASK_TYPE.bind({"labels": LABELS, "tolerance": 0.2}).tolerance == 0.2


def test_a_span_needs_more_than_half_of_the_votes() -> None:
    a, b = Span(0, 3, "person"), Span(4, 6, "place")
    ballots = task.decompose([(a, b), (a,)])
    assert ballots.option_space == "local"
    assert task.compose(shares(ballots), ballots) == (a,)


# ---------------------------------------------------------------- several pieces

LUNGS = "left and right lung, left side"
FINDINGS = TASK_TYPE.bind({"labels": ["finding"], "discontinuous": True})


def split(*pieces: tuple[int, int]) -> Span:
    return Span(pieces[0][0], pieces[-1][1], "finding", pieces)


def finding(*pieces: tuple[str, str | None]) -> dict[str, Any]:
    (quote, before), *more = pieces
    rest = [{"quote": one, "before": words} for one, words in more]
    return {"quote": quote, "before": before, "more": rest, "label": "finding"}


def test_pieces_are_refused_unless_the_question_allows_them() -> None:
    with pytest.raises(InvalidValue, match="a span has no 'pieces' here; a question with `discontinuous: true`"):
        task.parse([LEFT_LUNG])
    strict = TASK_TYPE.bind({"labels": LABELS, "discontinuous": True})
    assert strict.dump(strict.parse([LEFT_LUNG])) == [LEFT_LUNG]
    turned = {**LEFT_LUNG, "pieces": LEFT_LUNG["pieces"][::-1]}  # type: ignore[index]
    assert strict.dump(strict.parse([turned])) == [LEFT_LUNG], "they are kept in the order of the text"


def test_what_was_stored_before_stays_the_same_bytes() -> None:
    plain = [{"start": 0, "end": 3, "label": "person"}]
    for one in (task, TASK_TYPE.bind({"labels": LABELS, "discontinuous": True})):
        assert one.dump(one.parse(plain)) == plain
    assert '"more"' not in task.describe()
    assert "more" not in str(task.answer_schema())


def test_a_model_quotes_the_pieces_in_the_order_of_the_text() -> None:
    shown = Shown({"text": LUNGS})
    value = (split((0, 4), (15, 19)), Span(9, 19, "finding"))
    answer = [finding(("left", None), ("lung", None)), finding(("right lung", None))]
    assert FINDINGS.read_answer(answer, shown) == value
    assert FINDINGS.write_answer(value, shown) == answer
    # The first word for itself, and the same word behind another piece.
    again = FINDINGS.read_answer([finding(("lung", None), ("left", None))], shown)
    assert again == (split((15, 19), (21, 25)),)
    assert FINDINGS.write_answer(again, shown) == [finding(("lung", None), ("left", None))]
    with pytest.raises(InvalidValue, match=r"\[0\]\.more\[0\]\.quote: 'right' does not follow the piece before it"):
        FINDINGS.read_answer([finding(("lung", None), ("right", None))], shown)


def test_two_spans_may_begin_with_the_same_piece() -> None:
    shown = Shown({"text": "pain in knee and hip"})
    answer = [finding(("pain", None), ("knee", None)), finding(("pain", None), ("hip", None))]
    assert FINDINGS.read_answer(answer, shown) == (split((0, 4), (8, 12)), split((0, 4), (17, 20)))


@given(text=st.text("ab \n", min_size=1, max_size=14).filter(str.strip), data=st.data())
def test_every_piece_is_found_again_in_texts_that_repeat_themselves(text: str, data: st.DataObject) -> None:
    split_task = TASK_TYPE.bind({"labels": LABELS, "discontinuous": True})
    value = split_task.parse(data.draw(split_spans_of(text, LABELS)))
    shown = Shown({"text": text})
    assert split_task.read_answer(split_task.write_answer(value, shown), shown) == value


def test_pieces_are_counted_in_the_items_own_text() -> None:
    # The first word was cut off; "more" is counted behind it too.
    shown = Shown({"text": LUNGS[9:]}, origin=lambda _field, start, end: (start + 9, end + 9))
    assert FINDINGS.read_answer([finding(("right", None), ("left", None))], shown) == (split((9, 14), (21, 25)),)
    assert FINDINGS.write_answer((split((0, 4), (15, 19)),), shown) == [], "what was cut off is not part of the answer"


def test_spans_that_share_no_character_do_not_overlap_however_they_are_entwined() -> None:
    apart_task = TASK_TYPE.bind({"labels": ["finding"], "discontinuous": True, "overlap": "none"})
    entwined = (split((0, 4), (15, 19)), split((5, 8), (21, 25)))
    assert apart_task.parse(apart_task.dump(entwined)) == entwined
    with pytest.raises(InvalidValue, match=r"spans 0–4 \+ 15–19 'finding' and 9–19 'finding' overlap"):
        apart_task.parse([*apart_task.dump(entwined[:1]), {"start": 9, "end": 19, "label": "finding"}])  # type: ignore[list-item]
    nested = TASK_TYPE.bind({"labels": ["finding"], "discontinuous": True, "overlap": "nested"})
    inside = (split((0, 4), (15, 19)), Span(15, 19, "finding"))
    assert nested.parse(nested.dump(inside)) == inside
    with pytest.raises(InvalidValue, match="cross"):
        nested.parse([*nested.dump(inside[:1]), {"start": 9, "end": 19, "label": "finding"}])  # type: ignore[list-item]


def test_of_pieces_that_do_not_fit_together_the_heavier_span_stays() -> None:
    apart_task = TASK_TYPE.bind({"labels": ["finding"], "discontinuous": True, "overlap": "none"})
    left, right = split((0, 4), (15, 19)), Span(9, 19, "finding")
    ballots = apart_task.decompose([(left,), (right,)])
    assert ballots.meaning == (left, right)
    posterior: Any = [[0.4, 0.6], [0.1, 0.9]]
    assert apart_task.compose(posterior, ballots) == (right,)


def test_a_span_of_pieces_is_another_than_all_that_lies_between() -> None:
    whole = Span(0, 19, "finding")
    assert FINDINGS.distance((split((0, 4), (15, 19)),), (whole,)) == 1.0
    with pytest.raises(InvalidValue, match="reaches beyond"):
        FINDINGS.check_item((split((0, 4), (15, 19)),), {"text": "left and right lun"})


def test_pieces_are_kept_when_their_label_is_renamed() -> None:
    assert TASK_TYPE.relabel([LEFT_LUNG], {"person": "human"}) == [{**LEFT_LUNG, "label": "human"}]
