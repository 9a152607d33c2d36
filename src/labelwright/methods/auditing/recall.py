"""Which accepted items go back to people when an audit finds too many of them wrong."""

from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import ArrayLike, NDArray

from labelwright.errors import InvalidValue
from labelwright.methods.auditing.beta_mixture import pool_mixture_interval
from labelwright.methods.auditing.e_process import error_rate_test

Bools = NDArray[np.bool_]
Ints = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class SliceEvidence:
    """What the audit says of one slice of the accepted items.

    slicing, value: the column and the code in it.  low, high: the rate of wrong ones, valid at every look, this slice
    taken alone.  log_evidence: ln of the e-value against "no more than the target is wrong".
    is_proven: it stands among all slices together, at the stated false-discovery rate.
    """

    slicing: str
    value: int
    n_items: int
    n_audited: int
    n_wrong: int
    low: float
    high: float
    log_evidence: float
    is_proven: bool


@dataclass(frozen=True, eq=False, slots=True)
class Recall:
    """Which items to take back, and why.  Nothing is changed by it: whoever undoes it has the mask.

    alarmed: the audit as a whole speaks against the target.
    items: (N,) accepted items to send to people; what was audited already is not among them.
    slices: those recalled, strongest evidence first; empty when no part stands out and everything goes back.
    considered: every slice with audited items, strongest evidence first.
    error_left: estimated share of wrong ones among what stays accepted and was not audited; nan when nothing stays.
    """

    alarmed: bool
    items: Bools
    slices: tuple[SliceEvidence, ...]
    considered: tuple[SliceEvidence, ...]
    error_left: float

    @property
    def is_everything(self) -> bool:
        """True when all unaudited items go back because no slices explain the alarm."""
        return self.alarmed and not self.slices


def slices_to_recall(
    slicings: Mapping[str, ArrayLike],
    audited: ArrayLike,
    wrong: ArrayLike,
    *,
    target_error: float,
    delta: float = 0.05,
    false_discovery_rate: float = 0.1,
) -> Recall:
    """Name the parts of the accepted pool to take back, valid at whatever moment one asks.

    slicings: by name, (N,) codes of all accepted items: predicted label, confidence band, source, language; they may
      overlap; −1 = in no slice.
    audited: (T,) positions of the audited items in the order drawn, uniformly at random without replacement.
    wrong: (T,) bool.

    A slice is proven when its e-value passes the e-BH procedure, which holds for overlapping slices and under peeking.
    Proven slices are recalled whether or not the whole alarms.  When it does, further slices follow by their evidence
    while the rest is estimated above the target; if no slices bring it there, everything goes back.
    Source: Wang & Ramdas (2022), JRSS B 84(3), theorem 5.1 (e-BH).
    """
    drawn, bad = np.asarray(audited, dtype=np.int64), np.asarray(wrong, dtype=np.bool_)
    codes = {name: np.asarray(values, dtype=np.int64) for name, values in slicings.items()}
    n_items = _n_items(codes, drawn, bad)
    whole = error_rate_test(bad, target_error=target_error, claim="above", delta=delta, n_pool=n_items)
    found = _evidence(codes, drawn, bad, target_error=target_error, delta=delta)
    found = _proven(found, _n_slices(codes), false_discovery_rate)
    chosen = [one for one in found if one.is_proven]
    recalled = _union(codes, chosen, n_items)
    if whole.is_settled:
        for one in found:
            if _error(drawn, bad, ~recalled) <= target_error:
                break
            if not one.is_proven and one.n_wrong > target_error * one.n_audited:
                chosen.append(one)
                recalled |= codes[one.slicing] == one.value
        if _error(drawn, bad, ~recalled) > target_error:
            chosen, recalled = [], np.ones(n_items, dtype=np.bool_)
    is_audited = np.zeros(n_items, dtype=np.bool_)
    is_audited[drawn] = True
    stays = ~recalled & ~is_audited
    error_left = _error(drawn, bad, ~recalled) if stays.any() else float("nan")
    return Recall(whole.is_settled, recalled & ~is_audited, tuple(chosen), tuple(found), error_left)


def _n_items(codes: Mapping[str, Ints], drawn: Ints, bad: Bools) -> int:
    sizes = {len(values) for values in codes.values()}
    if len(sizes) != 1:
        raise InvalidValue(
            "slices", f"every slicing names a slice per accepted item; their lengths are {sorted(sizes)}"
        )
    n_items = sizes.pop()
    if len(drawn) != len(bad) or len(np.unique(drawn)) != len(drawn) or np.any((drawn < 0) | (drawn >= n_items)):
        raise InvalidValue("audit", f"audited items must be different positions below {n_items}, one verdict each")
    return n_items


def _n_slices(codes: Mapping[str, Ints]) -> int:
    return sum(len(np.unique(values[values >= 0])) for values in codes.values())


def _evidence(
    codes: Mapping[str, Ints], drawn: Ints, bad: Bools, *, target_error: float, delta: float
) -> list[SliceEvidence]:
    found: list[SliceEvidence] = []
    for name, values in codes.items():
        for value in np.unique(values[drawn]):
            if value < 0:
                continue
            here, n_here = bad[values[drawn] == value], int(np.count_nonzero(values == value))
            test = error_rate_test(here, target_error=target_error, claim="above", delta=delta, n_pool=n_here)
            interval = pool_mixture_interval(int(here.sum()), len(here), n_pool=n_here, delta=delta)
            found.append(
                SliceEvidence(
                    name,
                    int(value),
                    n_here,
                    len(here),
                    int(here.sum()),
                    float(interval.low),
                    float(interval.high),
                    float(test.log_evidence[-1]),
                    is_proven=False,
                )
            )
    return sorted(found, key=lambda one: (-one.log_evidence, one.slicing, one.value))


def _proven(found: list[SliceEvidence], n_slices: int, rate: float) -> list[SliceEvidence]:
    """Mark the first k, for the largest k with e_(k) ≥ H/(k·q); slices without audited items count with e = 1."""
    enough = [k for k, one in enumerate(found, 1) if one.log_evidence >= np.log(n_slices / (k * rate))]
    last = max(enough, default=0)
    return [replace(one, is_proven=rank < last) for rank, one in enumerate(found)]


def _union(codes: Mapping[str, Ints], chosen: list[SliceEvidence], n_items: int) -> Bools:
    mask = np.zeros(n_items, dtype=np.bool_)
    for one in chosen:
        mask |= codes[one.slicing] == one.value
    return mask


def _error(drawn: Ints, bad: Bools, among: Bools) -> float:
    """Share of wrong ones among the audited of a part; 0 when it holds no audited item."""
    here = bad[among[drawn]]
    return float(here.mean()) if len(here) else 0.0
