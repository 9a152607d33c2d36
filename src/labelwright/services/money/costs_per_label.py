"""What a label costs, what a right one costs, what a certified one costs; and how that changed over the months."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, cast

from labelwright.domain.canonical import Json
from labelwright.domain.project import Project
from labelwright.methods.estimation import clopper_pearson_interval
from labelwright.ports.storage import Views
from labelwright.services.card.card_sampled import estimate_on_card

_PICO_PER_USD = 10**12
_NO_LABEL = ("unresolved", "not-applicable")


def per_label(views: Views, project: Project, total_pico: int) -> dict[str, Json]:
    """Divide the total by the labels of record, by those expected to be right, and by those a certificate covers.

    `correct` is an interval, since how many are right is an estimate; null while nothing says how many are.
    """
    counts = views.resolution_counts(project.id)
    n_labels = sum(n for of_question in counts.values() for status, n in of_question.items() if status not in _NO_LABEL)
    n_certified = sum(of_question.get("auto-accepted", 0) for of_question in counts.values())
    right = _right(views, project)
    cost = total_pico / _PICO_PER_USD
    correct: Json = None
    if right is not None and right["low"] > 0:
        correct = {"value": cost / right["value"], "low": cost / right["high"], "high": cost / right["low"]}
    return {
        "n_labels": n_labels,
        "n_correct": None if right is None else cast("dict[str, Json]", right),
        "n_certified": n_certified,
        "label": cost / n_labels if n_labels else None,
        "correct": correct,
        "certified": cost / n_certified if n_certified else None,
        "rests_on": "the estimate of the report: blind calibration labels and the audit" if right else None,
    }


def _right(views: Views, project: Project) -> dict[str, float] | None:
    """Expected right labels over all questions; None when some question has no estimate, or nothing is resolved."""
    found = {"value": 0.0, "low": 0.0, "high": 0.0}
    counts = views.resolution_counts(project.id)
    for question in project.config.schema.questions:
        one = estimate_on_card(views, project, question)
        if one is None or not counts.get(question.name):
            return None
        n, told = cast("int", one["n_labelled"]), cast("Mapping[str, float]", one)
        found["value"] += n * told["accuracy"]
        found["low"] += n * told["accuracy_low"]
        found["high"] += n * told["accuracy_high"]
    return found


def trend(views: Views, project: Project, spent: Sequence[tuple[str, int]]) -> list[Json]:
    """Say per month what was spent and, per certificate issued in it, the model's error and what could be accepted.

    Each certificate names the model, prompt and guideline it was for: a new version is a new row. Its error is that
    of a random sample of the whole pool, with an exact 95% interval.
    """
    months: dict[str, int] = {}
    for month, pico in spent:
        months[month] = months.get(month, 0) + pico
    issued: dict[str, list[dict[str, Json]]] = {}
    for one in views.issued_certificates(project.id):
        issued.setdefault(one.at[:7], []).append(_of_certificate(one.question, one.at, one.certificate))
    return [
        {
            "month": month,
            "cost_pico": months.get(month, 0),
            "cost": months.get(month, 0) / _PICO_PER_USD,
            "certificates": cast("list[Json]", issued.get(month, [])),
        }
        for month in sorted({*months, *issued})
    ]


def _of_certificate(question: str, at: str, certificate: Mapping[str, Any]) -> dict[str, Json]:
    n, wrong = int(certificate["n_calibration"]), int(certificate["n_wrong"])
    low, high = clopper_pearson_interval(wrong, n)
    bound = certificate["bound_to"]
    return {
        "question": question,
        "at": at,
        "model": bound.get("model"),
        "prompt": None if bound.get("prompt_hash") is None else str(bound["prompt_hash"])[:12],
        "guideline": bound.get("guideline_version"),
        "n": n,
        "n_wrong": wrong,
        "error": wrong / n if n else None,
        "low": float(low) if n else None,
        "high": float(high) if n else None,
        "target_error": certificate["target_error"],
        "coverage": certificate["coverage"] if certificate["is_certified"] else 0.0,
    }
