"""A cascade labels: the cheapest model first, each keeps what it is surest of, the rest goes on; then ranks decide.

How far a model's answer ranks among all it was ever asked about is kept as the label's score. It rests on no label, so
that a certificate may threshold on it like on any other signal.
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
from labelwright.methods.routing.chain import NO_LINK, ChainPass, backward_pass, forward_pass, ranks, retained
from labelwright.ports.chat import FlowRunner
from labelwright.ports.project_reads import RunRow
from labelwright.ports.storage import Views
from labelwright.prompting.render import Prompt
from labelwright.services.models.labeller import CASCADE, cascade_hash
from labelwright.services.models.labelling_run import LabellingRun
from labelwright.services.models.model_answers import model_answers
from labelwright.services.models.surroundings import Surroundings

_CHUNK = 500
_NOT_KEPT_ANY_MORE = 0
"""Which link kept an item of an earlier batch does not matter: it only counts in the ranks."""


def label_by_cascade(
    project: Project,
    prompt: Prompt,
    around: Surroundings,
    runners: Sequence[FlowRunner],
    *,
    limit: int | None = None,
    finished: Callable[[int], None],
) -> tuple[list[tuple[LabellingRun, int]], bool]:
    """Have each link label what reaches it, then record what the cascade says of every item that was due.

    Gives each link's run with the number of items it was due, and whether a stop request ended it early.
    An item of several questions is as sure as its least sure answer. Idempotent: answers that are there are not asked
    again, and the cascade's own labels are recorded once, when the last link is through.
    """
    models = project.config.models
    _end_what_was_killed(project, prompt, around)
    with around.storage.reading() as views:
        keys = _due(views, project, prompt)[:limit]
    here = keys
    links: list[tuple[LabellingRun, int]] = []
    for place, (source, runner) in enumerate(zip(models, runners, strict=True)):
        with around.storage.reading() as views:
            due = here[~np.isin(here, _answered(views, project, source.model, prompt.hash, prompt))]
        labelling = LabellingRun(project, source, prompt, around)
        links.append((labelling, len(due)))
        if len(due):
            labelling.label([int(key) for key in due], runner, finished)
            if labelling.stopped:
                return links, True
        with around.storage.reading() as views:
            sure = _Link.read(views, project, source.model, prompt, here).confidence
        here = here[~retained(sure, links_left=len(models) - place)]
    if len(keys):
        record_cascade(project, prompt, around, keys)
    return links, False


def record_cascade(
    project: Project, prompt: Prompt, around: Surroundings, keys: NDArray[np.int64], run: RunRow | None = None
) -> None:
    """Record what the cascade says of a batch of items, from what its models have answered.

    keys: (n,) ascending, the whole batch: what a link keeps is a share of it.  run: a run that was killed while it
    recorded this very batch; what it did not get to is added.
    Appends: RunStarted, unless run is given; PredictionsRecorded; RunFinished.
    """
    models = [source.model for source in project.config.models]
    name = cascade_hash(project.config)
    with around.storage.reading() as views:
        earlier = np.setdiff1d(_answered(views, project, CASCADE, name, prompt), keys)
        every = np.union1d(earlier, keys)
        links = [_Link.read(views, project, model, prompt, every) for model in models]
        failed = _failed(views, project, models, prompt, every)
        recorded = np.array([], dtype=np.int64) if run is None else _recorded_by(views, project, prompt, run.id)
    place = np.searchsorted(every, keys)
    confidence = np.stack([link.confidence for link in links], axis=1)
    passed = _with_earlier(forward_pass(confidence[place]), confidence, place)
    chosen = backward_pass(confidence, passed)
    rank = ranks(confidence, passed)
    id = RunId(around.world.new_id() if run is None else run.id)
    provenance = around.world.provenance(run=id)
    if run is None:
        parameters: dict[str, Json] = {
            "models": list(models),
            "prompt_hash": name,
            "due": len(keys),
            "first_item": int(keys[0]),
            "last_item": int(keys[-1]),
        }
        started = RunStarted(project.id, id, CASCADE, parameters)
        around.storage.write(lambda tx: tx.append([started], provenance))
    kept = [0] * len(models)
    due = place[~np.isin(keys, recorded)]
    for first in range(0, len(due), _CHUNK):
        rows: list[NewPrediction] = []
        for at in due[first : first + _CHUNK]:
            link, score = int(chosen[at]), None
            if link == NO_LINK:  # nobody was sure of anything: the last model that gave labels, without a score
                link = max((j for j in range(len(models)) if links[j].is_valid[at]), default=NO_LINK)
            else:
                score = float(rank[at, link])
            if link != NO_LINK:
                kept[link] += 1
            said = _Said(link, score, has_failed=bool(failed[at]))
            rows += _rows(project, prompt, id, key=int(every[at]), at=int(at), said=said, links=links)
        event = PredictionsRecorded(project.id, id, CASCADE, name, tuple(rows))
        around.storage.write(lambda tx, event=event: tx.append([event], provenance))
    ended = RunFinished(project.id, id, {"labelled by": dict(zip(models, kept, strict=True))})
    around.storage.write(lambda tx: tx.append([ended], provenance))


def _end_what_was_killed(project: Project, prompt: Prompt, around: Surroundings) -> None:
    """Record the rest of a batch whose recording was killed: ranked anew without the first part, it would differ."""
    name = cascade_hash(project.config)
    with around.storage.reading() as views:
        runs = [run for run in views.runs(project.id) if run.kind == CASCADE]
        if not runs or runs[-1].finished or runs[-1].parameters.get("prompt_hash") != name:
            return
        run = runs[-1]
        recorded = _recorded_by(views, project, prompt, run.id)
        due = _due(views, project, prompt)
    first, last = cast("int", run.parameters["first_item"]), cast("int", run.parameters["last_item"])
    inside = due[(due >= first) & (due <= last)]
    record_cascade(project, prompt, around, np.union1d(recorded, inside), run)


def _with_earlier(batch: ChainPass, confidence_Nm: NDArray[np.float64], place: NDArray[np.int64]) -> ChainPass:
    """Spread a batch's pass over all items, those of earlier batches beside them: ranks are among all."""
    has_seen = ~np.isnan(confidence_Nm)
    kept_by = np.where(has_seen.any(axis=1), _NOT_KEPT_ANY_MORE, NO_LINK).astype(np.int64)
    has_seen[place], kept_by[place] = batch.has_seen, batch.kept_by
    return ChainPass(has_seen, kept_by, batch.threshold)


