"""Second opinions on what a certificate rests on: scipy's tails in random and in extreme cases, scikit-learn's maps."""

import numpy as np
import pytest
from scipy import stats
from sklearn.calibration import calibration_curve
from sklearn.linear_model import LogisticRegression

from labelwright.methods.calibration import expected_calibration_error, fit_beta, fit_platt
from labelwright.methods.routing import binomial_cdf, finite_pool_p_value, hypergeometric_cdf, open_pool_p_value


@pytest.mark.parametrize("seed", range(4))
def test_finite_pool_p_values_equal_scipy_stats(seed: int) -> None:
    draw = np.random.default_rng(seed)
    pool = draw.integers(1, 50_000, 300)
    n = np.minimum(draw.integers(0, 1_000, 300), pool)
    k = np.minimum(draw.poisson(0.1 * n), n)
    alpha = float(draw.choice([0.01, 0.05, 0.1, 0.2, 0.3]))
    marked = np.minimum(np.floor(alpha * (pool - n) + 1e-9).astype(int) + 1 + k, pool)
    expected = np.where(pool > n, stats.hypergeom.cdf(k, pool, marked, n), 0.0)
    assert finite_pool_p_value(pool, n, k, target_error=alpha) == pytest.approx(expected, rel=1e-7, abs=1e-13)


def test_hypergeometric_tails_equal_scipy_stats_in_every_small_case() -> None:
    cases = np.array(
        [
            (k, population, marked, draws)
            for population in range(8)
            for marked in range(population + 1)
            for draws in range(population + 1)
            for k in range(-1, draws + 2)
        ]
    )
    k, population, marked, draws = cases.T
    found = hypergeometric_cdf(k, population=population, marked=marked, draws=draws)
    possible = population > 0
    expected = stats.hypergeom.cdf(k[possible], population[possible], marked[possible], draws[possible])
    assert found[possible] == pytest.approx(expected, abs=1e-12)
    assert found[~possible].tolist() == [0.0, 1.0, 1.0]  # nothing in, nothing drawn: 0 is certain


def test_binomial_tails_equal_scipy_stats() -> None:
    draw = np.random.default_rng(9)
    n = draw.integers(0, 3_000, 500)
    k = draw.integers(-1, n + 2)
    p = draw.choice([1e-4, 0.01, 0.05, 0.1, 0.3, 0.9], 500)
    assert binomial_cdf(k, n, p) == pytest.approx(stats.binom.cdf(k, n, p), rel=1e-7, abs=1e-13)
    assert float(open_pool_p_value(0, 0, target_error=0.1)) == 1.0


@pytest.mark.parametrize("seed", range(3))
def test_calibration_error_equals_what_scikit_learns_bins_give(seed: int) -> None:
    draw = np.random.default_rng(seed)
    p = draw.random(600)
    right = draw.random(600) < p**1.5
    accuracy, confidence = calibration_curve(right, p, n_bins=15, strategy="uniform")
    size = np.histogram(p, bins=np.linspace(0, 1, 16))[0]
    expected = np.sum(size[size > 0] / 600 * np.abs(accuracy - confidence))
    assert expected_calibration_error(p, right, binning="width") == pytest.approx(expected)
    accuracy, confidence = calibration_curve(right, p, n_bins=15, strategy="quantile")
    expected = np.mean(np.abs(accuracy - confidence))  # 600 distinct values: 40 in each bin
    assert expected_calibration_error(p, right) == pytest.approx(expected, abs=2e-3)


@pytest.mark.parametrize("seed", range(3))
def test_platt_and_beta_equal_scikit_learns_logistic_regression(seed: int) -> None:
    draw = np.random.default_rng(seed)
    p = draw.uniform(0.05, 0.95, 800)
    right = draw.random(800) < p**2
    n_right = int(right.sum())
    target = np.where(right, (n_right + 1) / (n_right + 2), 1 / (800 - n_right + 2))
    logit = np.log(p / (1 - p))[:, None]
    # A soft target t is a right one of weight t and a wrong one of weight 1 - t.
    soft = LogisticRegression(C=np.inf, tol=1e-10, max_iter=1_000).fit(
        np.concatenate([logit, logit]), np.repeat([1, 0], 800), sample_weight=np.concatenate([target, 1 - target])
    )
    platt = fit_platt(p, right)
    assert (platt.a, platt.c) == pytest.approx((soft.coef_[0][0], soft.intercept_[0]), abs=1e-3)
    features = np.column_stack([np.log(p), -np.log1p(-p)])
    hard = LogisticRegression(C=np.inf, tol=1e-10, max_iter=1_000).fit(features, right)
    beta = fit_beta(p, right)
    expected = (*hard.coef_[0], hard.intercept_[0])
    assert min(expected[:2]) > 0
    assert (beta.a, beta.b, beta.c) == pytest.approx(expected, abs=0.02)
