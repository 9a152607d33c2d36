"""The data-set card: what the labels are worth, and what every figure rests on."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from typing import TYPE_CHECKING, cast

from labelwright.domain.annotation import Annotation
from labelwright.domain.canonical import Json, digest
from labelwright.domain.ids import ProjectId
from labelwright.domain.project import Project, Question
from labelwright.ports.sinks import ExportedFile
from labelwright.ports.storage import Views
from labelwright.services.card.card_binding import HOLDS, binding_of
from labelwright.services.card.card_process import cost_of, process_of
from labelwright.services.projects.last_change import last_change
from labelwright.services.projects.project_of import project_of
from labelwright.tasks.registry import bind

if TYPE_CHECKING:  # where no certificate is in force, no statistics are loaded: that takes longer than an export
    from labelwright.services.acceptance.certified import Certified
    from labelwright.services.models.score import ScoredPool
    from labelwright.services.people.consensus import Consensus

FORMAT = "labelwright-card/1"
ORIGIN_OF = {
    "consensus": "people",
    "human-verified": "people",
    "bulk-accepted": "bulk",
    "auto-accepted": "accepted",
    "unverified": "unverified",
    "unresolved": "no label",
    "not-applicable": "not asked",
}
"""Status of a label of record → its origin, as a card names it."""


def build_card(
    views: Views,
    project: ProjectId,
    *,
    files: Mapping[str, ExportedFile] | None = None,
    answers: Sequence[Annotation] | None = None,
) -> dict[str, Json]:
    """Give the whole card of a project, with its slices, its process and the hashes that bind it.

    files: what is exported with it.  answers: those to all questions, where they are read already.
    The same ledger position gives the same card, but for what model calls cost, which the call ledger says.
    """
    current = project_of(views, project)
    at = last_change(views)
    answers = views.annotations(project) if answers is None else answers
    questions = [_whole_question(views, current, question, answers) for question in current.config.schema.questions]
    card: dict[str, Json] = {
        "format": FORMAT,
        "project": current.name,
        "project_id": current.id,
        "at": at.provenance.get("at"),
        "n_items": views.item_count(project),
        "holds": HOLDS,
        "questions": cast("Json", questions),
        "process": process_of(views, current, answers),
        "hashes": binding_of(views, current),
        "files": {name: cast("dict[str, Json]", asdict(one)) for name, one in sorted((files or {}).items())},
    }
    return card | {"hash": card_hash(card)}


def card_hash(card: Mapping[str, Json]) -> str:
    """Name a card by what it says; its own `hash` is left out."""
    return digest({name: value for name, value in card.items() if name != "hash"})


def _whole_question(
    views: Views, project: Project, question: Question, everybodys: Sequence[Annotation]
) -> dict[str, Json]:
    found: dict[str, Json] = {"name": str(question.name), "type": question.type, "title": question.title}
    if not project.config.models or question.name not in views.certificates(project.id):
        return found | {"card": _without_sample(views, project, question, everybodys)}
    from labelwright.services.acceptance.certified import certified  # noqa: PLC0415 - see above
    from labelwright.services.card.card_sampled import sampled_card, slice_rows  # noqa: PLC0415
    from labelwright.services.models.score import scored_pool  # noqa: PLC0415
    from labelwright.services.people.consensus import readable  # noqa: PLC0415

    in_force = certified(views, project, question.name)
    if in_force is None:
        return found | {"card": _without_sample(views, project, question, everybodys)}
    task = bind(question)
    answers = readable(task, [one for one in everybodys if one.question == question.name])
    now = scored_pool(views, project.id, project.config, question.name)
    card = sampled_card(views, project, question, in_force=in_force, now=now, answers=answers, everybodys=everybodys)
    accuracy = cast("dict[str, Json]", card["accuracy"])
    accuracy["by_slice"] = slice_rows(views, project, task, in_force=in_force, now=now, answers=answers)
    return found | {"card": card}


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
    if in_force is None or now is None:
        return _without_sample(views, project, question, None)
    from labelwright.services.card.card_sampled import sampled_card  # noqa: PLC0415 - see above

    return sampled_card(views, project, question, in_force=in_force, now=now, answers=answers, people=people)


def _without_sample(
    views: Views, project: Project, question: Question, everybodys: Sequence[Annotation] | None
) -> dict[str, Json]:
    """Say what needs no sample: who gave the labels, and what it took."""
    counts: Counter[str] = Counter()
    for status, n in views.resolution_counts(project.id).get(question.name, {}).items():
        counts[ORIGIN_OF.get(status, status)] += n
    total = max(sum(counts.values()), 1)
    n_labels = sum(n for name, n in counts.items() if name not in ("no label", "not asked"))
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
        "n_unspoken": counts["accepted"] + counts["unverified"] + counts["bulk"],
        "missing": None,
        "design": "no random sample speaks of the present labels",
        "holds": HOLDS,
        "agreement": [],
        "gold": None,
        "cost": cost_of(
            views, project, question.name, n_labels=n_labels, errors=None, n_certified=0, answers=everybodys
        ),
        "certificate": None,
        "hashes": binding_of(views, project),
    }
