"""Where money mends most: exact on small worlds, and the specification's figures."""

from __future__ import annotations

import itertools
from math import floor

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from labelwright.errors import InvalidValue
from labelwright.methods.economics import (
    Known,
    ScoredItems,
    Shop,
    World,
    assisted_accuracy,
    beta_items,
    certifiable,
    counted,
    gold_for_width,
    majority_accuracy,
    measured_items,
    menu_of,
    moved,
    purchase_steps,
    read_known,
    spend,
    stops_helping,
)
from labelwright.methods.routing import start_size
from labelwright.methods.routing.rehearse import draw_samples, rehearse

SHARES = st.floats(0.02, 0.98)


# ---------------------------------------------------------------- the greedy is exact


@given(
    right=st.lists(SHARES, min_size=1, max_size=8),
    human=st.floats(0.5, 1.0),
    price=st.integers(1, 5),
    money=st.integers(0, 30),
)
def test_one_way_to_mend_at_one_price_equals_brute_force(
    right: list[float], human: float, price: int, money: int
) -> None:
    """Rank by (q - p)/c, stop at <= 0: the best subset of at most money // price items."""
    p = np.array(right)
    table = np.stack([p, np.full(len(p), human)])
    steps = purchase_steps(table, np.stack([np.zeros(len(p)), np.full(len(p), float(price))]), np.ones(len(p)))
    found = spend(steps, money, whole=True)
    best = max(
        sum(human - right[i] for i in chosen)
        for k in range(len(right) + 1)
        if k * price <= money
        for chosen in itertools.combinations(range(len(right)), k)
    )
    assert found.gain == pytest.approx(best, abs=1e-9)
    assert found.cost <= money + 1e-9


@settings(deadline=None)
@given(
    rights=st.lists(st.tuples(SHARES, SHARES, SHARES), min_size=1, max_size=5),
    costs=st.lists(st.tuples(st.integers(1, 6), st.integers(1, 6)), min_size=5, max_size=5),
    money=st.integers(0, 24),
)
def test_several_ways_are_never_beaten_by_brute_force_and_miss_it_by_less_than_one_step(
    rights: list[tuple[float, float, float]], costs: list[tuple[int, int]], money: int
) -> None:
    n = len(rights)
    right = np.array(rights).T
    cost = np.array([[0.0] * n, [float(c[0]) for c in costs[:n]], [float(c[1]) for c in costs[:n]]])
    steps = purchase_steps(right, cost, np.ones(n))
    relaxed, whole = spend(steps, money), spend(steps, money, whole=True)
    best = max(
        sum(right[o, i] - right[0, i] for i, o in enumerate(chosen))
        for chosen in itertools.product(range(3), repeat=n)
        if sum(cost[o, i] for i, o in enumerate(chosen)) <= money
    )
    assert whole.gain <= best + 1e-9
    assert relaxed.gain >= best - 1e-9
    assert relaxed.gain - whole.gain <= (max(steps.gain) if len(steps.gain) else 0.0) + 1e-9
    assert relaxed.cost <= money + 1e-9


@settings(deadline=None, max_examples=40)
@given(
    rights=st.lists(st.tuples(SHARES, SHARES, SHARES), min_size=1, max_size=4),
    costs=st.lists(st.tuples(st.integers(1, 6), st.integers(1, 6)), min_size=4, max_size=4),
)
def test_where_whole_steps_use_the_money_up_brute_force_finds_nothing_better(
    rights: list[tuple[float, float, float]], costs: list[tuple[int, int]]
) -> None:
    n = len(rights)
    right = np.array(rights).T
    cost = np.array([[0.0] * n, [float(c[0]) for c in costs[:n]], [float(c[1]) for c in costs[:n]]])
    steps = purchase_steps(right, cost, np.ones(n))
    for spent, gained in zip(steps.spent, steps.gained, strict=True):
        best = max(
            sum(right[o, i] - right[0, i] for i, o in enumerate(chosen))
            for chosen in itertools.product(range(3), repeat=n)
            if sum(cost[o, i] for i, o in enumerate(chosen)) <= spent + 1e-9
        )
        assert gained == pytest.approx(best, abs=1e-9)


def test_steps_come_in_the_order_of_what_they_buy() -> None:
    items = beta_items(0.8, 0.75)
    menu = menu_of(World(1000, 0.8, 0.75, 0.93, 0.01, 0.1, review_price=0.04, adopt=0.1, most_votes=5))
    cost = np.repeat(menu.cost[:, None], len(items.share), axis=1)
    steps = purchase_steps(menu.right, cost, items.share * 1000)
    assert np.all(np.diff(steps.rate) <= 1e-12)
    assert np.all(steps.gain > 0)


# ---------------------------------------------------------------- how chances are spread


@given(accuracy=st.floats(0.05, 0.99), auroc=st.floats(0.51, 0.99))
def test_beta_items_have_the_accuracy_and_the_auroc_that_were_asked_for(accuracy: float, auroc: float) -> None:
    items = beta_items(accuracy, auroc)
    assert items.accuracy == pytest.approx(accuracy, abs=1e-5)
    assert items.auroc == pytest.approx(auroc, abs=2e-3)
    assert np.all(np.diff(items.right) >= 0)