@dataclass(frozen=True, slots=True, eq=False)
class _Link:
    """What one model says about some items: per question value and prediction; (n,) how sure it is of all of them."""

    values: dict[str, list[Json]]
    prediction: NDArray[np.int64]
    is_valid: NDArray[np.bool_]
    confidence: NDArray[np.float64]

    @classmethod
    def read(cls, views: Views, project: Project, model: str, prompt: Prompt, keys: NDArray[np.int64]) -> _Link:
        n = len(keys)
        is_valid, confidence = np.ones(n, dtype=np.bool_), np.full(n, np.inf)
        prediction = np.zeros(n, dtype=np.int64)
        values: dict[str, list[Json]] = {}
        for question in prompt.questions:
            found = model_answers(views, project.id, question.name, model=model, prompt_hash=prompt.hash, keys=keys)
            values[question.name] = found.value
            prediction = np.where(found.is_valid, found.prediction, prediction)
            is_valid &= found.is_valid
            confidence = np.minimum(confidence, found.confidence)  # nan stays
        return cls(values, prediction, is_valid, np.where(is_valid, confidence, np.nan))


@dataclass(frozen=True, slots=True)
class _Said:
    """Whose label an item gets, and its score.  has_failed: some model gave no answer, and may be asked again."""

    link: int
    score: float | None
    has_failed: bool


def _rows(
    project: Project, prompt: Prompt, run: RunId, *, key: int, at: int, said: _Said, links: Sequence[_Link]
) -> list[NewPrediction]:
    config, link = project.config, said.link
    is_valid = link != NO_LINK
    problem = None
    if not is_valid:
        problem = "a model gave no answer" if said.has_failed else "no model of the cascade gave a valid label"
    signals: dict[str, Json] = {}
    if is_valid:
        signals = {"link": link, "model": config.models[link].model, "prediction": int(links[link].prediction[at])}
    return [
        NewPrediction(
            item=ItemKey(key),
            question=QuestionName(question.name),
            model=CASCADE,
            status="valid" if is_valid else "failed" if said.has_failed else "invalid",
            value=links[link].values[question.name][at] if is_valid else None,
            confidence=said.score if is_valid else None,
            confidence_kind="rank in the cascade",
            signals=signals,
            problem=problem,
            raw=None,
            call_key=None,
            run=run,
            schema_version=config.schema.version,
            guideline_version=config.guideline.version,
            prompt_hash=cascade_hash(config),
        )
        for question in prompt.questions
    ]


def _due(views: Views, project: Project, prompt: Prompt) -> NDArray[np.int64]:
    keys = views.item_keys(project.id)
    return keys[~np.isin(keys, _answered(views, project, CASCADE, cascade_hash(project.config), prompt))]


def _answered(views: Views, project: Project, model: str, prompt_hash: str, prompt: Prompt) -> NDArray[np.int64]:
    """Give the items this model has answered every question of."""
    found = views.item_keys(project.id)
    for question in prompt.questions:
        found = np.intersect1d(found, views.predicted_items(project.id, model, prompt_hash, question.name))
    return found


def _failed(
    views: Views, project: Project, models: Sequence[str], prompt: Prompt, keys: NDArray[np.int64]
) -> NDArray[np.bool_]:
    """Mark the items for which some model was asked and gave no answer."""
    found = np.zeros(len(keys), dtype=np.bool_)
    for model in models:
        columns = views.predictions(project.id, prompt.questions[0].name, model)
        is_failed = np.array([status == "failed" for status in columns.status], dtype=np.bool_)
        found |= np.isin(keys, columns.item[is_failed])
    return found


def _recorded_by(views: Views, project: Project, prompt: Prompt, run: str) -> NDArray[np.int64]:
    """Give the items a run of the cascade has recorded."""
    columns = views.predictions(project.id, prompt.questions[0].name, CASCADE)
    origins = views.prediction_origins(project.id, [int(id) for id in columns.id])
    return columns.item[np.array([origins[int(id)].run == run for id in columns.id], dtype=np.bool_)]
