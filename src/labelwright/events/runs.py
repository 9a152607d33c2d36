"""Executions begin and end; an export leaves."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from labelwright.domain.canonical import Json
from labelwright.domain.ids import ProjectId
from labelwright.events.base import run_stream


@dataclass(frozen=True, slots=True)
class RunStarted:
    """An import, prelabel, route or aggregate run begins, with all its parameters."""

    type: ClassVar[str] = "run-started"
    project: ProjectId
    run: str
    kind: str
    parameters: dict[str, Json]

    @property
    def stream(self) -> str:
        return run_stream(self.project, self.run)

    def body(self) -> dict[str, Json]:
        return {"project": self.project, "run": self.run, "kind": self.kind, "parameters": self.parameters}


@dataclass(frozen=True, slots=True)
class RunFinished:
    """The run has done all that was due."""

    type: ClassVar[str] = "run-finished"
    project: ProjectId
    run: str
    report: dict[str, Json]

    @property
    def stream(self) -> str:
        return run_stream(self.project, self.run)

    def body(self) -> dict[str, Json]:
        return {"project": self.project, "run": self.run, "report": self.report}


@dataclass(frozen=True, slots=True)
class Exported:
    """A data set left, made from the ledger up to `position`."""

    type: ClassVar[str] = "exported"
    project: ProjectId
    run: str
    position: int
    sha256: dict[str, str]

    @property
    def stream(self) -> str:
        return run_stream(self.project, self.run)

    def body(self) -> dict[str, Json]:
        return {
            "project": self.project,
            "run": self.run,
            "position": self.position,
            "sha256": dict(self.sha256),
        }
