"""Calibration maps and prediction sets against other people's packages, live or by what they gave."""

import json
from math import ceil, log2
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from scipy import optimize, special, stats
from sklearn.calibration import CalibratedClassifierCV
from sklearn.frozen import FrozenEstimator
from sklearn.isotonic import IsotonicRegression
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import auc, brier_score_loss
from sklearn.metrics import log_loss as sklearn_log_loss

from labelwright.methods.calibration import (
    brier_parts,
    calibration_figures,
    expected_calibration_error,
    fit_beta,
    fit_histogram,
    fit_isotonic,
    fit_platt,
    fit_softmax_temperature,
    fit_temperature,
    fit_venn_abers,
)
from labelwright.methods.routing import (
    certify,
    certify_loss,
    hoeffding_bentkus_p_value,
    prediction_sets,
    selective_guaranteed_risk,
)

FIXTURE = Path(__file__).parent / "fixtures" / "calibration.json"  # see make_calibration_fixture.py
STORED: list[dict[str, Any]] = json.loads(FIXTURE.read_text(encoding="utf-8"))["cases"]


def sample(seed: int, n: int = 700, decimals: int = 2) -> tuple[np.ndarray, np.ndarray]:
    draw = np.random.default_rng(seed)
    p = draw.uniform(0.03, 0.97, n).round(decimals).clip(0.03, 0.97)
    return p, draw.random(n) < p**1.5


@pytest.mark.parametrize("decimals", [1, 2, 12])
@pytest.mark.parametrize("seed", range(3))
def test_isotonic_equals_scikit_learns_between_and_beyond_the_labels_too(seed: int, decimals: int) -> None:
    p, right = sample(seed, decimals=decimals)
    asked = np.concatenate([np.linspace(0, 1, 301), p])
    expected = IsotonicRegression(out_of_bounds="clip").fit(p, right).predict(asked)
    assert fit_isotonic(p, right)(asked) == pytest.approx(expected, abs=1e-9)


@pytest.mark.parametrize("method", ["sigmoid", "isotonic"])
def test_platt_and_isotonic_equal_scikit_learns_calibrated_classifier(method: str) -> None:
    p, right = sample(5)
    logit = special.logit(p)[:, None]
    # A fixed model whose decision is the logit of the confidence: one weight of 1, no intercept.
    fixed = LogisticRegression()
    fixed.classes_, fixed.coef_, fixed.intercept_ = np.array([0, 1]), np.array([[1.0]]), np.array([0.0])
    outer = CalibratedClassifierCV(FrozenEstimator(fixed), method=method, ensemble=False)  # pyright: ignore[reportArgumentType]
    outer.fit(logit, right.astype(int))
    ours = fit_platt(p, right) if method == "sigmoid" else fit_isotonic(p, right)
    # Its sigmoid stops at a gradient of 1e-4 or so per item.
    tolerance = 2e-5 if method == "sigmoid" else 1e-9
    assert ours(p) == pytest.approx(outer.predict_proba(logit)[:, 1], abs=tolerance)


@pytest.mark.parametrize("seed", range(3))
def test_platt_equals_scikit_learns_logistic_regression_on_its_smoothed_targets(seed: int) -> None:
    p, right = sample(seed)
    logit = special.logit(p)[:, None]
    target = np.where(right, (right.sum() + 1) / (right.sum() + 2), 1 / ((~right).sum() + 2))
    # A target of t is a right label of weight t and a wrong one of weight 1 − t.
    twice = LogisticRegression(C=np.inf, tol=1e-12, max_iter=10_000).fit(
        np.concatenate([logit, logit]),
        np.repeat([1, 0], len(p)),
        sample_weight=np.concatenate([target, 1 - target]),
    )
    assert fit_platt(p, right)(p) == pytest.approx(twice.predict_proba(logit)[:, 1], abs=1e-6)


@pytest.mark.parametrize("seed", range(3))
def test_temperature_equals_a_plain_minimiser(seed: int) -> None:
    draw = np.random.default_rng(seed)
    z = draw.normal(0, 2, (500, 4))
    truth = np.array([draw.choice(4, p=row) for row in special.softmax(z / 1.7, axis=1)])

    def loss(coldness: float) -> float:
        return float(-special.log_softmax(coldness * z, axis=1)[np.arange(500), truth].mean())

    best = optimize.minimize_scalar(loss, bounds=(0.05, 20), method="bounded", options={"xatol": 1e-10})
    assert 1 / fit_softmax_temperature(z, truth).temperature == pytest.approx(best.x, rel=1e-6)
    p, right = sample(seed)
    two = fit_softmax_temperature(np.column_stack([np.zeros(len(p)), special.logit(p)]), right)
    assert fit_temperature(p, right).temperature == pytest.approx(two.temperature, rel=1e-9)


