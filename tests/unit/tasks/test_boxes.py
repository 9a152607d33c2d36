from __future__ import annotations

from typing import Any, ClassVar

import pytest
from hypothesis import strategies as st

from labelwright.errors import InvalidValue
from labelwright.tasks.boxes import TASK_TYPE, Box, overlap_of
from labelwright.tasks.protocol import Shown
from labelwright.testing.task_type_suite import TaskTypeSuite, shares

LABELS = ["car", "dog"]
CAR: Any = {"x": 0.1, "y": 0.2, "width": 0.3, "height": 0.4, "label": "car"}


def side(low: float, size: float) -> tuple[float, float]:
    size = max(round(size * (1 - low), 6), 1e-6)
    return low, min(size, round(1 - low, 6))


def boxes(step: int) -> st.SearchStrategy[list[dict[str, Any]]]:
    """Boxes whose corners lie on a grid."""
    low = st.integers(0, step - 1)
    pair = st.tuples(low, st.integers(1, step)).map(lambda p: (p[0] / step, min(p[1], step - p[0]) / step))
    one = st.builds(
        lambda xs, ys, label: {"x": xs[0], "width": xs[1], "y": ys[0], "height": ys[1], "label": label},
        pair,
        pair,
        st.sampled_from(LABELS),
    )
    return st.lists(one, max_size=4, unique_by=lambda box: tuple(box.values()))


class TestBoxes(TaskTypeSuite):
    task_type = TASK_TYPE
    settings: ClassVar = {"labels": LABELS, "tolerance": 0.2}
    values = boxes(1_000_000) | boxes(6)
    refused = (
        None,
        CAR,
        [{**CAR, "x": 0.8}],
        [{**CAR, "x": -0.1}],
        [{**CAR, "width": 0}],
        [{**CAR, "width": 1e-9}],
        [{**CAR, "x": float("nan")}],
        [{**CAR, "x": 10**400}],
        [{**CAR, "x": True}],
        [{**CAR, "label": "Car"}],
        [{**CAR, "angle": 3}],
        [CAR, CAR],
    )
    refused_settings = ({}, {"labels": LABELS, "same": 0}, {"labels": LABELS, "coordinates": "pixels"})


class TestBoxesInThousandths(TaskTypeSuite):
    task_type = TASK_TYPE
    settings: ClassVar = {"labels": LABELS, "coordinates": "thousandths"}
    values = boxes(1000)
    refused = ([{**CAR, "height": "0.4"}],)
    refused_settings = ({"labels": []},)


task = TASK_TYPE.bind({"labels": [{"value": "car", "aliases": ["automobile"]}, "dog"]})


def box(x: float, y: float, width: float, height: float, label: str = "car") -> dict[str, Any]:
    return {"x": x, "y": y, "width": width, "height": height, "label": label}


def test_overlap_is_intersection_over_union() -> None:
    # two squares of side .2, shifted by half: .02 / (.04 + .04 - .02)
    assert overlap_of(Box(0, 0, 0.2, 0.2, "car"), Box(0.1, 0, 0.2, 0.2, "car")) == pytest.approx(1 / 3)
    assert overlap_of(Box(0, 0, 0.2, 0.2, "car"), Box(0.2, 0, 0.2, 0.2, "car")) == 0.0


def test_distance_pairs_boxes_of_one_label_and_counts_what_is_left_over() -> None:
    a = task.parse([box(0, 0, 0.2, 0.2), box(0.5, 0.5, 0.2, 0.2, "dog")])
    b = task.parse([box(0.1, 0, 0.2, 0.2), box(0.5, 0.5, 0.2, 0.2)])
    # cars overlap by 1/3; the dog finds nothing: 1 - (1/3 + 0) / 2
    assert task.distance(a, b) == pytest.approx(5 / 6)
    assert task.distance(a, ()) == 1.0


def test_what_most_people_drew_stays_with_the_median_of_their_corners() -> None:
    values = [
        task.parse([box(0.1, 0.1, 0.2, 0.2), box(0.7, 0.7, 0.1, 0.1)]),
        task.parse([box(0.11, 0.1, 0.2, 0.2)]),
        task.parse([box(0.12, 0.1, 0.2, 0.22)]),
    ]
    ballots = task.decompose(values)
    assert (ballots.n_units, ballots.n_options, ballots.option_space) == (2, 2, "local")
    assert task.compose(shares(ballots), ballots) == (Box(0.11, 0.1, 0.2, 0.2, "car"),)


