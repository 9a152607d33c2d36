"""The plan as it is told and kept: allocation, frontier, what it depends on, and what to beware of."""

from __future__ import annotations

from collections.abc import Mapping
from typing import cast

import numpy as np

from labelwright.domain.canonical import Json
from labelwright.domain.ids import ProjectId
from labelwright.methods.economics import (
    Allocation,
    Band,
    MoneyPlan,
    Point,
    Shop,
    certain,
    gold_for_width,
    make_plan,
    stops_helping,
)
from labelwright.ports.storage import Storage, Views
from labelwright.ports.world import World as Surroundings
from labelwright.services.money.plan_money_inputs import FIGURES, PlanInputs, Sourced, read_inputs, shown
from labelwright.services.money.plan_money_measured import measured_project
from labelwright.services.projects.kept_results import keep_result, newest_result
from labelwright.services.projects.project_of import project_of

PLAN = "plan"
_MATTERS = 5e-4
"""Differences in accuracy below a twentieth of a point are not worth a warning."""
_KEYS = {name: key for key, name in FIGURES.items()}


def plan_report(inputs: PlanInputs, *, seed: int = 1) -> dict[str, Json]:
    """Plan and tell. Raises InvalidValue, when the wish cannot be met."""
    plan = make_plan(inputs.known, inputs.wish, seed=seed)
    wish, world = inputs.wish, inputs.known.world
    n = world.n_items
    return {
        "n_items": n,
        "wish": {
            "budget": wish.budget,
            "target_accuracy": wish.target_accuracy,
            "target_error": wish.target_error,
            "confidence_level": round(1 - wish.delta, 12),
        },
        "inputs": shown(_with_what_is_there(inputs)),
        "score_model": "calibrated probabilities of the project" if world.measured else "beta, by accuracy and AUROC",
        "chosen": _allocation(plan.chosen, plan.band, plan.cost_band),
        "certified": _certified(plan),
        "gold_needed": plan.gold_needed,
        "next_100": {"correct": plan.next_100, "accuracy": plan.next_100 / n},
        "all_reviewed": {"accuracy": plan.all_reviewed.accuracy, "cost": plan.all_reviewed.cost},
        "most": {"accuracy": plan.best.accuracy, "cost": plan.best.cost},
        "frontier": [_point(point) for point in plan.frontier],
        "sensitivities": [
            {
                "name": _KEYS.get(one.name, one.name),
                "value": one.value,
                "low": one.low,
                "high": one.high,
                "is_assumed": one.is_assumed,
                "at_low": one.at_low,
                "at_high": one.at_high,
                "outcome": "accuracy" if wish.budget is not None else "cost",
            }
            for one in plan.sensitivities
        ],
        "warnings": list(warnings(plan, inputs)),
    }


_THERE = {
    "gold_there": "blind labels",
    "audit_there": "audited items",
    "seen_there": "items that people labelled otherwise, such as reviews,",
    "model_there": "items that the model has labelled",
}
"""Figures of a world that say what is paid for, in words."""


def _with_what_is_there(inputs: PlanInputs) -> dict[str, Sourced]:
    found = {name: (getattr(inputs.known.world, name), words) for name, words in _THERE.items()}
    said = {
        name: Sourced(certain(n), f"{words.rstrip(',')} that exist already and cost nothing more")
        for name, (n, words) in found.items()
        if n
    }
    return {**inputs.sources, **said}


def plan_project(
    project_id: ProjectId,
    written: Mapping[str, object],
    *,
    storage: Storage,
    world: Surroundings,
    question: str | None = None,
) -> dict[str, Json]:
    """Plan for a project from its own figures; what is written goes before them.  Kept as a run of kind `plan`.

    question: None = the first.
    Raises: InvalidValue, when a figure is neither measured nor written, or the wish cannot be met.
    """
    with storage.reading() as views:
        project = project_of(views, project_id)
        measured = measured_project(views, project, question)
    inputs = read_inputs(written, measured=measured)
    report = plan_report(inputs, seed=project.config.policy.seed)
    parameters = cast("dict[str, Json]", {key: value for key, value in written.items() if value is not None})
    keep_result(storage, world, project_id, PLAN, parameters=parameters, report=report)
    return report


def plan_section(views: Views, project: ProjectId) -> dict[str, Json] | None:
    """Give the newest kept plan, for the report; None when none was made."""
    kept = newest_result(views, project, PLAN)
    return None if kept is None else {"at": kept.at, **kept.report}


