"""The figures of a data-set card, from arrays: accuracy, class shares, confusion, errors left. Pure."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from labelwright.domain.canonical import Json
from labelwright.methods.estimation import ENOUGH_TO_TUNE, Total, spoken_for, total_from_samples
from labelwright.methods.estimation.effective_size import PSEUDO_RESIDUALS
from labelwright.methods.estimation.wrong_left import wrong_in_population
from labelwright.services.card.card_classes import Classes
from labelwright.services.card.card_evidence import COVERED, CardEvidence

LEVEL = 0.95
AUDIT = "blind audit, exact for a finite pool"
WIDEST = 0.6
"""The widest interval that a class, a slice or an origin is told with."""
EVERY_CELL = 12
"""Up to so many classes the confusion table has every cell; beyond, those that were seen, and the diagonal."""
MOST_CONFUSED = 60

Bools = NDArray[np.bool_]
Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class ErrorsLeft:
    """How many labels of record are wrong: an estimate in its interval.  n_unspoken: labels that no sample speaks of.

    They count as wrong in the estimate, and as either in the interval. So, in the interval alone, do the `n_missing`
    that were drawn and never answered.
    """

    expected: float
    low: float
    high: float
    n_labels: int
    n_left: int
    n_drawn: int
    n_unspoken: int
    variance: float
    method: str
    n_missing: int = 0

    def accuracy(self, *, widest: float = 1.0) -> dict[str, Json] | None:
        """Give the share that is right.

        None where most of what nobody looked at has no sample to speak of it, or the interval is wider than `widest`:
        what it leaves open is nearly everything, and its middle would be taken for a figure.
        """
        n = self.n_labels
        if not n or 2 * self.n_unspoken > self.n_left or (self.high - self.low) / n > widest:
            return None
        return interval(1 - self.expected / n, 1 - self.high / n, 1 - self.low / n, self.method, self.n_drawn)


def interval(value: float, low: float, high: float, method: str, n_drawn: int) -> dict[str, Json]:
    """Write an interval as JSON, its ends never beyond [0, 1] nor past the value."""
    low, high = min(max(low, 0.0), 1.0), min(max(high, 0.0), 1.0)
    shown = min(max(value, low), high)
    return {"value": shown, "low": low, "high": high, "level": LEVEL, "method": method, "n_drawn": n_drawn}


def errors_left(
    e: CardEvidence, said: Bools | None = None, record: Bools | None = None, *, missing_alike: bool = False
) -> ErrorsLeft:
    """Count the labels of record that are wrong, among all or those in a part.

    said: (N,) the items whose label of the model is in the part.  record: (N,) those whose label of record is; they
    differ where people said something else.
    missing_alike: take drawn items without an answer for no worse and no better than the answered ones.
    The model's errors are estimated where a random sample speaks of them, and what people mended is taken off: whatever
    led them to it, it is right now.
    """
    part = np.arange(len(e.item)) if said is None else np.flatnonzero(said)
    record = e.has_label | e.by_people if record is None else record
    right, stratum, left = e.right[part], e.stratum[part], e.left[part]
    missing = None if missing_alike else e.unanswered[part]
    total = total_from_samples(right, stratum, _score(e.score[part]), missing=missing)
    spoken = spoken_for(right, stratum)
    n_open, n_unspoken = int((spoken & left).sum()), int((~spoken & left).sum())
    n_mended = int((spoken & e.mended[part]).sum())
    expected, low, high = (
        min(max(total.n_items - end - n_mended, 0.0), n_open) for end in (total.value, total.high, total.low)
    )
    return ErrorsLeft(
        expected=expected + n_unspoken,
        low=low,
        high=high + n_unspoken,
        n_labels=int(record.sum()),
        n_left=n_open + n_unspoken,
        n_drawn=total.n_drawn,
        n_unspoken=n_unspoken,
        variance=total.variance,
        method=_method(total) if n_open or n_unspoken else "given by people, who are the measure",
        n_missing=total.n_missing,
    )


def accepted_accuracy(e: CardEvidence) -> dict[str, Json] | None:
    """Say how many of the accepted labels, as they were accepted, are right; None while none was audited.

    The audit alone speaks of them: the calibration sample chose the threshold, and so flatters what lies above it.
    """
    audit = _audit(e)
    if audit is None:
        return None
    n = int(e.accepted.sum())
    expected, low, high = audit
    return interval(1 - expected / n, 1 - high / n, 1 - low / n, AUDIT, int(e.audited.sum()))


def _audit(e: CardEvidence) -> tuple[float, int, int] | None:
    """Count the accepted labels that are wrong: expected, and the exact interval; None where no audit speaks of most.

    Parts that were sampled at different rates are counted apart, each at its share of the 5%. What was drawn and never
    answered may be either.
    """
    batches = np.unique(e.audit_batch[e.audited]).tolist()
    expected, low, high, n_spoken = 0.0, 0, 0, 0
    for batch in batches:
        here = e.audit_batch == batch
        n, n_audited = int(here.sum()), int((here & e.audited).sum())
        n_wrong = int((here & e.audit_wrong).sum())
        n_missing = int((here & e.audit_unanswered).sum())
        delta = (1 - LEVEL) / len(batches)
        least, _ = wrong_in_population(n, n_audited + n_missing, n_wrong, delta=delta)
        _, most = wrong_in_population(n, n_audited + n_missing, n_wrong + n_missing, delta=delta)
        expected, low, high, n_spoken = expected + n * n_wrong / n_audited, low + least, high + most, n_spoken + n
    n_unspoken = int(e.accepted.sum()) - n_spoken
    return None if n_unspoken >= n_spoken else (expected + n_unspoken, low, high + n_unspoken)


def by_origin(e: CardEvidence) -> list[Json]:
    """Give number, share and accuracy of the labels of record, by who gave them."""
    n = max(len(e.item), 1)
    # The calibration sample holds all of itself: beside what a recall took back it would not be a random part.
    others = ~e.accepted & e.in_pool & ~(e.sampled & e.by_people & (e.stratum == COVERED))
    parts = [
        ("people", e.by_people, None),
        ("accepted", e.left & e.accepted, _accepted_left(e)),
        ("unverified", e.left & others, errors_left(e, said=others, record=others & e.left).accuracy(widest=WIDEST)),
        ("not sampled", e.left & ~e.in_pool, None),
        ("no label", ~e.has_label & ~e.by_people, None),
    ]
    return [
        {"origin": name, "n": int(mask.sum()), "share": float(mask.sum()) / n, "accuracy": found}
        for name, mask, found in parts
        if mask.any()
    ]


def _accepted_left(e: CardEvidence) -> dict[str, Json] | None:
    """Say how many of the accepted labels that nobody looked at are right: the audit, less what people mended."""
    audit = _audit(e)
    n_left = int((e.left & e.accepted).sum())
    if audit is None or not n_left:
        return None
    n_mended = int((e.mended & e.accepted).sum())
    wrong, low, high = (min(max(end - n_mended, 0), n_left) for end in audit)
    return interval(1 - wrong / n_left, 1 - high / n_left, 1 - low / n_left, AUDIT, int(e.audited.sum()))


def by_class(e: CardEvidence, classes: Classes, said: Bools) -> list[Json]:
    """Give the accuracy of the labels of record of each class; each interval holds by itself.

    said: (N, C) what the model says.
    """
    record = np.where(e.by_people[:, None], classes.spread(e.record, len(e.item)), said)
    return [
        {"label": label, **_part(e, said[:, code], record[:, code])}
        for code, label in enumerate(classes.labels)
        if record[:, code].any()
    ]


def by_slice(e: CardEvidence, field: str, values: list[str | None]) -> list[Json]:
    """Give the accuracy of the labels of record by a metadata field; each interval holds by itself."""
    column = np.array(["" if value is None else value for value in values], dtype=object)
    stated = np.array([value is not None for value in values], dtype=np.bool_)
    found: list[Json] = []
    for value in sorted({v for v in values if v is not None}):
        here = stated & (column == value)
        found.append({"field": field, "value": value, **_part(e, here, here & (e.has_label | e.by_people))})
    return found


def _part(e: CardEvidence, said: Bools, record: Bools) -> dict[str, Json]:
    found = errors_left(e, said=said, record=record)
    return {"n": found.n_labels, "n_drawn": found.n_drawn, "accuracy": found.accuracy(widest=WIDEST)}


@dataclass(frozen=True, slots=True, eq=False)
class ClassShares:
    """Shares of C classes.  value, low, high, variance: (C,); nan where nothing was drawn."""

    naive: Floats
    value: Floats
    low: Floats
    high: Floats
    variance: Floats
    method: str
    n_drawn: int


def class_shares(e: CardEvidence, classes: Classes, said: Bools) -> ClassShares:
    """Estimate how often each class really occurs among all items (PPI++, stratified by which sample speaks).

    What people said is counted where they looked at everything; the rest is estimated with the model's label, spread
    over the classes by its confidence, as the prediction.  No share is outside what is known item by item.
    """
    n, n_classes = len(e.item), len(classes.labels)
    drawn = classes.spread(e.truth, n)
    record = classes.spread(e.record, n)
    answered = e.drawn
    stratum = e.stratum_of_truth
    spoken = spoken_for(np.where(answered, 1.0, np.nan), stratum)
    counted = ~spoken & e.by_people
    unspoken = ~spoken & ~e.by_people
    guess = _probability(e, said, is_exclusive=classes.is_exclusive)
    value, low, high, variance = (np.full(n_classes, np.nan) for _ in range(4))
    found = Total(0.0, 0.0, 0.0, 0, 0, 0, 0.0, "nothing was drawn", 0.0)
    for code in range(n_classes):
        found = total_from_samples(
            np.where(answered, drawn[:, code], np.nan), stratum, guess[:, code], missing=e.unanswered
        )
        if not found.n_drawn and not e.by_people.all():
            break
        sure = float((counted & record[:, code]).sum())
        least = float((e.by_people & record[:, code]).sum())
        most = least + float((~e.by_people).sum())
        value[code] = sure + found.value + float((unspoken & said[:, code]).sum())
        low[code] = max(sure + found.low, least)
        high[code] = min(sure + found.high + float(unspoken.sum()), most)
        value[code] = min(max(value[code], low[code]), high[code])
        variance[code] = found.variance
    named = said.any(axis=1) | (e.has_label & (not classes.is_exclusive))
    naive = said.sum(axis=0) / max(int(named.sum()), 1)
    return ClassShares(naive, value / n, low / n, high / n, variance / n**2, _each_tuned(found), found.n_drawn)


def effective_size(shares: ClassShares, n_population: int) -> float | None:
    """Give the number of plain random labels that would tell the class shares as closely, all classes together."""
    if np.isnan(shares.value).any():
        return None
    spread = float(one_label_spread(shares.value, shares.n_drawn).sum())
    return spread / (float(shares.variance.sum()) + spread / n_population)


def one_label_spread(share: Floats, n_drawn: int) -> Floats:
    """Give the variance of one label, p(1 − p), with the half surprise that every variance here is made with.

    Where all drawn labels are alike neither is known to be nothing, and their ratio is what the sample is worth.
    """
    return (n_drawn * share * (1 - share) + PSEUDO_RESIDUALS) / (n_drawn + PSEUDO_RESIDUALS)


def confusion(e: CardEvidence, classes: Classes, said: Bools) -> list[Json]:
    """Say what the items of each of the model's labels really are; each interval holds by itself."""
    n = len(e.item)
    drawn, record = classes.spread(e.truth, n), classes.spread(e.record, n)
    rows: list[Json] = []
    for code, label in enumerate(classes.labels):
        part = np.flatnonzero(said[:, code] & e.in_pool)
        shares = TrueShares(e, part, drawn[part], record[part])
        if shares.says_nothing:
            continue
        for truth, name in enumerate(classes.labels):
            if len(classes.labels) <= EVERY_CELL or shares.seen[truth] or truth == code:
                rows.append({"said": label, "truth": name, **shares.of(truth)})
    return rows


