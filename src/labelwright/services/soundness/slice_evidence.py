"""What a search for slices rests on: blind answers about randomly drawn items, each with its chance to be drawn."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, cast

import numpy as np
from numpy.typing import NDArray

from labelwright.domain.canonical import Json
from labelwright.domain.project import Project, Question
from labelwright.errors import NotReady
from labelwright.events import CalibrationPlanned
from labelwright.ports.storage import Views
from labelwright.services.acceptance.certified import Certified, certified
from labelwright.services.audits.audit_draws import audit_stream, known_draws
from labelwright.services.models.labeller import learnt_from
from labelwright.services.models.score import ScoredPool, scored_pool
from labelwright.services.people.consensus import consensus, readable, wrong_against
from labelwright.tasks.registry import bind

FEWEST = 60
_EVENTS_AT_ONCE = 1_000


@dataclass(frozen=True, slots=True, eq=False)
class AuditedLabels:
    """n items of one question, by ascending key; arrays of length n.

    said: the model's labels.  truth: what people say.  wrong: whether the two differ by more than is tolerated.
    confidence: nan = unknown.  inclusion: the chance to have been drawn and answered, by all draws together.
    n_calibration, n_audit: how many came by which.  n_tied: left out, since people do not agree on them.
    """

    item: NDArray[np.int64]
    said: list[Json]
    truth: list[Json]
    wrong: NDArray[np.bool_]
    confidence: NDArray[np.float64]
    inclusion: NDArray[np.float64]
    n_calibration: int
    n_audit: int
    n_tied: int

    @property
    def design(self) -> str:
        """Say in words where the answers come from."""
        words = f"{self.n_calibration:,} items drawn at random and labelled blind"
        return words if not self.n_audit else f"{words}, {self.n_audit:,} of a blind random audit of the accepted"


def audited_labels(views: Views, project: Project, question: Question) -> AuditedLabels:
    """Gather the evidence of a question.

    Samples of calibration and of the audit count, blind answers alone; what was reviewed because the model was unsure
    does not. The audit's draws have known chances only while the certificate stands: without it, calibration counts.
    An item without a valid label of the model is left out: nothing was said of it that could be wrong. So are answers
    under another guideline, which may have been right then, and items that a combined label was learnt from.
    Raises: NotReady, when there are fewer than 60 such answers.
    """
    task = bind(question)
    pool = scored_pool(views, project.id, project.config, question.name)
    version, learnt = project.config.guideline.version, learnt_from(views, project)
    blind = [
        a
        for a in readable(task, views.annotations(project.id, question=question.name))
        if a.purpose in ("calibration", "audit")
        and a.is_blind
        and a.guideline_version == version
        and int(a.item) not in learnt
    ]
    in_force = certified(views, project, question.name)
    by_calibration = {int(a.item) for a in blind if a.purpose == "calibration"}
    by_audit = {int(a.item) for a in blind if a.purpose == "audit"} if in_force is not None else set[int]()
    people = consensus(task, [a for a in blind if int(a.item) in by_calibration | by_audit])
    chance = _calibration_chance(views, project, pool, [a.round for a in blind if a.purpose == "calibration"])
    if in_force is not None:
        chance, drawn = _with_audit(views, project, in_force, pool=pool, chance=chance, answered=by_audit)
        by_audit &= drawn
    kept = np.array(
        [
            place
            for place, key in enumerate(pool.item.tolist())
            if key in people
            and not people[key].is_tied
            and pool.is_valid[place]
            and (key in by_calibration or key in by_audit)
            and chance[place] > 0
        ],
        dtype=np.int64,
    )
    if len(kept) < FEWEST:
        raise NotReady(
            f"{len(kept)} blind answers about randomly drawn items are too few to find where the model is wrong in "
            f"{question.name!r}; {FEWEST} are needed at the least, and 500 and more find slices of a few percent: "
            "label the calibration sample and the audit first (labelwright status)"
        )
    item, said = pool.item[kept], [pool.value[place] for place in kept.tolist()]
    wrong = wrong_against(task, said, pool.is_valid[kept], item, people)
    return AuditedLabels(
        item=item,
        said=said,
        truth=[people[int(key)].value for key in item],
        wrong=wrong,
        confidence=pool.score[kept],
        inclusion=chance[kept],
        n_calibration=sum(int(key) in by_calibration for key in item),
        n_audit=sum(int(key) not in by_calibration for key in item),
        n_tied=sum(one.is_tied for one in people.values()),
    )


def _calibration_chance(views: Views, project: Project, pool: ScoredPool, rounds: list[int]) -> NDArray[np.float64]:
    """Give each item's chance to have been in any calibration sample and answered: 1 − Π(1 − n/N)."""
    answered = {number: rounds.count(number) for number in set(rounds)}
    missed = np.ones(len(pool.item))
    for frozen in _plans(views, project, set(answered)):
        number = int(frozen["round"])
        n_answers = answered[number] / max(int(frozen.get("votes", 1)), 1)
        share = min(n_answers, float(frozen["n"])) / float(frozen["n_pool"])
        eligible = (pool.item <= int(frozen["last_item"])) & ~np.isin(
            pool.item, np.array(frozen["excluded"], dtype=np.int64)
        )
        missed *= np.where(eligible, 1 - share, 1.0)
    return 1 - missed


def _plans(views: Views, project: Project, rounds: set[int]) -> list[Mapping[str, Any]]:
    """Give what the plans of these rounds froze; the ledger is read through only where an older one is wanted."""
    plan = views.plan(project.id)
    found: dict[int, Mapping[str, Any]] = {}
    if plan is not None:
        newest = cast("Mapping[str, Any]", plan["frozen"])
        found[int(newest["round"])] = newest
    after = 0
    while rounds - found.keys():
        window = views.events(after=after, limit=_EVENTS_AT_ONCE)
        if not window:
            break
        after = window[-1].position
        for event in window:
            if event.type == CalibrationPlanned.type and event.body.get("project") == project.id:
                frozen = cast("Mapping[str, Any]", event.body["frozen"])
                found.setdefault(int(frozen["round"]), frozen)
    return [found[number] for number in sorted(rounds & found.keys())]


def _with_audit(
    views: Views,
    project: Project,
    in_force: Certified,
    *,
    pool: ScoredPool,
    chance: NDArray[np.float64],
    answered: set[int],
) -> tuple[NDArray[np.float64], set[int]]:
    """Add the chance to be drawn by the audit. Gives also which items its draws hold.

    The draws speak of all that the certificate covers, whatever has been taken back since. A calibration item that
    would have been accepted had the chance to be drawn too, had the first draw left it over.
    """
    covered = in_force.pool.item[in_force.covered]
    if not len(covered):
        return chance, set()
    draws = known_draws(views, project, in_force.plan, str(in_force.pool.question), covered)
    stream = audit_stream(draws, covered)
    drawn = {int(key) for key in covered[stream.drawn]}
    in_hand = len(drawn & answered) / max(len(drawn), 1)
    second = np.zeros(len(pool.item))
    second[np.searchsorted(pool.item, covered)] = stream.probability * in_hand
    above = np.searchsorted(pool.item, in_force.pool.item[in_force.above & ~in_force.covered])
    second[above] = float(np.mean(stream.probability)) * in_hand
    return 1 - (1 - chance) * (1 - second), drawn