def test_the_auroc_of_binned_items_is_the_chance_that_a_right_one_is_surer() -> None:
    # Two items, .5 and .9: right-and-wrong pairs are 2 within and 2 across;
    # P = [.5*.5/2 + .9*.1/2 + .9*.5] / [(.5 + .9)(.5 + .1)] = .62/.84
    items = ScoredItems(np.array([0.5, 0.5]), np.array([0.5, 0.9]))
    assert items.auroc == pytest.approx(0.62 / 0.84)


@given(
    accuracy=st.floats(0.4, 0.97), auroc=st.floats(0.6, 0.95), to=st.floats(0.4, 0.97), sharper=st.floats(0.55, 0.95)
)
def test_moved_items_meet_the_new_accuracy_and_keep_their_order(
    accuracy: float, auroc: float, to: float, sharper: float
) -> None:
    items = moved(beta_items(accuracy, auroc), accuracy=to, auroc=sharper)
    assert items.accuracy == pytest.approx(to, abs=1e-6)
    assert np.all(np.diff(items.right) >= -1e-12)


def test_measured_chances_are_taken_as_they_are_and_unknown_ones_stand_with_the_least_sure() -> None:
    known = np.linspace(0.5, 1.0, 101)
    items = measured_items(np.concatenate([known, [np.nan]]), n_bins=1000)
    assert len(items.share) == 102
    assert items.right[0] == pytest.approx(0.5)
    assert items.right.max() == 1.0
    with pytest.raises(InvalidValue, match="calibrate first"):
        measured_items([np.nan, np.nan])


# ---------------------------------------------------------------- people


def test_reviewed_accuracy_is_the_specification_s() -> None:
    """G: .82 gives .975/.958/.923/.889 and .70 gives .971/.943/.885/.829 as a goes 0, .1, .3, .5."""
    for right, expected in ((0.82, (0.975, 0.958, 0.923, 0.889)), (0.70, (0.971, 0.943, 0.885, 0.829))):
        said = [
            float(assisted_accuracy(np.array([right]), 0.95, adopt=a, overcorrect=0.02)[0]) for a in (0, 0.1, 0.3, 0.5)
        ]
        assert said == pytest.approx(expected, abs=1e-3)


def test_review_stops_helping_exactly_where_it_mends_as_much_as_it_spoils() -> None:
    at = stops_helping(0.95, adopt=0.1, overcorrect=0.02)
    assert float(assisted_accuracy(np.array([at]), 0.95, adopt=0.1, overcorrect=0.02)[0]) == pytest.approx(at)
    assert stops_helping(0.95, adopt=0.5, overcorrect=0.0) == 1.0


@given(human=st.floats(0.5, 0.99), votes=st.sampled_from([1, 3, 5, 7]), correlation=st.floats(0, 0.9))
def test_several_people_are_never_worse_than_one_and_correlation_takes_it_away(
    human: float, votes: int, correlation: float
) -> None:
    alone = majority_accuracy(human, votes)
    together = majority_accuracy(human, votes, correlation=correlation)
    assert alone >= human - 1e-9
    assert human - 1e-6 <= together <= alone + 1e-6


def test_an_even_number_of_people_is_refused() -> None:
    with pytest.raises(InvalidValue, match="may tie"):
        majority_accuracy(0.9, 2)


# ---------------------------------------------------------------- gold


def test_gold_is_never_less_than_the_first_test_takes_and_buys_more_coverage() -> None:
    parts = certifiable(beta_items(0.9, 0.91), n_items=100_000, target_error=0.05)
    assert parts.least is not None
    assert parts.least >= start_size(0.05, 0.05)
    reached = [parts.reached_with(n) for n in (100, 300, 1000, 3000, 10000)]
    assert reached == sorted(reached)
    assert reached[0] == 0.0
    assert 0.5 < reached[-1] < 1.0


def test_what_gold_is_expected_to_certify_is_what_certifying_it_gives() -> None:
    """A4's method on real draws of a pool: the mean share accepted, over 200 samples."""
    rng = np.random.default_rng(3)
    items = beta_items(0.875, 0.85)
    p = rng.choice(items.right, 4_000)
    wrong = rng.random(4_000) >= p
    for size in (300, 800):
        drawn = draw_samples(4_000, size, n_draws=200, rng=rng)
        rehearsed = rehearse(p, wrong, drawn, target_error=0.1).coverage.mean()
        expected = certifiable(measured_items(p), n_items=4_000, target_error=0.1).reached_with(size)
        assert expected == pytest.approx(float(rehearsed), abs=0.09)


def test_a_part_that_errs_as_much_as_the_target_is_certified_by_no_gold() -> None:
    parts = certifiable(beta_items(0.7, 0.55), n_items=10_000, target_error=0.02)
    assert parts.least is None
    assert parts.reached_with(10**9) == 0.0


