"""Samples are drawn, certificates issued, items routed and resolved."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from labelwright.domain.canonical import Json, canonical_json, merkle_root
from labelwright.domain.decision import Decision, Resolution
from labelwright.domain.ids import ProjectId
from labelwright.domain.queue import NewEntry
from labelwright.events.base import project_stream, run_stream


@dataclass(frozen=True, slots=True)
class CalibrationPlanned:
    """The blind random sample is drawn and everything is frozen before its first label (A4P 6).

    `frozen` names, per question: model, prompt hash, score source, pool size and hash, target error, delta, n, seed,
    schema and guideline versions. Rows: the queue entries of the sample (`calibration`, blind).
    """

    type: ClassVar[str] = "calibration-planned"
    project: ProjectId
    plan: str
    frozen: dict[str, Json]
    items: tuple[int, ...]
    entries: tuple[NewEntry, ...]

    @property
    def stream(self) -> str:
        return project_stream(self.project)

    def body(self) -> dict[str, Json]:
        root = merkle_root(str(item).encode() for item in self.items)
        return {
            "project": self.project,
            "plan": self.plan,
            "frozen": self.frozen,
            "n": len(self.items),
            "sample_root": root,
        }


@dataclass(frozen=True, slots=True)
class CertificateIssued:
    """What could, or could not, be certified for one question under one plan. Replaces the question's older one."""

    type: ClassVar[str] = "certificate-issued"
    project: ProjectId
    plan: str
    question: str
    certificate: dict[str, Json]
    """Target, delta, threshold or null with the reason, counts, look number, noise, and what it is bound to."""
    calibration: dict[str, Json]
    """The display calibration: method, parameters, metrics. Never feeds the threshold."""

    @property
    def stream(self) -> str:
        return project_stream(self.project)

    def body(self) -> dict[str, Json]:
        return {
            "project": self.project,
            "plan": self.plan,
            "question": self.question,
            "certificate": self.certificate,
            "calibration": self.calibration,
        }


def decision_leaf(row: Decision) -> bytes:
    """Give the bytes of a decision that its event's Merkle root covers."""
    return canonical_json([row.item, row.question, row.route, row.reason, _real(row.score), _real(row.probability)])


@dataclass(frozen=True, slots=True)
class ItemsRouted:
    """Decisions are in force. Rows: the decisions (the newest per (item, question) counts) and the review entries."""

    type: ClassVar[str] = "items-routed"
    project: ProjectId
    run: str
    policy_version: int
    decisions: tuple[Decision, ...]
    entries: tuple[NewEntry, ...]

    @property
    def stream(self) -> str:
        return run_stream(self.project, self.run)

    def body(self) -> dict[str, Json]:
        return {
            "project": self.project,
            "run": self.run,
            "policy_version": self.policy_version,
            "count": len(self.decisions),
            "root": merkle_root(decision_leaf(row) for row in self.decisions),
        }


@dataclass(frozen=True, slots=True)
class AuditReserved:
    """A random share of the accepted is set aside for a blind check, before review spends anything (A4P 11)."""

    type: ClassVar[str] = "audit-reserved"
    project: ProjectId
    run: str
    seed: int
    population: int
    inclusion_probability: float
    entries: tuple[NewEntry, ...]

    @property
    def stream(self) -> str:
        return run_stream(self.project, self.run)

    def body(self) -> dict[str, Json]:
        return {
            "project": self.project,
            "run": self.run,
            "seed": self.seed,
            "population": self.population,
            "inclusion_probability": self.inclusion_probability,
            "n": len(self.entries),
            "sample_root": merkle_root(str(entry.item).encode() for entry in self.entries),
        }


def resolution_leaf(row: Resolution) -> bytes:
    """Give the bytes of a resolution that its event's Merkle root covers."""
    decided = [row.item, row.question, row.value, row.status, _real(row.probability), row.method]
    return canonical_json([*decided, list(row.voters), row.evidence])


def _real(number: float | None) -> float | None:
    # 1 and 1.0 are one number, whichever a database gives back.
    return None if number is None else float(number)


@dataclass(frozen=True, slots=True)
class ItemsResolved:
    """Labels of record. Rows: the resolutions (the newest per (item, question) counts)."""

    type: ClassVar[str] = "items-resolved"
    project: ProjectId
    run: str
    resolutions: tuple[Resolution, ...]

    @property
    def stream(self) -> str:
        return run_stream(self.project, self.run)

    def body(self) -> dict[str, Json]:
        return {
            "project": self.project,
            "run": self.run,
            "count": len(self.resolutions),
            "root": merkle_root(resolution_leaf(row) for row in self.resolutions),
        }