def test_vision_models_may_answer_in_thousandths() -> None:
    told = TASK_TYPE.bind({"labels": LABELS, "coordinates": "thousandths"})
    answer = [{"label": "car", "x_min": 100, "y_min": 200, "x_max": 400, "y_max": 600}]
    assert told.dump(told.read_answer(answer, Shown({}))) == [CAR]
    assert told.write_answer(told.parse([CAR]), Shown({})) == answer
    with pytest.raises(InvalidValue, match=r"\[0\]\.x_max: 1001 is not in the image; a number from 0 to 1000"):
        told.read_answer([{**answer[0], "x_max": 1001}], Shown({}))
    with pytest.raises(InvalidValue, match="no width or no height"):
        told.read_answer([{**answer[0], "x_max": 100}], Shown({}))


def test_an_alias_is_read_as_its_label() -> None:
    answer = [{"label": "automobile", "x_min": 0, "y_min": 0, "x_max": 0.5, "y_max": 0.5}]
    assert task.read_answer(answer, Shown({}))[0].label == "car"


# ---------------------------------------------------------------- at an angle

TURNED: Any = {**CAR, "rotation": 30.0, "aspect": 1.5}


class TestBoxesAtAnAngle(TaskTypeSuite):
    task_type = TASK_TYPE
    settings: ClassVar = {"labels": LABELS, "rotation": True}
    values = boxes(20).flatmap(
        lambda drawn: st.tuples(
            *(
                st.builds(
                    lambda one, turn, aspect: {**one, "rotation": turn, "aspect": aspect},
                    st.just(one),
                    st.sampled_from([0, 15, 90, 180, 271.25]),
                    st.sampled_from([0.5, 1, 1.5]),
                )
                for one in drawn
            )
        ).map(list)
    )
    refused = (
        [CAR],
        [{**TURNED, "rotation": "30"}],
        [{**TURNED, "rotation": 1e9}],
        [{**TURNED, "rotation": float("nan")}],
        [{**TURNED, "aspect": 0}],
        [{**TURNED, "aspect": True}],
        [TURNED, {**TURNED, "rotation": 390 - 360}],
    )
    refused_settings = ({"labels": LABELS, "rotation": "yes"},)


angled = TASK_TYPE.bind({"labels": LABELS, "rotation": True})


def test_an_angle_is_kept_within_one_turn() -> None:
    value = angled.parse([{**TURNED, "rotation": -90}])
    assert angled.dump(value) == [{**TURNED, "rotation": 270.0}]


def test_a_box_turned_by_a_right_angle_covers_what_it_looks_like() -> None:
    """In an image twice as wide as it is high: 40 × 20 pixels of 100 × 50 turned by 90° are 20 × 40 pixels."""
    lying = Box(0.3, 0.3, 0.4, 0.4, "car", 0.0, 2.0)  # pixels 30..70 across, 15..35 down: 40 × 20
    turned = lying._replace(rotation=90.0)
    upright = Box(0.4, 0.1, 0.2, 0.8, "car", 0.0, 2.0)  # pixels 40..60 across, 5..45 down: 20 × 40
    assert overlap_of(turned, upright) == pytest.approx(1.0)
    # they share 20 × 20 of 800 + 800 - 400 pixels
    assert overlap_of(lying, turned) == pytest.approx(400 / 1200)


def test_a_square_turned_by_45_degrees_overlaps_itself_as_geometry_says() -> None:
    """The octagon within a unit square: its area is 2(√2 − 1); the union is 2 minus that."""
    square = Box(0.25, 0.25, 0.5, 0.5, "car")
    octagon = 2 * (2**0.5 - 1)
    assert overlap_of(square, square._replace(rotation=45.0)) == pytest.approx(octagon / (2 - octagon))


def test_most_peoples_angle_is_one_of_theirs_also_around_north() -> None:
    values = [angled.parse([{**TURNED, "rotation": degrees}]) for degrees in (358, 2, 4)]
    ballots = angled.decompose(values)
    (kept,) = angled.compose(shares(ballots), ballots)
    assert kept.rotation == 2.0


def test_the_aspect_that_most_give_is_that_of_the_box_that_is_made_of_theirs() -> None:
    task = TASK_TYPE.bind({"labels": LABELS, "rotation": True})
    first, *others = (task.parse([{**TURNED, "rotation": 0.0, "aspect": aspect}]) for aspect in (0.5, 1.0, 1.0))
    ballots = task.decompose([first, *others])
    assert task.compose(shares(ballots), ballots) == others[0]
