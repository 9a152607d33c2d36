"""What was answered about every item, and how sure it may be taken to be: the score of A4P.

It has not seen the labels that certify it: models' signals see none at all, and a fit sees those of earlier samples.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from labelwright.domain.canonical import Json, canonical_json
from labelwright.domain.ids import ProjectId
from labelwright.domain.project import ProjectConfig
from labelwright.methods.confidence import share_of_votes
from labelwright.ports.storage import Views
from labelwright.prompting.suspicion import SIGNAL
from labelwright.services.models.labeller import CASCADE, labeller
from labelwright.services.models.model_answers import ModelAnswers, model_answers
from labelwright.services.models.project_prompt import project_prompt

NOBODY = -1
BY_LINK = "a threshold for each link of the cascade"
"""How the kind of a score ends where whose label it is decides about the threshold."""


@dataclass(frozen=True, slots=True, eq=False)
class ScoredPool:
    """One question over the whole pool, by ascending item key; arrays of length N.

    is_valid: the model gave a valid label under the present prompt.  prediction: its number, 0 where none.
    score: raw confidence; nan where it is unknown or there is no valid label: such an item is never accepted.
    last_prediction: the largest prediction number that was read; 0 when none was.
    """

    question: str
    model: str
    prompt_hash: str
    kind: str
    item: NDArray[np.int64]
    is_valid: NDArray[np.bool_]
    value: list[Json]
    prediction: NDArray[np.int64]
    score: NDArray[np.float64]
    last_prediction: int

    def restricted(self, keep: NDArray[np.bool_]) -> ScoredPool:
        """Give the pool of the items in `keep` alone."""
        index = np.flatnonzero(keep)
        return ScoredPool(
            question=self.question,
            model=self.model,
            prompt_hash=self.prompt_hash,
            kind=self.kind,
            item=self.item[index],
            is_valid=self.is_valid[index],
            value=[self.value[i] for i in index],
            prediction=self.prediction[index],
            score=self.score[index],
            last_prediction=self.last_prediction,
        )

    def hashes(self) -> dict[str, Json]:
        """Name each of what the fingerprint names whole, so that what changed can be told."""
        labels = hashlib.sha256()
        for value in self.value:
            labels.update(canonical_json(value))
            labels.update(b"\n")
        scores = np.nan_to_num(self.score, nan=-1.0)
        return {
            "items": hashlib.sha256(self.item.tobytes()).hexdigest(),
            "labels": labels.hexdigest(),
            "scores": hashlib.sha256(scores.tobytes()).hexdigest(),
        }

    def fingerprint(self) -> str:
        """Name this pool by what the guarantee rests on: the items, their labels and their scores."""
        seen = hashlib.sha256()
        seen.update(self.item.tobytes())
        seen.update(np.nan_to_num(self.score, nan=-1.0).tobytes())
        for value in self.value:
            seen.update(canonical_json(value))
            seen.update(b"\n")
        return seen.hexdigest()


def scored_pool(
    views: Views, project: ProjectId, config: ProjectConfig, question: str, *, until: int | None = None
) -> ScoredPool:
    """Read the routed labels and score them as the project says.

    A signal of the model itself: as it was recorded.  `agreement`: the share of the *other* models whose valid label
    equals its own, nan where none of them answered; the model itself never votes.  `combined`: what the fit in force
    says; before there is one, all nan.  A cascade: how its answer ranks.  `none`: all nan.
    until: leave out predictions with a larger number, which came after something was frozen.
    Raises: NotReady, when the project has no model.
    """
    who = labeller(views, project, config)
    prompt_hash = project_prompt(config).hash
    keys = views.item_keys(project)

    def read(model: str, prompt: str) -> ModelAnswers:
        return model_answers(views, project, question, model=model, prompt_hash=prompt, keys=keys, until=until)

    own = read(who.name, who.prompt_hash)
    voting = config.confidence == "agreement" and config.ensemble == "first"
    others = [read(other.model, prompt_hash) for other in config.models[1:]] if voting else []
    if voting:
        score = np.where(_noticed(views, project, question, who.name, keys), np.nan, _agreement(own, others))
        kind = f"agreement of {len(others)} other recorded models" if config.recorded else "agreement of other models"
    elif config.confidence == "none" or not who.is_fitted:
        score, kind = np.full(len(keys), np.nan), "none"
    else:
        score = np.where(own.is_valid, own.confidence, np.nan)
        kind = _kind(config, who.name)
    return ScoredPool(
        question=question,
        model=who.name,
        prompt_hash=who.prompt_hash,
        kind=kind,
        item=keys,
        is_valid=own.is_valid,
        value=own.value,
        prediction=own.prediction,
        score=score,
        last_prediction=max(column.last for column in (own, *others)),
    )


def _kind(config: ProjectConfig, labeller: str) -> str:
    if labeller != CASCADE:
        return config.confidence
    return f"{config.confidence}, {BY_LINK if config.certifies_links else 'ranked along the cascade'}"


def _noticed(views: Views, project: ProjectId, question: str, model: str, keys: NDArray[np.int64]) -> NDArray[np.bool_]:
    """Mark the items that speak to the model: however many models agree about them, a person looks."""
    noticed = np.zeros(len(keys), dtype=np.bool_)
    columns = views.signals(project, question, model)
    marks = columns.signals.get(SIGNAL)
    if marks is not None:
        noticed[np.searchsorted(keys, columns.item[~np.isnan(marks)])] = True
    return noticed


def _agreement(own: ModelAnswers, others: list[ModelAnswers]) -> NDArray[np.float64]:
    codes: dict[bytes, int] = {}

    def coded(column: ModelAnswers) -> NDArray[np.int64]:
        return np.array(
            [
                codes.setdefault(canonical_json(value), len(codes)) if valid else NOBODY
                for value, valid in zip(column.value, column.is_valid, strict=True)
            ],
            dtype=np.int64,
        )

    label = coded(own)
    if not others:
        return np.full(len(label), np.nan)
    votes = np.stack([coded(other) for other in others], axis=1)
    return share_of_votes(label, votes)
