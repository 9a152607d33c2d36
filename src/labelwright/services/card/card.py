"""The data-set card: what the labels are worth, and what every figure rests on."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from math import ceil
from typing import Any, cast

import numpy as np

from labelwright.domain.annotation import Annotation
from labelwright.domain.canonical import Json, digest
from labelwright.domain.ids import ProjectId
from labelwright.domain.project import Project, Question
from labelwright.history.configuration import schema_hash
from labelwright.methods.agreement import cohen_kappa, fleiss_kappa, gwet_ac1, krippendorff_alpha, percent_agreement
from labelwright.ports.ledger_reads import StoredEvent
from labelwright.ports.sinks import ExportedFile
from labelwright.ports.storage import Views
from labelwright.services.acceptance.certificate import task_votes
from labelwright.services.acceptance.certified import Certified, certified
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
)
from labelwright.services.card.card_missing import missing_of
from labelwright.services.card.card_process import cost_of, process_of
from labelwright.services.card.card_slices import slice_columns
from labelwright.services.card.card_tags import tag_errors
from labelwright.services.card.estimate import as_on_card, estimate
from labelwright.services.models.project_prompt import project_prompt
from labelwright.services.models.score import ScoredPool, scored_pool
from labelwright.services.people.consensus import Consensus, readable
from labelwright.services.people.requeue import people_of_record
from labelwright.services.projects.last_change import last_change
from labelwright.services.projects.project_of import project_of
from labelwright.tasks.protocol import Task
from labelwright.tasks.registry import bind

FORMAT = "labelwright-card/1"
HOLDS = "each interval holds by itself at 95%; not all of them at once"
_BOOTSTRAPS = 1000
_ORIGINS = {
    "consensus": "people",
    "human-verified": "people",
    "bulk-accepted": "accepted in bulk by a person, unchecked",
    "auto-accepted": "accepted",
    "unverified": "unverified",
    "unresolved": "no label",
    "not-applicable": "not asked: other labels say that it does not arise",
}


def build_card(views: Views, project: ProjectId, *, files: Mapping[str, ExportedFile] | None = None) -> dict[str, Json]:
    """Give the whole card of a project, with its slices, its process and the hashes that bind it.

    files: what is exported with it.
    The same ledger position gives the same card, but for what model calls cost, which the call ledger says.
    """
    current = project_of(views, project)
    at = last_change(views)
    questions = [_whole_question(views, current, question) for question in current.config.schema.questions]
    card: dict[str, Json] = {
        "format": FORMAT,
        "project": current.name,
        "project_id": current.id,
        "at": at.provenance.get("at"),
        "n_items": views.item_count(project),
        "holds": HOLDS,
        "questions": cast("Json", questions),
        "process": process_of(views, current),
        "hashes": _hashes(views, current, at),
        "files": {name: cast("dict[str, Json]", asdict(one)) for name, one in sorted((files or {}).items())},
    }
    return card | {"hash": card_hash(card)}


def card_hash(card: Mapping[str, Json]) -> str:
    """Name a card by what it says; its own `hash` is left out."""
    return digest({name: value for name, value in card.items() if name != "hash"})


def _whole_question(views: Views, project: Project, question: Question) -> dict[str, Json]:
    task = bind(question)
    in_force = certified(views, project, question.name) if project.config.models else None
    answers = readable(task, views.annotations(project.id, question=question.name))
    now = None if in_force is None else scored_pool(views, project.id, project.config, question.name)
    card = question_card(views, project, question, in_force=in_force, now=now, answers=answers)
    accuracy = cast("dict[str, Json]", card["accuracy"])
    if in_force is not None and now is not None:
        e = card_evidence(task, in_force, now, answers, people_of_record(views, project, task, answers))
        columns = slice_columns(views, project, e.item)
        accuracy["by_slice"] = [row for field, values in columns.items() for row in by_slice(e, field, values)]
    return {"name": question.name, "type": question.type, "title": question.title, "card": card}


def estimate_on_card(views: Views, project: Project, question: Question) -> dict[str, Json] | None:
    """Say how many labels of record are wrong, as the card and the report do; None while no certificate is in force."""
    in_force = certified(views, project, question.name) if project.config.models else None
    if in_force is None:
        return None
    task = bind(question)
    answers = readable(task, views.annotations(project.id, question=question.name))
    now = scored_pool(views, project.id, project.config, question.name)
    card = question_card(views, project, question, in_force=in_force, now=now, answers=answers)
    return as_on_card(estimate(task, in_force, now, answers), card)


def question_card(
    views: Views,
    project: Project,
    question: Question,
    *,
    in_force: Certified | None,
    now: ScoredPool | None,
    answers: Sequence[Annotation],
    people: Mapping[int, Consensus] | None = None,
) -> dict[str, Json]:
    """Give one question's card; figures that nothing speaks for are null.

    `n_human`: the blind answers about drawn items that it rests on.  `n_by_people`: labels of record given by people.
    now: the pool as it is today.  answers: all that fit the schema.  people: what they say together, if that is known.
    Without a certificate in force nothing is estimated: no sample speaks of the present labels.
    """
    task = bind(question)
    if in_force is None or now is None:
        return _without_sample(views, project, question)
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
            views, project, question.name, n_labels=whole.n_labels, errors=whole.expected, n_certified=n_certified
        ),
        "certificate": {
            "id": cast("str", in_force.certificate["id"]),
            "plan": cast("str", in_force.plan["plan"]),
            "target_error": cast("float", in_force.certificate["target_error"]),
            "is_certified": bool(in_force.certificate["is_certified"]),
            "n_accepted": n_certified,
            "pool": cast("str", in_force.certificate["bound_to"]["pool"]),
        },
        "hashes": _hashes(views, project, last_change(views)),
    }


def _tables(task: Task[object], e: CardEvidence, whole: ErrorsLeft) -> tuple[Json, dict[str, Json]]:
    """Give accuracy by class; and class shares, confusion and what the sample is worth."""
    classes = classes_of(task, [*e.record.values(), *e.said])
    if classes is None:
        worth = _worth(whole, len(e.item))
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


def _worth(whole: ErrorsLeft, n_population: int) -> float | None:
    """Give the number of plain random labels that would tell the accuracy as closely."""
    if not whole.n_drawn or not whole.n_labels:
        return None
    p = whole.expected / whole.n_labels
    spread = (whole.n_drawn * p * (1 - p) + 1) / (whole.n_drawn + 1)
    total = whole.variance / whole.n_labels**2 + spread / n_population
    return spread / total


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


def _without_sample(views: Views, project: Project, question: Question) -> dict[str, Json]:
    """Say what needs no sample: who gave the labels, and what it took."""
    counts: Counter[str] = Counter()
    for status, n in views.resolution_counts(project.id).get(question.name, {}).items():
        counts[_ORIGINS.get(status, status)] += n
    total = max(sum(counts.values()), 1)
    n_labels = sum(n for name, n in counts.items() if name != "no label")
    return {
        "accuracy": {
            "overall": None,
            "accepted": None,
            "by_origin": [
                {"origin": name, "n": n, "share": n / total, "accuracy": None} for name, n in sorted(counts.items())
            ],
            "by_class": None,
        },
        "prevalence": None,
        "confusion": None,
        "label_errors": None,
        "errors_left": None,
        "effective_sample_size": None,
        "effective_for": None,
        "n_labels": n_labels,
        "n_human": 0,
        "n_by_people": counts["people"],
        "n_unspoken": counts["accepted"] + counts["unverified"],
        "missing": None,
        "design": "no random sample speaks of the present labels",
        "holds": HOLDS,
        "agreement": [],
        "gold": None,
        "cost": cost_of(views, project, question.name, n_labels=n_labels, errors=None, n_certified=0),
        "certificate": None,
        "hashes": _hashes(views, project, last_change(views)),
    }


def _hashes(views: Views, project: Project, at: StoredEvent) -> dict[str, Json]:
    """Give everything that binds the card: where the ledger ended, and under what the labels came about."""
    config = project.config
    plan = views.plan(project.id)
    issued = views.certificates(project.id)
    current: dict[str, Any] = {} if plan is None else {n: c for n, c in issued.items() if c["plan"] == plan["plan"]}
    return {
        "ledger": {"position": at.position, "hash": at.hash},
        "config_version": config.version,
        "schema": schema_hash(config.schema),
        "guideline": config.guideline.hash,
        "prompt": project_prompt(config).hash if config.models else None,
        "models": [source.model for source in config.models],
        "plan": None if plan is None else plan["plan"],
        "certificates": {name: found["certificate"]["id"] for name, found in current.items()},
    }


def _number(value: Json) -> Json:
    """Write nan, which JSON does not have, as null."""
    return None if isinstance(value, float) and np.isnan(value) else value
