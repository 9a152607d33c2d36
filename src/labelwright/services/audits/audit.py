"""The live audit: what the blind random sample says of the accepted labels, at every moment, however often one looks.

The rule of the sequence: it runs in the order in which the items were *drawn*, never in the order of the answers, since
what is answered late may be what is hard.  Where an answer is still missing before one that is there, the missing one
counts as right for the lower end and as wrong for the upper: whatever it turns out to be, the interval holds.
Items that were drawn at different rates are counted by batch (`methods.auditing.stratified`).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import accumulate
from typing import Any, cast

import numpy as np
from numpy.typing import NDArray

from labelwright.domain.annotation import Annotation
from labelwright.domain.canonical import Json
from labelwright.domain.project import Project, Question
from labelwright.methods.auditing import (
    running_intersection,
    slices_to_recall,
    stratified_pool_evidence,
    stratified_pool_interval,
)
from labelwright.methods.estimation import Interval
from labelwright.methods.routing import tolerated_wrong
from labelwright.ports.storage import Views
from labelwright.services.acceptance.certified import Certified, allowed_share_wrong, certified
from labelwright.services.audits.audit_slices import Slicing, slicings
from labelwright.services.audits.audit_words import audit_in_words, inclusion_in_words, method_in_words
from labelwright.services.audits.recalled import all_recalls, recall_as_json
from labelwright.services.people.consensus import consensus, readable, wrong_against
from labelwright.tasks.protocol import Task
from labelwright.tasks.registry import bind

MOST_LOOKS = 200
MOST_LOOKS_OVER_BATCHES = 60
MOST_SLICES_SHOWN = 40

Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]


@dataclass(frozen=True, slots=True, eq=False)
class AuditEvidence:
    """The sample of one question in drawn order, as far as it is answered; arrays of length T.

    drawn: positions among the accepted.  known: answered; the last one is.  wrong: the model differs from people; false
    where not known.  at: when it was answered, "" where it is not.
    stratum: (N,) the batch of every accepted item, and sizes: (H,) their sizes.  n_drawn: of the whole sample.
    target_error, delta: what is tested, and at what level; 1 where the certificate limits no share of wrong labels.
    """

    accepted: Ints
    drawn: Ints
    known: Bools
    wrong: Bools
    at: tuple[str, ...]
    stratum: Ints
    sizes: Ints
    n_drawn: int
    target_error: float
    delta: float

    @property
    def mixture(self) -> tuple[float, float]:
        """Beta(a, b) with the mean at twice the target, nearly: where errors must be told from the target soonest."""
        return 1.0, 0.5 / self.target_error

    def counts(self, here: Bools | None = None) -> tuple[Ints, Ints, Ints, Ints]:
        """Count by batch after each drawn item: wrong at least, wrong at most, drawn, all (T, H); and the sizes, (H,).

        here: (N,) a part of the accepted; None = all.  Batches without items of the part are left out.
        """
        inside = np.ones(len(self.accepted), dtype=np.bool_) if here is None else here
        names, code = np.unique(self.stratum[inside], return_inverse=True)
        sizes = np.bincount(code, minlength=len(names)).astype(np.int64)
        is_of = inside[self.drawn][:, None] & (self.stratum[self.drawn][:, None] == names[None, :])
        least = np.cumsum(is_of & self.wrong[:, None], axis=0)
        most = np.cumsum(is_of & (self.wrong | ~self.known)[:, None], axis=0)
        return least, most, np.cumsum(is_of, axis=0), sizes

    def interval(self, rows: Ints, here: Bools | None = None, *, delta: float | None = None) -> Interval:
        """Bound the share of wrong ones after these many drawn items, less one (rows of `counts`)."""
        least, most, trials, sizes = self.counts(here)
        a, b = self.mixture
        level = self.delta if delta is None else delta
        low = stratified_pool_interval(least[rows], trials[rows], n_pool=sizes, delta=level, a=a, b=b)
        if np.array_equal(least[rows], most[rows]):
            return low
        high = stratified_pool_interval(most[rows], trials[rows], n_pool=sizes, delta=level, a=a, b=b)
        return Interval(low.low, high.high)


def audit_evidence(
    task: Task[object], in_force: Certified, answers: Sequence[Annotation], *, level: float
) -> AuditEvidence:
    """Lay the blind answers over the sample that speaks of what is accepted now.

    answers: all of the question; only those given blind, for the audit and in this round count.
    """
    pool, stream = in_force.pool, in_force.audit
    number = in_force.plan["frozen"]["round"]
    blind = readable(task, [a for a in answers if a.purpose == "audit" and a.round == number and a.is_blind])
    people = consensus(task, blind)
    when: dict[int, str] = {}
    for one in blind:
        when[int(one.item)] = max(when.get(int(one.item), ""), one.created_at)
    items = stream.accepted[stream.drawn]
    known = np.isin(items, np.array(sorted(people), dtype=np.int64))
    last = int(np.flatnonzero(known)[-1]) + 1 if known.any() else 0
    drawn, items, known = stream.drawn[:last], items[:last], known[:last]
    place = np.flatnonzero(in_force.accepted)[drawn]
    wrong = np.zeros(last, dtype=np.bool_)
    wrong[known] = wrong_against(
        task, [pool.value[i] for i in place[known]], pool.is_valid[place[known]], items[known], people
    )
    _, code = np.unique(stream.batch, return_inverse=True)
    return AuditEvidence(
        accepted=stream.accepted,
        drawn=drawn,
        known=known,
        wrong=wrong,
        at=tuple(when.get(int(item), "") for item in items),
        stratum=code.astype(np.int64),
        sizes=np.bincount(code).astype(np.int64),
        n_drawn=len(stream.drawn),
        target_error=allowed_share_wrong(in_force.certificate),
        delta=round(1 - level, 12),
    )


def audit_report(
    views: Views, project: Project, task: Task[object], question: str, in_force: Certified
) -> dict[str, Json] | None:
    """Say what the audit of a question has found; None while nothing is accepted, or drawn.

    Its intervals and its alarm hold at every look together: the chance that any of them is ever wrong is 1 − level.
    """
    recalls = [one for one in all_recalls(views, project.id) if one.question == question]
    stands = [one for one in recalls if one.undone_by is None and one.plan == in_force.plan["plan"]]
    if not len(in_force.audit.drawn) and not stands:
        return None
    answers = views.annotations(project.id, question=question, purpose="audit")
    evidence = audit_evidence(task, in_force, answers, level=project.config.audit.level)
    rows, alarm = _looks(evidence)
    found = running_intersection(evidence.interval(rows)) if len(rows) else Interval(np.zeros(0), np.ones(0))
    sequence = _sequence(evidence, rows, found)
    parts = _parts(views, project, in_force)
    rings = _alarm(evidence, rows, found, sequence, alarm)
    n_not_blind = _not_blind(in_force, answers, evidence)
    n_population, n_checked, n_wrong = len(evidence.accepted), int(evidence.known.sum()), int(evidence.wrong.sum())
    last = sequence[-1] if sequence else None
    return {
        "n_drawn": evidence.n_drawn,
        "n_checked": n_checked,
        "n_wrong": n_wrong,
        "n_not_blind": n_not_blind,
        "n_population": n_population,
        "error": None if last is None else last["error"],
        "low": None if last is None else last["low"],
        "high": None if last is None else last["high"],
        "breaks_target": None if last is None else rings is not None,
        "level": project.config.audit.level,
        "target_error": evidence.target_error,
        "method": method_in_words(len(evidence.sizes)),
        "sentence": audit_in_words(
            n_checked=n_checked,
            n_wrong=n_wrong,
            n_population=n_population,
            interval=None if last is None else (cast("float", last["low"]), cast("float", last["high"])),
            target_error=evidence.target_error,
            level=project.config.audit.level,
            alarm_at=None if rings is None else cast("int", rings["since_n"]),
            n_not_blind=n_not_blind,
        ),
        "sequence": cast("Json", sequence),
        "alarm": rings,
        "slices": cast("Json", _slices(evidence, parts)),
        "proposal": _proposal(evidence, parts, is_alarmed=rings is not None),
        "recalled": {
            "n_items": sum(one.n_items for one in stands),
            "reason": stands[-1].reason if stands else None,
            "recall": stands[-1].id if stands else None,
        },
        "recalls": [recall_as_json(one, holds=one in stands) for one in recalls],
        "inclusion": _inclusion(in_force, n_batches=len(evidence.sizes)),
    }


def audits(views: Views, project: Project, question: str | None = None) -> dict[str, dict[str, Json] | None]:
    """Give the audit of each question, or of one."""
    found: dict[str, dict[str, Json] | None] = {}
    for asked in project.config.schema.questions:
        if question is None or asked.name == question:
            found[asked.name] = audit_now(views, project, asked)
    return found


def audit_now(views: Views, project: Project, question: Question) -> dict[str, Json] | None:
    """Give the audit of a question; None while no certificate is in force, or nothing is accepted."""
    in_force = certified(views, project, question.name) if project.config.models else None
    return None if in_force is None else audit_report(views, project, bind(question), question.name, in_force)


def accepted_parts(views: Views, project: Project, in_force: Certified) -> list[Slicing]:
    """Divide what is accepted now into slices."""
    return _parts(views, project, in_force)


def _not_blind(in_force: Certified, answers: Sequence[Annotation], evidence: AuditEvidence) -> int:
    """Count the drawn items that only people answered who had seen a label of theirs: they count as not answered."""
    number = in_force.plan["frozen"]["round"]
    drawn = set(in_force.audit.accepted[in_force.audit.drawn].tolist())
    known = set(evidence.accepted[evidence.drawn[evidence.known]].tolist())
    return len({int(a.item) for a in answers if a.round == number and not a.is_blind} & drawn - known)


def _looks(evidence: AuditEvidence) -> tuple[Ints, int | None]:
    """Give the rows to look at, all answered, and the row at which the alarm rings first.

    With one batch every answer is tried for the alarm; over several, those that are looked at.
    """
    answered = np.flatnonzero(evidence.known)
    if not len(answered):
        return answered, None
    least, _, trials, sizes = evidence.counts()
    most = MOST_LOOKS if len(sizes) == 1 else MOST_LOOKS_OVER_BATCHES
    rows = answered[np.unique(np.linspace(0, len(answered) - 1, most).round().astype(np.int64))]
    tried = answered if len(sizes) == 1 else rows
    allowed = float(tolerated_wrong(int(sizes.sum()), evidence.target_error))
    a, b = evidence.mixture
    against = stratified_pool_evidence(least[tried], trials[tried], n_pool=sizes, at_most=allowed, a=a, b=b)
    crossed = np.flatnonzero(against >= -np.log(evidence.delta))
    if not len(crossed):
        return rows, None
    first = int(tried[crossed[0]])
    return np.unique(np.append(rows, first)), first


def _sequence(evidence: AuditEvidence, rows: Ints, found: Interval) -> list[dict[str, Json]]:
    n, wrong = np.cumsum(evidence.known), np.cumsum(evidence.wrong)
    latest = list(accumulate(evidence.at, max))
    return [
        {
            "n": int(n[row]),
            "n_wrong": int(wrong[row]),
            "error": float(wrong[row] / n[row]),
            "low": float(found.low[look]),
            "high": float(found.high[look]),
            "at": latest[row],
        }
        for look, row in enumerate(rows.tolist())
    ]


def _alarm(
    evidence: AuditEvidence, rows: Ints, found: Interval, sequence: list[dict[str, Json]], first: int | None
) -> dict[str, Json] | None:
    if first is None:
        return None
    look = int(np.searchsorted(rows, first))
    point = sequence[look]
    return {
        "since_n": point["n"],
        "at": point["at"],
        "lower_bound": float(found.low[-1]),
        "target": evidence.target_error,
        "sentence": (
            f"More than {100 * evidence.target_error:.6g}% of the accepted labels are wrong: at least "
            f"{100 * found.low[-1]:.1f}%, with {100 * (1 - evidence.delta):.6g}% confidence. It has been known since "
            f"answer {point['n']:,} of the audit."
        ),
    }


def _parts(views: Views, project: Project, in_force: Certified) -> list[Slicing]:
    place = np.flatnonzero(in_force.accepted)
    pool = in_force.pool
    return slicings(views, project, pool.item[place], [pool.value[i] for i in place], pool.score[place])


def _slices(evidence: AuditEvidence, parts: Sequence[Slicing]) -> list[dict[str, Json]]:
    """Bound every slice that has answers; δ is split over all slices there are, so that they hold together."""
    if not len(evidence.drawn):
        return []
    delta = evidence.delta / max(sum(len(one.words) for one in parts), 1)
    last = np.array([len(evidence.drawn) - 1])
    found: list[dict[str, Json]] = []
    for one in parts:
        for place in range(len(one.words)):
            here = one.code == place
            answered = here[evidence.drawn] & evidence.known
            n = int(answered.sum())
            if not n:
                continue
            interval = evidence.interval(last, here, delta=delta)
            low, size = float(interval.low[0]), int(here.sum())
            found.append(
                {
                    "slice": one.part(place),
                    "n": n,
                    "n_wrong": int((answered & evidence.wrong).sum()),
                    "n_accepted": size,
                    "low": low,
                    "high": float(interval.high[0]),
                    "alarm": bool(round(low * size) > tolerated_wrong(size, evidence.target_error)),
                }
            )
    found.sort(key=lambda one: (-cast("float", one["low"]), -cast("int", one["n_wrong"]), str(one["slice"])))
    return found[:MOST_SLICES_SHOWN]


def _proposal(evidence: AuditEvidence, parts: Sequence[Slicing], *, is_alarmed: bool) -> dict[str, Json] | None:
    """Say what should be recalled; None when nothing should, or no share of wrong labels was promised."""
    if not evidence.known.any() or evidence.target_error >= 1:
        return None
    codes: dict[str, Ints] = {one.name: one.code for one in parts}
    codes[""] = np.full(len(evidence.accepted), -1, dtype=np.int64)  # where nothing divides them
    found = slices_to_recall(
        codes,
        evidence.drawn,
        evidence.wrong,
        target_error=evidence.target_error,
        delta=evidence.delta,
        strata=evidence.stratum if len(evidence.sizes) > 1 else None,
        is_alarmed=is_alarmed,
    )
    if not found.slices and not found.is_everything:
        return None
    named = {one.name: one for one in parts}
    return {
        "slices": [named[one.slicing].part(one.value) for one in found.slices],
        "everything": found.is_everything,
        "n_items": int(found.items.sum()),
        "error_left": None if np.isnan(found.error_left) else found.error_left,
    }


def _inclusion(in_force: Certified, *, n_batches: int) -> dict[str, Json]:
    stream = in_force.audit
    n = len(stream.accepted)
    draws: list[Any] = [
        {
            "number": draw.number,
            "at": draw.at or None,
            "n": len(draw.items),
            "n_eligible": draw.n_eligible,
            "probability": draw.probability,
        }
        for draw in stream.draws
    ]
    return {
        "design": inclusion_in_words(n_batches),
        "probability": len(stream.drawn) / n if n else 0.0,
        "draws": draws,
        "n_not_drawn_from": int(np.count_nonzero(stream.batch < 0)),
    }
