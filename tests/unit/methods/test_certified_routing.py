"""The alternatives to `certify`: each keeps what it promises, and the way without a promise does not."""

from functools import partial

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from benchmarks.guarantees import World, noise_limit, world
from benchmarks.guarantees_routing import METHODS, RoutingRow, keeps_its_promise, measure_routing
from labelwright.errors import InvalidValue
from labelwright.methods.routing import (
    RoutingOutcome,
    betting_p_value,
    certify_by_group,
    certify_loss,
    conformal_risk_control,
    cost_losses,
    f1_losses,
    finite_pool_betting,
    finite_pool_hoeffding_bentkus,
    finite_pool_p_value,
    hoeffding_bentkus_p_value,
    prediction_sets,
    selective_guaranteed_risk,
)
from labelwright.methods.routing.by_class import pool_small

REPETITIONS = 150


def rows(name: World, loss: str) -> list[RoutingRow]:
    return measure_routing(name, partial(world, name=name), loss, repetitions=REPETITIONS, seed=3)


@pytest.mark.parametrize("loss", list(METHODS))
@pytest.mark.parametrize("name", ["smooth", "ties", "label-dependent ties"])
def test_every_alternative_keeps_its_promise_and_the_naive_way_fails(name: World, loss: str) -> None:
    found = rows(name, loss)
    for row in found:
        assert keeps_its_promise(row, noise_limit(REPETITIONS)), row
    # A way that never accepts keeps every promise.
    assert all(row.coverage > 0.03 for row in found if row.method != "exact, three groups")


def random_total(draw: np.random.Generator, *, n_pool: int, n: int, mean: float) -> tuple[np.ndarray, np.ndarray]:
    """Losses of a pool whose mean is just above `mean`, and of n drawn from it."""
    loss = draw.beta(0.3, 0.3 * (1 - mean) / mean, n_pool)
    return loss, loss[draw.permutation(n_pool)[:n]]


@pytest.mark.parametrize(("n_pool", "n"), [(400, 100), (150, 120)])
def test_finite_pool_tests_reject_a_broken_limit_no_more_often_than_delta(n_pool: int, n: int) -> None:
    draw = np.random.default_rng(5)
    rejected = np.zeros(2)
    repetitions = 500
    for _ in range(repetitions):
        loss, drawn = random_total(draw, n_pool=n_pool, n=n, mean=0.12)
        limit = 0.1
        if loss.sum() - drawn.sum() <= limit * (n_pool - n):
            continue  # kept: rejecting is right
        hoeffding = finite_pool_hoeffding_bentkus(n_pool, n, drawn.sum(), target_loss=limit)
        rejected += [float(hoeffding) <= 0.1, finite_pool_betting(drawn, n_pool=n_pool, target_loss=limit) <= 0.1]
    assert np.all(rejected / repetitions <= 0.1 + 3 * (0.09 / repetitions) ** 0.5)


def test_tests_of_bounded_losses_are_no_sharper_than_the_exact_one_and_not_useless() -> None:
    # 300 of 3,000 drawn, 12 wrong, at most .1 wanted
    losses = np.random.default_rng(1).permutation(np.repeat([1.0, 0.0], [12, 288]))
    exact = float(finite_pool_p_value(3_000, 300, 12, target_error=0.1))
    hoeffding = float(finite_pool_hoeffding_bentkus(3_000, 300, 12, target_loss=0.1))
    betting = finite_pool_betting(losses, n_pool=3_000, target_loss=0.1)
    assert exact < hoeffding < 0.01
    assert exact < betting < 0.05
    # Small losses instead of whole ones: betting sees that they vary less.
    graded = np.full(300, 0.05)
    assert finite_pool_betting(graded, n_pool=3_000, target_loss=0.1) < 0.01
    assert float(hoeffding_bentkus_p_value(300, 15.0, target_loss=0.1)) < 0.01


def test_what_cannot_be_tested_is_not_rejected_and_what_is_all_labelled_needs_no_test() -> None:
    assert betting_p_value([], target_loss=0.1) == 1.0
    assert float(hoeffding_bentkus_p_value(0, 0, target_loss=0.1)) == 1.0
    assert betting_p_value(np.ones(50), target_loss=0.1) == 1.0
    assert finite_pool_betting(np.ones(5), n_pool=5, target_loss=0.1) == 0.0
    assert float(finite_pool_hoeffding_bentkus(5, 5, 5, target_loss=0.1)) == 0.0


@given(seed=st.integers(0, 10_000))
@settings(max_examples=30)
def test_reserving_items_never_makes_a_test_easier(seed: int) -> None:
    draw = np.random.default_rng(seed)
    _, drawn = random_total(draw, n_pool=300, n=80, mean=0.05)
    for test in (
        lambda r: float(finite_pool_hoeffding_bentkus(300, 80, drawn.sum(), target_loss=0.1, n_reserved=r)),
        lambda r: finite_pool_betting(drawn, n_pool=300, target_loss=0.1, n_reserved=r),
    ):
        assert test(0) <= test(40) + 1e-12 <= test(200) + 2e-12


