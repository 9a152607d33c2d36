"""The demonstration's result for people: a table and what must be said with it."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from labelwright.demo.result import DemoResult, QuestionResult
from labelwright.demo.truth import TrueErrors

if TYPE_CHECKING:
    from rich.table import Table

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

    columns = [_figures(question) for question in result.questions]
    names = [question.name for question in result.questions]
    if len(columns) > 1:
        columns.append(_overall(result))
        names.append("overall")
    table = Table(title=Text(f"{result.dataset}: {result.model}"), title_justify="left")
    table.add_column("")
    for name in names:
        table.add_column(Text(name), justify="right")
    labels = ["items", "calibration sample", "accepted unseen", "certified error", "answers by people"]
    for place, label in enumerate([*labels, *(name for name, _ in _ERRORS)]):
        if place == len(labels):
            table.add_section()
        table.add_row(label, *(Text(column[place]) for column in columns))
    return table


def _figures(question: QuestionResult) -> list[str]:
    return [
        f"{question.n_items:,}",
        f"{question.n_calibration:,}",
        _accepted(question.n_auto_accepted, question.n_items),
        f"≤ {question.target_error:.0%} at {question.confidence_level:.4g}" if question.is_certified else "nothing",
        f"{question.n_human_labels:,}",
        *(_percent(rate(question.errors)) for _, rate in _ERRORS),
    ]


def _overall(result: DemoResult) -> list[str]:
    n_pairs = sum(question.n_items for question in result.questions)
    return [
        f"{n_pairs:,}",
        f"{sum(question.n_calibration for question in result.questions):,}",
        _accepted(result.n_auto_accepted, n_pairs),
        f"≤ {result.target_error:.0%} at {result.confidence_level:.4g}" if result.is_certified else "nothing",
        f"{result.n_human_labels:,}",
        *(_percent(rate(result.errors)) for _, rate in _ERRORS),
    ]


def _accepted(n: int, of: int) -> str:
    return f"{n:,} ({n / of:.0%})"


def _percent(rate: float | None) -> str:
    return "–" if rate is None else f"{rate:.1%}"
