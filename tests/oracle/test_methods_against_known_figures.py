"""Second opinions: published tables, scikit-learn, statsmodels, scipy and the krippendorff package."""

import krippendorff
import numpy as np
import pytest
from scipy import stats
from sklearn.metrics import brier_score_loss, cohen_kappa_score, roc_auc_score
from sklearn.metrics import log_loss as sklearn_log_loss
from statsmodels.stats.inter_rater import fleiss_kappa as statsmodels_fleiss
from statsmodels.stats.proportion import proportion_confint

from labelwright.methods.aggregation import Votes, votes
from labelwright.methods.agreement import cohen_kappa, fleiss_kappa, krippendorff_alpha, percent_agreement
from labelwright.methods.calibration import auroc, brier_score, fit_platt, log_loss
from labelwright.methods.calibration.logit_map import fit_logistic
from labelwright.methods.estimation import clopper_pearson_interval, wilson_interval
from labelwright.methods.routing import hypergeometric_cdf, open_pool_p_value


def rng() -> np.random.Generator:
    return np.random.default_rng(1)


def from_counts(table: list[list[int]]) -> Votes:
    unit, annotator, option = [], [], []
    for u, row in enumerate(table):
        said = [k for k, n in enumerate(row) for _ in range(n)]
        unit += [u] * len(said)
        annotator += list(range(len(said)))
        option += said
    return votes(unit, annotator, option, n_options=len(table[0]))


# Krippendorff (2011), four observers, twelve units, missing data.
KRIPPENDORFF_2011 = [
    [1, 2, 3, 3, 2, 1, 4, 1, 2, None, None, None],
    [1, 2, 3, 3, 2, 2, 4, 1, 2, 5, None, 3],
    [None, 3, 3, 3, 2, 3, 4, 2, 2, 5, 1, None],
    [1, 2, 3, 3, 2, 4, 4, 1, 2, 5, 1, None],
]
# Fleiss (1971), table 1 as reprinted: ten subjects, fourteen raters, five categories.
FLEISS_1971 = [
    [0, 0, 0, 0, 14],
    [0, 2, 6, 4, 2],
    [0, 0, 3, 5, 6],
    [0, 3, 9, 2, 0],
    [2, 2, 8, 1, 1],
    [7, 7, 0, 0, 0],
    [3, 2, 6, 3, 0],
    [2, 5, 3, 2, 2],
    [6, 5, 2, 1, 0],
    [0, 2, 2, 3, 7],
]
RAGGED = [[3, 0, 0], [0, 2, 0], [1, 1, 1], [0, 0, 4]]


def krippendorff_table() -> Votes:
    rows = [
        (u, a, value - 1)
        for a, line in enumerate(KRIPPENDORFF_2011)
        for u, value in enumerate(line)
        if value is not None
    ]
    unit, annotator, option = zip(*rows, strict=True)
    return votes(unit, annotator, option)


def test_alpha_of_krippendorff_2011() -> None:
    assert krippendorff_alpha(krippendorff_table(), rng=rng()).coefficient == pytest.approx(0.743, abs=5e-4)


def test_kappa_of_fleiss_1971() -> None:
    found = fleiss_kappa(from_counts(FLEISS_1971), rng=rng()).coefficient
    assert found == pytest.approx(0.210, abs=5e-4)
    assert found == pytest.approx(statsmodels_fleiss(np.array(FLEISS_1971)))


def test_ragged_votes() -> None:
    assert fleiss_kappa(from_counts(RAGGED), rng=rng()).coefficient == pytest.approx(0.625)
    assert krippendorff_alpha(from_counts(RAGGED), rng=rng()).coefficient == pytest.approx(0.649, abs=5e-4)
    # pairs in agreement: 1, 1, 0, 1
    assert percent_agreement(from_counts(RAGGED), rng=rng()).coefficient == pytest.approx(0.75)