def pool(seed: int, n: int = 2_000) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    draw = np.random.default_rng(seed)
    score = draw.random(n).round(2)
    return score, draw.random(n) > 0.7 + 0.3 * score, draw.permutation(n)[:400]


def test_the_sample_is_never_accepted_and_neither_is_what_has_no_score() -> None:
    score, wrong, drawn = pool(1)
    score[::7] = np.nan
    loss = wrong[drawn].astype(float)
    outcomes: list[RoutingOutcome] = [
        certify_loss(score, drawn, loss, target_loss=0.2, rng=np.random.default_rng(1)),
        selective_guaranteed_risk(score, drawn, wrong[drawn], target_error=0.2),
        conformal_risk_control(score, drawn, loss, target_loss=0.1),
    ]
    for outcome in outcomes:
        assert outcome.is_certified
        assert outcome.reason is None
        assert not outcome.accepted[drawn].any()
        assert not outcome.accepted[::7].any()
        assert outcome.n_accepted == int(outcome.accepted.sum())
        assert outcome.coverage == pytest.approx(outcome.n_accepted / 1_600)
        assert str(outcome.target) in outcome.promise


def test_every_way_says_why_it_accepts_nothing() -> None:
    nothing, drawn = np.full(400, np.nan), np.arange(200)
    wrong = np.ones(200)
    rng = np.random.default_rng(0)
    assert "no item has a score" in str(certify_loss(nothing, drawn, wrong, target_loss=0.1, rng=rng).reason)
    assert "no item has a score" in str(selective_guaranteed_risk(nothing, drawn, wrong, target_error=0.1).reason)
    few = certify_loss(np.ones(400), drawn[:50], wrong[:50], target_loss=0.1, rng=rng)
    assert few.reason == "50 labelled items have a score, and 87 are needed before the first threshold may be tested"
    bad = certify_loss(np.ones(400), drawn, wrong, target_loss=0.1, rng=rng)
    assert str(bad.reason).startswith("already at the first threshold too much is lost")
    assert "9 labels are needed at least, there are 5" in str(
        conformal_risk_control(np.ones(400), drawn[:5], wrong[:5], target_loss=0.1).reason
    )
    whole = certify_loss(np.ones(200), drawn, 0 * wrong, target_loss=0.1, rng=rng)
    assert whole.reason == "every item that could be accepted is in the labelled sample already"


def test_an_error_in_the_arguments_is_named() -> None:
    with pytest.raises(InvalidValue, match=r"loss: must lie in \[0, 1\], got 3.0"):
        certify_loss([1.0, 1.0], [0], [3.0], target_loss=0.1, test="hoeffding-bentkus")
    with pytest.raises(InvalidValue, match="is needed by 'betting'"):
        certify_loss([1.0, 1.0], [0], [0.5], target_loss=0.1)
    with pytest.raises(InvalidValue, match="'exact' is for losses of 0 and 1"):
        certify_loss([1.0, 1.0], [0], [0.5], target_loss=0.1, test="exact")
    with pytest.raises(InvalidValue, match="must name a group for each of 2 items"):
        certify_by_group([1.0, 1.0], [0], [0], [1], target_loss=0.1)
    with pytest.raises(InvalidValue, match="square matrix"):
        cost_losses([[0, 1]], [0], [0])
    with pytest.raises(InvalidValue, match="at least one above 0"):
        cost_losses([[0, 0], [0, 0]], [0], [0])
    with pytest.raises(InvalidValue, match="has 2 options"):
        cost_losses([[0, 1], [1, 0]], [2], [0])


def test_costs_are_shares_of_the_largest_and_no_valid_label_costs_most() -> None:
    assert cost_losses([[0, 1], [5, 0]], [0, 1, 1, 0], [1, 0, 1, -1]).tolist() == [0.2, 1.0, 0.0, 1.0]
    assert f1_losses([2, 0, 0], [2, 3, 0], [2, 0, 0]).tolist() == [0.0, 1.0, 0.0]


def test_betting_draws_its_own_order_so_that_a_sorted_sample_does_no_harm() -> None:
    score, wrong, drawn = pool(3)
    by_error = drawn[np.argsort(wrong[drawn])]  # right ones first, as no random order has them
    accepted = [
        certify_loss(
            score, by_error, wrong[by_error].astype(float), target_loss=0.1, rng=np.random.default_rng(seed)
        ).n_accepted
        for seed in range(20)
    ]
    again = certify_loss(score, drawn, wrong[drawn].astype(float), target_loss=0.1, rng=np.random.default_rng(5))
    assert len(set(accepted)) > 1
    assert min(accepted) <= again.n_accepted <= max(accepted)


def test_conformal_risk_control_by_hand() -> None:
    # 19 labels at one score with one wrong, 20 more below all wrong: (1 + 1)/40 ≤ .05 but (21 + 1)/40 is not
    score = np.concatenate([np.full(100, 0.9), np.full(100, 0.1)])
    drawn = np.concatenate([np.arange(19), 100 + np.arange(20)])
    loss = np.concatenate([[1.0], np.zeros(18), np.ones(20)])
    found = conformal_risk_control(score, drawn, loss, target_loss=0.05)
    assert found.threshold == 0.9
    assert found.n_accepted == 81
    assert found.delta is None
    assert conformal_risk_control(score, drawn, loss, target_loss=0.049).threshold is None


