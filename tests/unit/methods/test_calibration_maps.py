import json
import time
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import optimize, special

from labelwright.errors import InvalidValue
from labelwright.methods.calibration import (
    binned_error,
    brier_parts,
    calibration_figures,
    calibrator_from_json,
    calibrator_to_json,
    class_wise_from_json,
    cross_fit,
    cross_fit_class_wise,
    excess_risk_coverage,
    fit_best_by_size,
    fit_beta,
    fit_class_wise,
    fit_histogram,
    fit_isotonic,
    fit_platt,
    fit_softmax_temperature,
    fit_temperature,
    fit_venn_abers,
)
from labelwright.methods.calibration.metrics import Binning

FITS: list[Callable[..., Any]] = [fit_platt, fit_beta, fit_temperature, fit_isotonic, fit_histogram, fit_venn_abers]


def labelled(seed: int, n: int, decimals: int = 2) -> tuple[np.ndarray, np.ndarray]:
    draw = np.random.default_rng(seed)
    p = draw.random(n).round(decimals)
    return p, draw.random(n) < 0.1 + 0.8 * p**2


def test_a_known_temperature_is_recovered_within_a_twentieth() -> None:
    draw = np.random.default_rng(1)
    z = draw.normal(0, 3, (5_000, 5))
    truth = (special.log_softmax(z / 2.5, axis=1) + draw.gumbel(size=z.shape)).argmax(axis=1)
    fitted = fit_softmax_temperature(z, truth)
    assert fitted.temperature == pytest.approx(2.5, rel=0.05)
    assert fitted.softmax(z).sum(axis=1) == pytest.approx(1.0)


def test_a_temperature_stays_within_its_limits_and_waits_for_fifty_labels() -> None:
    all_right = np.ones(200, dtype=bool)
    assert fit_temperature(np.full(200, 0.6), all_right).temperature == pytest.approx(0.05)
    assert fit_temperature(np.full(200, 0.6), ~all_right).temperature == pytest.approx(20.0)
    assert fit_temperature(np.full(49, 0.6), all_right[:49]).temperature == 1.0
    with pytest.raises(InvalidValue, match="give an option that was not seen its floor"):
        fit_softmax_temperature([[0.0, -np.inf]], [0])


@pytest.mark.parametrize("fit", FITS, ids=lambda fit: fit.__name__)
@given(seed=st.integers(0, 10_000))
@settings(max_examples=20)
def test_every_map_gives_probabilities_keeps_unknown_unknown_and_survives_its_record(
    fit: Callable[..., Any], seed: int
) -> None:
    draw = np.random.default_rng(seed)
    p, right = labelled(seed, int(draw.integers(1, 300)), int(draw.integers(1, 4)))
    p[draw.random(len(p)) < 0.1] = np.nan
    fitted = fit(p, right)
    asked = np.array([[0.0, 0.31, np.nan], [0.5, 1.0, 0.77]])
    mapped = fitted(asked)
    assert mapped.shape == asked.shape
    if fitted.n_labels:
        assert np.isnan(mapped).tolist() == np.isnan(asked).tolist()
        assert np.nanmin(mapped) >= 0
        assert np.nanmax(mapped) <= 1
    again = calibrator_from_json(json.loads(json.dumps(calibrator_to_json(fitted))))
    assert again == fitted
    assert again(asked) == pytest.approx(mapped, nan_ok=True)


@pytest.mark.parametrize("fit", FITS, ids=lambda fit: fit.__name__)
def test_unknown_stays_unknown_where_all_labels_have_one_confidence(fit: Callable[..., Any]) -> None:
    assert np.isnan(fit([0.9] * 60, [True, False] * 30)([0.9, np.nan, 0.1])).tolist() == [False, True, False]


def test_a_record_that_is_none_is_refused_by_name() -> None:
    with pytest.raises(InvalidValue, match="'magic' is not one of none, platt"):
        calibrator_from_json({"method": "magic"})
    with pytest.raises(InvalidValue, match="no stored platt map"):
        calibrator_from_json({"method": "platt", "z": 1})
    with pytest.raises(InvalidValue, match="no class-wise map but 'platt'"):
        class_wise_from_json({"method": "platt"})


