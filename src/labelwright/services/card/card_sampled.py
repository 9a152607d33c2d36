"""One question's card where a certificate is in force: what its blind random samples say of the present labels."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from math import ceil
from typing import cast

import numpy as np

from labelwright.domain.annotation import Annotation
from labelwright.domain.canonical import Json
from labelwright.domain.project import Project, Question
from labelwright.methods.agreement import cohen_kappa, fleiss_kappa, gwet_ac1, krippendorff_alpha, percent_agreement
from labelwright.ports.storage import Views
from labelwright.services.acceptance.certificate import task_votes
from labelwright.services.acceptance.certified import Certified, certified
from labelwright.services.card.card_binding import HOLDS, binding_of
from labelwright.services.card.card_classes import classes_of
from labelwright.services.card.card_evidence import CardEvidence, card_evidence
from labelwright.services.card.card_figures import (
    MOST_CONFUSED,
    ClassShares,
    ErrorsLeft,
    accepted_accuracy,
    by_class,
    by_origin,
    by_slice,
    class_shares,
    confusion,
    effective_size,
    errors_left,
    one_label_spread,
)
from labelwright.services.card.card_missing import missing_of
from labelwright.services.card.card_process import cost_of
from labelwright.services.card.card_slices import slice_columns
from labelwright.services.card.card_tags import tag_errors
from labelwright.services.card.estimate import as_on_card, estimate
from labelwright.services.models.score import ScoredPool, scored_pool
from labelwright.services.people.consensus import Consensus, readable
from labelwright.services.people.requeue import people_of_record
from labelwright.tasks.protocol import Task
from labelwright.tasks.registry import bind

_BOOTSTRAPS = 1000


def sampled_card(
    views: Views,
    project: Project,
    question: Question,
    *,
    in_force: Certified,
    now: ScoredPool,
    answers: Sequence[Annotation],
    people: Mapping[int, Consensus] | None = None,
    everybodys: Sequence[Annotation] | None = None,
) -> dict[str, Json]:
    """Give the figures; see `card.question_card`."""
    task = bind(question)
    people = people_of_record(views, project, task, answers) if people is None else people
    e = card_evidence(task, in_force, now, answers, people)
    whole = errors_left(e)
    classes, shares = _tables(task, e, whole)
    blind = [a for a in answers if a.purpose == "calibration" and a.round == in_force.plan["frozen"]["round"]]
    seed = [*in_force.plan["frozen"]["seed"], 11]
    has_left = whole.n_unspoken * 2 <= whole.n_left
    n_certified = int((e.left & e.accepted).sum())
    return {
        "accuracy": {
            "overall": whole.accuracy(),
            "accepted": accepted_accuracy(e),
            "by_origin": by_origin(e),
            "by_class": classes,
        },
        **shares,
        "errors_left": {"expected": whole.expected, "upper": ceil(whole.high - 1e-9)} if has_left else None,
        "n_labels": whole.n_labels,
        "n_human": int(e.drawn.sum()),
        "n_by_people": int(e.by_people.sum()),
        "n_unspoken": whole.n_unspoken,
        "missing": missing_of(e, whole),
        "design": e.design,
        "holds": HOLDS,
        "agreement": _agreement(task, [a for a in blind if a.is_blind], seed),
        "gold": _gold(in_force, blind),
        "cost": cost_of(
            views,
            project,
            question.name,
            n_labels=whole.n_labels,
            errors=whole.expected,
            n_certified=n_certified,
            answers=everybodys,
        ),
        "certificate": {
            "id": cast("str", in_force.certificate["id"]),
            "plan": cast("str", in_force.plan["plan"]),
            "target_error": cast("float", in_force.certificate["target_error"]),
            "is_certified": bool(in_force.certificate["is_certified"]),
            "n_accepted": n_certified,
            "pool": cast("str", in_force.certificate["bound_to"]["pool"]),
        },
        "hashes": binding_of(views, project),
    }


def slice_rows(
    views: Views,
    project: Project,
    task: Task[object],
    *,
    in_force: Certified,
    now: ScoredPool,
    answers: Sequence[Annotation],
) -> list[Json]:
    """Give accuracy by the values of each metadata field that cuts the items into few parts."""
    e = card_evidence(task, in_force, now, answers, people_of_record(views, project, task, answers))
    columns = slice_columns(views, project, e.item)
    return [row for field, values in columns.items() for row in by_slice(e, field, values)]


def estimate_on_card(views: Views, project: Project, question: Question) -> dict[str, Json] | None:
    """Say how many labels of record are wrong, as the card and the report do; None while no certificate is in force."""
    in_force = certified(views, project, question.name) if project.config.models else None
    if in_force is None:
        return None
    task = bind(question)
    answers = readable(task, views.annotations(project.id, question=question.name))
    now = scored_pool(views, project.id, project.config, question.name)
    card = sampled_card(views, project, question, in_force=in_force, now=now, answers=answers)
    return as_on_card(estimate(task, in_force, now, answers), card)


def _tables(task: Task[object], e: CardEvidence, whole: ErrorsLeft) -> tuple[Json, dict[str, Json]]:
    """Give accuracy by class; and class shares, confusion and what the sample is worth."""
    classes = classes_of(task, [*e.record.values(), *e.said])
    if classes is None:
        worth = _worth(whole, e)
        return None, {
            "prevalence": None,
            "confusion": None,
            "label_errors": None,
            "effective_sample_size": worth,
            "effective_for": None if worth is None else "accuracy",
        }
    said = classes.members(e.said)
    shares = class_shares(e, classes, said)
    estimated = not np.isnan(shares.value).any()
    table = classes.is_exclusive and len(classes.labels) <= MOST_CONFUSED
    rows = confusion(e, classes, said) if table else []
    return by_class(e, classes, said) if classes.is_exclusive else None, {
        "prevalence": _class_rows(classes.labels, shares) if estimated else None,
        "prevalence_method": shares.method,
        "confusion": {"labels": list(classes.labels), "rows": rows} if rows else None,
        "label_errors": None if classes.is_exclusive else cast("Json", tag_errors(e, classes, said)),
        "effective_sample_size": effective_size(shares, len(e.item)),
        "effective_for": "class shares" if estimated else None,
    }


def _class_rows(labels: Sequence[str], shares: ClassShares) -> list[Json]:
    return [
        {
            "label": label,
            "naive": float(shares.naive[code]),
            "corrected": float(shares.value[code]),
            "low": float(shares.low[code]),
            "high": float(shares.high[code]),
        }
        for code, label in enumerate(labels)
    ]


def _worth(whole: ErrorsLeft, e: CardEvidence) -> float | None:
    """Give the number of plain random labels that would tell the accuracy as closely.

    What is sampled is whether the model was right, so its errors, mended ones among them, say how one label varies.
    """
    if not whole.n_drawn or not whole.n_labels:
        return None
    wrong = min((whole.expected + float(e.mended.sum())) / whole.n_labels, 1.0)
    spread = float(one_label_spread(np.array(wrong), whole.n_drawn))
    return spread / (whole.variance / whole.n_labels**2 + spread / len(e.item))


def _agreement(task: Task[object], blind: Sequence[Annotation], seed: Sequence[int]) -> list[Json]:
    """Say how far people agree who labelled the same item blind, each coefficient with its interval over items.

    Empty where nobody labelled an item twice.  Beyond plain agreement only where an option means the same everywhere.
    """
    table = task_votes(task, blind)
    if not table.unit.size or np.bincount(table.unit).max(initial=0) < 2:
        return []
    rng = np.random.default_rng(seed)
    found = [percent_agreement(table, rng=rng, n_bootstrap=_BOOTSTRAPS)]
    if task.decompose([task.parse(blind[0].value)]).option_space == "shared":
        kappa = cohen_kappa if table.n_annotators == 2 else fleiss_kappa
        found += [one(table, rng=rng, n_bootstrap=_BOOTSTRAPS) for one in (kappa, krippendorff_alpha, gwet_ac1)]
    return [{name: _number(value) for name, value in asdict(one).items()} for one in found]


def _gold(in_force: Certified, blind: Sequence[Annotation]) -> dict[str, Json]:
    """Say what the measure itself is worth: the people of the calibration sample."""
    votes = Counter(a.item for a in blind if a.is_blind)
    noise = cast("Mapping[str, Json]", in_force.certificate["noise"])
    return {
        "votes_per_item": float(np.mean(list(votes.values()))) if votes else None,
        "is_by_one_person_each": bool(votes) and max(votes.values()) == 1,
        "votes_by": cast("Json", in_force.certificate["votes_by"]),
        "vote_error": noise["vote_error"],
        "consensus_error": noise["consensus_error"],
        "consensus_error_low": noise["low"],
        "consensus_error_high": noise["high"],
        "reason": noise["reason"],
    }


def _number(value: Json) -> Json:
    """Write nan, which JSON does not have, as null."""
    return None if isinstance(value, float) and np.isnan(value) else value
