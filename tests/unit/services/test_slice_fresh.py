"""Items that a later sample brings into a slice: they bear a finding out, whether it would be found again or not."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from labelwright.adapters.embedders import HashedEmbedder
from labelwright.domain.canonical import Json
from labelwright.services.soundness.slice_fields import Divider, Known
from labelwright.services.soundness.slice_fresh import Fresh, judge, look_at, with_kept

FOUND: dict[str, Json] = {
    "slice": "source = fax",
    "conditions": [["source", "fax"]],
    "cell": None,
    "is_of_cell": False,
    "confirmed": None,
    "fresh": None,
    "basis": {"n": 200.0, "n_wrong": 20.0, "rest_n": 180.0, "rest_wrong": 10.0, "n_looked": 40},
}


def judged(*, inside: int, inside_wrong: int, outside: int, now: bool = False) -> dict[str, Json]:
    """A finding of an earlier run, not found again; new items in it and outside, of which a tenth are wrong."""
    source = ["fax"] * (20 + inside) + ["web"] * (180 + outside)
    n = len(source)
    is_new = np.zeros(n, dtype=np.bool_)
    is_new[20 : 20 + inside], is_new[200 + inside :] = True, True
    wrong = np.zeros(n, dtype=np.bool_)
    wrong[20 : 20 + inside_wrong], wrong[200 + inside :: 10] = True, True
    known = Known([{"source": one} for one in source], [""] * n, ["a"] * n, np.full(n, np.nan))
    divider = Divider(known, HashedEmbedder(), n_audited=n, seed=[1], by=["source"])
    earlier: dict[tuple[str, str | None], Any] = {("source = fax", None): FOUND}
    fresh = Fresh({}, is_new, wrong, np.full(n, 0.4), earlier)
    (row,) = with_kept([], fresh, divider, known)
    look = look_at(row, fresh, divider, known, now=now)
    assert look is not None
    judge(row, look, 0.025)
    return row


def test_a_finding_with_new_answers_is_tested_though_it_would_not_be_found_again() -> None:
    row = judged(inside=25, inside_wrong=12, outside=60)
    assert row["confirmed"] is True
    assert row["basis"] == FOUND["basis"]


@pytest.mark.parametrize(("inside", "outside"), [(10, 60), (25, 30)])
def test_it_waits_for_answers_enough_inside_and_outside(inside: int, outside: int) -> None:
    row: Any = judged(inside=inside, inside_wrong=inside // 2, outside=outside)
    assert row["confirmed"] is None
    assert row["fresh"]["n_tested"] == 0


def test_later_samples_never_refute_since_an_audit_draws_among_the_accepted_alone() -> None:
    row: Any = judged(inside=120, inside_wrong=0, outside=300)
    assert row["confirmed"] is None
    assert row["fresh"]["n_tested"] == 120
