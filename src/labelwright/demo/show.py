"""The demonstration's result for people: a table for the terminal, and the same as a card of the report."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from labelwright.adapters.report.page import Bullets, Section
from labelwright.adapters.report.page import Table as PageTable
from labelwright.demo.result import DemoResult
from labelwright.demo.truth import TrueErrors

if TYPE_CHECKING:
    from rich.table import Table

_COUNTS = ("items", "calibration sample", "accepted unseen", "certified error", "answers by people")
_ERRORS: tuple[tuple[str, Callable[[TrueErrors], float | None]], ...] = (
    ("true error: accepted part", lambda e: e.auto_accepted.rate),
    ("true error: final, before audit repairs", lambda e: e.final_before_audit.rate),
    ("true error: final data set", lambda e: e.final.rate),
    ("true error: model only", lambda e: e.model_only.rate),
    ("true error: people only, as many labels", lambda e: e.people_only.rate),
)


def result_table(result: DemoResult) -> Table:
    """Draw one column per question, and one over all where there are several."""
    from rich.table import Table  # noqa: PLC0415 - drawn once, at the end
    from rich.text import Text  # noqa: PLC0415

    columns = _columns(result)
    table = Table(title=Text(f"{result.dataset}: {result.model}"), title_justify="left")
    table.add_column("")
    for column in columns:
        table.add_column(Text(column.name), justify="right")
    for place, label in enumerate(_labels()):
        if place == len(_COUNTS):
            table.add_section()
        table.add_row(label, *(Text(column.cells[place]) for column in columns))
    return table


def result_card(result: DemoResult) -> Section:
    """Draw the same table for the report, with what must be said beside it."""
    columns = _columns(result)
    rows = [[label, *(column.cells[place] for column in columns)] for place, label in enumerate(_labels())]
    table = PageTable(["", *(column.name for column in columns)], rows)
    return Section(
        "The demonstration: what is true, since the gold is known", [table, Bullets(result.sentences)], is_wide=True
    )


@dataclass(frozen=True, slots=True)
class _Column:
    name: str
    cells: Sequence[str]


def _labels() -> list[str]:
    return [*_COUNTS, *(name for name, _ in _ERRORS)]


def _columns(result: DemoResult) -> list[_Column]:
    columns = [
        _column(
            question.name,
            n_items=question.n_items,
            n_calibration=question.n_calibration,
            n_accepted=question.n_auto_accepted,
            promise=(question.target_error, question.confidence_level) if question.is_certified else None,
            n_labels=question.n_human_labels,
            errors=question.errors,
        )
        for question in result.questions
    ]
    if len(columns) == 1:
        return columns
    overall = _column(
        "overall",
        n_items=sum(question.n_items for question in result.questions),
        n_calibration=sum(question.n_calibration for question in result.questions),
        n_accepted=result.n_auto_accepted,
        promise=(result.target_error, result.confidence_level) if result.is_certified else None,
        n_labels=result.n_human_labels,
        errors=result.errors,
    )
    return [*columns, overall]


def _column(
    name: str,
    *,
    n_items: int,
    n_calibration: int,
    n_accepted: int,
    promise: tuple[float, float] | None,
    n_labels: int,
    errors: TrueErrors,
) -> _Column:
    counts = (
        f"{n_items:,}",
        f"{n_calibration:,}",
        f"{n_accepted:,} ({n_accepted / n_items:.0%})",
        "nothing" if promise is None else f"≤ {_exactly(promise[0])} at {_exactly(promise[1])}",
        f"{n_labels:,}",
    )
    return _Column(name, (*counts, *(_percent(rate(errors)) for _, rate in _ERRORS)))


def _exactly(share: float) -> str:
    """A limit is never rounded to another one: 97.5%, not 98%."""
    return f"{100 * share:.6g}%"


def _percent(rate: float | None) -> str:
    return "–" if rate is None else f"{rate:.1%}"
