"""A jury: what all models say of each unit, weighed by people's labels, as `benchmarks/confidence.py` measures it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import cast

import numpy as np
from numpy.typing import NDArray

from labelwright.domain.canonical import Json
from labelwright.domain.project import Project
from labelwright.methods.confidence.panel_design import PanelSignals
from labelwright.methods.confidence.weighed_jury import WeighedJury, fit_weighed_jury
from labelwright.methods.protocols import believe
from labelwright.services.models.combine_panel import Said, beside, plan_of
from labelwright.services.models.evidence import Evidence
from labelwright.tasks.protocol import Ballots

HOW = "jury, weighed by people's labels"
_DIGITS = 9


def fit_by_jury(
    project: Project,
    known: Evidence,
    signals: PanelSignals,
    labelled: NDArray[np.int64],
    truth: NDArray[np.int64],
    *,
    unlabelled: NDArray[np.int64],
    rng: np.random.Generator,
) -> dict[str, Json]:
    """Learn whom to believe where a label is one of a fixed list, and plan the certificate by it; all is frozen next.

    Arguments as for `fit_by_panel`.
    """
    fit = fit_weighed_jury(signals, labelled, truth, rng=rng)
    spoke = np.any(np.asarray(signals.votes)[labelled] >= 0, axis=1)
    inside = fit.cross_fitted[spoke]
    belief = believe(inside.max(axis=1), inside.argmax(axis=1) == truth[spoke], rng=rng)
    posterior = fit.jury.posterior(signals)
    score = np.where(known.suspicious, np.nan, posterior.max(axis=1).round(_DIGITS))[unlabelled]
    return {"how": HOW, "juries": [fit.jury.to_json()], **plan_of(project, score, belief, rng=rng)}


def fit_units_by_jury(
    signals: Sequence[PanelSignals],
    labelled: NDArray[np.int64],
    truth_NU: NDArray[np.int64],
    *,
    rng: np.random.Generator,
) -> dict[str, Json]:
    """Learn whom to believe about each of several units.  truth_NU: of the items at the positions `labelled`."""
    juries: list[Json] = [
        fit_weighed_jury(of_unit, labelled, truth_NU[:, unit], rng=rng).jury.to_json()
        for unit, of_unit in enumerate(signals)
    ]
    return {"how": HOW, "juries": juries}


def say_by_jury(
    known: Evidence,
    juries: Sequence[WeighedJury],
    signals: Sequence[PanelSignals],
    *,
    template: Ballots,
    due: NDArray[np.int64],
) -> list[Said]:
    """Give the label and the score of the items at the positions `due`.  signals: of all items, for each unit."""
    posterior = [jury.posterior(of_unit.rows(due)) for jury, of_unit in zip(juries, signals, strict=True)]
    some = signals[0].rows(due) if len(signals) == 1 else None
    said: list[Said] = []
    for place, at in enumerate(due):
        rows = [of_unit[place] for of_unit in posterior]
        if any(np.isnan(row).any() for row in rows):
            said.append(Said(None, None, {}))
            continue
        value = known.task.dump(known.task.compose(rows, template))
        shown: dict[str, Json] = {"votes": {model: known.value[c][at] for c, model in enumerate(known.models)}}
        if some is not None:
            shown["signals"] = cast("dict[str, Json]", beside(some, place, int(rows[0].argmax())))
        # Of several units all must be right; their product is a score, and orders as one. Sums over other blocks of
        # items differ in the last bits, and equal items must stay equal.
        score = None if known.suspicious[at] else round(float(np.prod([row.max() for row in rows])), _DIGITS)
        said.append(Said(value, score, shown))
    return said
