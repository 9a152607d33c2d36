"""Rehearse a whole project on made-up items: the real services, a real database, simulated people, no network.

The model's answers enter by the events and the call ledger that a real run writes, people's through the same leases
and submissions; only clock and chance are made up. So what a rehearsal breaks, a project would break too.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass, replace
from typing import cast

import numpy as np

from labelwright.domain.annotation import NewPrediction
from labelwright.domain.annotator import Annotator
from labelwright.domain.canonical import Json
from labelwright.domain.ids import ItemKey, ProjectId, QuestionName, RunId
from labelwright.domain.project import (
    CostRates,
    Guideline,
    LabelSchema,
    ModelSource,
    Policy,
    Project,
    ProjectConfig,
    Question,
)
from labelwright.errors import NotReady
from labelwright.events import PredictionsRecorded, RunFinished, RunStarted
from labelwright.ports.calls import CallRecord
from labelwright.ports.storage import Storage, Transaction
from labelwright.ports.world import World
from labelwright.services.acceptance.calibrate import calibrate
from labelwright.services.acceptance.route import route
from labelwright.services.models.project_prompt import project_prompt
from labelwright.services.money.costs import cost_report
from labelwright.services.money.simulate_world import (
    Pool,
    SimulatedWorld,
    SyntheticRows,
    crew_answer,
    draw_pool,
    item_number,
    option_of,
)
from labelwright.services.people import annotate
from labelwright.services.people.aggregate import aggregate
from labelwright.services.people.manage_people import invite
from labelwright.services.projects.import_items import import_items
from labelwright.services.projects.item_rows import FieldMapping
from labelwright.services.projects.manage_project import apply_config
from labelwright.services.projects.project_of import project_of

Tick = Callable[[int, int], None]
MakeStorage = Callable[[], AbstractContextManager[Storage]]

_NAME, _MODEL, _RUN = "rehearsal", "simulated-model", "rehearsal-prelabel"
_CHUNK, _AT_ONCE = 500, 20
_START = 1_767_225_600.0
_PICO_PER_USD = 10**12
_LOG_SPREAD = 0.5


@dataclass(frozen=True, slots=True)
class Rehearsed:
    """What one rehearsal came to. Counts are of items; errors are true ones, since the truth is known.

    is_certified: something was.  is_broken: something was, and more of it is wrong than promised.
    accepted_error: None when nothing was accepted.  n_reviewed: items people saw beside gold and audit.
    """

    seed: int
    is_certified: bool
    is_broken: bool
    n_accepted: int
    accepted_error: float | None
    accuracy: float
    model_accuracy: float
    n_gold: int
    n_audit: int
    n_reviewed: int
    n_unverified: int
    cost: float
    people_hours: float
    weeks: float


def rehearsal_config(world: SimulatedWorld, policy: Policy) -> ProjectConfig:
    """Give the configuration of a rehearsal: one question over the world's labels, the policy as it is."""
    question = Question(QuestionName("label"), "classification", {"labels": list(world.labels)})
    return ProjectConfig(
        schema=LabelSchema(1, (question,)),
        guideline=Guideline(1, "A rehearsal: nobody reads this."),
        policy=policy,
        content_fields=("text",),
        models=(ModelSource(_MODEL, "http://127.0.0.1:9/v1"),),
        costs=CostRates(round(world.crew.wage_per_hour * 1e6), None, world.crew.overhead),
    )


