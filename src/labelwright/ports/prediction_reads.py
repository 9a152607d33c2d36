"""Reading what models said of items, as columns over all items or for one item at a time."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np

from labelwright.domain.canonical import Json
from labelwright.domain.ids import ItemKey, ProjectId


@dataclass(frozen=True, slots=True)
class PredictionColumns:
    """The newest prediction of one model for one question, by ascending item key; arrays of equal length N.

    item: (N,) int64.  status: (N,) "valid" | "invalid" | "failed".  value: N JSON values, None unless valid.
    confidence: (N,) float64, nan = unknown.
    """

    id: np.ndarray[tuple[int], np.dtype[np.int64]]
    item: np.ndarray[tuple[int], np.dtype[np.int64]]
    status: list[str]
    value: list[Json]
    confidence: np.ndarray[tuple[int], np.dtype[np.float64]]
    confidence_kind: list[str | None]


@dataclass(frozen=True, slots=True)
class SignalColumns:
    """Every signal of the newest predictions of one model for one question; the rows of `PredictionColumns`.

    item: (N,) int64, ascending.  signals: name -> (N,) float64, nan = this prediction has none of that name.
    """

    item: np.ndarray[tuple[int], np.dtype[np.int64]]
    signals: dict[str, np.ndarray[tuple[int], np.dtype[np.float64]]]


@dataclass(frozen=True, slots=True)
class PredictionOrigin:
    """Where a prediction comes from."""

    model: str
    run: str
    prompt_hash: str
    schema_version: int
    guideline_version: int
    confidence: float | None
    confidence_kind: str | None


@dataclass(frozen=True, slots=True)
class SuggestionRow:
    """What an annotator may be shown: a prediction with its calibrated probability (None = not calibrated)."""

    prediction: int
    value: Json
    probability: float | None
    model: str
    reasoning: str | None
    prompt_hash: str
    guideline_version: int


class PredictionReads(Protocol):
    """What models said."""

    def predictions(self, project: ProjectId, question: str, model: str) -> PredictionColumns: ...
    def signals(self, project: ProjectId, question: str, model: str) -> SignalColumns:
        """Give all signals of the newest predictions, from what each keeps under `signals`."""
        ...

    def prediction_origins(self, project: ProjectId, ids: Sequence[int]) -> dict[int, PredictionOrigin]:
        """Give, of these predictions, where each comes from, superseded ones included."""
        ...

    def prediction_raw(self, project: ProjectId, *, status: str, limit: int = 100) -> list[dict[str, Json]]:
        """Give quarantined rows: item id, question, model, problem, raw."""
        ...

    def predicted_items(
        self, project: ProjectId, model: str, prompt_hash: str, question: str
    ) -> np.ndarray[tuple[int], np.dtype[np.int64]]:
        """Give the keys of items whose newest prediction of this model is by this prompt and valid or invalid.

        An item is due again when it failed, or when another prompt has answered since.
        """
        ...

    def suggestions(self, project: ProjectId, item: ItemKey, questions: Sequence[str]) -> dict[str, SuggestionRow]:
        """Give the labeller's valid prediction per question, with the probability of the decision."""
        ...

    def opinions(
        self, project: ProjectId, item: ItemKey, questions: Sequence[str], models: Sequence[str]
    ) -> dict[str, list[SuggestionRow]]:
        """Give what each of these models says per question, valid answers only; `probability` is not known for any."""
        ...
