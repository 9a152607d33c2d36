"""What predictions in a file lose against people's answers, by the rule that was frozen. Pure."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from labelwright.domain.project import CertifyRule
from labelwright.errors import InvalidValue
from labelwright.services.acceptance.judge_answers import Judged
from labelwright.services.acceptance.losses import cost_of
from labelwright.tasks.protocol import Task


def file_losses(
    rule: CertifyRule, predicted: Sequence[str | None], judged: Judged, task: Task[object] | None
) -> NDArray[np.float64]:
    """(n,) losses in [0, 1] of the judged rows; a missing prediction or answer, and a tie, lose everything.

    task: whose distance counts, where the rule's loss is one.
    Raises: InvalidValue, for a label that is none of the task's.
    """
    if rule.loss == "exact":
        return np.array(judged.wrong, dtype=np.float64)
    loss = np.ones(len(judged.rows))
    for place, row in enumerate(judged.rows):
        said, truth = predicted[row], _majority([label for _, label in judged.said.get(row, [])])
        if said is None or truth is None:
            continue
        if rule.loss == "costs":
            loss[place] = cost_of(rule.costs, said, truth)
        elif task is None:
            raise InvalidValue("loss", "a distance needs the question whose labels these are (--task FILE)")
        else:
            far = task.distance(_parsed(task, said), _parsed(task, truth))
            loss[place] = 0.0 if far <= rule.tolerance else min(far, 1.0)
    return loss


def _majority(labels: Sequence[str]) -> str | None:
    counted = Counter(labels).most_common(2)
    is_tied = len(counted) == 2 and counted[0][1] == counted[1][1]
    return None if not counted or is_tied else counted[0][0]


def _parsed(task: Task[object], text: str) -> object:
    """Read a cell: JSON where it is some, else the text itself."""
    value: Any
    try:
        value = json.loads(text)
    except json.JSONDecodeError:
        value = text
    try:
        return task.parse(value)
    except InvalidValue:
        return task.parse(text)
