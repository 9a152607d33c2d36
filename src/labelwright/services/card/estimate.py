"""How accurate the data set is as it stands: every label of record, with an exact interval, part by part."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, cast

import numpy as np
from numpy.typing import NDArray

from labelwright.domain.annotation import Annotation
from labelwright.domain.canonical import Json
from labelwright.domain.project import Project, Question
from labelwright.methods.estimation.wrong_left import WrongLeft, wrong_left
from labelwright.ports.storage import Views
from labelwright.services.acceptance.certified import Certified, certified
from labelwright.services.models.score import ScoredPool, scored_pool
from labelwright.services.people.by_themselves import individual
from labelwright.services.people.consensus import Consensus, consensus, of_record, readable, wrong_against
from labelwright.tasks.protocol import Task
from labelwright.tasks.registry import bind

DELTA = 0.05
EXACT = "exact intervals for finite pools, of all parts together"
"""The method of a figure that the card does not have."""


@dataclass(frozen=True, slots=True)
class _Part:
    """Labels that share an origin. n_sampled, n_wrong: what a random sample of the same origin showed."""

    name: str
    basis: str
    n_sampled: int
    n_wrong: int
    left: WrongLeft


def estimate(task: Task[object], in_force: Certified, now: ScoredPool, answers: list[Annotation]) -> dict[str, Json]:
    """Estimate the share of wrong labels of record, people's answers being the measure.

    Three exact intervals, each at a third of the 5%, so that all hold together: the model's errors in the whole pool,
    from the calibration sample; in the accepted part, from the blind audit; in the unverified part, from calibration
    items of the same scores. A drawn item that was never answered, though people came past it, counts as right for the
    low end and as wrong for the high one. What was recalled was chosen because of what the audit saw, so no sample
    speaks of it by itself. What people mended is taken off, and each interval narrows the others. People's labels count
    as right: what their own errors add, where they can be estimated, stands beside it. Labels that no sample speaks of
    may all be right or all wrong.
    now: the pool as it is today, with what came after the freeze.
    """
    view = _View(task, in_force, answers)
    n_people = int(np.count_nonzero(np.isin(now.item, view.people)))
    n_unresolved = int(np.count_nonzero(~now.is_valid & ~np.isin(now.item, view.people)))
    n_labelled = len(now.item) - n_unresolved
    whole, own = view.whole(), [view.accepted(), view.unverified(), view.recalled()]
    n_free = n_labelled - n_people - whole.n_left
    low = max(whole.low, sum(part.left.low for part in own))
    high = max(low, min(whole.high, sum(part.left.high for part in own)) + n_free)
    modelled = own
    for place in range(len(own)):
        modelled = [
            _narrowed(part, whole, [*modelled[:place], *modelled[place + 1 :]]) if at == place else part
            for at, part in enumerate(modelled)
        ]
    expected = min(max(low, sum(part.left.estimate for part in modelled) + n_free), high)
    people = _Part("people", "taken as right", 0, 0, WrongLeft(n_people, 0, 0.0, 0))
    unknown = _Part(
        "not sampled", "nothing: no sample speaks of them", 0, 0, WrongLeft(n_free, 0, float(n_free), n_free)
    )
    share = 1 / max(n_labelled, 1)
    return {
        "n_labelled": n_labelled,
        "n_unresolved": n_unresolved,
        "n_unanswered": view.n_unanswered,
        "confidence_level": 1 - DELTA,
        "error": expected * share,
        "error_low": low * share,
        "error_high": high * share,
        "accuracy": 1 - expected * share,
        "accuracy_low": 1 - high * share,
        "accuracy_high": 1 - low * share,
        "method": EXACT,
        **_noise(in_force.certificate["noise"], view.n_alone, n_people, n_labelled),
        "parts": [_as_json(part) for part in (people, *modelled, unknown) if part.left.n_left],
    }


def estimated(views: Views, project: Project, question: Question) -> dict[str, Json] | None:
    """Estimate one question of a project; None while no certificate is in force."""
    in_force = certified(views, project, question.name) if project.config.models else None
    if in_force is None:
        return None
    task = bind(question)
    now = scored_pool(views, project.id, project.config, question.name)
    return estimate(task, in_force, now, readable(task, views.annotations(project.id, question=question.name)))


def as_on_card(estimate: Mapping[str, Json], card: Mapping[str, Any]) -> dict[str, Json]:
    """Give an estimate with the card's figures wherever the card has them, so that both say the same.

    The card uses more of what is known and each of its intervals holds by itself; what it leaves open keeps the
    estimate's own, which hold together. So does a part that the card counts otherwise: what was recalled stands among
    its unverified labels. `method` says of the whole and of each part which it is.
    """
    overall = card["accuracy"]["overall"]
    if overall is None:
        return dict(estimate)
    known = {(row["origin"], row["n"]): row["accuracy"] for row in card["accuracy"]["by_origin"]}
    parts = cast("Sequence[Mapping[str, Json]]", estimate["parts"])
    return {
        **estimate,
        "accuracy": overall["value"],
        "accuracy_low": overall["low"],
        "accuracy_high": overall["high"],
        **_errors(overall),
        "parts": [{**part, **_errors(known.get((part["part"], part["n"])))} for part in parts],
    }


def _errors(accuracy: Mapping[str, Any] | None) -> dict[str, Json]:
    if accuracy is None:
        return {}
    return {
        "error": 1 - accuracy["value"],
        "error_low": 1 - accuracy["high"],
        "error_high": 1 - accuracy["low"],
        "method": accuracy["method"],
    }


class _View:
    """One question's pool with what people said about it; masks are over the frozen pool."""

    def __init__(self, task: Task[object], in_force: Certified, answers: list[Annotation]) -> None:
        pool, said = in_force.pool, consensus(task, of_record(individual(answers)))
        self.people = np.array(sorted(said), dtype=np.int64)
        self.n_alone = sum(len(found.voters) == 1 for found in said.values())
        by_people = np.isin(pool.item, self.people)
        number = in_force.plan["frozen"]["round"]
        blind = [a for a in answers if a.purpose in ("calibration", "audit") and a.round == number and a.is_blind]
        sample = np.zeros(len(pool.item), dtype=np.bool_)
        sample[in_force.sample] = True
        self._sample = sample & pool.is_valid
        answered = np.array([a.item for a in blind if a.purpose == "audit"], dtype=np.int64)
        self._audited, self._passed_over = in_force.audited(answered), in_force.unanswered(answered)
        calibrated = np.array([a.item for a in blind if a.purpose == "calibration"], dtype=np.int64)
        self._unanswered = self._sample & ~np.isin(pool.item, calibrated)
        self._recalled = in_force.covered & ~in_force.accepted
        # Of the samples, the blind answers alone are evidence: which items people come back to later is not left to
        # chance. An item of the calibration sample without an answer counts as wrong, as in the certificate.
        drawn = sample | self._audited
        self._wrong = _wrong(task, in_force, consensus(task, blind), drawn)
        self._wrong |= _wrong(task, in_force, said, by_people & ~drawn)
        self._valid, self._accepted = pool.is_valid, in_force.accepted
        self._left = pool.is_valid & ~by_people & ~sample
        self._region = _region(in_force, self._left & ~in_force.covered)

    @property
    def n_unanswered(self) -> int:
        """Count the drawn items that people passed over."""
        return int(self._passed_over.sum() + self._unanswered.sum())

    def whole(self) -> WrongLeft:
        """Say what the calibration sample says of all labels in the pool that nobody has checked."""
        return self._bounded(self._valid, self._sample, self._left)

    def accepted(self) -> _Part:
        """Say what the audit says; nothing while there is none."""
        left = self._bounded(
            self._accepted, self._audited, self._left & self._accepted, n_missing=int(self._passed_over.sum())
        )
        n_audited = int(self._audited.sum())
        basis = "blind audit" if n_audited else "calibration sample"
        return _Part("accepted", basis, n_audited, int((self._audited & self._wrong).sum()), left)

    def unverified(self) -> _Part:
        """Say what the calibration items of the same scores say."""
        sample = self._sample & self._region
        left = self._bounded(self._region, sample, self._left & ~self._accepted & ~self._recalled)
        basis = "calibration items of the same scores"
        return _Part("unverified", basis, int(sample.sum()), int((sample & self._wrong).sum()), left)

    def recalled(self) -> _Part:
        """Give what was taken back and waits for people: any of it may be wrong."""
        n = int((self._left & self._recalled).sum())
        basis = "what the other parts leave: it was chosen by what the audit saw"
        return _Part("recalled", basis, 0, 0, WrongLeft(n, 0, float(n), n))

    def _bounded(
        self,
        population: NDArray[np.bool_],
        sample: NDArray[np.bool_],
        left: NDArray[np.bool_],
        *,
        n_missing: int = 0,
    ) -> WrongLeft:
        return wrong_left(
            int(population.sum()),
            int(sample.sum()),
            int((sample & self._wrong).sum()),
            n_mended=int((population & ~sample & self._wrong).sum()),
            n_left=int(left.sum()),
            delta=DELTA / 3,
            n_missing=n_missing,
            n_maybe_right=int((sample & self._unanswered).sum()),
        )


