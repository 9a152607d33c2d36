"""What rehearsals say together, and whether the planner had said so."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import asdict, replace
from statistics import fmean

import numpy as np

from labelwright.domain.canonical import Json
from labelwright.domain.project import Policy
from labelwright.methods.economics import Allocation, KnownWorld, Shop, World, accuracy_bands, certifiable
from labelwright.methods.routing import default_calibration_size
from labelwright.services.simulate import MakeStorage, Rehearsed, rehearse_project
from labelwright.services.simulate_world import SimulatedWorld

SEEDS = 3


def rehearse(
    world: SimulatedWorld,
    policy: Policy,
    *,
    seeds: Sequence[int],
    make_storage: MakeStorage,
    progress: Callable[[int, int], None] | None = None,
) -> dict[str, Json]:
    """Run one project per seed and say what came of them, beside what the planner expects.

    progress: told (answers so far, answers there will be at most), over all seeds.
    """
    runs: list[Rehearsed] = []
    for place, seed in enumerate(seeds):

        def tick(done: int, most: int, place: int = place) -> None:
            if progress is not None:
                progress(place * most + done, len(seeds) * most)

        runs.append(rehearse_project(world, policy, seed=seed, make_storage=make_storage, tick=tick))
        if progress is not None:
            progress((place + 1) * world.n_items, len(seeds) * world.n_items)
    return _report(world, policy, runs)


def _report(world: SimulatedWorld, policy: Policy, runs: Sequence[Rehearsed]) -> dict[str, Json]:
    n = world.n_items
    inside, expected = _expected(world, policy, runs)
    before = _before(world, policy)
    return {
        "world": {
            "n_items": n,
            "model_accuracy": world.model_accuracy,
            "auroc": world.auroc,
            "model_price": world.model_price,
            "labels": list(world.labels),
            "budget": world.budget,
            "people": asdict(world.crew),
        },
        "policy": {
            "target_error": policy.target_error,
            "confidence_level": policy.confidence_level,
            "calibration_size": policy.calibration_size or default_calibration_size(n),
            "audit_share": policy.audit_share,
        },
        "n_rehearsals": len(runs),
        "expected": {
            "certified_share": _spread([run.n_accepted / n for run in runs]),
            "accuracy": _spread([run.accuracy for run in runs]),
            "cost": _spread([run.cost for run in runs]),
            "people_hours": _spread([run.people_hours for run in runs]),
            "weeks": _spread([run.weeks for run in runs]),
        },
        "n_certified": sum(run.is_certified for run in runs),
        "n_broken": sum(run.is_broken for run in runs),
        "planner": {
            "before": None if before is None else _told(before),
            "given_counts": None if expected is None else {"accuracy": expected, "n_inside": inside},
        },
        "runs": [asdict(run) for run in runs],
    }


def _spread(values: Sequence[float]) -> dict[str, Json]:
    return {"mean": fmean(values), "low": min(values), "high": max(values)}


def _told(one: Allocation) -> dict[str, Json]:
    return {
        "accuracy": one.accuracy,
        "cost": one.cost,
        "certified_share": one.unseen / one.world.n_items,
        "reviewed": round(one.reviewed),
    }


def economic_world(world: SimulatedWorld, *, shown: bool) -> World:
    """Give the planner's view of the same world."""
    crew = world.crew
    return World(
        n_items=world.n_items,
        accuracy=world.model_accuracy,
        auroc=world.auroc,
        human_accuracy=crew.accuracy,
        model_price=world.model_price,
        human_price=crew.price(shown=False),
        review_price=crew.price(shown=shown),
        adopt=crew.adopt if shown else None,
        overcorrect=crew.overcorrect,
    )


def _before(world: SimulatedWorld, policy: Policy) -> Allocation | None:
    """What the planner says of this policy beforehand: the certified part unseen, the rest reviewed within the budget.

    None where the policy asks several people per item, which the planner weighs otherwise.
    """
    if policy.review_votes > 1 or policy.calibration_votes > 1:
        return None
    economic = economic_world(world, shown=policy.suggestions != "hidden")
    gold = policy.calibration_size or default_calibration_size(world.n_items)
    delta = round(1 - policy.confidence_level, 12)
    parts = certifiable(
        economic.items,
        n_items=world.n_items,
        target_error=policy.target_error,
        delta=delta,
        gold_accuracy=economic.gold_accuracy,
    )
    share = parts.reached_with(gold)
    shop = Shop.of(economic, gold)
    audit = 0.0 if share == 0 else policy.audit_share
    whole = shop.keep(share, audit_share=audit)
    if world.budget is None or whole.cost <= world.budget:
        return whole
    low, high = share, 1.0
    for _ in range(50):
        middle = (low + high) / 2
        too_dear = shop.keep(middle, audit_share=audit).cost > world.budget
        low, high = (middle, high) if too_dear else (low, middle)
    return shop.keep(high, audit_share=audit)


def _expected(world: SimulatedWorld, policy: Policy, runs: Sequence[Rehearsed]) -> tuple[int | None, float | None]:
    """Give how many rehearsals lie in the planner's interval for their own counts, and the mean it expects."""
    if policy.review_votes > 1 or policy.calibration_votes > 1:
        return None, None
    inside, means = 0, list[float]()
    for run in runs:
        free = max(world.n_items - run.n_gold, 1)
        share = 1 - run.n_reviewed / free
        parts = {True: 1 - policy.blind_share, False: policy.blind_share}
        if policy.suggestions == "hidden":
            parts = {True: 0.0, False: 1.0}
        mean = low = high = 0.0
        for shown, weight in parts.items():
            if not weight:
                continue
            economic = economic_world(world, shown=shown)
            one = Shop.of(economic, run.n_gold).keep(share, audit=run.n_audit)
            (band,) = accuracy_bands(KnownWorld(economic), [one], rng=np.random.default_rng(run.seed))
            mean, low, high = mean + weight * one.accuracy, low + weight * band.low, high + weight * band.high
        means.append(mean)
        inside += low <= run.accuracy <= high
    return inside, fmean(means)


def with_policy(policy: Policy, **changes: object) -> Policy:
    """Give the policy with what was stated instead; None leaves a setting as it is."""
    return replace(policy, **{key: value for key, value in changes.items() if value is not None})  # pyright: ignore[reportArgumentType]
