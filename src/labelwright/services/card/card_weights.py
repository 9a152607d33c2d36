"""What an analyst needs for intervals that hold: each item's chance of being drawn, and outcomes mended by it."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from labelwright.domain.canonical import Json
from labelwright.domain.project import Project, Question
from labelwright.errors import NotReady
from labelwright.methods.estimation import pseudo_outcomes
from labelwright.ports.storage import Views
from labelwright.services.acceptance.certified import certified
from labelwright.services.card.card_classes import Classes, classes_of
from labelwright.services.card.card_evidence import CardEvidence, card_evidence
from labelwright.services.models.score import scored_pool
from labelwright.services.people.consensus import readable
from labelwright.services.people.requeue import people_of_record
from labelwright.tasks.registry import bind

FOLDS = 5


def weights(views: Views, project: Project) -> Iterator[dict[str, Json]]:
    """Give a row per item and question of the sampled pool; {"id", "question", "inclusion", "drawn", ...}.

    inclusion: the chance to be drawn by the calibration sample or the audit, by design.  drawn: whether it was.
    said: the model's label.  truth: what people said, blind, where it was drawn.
    outcome: per class the pseudo-outcome g + (drawn/inclusion)·(truth − g), g fitted without the item's own fold; it
    may lie outside [0, 1]. Regress it on whatever is known of the items, with robust standard errors.
    right: the same for "the model's label is right".
    Raises: NotReady, when no random sample speaks of a question.
    """
    for question in project.config.schema.questions:
        yield from _of_question(views, project, question)


def _of_question(views: Views, project: Project, question: Question) -> Iterator[dict[str, Json]]:
    in_force = certified(views, project, question.name) if project.config.models else None
    if in_force is None:
        raise NotReady(
            f"no certificate of {question.name!r} is in force, so no random sample speaks of its labels and no item "
            "has a chance of being drawn; run: labelwright calibrate"
        )
    task = bind(question)
    answers = readable(task, views.annotations(project.id, question=question.name))
    now = scored_pool(views, project.id, project.config, question.name)
    e = card_evidence(task, in_force, now, answers, people_of_record(views, project, task, answers))
    classes = classes_of(task, [*e.record.values(), *e.said])
    seed = [*in_force.plan["frozen"]["seed"], 12]
    outcomes = {} if classes is None else _outcomes(e, classes, seed)
    right = _mended(e, np.where(e.drawn, e.right, np.nan), np.nan_to_num(e.score, nan=0.5)[:, None], [*seed, 1])
    ids = views.item_ids(project.id)
    for at in np.flatnonzero(e.in_pool).tolist():
        yield {
            "id": ids[int(e.item[at])],
            "question": question.name,
            "inclusion": float(e.chance[at]),
            "drawn": bool(e.drawn[at]),
            "said": e.said[at] if e.has_label[at] else None,
            "truth": e.truth.get(at),
            "outcome": {name: float(column[at]) for name, column in outcomes.items()} or None,
            "right": None if right is None else float(right[at]),
        }


def _outcomes(e: CardEvidence, classes: Classes, seed: list[int]) -> dict[str, NDArray[np.float64]]:
    n = len(e.item)
    said, truth = classes.members(e.said).astype(np.float64), classes.spread(e.truth, n)
    score = np.where(np.isnan(e.score), 0.5, e.score)
    surrogates = np.column_stack([said, said * score[:, None]])
    found: dict[str, NDArray[np.float64]] = {}
    for code, label in enumerate(classes.labels):
        human = np.where(e.drawn, truth[:, code].astype(np.float64), np.nan)
        column = _mended(e, human, surrogates, [*seed, 2, code])
        if column is not None:
            found[label] = column
    return found


def _mended(
    e: CardEvidence, human: NDArray[np.float64], surrogates: NDArray[np.float64], seed: list[int]
) -> NDArray[np.float64] | None:
    """Give pseudo-outcomes over all items, nan outside the pool; None where too few were drawn to fit anything."""
    inside = e.in_pool
    asked = human[inside]
    if int((~np.isnan(asked)).sum()) < 2 * FOLDS or not (e.chance[inside] > 0).all():
        return None
    made = pseudo_outcomes(asked, surrogates[inside], e.chance[inside], n_folds=FOLDS, rng=np.random.default_rng(seed))
    column = np.full(len(human), np.nan)
    column[inside] = made.outcome
    return column
