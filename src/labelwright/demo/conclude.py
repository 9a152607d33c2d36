"""After the story: what the labels of record are, and, since the gold is known, how wrong they really are."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, cast

import numpy as np

from labelwright.adapters.formats.recorded_folder import RecordedFolder
from labelwright.adapters.students.hashed_logistic import HashedLogistic
from labelwright.demo.people import AnswerBook, valid_or_none
from labelwright.demo.prepare import BUILT_IN, PRICE_INPUT, PRICE_OUTPUT, Cast, Settings, text_of
from labelwright.demo.result import DemoResult, QuestionResult
from labelwright.demo.truth import label_with_people_only, true_errors
from labelwright.domain.canonical import Json
from labelwright.domain.project import Project
from labelwright.ports.storage import Views
from labelwright.services.models.score import scored_pool
from labelwright.services.projects.project_of import project_of
from labelwright.workspace import ProjectHandle


@dataclass(frozen=True, slots=True)
class Spent:
    """What went in. budget: answers people might give at most.  refused_items: those the import refused."""

    budget: int
    calibration_items: int
    refused_items: int = 0


def conclude(
    project: ProjectHandle,
    folder: RecordedFolder,
    roles: Cast,
    book: AnswerBook,
    settings: Settings,
    *,
    spent: Spent,
    people: str,
) -> DemoResult:
    """Compare everything with the gold. Reads one snapshot; `seconds` is left at 0."""
    with project.workspace.storage.reading() as views:
        current = project_of(views, project.id)
        resolved: dict[str, dict[str, Json]] = {name: {} for name in book.tasks}
        names = views.item_ids(project.id)
        for resolution in views.resolutions(project.id):
            resolved[resolution.question][names[resolution.item]] = resolution.value
        questions = tuple(
            _question(views, current, folder, book, name, resolved=resolved[name], spent=spent) for name in book.tasks
        )
        totals = views.call_totals(project.id)
        n_labels = views.label_count(project.id)
    return DemoResult(
        dataset=folder.name,
        model=roles.labels,
        score=roles.score(),
        people=people,
        n_items=len(folder.items),
        n_calibration=spent.calibration_items,
        target_error=settings.target_error,
        confidence_level=settings.confidence_level,
        budget_human=spent.budget,
        n_human_labels=n_labels,
        n_llm_calls=totals.calls,
        cost=None if totals.cost_micro is None else totals.cost_micro / 1_000_000,
        seconds=0.0,
        seed=settings.seed,
        adopt=settings.adopt,
        reviewer_error=settings.reviewer_error,
        workspace=str(project.workspace.path),
        questions=questions,
        sentences=tuple(_sentences(folder, roles, settings, questions, people=people, refused=spent.refused_items)),
    )


def _question(
    views: Views,
    project: Project,
    folder: RecordedFolder,
    book: AnswerBook,
    name: str,
    *,
    resolved: Mapping[str, Json],
    spent: Spent,
) -> QuestionResult:
    ids = views.item_ids(project.id)
    pool = scored_pool(views, project.id, project.config, name)
    predicted = {
        str(ids[int(key)]): value
        for key, value, is_valid in zip(pool.item, pool.value, pool.is_valid, strict=True)
        if is_valid
    }
    decisions = views.decisions(project.id, name)
    accepted = {str(ids[d.item]) for d in decisions if d.route in ("accept", "audit")}
    audited = {str(ids[d.item]) for d in decisions if d.route == "audit"}
    certificate = cast("Mapping[str, Any]", views.certificates(project.id)[name]["certificate"])
    n_labels = len(views.annotations(project.id, question=name))
    task = book.tasks[name]
    texts = {str(item["id"]): text_of(item, folder.content_fields) for item in folder.items}
    people_only = label_with_people_only(
        task,
        texts,
        n_labels=n_labels,
        ask=lambda item: book.own_answer(item, name, 0),
        student=HashedLogistic(),
        rng=np.random.default_rng([book.seed, 5]),
    )
    gold: dict[str, Json] = {}
    for item, labels in folder.gold.items():
        if (truth := valid_or_none(task, labels.get(name))) is not None:
            gold[item] = truth
    noise = cast("Mapping[str, float | None]", certificate["noise"])
    return QuestionResult(
        name=name,
        n_items=len(folder.items),
        n_calibration=spent.calibration_items,
        n_auto_accepted=len(accepted),
        n_audited=len(audited),
        n_human_labels=n_labels,
        n_without_prediction=len(folder.items) - len(predicted),
        target_error=certificate["target_error"],
        confidence_level=certificate["confidence_level"],
        is_certified=bool(certificate["is_certified"]),
        threshold=certificate["threshold"],
        reason=certificate["reason"],
        verdict=certificate["verdict"],
        noise=noise["consensus_error"],
        statuses=views.resolution_counts(project.id).get(name, {}),
        errors=true_errors(
            task,
            gold,
            predicted=predicted,
            resolved=resolved,
            accepted=accepted,
            audited=audited,
            people_only=people_only,
        ),
    )


def _sentences(
    folder: RecordedFolder,
    roles: Cast,
    settings: Settings,
    questions: tuple[QuestionResult, ...],
    *,
    people: str,
    refused: int,
) -> list[str]:
    told: list[str] = []
    if refused:
        of = refused + len(folder.items)
        told.append(f"The import refused {refused:,} of {of:,} recorded items; all figures are about the others.")
    level = f"{100 * settings.confidence_level:.6g}%"
    for question in questions:
        if not question.is_certified:
            verdict = question.verdict[:1].upper() + question.verdict[1:]
            told.append(
                f"{question.name}: nothing can be certified at {100 * question.target_error:.6g}% error, so everything "
                f"goes to people; what the budget does not reach keeps the model's label, marked unverified. {verdict}."
            )
        elif question.noise:
            told.append(
                f"{question.name}: what is certified is agreement with the people, whose consensus is itself wrong in "
                f"about {question.noise:.1%}: against the truth, state {question.target_error + question.noise:.1%}."
            )
        if question.n_without_prediction:
            told.append(
                f"{question.name}: the model gave no valid label for {question.n_without_prediction:,} items. They "
                "go to people first, and count as wrong under `model only`."
            )
    if len(questions) > 1:
        told.append(
            f"The {len(questions)} questions are claimed together at {level}: each is tested at "
            f"{100 * questions[0].confidence_level:.6g}%."
        )
    told.append(f"The model is {roles.why()}.")
    told.append(
        "The predictions are recorded answers to somebody else's prompt. The cost is an estimate: every variant is "
        f"priced at ${PRICE_INPUT:g} and ${PRICE_OUTPUT:g} per million tokens in and out."
    )
    told.append(f"The people are {people}. {_how_people_err(settings)}")
    told.append("True errors are known only because the gold is. Missing labels count as wrong.")
    if folder.path.resolve() == BUILT_IN.resolve():
        told.append(
            "This demonstrates and proves nothing: the reviews, their gold and the recorded answers were all written "
            "by large language models for this purpose (SOURCE.md), and quick-reader only imitates a small one."
        )
    return told


def _how_people_err(settings: Settings) -> str:
    return (
        f"Wrong on purpose: {settings.reviewer_error:.4g} of their answers from the gold (--reviewer-error), which the "
        "final data set inherits. A wrong suggestion they see is taken over with chance "
        f"{settings.adopt:.4g} (--adopt)."
    )
