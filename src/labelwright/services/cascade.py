"""A cascade labels: the cheapest model first, each keeps what it is surest of, the rest goes on; then ranks decide.

How far a model's answer ranks among all it was asked about is kept as the label's score. It rests on no label, so that
a certificate may threshold on it like on any other signal.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from labelwright.domain.annotation import NewPrediction
from labelwright.domain.canonical import Json
from labelwright.domain.ids import ItemKey, QuestionName, RunId
from labelwright.domain.project import Project
from labelwright.events import PredictionsRecorded, RunFinished, RunStarted
from labelwright.methods.routing.chain import NO_LINK, backward_pass, forward_pass, retained
from labelwright.ports.chat import FlowRunner
from labelwright.ports.storage import Views
from labelwright.prompting.render import Prompt
from labelwright.services.labelling_run import LabellingRun, Surroundings

CASCADE = "cascade"
_CHUNK = 500


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
    with around.storage.reading() as views:
        keys = _due(views, project, prompt)[:limit]
    here = keys
    links: list[tuple[LabellingRun, int]] = []
    for place, (source, runner) in enumerate(zip(models, runners, strict=True)):
        with around.storage.reading() as views:
            due = here[~np.isin(here, _answered(views, project, source.model, prompt))]
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
        _record(project, prompt, around, keys)
    return links, False


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
            columns = views.predictions(project.id, question.name, model)
            fresh = np.isin(columns.item, views.predicted_items(project.id, model, prompt.hash, question.name))
            value: list[Json] = [None] * n
            sure, valid = np.full(n, np.nan), np.zeros(n, dtype=np.bool_)
            place = np.searchsorted(keys, columns.item)
            inside = fresh & (place < n)
            inside[inside] &= keys[place[inside]] == columns.item[inside]
            for row in np.flatnonzero(inside):
                at = place[row]
                if columns.status[row] == "valid":
                    value[at], sure[at], valid[at] = columns.value[row], columns.confidence[row], True
                    prediction[at] = columns.id[row]
            values[question.name] = value
            is_valid &= valid
            confidence = np.minimum(confidence, sure)  # nan stays
        return cls(values, prediction, is_valid, np.where(is_valid, confidence, np.nan))


def _record(project: Project, prompt: Prompt, around: Surroundings, keys: NDArray[np.int64]) -> None:
    models = [source.model for source in project.config.models]
    with around.storage.reading() as views:
        links = [_Link.read(views, project, model, prompt, keys) for model in models]
    confidence = np.stack([link.confidence for link in links], axis=1)
    passed = forward_pass(confidence)
    chosen = backward_pass(confidence, passed)
    rank = _ranks(confidence, passed.has_seen)
    run = RunId(around.world.new_id())
    provenance = around.world.provenance(run=run)
    parameters: dict[str, Json] = {"models": list(models), "prompt_hash": prompt.hash, "due": len(keys)}
    started = RunStarted(project.id, run, CASCADE, parameters)
    around.storage.write(lambda tx: tx.append([started], provenance))
    kept = [0] * len(models)
    for first in range(0, len(keys), _CHUNK):
        rows: list[NewPrediction] = []
        for at in range(first, min(first + _CHUNK, len(keys))):
            link = int(chosen[at])
            if link == NO_LINK:  # nobody was sure of anything: the last model that gave labels, without a score
                link = max((j for j in range(len(models)) if links[j].is_valid[at]), default=NO_LINK)
                score = None
            else:
                score = float(rank[at, link])
            if link != NO_LINK:
                kept[link] += 1
            rows += _rows(project, prompt, run, int(keys[at]), at, link=link, score=score, links=links)
        event = PredictionsRecorded(project.id, run, CASCADE, prompt.hash, tuple(rows))
        around.storage.write(lambda tx, event=event: tx.append([event], provenance))
    ended = RunFinished(project.id, run, {"labelled by": dict(zip(models, kept, strict=True))})
    around.storage.write(lambda tx: tx.append([ended], provenance))


def _rows(
    project: Project,
    prompt: Prompt,
    run: RunId,
    key: int,
    at: int,
    *,
    link: int,
    score: float | None,
    links: Sequence[_Link],
) -> list[NewPrediction]:
    config = project.config
    is_valid = link != NO_LINK
    signals: dict[str, Json] = {}
    if is_valid:
        signals = {"link": link, "model": config.models[link].model, "prediction": int(links[link].prediction[at])}
    return [
        NewPrediction(
            item=ItemKey(key),
            question=QuestionName(question.name),
            model=CASCADE,
            status="valid" if is_valid else "invalid",
            value=links[link].values[question.name][at] if is_valid else None,
            confidence=score if is_valid else None,
            confidence_kind="rank in the cascade",
            signals=signals,
            problem=None if is_valid else "no model of the cascade gave a valid label",
            raw=None,
            call_key=None,
            run=run,
            schema_version=config.schema.version,
            guideline_version=config.guideline.version,
            prompt_hash=prompt.hash,
        )
        for question in prompt.questions
    ]


def _ranks(confidence_Nm: NDArray[np.float64], has_seen_Nm: NDArray[np.bool_]) -> NDArray[np.float64]:
    """(N, m) share of what a link was asked about that it was no surer of; nan where it was not, or did not say."""
    rank = np.full(confidence_Nm.shape, np.nan)
    for link in range(confidence_Nm.shape[1]):
        rows = has_seen_Nm[:, link] & ~np.isnan(confidence_Nm[:, link])
        values = confidence_Nm[rows, link]
        if values.size:
            rank[rows, link] = np.searchsorted(np.sort(values), values, side="right") / values.size
    return rank


def _due(views: Views, project: Project, prompt: Prompt) -> NDArray[np.int64]:
    keys = views.item_keys(project.id)
    return keys[~np.isin(keys, _answered(views, project, CASCADE, prompt))]


def _answered(views: Views, project: Project, model: str, prompt: Prompt) -> NDArray[np.int64]:
    """Give the items this model has answered every question of."""
    found = views.item_keys(project.id)
    for question in prompt.questions:
        found = np.intersect1d(found, views.predicted_items(project.id, model, prompt.hash, question.name))
    return found