@pytest.mark.parametrize("set_score", ["least ambiguous", "adaptive"])
@pytest.mark.parametrize("is_randomised", [False, True])
def test_prediction_sets_hold_the_truth_as_often_as_they_say_and_for_each_class_too(
    set_score: str, is_randomised: bool
) -> None:
    draw = np.random.default_rng(11)
    missed: list[float] = []
    missed_of_rare: list[float] = []
    wrong: list[float] = []
    for _ in range(150):
        truth = draw.choice(3, 900, p=[0.6, 0.3, 0.1])
        p = draw.dirichlet([1, 1, 1], 900) + np.eye(3)[truth] * draw.random((900, 1))
        p /= p.sum(axis=1, keepdims=True)
        p[::50] = np.nan
        rng = draw if is_randomised else None
        for by_class in (False, True):
            found = prediction_sets(
                p,
                np.arange(300),
                truth[:300],
                target_error=0.1,
                set_score=set_score,  # pyright: ignore[reportArgumentType]
                by_class=by_class,
                rng=rng,
            )
            others = slice(300, None)
            is_in = found.included[np.arange(900), truth][others]
            if by_class:
                missed_of_rare.append(float(np.mean(~is_in[truth[others] == 2])))
            else:
                missed.append(float(np.mean(~is_in)))
                wrong.append(float(np.mean(found.outcome.accepted & (found.label != truth)) * 900 / 600))
                assert found.outcome.is_certified
                assert np.all(found.included[found.outcome.accepted].sum(axis=1) == 1)
                assert np.all(found.included[::50])
    for shares in (missed, missed_of_rare):
        assert np.mean(shares) <= 0.1 + 3 * np.std(shares) / 150**0.5
        assert np.mean(shares) > 0.05
    assert np.mean(wrong) <= np.mean(missed)


def test_too_few_labels_of_a_class_leave_its_option_in_every_set() -> None:
    p = np.tile([0.8, 0.2], (50, 1))
    found = prediction_sets(p, np.arange(20), np.append(np.zeros(19), 1), target_error=0.1, by_class=True)
    assert found.quantile.tolist() == pytest.approx([0.2, np.inf])
    assert found.included[:, 1].all()
    assert found.outcome.reason == "no item outside the sample keeps a single option"


def test_small_groups_are_pooled_with_siblings_first_then_with_one_another() -> None:
    sample = np.repeat([0, 1, 2, 3, 4, 5], [90, 30, 40, 5, 3, 20])
    pooled = pool_small(np.arange(6), sample, least=58, parent={1: 10, 2: 10, 3: 11, 4: 11})
    assert pooled == ((0,), (1, 2), (3, 4, 5))
    assert pool_small(np.arange(2), np.repeat([0, 1], 60), least=58, parent={}) == ((0,), (1,))


def test_groups_share_delta_and_what_is_too_small_to_test_costs_none() -> None:
    draw = np.random.default_rng(13)
    group = np.repeat([0, 1, 2, -1], [3_000, 3_000, 100, 100])
    score, wrong = draw.random(6_200), np.zeros(6_200, dtype=bool)
    wrong[group == 1] = draw.random(3_000) < 0.4
    drawn = draw.permutation(6_200)[:620]
    found = certify_by_group(score, drawn, wrong[drawn], group, target_loss=0.1)
    assert [cell.groups for cell in found.cells] == [(0,), (1,), (2,)]
    assert {cell.outcome.delta for cell in found.cells} == {0.025}  # two are tested
    assert [cell.outcome.is_certified for cell in found.cells] == [True, False, False]
    assert set(group[found.accepted].tolist()) == {0}
    assert "in every one of 2 groups" in found.promise
    each = certify_by_group(score, drawn, wrong[drawn], group, target_loss=0.1, split="each")
    assert {cell.outcome.delta for cell in each.cells} == {0.05}
    assert "for each group by itself" in each.promise
    assert found.coverage == pytest.approx(found.n_accepted / 5_580)


def test_a_group_with_twice_the_zero_error_size_may_still_be_certified() -> None:
    # 60 labels, none wrong: fewer than 3·29, at least 2·29.
    found = certify_by_group(np.ones(600), np.arange(60), np.zeros(60), np.zeros(600, dtype=int), target_loss=0.1)
    assert found.n_accepted == 540
    assert found.cells[0].n_calibrated == 60


def test_selective_guaranteed_risk_takes_few_steps_and_less_than_the_sequence() -> None:
    score, wrong, drawn = pool(8, 5_000)
    found = selective_guaranteed_risk(score, drawn, wrong[drawn], target_error=0.2)
    assert 1 <= len(found.p_values) <= 7  # 100 distinct scores
    assert found.promise.endswith("provided that surer items are not wrong more often")
