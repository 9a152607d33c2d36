"""The certificate in force for a question, with the very pool it speaks of; or none."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, cast

import numpy as np
from numpy.typing import NDArray

from labelwright.domain.canonical import Json
from labelwright.domain.project import Project
from labelwright.ports.storage import Views
from labelwright.services.calibration_plan import pool_of_plan, still_bound
from labelwright.services.score import ScoredPool


@dataclass(frozen=True, slots=True, eq=False)
class Certified:
    """A certificate that still holds; it may well say that nothing is accepted.

    calibration: the fitted map for display.  pool: as frozen.  sample: (n,) positions in the pool, in drawn order.
    accepted: (N,) what it covers: at or above the threshold and outside the sample.
    """

    plan: Mapping[str, Any]
    certificate: Mapping[str, Any]
    calibration: Mapping[str, Any]
    pool: ScoredPool
    sample: NDArray[np.int64]
    accepted: NDArray[np.bool_]


def certified(views: Views, project: Project, question: str) -> Certified | None:
    """Give a question's certificate; None when there is none of the newest plan, or when it is void.

    Void: the project no longer says what was frozen, or the labels and scores are no longer those that were.
    """
    plan = views.plan(project.id)
    issued = views.certificates(project.id).get(question)
    if plan is None or issued is None or issued["plan"] != plan["plan"]:
        return None
    frozen = cast("Mapping[str, Json]", plan["frozen"])
    if not still_bound(views, project, frozen):
        return None
    pool = pool_of_plan(views, project, question, frozen)
    certificate = cast("Mapping[str, Any]", issued["certificate"])
    if pool.fingerprint() != certificate["bound_to"]["pool"]:
        return None
    sample = np.searchsorted(pool.item, np.array(plan["items"], dtype=np.int64))
    return Certified(
        plan=plan,
        certificate=certificate,
        calibration=cast("Mapping[str, Any]", issued["calibration"]),
        pool=pool,
        sample=sample,
        accepted=_accepted(pool, sample, certificate["threshold"]),
    )


def _accepted(pool: ScoredPool, sample: NDArray[np.int64], threshold: float | None) -> NDArray[np.bool_]:
    if threshold is None:
        return np.zeros(len(pool.item), dtype=np.bool_)
    accepted = pool.is_valid & (np.nan_to_num(pool.score, nan=-np.inf) >= threshold)
    accepted[sample] = False
    return accepted
