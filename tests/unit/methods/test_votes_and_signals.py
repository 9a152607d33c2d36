from collections.abc import Callable
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from labelwright.errors import InvalidValue
from labelwright.methods.acquisition import least_sure
from labelwright.methods.aggregation import dawid_skene, majority, vote_shares, votes
from labelwright.methods.agreement import Agreement, cohen_kappa, fleiss_kappa, krippendorff_alpha, percent_agreement
from labelwright.methods.confidence import label_probabilities, share_equal, share_of_votes
from labelwright.methods.estimation import clopper_pearson_interval, finite_population_factor, wilson_interval
from labelwright.methods.quality import reviewer_noise


def rng() -> np.random.Generator:
    return np.random.default_rng(1)


def test_a_tie_stays_a_tie_and_no_vote_stays_unknown() -> None:
    table = votes([0, 0, 1, 1, 1], [0, 1, 0, 1, 2], [1, 2, 0, 0, 2], n_units=3, n_options=3)
    assert majority(table)[:2].tolist() == [[0.0, 0.5, 0.5], [1.0, 0.0, 0.0]]
    assert np.isnan(majority(table)[2]).all()
    assert vote_shares(table)[1].tolist() == pytest.approx([2 / 3, 0, 1 / 3])


def test_a_bad_column_is_named() -> None:
    with pytest.raises(InvalidValue, match=r"votes\.option: code 5 is not below the stated count 3"):
        votes([0], [0], [5], n_options=3)
    with pytest.raises(InvalidValue, match="equally long"):
        votes([0, 1], [0], [0])


def crowd(seed: int, n_units: int, skill: list[float], n_options: int = 3) -> tuple[np.ndarray, np.ndarray]:
    draw = np.random.default_rng(seed)
    truth = draw.integers(0, n_options, n_units)
    said = np.empty((n_units, len(skill)), dtype=np.int64)
    for a, chance in enumerate(skill):
        right = draw.random(n_units) < chance
        said[:, a] = np.where(right, truth, (truth + draw.integers(1, n_options, n_units)) % n_options)
    return truth, said


def test_dawid_skene_learns_whom_to_trust() -> None:
    truth, said = crowd(3, 400, [0.95, 0.5, 0.5, 0.5, 0.5])
    unit, annotator = np.indices(said.shape)
    table = votes(unit.ravel(), annotator.ravel(), said.ravel())
    found = dawid_skene(table)
    by_majority = (np.argmax(majority(table), axis=1) == truth).mean()
    assert found.has_converged
    assert (np.argmax(found.posterior, axis=1) == truth).mean() > by_majority + 0.1
    assert np.diag(found.confusion[0]).mean() > np.diag(found.confusion[1]).mean() + 0.2
    assert found.posterior.sum(axis=1) == pytest.approx(np.ones(400))


def test_dawid_skene_lets_two_lone_votes_not_turn_an_annotator_upside_down() -> None:
    # Five people agree on everything; a sixth says the opposite twice.
    said = np.tile(np.array([0, 1] * 20)[:, None], (1, 5))
    unit, annotator = np.indices(said.shape)
    table = votes(
        np.concatenate([unit.ravel(), [0, 1]]),
        np.concatenate([annotator.ravel(), [5, 5]]),
        np.concatenate([said.ravel(), [1, 0]]),
    )
    assert np.all(np.diag(dawid_skene(table).confusion[5]) > 0.5)


def test_dawid_skene_gives_the_prior_where_nobody_voted() -> None:
    table = votes([0, 0, 1], [0, 1, 0], [0, 0, 1], n_units=3, n_options=2)
    found = dawid_skene(table)
    assert found.posterior[2] == pytest.approx(found.prior)


@pytest.mark.parametrize("measure", [krippendorff_alpha, fleiss_kappa, cohen_kappa])
def test_one_option_only_is_undefined_and_not_perfect(measure: Callable[..., Agreement]) -> None:
    table = votes([0, 0, 1, 1], [0, 1, 0, 1], [0, 0, 0, 0], n_options=2)
    found = measure(table, rng=rng())
    assert np.isnan(found.coefficient)
    assert "one option" in (found.reason or "")


@pytest.mark.parametrize("measure", [krippendorff_alpha, fleiss_kappa, cohen_kappa, percent_agreement])
def test_single_votes_are_undefined_with_the_reason(measure: Callable[..., Agreement]) -> None:
    found = measure(votes([0, 1], [0, 1], [0, 1]), rng=rng())
    assert np.isnan(found.coefficient)
    assert found.reason == "no unit has two votes"


