import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import special

from labelwright.methods.calibration import (
    area_under_risk_coverage,
    auroc,
    brier_score,
    calibration_error_null,
    debiased_calibration_error,
    expected_calibration_error,
    fit_beta,
    fit_calibration,
    fit_platt,
    log_loss,
    reliability,
    risk_coverage,
)


def distorted_world(n: int, slope: float, intercept: float, seed: int) -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(seed)
    confidence = rng.beta(5, 2, n)
    truth = special.expit(slope * special.logit(confidence) + intercept)
    return confidence, rng.random(n) < truth


def test_platt_recovers_a_known_distortion() -> None:
    confidence, correct = distorted_world(20_000, 0.5, -0.2, 1)
    fitted = fit_platt(confidence, correct)
    assert fitted.a == pytest.approx(0.5, abs=0.05)
    assert fitted.c == pytest.approx(-0.2, abs=0.06)


def test_beta_recovers_a_distortion_that_platt_cannot_express() -> None:
    rng = np.random.default_rng(2)
    p = rng.uniform(0.05, 0.95, 400_000)
    correct = rng.random(400_000) < special.expit(1.5 * np.log(p) - 0.3 * np.log1p(-p) + 0.4)
    fitted = fit_beta(p, correct)
    assert (fitted.a, fitted.b, fitted.c) == pytest.approx((1.5, 0.3, 0.4), abs=0.1)


def test_beta_never_turns_the_order_around() -> None:
    rng = np.random.default_rng(5)
    p = rng.uniform(0.05, 0.95, 2_000)
    fitted = fit_beta(p, rng.random(2_000) > p)  # the surer, the more often wrong
    assert fitted.a >= 0
    assert fitted.b >= 0


def test_few_labels_leave_the_confidence_as_it_is_and_few_more_move_it_carefully() -> None:
    assert fit_calibration(np.full(20, 0.9), np.ones(20, dtype=bool)).method == "none"
    assert fit_calibration(np.full(60, 0.9), np.ones(60, dtype=bool)).method == "platt"
    assert fit_calibration(np.full(400, 0.9), np.arange(400) % 10 > 0).method == "beta"
    assert fit_calibration(np.full(20, 0.9), np.ones(20, dtype=bool))([0.3, 0.7]) == pytest.approx([0.3, 0.7])


@given(st.integers(0, 10_000))
def test_a_calibration_gives_probabilities_keeps_the_order_and_leaves_unknown_unknown(seed: int) -> None:
    rng = np.random.default_rng(seed)
    n = int(rng.integers(50, 600))
    confidence = np.round(rng.random(n), 1)
    fitted = fit_calibration(confidence, rng.random(n) < 0.2 + 0.6 * confidence)
    mapped = fitted(np.array([0.0, 0.2, 0.5, 1.0, np.nan]))
    assert np.all((mapped[:4] >= 0) & (mapped[:4] <= 1))
    assert np.isnan(mapped[4])
    assert np.all(np.diff(mapped[:4]) >= 0) or fitted.a < 0


def test_calibration_error_by_hand() -> None:
    # two bins: (.6, .6) with one of two right, (.9, .9) both right: ½·|.5−.6| + ½·|1−.9| = .1
    p, right = np.array([0.6, 0.6, 0.9, 0.9]), np.array([True, False, True, True])
    assert expected_calibration_error(p, right, n_bins=2) == pytest.approx(0.1)
    assert expected_calibration_error(p, right, n_bins=10, binning="width") == pytest.approx(0.1)
    # each: (.1)² − .25/1 and (.1)² − 0: ½·(.01−.25) + ½·.01
    assert debiased_calibration_error(p, right, n_bins=2) == pytest.approx(0.5 * (0.01 - 0.25) + 0.5 * 0.01)
    assert brier_score(p, right) == pytest.approx((0.16 + 0.36 + 0.01 + 0.01) / 4)
    assert log_loss([1.0], [False]) == pytest.approx(-np.log(1e-12), rel=1e-4)


