from __future__ import annotations

import itertools
from collections.abc import Iterable
from typing import Any, ClassVar

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from labelwright.errors import InvalidValue
from labelwright.tasks.protocol import Shown
from labelwright.tasks.ranges import TASK_TYPE, Range, heaviest, overlaps_of
from labelwright.tasks.series import extent_of
from labelwright.testing.task_type_suite import TaskTypeSuite, shares

LABELS = ["speech", "noise"]
ADA: Any = {"start": 0.5, "end": 2.0, "label": "speech"}


def ranges(step: int, unit: float, **more: st.SearchStrategy[Any]) -> st.SearchStrategy[list[dict[str, Any]]]:
    """Ranges whose edges lie on a grid."""
    edges = st.tuples(st.integers(0, step - 1), st.integers(1, step)).map(lambda p: (p[0], p[0] + p[1]))
    one = st.builds(
        lambda edge, label, rest: {"start": edge[0] * unit, "end": edge[1] * unit, "label": label, **rest},
        edges,
        st.sampled_from(LABELS),
        st.fixed_dictionaries(more),
    )
    return st.lists(one, max_size=4, unique_by=lambda r: (r["start"], r["end"], r["label"]))


def apart(raw: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Leave out what overlaps something before it."""
    kept: list[dict[str, Any]] = []
    for one in raw:
        if all(one["end"] <= other["start"] or other["end"] <= one["start"] for other in kept):
            kept.append(one)
    return kept


class TestRanges(TaskTypeSuite):
    task_type = TASK_TYPE
    settings: ClassVar = {"labels": LABELS, "tolerance": 0.2}
    values = ranges(1_000_000, 1e-4) | ranges(6, 0.5)
    refused = (
        None,
        ADA,
        [{**ADA, "end": 0.5}],
        [{**ADA, "end": 0.5000001}],
        [{**ADA, "start": float("nan")}],
        [{**ADA, "end": float("inf")}],
        [{**ADA, "end": 10**400}],
        [{**ADA, "start": True}],
        [{**ADA, "label": "Speech"}],
        [{**ADA, "text": "hello"}],
        [ADA, ADA],
    )
    refused_settings = (
        {},
        {"labels": LABELS, "same": 0},
        {"labels": LABELS, "unit": "minutes"},
        {"labels": LABELS, "min_length": -1},
        {"labels": LABELS, "transcript": "maybe"},
        {"labels": LABELS, "fps": 0},
    )


class TestRangesOfSamplesThatDoNotOverlap(TaskTypeSuite):
    task_type = TASK_TYPE
    settings: ClassVar = {"labels": LABELS, "unit": "samples", "overlap": "none", "min_length": 2, "same": 0.3}
    values = ranges(30, 1).map(lambda raw: apart([one for one in raw if one["end"] - one["start"] >= 2]))
    refused = (
        [{**ADA, "start": 0.5}],
        [{**ADA, "start": -1, "end": 4}],
        [{**ADA, "start": 3, "end": 4}],
        [{**ADA, "start": 0, "end": 4}, {**ADA, "start": 3, "end": 6, "label": "noise"}],
    )
    refused_settings = ({"labels": []},)


class TestRangesWithTranscripts(TaskTypeSuite):
    task_type = TASK_TYPE
    settings: ClassVar = {"labels": LABELS, "transcript": "required", "models_read": "text"}
    values = ranges(6, 0.5, text=st.sampled_from(["hello", "Hello!", "🦊 ja"]))
    refused = ([ADA], [{**ADA, "text": " "}], [{**ADA, "text": "\ud800"}], [{**ADA, "text": 3}])
    refused_settings = ({"labels": LABELS, "models_read": 3},)


task = TASK_TYPE.bind({"labels": [{"value": "speech", "aliases": ["talk"]}, "noise"]})


def at(start: float, end: float, label: str = "speech") -> dict[str, Any]:
    return {"start": start, "end": end, "label": label}


def test_distance_pairs_ranges_of_one_label_and_counts_what_is_left_over() -> None:
    a = task.parse([at(0, 2), at(5, 6, "noise")])
    b = task.parse([at(1, 3), at(5, 6)])
    # 0–2 and 1–3 share 1 of 3; the noise finds nothing: 1 − (1/3 + 0) / 2
    assert task.distance(a, b) == pytest.approx(1 - (1 / 3) / 2)
    assert task.distance(a, ()) == 1.0


def test_a_transcript_counts_as_far_as_it_is_alike() -> None:
    spoken = TASK_TYPE.bind({"labels": LABELS, "transcript": "optional"})
    a, b = (spoken.parse([{**at(0, 2), "text": text}]) for text in ("abcd", "abcx"))
    assert spoken.distance(a, b) == pytest.approx(0.25)


@given(a=ranges(8, 0.25), b=ranges(8, 0.25))
def test_the_matching_is_the_best_of_all(a: list[Any], b: list[Any]) -> None:
    first, second = task.parse(a), task.parse(b)
    short, long = sorted((first, second), key=len)
    if first == second or not short:
        return
    table = overlaps_of(short, long)
    best = max(
        sum(float(table[i, j]) for i, j in enumerate(chosen))
        for chosen in itertools.permutations(range(len(long)), len(short))
    )
    assert task.distance(first, second) == pytest.approx(1 - best / len(long), abs=1e-8)


@given(lane=st.lists(st.tuples(st.integers(1, 5), st.integers(0, 6), st.integers(1, 4)), max_size=7))
def test_what_is_kept_apart_weighs_the_most(lane: list[tuple[int, int, int]]) -> None:
    weighed = [(float(w), Range(s, s + n, "speech", str(at))) for at, (w, s, n) in enumerate(lane)]

    def weight(chosen: Iterable[tuple[float, Range]]) -> float:
        chosen = list(chosen)
        marks = sorted(one for _, one in chosen)
        clash = any(x.end > y.start for x, y in itertools.pairwise(marks))
        return -1.0 if clash else sum(w for w, _ in chosen)

    best = max(weight(chosen) for n in range(len(lane) + 1) for chosen in itertools.combinations(weighed, n))
    kept = heaviest(weighed)
    assert weight([pair for pair in weighed if pair[1] in kept]) == best


def test_edges_are_the_medians_of_what_most_people_marked() -> None:
    values = [task.parse(raw) for raw in ([at(0, 2)], [at(0.2, 2.1), at(8, 9)], [at(0.1, 2.4)])]
    ballots = task.decompose(values)
    assert task.dump(task.compose(shares(ballots), ballots)) == [at(0.1, 2.1)]


def test_of_two_that_may_not_overlap_the_surer_one_is_kept() -> None:
    alone = TASK_TYPE.bind({"labels": LABELS, "overlap": "none"})
    values = [alone.parse([at(0, 2)]), alone.parse([at(1, 3, "noise")])]
    ballots = alone.decompose(values)
    sure = [np.array([0.4, 0.6]), np.array([0.1, 0.9])]
    assert alone.dump(alone.compose(sure, ballots)) == [at(1, 3, "noise")]
    per_label = TASK_TYPE.bind({"labels": LABELS, "overlap": "labels"})
    assert len(per_label.compose(sure, ballots)) == 2


def test_a_model_that_cannot_hear_is_told_so() -> None:
    heard = TASK_TYPE.bind({"labels": LABELS, "field": "clip"})
    with pytest.raises(InvalidValue, match=r"not shown 'clip'.*models_read"):
        heard.read_answer([at(0, 1)], Shown({"title": "a talk"}))
    read = TASK_TYPE.bind({"labels": LABELS, "field": "clip", "models_read": "transcript"})
    assert read.read_answer([at(0, 1)], Shown({"transcript": "[0–1] hello"})) == (Range(0, 1, "speech"),)
    assert task.read_answer([at(0, 1, "talk")], Shown({"text": "…"})) == (Range(0, 1, "speech"),)


def test_nothing_lies_outside_the_series_it_is_about() -> None:
    series: Any = {"t": [10.0, 10.5, 11.0], "y": {"a": [1, 2, 3]}}
    task.check_item(task.parse([at(10.5, 11)]), {"signal": series, "name": "x"})
    with pytest.raises(InvalidValue, match=r"reaches beyond 10 to 11"):
        task.check_item(task.parse([at(10.5, 11.5)]), {"signal": series})
    with pytest.raises(InvalidValue, match="reaches beyond 0"):
        task.check_item(task.parse([at(-1, 2)]), {"clip": "data:audio/wav;base64,AAAA"})
    counted = TASK_TYPE.bind({"labels": LABELS, "unit": "samples"})
    counted.check_item(counted.parse([at(1, 3)]), {"signal": series})
    with pytest.raises(InvalidValue, match="reaches beyond 0 to 3"):
        counted.check_item(counted.parse([at(1, 4)]), {"signal": series})


@pytest.mark.parametrize(
    ("value", "extent"),
    [
        ([1, 2, 3], (0, 3)),
        ({"y": [1.5, 2]}, (0, 2)),
        ({"y": [[1, 2, 3], [4, 5, 6]], "rate": 2}, (0, 1.5)),
        ({"y": {"a": [1, 2]}, "t": [3, 5]}, (3, 5)),
        ("text", None),
        ([], None),
        ([True, False], None),
        ({"y": "abc"}, None),
        ({"y": {"a": "abc"}}, None),
        (None, None),
    ],
)
def test_a_series_is_numbers_over_time(value: object, extent: tuple[float, float] | None) -> None:
    assert extent_of(value, in_samples=False) == extent
