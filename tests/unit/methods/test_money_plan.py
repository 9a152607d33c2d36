"""The plan as a whole: the specification's exercise, targets, intervals, and what an answer depends on."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from labelwright.errors import InvalidValue
from labelwright.methods.economics import (
    Known,
    KnownWorld,
    Shop,
    Wish,
    World,
    certifiable,
    counted,
    make_plan,
)
from labelwright.methods.economics.allocation import Allocation

# $5,000 for 100,000 items: the model half a cent each, a person's answer ten cents.
EXERCISE = [
    # auroc, human, the textbook's final accuracy, the planner's, both as the specification measured them in one draw
    (0.87, 0.95, 0.954, 0.959),
    (0.87, 0.99, 0.972, 0.977),
    (0.78, 0.95, 0.934, 0.940),
    (0.78, 0.99, 0.952, 0.958),
    (0.64, 0.95, 0.904, 0.907),
    (0.64, 0.99, 0.922, 0.925),
]


def textbook(world: World) -> Allocation:
    """10,000 random gold and the 35,000 least sure of the rest: 45,000 answers, whatever the model is worth."""
    return Shop.of(world, 10_000).buy(5_000)


@pytest.mark.parametrize(("auroc", "human", "theirs", "ours"), EXERCISE)
def test_the_five_thousand_dollar_exercise(auroc: float, human: float, theirs: float, ours: float) -> None:
    """G: their figures are one draw of 100,000 labels, so they are met to two thousandths."""
    world = World(100_000, 0.82, auroc, human, 0.005, 0.10)
    seed, plan = textbook(world), make_plan(KnownWorld(world), Wish(budget=5_000, gold=1_000))
    assert seed.reviewed == pytest.approx(35_000)
    assert plan.chosen.reviewed == pytest.approx(44_000)
    assert seed.cost == pytest.approx(plan.chosen.cost) == pytest.approx(5_000)
    assert seed.accuracy == pytest.approx(theirs, abs=2e-3)
    assert plan.chosen.accuracy == pytest.approx(ours, abs=2e-3)
    assert plan.chosen.accuracy > seed.accuracy


def test_confidence_that_says_nothing_leaves_nothing_to_choose() -> None:
    """G: random 45,000 answers give .878 and .897."""
    for human, expected in ((0.95, 0.878), (0.99, 0.897)):
        world = World(100_000, 0.82, 0.5, human, 0.005, 0.10)
        ours = make_plan(KnownWorld(world), Wish(budget=5_000, gold=1_000)).chosen
        assert ours.accuracy == pytest.approx(expected, abs=1e-3)
        assert ours.accuracy == pytest.approx(textbook(world).accuracy, abs=1e-9)


def test_the_planner_stops_before_the_money_is_gone_where_people_would_do_harm() -> None:
    """G: a model of .90 and AUROC .91: it stops at $4,323 with .9758; the textbook spends $5,000 for .9733."""
    world = World(100_000, 0.90, 0.91, 0.95, 0.005, 0.10)
    plan = make_plan(KnownWorld(world), Wish(budget=5_000, gold=1_000))
    assert plan.chosen.cost == pytest.approx(4_323, abs=10)
    assert plan.chosen.accuracy == pytest.approx(0.9758, abs=1e-3)
    assert textbook(world).accuracy == pytest.approx(0.9733, abs=1e-3)
    assert (plan.next_100, plan.chosen.rate) == (0.0, 0.0)
    # "Reviewing everything at 40% of the price lowers it to .95"
    cheap = World(100_000, 0.90, 0.91, 0.95, 0.005, 0.10, review_price=0.04)
    assert make_plan(KnownWorld(cheap), Wish(budget=5_000, gold=1_000)).all_reviewed.accuracy == pytest.approx(0.95)


def test_the_rank_of_errors_matters_more_than_the_size_of_gold() -> None:
    """G: lever ranking, AUROC of confidence far above gold size."""
    plan = make_plan(KnownWorld(World(100_000, 0.82, 0.78, 0.95, 0.005, 0.10)), Wish(budget=5_000, gold=1_000))
    swing = {one.name: one.swing for one in plan.sensitivities}
    assert swing["auroc"] > 5 * swing["gold"]
    assert [one.swing for one in plan.sensitivities] == sorted((one.swing for one in plan.sensitivities), reverse=True)


def test_the_frontier_rises_and_holds_the_chosen_plan_and_its_interval() -> None:
    world = World(20_000, 0.82, 0.8, 0.95, 0.005, 0.10)
    known = KnownWorld(world, {"accuracy": counted(246, 300), "auroc": Known(0.8, 0.74, 0.86)})
    plan = make_plan(known, Wish(budget=600, audit_share=0.05))
    costs = [point.allocation.cost for point in plan.frontier]
    accuracies = [point.allocation.accuracy for point in plan.frontier]
    assert costs == sorted(costs)
    assert accuracies == sorted(accuracies)
    (chosen,) = [point for point in plan.frontier if point.is_chosen]
    assert chosen.allocation is plan.chosen
    assert chosen.band == plan.band
    for point in plan.frontier:
        assert point.band.low < point.allocation.accuracy < point.band.high
    assert make_plan(known, Wish(budget=600, audit_share=0.05)).band == plan.band, "a fixed seed"


def test_an_interval_widens_with_what_is_not_known() -> None:
    world = World(20_000, 0.82, 0.8, 0.95, 0.005, 0.10)

    def width(n: int | None) -> float:
        known = {} if n is None else {"accuracy": counted(0.82 * n, n)}
        band = make_plan(KnownWorld(world, known), Wish(budget=600)).band
        return band.high - band.low

    assert width(None) < width(1000) < width(100)


def test_a_target_accuracy_costs_what_the_frontier_says() -> None:
    world = World(20_000, 0.82, 0.8, 0.95, 0.005, 0.10)
    plan = make_plan(KnownWorld(world), Wish(target_accuracy=0.93))
    assert plan.chosen.accuracy == pytest.approx(0.93, abs=1e-6)
    assert make_plan(KnownWorld(world), Wish(budget=plan.chosen.cost)).chosen.accuracy == pytest.approx(0.93, abs=1e-6)
    with pytest.raises(InvalidValue, match="out of reach"):
        make_plan(KnownWorld(world), Wish(target_accuracy=0.999))


def test_a_target_error_buys_the_gold_whose_certificate_saves_more_than_it_costs() -> None:
    world = World(20_000, 0.90, 0.91, 0.99, 0.005, 0.10)
    known = KnownWorld(world)
    plan = make_plan(known, Wish(target_error=0.05))
    assert plan.certifiable is not None
    assert plan.certified_share is not None
    assert plan.chosen.unseen == pytest.approx(plan.certified_share * (20_000 - plan.chosen.gold), abs=1)
    for gold in (round(plan.chosen.gold * 0.6), round(plan.chosen.gold * 2)):
        assert make_plan(known, Wish(target_error=0.05, gold=gold)).chosen.cost > plan.chosen.cost
    # Beside a budget, the least gold that certifies anything must be bought.
    assert plan.certifiable.least is not None
    assert make_plan(known, Wish(budget=1_000, target_error=0.05)).chosen.gold >= plan.certifiable.least


def test_people_s_own_errors_use_the_target_up_and_several_people_per_gold_item_give_it_back() -> None:
    """A4P 9: what is certified is agreement with gold."""
    share = {}
    for votes in (1, 3):
        world = World(20_000, 0.90, 0.91, 0.95, 0.005, 0.10, gold_votes=votes)
        share[votes] = make_plan(KnownWorld(world), Wish(budget=2_000, target_error=0.05, gold=600)).certified_share
    assert share[1] is not None
    assert share[1] < 0.06, "the chance of a false pass"
    assert share[3] is not None
    assert share[3] > 0.3


def test_where_nothing_can_be_certified_people_label_everything() -> None:
    plan = make_plan(KnownWorld(World(2_000, 0.7, 0.55, 0.97, 0.005, 0.10)), Wish(target_error=0.02))
    assert plan.chosen.unseen == 0
    assert plan.chosen.accuracy == pytest.approx(0.97)
    assert plan.certified_share == 0


def test_the_value_of_the_next_hundred_dollars_is_the_slope() -> None:
    world = World(100_000, 0.82, 0.78, 0.95, 0.005, 0.10)
    plan = make_plan(KnownWorld(world), Wish(budget=5_000, gold=1_000))
    assert plan.next_100 == pytest.approx(100 * plan.chosen.rate, rel=0.05)
    more = make_plan(KnownWorld(world), Wish(budget=5_100, gold=1_000)).chosen
    assert more.correct - plan.chosen.correct == pytest.approx(plan.next_100)


@pytest.mark.parametrize(
    ("wish", "problem"),
    [
        ({}, "what is wanted"),
        ({"budget": 1.0, "target_accuracy": 0.9}, "one of them"),
        ({"budget": -1.0}, "buys nothing"),
        ({"target_error": 1.5}, "strictly between"),
    ],
)
def test_a_wish_that_is_none_is_refused(wish: dict[str, float], problem: str) -> None:
    with pytest.raises(InvalidValue, match=problem):
        Wish(**wish)  # type: ignore[arg-type]


def test_predicted_accuracy_is_what_simulated_labels_show() -> None:
    """Labels are drawn, not expectations: 40 draws of one world, the interval holds as often as it says."""
    world = World(20_000, 0.82, 0.8, 0.95, 0.005, 0.10)
    plan = make_plan(KnownWorld(world), Wish(budget=800, gold=500))
    rng = np.random.default_rng(7)
    size = 4.6  # Beta(.82k, .18k) has an AUROC of .80 at about this k
    hits = 0
    for _ in range(40):
        p = np.sort(rng.beta(0.82 * size, 0.18 * size, 20_000))
        is_gold = np.isin(np.arange(20_000), rng.choice(20_000, 500, replace=False))
        reviewed = np.flatnonzero(~is_gold)[: round(plan.chosen.reviewed)]
        by_person = is_gold.copy()
        by_person[reviewed] = True
        right = np.where(by_person, rng.random(20_000) < 0.95, rng.random(20_000) < p)
        hits += plan.band.low - 0.002 <= right.mean() <= plan.band.high + 0.002
    assert hits >= 36


def test_a_model_held_against_people_s_labels_does_not_pay_for_their_errors_twice() -> None:
    """Of labels that agree with gold in 91%, 91% agree with gold: nothing is taken off for people's errors again."""
    world = World(800, 0.91, 0.78, 0.95, 0.005, 0.10)

    def share(votes: int | None) -> float:
        known = KnownWorld(replace(world, accuracy_votes=votes))
        return make_plan(known, Wish(budget=50, target_error=0.1, gold=266)).certified_share or 0.0

    assert share(None) < 0.3, "of 91% right by the truth, 86.5% agree with gold"
    assert share(1) > 0.5
    exact = certifiable(world.items, n_items=800, target_error=0.1, n_gold=266)
    assert share(1) == pytest.approx(exact.reached_with(266), abs=0.03)
    more = replace(world, accuracy_votes=1, gold_votes=3)
    assert more.gold_agrees > 1.0 == replace(world, accuracy_votes=1).gold_agrees


