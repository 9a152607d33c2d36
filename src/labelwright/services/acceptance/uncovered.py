"""Items that came after a pool was frozen: its certificate says nothing of them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import cast

import numpy as np

from labelwright.domain.canonical import Json
from labelwright.domain.project import Project
from labelwright.ports.storage import Views
from labelwright.services.acceptance.calibration_plan import still_bound


def n_uncovered(views: Views, project: Project) -> int:
    """Count the items that came after the pool of the plan in force was frozen, and that nobody has labelled.

    They are never accepted: they go to people, or into a new pool with a sample and a certificate of its own.
    Returns 0 without a plan that still holds.
    """
    plan = views.plan(project.id) if project.config.models else None
    if plan is None:
        return 0
    frozen = cast("Mapping[str, Json]", plan["frozen"])
    if not still_bound(views, project, frozen):
        return 0
    keys = views.item_keys(project.id)
    late = keys[keys > cast("int", frozen["last_item"])]
    if not len(late):
        return 0
    labelled = {int(one.item) for one in views.annotations(project.id)}
    return int(np.count_nonzero(~np.isin(late, np.array(sorted(labelled), dtype=np.int64))))


def uncovered_words(n: int) -> str:
    """Say that they are not covered, and what to do.

    >>> uncovered_words(1)[:75]
    '1 item came after the pool was frozen, and is not covered by the certificat'
    """
    came, are = ("item", "is") if n == 1 else ("items", "are")
    return (
        f"{n:,} {came} came after the pool was frozen, and {are} not covered by the certificate, however sure the "
        "model is. People label them (labelwright route, labelwright serve), or labelwright calibrate --new-pool draws "
        "a new sample from all that nobody has labelled."
    )
