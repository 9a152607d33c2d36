"""Juries of models whose errors go together, with few labels, many classes, and votes that are missing."""

import json
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import special

from labelwright.errors import InvalidValue
from labelwright.methods.aggregation import Jury, dawid_skene, fit_jury, votes
from labelwright.methods.aggregation.jury_calibration import JuryCalibration, calibrated, fit_jury_calibration
from labelwright.methods.aggregation.stacking import share_by_option
from labelwright.methods.calibration import calibration_error_null, expected_calibration_error


def rng(seed: int = 1) -> np.random.Generator:
    return np.random.default_rng(seed)


def jury_that_errs_together(seed: int, n: int, n_options: int, n_voters: int) -> tuple[np.ndarray, np.ndarray]:
    """Give truth and votes: one good voter, and the others err on the same hard items towards the same wrong option."""
    draw = rng(seed)
    truth = draw.integers(0, n_options, n)
    lure = (truth + 1) % n_options
    is_hard = draw.random(n) < 0.4
    said = np.where(draw.random((n, n_voters)) < np.where(is_hard, 0.25, 0.95)[:, None], truth[:, None], lure[:, None])
    said[:, 0] = np.where(draw.random(n) < 0.85, truth, draw.integers(0, n_options, n))
    return truth, said


def names(n: int) -> list[str]:
    return [f"n{i}" for i in range(n)]


@pytest.mark.parametrize("n_options", [2, 3, 20])
def test_stacking_keeps_the_best_voters_accuracy_where_counting_votes_loses_it(n_options: int) -> None:
    truth, said = jury_that_errs_together(3, 1_200, n_options, 6)
    jury = fit_jury(said[:200], truth[:200], options=names(n_options), voters=names(6), rng=rng()).jury
    posterior = jury.predict(said[200:])
    stacked = float((posterior.argmax(axis=1) == truth[200:]).mean())
    item, voter = np.indices(said.shape)
    independent = dawid_skene(votes(item.ravel(), voter.ravel(), said.ravel())).posterior
    by_skene = float((independent.argmax(axis=1) == truth).mean())
    assert stacked >= float((said[200:, 0] == truth[200:]).mean()) - 0.015
    assert stacked > by_skene + 0.05
    error = expected_calibration_error(posterior.max(axis=1), posterior.argmax(axis=1) == truth[200:])
    sure = independent.max(axis=1)
    assert error < 0.07
    assert error < expected_calibration_error(sure, independent.argmax(axis=1) == truth)


def test_an_option_nobody_labelled_is_still_found_by_its_votes() -> None:
    draw = rng(5)
    truth = draw.integers(0, 19, 200)  # the twentieth is not among the labels
    said = np.where(draw.random((200, 5)) < 0.9, truth[:, None], draw.integers(0, 20, (200, 5)))
    jury = fit_jury(said, truth, options=names(20), voters=names(5), rng=rng()).jury
    assert jury.predict(np.full((1, 5), 19)).argmax() == 19
    assert np.isfinite(jury.weights.by_class).all()
    assert np.isfinite(jury.weights.offset).all()


def test_confidences_that_know_help_and_unknown_ones_do_no_harm() -> None:
    draw = rng(7)
    truth = draw.integers(0, 2, 1_500)
    said = np.where(draw.random((1_500, 2)) < 0.7, truth[:, None], 1 - truth[:, None])
    is_right = said == truth[:, None]
    sure = special.expit(np.where(is_right, 1.5, -0.5) + draw.normal(0, 1, said.shape))[:, :, None]
    sure[draw.random(sure.shape) < 0.2] = np.nan
    with_signal = fit_jury(
        said[:300],
        truth[:300],
        options=names(2),
        voters=names(2),
        signals_NMS=sure[:300],
        signals=["p"],
        rng=rng(),
    ).jury
    without = fit_jury(said[:300], truth[:300], options=names(2), voters=names(2), rng=rng()).jury

    def accuracy(posterior: np.ndarray) -> float:
        return float((posterior.argmax(axis=1) == truth[300:]).mean())

    assert accuracy(with_signal.predict(said[300:], sure[300:])) > accuracy(without.predict(said[300:])) + 0.05
    # Signals that stay away at prediction: the votes still speak.
    assert accuracy(with_signal.predict(said[300:])) > 0.65


