"""What a rehearsal is made from: a world file, options, and what a project knows of itself."""

from __future__ import annotations

from collections.abc import Mapping
from typing import cast

from labelwright.domain.project import Policy, Project
from labelwright.errors import InvalidValue, did_you_mean
from labelwright.methods.economics import majority_accuracy, read_known
from labelwright.methods.routing import default_calibration_size
from labelwright.services.money.plan_money_inputs import KEYS as PLAN_KEYS
from labelwright.services.money.plan_money_inputs import Measured
from labelwright.services.money.simulate_report import with_policy
from labelwright.services.money.simulate_world import LABELS, Crew, SimulatedWorld

OWN_KEYS = (
    "people",
    "review_seconds",
    "hours_per_week",
    "items_per_minute",
    "labels",
    "prevalence",
    "calibration_size",
)
KEYS = (*PLAN_KEYS, *OWN_KEYS)
NOT_REHEARSED = (
    "models",
    "most_votes",
    "gold_votes",
    "vote_correlation",
    "fixed",
    "gold_price",
    "audit",
    "target_accuracy",
)
_NEEDED = ("items", "model_price", "model_accuracy", "auroc", "human_accuracy")


def read_rehearsal(
    written: Mapping[str, object], *, project: Project | None = None, measured: Measured | None = None
) -> tuple[SimulatedWorld, Policy, tuple[str, ...]]:
    """Put together world and policy; give also the keys that a rehearsal does not use.

    Raises: InvalidValue, for a key that does not exist, or a figure nobody has.
    """
    given = {key: value for key, value in written.items() if value is not None}
    for key in given:
        if key not in KEYS:
            raise InvalidValue(str(key)[:60], "there is no such figure", did_you_mean(key, KEYS))
    figures = {} if measured is None else {key: one.known.value for key, one in measured.figures.items()}
    if measured is not None:
        figures["items"] = float(measured.n_items)

    def figure(key: str, default: float | None = None) -> float | None:
        return read_known(key, given[key]).value if key in given else figures.get(key, default)

    missing = [key for key in _NEEDED if figure(key) is None]
    if missing:
        told = ", ".join(f"--{key.replace('_', '-')}" for key in missing)
        raise InvalidValue("", f"not known yet: {told}; give them as options or in a world file")

    def needed(key: str, default: float | None = None) -> float:
        return cast("float", figure(key, default))

    crew = Crew(
        n=_whole("people", needed("people", 3)),
        accuracy=needed("human_accuracy"),
        seconds=needed("seconds_per_label", 20.0),
        review_seconds=figure("review_seconds"),
        adopt=needed("adopt", 0.1),
        overcorrect=needed("overcorrect", 0.02),
        wage_per_hour=_wage(figure, project),
        overhead=needed("overhead", 0.0 if project is None else project.config.costs.overhead),
        hours_per_week=needed("hours_per_week", 30.0),
    )
    labels = _labels(given, project)
    accuracy = needed("model_accuracy")
    if measured is not None and measured.accuracy_votes is not None and "model_accuracy" not in given:
        accuracy = _by_the_truth(accuracy, crew.accuracy, votes=measured.accuracy_votes, n_labels=len(labels))
    world = SimulatedWorld(
        n_items=_whole("items", needed("items")),
        model_accuracy=accuracy,
        auroc=needed("auroc"),
        model_price=needed("model_price"),
        crew=crew,
        labels=labels,
        prevalence=tuple(read_known("prevalence", one).value for one in _list("prevalence", given)),
        items_per_minute=needed("items_per_minute", 500.0),
        budget=figure("budget"),
    )
    gold = figure("calibration_size", figure("gold"))
    policy = with_policy(
        Policy() if project is None else project.config.policy,
        target_error=figure("target_error"),
        confidence_level=figure("confidence_level"),
        calibration_size=None if gold is None else _whole("calibration_size", gold),
        audit_share=figure("audit_share"),
    )
    for name, value in (("target_error", policy.target_error), ("confidence_level", policy.confidence_level)):
        if not 0 < value < 1:
            raise InvalidValue(name, f"{value:g} is not strictly between 0 and 1", "; give a share, such as 0.1")
    if policy.calibration_size is not None and not 0 < policy.calibration_size <= world.n_items:
        raise InvalidValue(
            "calibration_size", f"{policy.calibration_size:,} of {world.n_items:,} items cannot be drawn"
        )
    if not 0 <= policy.audit_share <= 1:
        raise InvalidValue("audit_share", f"{policy.audit_share:g} is no share between 0 and 1")
    _check_budget(world, policy)
    return world, policy, tuple(key for key in given if key in NOT_REHEARSED)


def _by_the_truth(agreement: float, human: float, *, votes: int, n_labels: int) -> float:
    """Give how often a model is right that agrees so often with people who are right so often themselves.

    Wrong labels fall on all others alike: agreement = t·h + (1 − t)(1 − h)/(k − 1).
    >>> round(_by_the_truth(0.8575, 0.95, votes=1, n_labels=3), 3)
    0.9
    """
    right = majority_accuracy(human, votes)
    both_wrong = (1 - right) / (n_labels - 1)
    if right <= both_wrong:
        return agreement
    return min(max((agreement - both_wrong) / (right - both_wrong), 0.001), 0.999)


def _check_budget(world: SimulatedWorld, policy: Policy) -> None:
    """Raise where the budget ends before what is bought first: the model's labels and the gold."""
    n_gold = policy.calibration_size or default_calibration_size(world.n_items)
    gold = n_gold * policy.calibration_votes * world.crew.price(shown=False)
    model = world.model_price * world.n_items
    if world.budget is not None and world.budget < model + gold:
        raise InvalidValue(
            "budget",
            f"${world.budget:,.2f} does not pay for the model (${model:,.2f}) and {n_gold:,} gold items "
            f"(${gold:,.2f}); it takes ${model + gold:,.2f}, or less gold",
        )


def _wage(figure: object, project: Project | None) -> float:
    """The stated wage; else the one that makes an answer cost what it is said to; else the project's; else $18."""
    assert callable(figure)  # noqa: S101 - the closure above
    stated = cast("float | None", figure("wage_per_hour"))
    if stated is not None:
        return stated
    price = cast("float | None", figure("human_price"))
    if price is not None:
        return price * 3600 / cast("float", figure("seconds_per_label", 20.0))
    rate = None if project is None else project.config.costs.wage_per_hour
    return 18.0 if rate is None else rate / 1e6


def _labels(given: Mapping[str, object], project: Project | None) -> tuple[str, ...]:
    if "labels" in given:
        written = given["labels"]
        if isinstance(written, str):
            return tuple(one.strip() for one in written.split(",") if one.strip())
        return tuple(str(one) for one in _list("labels", given))
    for question in () if project is None else project.config.schema.questions:
        stated = question.settings.get("labels")
        if isinstance(stated, list) and len(stated) > 1:
            return tuple(str(one["value"]) if isinstance(one, dict) else str(one) for one in stated)
    return LABELS


def _list(key: str, given: Mapping[str, object]) -> list[object]:
    written = given.get(key, [])
    if not isinstance(written, list):
        raise InvalidValue(key, "is no list", "; write [one, two]")
    return cast("list[object]", written)


def _whole(key: str, value: float) -> int:
    if value != int(value) or value < 1:
        raise InvalidValue(key, f"{value:g} is no whole number of 1 or more")
    return int(value)