@pytest.mark.parametrize("case", STORED, ids=lambda case: f"{len(case['correct'])} labels")
def test_beta_venn_abers_histogram_and_errors_equal_what_their_packages_gave(case: dict[str, Any]) -> None:
    p, right, asked = (np.array(case[name]) for name in ("confidence", "correct", "asked"))
    assert fit_beta(p, right, prior_strength=0.0)(asked) == pytest.approx(case["betacal"], abs=1e-6)
    # The prior that keeps separated samples finite moves nothing that anybody sees.
    assert fit_beta(p, right)(asked) == pytest.approx(case["betacal"], abs=2e-5)
    venn_abers = fit_venn_abers(p, right)
    assert np.column_stack(venn_abers.interval(asked)) == pytest.approx(np.array(case["venn_abers_interval"]), abs=1e-9)
    assert venn_abers(asked) == pytest.approx(np.array(case["venn_abers"]), abs=1e-9)
    assert expected_calibration_error(p, right, binning="width") == pytest.approx(case["netcal_ece_width"], abs=1e-9)
    if "netcal_histogram" in case:  # its edges fall between values, and it has no rule for ties
        assert fit_histogram(p, right).value == pytest.approx(case["netcal_histogram"], abs=1e-9)
        assert expected_calibration_error(p, right) == pytest.approx(case["netcal_ece_mass"], abs=1e-9)


@pytest.mark.parametrize("case", STORED, ids=lambda case: f"{len(case['correct'])} labels")
def test_prediction_sets_equal_mapies(case: dict[str, Any]) -> None:
    probability, truth = np.array(case["probability"]), np.array(case["truth"])
    for ours, name in (("least ambiguous", "mapie_lac"), ("adaptive", "mapie_aps")):
        found = prediction_sets(probability, np.arange(200), truth[:200], target_error=0.2, set_score=ours)  # pyright: ignore[reportArgumentType]
        assert found.included[200:].tolist() == case[name]


def test_hoeffding_bentkus_equals_its_formula_by_scipy_stats() -> None:
    draw = np.random.default_rng(2)
    n, alpha = draw.integers(1, 2_000, 300), draw.choice([0.01, 0.05, 0.1, 0.3], 300)
    loss = n * draw.beta(1, 12, 300)
    r = np.minimum(loss / n, alpha)
    hoeffding = np.exp(-n * (r * np.log(r / alpha) + (1 - r) * np.log((1 - r) / (1 - alpha))))
    bentkus = np.e * stats.binom.cdf(np.ceil(loss), n, alpha)
    expected = np.minimum(1, np.minimum(hoeffding, bentkus))
    assert hoeffding_bentkus_p_value(n, loss, target_loss=alpha) == pytest.approx(expected, rel=1e-7, abs=1e-13)


def test_losses_of_0_and_1_with_exact_tests_give_what_certify_gives() -> None:
    for seed in range(20):
        draw = np.random.default_rng(seed)
        score = draw.random(1_500).round(int(draw.integers(1, 4)))
        wrong = draw.random(1_500) > 0.7 + 0.3 * score
        sample_ = draw.permutation(1_500)[:300]
        for is_open in (False, True):
            one = certify(score, sample_, wrong[sample_], target_error=0.1, open_pool=is_open, n_reserved=20)
            other = certify_loss(
                score, sample_, wrong[sample_], target_loss=0.1, open_pool=is_open, n_reserved=20, test="exact"
            )
            assert one.threshold == other.threshold
            assert one.p_values.tolist() == other.p_values.tolist()
            assert one.accepted.tolist() == other.accepted.tolist()
            assert one.reason is None or other.reason is not None


def test_selective_guaranteed_risk_equals_its_algorithm_with_clopper_pearson_bounds() -> None:
    for seed in range(20):
        draw = np.random.default_rng(seed)
        score = draw.random(2_000)
        wrong = draw.random(2_000) > 0.75 + 0.25 * score
        drawn = draw.permutation(2_000)[:400]
        found = selective_guaranteed_risk(score, drawn, wrong[drawn], target_error=0.1, open_pool=True)
        # The paper's: the bound of Clopper & Pearson at delta/K, searched by halves over 400 quantiles.
        places = np.sort(score)[::-1][np.arange(5, 2_001, 5) - 1]
        steps = ceil(log2(401))
        low, high = -1, 400
        while high - low > 1:
            middle = (low + high) // 2
            inside = score[drawn] >= places[middle]
            k, n = int(wrong[drawn][inside].sum()), int(inside.sum())
            bound = 1.0 if k == n else stats.beta.ppf(1 - 0.05 / steps, k + 1, n - k)
            low, high = (middle, high) if bound <= 0.1 else (low, middle)
        assert found.threshold == (None if low < 0 else places[low])


def test_brier_log_loss_and_risk_coverage_equal_scikit_learns() -> None:
    p, right = sample(9, decimals=12)
    found = calibration_figures(p, right, rng=np.random.default_rng(1), n_null=50)
    assert found.brier.score == pytest.approx(brier_score_loss(right, p), abs=1e-12)
    assert brier_parts(p, right, n_bins=None).score == pytest.approx(brier_score_loss(right, p), abs=1e-12)
    assert found.log_loss == pytest.approx(sklearn_log_loss(right, p), abs=1e-9)
    ordered = ~right[np.argsort(-p)]
    risks = np.cumsum(ordered) / np.arange(1, len(p) + 1)
    assert found.risk_coverage == pytest.approx(risks.mean(), abs=1e-12)
    # A trapezoid over coverage is the same area up to its ends.
    assert found.risk_coverage == pytest.approx(auc(np.arange(1, len(p) + 1) / len(p), risks), abs=2e-3)