def warnings(plan: MoneyPlan, inputs: PlanInputs) -> list[str]:
    """Say what the figures alone do not."""
    world, chosen, said = inputs.known.world, plan.chosen, list[str]()
    there = [f"{getattr(world, name):,} {words}" for name, words in _THERE.items() if getattr(world, name)]
    if there:
        told = " and ".join([", ".join(there[:-1]), there[-1]] if there[1:] else there)
        said.append(f"{told} exist already and cost nothing more")
    said += _about_people(plan)
    if plan.wish.budget is not None and chosen.rate == 0 and chosen.cost < plan.wish.budget - 0.005:
        left = plan.wish.budget - chosen.cost
        said.append(f"${left:,.2f} of the budget is better kept: nothing it buys makes a label more right")
        if world.most_votes == 1:
            said.append("several people per item might still help: try --most-votes 3")
    if plan.wish.gold is not None and chosen.gold > max(1.2 * plan.gold_needed, world.gold_there):
        lost = Shop.of(world, plan.gold_needed).buy(chosen.cost, audit=chosen.audit).accuracy - chosen.accuracy
        tail = f"; spent on review they would give {100 * lost:.2f} points more" if lost > 5e-5 else ""
        width = 1.96 * np.sqrt(world.accuracy * (1 - world.accuracy) / plan.gold_needed)
        said.append(
            f"gold beyond {plan.gold_needed:,} buys nothing but a narrower interval (± {100 * width:.1f} points of the "
            f"model's accuracy by then){tail}"
        )
    if plan.certifiable is not None and plan.certifiable.least is None:
        error, chance = _share(plan.certifiable.target_error), float(max(plan.certifiable.chance, default=0.0))
        said.append(
            (
                f"however much gold is bought, the chance that it certifies anything at {error} error is only "
                f"{chance:.0%} with this confidence"
                if chance
                else f"nothing can be certified at {error} error with this confidence, however much gold is bought"
            )
            + ": better confidence (other signals, a jury) is what would help"
        )
        if world.gold_accuracy < 1 - plan.certifiable.target_error / 2:
            said.append(
                f"certified is agreement with gold, which is wrong in {_share(1 - world.gold_accuracy)} itself: "
                "several people per gold item (--gold-votes 3) leave more of the target to the model"
            )
    elif plan.certifiable is not None and plan.certified_share == 0:
        said.append(
            f"{chosen.gold:,.0f} gold labels certify nothing at {_share(plan.certifiable.target_error)}; "
            f"{plan.certifiable.least:,} would"
        )
    if world.n_items // 3 < gold_for_width(world.accuracy) and plan.certifiable is None:
        said.append("the pool is small: its accuracy will not be known to ± 2.5 points")
    certain = [key for key in ("model_accuracy", "auroc", "human_accuracy") if inputs.sources[key].known.is_certain]
    if certain:
        names = ", ".join(key.replace("_", " ") for key in certain)
        said.append(
            f"taken as certain: {names}; the interval holds chance alone. Write 0.82@300 for what 300 labels showed"
        )
    assumed = [key for key, one in inputs.sources.items() if one.source.startswith("assumed")]
    if assumed:
        said.append("assumed, since nothing measured it: " + ", ".join(key.replace("_", " ") for key in assumed))
    return said


def _about_people(plan: MoneyPlan) -> list[str]:
    said: list[str] = []
    if (alone := plan.by_hand) is not None:
        people = "people alone" if alone.votes == 1 else f"{alone.votes} people per item, and no model,"
        said.append(f"{people} would label everything for ${alone.cost:,.2f}: {_share(alone.accuracy)} right, for less")
    if plan.all_reviewed.accuracy < plan.well_reviewed.accuracy - _MATTERS:
        said.append(
            f"reviewing everything would LOWER accuracy: {_right(plan.all_reviewed)} against "
            f"{_right(plan.well_reviewed)}; {_stop(plan)}"
        )
    return said


def _right(one: Allocation) -> str:
    return f"{_share(one.accuracy)} right for ${one.cost:,.2f}"


def _stop(plan: MoneyPlan) -> str:
    world = plan.known.world
    if world.adopt is None:
        return f"stop where the model is right with chance {_share(world.human_accuracy)}, as people are"
    stop = stops_helping(world.human_accuracy, adopt=world.adopt, overcorrect=world.overcorrect)
    return (
        f"stop where the model is right with chance {_share(stop)}: beyond, people change more right labels than wrong"
    )


def _certified(plan: MoneyPlan) -> dict[str, Json] | None:
    parts = plan.certifiable
    if parts is None:
        return None
    return {
        "target_error": parts.target_error,
        "confidence_level": round(1 - parts.delta, 12),
        "share": plan.certified_share,
        "least_gold": parts.least,
    }


def _allocation(one: Allocation, band: Band, cost_band: Band | None) -> dict[str, Json]:
    return {
        "cost": one.cost,
        "cost_low": None if cost_band is None else cost_band.low,
        "cost_high": None if cost_band is None else cost_band.high,
        "accuracy": one.accuracy,
        "low": band.low,
        "high": band.high,
        "correct": one.correct,
        **{name: getattr(one.world, name) for name in _THERE},
        "cost_per_label": one.cost / one.world.n_items,
        "cost_per_correct": one.cost / one.correct,
        **_counts(one),
        "unseen": round(one.unseen - one.audit),
        "votes": {str(votes): round(count) for votes, count in sorted(one.votes.items())},
        "models": {name: round(count) for name, count in one.models.items()},
    }


def _counts(one: Allocation) -> dict[str, Json]:
    return {
        "gold": round(one.gold),
        "audit": round(one.audit),
        "reviewed": round(one.reviewed),
        "fresh": round(one.fresh),
    }


def _point(point: Point) -> dict[str, Json]:
    one = point.allocation
    return {
        "cost": one.cost,
        "accuracy": one.accuracy,
        "low": point.band.low,
        "high": point.band.high,
        **_counts(one),
        "chosen": point.is_chosen,
    }


def _share(value: float) -> str:
    return f"{100 * value:.2f}".rstrip("0").rstrip(".") + "%"
