"""A model has spoken."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from labelwright.domain.annotation import NewPrediction
from labelwright.domain.canonical import Json, canonical_json, merkle_root
from labelwright.domain.ids import ProjectId
from labelwright.events.base import run_stream


def prediction_leaf(row: NewPrediction) -> bytes:
    """Give the bytes of a prediction that its event's Merkle root covers."""
    return canonical_json(
        [
            row.item,
            row.question,
            row.model,
            row.status,
            row.value,
            None if row.confidence is None else float(row.confidence),  # 1 and 1.0 are one confidence
            row.confidence_kind,
            row.signals,
            row.problem,
            row.raw,
            row.call_key,
            row.run,
            row.schema_version,
            row.guideline_version,
            row.prompt_hash,
        ]
    )


@dataclass(frozen=True, slots=True)
class PredictionsRecorded:
    """A chunk of a run. Rows: the predictions."""

    type: ClassVar[str] = "predictions-recorded"
    project: ProjectId
    run: str
    model: str
    prompt_hash: str
    predictions: tuple[NewPrediction, ...]

    @property
    def stream(self) -> str:
        return run_stream(self.project, self.run)

    def body(self) -> dict[str, Json]:
        return {
            "project": self.project,
            "run": self.run,
            "model": self.model,
            "prompt_hash": self.prompt_hash,
            "count": len(self.predictions),
            "root": merkle_root(prediction_leaf(row) for row in self.predictions),
        }
