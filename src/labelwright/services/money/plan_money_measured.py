"""What a project's own labels, calls and seconds say of accuracy, confidence, prices and people."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, cast

import numpy as np

from labelwright.domain.annotation import Annotation
from labelwright.domain.canonical import Json
from labelwright.domain.project import CostRates, Project
from labelwright.errors import NotFound, did_you_mean
from labelwright.methods.economics import Known, certain, counted, measured_items
from labelwright.ports.storage import Views
from labelwright.services.acceptance.calibration_plan import still_bound
from labelwright.services.acceptance.certified import certified
from labelwright.services.money.costs import cost_rows
from labelwright.services.money.plan_money_inputs import Measured, Sourced
from labelwright.services.people.assist import assist_section
from labelwright.services.people.consensus import individual

_Z = 1.959964
_FEWEST_PROBABILITIES = 30


def measured_project(views: Views, project: Project, question: str | None = None) -> Measured:
    """Gather what is known. Figures that nothing measured are left out, or assumed and marked so.

    Only blind answers to random samples speak of accuracy; review never does.
    """
    names = [one.name for one in project.config.schema.questions]
    name = names[0] if question is None else question
    if name not in names:
        raise NotFound(f"there is no question {name!r}{did_you_mean(name, names)}")
    policy = project.config.policy
    n_items = views.item_count(project.id)
    figures: dict[str, Sourced] = {}
    figures |= _model(views, project, name, n_items)
    figures |= _people(views, project, name)
    figures |= _reviewers(views, project, name)
    probabilities = np.array(
        [np.nan if d.probability is None else d.probability for d in views.decisions(project.id, name)],
        dtype=np.float64,
    )
    items = None
    if np.count_nonzero(~np.isnan(probabilities)) >= _FEWEST_PROBABILITIES and "model_accuracy" in figures:
        items = measured_items(probabilities)
        if 0.5 <= items.auroc < 1 and "auroc" not in figures:
            figures["auroc"] = Sourced(certain(items.auroc), "calibrated probabilities")
    votes = policy.calibration_votes if policy.calibration_votes % 2 else 1
    drawn, n_there = _blind_labels(views, project, name, votes)
    return Measured(
        n_items=n_items,
        figures=figures,
        items=items,
        target_error=policy.target_error,
        confidence_level=policy.confidence_level,
        audit_share=policy.audit_share,
        gold=policy.calibration_size,
        gold_votes=votes,
        drawn=drawn,
        gold_there=n_there,
    )


def _blind_labels(views: Views, project: Project, question: str, votes: int) -> tuple[int | None, int]:
    """Give the size of the blind sample in force, and how many of it have all their answers; (None, 0) without one."""
    plan = views.plan(project.id) if project.config.models else None
    if plan is None:
        return None, 0
    frozen = cast("Mapping[str, Json]", plan["frozen"])
    if not still_bound(views, project, frozen):
        return None, 0
    sample = {int(item) for item in cast("list[int]", plan["items"])}
    voters: dict[int, set[str]] = {}
    for a in views.annotations(project.id, question=question, purpose="calibration"):
        if a.round == frozen["round"] and a.is_blind and int(a.item) in sample:
            voters.setdefault(int(a.item), set()).add(str(a.annotator))
    return len(sample), sum(len(people) >= votes for people in voters.values())


def _model(views: Views, project: Project, question: str, n_items: int) -> dict[str, Sourced]:
    found: dict[str, Sourced] = {}
    in_force = certified(views, project, question) if project.config.models else None
    if in_force is not None:
        one = in_force.certificate
        n, wrong = int(one["n_calibration"]), int(one["n_wrong"])
        if 0 < wrong < n:
            found["model_accuracy"] = Sourced(counted(n - wrong, n), f"{n:,} blind labels")
        ranking = cast("Mapping[str, Any]", one["auroc"])
        if ranking["value"] is not None and 0.5 <= ranking["value"] < 1:
            low, high = max(0.5, ranking["low"]), min(0.9999, ranking["high"])
            found["auroc"] = Sourced(Known(ranking["value"], low, high), f"{n:,} blind labels")
    rows = [row for row in cost_rows(views, project) if row.kind != "people" and _is_labelling(row.purpose)]
    n_labelled = _labelled(views, project, question)
    if rows and n_labelled and not any(row.n_unknown for row in rows):
        price = sum(row.pico for row in rows) / 1e12 / n_labelled
        found["model_price"] = Sourced(certain(price), f"calls for {n_labelled:,} of {n_items:,} items")
    return found


def _is_labelling(purpose: str) -> bool:
    return purpose.partition(",")[0] in {"prelabel", "cascade"}


def _labelled(views: Views, project: Project, question: str) -> int:
    every = [views.predictions(project.id, question, source.model).item for source in project.config.asked_models]
    return max((len(items) for items in every), default=0)


def _people(views: Views, project: Project, question: str) -> dict[str, Sourced]:
    """How right people are comes from items that several answered blind; what they cost, from the time they took."""
    found: dict[str, Sourced] = {}
    issued = views.certificates(project.id).get(question)
    noise = None if issued is None else cast("Mapping[str, Any]", issued["certificate"])["noise"]
    if noise is not None and noise["vote_error"] is not None:
        # The interval of the consensus, carried over to one vote in proportion.
        error, of_all = float(noise["vote_error"]), float(noise["consensus_error"])
        scale = error / of_all if of_all > 0 else 1.0
        low, high = min(error, noise["low"] * scale), max(error, min(0.5, noise["high"] * scale))
        known = Known(1 - error, 1 - high, 1 - low)
        found["human_accuracy"] = Sourced(known, f"{noise['n_units']:,} items answered blind by several")
    else:
        found["human_accuracy"] = Sourced(Known(0.95, 0.90, 0.98), "assumed: nobody answered the same item twice")
    answers = individual(views.annotations(project.id))
    rates = project.config.costs
    for key, seconds in (
        ("human_price", _seconds(a for a in answers if a.is_blind)),
        ("review_price", _seconds(a for a in answers if a.suggestion_shown)),
    ):
        if seconds is not None and rates.wage_per_hour is not None:
            known, n = seconds
            found[key] = Sourced(_price(known, rates), f"{n:,} timed submissions, and the wage")
    return found


def _seconds(answers: Iterable[Annotation]) -> tuple[Known, int] | None:
    """Mean seconds of a submission with its 95% interval; None when none was timed."""
    timed = {a.submission: a.seconds for a in answers if a.seconds > 0}
    if not timed:
        return None
    taken = np.array(list(timed.values()), dtype=np.float64)
    mean = float(taken.mean())
    half = _Z * float(taken.std(ddof=1)) / np.sqrt(len(taken)) if len(taken) > 1 else mean / 2
    return Known(mean, max(mean / 10, mean - half), mean + half), len(taken)


def _price(seconds: Known, rates: CostRates) -> Known:
    scale = (rates.wage_per_hour or 0) / 1e6 / 3600 * (1 + rates.overhead)
    return Known(*(end * scale for end in (seconds.value, seconds.low, seconds.high)))


def _reviewers(views: Views, project: Project, question: str) -> dict[str, Sourced]:
    """How often wrong suggestions are taken over, and right ones changed; nothing where none are shown."""
    if not project.config.models or project.config.policy.hides_suggestions:
        return {}
    measured = assist_section(views, project, question)
    found: dict[str, Sourced] = {
        "adopt": Sourced(Known(0.1, 0.0, 0.3), "assumed: labelwright assist measures it"),
        "overcorrect": Sourced(Known(0.02, 0.0, 0.05), "assumed: labelwright assist measures it"),
    }
    for key, name in (("adopt", "anchoring"), ("overcorrect", "over_correction")):
        one = None if measured is None else cast("Mapping[str, Any] | None", measured.get(name))
        if one is not None and all(one.get(end) is not None for end in ("value", "low", "high")):
            value, low, high = (min(max(float(one[end]), 0.0), 1.0) for end in ("value", "low", "high"))
            found[key] = Sourced(Known(value, min(low, value), max(high, value)), "randomised arms of review")
    return found
