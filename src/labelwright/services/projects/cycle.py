"""Do whatever is due: the order of the stages, in one table."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Literal, TypeAlias

from labelwright.services.acceptance.calibrate import CalibrationReport
from labelwright.services.models.prelabel import PrelabelReport

Stage: TypeAlias = Literal["prelabel", "combine", "calibrate", "route", "aggregate"]
STAGES: tuple[Stage, ...] = ("prelabel", "combine", "calibrate", "route", "aggregate")


@dataclass(frozen=True, slots=True)
class CycleReport:
    """done: what each stage that ran reported.  waiting_for: what has to be done first; None when all is done."""

    done: Mapping[Stage, object]
    waiting_for: str | None


def run_cycle(verbs: Mapping[Stage, Callable[[], object]]) -> CycleReport:
    """Call the stages there are verbs for, in order, and stop where people must act first.

    Every verb is idempotent: running the cycle again, after a crash or after the people's work, goes on where it was.
    """
    done: dict[Stage, object] = {}
    for stage in STAGES:
        if stage not in verbs:
            continue
        report = done[stage] = verbs[stage]()
        # A cascade whose links are certified: the next model is asked, and then its link is certified.
        while isinstance(report, CalibrationReport) and report.state == "asking" and "prelabel" in verbs:
            asked = done["prelabel"] = verbs["prelabel"]()
            if not isinstance(asked, PrelabelReport) or asked.stopped or not any(m.due for m in asked.models):
                break
            report = done[stage] = verbs[stage]()
        if isinstance(report, CalibrationReport) and report.state == "asking":
            return CycleReport(done, f"the answers of {report.asks} about what the links before it do not keep")
        if isinstance(report, PrelabelReport) and report.stopped:
            return CycleReport(done, "the rest of the model's answers: it was stopped (labelwright run goes on)")
        if isinstance(report, CalibrationReport) and report.state != "certified":
            missing = report.n_labels_wanted - report.n_labels
            return CycleReport(done, f"{missing} blind labels of the calibration sample (labelwright serve)")
    return CycleReport(done, None)
