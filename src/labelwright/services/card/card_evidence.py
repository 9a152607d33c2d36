"""What a data-set card rests on: who drew which item, by what chance, and what people said of it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from labelwright.domain.annotation import Annotation
from labelwright.domain.canonical import Json
from labelwright.methods.estimation import COUNTED
from labelwright.services.acceptance.certified import Certified
from labelwright.services.models.score import ScoredPool
from labelwright.services.people.consensus import Consensus, consensus, wrong_against
from labelwright.tasks.protocol import Task

Bools = NDArray[np.bool_]

COVERED, REST, NO_LABEL, MISSING = 0, 1, 2, 3
"""Strata: what the certificate covers, recalls aside; other labels of the model; items the model gave no valid label;
items of the calibration sample that nobody answered."""

_ABOVE, _BELOW = 0.1 * 0.9, 0.5 * 0.5
"""The variance of "the label is wrong" that is foreseen above the threshold and below it."""
_FEWEST = 2


@dataclass(frozen=True, slots=True, eq=False)
class CardEvidence:
    """One question over all N items of the project, by ascending key; arrays of length N.

    said: the model's label, None = none; the frozen one where the item was in the pool.  has_label: there is one.
    in_pool: the item was in the pool that was frozen.  score: nan = unknown.
    by_people: a person gave the label of record.  mended: and it is not what the model said.
    sampled: in the calibration sample.
    accepted: what the certificate covers and no recall has taken back, audited items included.
    drawn: drawn at random and answered blind: for calibration, or for the audit of all that the certificate covers. A
      later audit, of what a recall has left, is of a set that the answers have chosen: it speaks of that set alone.
    right: of the drawn, whether the model was, 1 or 0; nan = not drawn.
      Items of the calibration sample that nobody answered count as drawn and wrong, as in the certificate.
    stratum: of labels, see `COVERED`; `COUNTED` where people looked at everything, or no sample could speak.
    stratum_of_truth: the same for what items really are, so with those that the model gave no label.
    audited: answered, of the sample that speaks of just what is accepted now; after a recall a fresh one.
    audit_wrong: of these, those of which the model was wrong.
    unanswered: drawn for calibration, or by the audit of all that is covered, and never answered, though people came
      past it: for the ends of every interval it may be either.  audit_unanswered: of the sample that `audited` is of.
    audit_batch: the part of the accepted that was sampled together; −1 elsewhere, and where no sample was drawn yet.
    chance: of being drawn by either sample, by design; nan outside the pool.
    truth: by position, what people say of the drawn.  record: by position, the label of record that people gave.
    n_calibration, n_audited: answered, in any audit.
    """

    item: NDArray[np.int64]
    said: Sequence[Json]
    has_label: Bools
    in_pool: Bools
    score: NDArray[np.float64]
    by_people: Bools
    mended: Bools
    sampled: Bools
    accepted: Bools
    audited: Bools
    audit_wrong: Bools
    unanswered: Bools
    audit_unanswered: Bools
    audit_batch: NDArray[np.int64]
    drawn: Bools
    right: NDArray[np.float64]
    stratum: NDArray[np.int64]
    stratum_of_truth: NDArray[np.int64]
    chance: NDArray[np.float64]
    truth: Mapping[int, Json]
    record: Mapping[int, Json]
    n_calibration: int
    n_audited: int

    @property
    def left(self) -> Bools:
        """Mark the labels of record that nobody looked at."""
        return self.has_label & ~self.by_people

    @property
    def design(self) -> str:
        """Say in words where the figures come from."""
        first = f"{self.n_calibration:,} items drawn at random from the pool and labelled blind"
        if not self.n_audited:
            return first
        return f"{first}, and a blind audit of {self.n_audited:,} drawn at random from the accepted"


def card_evidence(
    task: Task[object],
    in_force: Certified,
    now: ScoredPool,
    answers: Sequence[Annotation],
    people: Mapping[int, Consensus],
) -> CardEvidence:
    """Lay out what is known of a question whose certificate is in force.

    answers, people: all answers, and what they say together, by item key.
    Only blind answers about randomly drawn items are evidence: what was reviewed because the model was unsure is known,
    and mended, and says nothing about the rest.
    """
    pool, key = in_force.pool, now.item
    n = len(key)
    place = np.searchsorted(key, pool.item)
    in_pool, in_sample, accepted = (np.zeros(n, dtype=np.bool_) for _ in range(3))
    in_pool[place] = True
    in_sample[place[in_force.sample]] = True
    accepted[place[in_force.accepted]] = True
    said, has_label, score = list(now.value), now.is_valid.copy(), np.where(in_pool, np.nan, now.score)
    score[place] = pool.score
    frozen = np.zeros(n, dtype=np.bool_)
    frozen[place] = pool.is_valid
    for at, value, is_valid in zip(place.tolist(), pool.value, pool.is_valid.tolist(), strict=True):
        if is_valid:
            said[at] = value
    by_people = np.isin(key, np.array(sorted(people), dtype=np.int64))

    number = in_force.plan["frozen"]["round"]
    blind = [a for a in answers if a.purpose in ("calibration", "audit") and a.round == number and a.is_blind]
    calibrated = _positions(key, blind, "calibration") & in_sample
    asked = np.array([a.item for a in blind if a.purpose == "audit"], dtype=np.int64)
    first, now_audited, covered, unanswered, now_unanswered = (np.zeros(n, dtype=np.bool_) for _ in range(5))
    first[place[in_force.audited_first(asked)]] = True
    now_audited[place[in_force.audited(asked)]] = True
    unanswered[place[in_force.unanswered_first(asked)]] = True
    now_unanswered[place[in_force.unanswered(asked)]] = True
    unanswered |= in_sample & ~calibrated
    covered[place[in_force.covered]] = True
    batch = np.full(n, -1, dtype=np.int64)
    batch[place[in_force.accepted]] = in_force.audit.batch
    said_blind = consensus(task, blind)
    drawn = calibrated | first
    right, audit_wrong = np.full(n, np.nan), np.zeros(n, dtype=np.bool_)
    right[drawn] = 1.0 - _wrong(task, said_blind, drawn, (key, said, frozen))
    audit_wrong[now_audited] = _wrong(task, said_blind, now_audited, (key, said, frozen))
    right[in_sample & ~calibrated] = 0.0
    mended = np.zeros(n, dtype=np.bool_)
    known = by_people & has_label
    mended[known] = _wrong(task, people, known, (key, said, has_label))
    above = np.zeros(n, dtype=np.bool_)
    above[place[in_force.above]] = True
    stratum = _strata(
        (covered, above, frozen & ~above), unknown=frozen & ~by_people, score=score, drawn=(calibrated, first)
    )
    stratum[in_sample & ~calibrated & frozen & (stratum == COUNTED)] = MISSING
    of_truth = stratum.copy()
    unlabelled = in_pool & ~frozen
    if (unlabelled & ~by_people).any():
        of_truth[unlabelled] = NO_LABEL
    chance = np.where(in_pool, _chances(in_pool, calibrated, first, covered), np.nan)
    chance[above & in_sample] = chance[covered][0] if covered.any() else chance[above & in_sample]
    return CardEvidence(
        item=key,
        said=said,
        has_label=has_label,
        in_pool=in_pool,
        score=np.where(in_pool, score, np.nan),
        by_people=by_people,
        mended=mended,
        sampled=in_sample,
        accepted=accepted,
        audited=now_audited,
        audit_wrong=audit_wrong,
        unanswered=unanswered,
        audit_unanswered=now_unanswered,
        audit_batch=batch,
        drawn=drawn,
        right=np.where(frozen, right, np.nan),
        stratum=stratum,
        stratum_of_truth=of_truth,
        chance=chance,
        truth={int(at): said_blind[int(key[at])].value for at in np.flatnonzero(drawn)},
        record={int(at): people[int(key[at])].value for at in np.flatnonzero(by_people)},
        n_calibration=int(calibrated.sum()),
        n_audited=int((first | now_audited).sum()),
    )


def _chances(in_pool: Bools, calibrated: Bools, audited: Bools, covered: Bools) -> NDArray[np.float64]:
    """Give each item's chance to be drawn by either sample, 1 − (1 − n/N)(1 − m/M), as far as people got."""
    first = int(calibrated.sum()) / max(int(in_pool.sum()), 1)
    chance = np.full(len(in_pool), first)
    if covered.any():
        chance[covered] = 1 - (1 - first) * (1 - int(audited.sum()) / int(covered.sum()))
    return chance


