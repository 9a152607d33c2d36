"""Do whatever is due: the order of the stages, in one table."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Literal, TypeAlias

Stage: TypeAlias = Literal["prelabel", "calibrate", "route", "aggregate"]
STAGES: tuple[Stage, ...] = ("prelabel", "calibrate", "route", "aggregate")


@dataclass(frozen=True, slots=True)
class CycleReport:
    """done: what each stage that ran reported.  waiting_for: why the cycle stopped, None when all is done."""

    done: Mapping[Stage, object]
    waiting_for: str | None


def run_cycle(
    verbs: Mapping[Stage, Callable[[], object]], *, people_wanted: Callable[[object], str | None]
) -> CycleReport:
    """Call the stages in order and stop where people must act first.

    people_wanted: given calibrate's report, says what people have to do, or None.
    Every verb is idempotent, so running the cycle again after a crash or after the people's work goes on where it was.
    """
    done: dict[Stage, object] = {}
    for stage in STAGES:
        done[stage] = verbs[stage]()
        if stage == "calibrate" and (waiting := people_wanted(done[stage])) is not None:
            return CycleReport(done, waiting)
    return CycleReport(done, None)