def test_posteriors_of_the_labelled_items_have_not_seen_their_own_label() -> None:
    # Twenty voters who toss coins: a fit that saw the labels finds patterns, a cross-fitted one is a coin.
    draw = rng(11)
    truth, said = draw.integers(0, 2, 100), draw.integers(0, 2, (100, 20))
    fit = fit_jury(said, truth, options=names(2), voters=names(20), rng=rng())
    seen = (fit.jury.predict(said).argmax(axis=1) == truth).mean()
    unseen = (fit.cross_fitted.argmax(axis=1) == truth).mean()
    assert seen > 0.65
    assert unseen < 0.62


def test_with_few_labels_the_best_voter_speaks_and_nothing_is_stacked() -> None:
    truth, said = jury_that_errs_together(13, 40, 3, 4)
    jury = fit_jury(said, truth, options=names(3), voters=names(4), rng=rng()).jury
    assert jury.method == "best voter"
    posterior = jury.predict(said)
    assert (posterior.argmax(axis=1) == said[:, jury.best]).all()
    hits = int((said[:, jury.best] == truth).sum())
    assert posterior.max(axis=1) == pytest.approx((hits + 1) / 42)


def test_a_row_without_votes_has_no_posterior_and_a_partial_one_has() -> None:
    truth, said = jury_that_errs_together(17, 300, 3, 4)
    said[rng(2).random(said.shape) < 0.3] = -1
    said[0] = -1
    jury = fit_jury(said, truth, options=names(3), voters=names(4), rng=rng()).jury
    posterior = jury.predict(said)
    assert np.isnan(posterior[0]).all()
    voted = (said >= 0).any(axis=1)
    assert posterior[voted].sum(axis=1) == pytest.approx(np.ones(voted.sum()))


def test_a_jury_is_the_same_after_json_and_for_the_same_seed() -> None:
    truth, said = jury_that_errs_together(19, 200, 4, 5)
    sure = rng(3).random((200, 5, 2))
    arguments = {"options": names(4), "voters": names(5), "signals_NMS": sure, "signals": ["a", "b"]}
    jury = fit_jury(said, truth, rng=rng(), **arguments).jury
    again = Jury.from_json(json.loads(json.dumps(jury.to_json())))
    assert np.array_equal(again.predict(said, sure), jury.predict(said, sure))
    assert fit_jury(said, truth, rng=rng(), **arguments).jury.to_json() == jury.to_json()
    few = fit_jury(said[:20], truth[:20], options=names(4), voters=names(5), rng=rng()).jury
    assert np.array_equal(Jury.from_json(few.to_json()).predict(said), few.predict(said))
    with pytest.raises(InvalidValue, match="no jury of version 1 or 2"):
        Jury.from_json({**jury.to_json(), "version": 3})


def test_a_jury_of_version_1_says_what_it_said() -> None:
    truth, said = jury_that_errs_together(19, 200, 4, 5)
    said[rng(2).random(said.shape) < 0.1] = -1
    sure = rng(3).random((200, 5, 2))
    arguments = {"options": names(4), "voters": names(5), "signals_NMS": sure, "signals": ["a", "b"]}
    stored = fit_jury(said, truth, rng=rng(), **arguments).jury.to_json()
    for later in ("agreement", "slope", "intercept"):
        del stored[later]
    jury = Jury.from_json({**stored, "version": 1, "temperature": 1.3})
    # The definition, one vote at a time.
    score = np.tile(jury.weights.offset, (200, 1))
    for n, m in np.ndindex(said.shape):
        vote = said[n, m]
        score[n] += jury.weights.by_class[m * 5 + (vote if vote >= 0 else 4)]
        if vote >= 0:
            sureness = (special.logit(np.clip(sure[n, m], 1e-3, 1 - 1e-3)) - jury.centre[m]) / jury.spread[m]
            score[n, vote] += jury.weights.shared[m] + sureness @ jury.weights.shared[[5 + m, 10 + m]]
    voted = (said >= 0).any(axis=1)
    assert jury.predict(said, sure)[voted] == pytest.approx(special.softmax(score / 1.3, axis=1)[voted])