def test_the_plain_error_is_biased_where_the_debiased_one_is_not() -> None:
    rng = np.random.default_rng(8)
    plain, debiased = [], []
    for _ in range(400):
        p = rng.uniform(0.5, 1, 200)
        right = rng.random(200) < p
        plain.append(expected_calibration_error(p, right, binning="width"))
        debiased.append(debiased_calibration_error(p, right))
    assert np.mean(plain) > 0.03  # a perfectly calibrated model does not show 0
    assert abs(np.mean(debiased)) < 0.002


def test_ties_count_half_and_nothing_to_rank_is_unknown() -> None:
    assert auroc([0.5, 0.5], [True, False]).value == 0.5
    assert auroc([0.9, 0.1], [True, False]).value == 1.0
    assert np.isnan(auroc([0.9, 0.1], [True, True]).value)
    # pairs: (.9,.9) ½, (.9,.2) 1, (.4,.9) 0, (.4,.2) 1 → 2.5/4
    assert auroc([0.9, 0.4, 0.9, 0.2], [True, True, False, False]).value == 0.625


def test_the_interval_of_the_ranking_covers_as_often_as_it_says() -> None:
    rng = np.random.default_rng(12)
    covered = 0
    for _ in range(400):
        right = rng.random(150) < 0.8
        score = rng.standard_normal(150) + right  # AUROC Φ(1/√2) = .7602
        found = auroc(score, right)
        covered += found.low <= 0.76025 <= found.high
    assert 0.92 <= covered / 400 <= 0.98


def test_the_risk_coverage_area_does_not_depend_on_the_order_within_ties() -> None:
    score, right = np.array([1.0, 1.0, 0.0]), np.array([True, False, False])
    # tie: ½ expected wrong each: risks ½, ½, 2/3
    assert area_under_risk_coverage(score, right) == pytest.approx((0.5 + 0.5 + 2 / 3) / 3)
    assert area_under_risk_coverage(score[::-1], right[::-1]) == pytest.approx((0.5 + 0.5 + 2 / 3) / 3)


def test_a_perfect_score_lies_in_its_own_null_band_19_times_of_20() -> None:
    draw = np.random.default_rng(29)
    p = draw.uniform(0.5, 1, 300)
    band = calibration_error_null(p, rng=draw, n_null=500)
    inside = [expected_calibration_error(p, draw.random(300) < p) <= band.upper for _ in range(400)]
    assert np.mean(inside) == pytest.approx(0.95, abs=0.04)
    assert 0 < band.mean < band.upper
    assert np.isnan(calibration_error_null([], rng=draw).upper)
    # F4: at 200 items a perfect score shows an error of about .05
    assert calibration_error_null(draw.uniform(0.5, 1, 200), rng=draw).mean == pytest.approx(0.06, abs=0.03)


def test_a_reliability_bin_stands_at_its_mean_confidence_and_carries_a_null_band() -> None:
    p = np.array([0.91, 0.93, 0.95] * 20)
    (only,) = reliability(p, np.ones(60, dtype=bool), rng=np.random.default_rng(1), n_bins=1)
    assert only.confidence == pytest.approx(0.93)
    assert only.n == 60
    assert only.accuracy == 1.0
    assert only.low < 1.0
    assert 0.8 < only.null_low < 0.93 < only.null_high <= 1.0


def test_unknown_confidence_enters_no_figure() -> None:
    p, right = np.array([np.nan, 0.5]), np.array([True, True])
    assert brier_score(p, right) == 0.25
    assert np.isnan(brier_score([np.nan], [True]))
    assert np.isnan(expected_calibration_error([], []))
    assert np.isnan(area_under_risk_coverage([], []))
    assert reliability([np.nan], [True], rng=np.random.default_rng(0)) == ()


def test_the_risk_coverage_curve_knows_what_is_unlabelled() -> None:
    curve = risk_coverage(np.array([0.9, 0.5]), [10, 50], [0, 20], [0, 5], n_pool=100)
    assert curve.coverage.tolist() == [0.1, 0.5]
    assert np.isnan(curve.risk[0])
    assert curve.risk[1] == 0.25
    assert curve.low[1] < 0.25 < curve.high[1]
