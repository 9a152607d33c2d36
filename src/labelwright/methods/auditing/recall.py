"""Which accepted items go back to people when an audit finds too many of them wrong."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

from labelwright.errors import InvalidValue
from labelwright.methods.auditing.beta_mixture import pool_mixture_interval
from labelwright.methods.auditing.e_process import error_rate_test
from labelwright.methods.auditing.stratified import stratified_pool_evidence, stratified_pool_interval

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
    strata: ArrayLike | None = None,
    is_alarmed: bool | None = None,
) -> Recall:
    """Name the parts of the accepted pool to take back, valid at whatever moment one asks.

    slicings: by name, (N,) codes of all accepted items: predicted label, confidence band, source, language; they may
      overlap; −1 = in no slice.
    audited: (T,) positions of the audited items in the order drawn, uniformly at random without replacement.
    wrong: (T,) bool.
    strata: (N,) codes of batches that were audited at rates of their own, each uniformly within; None = one rate for
      all.
    is_alarmed: what another valid test has said of the whole; None = it is tested here.

    A slice is proven when its e-value passes the e-BH procedure, which holds for overlapping slices and under peeking.
    Proven slices are recalled whether or not the whole alarms, the strongest first, and each only if what the others
    leave of it is above the target, too: where one label is wrong, every length and every source looks worse.
    When the whole alarms, further slices follow by their evidence while the rest is estimated above the target; if no
    slices bring it there, everything goes back.
    Source: Wang & Ramdas (2022), JRSS B 84(3), theorem 5.1 (e-BH).
    """
    drawn, bad = np.asarray(audited, dtype=np.int64), np.asarray(wrong, dtype=np.bool_)
    codes = {name: np.asarray(values, dtype=np.int64) for name, values in slicings.items()}
    n_items = _n_items(codes, drawn, bad)
    stratum = np.zeros(n_items, dtype=np.int64) if strata is None else np.asarray(strata, dtype=np.int64)
    if len(stratum) != n_items:
        raise InvalidValue("audit", f"strata name a batch per accepted item: {n_items}, got {len(stratum)}")
    audit = _Audit(drawn, bad, stratum, _weights(drawn, stratum))
    if is_alarmed is None:
        whole = _evidence_of(audit, np.ones(n_items, dtype=np.bool_), target_error)
        is_alarmed = bool(np.max(whole, initial=0.0) >= np.log(1 / delta))
    found = _evidence(codes, audit, target_error=target_error, delta=delta)
    found = _proven(found, _n_slices(codes), false_discovery_rate)
    chosen, recalled = list[SliceEvidence](), np.zeros(n_items, dtype=np.bool_)
    for one in found:
        here = (codes[one.slicing] == one.value) & ~recalled
        # What a stronger slice has taken along already does not speak against this one.
        if one.is_proven and _error(audit, here) > target_error:
            chosen.append(one)
            recalled |= here
    if is_alarmed:
        for one in found:
            if _error(audit, ~recalled) <= target_error:
                break
            here = (codes[one.slicing] == one.value) & ~recalled
            if not one.is_proven and _error(audit, here) > target_error:
                chosen.append(one)
                recalled |= here
        if _error(audit, ~recalled) > target_error:
            chosen, recalled = [], np.ones(n_items, dtype=np.bool_)
    is_audited = np.zeros(n_items, dtype=np.bool_)
    is_audited[drawn] = True
    stays = ~recalled & ~is_audited
    error_left = _error(audit, ~recalled) if stays.any() else float("nan")
    return Recall(is_alarmed, recalled & ~is_audited, tuple(chosen), tuple(found), error_left)


class _Audit(NamedTuple):
    """drawn: (T,) positions.  bad: (T,).  stratum: (N,).  weight: (N,) accepted items an audited one stands for."""

    drawn: Ints
    bad: Bools
    stratum: Ints
    weight: NDArray[np.float64]


def _weights(drawn: Ints, stratum: Ints) -> NDArray[np.float64]:
    _, code = np.unique(stratum, return_inverse=True)
    sizes = np.bincount(code)
    audited = np.bincount(code[drawn], minlength=len(sizes))
    return (sizes / np.maximum(audited, 1))[code]


def _counted(audit: _Audit, here: Bools) -> tuple[Ints, Ints, Ints]:
    """Count wrong and audited ones of a part after each audited item, (T, H), and its size by stratum, (H,)."""
    names, code = np.unique(audit.stratum[here], return_inverse=True)
    sizes = np.bincount(code, minlength=len(names))
    inside = here[audit.drawn]
    is_of = inside[:, None] & (audit.stratum[audit.drawn][:, None] == names[None, :])
    return np.cumsum(is_of & audit.bad[:, None], axis=0)[inside], np.cumsum(is_of, axis=0)[inside], sizes


def _evidence_of(audit: _Audit, here: Bools, target_error: float) -> NDArray[np.float64]:
    """Log evidence that more than the target is wrong in a part, after each of its audited items."""
    wrong, audited, sizes = _counted(audit, here)
    if len(sizes) == 1:
        bad = audit.bad[here[audit.drawn]]
        return error_rate_test(bad, target_error=target_error, claim="above", n_pool=int(sizes[0])).log_evidence
    # One evaluation is as good as all for the last word, and the last word is what stands.
    last = stratified_pool_evidence(wrong[-1:], audited[-1:], n_pool=sizes, at_most=target_error * float(sizes.sum()))
    return last if len(audited) else np.zeros(0)


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


def _evidence(codes: Mapping[str, Ints], audit: _Audit, *, target_error: float, delta: float) -> list[SliceEvidence]:
    found: list[SliceEvidence] = []
    for name, values in codes.items():
        for value in np.unique(values[audit.drawn]):
            if value < 0:
                continue
            here = values == value
            wrong, audited, sizes = _counted(audit, here)
            if len(sizes) == 1:
                n = int(sizes[0])
                interval = pool_mixture_interval(int(wrong[-1, 0]), int(audited[-1, 0]), n_pool=n, delta=delta)
            else:
                interval = stratified_pool_interval(wrong[-1:], audited[-1:], n_pool=sizes, delta=delta)
            found.append(
                SliceEvidence(
                    name,
                    int(value),
                    int(sizes.sum()),
                    len(audited),
                    int(wrong[-1].sum()),
                    float(np.ravel(interval.low)[0]),
                    float(np.ravel(interval.high)[0]),
                    float(_evidence_of(audit, here, target_error)[-1]),
                    is_proven=False,
                )
            )
    return sorted(found, key=lambda one: (-one.log_evidence, one.slicing, one.value))


def _proven(found: list[SliceEvidence], n_slices: int, rate: float) -> list[SliceEvidence]:
    """Mark the first k, for the largest k with e_(k) ≥ H/(k·q); slices without audited items count with e = 1."""
    enough = [k for k, one in enumerate(found, 1) if one.log_evidence >= np.log(n_slices / (k * rate))]
    last = max(enough, default=0)
    return [replace(one, is_proven=rank < last) for rank, one in enumerate(found)]


def _error(audit: _Audit, among: Bools) -> float:
    """Share of wrong ones in a part, by its audited items and what each stands for; 0 when it holds none."""
    here = among[audit.drawn]
    weight = audit.weight[audit.drawn][here]
    return float(np.average(audit.bad[here], weights=weight)) if len(weight) else 0.0