@pytest.mark.parametrize(
    ("said", "truth", "problem"),
    [([[0, 5]], [0], "codes lie in"), ([[0, 1]], [7], "code in 0..1"), ([[0]], [0], r"must be \(N, M\)")],
)
def test_wrong_codes_are_refused_by_name(said: list[list[int]], truth: list[int], problem: str) -> None:
    with pytest.raises(InvalidValue, match=problem):
        fit_jury(said, truth, options=names(2), voters=names(2), rng=rng())


def test_scores_three_times_too_sure_are_set_right() -> None:
    draw = rng(23)
    score = draw.normal(0, 2, (4_000, 3))
    truth = np.array([draw.choice(3, p=p) for p in special.softmax(score, axis=1)])
    share = np.zeros(score.shape)
    too_sure = fit_jury_calibration(3 * score, share, truth)
    assert too_sure.temperature == pytest.approx(3, rel=0.05)
    as_it_is = fit_jury_calibration(score, share, truth)
    assert as_it_is.temperature == pytest.approx(1, rel=0.05)
    assert (as_it_is.slope, as_it_is.intercept) == pytest.approx((1, 0), abs=0.2)


def test_people_who_disagree_at_random_bound_how_sure_a_jury_may_be() -> None:
    # A temperature cannot say "never above .8"; slope and intercept of the top option can come near.
    draw = rng(31)
    score = draw.normal(0, 3, (4_000, 3))
    truth = np.array([draw.choice(3, p=p) for p in special.softmax(score, axis=1)])
    truth = np.where(draw.random(4_000) < 0.3, draw.integers(0, 3, 4_000), truth)
    share = np.zeros(score.shape)
    found = fit_jury_calibration(score[:2_000], share[:2_000], truth[:2_000])
    only_scaled = JuryCalibration(found.temperature, found.agreement, 1.0, 0.0)

    def error(calibration: JuryCalibration) -> float:
        posterior = calibrated(calibration, score[2_000:], share[2_000:])
        return expected_calibration_error(posterior.max(axis=1), posterior.argmax(axis=1) == truth[2_000:])

    assert error(found) < error(only_scaled) - 0.01


@given(
    st.builds(JuryCalibration, st.floats(0.2, 5), st.floats(-3, 3), st.floats(-1, 3), st.floats(-3, 3)),
    st.integers(2, 6),
    st.floats(0.1, 300),
    st.integers(0, 999),
)
def test_setting_the_top_right_never_changes_the_label_nor_the_odds_among_the_others(
    calibration: JuryCalibration, n_options: int, size: float, seed: int
) -> None:
    draw = rng(seed)
    score = draw.normal(0, size, (50, n_options))
    share = share_by_option(draw.integers(-1, n_options, (50, 5)), n_options)
    before = calibrated(replace(calibration, slope=1.0, intercept=0.0), score, share)
    after = calibrated(calibration, score, share)
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


@settings(max_examples=10)
@given(st.integers(1, 6), st.integers(2, 5), st.integers(50, 80), st.integers(0, 10_000))
def test_posteriors_are_distributions_whatever_was_voted(n_voters: int, n_options: int, n: int, seed: int) -> None:
    draw = rng(seed)
    said = draw.integers(-1, n_options, (n, n_voters))
    truth = draw.integers(0, n_options, n)
    fit = fit_jury(said, truth, options=names(n_options), voters=names(n_voters), rng=rng())
    posterior = fit.jury.predict(said)
    voted = (said >= 0).any(axis=1)
    assert np.isnan(posterior[~voted]).all()
    assert (posterior[voted] >= 0).all()
    assert posterior[voted].sum(axis=1) == pytest.approx(np.ones(voted.sum()))


def test_a_perfect_score_lies_in_its_own_null_band_19_times_of_20() -> None:
    draw = rng(29)
    p = draw.uniform(0.5, 1, 300)
    band = calibration_error_null(p, rng=draw, n_null=500)
    inside = [expected_calibration_error(p, draw.random(300) < p) <= band.upper for _ in range(400)]
    assert np.mean(inside) == pytest.approx(0.95, abs=0.04)
    assert 0 < band.mean < band.upper
    assert np.isnan(calibration_error_null([], rng=draw).upper)
    # F4: at 200 items a perfect score shows an error of about .05
    assert calibration_error_null(draw.uniform(0.5, 1, 200), rng=draw).mean == pytest.approx(0.06, abs=0.03)
