"""Setting the likeliest option's probability right, from a few labels."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import special

from labelwright.methods.calibration import expected_calibration_error
from labelwright.methods.confidence.top_option import fit_top, set_top


def rng(seed: int) -> np.random.Generator:
    return np.random.default_rng(seed)


def drawn(seed: int) -> tuple[np.ndarray, np.ndarray]:
    """Posteriors of three options, and truths drawn by them."""
    draw = rng(seed)
    posterior = special.softmax(draw.normal(0, 2, (4_000, 3)), axis=1)
    return posterior, np.array([draw.choice(3, p=p) for p in posterior])


def test_a_posterior_that_is_right_stays_nearly_as_it_is() -> None:
    posterior, truth = drawn(23)
    assert fit_top(posterior, truth, penalty=10) == pytest.approx((1, 0), abs=0.2)


def test_people_who_disagree_at_random_bound_how_sure_it_may_be() -> None:
    posterior, truth = drawn(31)
    draw = rng(32)
    truth = np.where(draw.random(4_000) < 0.3, draw.integers(0, 3, 4_000), truth)
    slope, intercept = fit_top(posterior[:2_000], truth[:2_000], penalty=10)

    def error(found: np.ndarray) -> float:
        return expected_calibration_error(found.max(axis=1), found.argmax(axis=1) == truth[2_000:])

    assert error(set_top(posterior[2_000:], slope, intercept)) < error(posterior[2_000:]) - 0.05


def test_a_stronger_penalty_lets_few_labels_move_it_less() -> None:
    posterior, _ = drawn(37)
    wrong = (posterior[:30].argmax(axis=1) + 1) % 3
    mild, strict = (fit_top(posterior[:30], wrong, penalty=penalty)[1] for penalty in (1, 100))
    assert mild < strict < 0


@given(st.floats(-1, 3), st.floats(-3, 3), st.integers(2, 6), st.floats(0.1, 300), st.integers(0, 999))
def test_it_never_changes_the_label_nor_the_odds_among_the_others(
    slope: float, intercept: float, n_options: int, size: float, seed: int
) -> None:
    before = np.asarray(special.softmax(rng(seed).normal(0, size, (50, n_options)), axis=1))
    after = set_top(before, slope, intercept)
    assert after.sum(axis=1) == pytest.approx(np.ones(50))
    assert (after >= 0).all()
    ahead = np.sort(before, axis=1)[:, -1] > np.sort(before, axis=1)[:, -2]
    assert (after.argmax(axis=1) == before.argmax(axis=1))[ahead].all()
    rest = np.sort(before, axis=1)[:, :-1]
    clear = (rest > 1e-6).all(axis=1) & ahead
    odds = np.sort(after, axis=1)[:, :-1][clear]
    assert odds / odds.sum(axis=1, keepdims=True) == pytest.approx(
        rest[clear] / rest[clear].sum(axis=1, keepdims=True), rel=1e-3, abs=1e-6
    )
