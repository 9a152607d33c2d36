from __future__ import annotations

from typing import Any, ClassVar

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from labelwright.errors import InvalidValue
from labelwright.tasks.protocol import Shown
from labelwright.tasks.tracks import TASK_TYPE, Keyframe, Track, likeness
from labelwright.testing.task_type_suite import TaskTypeSuite, shares

LABELS = ["car", "dog"]
KEY: Any = {"frame": 0, "x": 0.1, "y": 0.2, "width": 0.3, "height": 0.4}
CAR: Any = {"label": "car", "keyframes": [KEY, {**KEY, "frame": 10, "x": 0.3}]}


def tracks(step: int) -> st.SearchStrategy[list[dict[str, Any]]]:
    """Tracks whose corners lie on a grid, some of them out of sight for a while."""
    side = st.tuples(st.integers(0, step - 1), st.integers(1, step)).map(
        lambda p: (p[0] / step, min(p[1], step - p[0]) / step)
    )
    box = st.tuples(side, side, st.booleans())
    keys = st.lists(st.tuples(st.integers(0, 30), box), min_size=1, max_size=4, unique_by=lambda pair: pair[0])

    def track(label: str, made: list[Any]) -> dict[str, Any]:
        keyframes = [
            {"frame": frame, "x": x[0], "width": x[1], "y": y[0], "height": y[1]}
            | ({"outside": True} if out and n else {})
            for n, (frame, (x, y, out)) in enumerate(sorted(made))
        ]
        return {"label": label, "keyframes": keyframes}

    return st.lists(st.builds(track, st.sampled_from(LABELS), keys), max_size=3, unique_by=repr)


class TestTracks(TaskTypeSuite):
    task_type = TASK_TYPE
    settings: ClassVar = {"labels": LABELS, "fps": 25, "tolerance": 0.2, "models_read": "text"}
    values = tracks(1_000_000) | tracks(5)
    refused = (
        None,
        CAR,
        [{**CAR, "label": "Car"}],
        [{**CAR, "keyframes": []}],
        [{**CAR, "keyframes": [{**KEY, "outside": True}]}],
        [{**CAR, "keyframes": [{**KEY, "outside": 1}]}],
        [{**CAR, "keyframes": [KEY, KEY]}],
        [{**CAR, "keyframes": [{**KEY, "frame": 0.5}]}],
        [{**CAR, "keyframes": [{**KEY, "frame": -1}]}],
        [{**CAR, "keyframes": [{**KEY, "frame": 10**9}]}],
        [{**CAR, "keyframes": [{**KEY, "x": 0.9}]}],
        [{**CAR, "keyframes": [{**KEY, "width": 0}]}],
        [{**CAR, "keyframes": [{**KEY, "angle": 3}]}],
        [CAR, CAR],
    )
    refused_settings = (
        {"labels": LABELS},
        {"labels": LABELS, "fps": 0},
        {"labels": LABELS, "fps": 25, "same": 0},
        {"fps": 25},
    )


task = TASK_TYPE.bind({"labels": LABELS, "fps": 25})


def track(*keyframes: tuple[Any, ...], label: str = "car") -> Track:
    return Track(tuple(Keyframe(*key) for key in keyframes), label)


def test_boxes_move_evenly_between_key_frames_and_are_nowhere_outside_them() -> None:
    moving = track((10, 0.0, 0.0, 0.2, 0.2), (20, 0.5, 0.0, 0.2, 0.4))
    corners, in_sight = moving.at(np.array([9, 10, 15, 20, 21]))
    assert in_sight.tolist() == [False, True, True, True, False]
    assert corners[2].tolist() == pytest.approx([0.25, 0.0, 0.45, 0.3])


def test_from_an_outside_key_frame_on_it_is_not_in_sight() -> None:
    hidden = track((0, 0, 0, 0.1, 0.1), (4, 0.5, 0, 0.1, 0.1, True), (6, 0.5, 0, 0.1, 0.1), (8, 0.5, 0, 0.1, 0.1, True))
    _, in_sight = hidden.at(np.arange(9))
    assert in_sight.tolist() == [True] * 4 + [False] * 2 + [True] * 2 + [False]


