"""labelwright report."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Annotated, Any, cast

import typer

from labelwright.adapters.formats.text_table import write_whole
from labelwright.adapters.report.canvas import exact_percent
from labelwright.adapters.report.estimate_words import COLUMNS, estimate_rows, estimate_sentences
from labelwright.adapters.report.question_words import audit_sentence, why_not_certified
from labelwright.cli.commands.budget_words import budget_facts
from labelwright.cli.options import HERE, JsonOption, ProjectOption, WorkspaceOption
from labelwright.cli.output import emit_json, facts, note, say, table
from labelwright.services.acceptance.statement import beside_verdict
from labelwright.workspace import Workspace


def command(
    workspace: WorkspaceOption = HERE,
    project: ProjectOption = None,
    html: Annotated[
        Path | None, typer.Option("--html", help="Draw it into this file, which needs nothing else.", metavar="FILE")
    ] = None,
    json: JsonOption = False,
) -> None:
    """Say how good the labels are: accuracy with its interval, certificates, ladder of limits, audit, cost."""
    with Workspace.open(workspace, via="cli") as opened:
        handle = opened.project(project)
        report = cast("Mapping[str, Any]", handle.report())
        drawn = handle.report_html() if html is not None else ""
    if html is not None:
        write_whole(html, drawn.encode())
        note(f"drawn into {html}")
    if json:
        emit_json(report)
        return
    cost = report["calls"]["cost_micro"]
    facts(
        {
            "project": report["project"],
            "items": report["n_items"],
            "answers of people": report["n_human_labels"],
            "calls to models": report["calls"]["calls"],
            "cost": "unknown"
            if cost is None
            else f"${cost / 1e6:,.4f}" + (" (estimated)" if report["recorded"] else ""),
            **(
                budget_facts(report["budget"], is_whole=cost is not None)
                if report["budget"]["limit_micro"] is not None
                else {}
            ),
            "target error": exact_percent(report["target_error"]),
            "confidence level": exact_percent(report["confidence_level"]),
        }
    )
    for question in cast("Sequence[Mapping[str, Any]]", report["questions"]):
        _tell(question, has_model=report["model"] is not None)


def _tell(question: Mapping[str, Any], *, has_model: bool) -> None:
    say()
    say(f"{question['name']}:")
    facts({f"labels {status}": count for status, count in question["resolved"].items()})
    certificate = question["certificate"]
    if certificate is None:
        say(
            f"  not certified: {why_not_certified(question, has_model=has_model)} (labelwright status says what is due)"
        )
        return
    say(f"  {certificate['verdict']}")
    for sentence in beside_verdict(certificate):
        say(f"  {sentence}")
    if certificate["sample_number"] > 1:
        say(f"  sample number {certificate['sample_number']} of this project: each may fail by chance")
    for sentence in estimate_sentences(question["estimate"]):
        say(f"  {sentence}")
    table(list(COLUMNS), estimate_rows(question["estimate"]))
    audit = question["audit"]
    if audit is not None and audit["n_checked"]:
        say(f"  {audit_sentence(audit, target_error=certificate['target_error'])}")
    rows = [
        [
            f"{rung['target_error']:.0%}" + (" (frozen)" if rung["is_frozen"] else ""),
            f"{rung['coverage']:.1%}" if rung["is_certified"] else "nothing",
            rung["n_accepted"] if rung["is_certified"] else 0,
        ]
        for rung in question["ladder"]
    ]
    table(["at most wrong", "may be accepted", "items"], rows)
