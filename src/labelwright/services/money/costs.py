"""The ledger of costs: every attempt at a call, every second of people, every hour of machines, added up exactly.

Amounts are whole pico-USD, so that rows of any grouping add up to the same total, and calls to what the budget says was
paid. What is not known (a model without a price, answers without a time, no wage) is counted and said, never taken
as 0.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import ROUND_HALF_UP, Decimal
from typing import Literal, TypeAlias, get_args

from labelwright.domain.canonical import Json
from labelwright.domain.ids import ProjectId
from labelwright.domain.project import CostRates, Project
from labelwright.ports.costs import CallTime
from labelwright.ports.storage import Views
from labelwright.services.money.costs_per_label import per_label, trend
from labelwright.services.projects.project_of import project_of

Grouping: TypeAlias = Literal["kind", "model", "prompt", "guideline", "month", "person", "purpose"]
GROUPINGS: tuple[Grouping, ...] = get_args(Grouping)

_PICO_PER_USD = 10**12
_PICO_PER_MICRO = 10**6
_MS_PER_HOUR = 3_600_000
_BY_MODELS, _BY_PEOPLE = "models", "people"


@dataclass(frozen=True, slots=True)
class CostRow:
    """One kind of spending as finely as it is known. None = does not apply, or is not on record.

    kind: `calls`, `machines` or `people`.  n: attempts at calls, or answers.  n_unknown: of those, without known cost.
    seconds: of people; of machines, how long they were busy.
    """

    kind: Literal["calls", "machines", "people"]
    model: str | None
    prompt: str | None
    guideline: int | None
    month: str
    person: str | None
    purpose: str
    n: int
    n_unknown: int
    seconds: float
    pico: int


def cost_report(views: Views, project_id: ProjectId, *, by: Grouping = "kind") -> dict[str, Json]:
    """Add up what a project has cost, in rows and in all; per label, per right label, per certified label; by month.

    Reads one snapshot and writes nothing.
    """
    project = project_of(views, project_id)
    rows = cost_rows(views, project)
    grouped: dict[str, list[CostRow]] = {}
    for row in rows:
        grouped.setdefault(_key(row, by), []).append(row)
    total = sum(row.pico for row in rows)
    missing = _missing(rows, project.config.costs)
    return {
        "project": project.name,
        "by": by,
        "rows": [{"key": key, **_summed(grouped[key])} for key in sorted(grouped)],
        "total": _summed(rows),
        "is_estimate": project.config.recorded,
        "is_complete": not missing,
        "missing": list(missing),
        "per": per_label(views, project, total),
        "trend": trend(views, project, [(row.month, row.pico) for row in rows]),
    }


def cost_rows(views: Views, project: Project) -> list[CostRow]:
    """Give every kind of spending of a project; their `pico` add up to all it cost."""
    runs = {run.id: run for run in views.runs(project.id)}
    versions = {one.run: one for one in views.run_versions(project.id)}
    rates = project.config.costs
    machine = _machine_time(views.unpriced_calls(project.id)) if rates.gpu_per_hour is not None else {}
    rows: list[CostRow] = []
    for one in views.call_costs(project.id):
        run, made = runs.get(one.run), versions.get(one.run)
        stated = run.parameters if run is not None else {}
        purpose = run.kind if run is not None else "calls"
        if stated.get("delivery") == "batch":
            purpose += ", in batches"
        prompt = made.prompt_hash if made is not None else stated.get("prompt_hash")
        of_run = (
            one.model,
            None if prompt is None else str(prompt)[:12],
            None if made is None else made.guideline_version,
            one.month,
            None,
            purpose,
        )
        milliseconds = machine.pop((one.run, one.model, one.month), 0)
        unknown = 0 if milliseconds else one.n_unknown
        rows.append(CostRow("calls", *of_run, one.n_calls, unknown, 0.0, one.cost_pico))
        if milliseconds and rates.gpu_per_hour is not None:
            cost = hourly_pico(milliseconds, rates.gpu_per_hour)
            rows.append(CostRow("machines", *of_run, 0, 0, milliseconds / 1000, cost))
    names = {str(person.id): person.name for person in views.annotators(project.id)}
    for one in views.answer_times(project.id):
        known = rates.wage_per_hour is not None
        wage = rates.wage_per_hour or 0
        cost = hourly_pico(one.milliseconds, wage, overhead=rates.overhead) if known else 0
        rows.append(
            CostRow(
                kind="people",
                model=None,
                prompt=None,
                guideline=one.guideline_version,
                month=one.month,
                person=names.get(one.annotator, one.annotator),
                purpose=one.purpose,
                n=one.n_answers,
                n_unknown=one.n_unknown if known else one.n_submissions,
                seconds=one.milliseconds / 1000,
                pico=cost,
            )
        )
    return rows


def hourly_pico(milliseconds: int, micro_per_hour: int, *, overhead: float = 0.0) -> int:
    """Give what time costs, in whole pico-USD, rounded once.

    >>> hourly_pico(3_600_000, 18_000_000, overhead=0.2)
    21600000000000
    """
    exact = Decimal(milliseconds) * micro_per_hour * _PICO_PER_MICRO / _MS_PER_HOUR * (1 + Decimal(str(overhead)))
    return int(exact.to_integral_value(ROUND_HALF_UP))


def _machine_time(calls: Iterable[CallTime]) -> dict[tuple[str, str, str], int]:
    """Give how long calls without a price kept a machine busy, in ms: calls at the same time count once."""
    spans: dict[tuple[str, str], list[tuple[float, float, str]]] = {}
    for call in calls:
        ended = datetime.fromisoformat(call.ended_at).timestamp()
        span = (ended - call.latency_ms / 1000, ended, call.ended_at[:7])
        spans.setdefault((call.run, call.model), []).append(span)
    busy: dict[tuple[str, str, str], float] = {}
    for (run, model), of_run in spans.items():
        until = float("-inf")
        for begun, ended, month in sorted(of_run):
            key = (run, model, month)
            busy[key] = busy.get(key, 0.0) + max(0.0, ended - max(begun, until))
            until = max(until, ended)
    return {key: max(1, round(1000 * seconds)) for key, seconds in busy.items()}


def _key(row: CostRow, by: Grouping) -> str:
    person = _BY_MODELS if row.kind != "people" else None
    model = _BY_PEOPLE if row.kind == "people" else None
    keys: Mapping[Grouping, Callable[[], str]] = {
        "kind": lambda: row.kind,
        "model": lambda: model or str(row.model),
        "prompt": lambda: model or row.prompt or "not recorded",
        "guideline": lambda: "not recorded" if row.guideline is None else f"version {row.guideline}",
        "month": lambda: row.month,
        "person": lambda: person or str(row.person),
        "purpose": lambda: row.purpose,
    }
    return keys[by]()


def _summed(rows: Iterable[CostRow]) -> dict[str, Json]:
    every = list(rows)
    pico = sum(row.pico for row in every)
    return {
        "calls": sum(row.n for row in every if row.kind == "calls"),
        "answers": sum(row.n for row in every if row.kind == "people"),
        "people_seconds": round(sum(row.seconds for row in every if row.kind == "people"), 3),
        "machine_seconds": round(sum(row.seconds for row in every if row.kind == "machines"), 3),
        "cost_pico": pico,
        "cost": pico / _PICO_PER_USD,
        "unknown_calls": sum(row.n_unknown for row in every if row.kind == "calls"),
        "unknown_submissions": sum(row.n_unknown for row in every if row.kind == "people"),
    }


def _missing(rows: Iterable[CostRow], rates: CostRates) -> list[str]:
    """Say what the total does not hold, and how to have it hold it."""
    every, said = list(rows), list[str]()
    for model in sorted({str(row.model) for row in every if row.kind == "calls" and row.n_unknown}):
        n = sum(row.n_unknown for row in every if row.model == model)
        said.append(
            f"{n:,} calls to {model} have no known price; state price_input and price_output, or costs.gpu_per_hour"
        )
    untimed = sum(row.n_unknown for row in every if row.kind == "people")
    if rates.wage_per_hour is None and any(row.kind == "people" for row in every):
        said.append("what people earn is not known; write costs: {wage_per_hour: 18} in project.yaml, say")
    elif untimed:
        said.append(f"{untimed:,} submissions came without the time they took")
    return said
