"""Ask before much is spent."""

from __future__ import annotations

import sys
from collections.abc import Iterable

import typer

from labelwright.cli.output import note
from labelwright.domain.project import ProjectConfig
from labelwright.services.models.asks_first import asks_first


def ask_before(
    config: ProjectConfig, *, cost_micro: int | None, most_micro: int | None, lines: Iterable[str] = ()
) -> None:
    """Ask before calls that cost more than the project says, as a rule. Recordings cost nothing.

    cost_micro, most_micro: as a rule and at most; None = no price is known: asked only where the project sets a limit.
    lines: what is said before the question.
    Raises Exit, when the answer is no or nobody is there to give one.
    """
    if not asks_first(config, cost_micro):
        return
    for line in lines:
        note(line)
    question = "Nobody knows what this costs. Go on?"
    if cost_micro is not None:
        most = "" if most_micro is None else f", at most {_dollars(most_micro)}"
        question = f"This costs about {_dollars(cost_micro)}{most}. Go on?"
    if not sys.stdin.isatty():
        note(f"error: {question} Nobody is there to answer: say --yes, or raise confirm_above in project.yaml")
        raise typer.Exit(1)
    if not typer.confirm(question, err=True):
        raise typer.Exit(1)


def _dollars(micro: int) -> str:
    return f"${micro / 1e6:,.2f}" if micro >= 10_000 else f"${micro / 1e6:,.4f}"
