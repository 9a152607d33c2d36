"""Results that a command computes and others show later: kept in the ledger as a run of their kind."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from labelwright.domain.canonical import Json
from labelwright.domain.ids import ProjectId
from labelwright.events import RunFinished, RunStarted
from labelwright.ports.storage import Storage, Views
from labelwright.ports.world import World


@dataclass(frozen=True, slots=True)
class KeptResult:
    """run: its id.  at: when it was made.  parameters: what was asked.  report: what came out."""

    run: str
    at: str
    parameters: Mapping[str, Json]
    report: Mapping[str, Json]


def keep_result(
    storage: Storage,
    world: World,
    project: ProjectId,
    kind: str,
    *,
    parameters: Mapping[str, Json],
    report: Mapping[str, Json],
) -> str:
    """Append RunStarted and RunFinished in one transaction; give the run's id."""
    run = world.new_id()
    events = [RunStarted(project, run, kind, dict(parameters)), RunFinished(project, run, dict(report))]
    storage.write(lambda tx: tx.append(events, world.provenance(run=run)))
    return run


def newest_result(views: Views, project: ProjectId, kind: str) -> KeptResult | None:
    """Give the newest finished result of a kind; None when there is none."""
    found = [run for run in views.runs(project) if run.kind == kind and run.finished and run.report is not None]
    if not found:
        return None
    newest = found[-1]
    return KeptResult(newest.id, newest.started_at, newest.parameters, newest.report or {})