def _wrong(
    task: Task[object], in_force: Certified, people: Mapping[int, Consensus], mask: NDArray[np.bool_]
) -> NDArray[np.bool_]:
    """Mark those in a mask where the model differs from people, or nobody answered; (N,)."""
    pool, places = in_force.pool, np.flatnonzero(mask)
    found = np.zeros(len(pool.item), dtype=np.bool_)
    found[places] = wrong_against(
        task, [pool.value[i] for i in places], pool.is_valid[places], pool.item[places], people
    )
    return found


def _region(in_force: Certified, unverified: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """Give the valid labels under their threshold that score at least as high as the lowest unverified one."""
    pool = in_force.pool
    score = np.nan_to_num(pool.score, nan=-np.inf)
    lowest = score[unverified].min(initial=np.inf)
    return pool.is_valid & (score >= lowest) & ~in_force.above


def _narrowed(part: _Part, whole: WrongLeft, others: Sequence[_Part]) -> _Part:
    """Narrow a part's interval by what the whole and the other parts leave to it."""
    own = part.left
    high = max(own.low, min(own.high, whole.high - sum(other.left.low for other in others)))
    low = min(high, max(own.low, whole.low - sum(other.left.high for other in others)))
    expected = own.estimate if part.n_sampled else _by_what_others_leave(part, whole, others)
    return replace(part, left=WrongLeft(own.n_left, low, float(min(max(low, expected), high)), high))


def _by_what_others_leave(part: _Part, whole: WrongLeft, others: Sequence[_Part]) -> float:
    """Guess at a part without a sample of its own: what sampled parts leave of the whole, spread evenly."""
    left = whole.estimate - sum(other.left.estimate for other in others if other.n_sampled)
    n_alike = part.left.n_left + sum(other.left.n_left for other in others if not other.n_sampled)
    return left * part.left.n_left / max(n_alike, 1)


def _noise(noise: Mapping[str, float | None], n_alone: int, n_people: int, n_labelled: int) -> dict[str, Json]:
    """Say how much more is wrong by the people's own errors; None where they cannot be estimated."""
    one, several = noise["vote_error"], noise["consensus_error"]
    wrong = None if one is None or several is None else n_alone * one + (n_people - n_alone) * several
    return {
        "n_by_one_person": n_alone,
        "one_persons_error": one,
        "consensus_error": several,
        "error_of_people": None if wrong is None else wrong / max(n_labelled, 1),
    }


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
        "method": EXACT,
    }
