"""What a project's own labels, calls and seconds say of accuracy, confidence, prices and people."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, cast

import numpy as np

from labelwright.domain.annotation import Annotation
from labelwright.domain.canonical import Json
from labelwright.domain.project import CostRates, Project
from labelwright.errors import NotFound, did_you_mean
from labelwright.methods.economics import Known, certain, counted, measured_items
from labelwright.methods.routing import question_delta
from labelwright.ports.storage import Views
from labelwright.services.acceptance.calibration_plan import still_bound
from labelwright.services.acceptance.certified import certified
from labelwright.services.models.score import scored_pool
from labelwright.services.money.costs import cost_rows
from labelwright.services.money.plan_money_inputs import Measured, Sourced
from labelwright.services.people.assist import assist_section
from labelwright.services.people.by_themselves import individual

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
    decisions = views.decisions(project.id, name)
    probabilities = np.array(
        [np.nan if d.probability is None else d.probability for d in decisions],
        dtype=np.float64,
    )
    votes = policy.calibration_votes if policy.calibration_votes % 2 else 1
    there = _there(views, project, name, votes)
    items = None
    if np.count_nonzero(~np.isnan(probabilities)) >= _FEWEST_PROBABILITIES and "model_accuracy" in figures:
        items = measured_items(probabilities, seen=[int(d.item) in there.seen for d in decisions])
        if 0.5 <= items.auroc < 1 and "auroc" not in figures:
            figures["auroc"] = Sourced(certain(items.auroc), "calibrated probabilities")
    return Measured(
        n_items=n_items,
        figures=figures,
        items=items,
        target_error=policy.target_error,
        confidence_level=round(1 - question_delta(round(1 - policy.confidence_level, 12), len(names)), 12),
        audit_share=policy.audit_share,
        gold=policy.calibration_size,
        gold_votes=votes,
        drawn=there.drawn,
        gold_there=there.gold,
        gold_votes_there=there.gold_votes,
        audit_there=there.audited,
        seen_there=len(there.seen),
        model_there=_under_this_prompt(views, project, name),
        accuracy_votes=votes if "model_accuracy" in figures else None,
    )


@dataclass(frozen=True, slots=True)
class _There:
    """What people have given already under the present guideline.

    drawn: items of the blind sample in force, None without one.  gold: those that have all their answers.  gold_votes:
    answers to the others.  audited: items of the audit of what is accepted.  seen: items labelled otherwise.
    """

    drawn: int | None
    gold: int
    gold_votes: int
    audited: int
    seen: frozenset[int]


def _there(views: Views, project: Project, question: str, votes: int) -> _There:
    """Count every answer once. What was labelled under an older guideline may have to be asked again, and is not there.

    Answers to an earlier sample, or to the audit of an earlier certificate, are labels like those of a review.
    """
    plan = views.plan(project.id) if project.config.models else None
    frozen = None if plan is None else cast("Mapping[str, Json]", plan["frozen"])
    in_force = frozen is not None and still_bound(views, project, frozen)
    number = cast("Mapping[str, Json]", frozen)["round"] if in_force else None
    sample = {int(item) for item in cast("Mapping[str, list[int]]", plan)["items"]} if in_force else set[int]()
    voters: dict[int, set[str]] = {}
    audited: set[int] = set()
    others: set[int] = set()
    version = project.config.guideline.version
    for a in individual(views.annotations(project.id, question=question)):
        if a.guideline_version != version:
            continue
        item, is_blind = int(a.item), a.round == number and a.is_blind
        if a.purpose == "calibration" and is_blind and item in sample:
            voters.setdefault(item, set()).add(str(a.annotator))
        elif a.purpose == "audit" and is_blind:
            audited.add(item)
        else:
            others.add(item)
    gold = {item for item, people in voters.items() if len(people) >= votes}
    audited -= sample
    return _There(
        drawn=len(sample) if in_force else None,
        gold=len(gold),
        gold_votes=sum(len(people) for item, people in voters.items() if item not in gold),
        audited=len(audited),
        seen=frozenset(others - audited - sample),
    )


def _model(views: Views, project: Project, question: str, n_items: int) -> dict[str, Sourced]:
    found: dict[str, Sourced] = {}
    in_force = certified(views, project, question) if project.config.models else None
    if in_force is not None:
        one = in_force.certificate
        n, wrong = int(one["n_calibration"]), int(one["n_wrong"])
        if n:
            found["model_accuracy"] = Sourced(_right(n - wrong, n), f"{n:,} blind labels")
        ranking = cast("Mapping[str, Any]", one["auroc"])
        if ranking["value"] is not None:
            value, low, high = (min(max(float(ranking[end]), 0.5), 0.9999) for end in ("value", "low", "high"))
            found["auroc"] = Sourced(Known(value, low, high), f"{n:,} blind labels")
        elif wrong in (0, n):
            same = "right" if wrong == 0 else "wrong"
            found["auroc"] = Sourced(Known(0.75, 0.5, 0.9), f"assumed: all {n:,} blind labels find the model {same}")
    rows = [row for row in cost_rows(views, project) if row.kind != "people" and _is_labelling(row.purpose)]
    n_labelled = _labelled(views, project, question)
    if rows and n_labelled and not any(row.n_unknown for row in rows):
        price = sum(row.pico for row in rows) / 1e12 / n_labelled
        found["model_price"] = Sourced(certain(price), f"calls for {n_labelled:,} of {n_items:,} items")
    return found


def _right(n_right: int, n: int) -> Known:
    """Give the share that was counted; where all or none were right, the middle of what that leaves open."""
    if 0 < n_right < n:
        return counted(n_right, n)
    open_end = counted(n_right, n)
    return Known((n_right + 0.5) / (n + 1), open_end.low, open_end.high)


def _is_labelling(purpose: str) -> bool:
    return purpose.partition(",")[0] in {"prelabel", "cascade"}


def _labelled(views: Views, project: Project, question: str) -> int:
    every = [views.predictions(project.id, question, source.model).item for source in project.config.asked_models]
    return max((len(items) for items in every), default=0)


def _under_this_prompt(views: Views, project: Project, question: str) -> int:
    """Count the items that have a label of the model now: those of an earlier prompt will be asked again."""
    if not project.config.models:
        return 0
    return int(scored_pool(views, project.id, project.config, question).is_valid.sum())


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
    half = _Z * float(taken.std(ddof=1)) / len(taken) ** 0.5 if len(taken) > 1 else mean / 2
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