class TrueShares:
    """What the items of one label of the model are: as positions, with what people said of them."""

    def __init__(self, e: CardEvidence, part: NDArray[np.int64], drawn: Bools, record: Bools) -> None:
        self._drawn, self._record, self._missing = drawn, record, e.unanswered[part]
        self._answered, self._stratum = e.drawn[part], e.stratum[part]
        spoken = spoken_for(np.where(self._answered, 1.0, np.nan), self._stratum)
        self._counted = ~spoken & e.by_people[part]
        self._n_unspoken = int((~spoken & ~e.by_people[part]).sum())
        self._size = len(part)
        self.says_nothing = 2 * self._n_unspoken >= self._size
        self.seen: list[bool] = [
            bool((drawn[self._answered, c]).any() or record[self._counted, c].any()) for c in range(drawn.shape[1])
        ]
        self._unseen: dict[str, Json] | None = None

    def of(self, truth: int) -> dict[str, Json]:
        """Give the share of one class; all classes that were not seen have the same."""
        if not self.seen[truth] and self._unseen is not None:
            return self._unseen
        seen = np.where(self._answered, self._drawn[:, truth], np.nan)
        found = total_from_samples(seen, self._stratum, missing=self._missing)
        sure = float(self._record[self._counted, truth].sum())
        cell: dict[str, Json] = {
            "share": min(max((sure + found.value) / (self._size - self._n_unspoken), 0.0), 1.0),
            "low": max((sure + found.low) / self._size, 0.0),
            "high": min((sure + found.high + self._n_unspoken) / self._size, 1.0),
        }
        if not self.seen[truth]:
            self._unseen = cell
        return cell


def _probability(e: CardEvidence, said: Bools, *, is_exclusive: bool) -> Floats:
    """Spread the model's label over the classes by its confidence: what it says of each class, (N, C) in [0, 1]."""
    guess = said.astype(np.float64)
    if not is_exclusive or said.shape[1] < 2:
        return guess
    sure = _score(e.score)[:, None]
    others = (1 - sure) / (said.shape[1] - 1)
    return np.where(np.any(said, axis=1, keepdims=True), np.where(said, sure, others), 0.0)


def _score(score: Floats) -> Floats:
    """Read scores as predictions; an unknown one, or one on another scale, says a half."""
    inside = (score >= 0) & (score <= 1)
    return np.where(inside, np.nan_to_num(score, nan=0.5), 0.5)


def _each_tuned(total: Total) -> str:
    return f"{total.design}, λ tuned for each class (PPI++)" if total.n_drawn >= ENOUGH_TO_TUNE else total.design


def _method(total: Total) -> str:
    tuned = f", λ = {total.tuning:.2f}" if total.tuning else ""
    return f"{total.design}{tuned}"
