"""Fresh answers about a slice that was found: drawn at random inside it, or come with a later sample."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, cast

import numpy as np
from numpy.typing import NDArray

from labelwright.domain.canonical import Json
from labelwright.domain.ids import ProjectId
from labelwright.domain.project import Question
from labelwright.methods.slices import Confirmation, confirmation
from labelwright.ports.storage import Views
from labelwright.services.people.consensus import consensus, readable, wrong_against
from labelwright.services.projects.kept_results import KeptResult
from labelwright.services.soundness.slice_evidence import AuditedLabels
from labelwright.services.soundness.slice_fields import Divider, Known
from labelwright.tasks.registry import bind

DRAW: Final = "slice-draw"
"""The kind of run that draws items of a slice, to be labelled blind."""


@dataclass(frozen=True, slots=True, eq=False)
class Fresh:
    """drawn: by slice and confusion, what the items drawn inside it showed: (n, wrong).

    is_new: (n,) of the audited, which were not among those that the earlier findings rest on.
    earlier: findings of the run before, by slice and confusion.
    """

    drawn: Mapping[tuple[str, str | None], tuple[int, int]]
    is_new: NDArray[np.bool_]
    wrong: NDArray[np.bool_]
    earlier: Mapping[tuple[str, str | None], Mapping[str, Any]]


def fresh_look(
    views: Views, project: ProjectId, question: Question, evidence: AuditedLabels, before: KeptResult | None
) -> Fresh:
    """Gather what has come since the run before, about what that run found."""
    found: Mapping[str, Any] = {}
    seen = np.zeros(0, dtype=np.int64)
    if before is not None:
        found = cast("Mapping[str, Any]", before.report["questions"]).get(question.name, {})
        audited = cast("Mapping[str, Any]", before.parameters["audited"])
        seen = np.array(audited.get(question.name, []), dtype=np.int64)
    earlier = {_key(row): row for row in found.get("findings", [])}
    drawn = _drawn(views, project, question)
    is_new = ~np.isin(evidence.item, seen) if before is not None else np.zeros(len(evidence.item), dtype=np.bool_)
    return Fresh(drawn, is_new, evidence.wrong, earlier)


def judged(rows: Sequence[dict[str, Json]], fresh: Fresh, divider: Divider, known: Known) -> list[dict[str, Json]]:
    """Say of each finding that was there before whether what has come since bears it out.

    Answers drawn inside the slice for this purpose go before those that a later sample happened to bring. What was
    found earlier and drawn for stays in the list, whether it would be found again or not.
    """
    keys = {_key(row) for row in rows}
    kept = [dict(row) for key, row in fresh.earlier.items() if key in fresh.drawn and key not in keys]
    together = [dict(row) for row in rows] + kept
    again = [row for row in together if _key(row) in fresh.earlier]
    for row in again:
        first = fresh.earlier[_key(row)]
        rest = float(first["rest_error"])
        if _key(row) in fresh.drawn:
            n, n_wrong = fresh.drawn[_key(row)]
        else:
            n, n_wrong, rest = _by_later_samples(row, fresh, divider, known, rest)
        verdict = confirmation(n, n_wrong, rest, n_findings=len(again))
        told = first["confirmed"] if n == 0 else verdict.verdict
        row["confirmed"] = told
        row["fresh"] = first["fresh"] if n == 0 else _as_json(verdict)
    return together


def _by_later_samples(
    row: Mapping[str, Json], fresh: Fresh, divider: Divider, known: Known, rest: float
) -> tuple[int, int, float]:
    if not fresh.is_new.any() or row["is_of_cell"]:
        return 0, 0, rest
    conditions = [(str(name), str(value)) for name, value in cast("list[tuple[str, str]]", row["conditions"])]
    inside = divider.mark(known, conditions)
    outside = fresh.is_new & ~inside
    if np.count_nonzero(outside) >= 50:
        rest = float(fresh.wrong[outside].mean())
    here = fresh.is_new & inside
    return int(here.sum()), int((here & fresh.wrong).sum()), rest


def _drawn(views: Views, project: ProjectId, question: Question) -> dict[tuple[str, str | None], tuple[int, int]]:
    """Count what blind answers say of the items drawn inside each slice."""
    draws = [run for run in views.runs(project) if run.kind == DRAW and run.parameters["question"] == question.name]
    if not draws:
        return {}
    task = bind(question)
    blind = [a for a in readable(task, views.annotations(project, question=question.name)) if not a.suggestion_shown]
    people = consensus(task, blind)
    found: dict[tuple[str, str | None], tuple[int, int]] = {}
    for run in draws:
        drawn = cast("Mapping[str, Any]", run.parameters)
        answered = [
            (int(key), value)
            for key, value in zip(drawn["items"], _labels_at(views, project, question, drawn), strict=True)
            if int(key) in people and value is not None and not people[int(key)].is_tied
        ]
        if drawn["is_of_cell"]:
            # Of those said a: how many are b.
            wrong = np.array([people[key].value == drawn["truth"] for key, _ in answered], dtype=np.bool_)
        else:
            items = np.array([key for key, _ in answered], dtype=np.int64)
            is_valid = np.ones(len(items), dtype=np.bool_)
            wrong = wrong_against(task, [value for _, value in answered], is_valid, items, people)
        n, n_wrong = found.get(_key(drawn), (0, 0))
        found[_key(drawn)] = (n + len(answered), n_wrong + int(wrong.sum()))
    return found


def _labels_at(views: Views, project: ProjectId, question: Question, drawn: Mapping[str, Any]) -> list[Json]:
    """Give the newest labels of the model that was asked when the items were drawn."""
    columns = views.predictions(project, question.name, drawn["model"])
    value = {int(item): columns.value[row] for row, item in enumerate(columns.item.tolist())}
    return [value.get(int(key)) for key in drawn["items"]]


def _key(row: Mapping[str, Any]) -> tuple[str, str | None]:
    return str(row["slice"]), None if not row["is_of_cell"] else str(row["cell"])


def _as_json(found: Confirmation) -> dict[str, Json]:
    return {"n": found.n, "n_wrong": found.n_wrong, "error": found.error, "p": found.p_worse}