@pytest.mark.parametrize("measure", [krippendorff_alpha, fleiss_kappa, cohen_kappa, percent_agreement])
def test_a_coefficient_carries_its_interval_and_n(measure: Callable[..., Agreement]) -> None:
    _, said = crowd(9, 200, [0.8, 0.8])
    unit, annotator = np.indices(said.shape)
    found = measure(votes(unit.ravel(), annotator.ravel(), said.ravel()), rng=rng())
    assert found.low < found.coefficient < found.high
    assert (found.n_units, found.n_votes, found.scale) == (200, 400, "nominal")


@given(st.lists(st.one_of(st.none(), st.floats(0, 1)), max_size=30))
def test_the_least_sure_come_first_and_the_unknown_before_them(confidence: list[float | None]) -> None:
    values = np.array([np.nan if c is None else c for c in confidence], dtype=float)
    order = least_sure(values)
    assert sorted(order.tolist()) == list(range(len(values)))
    ordered = np.nan_to_num(values[order], nan=-1.0)
    assert np.all(np.diff(ordered) >= 0)
    for a, b in pairwise(order):
        assert values[a] != values[b] or a < b


def test_agreement_with_others_is_a_share_and_unknown_without_them() -> None:
    own = np.array([0, 1, -1, 2])
    others = np.array([[0, 1], [1, -1], [0, 0], [-1, -1]])
    assert share_of_votes(own, others).tolist()[:2] == [0.5, 1.0]
    assert np.isnan(share_of_votes(own, others)[2:]).all()
    assert share_equal(("a", "b"), [("a", "b"), ("a",), None]) == 0.5
    assert share_equal(None, ["x"]) is None


def test_label_tokens_are_renormalised_and_the_rest_is_reported() -> None:
    found = label_probabilities({"A": np.log(0.4), " A": np.log(0.2), "B": np.log(0.2), "x": np.log(0.2)}, ["A", "B"])
    assert found.probability.tolist() == pytest.approx([0.75, 0.25])
    assert found.off_label_mass == pytest.approx(0.2)
    censored = label_probabilities({"A": np.log(0.9), "x": np.log(0.1)}, ["A", "B"])
    # B is taken as half of the smallest listed: .05
    assert censored.probability.tolist() == pytest.approx([0.9 / 0.95, 0.05 / 0.95])
    assert censored.censored == ("B",)
    for nothing in (None, {}, {"x": -1.0}):
        assert np.isnan(label_probabilities(nothing, ["A", "B"]).probability).all()


def test_intervals_know_their_edges() -> None:
    low, high = clopper_pearson_interval([0, 10, 0], [10, 10, 0])
    assert low[0] == 0
    assert high[1] == 1
    assert (low[2], high[2]) == (0, 1)
    assert np.isnan(wilson_interval(0, 0).low)
    assert finite_population_factor(100, 100) == 0.0


@given(st.integers(0, 60), st.integers(1, 60))
def test_intervals_contain_the_observed_share(k: int, n: int) -> None:
    k = min(k, n)
    for interval in (wilson_interval(k, n), clopper_pearson_interval(k, n)):
        assert interval.low - 1e-9 <= k / n <= interval.high + 1e-9


def test_reviewer_noise_is_recovered_from_overlap() -> None:
    truth, said = crowd(21, 3_000, [0.9, 0.9, 0.9], n_options=2)
    unit, annotator = np.indices(said.shape)
    found = reviewer_noise(votes(unit.ravel(), annotator.ravel(), said.ravel()), rng=rng())
    consensus = (np.argmax(majority(votes(unit.ravel(), annotator.ravel(), said.ravel())), axis=1) != truth).mean()
    assert found.vote_error == pytest.approx(0.1, abs=0.01)
    assert found.consensus_error == pytest.approx(consensus, abs=0.006)  # 3·.01·.9 + .001 = .028
    assert found.low < found.consensus_error < found.high


def test_reviewer_noise_is_unknown_without_overlap_or_above_chance_agreement() -> None:
    assert np.isnan(reviewer_noise(votes([0, 1], [0, 1], [0, 1]), rng=rng()).consensus_error)
    opposed = reviewer_noise(votes([0, 0, 1, 1], [0, 1, 0, 1], [0, 1, 1, 0]), rng=rng())
    assert "no more than by chance" in (opposed.reason or "")
