"""A cascade whose links are certified: a model is asked only about what no certified link before it keeps.

The first model labels everything; the blind sample is drawn as for any project. Each link is certified when its
answers and people's labels are in (`services.acceptance.certify_links`), and only then is the next one asked. When the
last is through, what the links say together is recorded under one name, for everybody downstream.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import cast

import numpy as np
from numpy.typing import NDArray

from labelwright.domain.annotation import NewPrediction
from labelwright.domain.canonical import Json
from labelwright.domain.ids import ItemKey, QuestionName, RunId
from labelwright.domain.project import Project
from labelwright.events import PredictionsRecorded, RunFinished, RunStarted
from labelwright.ports.chat import FlowRunner
from labelwright.ports.project_reads import RunRow
from labelwright.ports.storage import Storage, Views
from labelwright.ports.world import World
from labelwright.prompting.render import Prompt
from labelwright.services.models.chain_links import (
    certified_links,
    frozen_items,
    reached,
    to_ask,
    without_answer,
)
from labelwright.services.models.labeller import CASCADE, chain_name, chain_through
from labelwright.services.models.labelling_run import LabellingRun
from labelwright.services.models.model_answers import model_answers
from labelwright.services.models.project_prompt import project_prompt
from labelwright.services.models.surroundings import Surroundings

_CHUNK = 500


def due_of_link(views: Views, project: Project, link: int) -> NDArray[np.int64]:
    """Give the items a link is to be asked about now: all for the first, later what no link before it keeps.

    Nothing while the link before it is not certified, or once it is certified itself: later answers change nothing.
    """
    from labelwright.services.acceptance.calibration_plan import still_bound  # noqa: PLC0415 - it reads the labeller

    if not link:
        return without_answer(views, project, 0, views.item_keys(project.id))
    plan = views.plan(project.id)
    if plan is None or len(certified_links(views, project)) != link:
        return np.array([], dtype=np.int64)
    if not still_bound(views, project, cast("dict[str, Json]", plan["frozen"])):
        return np.array([], dtype=np.int64)
    return without_answer(views, project, link, to_ask(views, project, link))


def label_by_certified_cascade(
    project: Project,
    prompt: Prompt,
    around: Surroundings,
    runners: Sequence[FlowRunner],
    *,
    limit: int | None = None,
    finished: Callable[[int], None],
) -> tuple[list[tuple[LabellingRun, int]], bool]:
    """Have each link label what is due of it; give each one's run with that number, and whether a stop ended it early.

    Items that come after the sample was drawn are asked of the first model alone: people decide on them, whatever
    another model would say. Idempotent.
    """
    links: list[tuple[LabellingRun, int]] = []
    for place, (source, runner) in enumerate(zip(project.config.models, runners, strict=True)):
        with around.storage.reading() as views:
            due = due_of_link(views, project, place)[:limit]
        labelling = LabellingRun(project, source, prompt, around)
        links.append((labelling, len(due)))
        if len(due):
            labelling.label([int(key) for key in due], runner, finished)
            if labelling.stopped:
                return links, True
    with around.storage.reading() as views:
        is_through = chain_through(views, project.id, project.config) is not None
    if is_through:
        record_outcome(project, around.storage, around.world)
    return links, False


def record_outcome(project: Project, storage: Storage, world: World) -> int:
    """Record what the links say together of every item that has none of it yet; give how many items.

    Every link must be certified. Idempotent: a run that was killed is gone on with.
    Appends: RunStarted, PredictionsRecorded (one per chunk), RunFinished.
    """
    with storage.reading() as views:
        plan = cast("dict[str, Json]", views.plan(project.id))
        name = chain_name(project.config, str(plan["plan"]))
        run = _open_run(views, project, name)
        due = _due(views, project, name)
        if not len(due) and run is None and chain_through(views, project.id, project.config) is not None:
            return 0
        said = {q.name: outcome(views, project, q.name, due) for q in project.config.schema.questions}
    id = RunId(world.new_id() if run is None else run.id)
    provenance = world.provenance(run=id)
    models = [source.model for source in project.config.models]
    if run is None:
        parameters: dict[str, Json] = {"models": list(models), "prompt_hash": name, "plan": plan["plan"]}
        started = RunStarted(project.id, id, CASCADE, {**parameters, "due": len(due)})
        storage.write(lambda tx: tx.append([started], provenance))
    for first in range(0, len(due), _CHUNK):
        rows = tuple(
            _row(project, question, id, name=name, key=int(due[at]), said=found, at=at)
            for at in range(first, min(first + _CHUNK, len(due)))
            for question, found in said.items()
        )
        event = PredictionsRecorded(project.id, id, CASCADE, name, rows)
        storage.write(lambda tx, event=event: tx.append([event], provenance))
    by_link = next(iter(said.values())).link
    report: dict[str, Json] = {model: int(np.count_nonzero(by_link == place)) for place, model in enumerate(models)}
    ended = RunFinished(project.id, id, {"labelled by": report})
    storage.write(lambda tx: tx.append([ended], provenance))
    return len(due)


@dataclass(frozen=True, slots=True, eq=False)
class Outcome:
    """What the links say together of n items.  link: (n,) whose label it is, −1 = nobody's.

    score: (n,) as that model gave it, nan = unknown.  prediction: (n,) its number, 0 = none.
    """

    link: NDArray[np.int64]
    value: list[Json]
    score: NDArray[np.float64]
    prediction: NDArray[np.int64]


def outcome(views: Views, project: Project, question: str, keys: NDArray[np.int64]) -> Outcome:
    """Give each item the label of the last link it reached that gave a valid one.

    keys: (n,) ascending.  What a link keeps reaches no later one. What came after the sample was drawn has the first
    model's label.
    """
    config = project.config
    link = np.full(len(keys), -1, dtype=np.int64)
    value: list[Json] = [None] * len(keys)
    score = np.full(len(keys), np.nan)
    prediction = np.zeros(len(keys), dtype=np.int64)

    def take(number: int, items: NDArray[np.int64], answers_valid: NDArray[np.bool_]) -> tuple[list[int], list[int]]:
        place = np.searchsorted(keys, items)
        inside = answers_valid & (place < len(keys))
        inside[inside] = keys[place[inside]] == items[inside]
        rows = np.flatnonzero(inside)
        link[place[rows]] = number
        return rows.tolist(), place[rows].tolist()

    links = certified_links(views, project)
    for number in range(len(config.models)):
        found = reached(views, project, question, links, number)
        for row, at in zip(*take(number, found.item, found.answers.is_valid), strict=True):
            value[at], score[at] = found.answers.value[row], found.score[row]
            prediction[at] = found.answers.prediction[row]
    late = np.setdiff1d(keys, frozen_items(views, project))
    first = model_answers(
        views, project.id, question, model=config.models[0].model, prompt_hash=project_prompt(config).hash, keys=late
    )
    for row, at in zip(*take(0, late, first.is_valid), strict=True):
        value[at], score[at], prediction[at] = first.value[row], first.confidence[row], first.prediction[row]
    return Outcome(link, value, score, prediction)


def _row(project: Project, question: str, run: RunId, *, name: str, key: int, said: Outcome, at: int) -> NewPrediction:
    config, link = project.config, int(said.link[at])
    is_valid = link >= 0
    signals: dict[str, Json] = {}
    if is_valid:
        model, number = config.models[link].model, int(said.prediction[at])
        signals = {"signals": {"link": link}, "model": model, "prediction": number}
    return NewPrediction(
        item=ItemKey(key),
        question=QuestionName(question),
        model=CASCADE,
        status="valid" if is_valid else "invalid",
        value=said.value[at],
        confidence=None if np.isnan(said.score[at]) else float(said.score[at]),
        confidence_kind=config.confidence,
        signals=signals,
        problem=None if is_valid else "no model of the cascade gave a valid label",
        raw=None,
        call_key=None,
        run=run,
        schema_version=config.schema.version,
        guideline_version=config.guideline.version,
        prompt_hash=name,
    )


def _due(views: Views, project: Project, name: str) -> NDArray[np.int64]:
    """Give what the plan speaks of, and what the first model has answered since, without an outcome yet."""
    keys = views.item_keys(project.id)
    late = np.setdiff1d(keys, frozen_items(views, project))
    wanted = np.setdiff1d(keys, without_answer(views, project, 0, late))
    done = wanted
    for question in project.config.schema.questions:
        done = np.intersect1d(done, views.predicted_items(project.id, CASCADE, name, question.name))
    return np.setdiff1d(wanted, done)


def _open_run(views: Views, project: Project, name: str) -> RunRow | None:
    runs = [run for run in views.runs(project.id) if run.kind == CASCADE and run.parameters.get("prompt_hash") == name]
    return next((run for run in runs if not run.finished), None)