def rehearse_project(
    world: SimulatedWorld, policy: Policy, *, seed: int, make_storage: MakeStorage, tick: Tick | None = None
) -> Rehearsed:
    """Run one project from import to the labels of record.

    policy: its own seed is not looked at.  make_storage: an empty database, let go of at the end.
    tick: told (answers so far, answers there will be at most).
    """
    rng = np.random.default_rng([seed, 31])
    clock = _Clock()
    surroundings = World(
        now=clock.now,
        new_id=lambda: rng.bytes(8).hex(),
        random_bytes=rng.bytes,
        actor="rehearsal",
    )
    pool = draw_pool(world, rng)
    with make_storage() as storage:
        config = rehearsal_config(world, replace(policy, seed=seed))
        project = apply_config(_NAME, config, storage=storage, world=surroundings).project
        assert project is not None  # noqa: S101 - it was made just now
        rows = SyntheticRows(world.n_items)
        import_items(project, rows, storage=storage, world=surroundings, mapping=FieldMapping(id="id", fields={}))
        _predict(storage, surroundings, project, world, pool)
        clock.advance(60 * world.n_items / world.items_per_minute)
        desk = _Desk(
            storage=storage,
            world=surroundings,
            project=project,
            made_up=world,
            pool=pool,
            rng=rng,
            clock=clock,
            people=_invited(storage, surroundings, project, world.crew.n),
            seconds=[0.0] * world.crew.n,
            tick=tick,
            spent=world.model_price * world.n_items,
        )
        calibrate(project, storage=storage, world=surroundings)
        desk.work(money=None)
        report = calibrate(project, storage=storage, world=surroundings)
        if report.state != "certified":
            raise NotReady(f"{report.n_labels:,} of {report.n_labels_wanted:,} calibration answers came in")
        route(project, storage=storage, world=surroundings)
        desk.work(money=world.budget)
        aggregate(project, storage=storage, world=surroundings)
        return _outcome(storage, project, world, pool, seed=seed, desk=desk)


@dataclass(slots=True)
class _Clock:
    at: float = _START

    def now(self) -> float:
        return self.at

    def advance(self, seconds: float) -> None:
        self.at += seconds


def _predict(storage: Storage, around: World, project: ProjectId, world: SimulatedWorld, pool: Pool) -> None:
    """Record the model's answers as a run would: calls in the call ledger, predictions by event."""
    with storage.reading() as views:
        config = project_of(views, project).config
        ids = {item_number(str(id)): key for key, id in views.item_ids(project).items()}
    prompt = project_prompt(config).hash
    provenance = around.provenance(run=_RUN)
    parameters: dict[str, Json] = {"model": _MODEL, "prompt_hash": prompt, "delivery": "live"}
    storage.write(lambda tx: tx.append([RunStarted(project, _RUN, "prelabel", parameters)], provenance))
    price = round(world.model_price * _PICO_PER_USD)
    for first in range(0, world.n_items, _CHUNK):
        numbers = range(first, min(first + _CHUNK, world.n_items))
        calls = [
            CallRecord(
                key=f"{number:032x}",
                project=project,
                run=_RUN,
                item=ids[number],
                item_id=f"s{number:06d}",
                provider="simulated",
                model=_MODEL,
                step=0,
                attempt=0,
                status="ok",
                http_status=200,
                error=None,
                response=b"{}",
                tokens_in=None,
                tokens_out=None,
                tokens_cached=None,
                cost_pico=price,
                latency_ms=0.0,
                created_at=around.timestamp(),
            )
            for number in numbers
        ]
        rows = tuple(
            NewPrediction(
                item=ItemKey(ids[number]),
                question=QuestionName("label"),
                model=_MODEL,
                status="valid",
                value=world.labels[int(pool.said[number])],
                confidence=float(pool.confidence[number]),
                confidence_kind="verbalised",
                signals={},
                problem=None,
                raw=None,
                call_key=f"{number:032x}",
                run=RunId(_RUN),
                schema_version=config.schema.version,
                guideline_version=config.guideline.version,
                prompt_hash=prompt,
            )
            for number in numbers
        )
        event = PredictionsRecorded(project, _RUN, _MODEL, prompt, rows)
        storage.write(lambda tx, calls=calls: tx.record_calls(calls))
        storage.write(lambda tx, event=event: tx.append([event], provenance))
    storage.write(lambda tx: tx.append([RunFinished(project, _RUN, {"predicted": world.n_items})], provenance))


