"""Knowing by heart, tested against chance."""

from __future__ import annotations

import numpy as np
import pytest

from labelwright.errors import InvalidValue
from labelwright.methods.duplicates import matched_by_chance, recited


def rng(seed: int = 1) -> np.random.Generator:
    return np.random.default_rng(seed)


def test_one_of_n_known_is_as_likely_by_chance_as_one_in_n() -> None:
    likeness = np.full((20, 20), 0.3)
    likeness[4, 4] = 0.95
    found = recited(likeness, rng=rng())
    assert (found.n_near, found.n_exact) == (1, 0)
    assert found.p_value == pytest.approx(1 / 20, abs=0.01)  # the one near pair meets itself in a twentieth of shuffles


def test_nothing_known_is_no_evidence() -> None:
    found = recited(rng().uniform(0, 0.5, (15, 15)), rng=rng())
    assert (found.n_near, found.p_value) == (0, 1.0)
    assert recited(np.zeros((0, 0)), rng=rng()).n == 0


def test_a_continuation_that_fits_every_ending_shows_no_memory_of_its_own() -> None:
    found = recited(np.ones((10, 10)), rng=rng())
    assert found.n_near == 10
    assert found.p_value == 1.0


def test_alarms_are_as_rare_as_said() -> None:
    alarms = 0
    for seed in range(150):
        draw = rng(seed)
        alarms += recited(draw.uniform(0.6, 0.93, (12, 12)), rng=draw, n_shuffles=199).p_value <= 0.05
    assert alarms <= 150 * 0.05 + 3 * (150 * 0.05 * 0.95) ** 0.5


def test_right_guesses_count_only_beyond_what_their_frequency_gives() -> None:
    truth = [0] * 18 + [1] * 2
    assert matched_by_chance([0] * 20, truth, rng=rng()) == (18, 18.0, 1.0)
    n_right, by_chance, p_value = matched_by_chance(truth, truth, rng=rng())
    assert (n_right, by_chance) == (20, pytest.approx(16.4, abs=0.1))  # 18·18/20 + 2·2/20
    assert p_value == pytest.approx(1 / 190, abs=0.003)  # one way in (20 choose 2)


def test_a_table_that_is_not_square_is_refused() -> None:
    with pytest.raises(InvalidValue, match="not square"):
        recited(np.zeros((2, 3)), rng=rng())