def test_likeness_is_the_mean_overlap_over_the_frames_of_either() -> None:
    still = track((0, 0, 0, 0.2, 0.2), (9, 0, 0, 0.2, 0.2))
    short = track((0, 0, 0, 0.2, 0.2), (4, 0, 0, 0.2, 0.2))
    shifted = track((0, 0.1, 0, 0.2, 0.2), (9, 0.1, 0, 0.2, 0.2))
    assert likeness(still, short) == pytest.approx(5 / 10)
    assert likeness(still, shifted) == pytest.approx(1 / 3)  # squares of side .2, shifted by half
    assert likeness(short, track((5, 0, 0, 0.2, 0.2))) == 0.0


def test_distance_pairs_tracks_of_one_label_and_counts_what_is_left_over() -> None:
    still = track((0, 0, 0, 0.2, 0.2), (9, 0, 0, 0.2, 0.2))
    other = track((0, 0.5, 0.5, 0.2, 0.2), label="dog")
    # the cars are alike by 1/2; the dog finds nothing: 1 − (1/2 + 0) / 2
    short = track((0, 0, 0, 0.2, 0.2), (4, 0, 0, 0.2, 0.2))
    assert task.distance((still, other), (short,)) == pytest.approx(1 - 0.5 / 2)


def test_a_day_of_film_is_compared_in_a_moment_and_the_mean_is_about_right() -> None:
    long = track((0, 0, 0, 0.2, 0.2), (1_000_000, 0, 0, 0.2, 0.2))
    half = track((0, 0, 0, 0.2, 0.2), (500_000, 0, 0, 0.2, 0.2))
    assert likeness(long, half) == pytest.approx(0.5, abs=0.001)


@given(a=tracks(7), b=tracks(7))
def test_likeness_is_what_a_loop_over_frames_and_sides_gives(a: list[Any], b: list[Any]) -> None:
    for one in task.parse(a):
        for other in task.parse(b):
            assert likeness(one, other) == pytest.approx(plainly(one, other), abs=1e-9)


def plainly(a: Track, b: Track) -> float:
    """The same once more, without arrays."""
    overlaps: list[float] = []
    for frame in range(31):
        one, other = box_at(a, frame), box_at(b, frame)
        if one is None or other is None:
            overlaps += [0.0] if one or other else []
            continue
        wide = min(one[2], other[2]) - max(one[0], other[0])
        high = min(one[3], other[3]) - max(one[1], other[1])
        shared = max(wide, 0) * max(high, 0)
        both = sum((box[2] - box[0]) * (box[3] - box[1]) for box in (one, other))
        overlaps.append(shared / (both - shared))
    return sum(overlaps) / len(overlaps) if overlaps else 0.0


def box_at(track: Track, frame: int) -> list[float] | None:
    before = [key for key in track.keyframes if key.frame <= frame]
    after = [key for key in track.keyframes if key.frame >= frame]
    if not before or not after or before[-1].outside:
        return None
    low, high = before[-1], after[0]
    share = (frame - low.frame) / (high.frame - low.frame) if high.frame > low.frame else 0.0
    corners = [(key.x, key.y, key.x + key.width, key.y + key.height) for key in (low, high)]
    return [x + (y - x) * share for x, y in zip(*corners, strict=True)]


def test_people_together_give_the_medians_at_the_key_frames_of_the_middle_track() -> None:
    values = [
        (track((0, 0.1, 0.1, 0.2, 0.2), (10, 0.3, 0.1, 0.2, 0.2)),),
        (track((0, 0.12, 0.1, 0.2, 0.2), (10, 0.32, 0.1, 0.2, 0.2)),),
        (track((0, 0.15, 0.1, 0.2, 0.2), (5, 0.25, 0.1, 0.2, 0.2), (10, 0.35, 0.1, 0.2, 0.2)),),
    ]
    ballots = task.decompose(values)
    assert ballots.n_units == 1
    (found,) = task.compose(shares(ballots), ballots)
    assert found.keyframes == (Keyframe(0, 0.12, 0.1, 0.2, 0.2), Keyframe(10, 0.32, 0.1, 0.2, 0.2))


def test_a_model_sees_no_film() -> None:
    with pytest.raises(InvalidValue, match="models here see no films"):
        task.read_answer([], Shown({"title": "a street"}))
