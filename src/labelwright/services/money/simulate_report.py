"""What rehearsals say together, and whether the planner had said so."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import asdict, replace
from statistics import fmean

import numpy as np

from labelwright.domain.canonical import Json
from labelwright.domain.project import Policy
from labelwright.methods.economics import KnownWorld, Shop, World, accuracy_bands, certifiable
from labelwright.methods.routing import default_calibration_size
from labelwright.services.money.simulate import MakeStorage, Rehearsed, rehearse_project
from labelwright.services.money.simulate_world import SimulatedWorld

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
            "before": before,
            "given_counts": None if expected is None else {"accuracy": expected, "n_inside": inside},
        },
        "runs": [asdict(run) for run in runs],
    }


def _spread(values: Sequence[float]) -> dict[str, Json]:
    return {"mean": fmean(values), "low": min(values), "high": max(values)}


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


def _before(world: SimulatedWorld, policy: Policy) -> dict[str, Json] | None:
    """What the planner says of this policy beforehand: the certified part unseen, the rest reviewed within the budget.

    Whether a project certifies much or nothing is luck, and accuracy falls with what is certified: so the means are
    over draws of the gold, not at the mean draw.
    None where the policy asks several people per item, which the planner weighs otherwise.
    """
    if policy.review_votes > 1 or policy.calibration_votes > 1:
        return None
    economic = economic_world(world, shown=not policy.hides_suggestions)
    gold = policy.calibration_size or default_calibration_size(world.n_items)
    parts = certifiable(
        economic.items,
        n_items=world.n_items,
        target_error=policy.target_error,
        delta=round(1 - policy.confidence_level, 12),
        gold_agrees=economic.gold_agrees,
        n_gold=gold,
    )
    drawn = parts.drawn[0] if len(parts.drawn) else np.zeros(1)
    shares, times = np.unique(drawn, return_counts=True)
    every = [_within_budget(world, policy, float(share), gold) for share in shares]
    weights = times / times.sum()

    def mean(values: Sequence[float]) -> float:
        return float(weights @ np.array(values))

    return {
        "certified_share": float(drawn.mean()) * (1 - gold / world.n_items),
        "chance_certified": float((drawn > 0).mean()),
        "accuracy": mean([accuracy for accuracy, _ in every]),
        "cost": mean([cost for _, cost in every]),
    }


def _within_budget(world: SimulatedWorld, policy: Policy, share: float, gold: int) -> tuple[float, float]:
    """Accuracy and cost when this share is certified, and people review as much of the rest as the budget pays."""
    shop = Shop.of(economic_world(world, shown=not policy.hides_suggestions), gold)
    audit = policy.audit_share if share else 0.0
    reviewed = 1 - share
    whole = shop.keep(share, audit_share=audit, kind="review")
    if world.budget is not None and whole.cost > world.budget:
        low, high = share, 1.0
        for _ in range(40):
            middle = (low + high) / 2
            too_dear = shop.keep(middle, audit_share=audit, kind="review").cost > world.budget
            low, high = (middle, high) if too_dear else (low, middle)
        reviewed = 1 - high
    n_audit = whole.audit
    cost = shop.keep(1 - reviewed, audit=n_audit, kind="review").cost
    return _mixed(world, policy, gold, reviewed, n_audit)[0], cost


def _mixed(
    world: SimulatedWorld, policy: Policy, gold: int, reviewed: float, n_audit: float
) -> tuple[float, float, float]:
    """Accuracy with its interval of chance, a share of the reviews being blind as the policy says."""
    blind = 1.0 if policy.hides_suggestions else policy.blind_share
    total = np.zeros(3)
    for shown, weight in ((True, 1 - blind), (False, blind)):
        if weight:
            economic = economic_world(world, shown=shown)
            one = Shop.of(economic, gold).keep(1 - reviewed, audit=n_audit, kind="review")
            (band,) = accuracy_bands(KnownWorld(economic), [one], rng=np.random.default_rng(1))
            total += weight * np.array([one.accuracy, band.low, band.high])
    return float(total[0]), float(total[1]), float(total[2])


def _expected(world: SimulatedWorld, policy: Policy, runs: Sequence[Rehearsed]) -> tuple[int | None, float | None]:
    """Give how many rehearsals lie in the planner's interval for their own counts, and the mean it expects."""
    if policy.review_votes > 1 or policy.calibration_votes > 1:
        return None, None
    inside, means = 0, list[float]()
    for run in runs:
        reviewed = run.n_reviewed / max(world.n_items - run.n_gold, 1)
        mean, low, high = _mixed(world, policy, run.n_gold, reviewed, run.n_audit)
        means.append(mean)
        inside += low <= run.accuracy <= high
    return inside, fmean(means)


def with_policy(policy: Policy, **changes: object) -> Policy:
    """Give the policy with what was stated instead; None leaves a setting as it is."""
    return replace(policy, **{key: value for key, value in changes.items() if value is not None})  # pyright: ignore[reportArgumentType]
