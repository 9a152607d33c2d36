"""A jury weighed by people's labels: whoever comes first, and however few the labels are."""

import json

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from labelwright.errors import InvalidValue
from labelwright.methods.calibration import calibration_error_null, expected_calibration_error
from labelwright.methods.confidence import PanelSignals, WeighedJury, fit_weighed_jury


def rng(seed: int = 1) -> np.random.Generator:
    return np.random.default_rng(seed)


def votes(truth: np.ndarray, accuracy: list[float], seed: int) -> np.ndarray:
    draw = rng(seed)
    right = draw.random((len(truth), len(accuracy))) < np.array(accuracy)
    return np.where(right, truth[:, None], draw.integers(0, 3, right.shape))


def test_it_keeps_what_the_best_voter_alone_would_get_where_all_others_guess() -> None:
    truth = rng(2).integers(0, 3, 4_000)
    said = votes(truth, [*([0.05] * 11), 0.8], seed=3)
    signals = PanelSignals(said, 3)
    jury = fit_weighed_jury(signals, np.arange(100), truth[:100], rng=rng()).jury
    assert jury.leader == 11
    weighed = float((jury.posterior(signals)[100:].argmax(axis=1) == truth[100:]).mean())
    alone = float((said[100:, 11] == truth[100:]).mean())
    assert weighed >= alone - 0.015


def test_F2_models_that_err_together_are_not_taken_for_independent_witnesses() -> None:
    draw = rng(4)
    truth = draw.integers(0, 2, 3_000)
    is_hard = draw.random(3_000) < 0.4
    right = draw.random((3_000, 9)) < np.where(is_hard, 0.25, 0.95)[:, None]
    signals = PanelSignals(np.where(right, truth[:, None], 1 - truth[:, None]), 2)
    fit = fit_weighed_jury(signals, np.arange(200), truth[:200], rng=rng())
    posterior = fit.jury.posterior(signals)[200:]
    sure, is_right = posterior.max(axis=1), posterior.argmax(axis=1) == truth[200:]
    error = expected_calibration_error(sure, is_right, binning="mass")
    assert error < max(0.06, calibration_error_null(sure, rng=rng(), n_null=100).upper)


def test_a_posterior_sums_to_one_and_nobody_voting_is_not_known() -> None:
    truth = rng(4).integers(0, 3, 200)
    said = votes(truth, [0.7, 0.6, 0.6], seed=5)
    said[::7, 1] = -1
    sure = np.where(said >= 0, rng(6).uniform(0.3, 1, said.shape), np.nan)
    asked = PanelSignals(
        np.vstack([said, [[-1, -1, -1], [-1, 2, -1]]]), 3, {"verbalised": np.vstack([sure, np.full((2, 3), np.nan)])}
    )
    fit = fit_weighed_jury(asked, np.arange(200), truth, rng=rng())
    posterior = fit.jury.posterior(asked)
    assert np.isnan(posterior[-2]).all()
    np.testing.assert_allclose(np.delete(posterior, -2, axis=0).sum(axis=1), 1)
    np.testing.assert_allclose(fit.cross_fitted.sum(axis=1), 1)


def test_what_is_stored_predicts_the_same_and_what_another_version_stored_is_refused_with_what_to_do() -> None:
    truth = rng(7).integers(0, 3, 150)
    signals = PanelSignals(votes(truth, [0.7, 0.6], seed=8), 3)
    jury = fit_weighed_jury(signals, np.arange(150), truth, rng=rng()).jury
    again = WeighedJury.from_json(json.loads(json.dumps(jury.to_json())))
    assert np.array_equal(again.posterior(signals), jury.posterior(signals))
    with pytest.raises(InvalidValue, match="combine --refit"):
        WeighedJury.from_json({"kind": "pooled jury", "version": 1})


def test_few_labels_or_labels_of_one_option_still_give_a_jury() -> None:
    truth = rng(9).integers(0, 3, 400)
    signals = PanelSignals(votes(truth, [0.9, 0.3], seed=10), 3)
    few = fit_weighed_jury(signals, np.arange(12), truth[:12], rng=rng()).jury.posterior(signals)
    assert (few.argmax(axis=1) == truth).mean() > 0.75
    same = np.flatnonzero(truth == 1)[:20]
    of_one = fit_weighed_jury(signals, same, truth[same], rng=rng()).jury.posterior(signals)
    assert len(np.unique(of_one.max(axis=1).round(6))) > 1
    assert np.all(of_one.min(axis=1) > 0)


def test_an_option_nobody_labelled_is_still_found_by_its_votes() -> None:
    draw = rng(11)
    truth = draw.integers(0, 19, 200)  # the twentieth is not among the labels
    said = np.where(draw.random((200, 5)) < 0.9, truth[:, None], draw.integers(0, 20, (200, 5)))
    jury = fit_weighed_jury(PanelSignals(said, 20), np.arange(200), truth, rng=rng()).jury
    posterior = jury.posterior(PanelSignals(np.full((1, 5), 19), 20))
    assert posterior.argmax() == 19
    assert np.isfinite(posterior).all()


def test_posteriors_of_the_labelled_items_have_not_seen_their_own_label() -> None:
    # Twenty voters who toss coins: a fit that saw the labels finds patterns, a cross-fitted one is a coin.
    draw = rng(12)
    truth, said = draw.integers(0, 2, 100), draw.integers(0, 2, (100, 20))
    signals = PanelSignals(said, 2)
    fit = fit_weighed_jury(signals, np.arange(100), truth, rng=rng())
    seen = (fit.jury.posterior(signals).argmax(axis=1) == truth).mean()
    unseen = (fit.cross_fitted.argmax(axis=1) == truth).mean()
    assert unseen < min(0.62, seen - 0.05)


@settings(max_examples=10, deadline=None)
@given(st.integers(1, 6), st.integers(2, 5), st.integers(5, 60), st.integers(0, 10_000))
def test_posteriors_are_distributions_whatever_was_voted(n_voters: int, n_options: int, n: int, seed: int) -> None:
    draw = rng(seed)
    said = draw.integers(-1, n_options, (n, n_voters))
    signals = PanelSignals(said, n_options)
    fit = fit_weighed_jury(signals, np.arange(n), draw.integers(0, n_options, n), rng=rng())
    posterior = fit.jury.posterior(signals)
    voted = (said >= 0).any(axis=1)
    assert np.isnan(posterior[~voted]).all()
    assert (posterior[voted] >= 0).all()
    assert posterior[voted].sum(axis=1) == pytest.approx(np.ones(voted.sum()))