@pytest.mark.parametrize("seed", range(5))
def test_alpha_equals_the_krippendorff_package(seed: int) -> None:
    draw = np.random.default_rng(seed)
    said = np.where(draw.random((4, 50)) < 0.3, np.nan, draw.integers(0, 3, (4, 50)))
    annotator, unit = np.nonzero(~np.isnan(said))
    table = votes(unit, annotator, said[annotator, unit].astype(int), n_units=50)
    expected = krippendorff.alpha(said, level_of_measurement="nominal")
    assert krippendorff_alpha(table, rng=rng(), n_bootstrap=10).coefficient == pytest.approx(expected)


@pytest.mark.parametrize("seed", range(5))
def test_kappa_equals_scikit_learn(seed: int) -> None:
    draw = np.random.default_rng(seed)
    one = draw.integers(0, 4, 80)
    other = np.where(draw.random(80) < 0.6, one, draw.integers(0, 4, 80))
    unit = np.tile(np.arange(80), 2)
    table = votes(unit, np.repeat([0, 1], 80), np.concatenate([one, other]))
    found = cohen_kappa(table, rng=rng(), n_bootstrap=10).coefficient
    assert found == pytest.approx(cohen_kappa_score(one, other))


@pytest.mark.parametrize("seed", range(5))
def test_ranking_and_probability_scores_equal_scikit_learn(seed: int) -> None:
    draw = np.random.default_rng(seed)
    p = np.round(draw.random(300), 2)  # with ties
    right = draw.random(300) < p
    assert auroc(p, right).value == pytest.approx(roc_auc_score(right, p))
    assert brier_score(p, right) == pytest.approx(brier_score_loss(right, p))
    inside = np.clip(p, 1e-9, 1 - 1e-9)
    assert log_loss(inside, right) == pytest.approx(sklearn_log_loss(right, inside))


@pytest.mark.parametrize(("k", "n"), [(0, 20), (3, 20), (20, 20), (80, 100), (1, 1)])
def test_intervals_equal_statsmodels(k: int, n: int) -> None:
    assert [float(e) for e in wilson_interval(k, n)] == pytest.approx(proportion_confint(k, n, method="wilson"))
    assert [float(e) for e in clopper_pearson_interval(k, n)] == pytest.approx(proportion_confint(k, n, method="beta"))


def test_tails_equal_scipy_stats() -> None:
    draw = np.random.default_rng(2)
    population = draw.integers(2, 200_000, 400)
    marked = (draw.random(400) * population).astype(int)
    draws = np.minimum((draw.random(400) * population).astype(int), 2_000)
    k = (draw.random(400) * (draws + 1)).astype(int)
    found = hypergeometric_cdf(k, population=population, marked=marked, draws=draws)
    assert found == pytest.approx(stats.hypergeom.cdf(k, population, marked, draws), rel=1e-6, abs=1e-12)
    assert float(open_pool_p_value(200, 11, target_error=0.1)) == pytest.approx(stats.binom.cdf(11, 200, 0.1))


def test_the_logistic_fit_equals_scikit_learn() -> None:
    from sklearn.linear_model import LogisticRegression

    draw = np.random.default_rng(4)
    x = draw.standard_normal((300, 2))
    y = draw.random(300) < 1 / (1 + np.exp(-(x @ [1.0, -0.5] + 0.3)))
    expected = LogisticRegression(C=0.5, tol=1e-10).fit(x, y)
    found = fit_logistic(
        np.column_stack([x, np.ones(300)]),
        y.astype(float),
        penalty=np.array([2.0, 2.0, 0.0]),
        prior=np.zeros(3),
    )
    assert found == pytest.approx([*expected.coef_[0], expected.intercept_[0]], abs=1e-4)


def test_platt_agrees_with_its_own_targets_at_the_optimum() -> None:
    draw = np.random.default_rng(6)
    p = draw.uniform(0.5, 0.99, 500)
    right = draw.random(500) < p
    fitted = fit_platt(p, right)
    n_right = right.sum()
    targets = np.where(right, (n_right + 1) / (n_right + 2), 1 / (500 - n_right + 2))
    # score equations: residuals orthogonal to (logit p, 1)
    residual = fitted(p) - targets
    assert abs(residual.sum()) < 1e-4
    assert abs((residual * np.log(p / (1 - p))).sum()) < 1e-4
