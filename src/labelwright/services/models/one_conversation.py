"""One conversation with a model while a person waits, or has just gone on: a run of its own, in ledger and budget."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Generic, TypeVar

from labelwright.domain.canonical import Json
from labelwright.domain.ids import RunId
from labelwright.domain.project import ModelSource, Project
from labelwright.errors import LabelwrightError
from labelwright.events import RunFinished, RunStarted
from labelwright.ports.chat import Finished, FlowRunner, RunScope, Work
from labelwright.ports.storage import Transaction
from labelwright.prompting.price import micro_usd
from labelwright.services.models.surroundings import Surroundings, model_price

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Talk:
    """What it is for. kind: of its run.  template, prompt_hash: what is asked by.  about: what else names the run."""

    kind: str
    template: str
    prompt_hash: str
    about: Mapping[str, Json] = field(default_factory=dict[str, Json])


@dataclass(frozen=True, slots=True)
class Held(Generic[T]):
    """outcome: None = it was not brought to an end, for `failure` or for lack of time.

    cost_micro: micro-USD of what was sent now; None = unknown.
    """

    run: RunId
    outcome: T | None
    cost_micro: int | None
    failure: LabelwrightError | None


def hold_one(
    project: Project,
    around: Surroundings,
    source: ModelSource,
    work: Work[T],
    what: Talk,
    *,
    is_answer: Callable[[T], bool],
    keep: Callable[[Held[T]], Callable[[Transaction], object] | None] = lambda _: None,
) -> Held[T]:
    """Hold a conversation between the events of its run.

    keep: gives what is to be written of it, together with the end of its run: both, or neither.
    Appends: RunStarted and RunFinished; every call is in the call ledger, where it is found paid if asked again. Errors
    may quote the item, so a run keeps their kind alone.
    """
    run = RunId(around.world.new_id())
    provenance = around.world.provenance(run=run)
    runner, failure = _connected(around, source)
    parameters: dict[str, Json] = {
        "model": source.model,
        "provider": "" if runner is None else runner.provider,
        "template": what.template,
        "prompt_hash": what.prompt_hash,
        "pii": project.config.privacy.pii,
        "recorded": project.config.recorded,
        **what.about,
    }
    around.storage.write(lambda tx: tx.append([RunStarted(project.id, run, what.kind, parameters)], provenance))
    held: list[Finished[T]] = []
    if runner is not None:
        scope = RunScope(project.id, run, model_price(project, source, around), budget=around.budget)
        try:
            held = [one for chunk in runner.run(iter([work]), scope) for one in chunk]
        except LabelwrightError as error:
            failure = error
    one = held[0] if held else None
    outcome = None if one is None else one.outcome
    cost = None if one is None or one.cost_pico is None else micro_usd(one.cost_pico)
    report: dict[str, Json] = {
        "model": source.model,
        "answered": int(outcome is not None and is_answer(outcome)),
        "calls": 0 if one is None else one.attempts,
        "reused": 0 if one is None else one.reused,
        "cost_micro": cost,
        "problem": None if failure is None else type(failure).__name__,
    }
    found = Held(run, outcome, cost, failure)
    also = keep(found)

    def end(tx: Transaction) -> None:
        if also is not None:
            also(tx)
        tx.append([RunFinished(project.id, run, report)], provenance)

    around.storage.write(end)
    return found


def _connected(around: Surroundings, source: ModelSource) -> tuple[FlowRunner | None, LabelwrightError | None]:
    try:
        return around.runner(source), None
    except LabelwrightError as error:
        return None, error
