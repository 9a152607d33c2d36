"""How the labels came about, and what they cost: from the ledger, the call ledger and the settings."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import cast

from labelwright.domain.annotation import Annotation
from labelwright.domain.canonical import Json
from labelwright.domain.project import Project
from labelwright.ports.storage import Views
from labelwright.services.people.by_themselves import individual


def cost_of(
    views: Views,
    project: Project,
    question: str,
    *,
    n_labels: int,
    errors: float | None,
    n_certified: int,
    answers: Sequence[Annotation] | None = None,
) -> dict[str, Json]:
    """Say what one question's labels took: calls, tokens, money, people's time; and each of it per label.

    Calls and people's time serve all questions of an item at once; a question bears an equal part.
    errors: how many labels are wrong, None = not known.  Money is null where the price of any call is unknown.
    answers: those to all questions, where they are read already.
    """
    n_questions = len(project.config.schema.questions)
    totals = views.call_totals(project.id)
    answers = views.annotations(project.id) if answers is None else answers
    timed = sum(seconds_by_submission(answers).values())
    seconds = timed if timed or not answers else None
    each_seconds = None if seconds is None else seconds / n_questions
    money = None if totals.cost_micro is None else totals.cost_micro / n_questions
    n_correct = None if errors is None else n_labels - errors
    return {
        "calls": totals.calls,
        "calls_failed": totals.failed,
        "tokens_in": totals.tokens_in,
        "tokens_out": totals.tokens_out,
        "cost_micro": totals.cost_micro,
        "is_estimated": project.config.recorded,
        "people_seconds": seconds,
        "n_answers": sum(a.question == question for a in answers),
        "n_questions": n_questions,
        "n_labels": n_labels,
        "per_label": _each(money, each_seconds, n_labels),
        "per_correct_label": None if n_correct is None else _each(money, each_seconds, n_correct),
        "per_certified_label": _each(money, each_seconds, n_certified),
    }


def _each(money: float | None, seconds: float | None, n: float) -> dict[str, Json] | None:
    if n <= 0:
        return None
    return {
        "cost_micro": None if money is None else money / n,
        "people_seconds": None if seconds is None else seconds / n,
    }


def seconds_by_submission(answers: Sequence[Annotation]) -> dict[str, float]:
    """Give the time of each submission once: its answers all carry it."""
    return {answer.submission or answer.id: answer.seconds for answer in answers}


def process_of(views: Views, project: Project, answers: Sequence[Annotation]) -> dict[str, Json]:
    """Say who labelled, under what, and what guarded it; each with the evidence's number in the ledger."""
    config = project.config
    kinds = {one.id: one.kind for one in views.annotators(project.id)}
    people = {a.annotator for a in answers}
    votes = Counter((int(a.item), str(a.question)) for a in individual(answers))
    runs = [run for run in views.runs(project.id) if run.finished]
    plan = views.plan(project.id)
    certificates = views.certificates(project.id)
    shown = sum(a.suggestion_shown for a in answers)
    return {
        "created_at": project.created_at,
        "content_fields": list(config.content_fields),
        "questions": [
            {"name": q.name, "type": q.type, "title": q.title, "help": q.help, "settings": dict(q.settings)}
            for q in config.schema.questions
        ],
        "guideline": config.guideline.text,
        "guideline_version": config.guideline.version,
        "schema_version": config.schema.version,
        "annotators": cast("Json", dict(sorted(Counter(str(kinds[one]) for one in people).items()))),
        "n_answers": len(answers),
        "n_answers_by_purpose": cast("Json", dict(sorted(Counter(str(a.purpose) for a in answers).items()))),
        "share_with_suggestion": shown / len(answers) if answers else None,
        "votes_per_labelled_item": sum(votes.values()) / len(votes) if votes else None,
        "models": [
            {"model": m.model, "provider": m.provider, "temperature": m.temperature, "max_tokens": m.max_tokens}
            for m in config.models
        ],
        "recorded": config.recorded,
        "flow": config.flow.name,
        "confidence": config.confidence,
        "ensemble": config.ensemble,
        "examples": config.examples.choose,
        "personal_data": config.privacy.pii,
        "runs": cast("Json", dict(sorted(Counter(run.kind for run in runs).items()))),
        "checks": {
            "blind_calibration": None if plan is None else plan["position"],
            "certificates": {name: found["position"] for name, found in sorted(certificates.items())},
            "blind_audit": len(views.queued(project.id, "audit")) or None,
            "several_people_per_item": max(votes.values(), default=0) > 1,
        },
    }
