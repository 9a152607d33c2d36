"""Reading what was decided: the plan, the certificates, the decisions and the labels of record."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Protocol

from labelwright.domain.canonical import Json
from labelwright.domain.decision import Decision, Resolution
from labelwright.domain.ids import ProjectId


class DecisionReads(Protocol):
    """What was decided, as it stands now."""

    def plan(self, project: ProjectId) -> dict[str, Json] | None:
        """Give the newest CalibrationPlanned: {plan, frozen, items: [keys], position}."""
        ...

    def certificates(self, project: ProjectId) -> dict[str, dict[str, Json]]:
        """Give per question the newest CertificateIssued: {plan, certificate, calibration, position}."""
        ...

    def decisions(self, project: ProjectId, question: str | None = None) -> list[Decision]:
        """Give the decisions in force, by question and item key."""
        ...

    def resolutions(self, project: ProjectId) -> Iterator[Resolution]:
        """Stream the labels of record, by item key and question."""
        ...

    def resolution_counts(self, project: ProjectId) -> dict[str, dict[str, int]]:
        """Count per question and status."""
        ...
