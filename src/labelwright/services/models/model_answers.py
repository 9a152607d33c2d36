"""One model's valid answers to one question, spread over items."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from labelwright.domain.canonical import Json
from labelwright.domain.ids import ProjectId
from labelwright.ports.storage import Views


@dataclass(frozen=True, slots=True, eq=False)
class ModelAnswers:
    """Columns over n items, by ascending key.

    is_valid: (n,) a valid label under the prompt that was asked for.  value: n labels, None where there is none.
    prediction: (n,) its number, 0 where there is none.  confidence: (n,) nan where it is unknown.
    last: the largest number of a prediction under this prompt, valid or not; 0 when there is none.
    """

    is_valid: NDArray[np.bool_]
    value: list[Json]
    prediction: NDArray[np.int64]
    confidence: NDArray[np.float64]
    last: int


def model_answers(
    views: Views,
    project: ProjectId,
    question: str,
    *,
    model: str,
    prompt_hash: str,
    keys: NDArray[np.int64],
    until: int | None = None,
) -> ModelAnswers:
    """Read a model's newest answers about some items.

    keys: (n,) ascending; all items, or some.  until: leave out predictions with a larger number.
    """
    columns = views.predictions(project, question, model)
    fresh = np.isin(columns.item, views.predicted_items(project, model, prompt_hash, question))
    fresh &= np.isin(columns.item, keys)
    if until is not None:
        fresh &= columns.id <= until
    place = np.searchsorted(keys, columns.item)
    is_valid = np.zeros(len(keys), dtype=np.bool_)
    value: list[Json] = [None] * len(keys)
    prediction = np.zeros(len(keys), dtype=np.int64)
    confidence = np.full(len(keys), np.nan)
    for row in np.flatnonzero(fresh):
        if columns.status[row] == "valid":
            at = place[row]
            is_valid[at] = True
            value[at] = columns.value[row]
            prediction[at] = columns.id[row]
            confidence[at] = columns.confidence[row]
    return ModelAnswers(is_valid, value, prediction, confidence, int(columns.id[fresh].max(initial=0)))