@dataclass(slots=True)
class _Desk:
    """The simulated people at work. seconds: of each so far.  spent: USD of their time and the model's calls."""

    storage: Storage
    world: World
    project: ProjectId
    made_up: SimulatedWorld
    pool: Pool
    rng: np.random.Generator
    clock: _Clock
    people: list[Annotator]
    seconds: list[float]
    tick: Tick | None
    spent: float
    answers: int = 0

    def work(self, *, money: float | None) -> None:
        """Answer until nothing waits, or until one more answer would cost more than is left of `money` in all."""
        with self.storage.reading() as views:
            current = project_of(views, self.project)
        idle, turn = 0, 0
        each = self.made_up.crew.price(shown=True)
        while idle < len(self.people):
            number = turn % len(self.people)
            turn += 1
            count = _AT_ONCE
            if money is not None:
                count = min(count, int((money - self.spent) / each) if each else count)
                if count <= 0:
                    return
            person = self.people[number]

            def shift(tx: Transaction, person: Annotator = person, count: int = count) -> list[float]:
                cards = annotate.lease_next(tx, current, person, count=count, world=self.world)
                return [self._answer(tx, current, card, person) for card in cards]

            taken = self.storage.write(shift)
            idle = 0 if taken else idle + 1
            self.seconds[number] += sum(taken)
            self.spent += sum(taken) * self.made_up.crew.wage_per_hour * (1 + self.made_up.crew.overhead) / 3600
            # They sit side by side: while one works, the others do.
            self.clock.advance(sum(taken) / len(self.people))
            self.answers += len(taken)
            if self.tick is not None and taken:
                self.tick(self.answers, self.made_up.n_items)

    def _answer(self, tx: Transaction, project: Project, card: Mapping[str, Json], person: Annotator) -> float:
        crew, labels = self.made_up.crew, self.made_up.labels
        item = cast("Mapping[str, str]", card["item"])
        number = item_number(item["id"])
        codes = {label: code for code, label in enumerate(labels)}
        suggestions = cast("Mapping[str, Mapping[str, Json]] | None", card["suggestions"])
        shown = None if suggestions is None else option_of(codes, suggestions.get("label", {}).get("value"))
        said = crew_answer(crew, int(self.pool.truth[number]), shown, len(labels), self.rng)
        mean = crew.review_seconds if shown is not None and crew.review_seconds is not None else crew.seconds
        seconds = float(mean * np.exp(_LOG_SPREAD * self.rng.standard_normal() - _LOG_SPREAD**2 / 2))
        annotate.submit(
            tx,
            project,
            person,
            lease=str(card["lease"]),
            answers={"label": labels[said]},
            seconds=round(seconds, 3),
            key=self.world.new_id(),
            world=self.world,
        )
        return seconds


def _invited(storage: Storage, world: World, project_id: ProjectId, n: int) -> list[Annotator]:
    with storage.reading() as views:
        project = project_of(views, project_id)

    def come_in(tx: Transaction) -> list[Annotator]:
        names = [f"simulated person {number + 1}" for number in range(n)]
        return [invite(tx, project, name=name, world=world, kind="simulated").annotator for name in names]

    return storage.write(come_in)


def _outcome(
    storage: Storage, project: ProjectId, world: SimulatedWorld, pool: Pool, *, seed: int, desk: _Desk
) -> Rehearsed:
    """Hold everything against the truth."""
    codes = {label: code for code, label in enumerate(world.labels)}
    with storage.reading() as views:
        config = project_of(views, project).config
        number = {key: item_number(str(id)) for key, id in views.item_ids(project).items()}
        decisions = views.decisions(project)
        resolutions = list(views.resolutions(project))
        cost = cast("Mapping[str, Mapping[str, float]]", cost_report(views, project))["total"]
        answered = {int(a.item): a.purpose for a in views.annotations(project)}
    accepted = [number[d.item] for d in decisions if d.route in ("accept", "audit")]
    wrong = pool.said != pool.truth
    accepted_error = float(wrong[accepted].mean()) if accepted else None
    right = sum(option_of(codes, r.value) == int(pool.truth[number[r.item]]) for r in resolutions)
    target = config.policy.target_error
    purposes = list(answered.values())
    model_hours = world.n_items / world.items_per_minute / 60
    return Rehearsed(
        seed=seed,
        is_certified=bool(accepted),
        is_broken=accepted_error is not None and accepted_error > target + 1e-12,
        n_accepted=len(accepted),
        accepted_error=accepted_error,
        accuracy=right / world.n_items,
        model_accuracy=float(1 - wrong.mean()),
        n_gold=purposes.count("calibration"),
        n_audit=purposes.count("audit"),
        n_reviewed=purposes.count("review"),
        n_unverified=sum(r.status == "unverified" for r in resolutions),
        cost=float(cost["cost"]),
        people_hours=sum(desk.seconds) / 3600,
        weeks=max(desk.seconds) / 3600 / world.crew.hours_per_week + model_hours / 168,
    )
