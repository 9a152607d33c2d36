"""How accurate the data set is as it stands: every label of record, with an exact interval, part by part."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from labelwright.domain.annotation import Annotation
from labelwright.domain.canonical import Json
from labelwright.domain.project import Project, Question
from labelwright.methods.estimation.wrong_left import WrongLeft, wrong_left
from labelwright.methods.routing import tolerated_wrong
from labelwright.ports.storage import Views
from labelwright.services.certified import Certified, certified
from labelwright.services.consensus import consensus, readable, wrong_against
from labelwright.services.score import ScoredPool, scored_pool
from labelwright.tasks.protocol import Task
from labelwright.tasks.registry import bind

DELTA = 0.05


@dataclass(frozen=True, slots=True)
class _Part:
    """Labels that share an origin. n_sampled, n_wrong: what a random sample of the same origin showed."""

    name: str
    basis: str
    n_sampled: int
    n_wrong: int
    delta: float
    left: WrongLeft


def estimate(task: Task[object], in_force: Certified, now: ScoredPool, answers: list[Annotation]) -> dict[str, Json]:
    """Estimate the share of wrong labels of record, people's answers being the measure.

    Accepted: from the blind audit, exactly; before any audit the certificate itself speaks. Unverified: from the
    calibration items of the same scores. People's labels count as right: how often people are wrong themselves is the
    certificate's noise η, and is to be added. Labels that no sample speaks of may all be right or all wrong.
    now: the pool as it is today, with what came after the freeze.
    """
    view = _View(task, in_force, answers)
    n_unresolved = int(np.count_nonzero(~now.is_valid & ~np.isin(now.item, view.people)))
    n_people = int(np.count_nonzero(np.isin(now.item, view.people)))
    n_labelled = len(now.item) - n_unresolved
    n_free = n_labelled - n_people - view.n_accepted_left - view.n_unverified_left
    n_sampled_parts = (view.n_accepted_left > 0 and view.n_audited > 0) + (view.n_unverified_left > 0)
    delta = DELTA / max(n_sampled_parts, 1)
    parts = [part for part in (view.accepted(delta), view.unverified(delta), _unknown(n_free)) if part.left.n_left]
    low, expected, high = (
        sum(getattr(part.left, end) for part in parts) / max(n_labelled, 1) for end in ("low", "estimate", "high")
    )
    noise = in_force.certificate["noise"]["consensus_error"]
    return {
        "n_labelled": n_labelled,
        "n_unresolved": n_unresolved,
        "confidence_level": round(1 - sum(part.delta for part in parts), 12),
        "error": expected,
        "error_low": low,
        "error_high": high,
        "accuracy": 1 - expected,
        "accuracy_low": 1 - high,
        "accuracy_high": 1 - low,
        "people_noise": noise,
        "parts": [
            _as_json(_Part("people", "taken as right", 0, 0, 0.0, WrongLeft(n_people, 0, 0.0, 0))),
            *(_as_json(part) for part in parts),
        ],
    }


def estimated(views: Views, project: Project, question: Question) -> dict[str, Json] | None:
    """Estimate one question of a project; None while no certificate is in force."""
    in_force = certified(views, project, question.name) if project.config.models else None
    if in_force is None:
        return None
    task = bind(question)
    now = scored_pool(views, project.id, project.config, question.name)
    return estimate(task, in_force, now, readable(task, views.annotations(project.id, question=question.name)))


class _View:
    """One question's pool with what people said about it; masks are over the frozen pool."""

    def __init__(self, task: Task[object], in_force: Certified, answers: list[Annotation]) -> None:
        pool, certificate = in_force.pool, in_force.certificate
        said = consensus(task, answers)
        self.people = np.array(sorted(said), dtype=np.int64)
        self._target = float(certificate["target_error"])
        self._certificate_delta = float(certificate["delta"])
        self._accepted = in_force.accepted
        in_sample = np.zeros(len(pool.item), dtype=np.bool_)
        in_sample[in_force.sample] = True
        by_people = np.isin(pool.item, self.people)
        wrong = np.zeros(len(pool.item), dtype=np.bool_)
        known = np.flatnonzero(by_people)
        wrong[known] = wrong_against(task, [pool.value[i] for i in known], pool.is_valid[known], pool.item[known], said)
        number = in_force.plan["frozen"]["round"]
        blind = [a for a in answers if a.round == number and not a.suggestion_shown]
        self._wrong, self._by_people = wrong, by_people
        self._audited = self._accepted & np.isin(pool.item, [a.item for a in blind if a.purpose == "audit"])
        left = pool.is_valid & ~by_people
        self._accepted_left = left & self._accepted
        # A sampled item without an answer counts as wrong, as in the certificate.
        self._sampled_wrong = in_sample & (wrong | ~by_people)
        self._unverified_left = left & ~self._accepted & ~in_sample
        self._region = _region(pool, certificate["threshold"], self._unverified_left)
        self._in_sample = in_sample

    @property
    def n_accepted_left(self) -> int:
        """Accepted labels that nobody has checked."""
        return int(np.count_nonzero(self._accepted_left))

    @property
    def n_unverified_left(self) -> int:
        """Labels outside the certificate that nobody has checked, in the frozen pool."""
        return int(np.count_nonzero(self._unverified_left))

    @property
    def n_audited(self) -> int:
        """Audited labels."""
        return int(np.count_nonzero(self._audited))

    def accepted(self, delta: float) -> _Part:
        """Say what the audit says, or the certificate while there is none."""
        n_left = self.n_accepted_left
        if not self.n_audited:
            high = min(n_left, int(tolerated_wrong(int(self._accepted.sum()), self._target)))
            by_certificate = WrongLeft(n_left, 0, float(high), high)
            return _Part("accepted", "the certificate", 0, 0, self._certificate_delta, by_certificate)
        wrong = self._wrong & self._by_people
        left = _left(self._accepted, self._audited, wrong, n_left=n_left, delta=delta)
        n_wrong = int((self._audited & wrong).sum())
        return _Part("accepted", "blind audit", self.n_audited, n_wrong, delta, left)

    def unverified(self, delta: float) -> _Part:
        """Say what the calibration items of the same scores say."""
        sample = self._in_sample & self._region
        wrong = np.where(self._in_sample, self._sampled_wrong, self._wrong & self._by_people)
        left = _left(self._region, sample, wrong, n_left=self.n_unverified_left, delta=delta)
        basis = "calibration items of the same scores"
        return _Part("unverified", basis, int(sample.sum()), int((sample & wrong).sum()), delta, left)


