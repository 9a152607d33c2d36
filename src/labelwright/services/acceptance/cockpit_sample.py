"""A few items of what a limit would accept, and of what it would just leave: the same ones whenever one looks.

Kept apart from what needs statistics, since the server draws these itself while a slider moves.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, cast

import numpy as np
from numpy.typing import NDArray

from labelwright.domain.canonical import Json
from labelwright.domain.project import Project
from labelwright.ports.storage import Views
from labelwright.services.models.show_item import item_text
from labelwright.services.projects.excerpts import excerpt

N_ACCEPTED, N_BELOW = 10, 5
_SEED = 5


@dataclass(frozen=True, slots=True, eq=False)
class Column:
    """One question's scored pool outside the calibration sample, best first; arrays of length N.

    probability: calibrated, nan where none is shown.  label: place in `values`.  draw: (N,) fixed random numbers.
    """

    item: NDArray[np.int64]
    score: NDArray[np.float64]
    probability: NDArray[np.float64]
    label: NDArray[np.int64]
    values: Sequence[Json]
    draw: NDArray[np.float64]

    @classmethod
    def read(cls, told: Mapping[str, Any]) -> Column:
        """Read what `cockpit.columns` wrote."""
        item = np.array(told["item"], dtype=np.int64)
        return cls(
            item=item,
            score=np.array(told["score"], dtype=np.float64),
            probability=np.array(told["probability"], dtype=np.float64),
            label=np.array(told["label"], dtype=np.int64),
            values=told["values"],
            draw=np.random.default_rng(_SEED).random(len(item)),
        )


def places(column: Column, score_at_least: float) -> tuple[NDArray[np.int64], NDArray[np.int64], int]:
    """Give ten random places at or above a score, best first, and the five just below it; and how many are above.

    Each item's random number is fixed: moving the limit a little changes the sample a little.
    """
    n = int(np.searchsorted(-column.score, -score_at_least, side="right"))
    drawn = np.argpartition(column.draw[:n], min(N_ACCEPTED, n) - 1)[:N_ACCEPTED] if n else np.empty(0, dtype=np.int64)
    return np.sort(drawn), np.arange(n, min(n + N_BELOW, len(column.item))), n


def cockpit_sample(views: Views, project: Project, column: Column, score_at_least: float) -> dict[str, Json]:
    """Show those items: id, the text's beginning, the predicted label, how sure it may be taken to be."""
    above, below, n = places(column, score_at_least)
    keys = column.item[np.concatenate([above, below])].tolist()
    items = {int(item.key): item for item in views.items_by_key(project.id, keys)} if keys else {}

    def shown(place: int) -> dict[str, Json]:
        item, p = items[int(column.item[place])], float(column.probability[place])
        return {
            "id": item.id,
            "excerpt": excerpt(item_text(project.config, item.content)),
            "label": column.values[int(column.label[place])],
            "score": float(column.score[place]),
            "probability": None if np.isnan(p) else p,
        }

    return {
        "n_above": n,
        "accepted": cast("list[Json]", [shown(int(place)) for place in above]),
        "below": cast("list[Json]", [shown(int(place)) for place in below]),
    }
