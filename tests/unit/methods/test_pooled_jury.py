"""A stacked jury, a panel and the best voter, pooled by what each says of labels it has not seen."""

import json

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from labelwright.errors import InvalidValue
from labelwright.methods.aggregation import fit_jury
from labelwright.methods.confidence import PooledJury, fit_pooled_jury, pool_weights

OPTIONS = ("a", "b", "c")


def rng(seed: int = 1) -> np.random.Generator:
    return np.random.default_rng(seed)


def votes(truth: np.ndarray, accuracy: list[float], seed: int) -> np.ndarray:
    draw = rng(seed)
    right = draw.random((len(truth), len(accuracy))) < np.array(accuracy)
    return np.where(right, truth[:, None], draw.integers(0, len(OPTIONS), right.shape))


def test_it_keeps_what_the_best_voter_alone_would_get_where_all_others_guess() -> None:
    truth = rng(2).integers(0, 3, 4_000)
    said = votes(truth, [0.8, *([0.05] * 11)], seed=3)
    jury = fit_pooled_jury(
        said[:100], truth[:100], options=OPTIONS, voters=[f"v{n}" for n in range(12)], rng=rng()
    ).jury
    assert jury.best == 0
    held_out = said[100:], truth[100:]
    pooled = float((jury.predict(held_out[0]).argmax(axis=1) == held_out[1]).mean())
    alone = float((held_out[0][:, 0] == held_out[1]).mean())
    assert pooled >= alone - 0.015
    assert jury.weights.sum() == pytest.approx(1)


def test_a_posterior_sums_to_one_and_nobody_voting_is_not_known() -> None:
    truth = rng(4).integers(0, 3, 200)
    said = votes(truth, [0.7, 0.6, 0.6], seed=5)
    said[::7, 1] = -1
    sure = np.where(said >= 0, rng(6).uniform(0.3, 1, said.shape), np.nan)[:, :, None]
    fit = fit_pooled_jury(
        said, truth, options=OPTIONS, voters=["x", "y", "z"], rng=rng(), signals_NMS=sure, signals=["verbalised"]
    )
    asked = np.vstack([said, [[-1, -1, -1], [-1, 2, -1]]])
    told = np.vstack([sure, np.full((2, 3, 1), np.nan)])
    posterior = fit.jury.predict(asked, told)
    assert np.isnan(posterior[-2]).all()
    np.testing.assert_allclose(np.delete(posterior, -2, axis=0).sum(axis=1), 1)
    np.testing.assert_allclose(fit.cross_fitted.sum(axis=1), 1)


def test_what_is_stored_predicts_the_same_and_a_stacked_jury_of_before_is_read() -> None:
    truth = rng(7).integers(0, 3, 150)
    said = votes(truth, [0.7, 0.6], seed=8)
    pooled = fit_pooled_jury(said, truth, options=OPTIONS, voters=["x", "y"], rng=rng()).jury
    stacked = fit_jury(said, truth, options=OPTIONS, voters=["x", "y"], rng=rng()).jury
    for jury in (pooled, stacked):
        again = PooledJury.from_json(json.loads(json.dumps(jury.to_json())))
        np.testing.assert_allclose(again.predict(said), jury.predict(said))
    with pytest.raises(InvalidValue):
        PooledJury.from_json({"kind": "pooled jury", "version": 2})


def test_too_few_labels_leave_the_best_voter_alone() -> None:
    truth = rng(9).integers(0, 3, 30)
    said = votes(truth, [0.9, 0.3], seed=10)
    jury = fit_pooled_jury(said, truth, options=OPTIONS, voters=["x", "y"], rng=rng()).jury
    assert jury.panel is None
    np.testing.assert_array_equal(jury.predict(said).argmax(axis=1), said[:, 0])


@given(likelihood=st.lists(st.tuples(*[st.floats(0.01, 1)] * 3).map(list), min_size=1, max_size=40).map(np.array))
def test_the_pool_is_no_worse_on_its_labels_than_equal_weights_less_the_prior(likelihood: np.ndarray) -> None:
    weights = pool_weights(likelihood)
    assert weights.sum() == pytest.approx(1)
    assert (weights > 0).all()
    equal = np.full(3, 1 / 3)

    def score(w: np.ndarray) -> float:
        return float(np.log(likelihood @ w).sum() + 0.5 * np.log(w).sum())

    assert score(weights) >= score(equal) - 1e-6


def test_a_second_opinion_that_knows_what_the_voters_do_not_makes_the_jury_right_more_often() -> None:
    truth = rng(11).integers(0, 3, 1_200)
    said = votes(truth, [0.6, 0.6, 0.6], seed=12)
    opinion = np.full((len(truth), 3), 0.15)
    seen = np.where(rng(13).random(len(truth)) < 0.8, truth, rng(14).integers(0, 3, len(truth)))
    opinion[np.arange(len(truth)), seen] = 0.7
    length = rng(15).normal(size=len(truth))

    def accuracy(opinions: dict[str, np.ndarray], numbers: dict[str, np.ndarray]) -> float:
        jury = fit_pooled_jury(
            said[:200],
            truth[:200],
            options=OPTIONS,
            voters=["x", "y", "z"],
            rng=rng(),
            opinions={name: value[:200] for name, value in opinions.items()},
            numbers={name: value[:200] for name, value in numbers.items()},
        ).jury
        stored = PooledJury.from_json(json.loads(json.dumps(jury.to_json())))
        found = stored.predict(
            said[200:],
            opinions={name: value[200:] for name, value in opinions.items()},
            numbers={name: value[200:] for name, value in numbers.items()},
        )
        np.testing.assert_allclose(found.sum(axis=1), 1)
        return float((found.argmax(axis=1) == truth[200:]).mean())

    assert accuracy({"student": opinion}, {"length": length}) > accuracy({}, {}) + 0.05