def _positions(key: NDArray[np.int64], answers: Sequence[Annotation], purpose: str) -> Bools:
    return np.isin(key, np.array([a.item for a in answers if a.purpose == purpose], dtype=np.int64))


def _wrong(
    task: Task[object],
    people: Mapping[int, Consensus],
    mask: Bools,
    labels: tuple[NDArray[np.int64], Sequence[Json], Bools],
) -> Bools:
    key, said, is_valid = labels
    index = np.flatnonzero(mask)
    return wrong_against(task, [said[i] for i in index.tolist()], is_valid[index], key[index], people)


def _strata(
    parts: tuple[Bools, Bools, Bools], *, unknown: Bools, score: NDArray[np.float64], drawn: tuple[Bools, Bools]
) -> NDArray[np.int64]:
    """Divide the labels by the rate at which they were drawn.

    parts: what the certificate covers; with the calibration items above the threshold; and what lies below it.
    drawn: by the calibration sample, and by the audit.

    At and above the threshold the audit was drawn from what the calibration sample had left over: both together are one
    random sample of that part, and stay so whatever is taken back from it later. Below it the calibration sample stands
    alone. The threshold lies where that sample made it lie, which flatters what is above and blackens what is below; in
    the sum that cancels. So either both parts are estimated whole, whatever people have reviewed since, or the audit
    speaks alone of what is covered, and below only what people have not looked through is estimated: whichever is the
    sharper, by the numbers drawn. (In simulations the 95% interval of a data set that was reviewed down to the
    threshold missed in up to 12% where the calibration items above it were taken for a random sample by themselves.)
    """
    covered, above, rest = parts
    calibrated, audited = drawn
    known_score = np.nan_to_num(score, nan=-np.inf)
    open_rest = rest & unknown
    nobody = np.zeros(len(score), dtype=np.bool_)
    left = rest & (known_score >= known_score[open_rest].min()) if open_rest.any() else nobody
    covered = covered if (covered & unknown).any() else nobody
    whole = _doubt(above, calibrated | audited, _ABOVE) + _doubt(rest, calibrated, _BELOW)
    apart = _doubt(covered, audited, _ABOVE) + _doubt(left, calibrated, _BELOW)
    stratum = np.full(len(score), COUNTED, dtype=np.int64)
    if covered.any() or left.any():
        upper, lower = (covered, left) if apart < whole else (above, rest)
        stratum[upper], stratum[lower] = COVERED, REST
    return stratum


def _doubt(part: Bools, drawn: Bools, spread: float) -> float:
    """Foresee the variance of a part's total, by counts alone; infinite where too little was drawn to say anything."""
    size, n = int(part.sum()), int((part & drawn).sum())
    if n == size:
        return 0.0
    return float("inf") if n < _FEWEST else spread * size**2 * (1 / n - 1 / size)
