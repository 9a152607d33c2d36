"""Record what a model said elsewhere as its answers here: suggestions that are calibrated and routed like any other."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from labelwright.domain.annotation import NewPrediction
from labelwright.domain.canonical import Json
from labelwright.domain.ids import ItemKey, ProjectId, QuestionName, RunId
from labelwright.errors import InvalidInput, did_you_mean
from labelwright.events import Event, PredictionsRecorded, RunFinished, RunStarted
from labelwright.ports.storage import Storage, Transaction
from labelwright.ports.world import World
from labelwright.services.models.project_prompt import project_prompt
from labelwright.services.projects.project_of import project_of

BROUGHT: Final = "import-answers"
"""The kind of run under which they are kept."""
_CHUNK: Final = 500


@dataclass(frozen=True, slots=True)
class BroughtAnswer:
    """One answer: the item's id, the value as its question writes it, and a raw confidence; None = unknown."""

    item: str
    value: Json
    confidence: float | None
    signals: Mapping[str, Json]


@dataclass(frozen=True, slots=True)
class BroughtReport:
    """What was recorded.  unknown: answers about items that the project does not have.

    was_complete: the same file was recorded before, and nothing was done.
    """

    model: str
    question: str
    recorded: int
    unknown: int
    without_confidence: int
    is_labeller: bool
    applied: bool
    was_complete: bool


def bring_answers(
    project_id: ProjectId,
    answers: Sequence[BroughtAnswer],
    *,
    question: str,
    model: str,
    confidence_kind: str,
    source: Mapping[str, Json],
    storage: Storage,
    world: World,
    dry_run: bool = False,
) -> BroughtReport:
    """Record a model's answers in one act: all of them or none.

    model: under which name; that of a model of project.yaml has them calibrated and routed as its own.  source: names
    the file (`sha256`), so that the same one is not recorded twice.
    Appends: RunStarted, PredictionsRecorded, RunFinished.  Raises: InvalidInput, when no item is known.
    """

    def work(tx: Transaction) -> BroughtReport:
        project = project_of(tx, project_id)
        config, prompt = project.config, project_prompt(project.config).hash
        keys = {str(name): key for key, name in tx.item_ids(project.id).items()}
        known = [one for one in answers if one.item in keys]
        if answers and not known:
            near = did_you_mean(answers[0].item, list(keys)[:2000])
            raise InvalidInput(
                f"none of the {len(answers):,} answers is about an item of {project.name!r}; the first is about "
                f"{answers[0].item!r}{near}"
            )
        parameters: dict[str, Json] = {**source, "question": question, "model": model, "prompt_hash": prompt}
        before = any(
            run.kind == BROUGHT and run.finished and run.parameters == parameters for run in tx.runs(project.id)
        )
        report = BroughtReport(
            model=model,
            question=question,
            recorded=len(known),
            unknown=len(answers) - len(known),
            without_confidence=sum(one.confidence is None for one in known),
            is_labeller=config.labeller == model,
            applied=not dry_run and not before,
            was_complete=before,
        )
        if not report.applied:
            return report
        run = RunId(world.new_id())
        rows = [
            NewPrediction(
                item=ItemKey(keys[one.item]),
                question=QuestionName(question),
                model=model,
                status="valid",
                value=one.value,
                confidence=one.confidence,
                confidence_kind=confidence_kind,
                signals=one.signals,
                problem=None,
                raw=None,
                call_key=None,
                run=run,
                schema_version=config.schema.version,
                guideline_version=config.guideline.version,
                prompt_hash=prompt,
            )
            for one in known
        ]
        chunks = (tuple(rows[first : first + _CHUNK]) for first in range(0, len(rows), _CHUNK))
        events: list[Event] = [
            RunStarted(project.id, run, BROUGHT, parameters),
            *(PredictionsRecorded(project.id, run, model, prompt, chunk) for chunk in chunks),
            RunFinished(project.id, run, {"recorded": len(rows)}),
        ]
        tx.append(events, world.provenance(run=run))
        return report

    return storage.write(work)