def test_gold_for_width_is_the_specification_s() -> None:
    """A5: the half width at .9 is .019 for 1,000 labels, so 950 to 1,050 labels give .019."""
    assert 900 < gold_for_width(0.9, 0.019) < 1000
    with pytest.raises(InvalidValue):
        gold_for_width(0.9, 0.0)


# ---------------------------------------------------------------- allocations


@settings(deadline=None, max_examples=30)
@given(
    accuracy=st.floats(0.5, 0.95),
    auroc=st.floats(0.52, 0.95),
    human=st.floats(0.6, 0.99),
    budgets=st.tuples(st.floats(0, 3000), st.floats(0, 3000)),
)
def test_more_money_never_means_less_accuracy_and_counts_add_up(
    accuracy: float, auroc: float, human: float, budgets: tuple[float, float]
) -> None:
    """The frontier is monotone."""
    world = World(10_000, accuracy, auroc, human, 0.005, 0.1)
    shop = Shop.of(world, 300)
    poor, rich = (shop.buy(80 + more) for more in sorted(budgets))
    assert rich.correct >= poor.correct - 1e-6
    for one in (poor, rich):
        assert one.gold + one.reviewed + one.fresh + one.unseen == pytest.approx(10_000)
        # 50 for the model, then 10 cents for each answer
        assert one.cost == pytest.approx(50 + 0.1 * (one.gold + one.audit + one.reviewed))
        assert one.accuracy <= 1.0


def test_nobody_reviews_what_the_model_knows_better() -> None:
    world = World(10_000, 0.9, 0.91, 0.95, 0.005, 0.1)
    best = Shop.of(world, 100).buy(float("inf"))
    unseen = best.counts[0] > 0.5 * best.counts.sum(axis=0)
    assert world.items.right[unseen].min() >= 0.95 - 1e-9
    assert world.items.right[~unseen].max() <= 0.95 + 1e-9
    assert best.rate == 0.0


def test_the_audit_share_is_met_within_the_budget() -> None:
    world = World(10_000, 0.9, 0.8, 0.97, 0.005, 0.1)
    found = Shop.of(world, 300).buy(400, audit_share=0.05)
    assert found.audit == pytest.approx(0.05 * found.unseen, abs=1)
    assert found.cost == pytest.approx(400)


def test_a_budget_below_the_least_says_what_it_takes() -> None:
    with pytest.raises(InvalidValue, match=r"does not pay for the model \(\$50.00\), 300 gold items \(\$30.00\)"):
        Shop.of(World(10_000, 0.9, 0.8, 0.97, 0.005, 0.1), 300).buy(79)


def test_the_least_money_for_an_accuracy_is_what_that_money_buys() -> None:
    shop = Shop.of(World(10_000, 0.8, 0.8, 0.97, 0.005, 0.1), 300)
    found = shop.reach(0.93)
    assert found is not None
    assert found.accuracy == pytest.approx(0.93, abs=1e-6)
    assert shop.buy(found.cost).accuracy == pytest.approx(0.93, abs=1e-6)
    assert shop.reach(0.999) is None


def test_a_dearer_model_and_several_people_are_used_where_they_pay() -> None:
    world = World(1000, 0.7, 0.8, 0.9, 0.0, 1.0, most_votes=5)
    rich = Shop.of(world, 0).buy(float("inf"))
    assert set(rich.votes) == {5}
    assert rich.accuracy > majority_accuracy(0.9, 5) - 1e-9
    poor = Shop.of(world, 0).buy(floor(0.2 * 1000))
    assert set(poor.votes) == {1}


# ---------------------------------------------------------------- figures that are about known


@given(k=st.integers(0, 200), n=st.integers(1, 200))
def test_a_counted_share_lies_in_its_interval(k: int, n: int) -> None:
    if k <= n:
        found = counted(k, n)
        assert 0 <= found.low <= found.value <= found.high <= 1


def test_draws_have_the_mean_and_the_width_that_were_stated() -> None:
    drawn = Known(0.82, 0.78, 0.86).shares(20_000, np.random.default_rng(1))
    assert drawn.mean() == pytest.approx(0.82, abs=0.002)
    assert np.quantile(drawn, [0.025, 0.975]) == pytest.approx([0.78, 0.86], abs=0.004)


@pytest.mark.parametrize(
    ("written", "problem"),
    [("x", "no number"), ("0.9..0.8", "above"), ("1.2@30", "no share"), (True, "no number"), ({"value": 1}, "keys")],
)
def test_what_is_no_figure_is_refused_with_the_forms(written: object, problem: str) -> None:
    with pytest.raises(InvalidValue, match=problem):
        read_known("model accuracy", written)


def test_the_forms_of_a_figure() -> None:
    assert read_known("x", 0.5).is_certain
    assert read_known("x", "0.5").is_certain
    assert read_known("x", "0.5@100") == counted(50, 100) == read_known("x", {"value": 0.5, "n": 100})
    assert (
        read_known("x", "0.4..0.6") == Known(0.5, 0.4, 0.6) == read_known("x", {"value": 0.5, "low": 0.4, "high": 0.6})
    )