def isotonic_with(p: np.ndarray, right: np.ndarray, at: float, label: float) -> float:
    """Isotonic regression with one more label, solved anew."""
    values, group = np.unique(np.append(p, at), return_inverse=True)
    weight = np.bincount(group).astype(float)
    mean = np.bincount(group, weights=np.append(right, label)) / weight
    return float(optimize.isotonic_regression(mean, weights=weight).x[np.searchsorted(values, at)])


@given(seed=st.integers(0, 100_000))
@settings(max_examples=40)
def test_venn_abers_equals_isotonic_regression_solved_anew_for_each_outcome(seed: int) -> None:
    draw = np.random.default_rng(seed)
    p, right = labelled(seed, int(draw.integers(1, 40)), int(draw.integers(1, 3)))
    fitted = fit_venn_abers(p, right)
    for at in (*p[:5].tolist(), *draw.random(5).round(2).tolist(), 0.0, 1.0):
        low, high = (float(end) for end in fitted.interval(at))
        assert (low, high) == pytest.approx((isotonic_with(p, right, at, 0), isotonic_with(p, right, at, 1)), abs=1e-12)
        assert low <= high
        assert low - 1e-12 <= float(fitted(at)) <= high + 1e-12


def test_one_of_the_two_venn_abers_probabilities_is_calibrated_whatever_the_world() -> None:
    draw = np.random.default_rng(4)
    gap: list[float] = []
    for _ in range(400):
        p = draw.random(31)
        right = draw.random(31) < np.sin(6 * p) ** 2  # nothing monotone
        low, high = fit_venn_abers(p[:30], right[:30]).interval(p[30])
        # The selected one, had we known: its mean equals the share of right ones.
        gap.append(float(high if right[30] else low) - float(right[30]))
    assert abs(np.mean(gap)) < 3 * np.std(gap) / 20


def test_a_histograms_bins_hold_fifty_and_equal_confidences_share_one() -> None:
    p, right = labelled(3, 1_000, 1)
    fitted = fit_histogram(p, right)
    assert min(fitted.n_in_bin) >= 50
    assert sum(fitted.n_in_bin) == 1_000
    for low, high in zip((-1.0, *fitted.edges), (*fitted.edges, 2.0), strict=True):
        inside = (p >= low) & (p < high)
        assert fitted((low + high) / 2) == pytest.approx(right[inside].mean())
    assert np.all(np.array(fitted.low) < fitted.value)
    assert np.all(np.array(fitted.high) > fitted.value)
    assert len(fit_histogram(p[:60], right[:60]).value) == 1
    # One lump too small for a bin joins its neighbour.
    assert fit_histogram(np.repeat([0.2, 0.9], [400, 30]), np.ones(430, dtype=bool)).n_in_bin == (430,)


def test_a_histograms_bounds_hold_for_all_bins_at_once_as_often_as_they_say() -> None:
    draw = np.random.default_rng(6)
    repetitions, missed, beyond = 300, 0, 0
    everything = np.linspace(0, 1, 5_001)
    for _ in range(repetitions):
        p = draw.random(300)
        right = draw.random(300) < 0.9 * p + 0.05 * np.sin(20 * p)
        fitted = fit_histogram(p, right, delta=0.1)
        bins = np.searchsorted(fitted.edges, everything, side="right")
        truth = np.bincount(bins, weights=0.9 * everything + 0.05 * np.sin(20 * everything)) / np.bincount(bins)
        missed += not np.all((fitted.low <= truth) & (truth <= fitted.high))
        beyond += float(fitted.error_bound(0.99)) < 1 - truth[-1]
    assert missed / repetitions <= 0.1 + 3 * (0.1 * 0.9 / repetitions) ** 0.5
    assert beyond <= missed  # the upper bound of the error is the lower one of the share right


