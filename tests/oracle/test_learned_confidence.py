"""Second opinions on what is learned from labels: scikit-learn's logistic regressions and neighbours."""

import numpy as np
import pytest
from scipy import special
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import roc_auc_score
from sklearn.neighbors import NearestNeighbors

from labelwright.methods.acquisition import nearest_items
from labelwright.methods.calibration import auroc
from labelwright.methods.confidence import Signals, fit_meta_calibrator
from labelwright.methods.multinomial import fit_multinomial, multinomial_scores

INVERSE_PENALTY = 0.3


def one_hot_votes(draw: np.random.Generator, n: int, n_voters: int, n_options: int) -> tuple[np.ndarray, np.ndarray]:
    truth = draw.integers(0, n_options, n)
    votes = np.where(draw.random((n, n_voters)) < 0.6, truth[:, None], draw.integers(0, n_options, (n, n_voters)))
    return np.eye(n_options)[votes].reshape(n, -1), truth


@pytest.mark.parametrize(("n", "n_voters", "n_options"), [(200, 6, 3), (150, 5, 7), (60, 20, 5)])
def test_multinomial_weights_equal_scikit_learns(n: int, n_voters: int, n_options: int) -> None:
    features, truth = one_hot_votes(np.random.default_rng(n), n, n_voters, n_options)
    theirs = LogisticRegression(C=INVERSE_PENALTY, tol=1e-10, max_iter=10_000).fit(features, truth)
    ours = fit_multinomial(features, truth, n_classes=n_options, inverse_penalty=INVERSE_PENALTY, tolerance=1e-8)
    assert ours.by_class == pytest.approx(theirs.coef_.T, abs=1e-6)
    probability = special.softmax(multinomial_scores(ours, features), axis=1)
    assert probability == pytest.approx(theirs.predict_proba(features), abs=1e-6)


def test_two_options_at_half_the_penalty_equal_the_binary_form() -> None:
    features, truth = one_hot_votes(np.random.default_rng(4), 200, 6, 2)
    theirs = LogisticRegression(C=INVERSE_PENALTY, tol=1e-12, max_iter=10_000).fit(features, truth)
    ours = fit_multinomial(features, truth, n_classes=2, inverse_penalty=INVERSE_PENALTY / 2, tolerance=1e-8)
    probability = special.softmax(multinomial_scores(ours, features), axis=1)
    assert probability == pytest.approx(theirs.predict_proba(features), abs=1e-6)


def test_the_meta_calibrator_equals_scikit_learns_logistic_regression() -> None:
    draw = np.random.default_rng(8)
    n = 250
    first, second = draw.uniform(0.02, 0.98, (2, n))
    second[draw.random(n) < 0.3] = np.nan
    length = draw.normal(4, 1, n)
    label = draw.integers(0, 3, n)
    right = draw.random(n) < special.expit(special.logit(first) + 0.3 * length - 1)
    fit = fit_meta_calibrator(
        Signals({"first": first, "second": second}, {"length": length}, label, 3), right, rng=draw, penalty=2.0
    )
    logit = special.logit(second)
    columns = [
        special.logit(first),
        np.where(np.isnan(second), np.nanmean(logit), logit),
        length,
        np.isnan(second).astype(float),
        *(np.equal(label, code).astype(float) for code in range(3)),
    ]
    spread = [np.nanstd(c) if i != 1 else np.nanstd(logit) for i, c in enumerate(columns)]
    features = np.column_stack([(c - np.mean(c)) / s for c, s in zip(columns, spread, strict=True)])
    theirs = LogisticRegression(C=1 / 2.0, tol=1e-12, max_iter=10_000).fit(features, right)
    assert fit.calibrator.weights == pytest.approx(theirs.coef_[0], abs=1e-6)
    ours = fit.calibrator.predict(Signals({"first": first, "second": second}, {"length": length}, label, 3))
    assert ours == pytest.approx(theirs.predict_proba(features)[:, 1], abs=1e-6)
    assert auroc(ours, right).value == pytest.approx(roc_auc_score(right, ours))


def test_the_nearest_equal_scikit_learns_neighbours() -> None:
    draw = np.random.default_rng(9)
    rows = draw.normal(size=(400, 16))
    rows = (rows / np.linalg.norm(rows, axis=1, keepdims=True)).astype(np.float32)
    theirs = NearestNeighbors(n_neighbors=10, metric="cosine").fit(rows[:300])
    distance, position = theirs.kneighbors(rows[300:])
    ours = nearest_items(rows[300:], rows[:300], k=10)
    assert ours.position.tolist() == position.tolist()
    assert ours.similarity == pytest.approx(1 - distance, abs=1e-5)
