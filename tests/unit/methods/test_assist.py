"""The effects of shown suggestions: known numbers, coverage under a known world, and what cannot be said."""

import numpy as np
import pytest

from labelwright.methods.assist import (
    accuracy_change,
    anchoring,
    missed_corrections,
    over_correction,
    reviewed_accuracy,
    speed_up,
)


def test_reviewed_accuracy_gives_the_table_of_the_specification() -> None:
    at_82 = [reviewed_accuracy(0.82, human_accuracy=0.95, anchoring=a) for a in (0.0, 0.1, 0.3, 0.5)]
    assert at_82 == pytest.approx([0.975, 0.958, 0.923, 0.889], abs=0.0006)


def test_without_an_arm_nothing_is_said() -> None:
    shown, event = np.ones(10, dtype=np.bool_), np.zeros(10, dtype=np.bool_)
    assert anchoring(event, shown) is None
    assert over_correction(event, ~shown) is None
    assert missed_corrections(event, shown) is None
    assert speed_up(np.ones(10), shown, np.zeros(10, dtype=np.int64)) is None
    assert accuracy_change(event, shown, event, wrong_share=0.2) is None


def test_a_fast_person_who_saw_more_suggestions_is_no_speed_up() -> None:
    rng = np.random.default_rng(1)
    person = np.repeat([0, 1], 400)
    shown = np.concatenate([rng.random(400) < 0.9, rng.random(400) < 0.1])
    seconds = np.exp(rng.normal(np.where(person == 0, 1.0, 3.0), 0.3))
    found = speed_up(seconds, shown, person)
    assert found is not None
    assert found.low < 1 < found.high


def test_each_interval_covers_the_truth_as_often_as_it_says() -> None:
    rng = np.random.default_rng(7)
    covered = {"speed": 0, "anchoring": 0, "missed": 0, "accuracy": 0}
    n, repetitions, wrong_share, took, human = 400, 500, 0.3, 0.35, 0.9
    for _ in range(repetitions):
        person, shown = rng.integers(0, 4, n), rng.random(n) < 0.7
        wrong = rng.random(n) < wrong_share
        seconds = np.exp(rng.normal(2.0 + 0.4 * person - np.where(shown, np.log(1.3), 0.0), 0.5))
        anchored = shown & wrong & (rng.random(n) < took)
        right_alone = rng.random(n) < human
        right = right_alone & ~anchored
        takes = np.where(wrong, anchored | (~right & (rng.random(n) < 0.5)), right)
        speed = speed_up(seconds, shown, person)
        anchor = anchoring(takes[wrong], shown[wrong])
        change = accuracy_change(right, shown, wrong, wrong_share=wrong_share)
        missed = missed_corrections(~takes, shown)
        assert speed is not None
        assert anchor is not None
        assert change is not None
        assert missed is not None
        # Shown: taken when anchored, or by a mistake that happens to be it.  Blind: by the mistake alone.
        taken_shown, taken_blind = took + (1 - took) * (1 - human) * 0.5, (1 - human) * 0.5
        differs_shown = wrong_share * (1 - taken_shown) + (1 - wrong_share) * (1 - human)
        differs_blind = wrong_share * (1 - taken_blind) + (1 - wrong_share) * (1 - human)
        covered["speed"] += speed.low <= 1.3 <= speed.high
        covered["anchoring"] += anchor.low <= taken_shown - taken_blind <= anchor.high
        covered["accuracy"] += change.low <= -wrong_share * took * human <= change.high
        covered["missed"] += missed.low <= 1 - differs_shown / differs_blind <= missed.high
    for name, hits in covered.items():
        assert hits / repetitions == pytest.approx(0.95, abs=0.035), name