def test_reviewing_everything_is_held_against_the_same_reviews_where_they_help() -> None:
    """Three people per item are right more often than one review; that is no reason against reviews."""
    world = World(20_000, 0.82, 0.78, 0.95, 0.005, 0.10, review_price=0.04, adopt=0.1, most_votes=3)
    plan = make_plan(KnownWorld(world), Wish(budget=900))
    assert plan.best.accuracy > 0.99
    assert set(plan.well_reviewed.votes) == {1}
    assert 0 < plan.well_reviewed.accuracy - plan.all_reviewed.accuracy < 0.002
    assert plan.well_reviewed.cost < plan.all_reviewed.cost


def test_people_alone_are_named_where_they_cost_less_and_are_as_right() -> None:
    world = World(20_000, 0.82, 0.8, 0.95, 0.005, 0.10)
    # By certificate: $2,089 of gold and reviews, nearly all of it; people alone: 20,000 answers at ten cents.
    alone = make_plan(KnownWorld(world), Wish(target_error=0.05)).by_hand
    assert alone is not None
    assert (alone.votes, alone.accuracy, alone.cost) == (1, 0.95, pytest.approx(2_000))
    assert make_plan(KnownWorld(world), Wish(target_accuracy=0.93)).by_hand is None, "the plan costs less"
    dear = replace(world, model_price=0.06)
    assert make_plan(KnownWorld(dear), Wish(budget=2_100)).by_hand == alone
    assert make_plan(KnownWorld(replace(dear, model_there=20_000)), Wish(budget=2_100)).by_hand is None


def test_gold_that_decides_nothing_is_not_bought_for_a_target_error() -> None:
    world = World(800, 0.82, 0.6, 0.95, 0.005, 0.10)
    assert make_plan(KnownWorld(world), Wish(target_error=0.05)).chosen.gold == 0


def test_a_size_of_gold_that_is_too_dear_is_not_what_matters_most() -> None:
    world = World(1_000, 0.82, 0.78, 0.95, 0.005, 0.10)
    rows = make_plan(KnownWorld(world), Wish(budget=50)).sensitivities
    assert [one.at_high for one in rows if one.name == "gold"] == [None]
    assert rows[0].name != "gold"


def test_a_price_that_may_be_nothing_varies_too() -> None:
    drawn = Known(0.005, 0.0, 0.01).amounts(20_000, np.random.default_rng(1))
    assert drawn.min() >= 0
    assert np.quantile(drawn, 0.975) == pytest.approx(0.01, abs=2e-4)