def test_labels_with_fifty_of_the_sample_have_their_own_map_and_others_share_one() -> None:
    draw = np.random.default_rng(7)
    p = draw.uniform(0.5, 1, 2_000)
    label = draw.choice(3, 2_000, p=[0.6, 0.38, 0.02])
    right = draw.random(2_000) < np.where(label == 0, p, 0.6 * p)
    fitted = fit_class_wise(fit_platt, p, right, label)
    assert sorted(fitted.by_class) == [0, 1]
    assert fitted([0.9, 0.9], [0, 1]) == pytest.approx([0.9, 0.54], abs=0.06)
    assert fitted([0.9], [2]) == pytest.approx(fitted.others([0.9]))
    again = class_wise_from_json(json.loads(json.dumps(calibrator_to_json(fitted))))
    assert again([0.7, 0.8, np.nan], [0, 2, 1]) == pytest.approx(fitted([0.7, 0.8, np.nan], [0, 2, 1]), nan_ok=True)
    crossed = cross_fit_class_wise(fit_platt, p, right, label, rng=draw)
    assert abs(crossed.out_of_fold[label == 1].mean() - right[label == 1].mean()) < 0.02
    with pytest.raises(InvalidValue, match="label"):
        fitted([0.9], [0, 1])


def test_cross_fitting_shows_what_a_flexible_map_hides() -> None:
    draw = np.random.default_rng(8)
    p, right = draw.random(400), draw.random(400) < 0.7  # the confidence says nothing
    found = cross_fit(fit_isotonic, p, right, rng=draw)
    own = np.mean((found.calibrator(p) - right) ** 2)
    honest = np.mean((found.out_of_fold - right) ** 2)
    # Whoever knew nothing but the share of right ones would have .1971.
    assert own < right.mean() * (1 - right.mean()) < honest
    assert not np.isnan(found.out_of_fold).any()


def test_the_default_map_follows_the_number_of_labels() -> None:
    draw = np.random.default_rng(9)
    step = draw.random(4_000)
    right = draw.random(4_000) < np.where(step > 0.5, 0.95, 0.3)  # a step that no logistic map follows
    methods = [fit_best_by_size(step[:n], right[:n], rng=draw).method for n in (20, 60, 400, 4_000)]
    assert methods == ["none", "platt", "beta", "isotonic"]
    smooth = draw.random(1_500)
    assert fit_best_by_size(smooth, draw.random(1_500) < smooth, rng=draw).method == "beta"


@given(seed=st.integers(0, 10_000), n_bins=st.one_of(st.none(), st.integers(1, 20)))
def test_the_parts_of_a_brier_score_add_up(seed: int, n_bins: int | None) -> None:
    p, right = labelled(seed, 1 + seed % 200)
    found = brier_parts(p, right, n_bins=n_bins)
    total = found.reliability - found.resolution + found.uncertainty + found.within_bins
    assert total == pytest.approx(found.score, abs=1e-12)
    assert n_bins is not None or found.within_bins == pytest.approx(0, abs=1e-12)


def test_a_brier_score_by_hand() -> None:
    # .8, .8 with one of two right; .2, .2 none right: REL (.09 + .04)/2, RES (.0625 + .0625)/2, UNC 3/16
    found = brier_parts([0.8, 0.8, 0.2, 0.2], [True, False, False, False], n_bins=None)
    assert (found.reliability, found.resolution, found.uncertainty) == pytest.approx((0.065, 0.0625, 0.1875))
    assert found.score == pytest.approx((0.04 + 0.64 + 0.04 + 0.04) / 4)


def test_a_perfect_order_leaves_no_excess_and_a_blind_one_the_whole_error() -> None:
    right = np.arange(4_000) >= 800
    assert excess_risk_coverage(right.astype(float) + np.arange(4_000) / 1e6, right) == pytest.approx(0, abs=1e-3)
    # All tied: every k errs .2, the best order .2 + .8·ln .8 = .0215
    assert excess_risk_coverage(np.zeros(4_000), right) == pytest.approx(0.2 - 0.2 - 0.8 * np.log(0.8))
    assert excess_risk_coverage(np.zeros(3), np.zeros(3, dtype=bool)) == pytest.approx(0.0)
    assert np.isnan(excess_risk_coverage([np.nan], [True]))


