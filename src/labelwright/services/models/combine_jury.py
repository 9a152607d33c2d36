"""A jury: what all models say of each unit, pooled by people's labels, as `benchmarks/confidence.py` measures it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import cast

import numpy as np
from numpy.typing import NDArray

from labelwright.domain.canonical import Json
from labelwright.domain.project import Project
from labelwright.methods.confidence.panel_design import PanelSignals
from labelwright.methods.confidence.pooled_jury import PooledJury, fit_pooled_jury
from labelwright.methods.protocols import believe
from labelwright.services.models.combine_panel import Said, beside, plan_of
from labelwright.services.models.evidence import Evidence
from labelwright.tasks.protocol import Ballots

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
) -> dict[str, Json] | None:
    """Learn whom to believe where a label is one of a fixed list, and plan the certificate by it; all is frozen next.

    None where the labels are too few, or all of one option: then a panel, which starts from a prior, says more.
    Arguments as for `fit_by_panel`.
    """
    some, names = signals.rows(labelled), tuple(known.signals)
    told = _signal_table(known, names)
    fit = fit_pooled_jury(
        some.votes,
        truth,
        options=tuple(map(str, range(signals.n_options))),
        voters=known.models,
        rng=rng,
        signals_NMS=None if told is None else told[labelled],
        signals=names,
        opinions=some.opinions,
        numbers=some.numbers,
    )
    if fit.jury.panel is None:
        return None
    spoke = np.any(np.asarray(some.votes) >= 0, axis=1)
    inside = fit.cross_fitted[spoke]
    belief = believe(inside.max(axis=1), inside.argmax(axis=1) == truth[spoke], rng=rng)
    posterior = fit.jury.predict(signals.votes, told, opinions=signals.opinions, numbers=signals.numbers)
    score = np.where(known.suspicious, np.nan, posterior.max(axis=1).round(_DIGITS))[unlabelled]
    planned = plan_of(project, score, belief, rng=rng)
    return {"how": "jury, pooled by people's labels", "juries": [fit.jury.to_json()], **planned}


def fit_units_by_jury(
    known: Evidence,
    options: Sequence[str],
    votes_NUM: NDArray[np.int64],
    truth_NU: NDArray[np.int64],
    *,
    rng: np.random.Generator,
) -> dict[str, Json]:
    """Learn whom to believe about each of several units.  votes_NUM, truth_NU: of the labelled items."""
    juries: list[Json] = [
        fit_pooled_jury(
            votes_NUM[:, unit], truth_NU[:, unit], options=options, voters=known.models, rng=rng
        ).jury.to_json()
        for unit in range(votes_NUM.shape[1])
    ]
    return {"how": "jury, pooled by people's labels", "juries": juries}


def say_by_jury(
    known: Evidence,
    juries: Sequence[PooledJury],
    votes_NUM: NDArray[np.int64],
    signals: PanelSignals | None,
    *,
    template: Ballots,
    due: NDArray[np.int64],
) -> list[Said]:
    """Give the label and the score of the items at the positions `due`.

    votes_NUM: of all items.  signals: of all items, where a label is one of a fixed list; else None.
    """
    told = _signal_table(known, juries[0].signals)
    some = None if signals is None else signals.rows(due)
    posterior = [
        jury.predict(
            votes_NUM[due, unit],
            None if told is None else told[due],
            opinions=None if some is None else some.opinions,
            numbers=None if some is None else some.numbers,
        )
        for unit, jury in enumerate(juries)
    ]
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


def _signal_table(known: Evidence, names: Sequence[str]) -> NDArray[np.float64] | None:
    """(N, M, S) confidences in the order of the names; None where there are none."""
    if not names:
        return None
    unknown = np.full((len(known.item), len(known.models)), np.nan)
    return np.stack([known.signals.get(name, unknown) for name in names], axis=2)
