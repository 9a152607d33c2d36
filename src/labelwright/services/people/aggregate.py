"""Settle the label of record of every (item, question)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace

import numpy as np

from labelwright.domain.canonical import Json
from labelwright.domain.decision import Decision, Resolution, ResolutionStatus
from labelwright.domain.ids import ItemKey, ProjectId, QuestionName
from labelwright.domain.project import Project, Question, ShowWhen
from labelwright.events import ItemsResolved, RunFinished, RunStarted
from labelwright.ports.storage import Storage, Views
from labelwright.ports.world import World
from labelwright.services.acceptance.certified import certified
from labelwright.services.models.score import scored_pool
from labelwright.services.people.consensus import Consensus, consensus, of_record, readable
from labelwright.services.people.requeue import answered_anew
from labelwright.services.projects.project_of import project_of
from labelwright.tasks.protocol import Task
from labelwright.tasks.registry import bind

CHUNK = 1000


@dataclass(frozen=True, slots=True)
class AggregateReport:
    """Counts of labels of record per question and status; `n_changed` is what this call settled anew."""

    n_changed: int
    statuses: dict[str, dict[str, int]]


def aggregate(project: ProjectId, *, storage: Storage, world: World) -> AggregateReport:
    """Resolve each (item, question): people's answers first, then the accepted, then the model's bare word.

    People's votes are taken by majority, whatever they were asked for (calibration, audit, review); where some were
    blind, those alone.  Statuses:
    `consensus` (several agree), `human-verified` (one person), `bulk-accepted` (a model's label that a person took over
    with many others), `auto-accepted` (by certificate), `unverified` (a
    model's label that nobody checked and no certificate covers), `unresolved` (no label at all), `not-applicable`
    (the label of record of the question it depends on does not meet its condition).
    Once a certificate is void, what it had accepted is unverified again.
    Appends: ItemsResolved, for those that changed.  Idempotent.
    """
    with storage.reading() as views:
        current = project_of(views, project)
        before = {(r.item, r.question): r for r in views.resolutions(project)}
        fresh = [r for r in _resolve(views, current) if before.get((r.item, r.question)) != r]
    if fresh:
        run = world.new_id()
        provenance = world.provenance(run=run)
        storage.write(lambda tx: tx.append([RunStarted(project, run, "aggregate", {})], provenance))
        for first in range(0, len(fresh), CHUNK):
            event = ItemsResolved(project, run, tuple(fresh[first : first + CHUNK]))
            storage.write(lambda tx, event=event: tx.append([event], provenance))
        finished = RunFinished(project, run, {"resolved": len(fresh)})
        storage.write(lambda tx: tx.append([finished], provenance))
    with storage.reading() as views:
        return AggregateReport(len(fresh), views.resolution_counts(project))


def _resolve(views: Views, project: Project) -> Iterator[Resolution]:
    decided = {(d.item, d.question): d for d in views.decisions(project.id)}
    depended_on = {q.show_when.question for q in project.config.schema.questions if q.show_when is not None}
    settled: dict[str, dict[int, Resolution]] = {}
    for question in project.config.schema.questions:
        for resolution in _of_question(views, project, question, decided, settled):
            if question.name in depended_on:
                settled.setdefault(question.name, {})[resolution.item] = resolution
            yield resolution


def _of_question(
    views: Views,
    project: Project,
    question: Question,
    decided: Mapping[tuple[ItemKey, QuestionName], Decision],
    settled: Mapping[str, Mapping[int, Resolution]],
) -> Iterator[Resolution]:
    """Settle one question.  settled: the labels of those before it that another one depends on."""
    when, joint = question.show_when, project.config.policy.cooperation == "joint"
    task = bind(question)
    answers = answered_anew(views, project.id, views.annotations(project.id, question=question.name))
    people = consensus(task, of_record(readable(task, answers)))
    keys = views.item_keys(project.id)
    pool = scored_pool(views, project.id, project.config, question.name) if project.config.models else None
    in_force = certified(views, project, question.name) if project.config.models else None
    covered: set[int] = set() if in_force is None else set(map(int, in_force.pool.item[in_force.accepted]))
    certificate = None if in_force is None else str(in_force.certificate["id"])
    for i, key in enumerate(np.asarray(keys).tolist()):
        pair = (ItemKey(key), question.name)
        hidden = None if when is None else _hidden(when, settled[when.question][key])
        if hidden is not None:
            yield Resolution(*pair, None, hidden, None, "none", (), {})
        elif key in people:
            own = pool.value[i] if joint and pool is not None and pool.is_valid[i] else None
            yield _by_people(pair, _with_the_model(task, people[key], own))
        elif pool is None or not pool.is_valid[i]:
            yield Resolution(*pair, None, "unresolved", None, "none", (), {})
        else:
            decision = decided.get(pair)
            is_accepted = key in covered and decision is not None and decision.route in ("accept", "audit")
            yield _by_model(
                pair,
                pool.value[i],
                int(pool.prediction[i]),
                decision=decision,
                certificate=certificate if is_accepted else None,
            )


def _hidden(when: ShowWhen, parent: Resolution) -> ResolutionStatus | None:
    """Say how a question stands whose condition is not met; None = it is, and the question has a label of its own."""
    if parent.value is None:
        return parent.status
    return None if when.is_met_by(parent.value) else "not-applicable"


def _by_people(pair: tuple[ItemKey, QuestionName], found: Consensus) -> Resolution:
    status: ResolutionStatus = "consensus" if len(found.voters) > 1 and not found.is_tied else "human-verified"
    if found.is_bulk:
        status = "bulk-accepted"
    evidence = {"share": round(found.share, 6), "tied": found.is_tied}
    return Resolution(*pair, found.value, status, None, found.method, found.voters, evidence)


def _with_the_model(task: Task[object], found: Consensus, own: Json) -> Consensus:
    """Let the model's own answer decide between two people who differ, where all three answered by themselves."""
    if own is None or not found.is_tied or len(found.voters) != 2:
        return found
    value = task.dump(task.parse(own))
    if all(task.distance(task.parse(value), task.parse(one)) > task.tolerance for one in found.said):
        return found
    return replace(found, value=value, method="two of three, the model among them")


def _by_model(
    pair: tuple[ItemKey, QuestionName],
    value: Json,
    prediction: int,
    *,
    decision: Decision | None,
    certificate: str | None,
) -> Resolution:
    return Resolution(
        item=pair[0],
        question=pair[1],
        value=value,
        status="unverified" if certificate is None else "auto-accepted",
        probability=None if decision is None else decision.probability,
        method="the model's label, unchecked" if certificate is None else "certified acceptance",
        voters=(f"prediction:{prediction}",),
        evidence={} if certificate is None else {"certificate": certificate},
    )
