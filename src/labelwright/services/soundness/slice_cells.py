"""Of what kind a mistake is: one label for another; or, of several an item may have, one missed or given wrongly."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from labelwright.domain.canonical import Json
from labelwright.methods.slices import Confusable, Labelled, Tagged
from labelwright.services.acceptance.groups import named
from labelwright.services.card.card_classes import Classes, classes_of
from labelwright.services.soundness.slice_evidence import AuditedLabels
from labelwright.tasks.protocol import Task


def confusable(task: Task[object], evidence: AuditedLabels) -> Confusable | None:
    """Lay out the audited labels; None where an option means something else on every item, or there are too many."""
    classes = classes_of(task, [*evidence.said[:1], *evidence.truth[:1]])
    if classes is not None and not classes.is_exclusive:
        said, truth = classes.members(evidence.said), classes.members(evidence.truth)
        return Tagged(classes.labels, said, truth, evidence.wrong, evidence.inclusion)
    for value in (*evidence.said[:1], *evidence.truth[:1]):
        ballots = task.decompose([task.parse(value)])
        if ballots.option_space != "shared" or ballots.n_units != 1:
            return None
    said_words, true_words = [named(value) for value in evidence.said], [named(value) for value in evidence.truth]
    return Labelled(said_words, true_words, evidence.wrong, evidence.inclusion)


def is_so(task: Task[object], values: list[Json], side: str, other: str) -> NDArray[np.bool_]:
    """Mark the values that are one side of a confusion; (n,).

    side: the label; "" = not the tag `other`.
    """
    tags = _tags(task, values)
    if tags is None:
        return np.array([named(value) == side for value in values], dtype=np.bool_)
    member = tags.members(values)[:, tags.labels.index(side or other)]
    return member if side else ~member


def _tags(task: Task[object], values: list[Json]) -> Classes | None:
    classes = classes_of(task, values)
    return None if classes is None or classes.is_exclusive else classes