@pytest.mark.parametrize("binning", ["width", "mass"])
@pytest.mark.parametrize("n", [200, 25_000])
def test_a_calibrated_score_looks_calibrated_and_an_overconfident_one_does_not(binning: Binning, n: int) -> None:
    draw = np.random.default_rng(10)
    low: list[bool] = []
    p = draw.uniform(0.5, 1, n)
    for _ in range(100 if n < 1_000 else 20):
        p = draw.uniform(0.5, 1, n)
        found = binned_error(p, draw.random(n) < p, rng=draw, binning=binning, n_null=200)
        low.append(found.p_value <= 0.1)
        assert 0 < found.null.mean < found.null.upper
    assert np.mean(low) <= 0.1 + 3 * (0.09 / len(low)) ** 0.5
    assert binned_error(p, draw.random(n) < p - 0.15, rng=draw, binning=binning, n_null=200).p_value < 0.01


def test_all_figures_are_unknown_without_labels() -> None:
    found = calibration_figures([np.nan], [True], rng=np.random.default_rng(0))
    assert found.n == 0
    assert np.isnan(found.equal_mass.value)
    assert np.isnan(found.equal_width.p_value)
    assert np.isnan(found.brier.score)
    assert np.isnan(found.excess_risk_coverage)


@pytest.mark.parametrize("fit", FITS, ids=lambda fit: fit.__name__)
def test_a_million_scores_are_mapped_within_seconds(fit: Callable[..., Any]) -> None:
    p, right = labelled(11, 2_000, 6)
    fitted = fit(p, right)
    million = np.random.default_rng(12).random(1_000_000)
    started = time.process_time()  # not the clock on the wall: others may be at work on this machine
    fitted(million)
    assert time.process_time() - started < 5  # .05 to .4 s


@pytest.mark.parametrize("binning", ["width", "mass"])
def test_F4_a_perfectly_calibrated_score_shows_an_error_that_only_more_labels_take_away(binning: Binning) -> None:
    # The specification's table, 15 bins: equal-width .064, .046, .029, .020; equal-mass .096, .071, .044, .030.
    expected = {"width": [0.064, 0.046, 0.029, 0.020], "mass": [0.096, 0.071, 0.044, 0.030]}[binning]
    draw = np.random.default_rng(12)
    for n, table in zip((100, 200, 500, 1_000), expected, strict=True):
        plain: list[float] = []
        debiased: list[float] = []
        for _ in range(150):
            p = draw.beta(15 * 0.875, 15 * 0.125, n)
            found = binned_error(p, draw.random(n) < p, rng=draw, binning=binning, n_null=40)
            plain.append(found.value)
            debiased.append(found.value - found.null.mean)
        # What is shown beside it, the mean of the null band, is that very bias.
        assert np.mean(plain) == pytest.approx(table, rel=0.12)
        assert abs(np.mean(debiased)) < 4 * np.std(debiased) / 150**0.5 + 1e-3


@pytest.mark.parametrize("fit", [fit_platt, fit_beta])
def test_a_fit_to_many_labels_is_the_maximum_that_a_plain_minimiser_finds(fit: Callable[..., Any]) -> None:
    p, right = labelled(3, 60_000, decimals=9)
    found = fit(p, right)
    clipped = np.clip(p, 1e-6, 1 - 1e-6)
    target = right.astype(np.float64)
    if fit is fit_platt:
        target = np.where(right, (right.sum() + 1) / (right.sum() + 2), 1 / ((~right).sum() + 2))

    def loss(w: np.ndarray) -> float:
        b = w[0] if fit is fit_platt else w[1]
        z = w[0] * np.log(clipped) - b * np.log1p(-clipped) + w[-1]
        return float(np.mean(np.logaddexp(0, z) - target * z))

    best = optimize.minimize(loss, np.array([1.0, 0.0] if fit is fit_platt else [1.0, 1.0, 0.0]), method="BFGS")
    ours = [found.a, found.c] if fit is fit_platt else [found.a, found.b, found.c]
    assert loss(np.array(ours)) <= best.fun + 1e-9
    assert ours == pytest.approx(best.x, abs=2e-3)


def test_a_million_labels_are_fitted_in_well_under_a_second() -> None:
    draw = np.random.default_rng(1)
    p = draw.random(1_000_000)
    right = draw.random(1_000_000) < p**1.5
    started = time.process_time()
    fit_beta(p, right)
    assert time.process_time() - started < 2.0  # a quarter of a second