def _region(pool: ScoredPool, threshold: float | None, unverified: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """Give the valid labels under the threshold that score at least as high as the lowest unverified one."""
    score = np.nan_to_num(pool.score, nan=-np.inf)
    lowest = score[unverified].min(initial=np.inf)
    return pool.is_valid & (score >= lowest) & (score < (np.inf if threshold is None else threshold))


def _left(
    population: NDArray[np.bool_],
    sample: NDArray[np.bool_],
    wrong: NDArray[np.bool_],
    *,
    n_left: int,
    delta: float,
) -> WrongLeft:
    return wrong_left(
        int(population.sum()),
        int(sample.sum()),
        int((sample & wrong).sum()),
        n_mended=int((population & ~sample & wrong).sum()),
        n_left=n_left,
        delta=delta,
    )


def _unknown(n: int) -> _Part:
    return _Part(
        "not sampled", "nothing: they came after the sample was drawn", 0, 0, 0.0, WrongLeft(n, 0, float(n), n)
    )


def _as_json(part: _Part) -> dict[str, Json]:
    left, n = part.left, max(part.left.n_left, 1)
    return {
        "part": part.name,
        "n": left.n_left,
        "basis": part.basis,
        "n_sampled": part.n_sampled,
        "n_wrong": part.n_wrong,
        "error": left.estimate / n,
        "error_low": left.low / n,
        "error_high": left.high / n,
    }
