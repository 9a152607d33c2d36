"""labelwright status."""

from __future__ import annotations

from labelwright.cli.commands.budget_words import budget_facts
from labelwright.cli.options import HERE, JsonOption, ProjectOption, WorkspaceOption
from labelwright.cli.output import emit_json, facts, say
from labelwright.services.acceptance.uncovered import uncovered_words
from labelwright.services.projects.status import StatusReport
from labelwright.workspace import Workspace


def command(workspace: WorkspaceOption = HERE, project: ProjectOption = None, json: JsonOption = False) -> None:
    """Show where every item stands and what is due next."""
    with Workspace.open(workspace, via="cli") as opened:
        names = opened.projects()
        if not names or (project is None and len(names) > 1):
            _show_projects(names, json=json)
            return
        report = opened.project(project).status()
    if json:
        emit_json(report)
    else:
        _show(report)


def _show_projects(names: list[str], *, json: bool) -> None:
    command = "labelwright apply" if not names else f"labelwright status --project {names[0]}"
    if json:
        emit_json({"projects": names, "next": {"command": command}})
        return
    say(f"Projects: {', '.join(names)}." if names else "There is no project yet.")
    say(f"Next: {command}")


def _show(report: StatusReport) -> None:
    lines: dict[str, object] = {
        "project": f"{report.project}, version {report.config_version}",
        "items": report.n_items,
    }
    for model, n in report.prelabelled.items():
        lines[f"labelled by {model}"] = n
    lines["calibration"] = report.calibration
    for question, is_certified in report.certified.items():
        why = report.not_certified.get(question)
        lines[f"certified: {question}"] = is_certified if why is None else f"no: {why}"
    for place, why in enumerate(report.void_because):
        lines["void because" if place == 0 else " " * place] = why
    if report.n_uncovered:
        lines["not covered"] = uncovered_words(report.n_uncovered)
    lines["decided"] = f"{report.n_decided:,} of {report.n_pairs:,} (items × questions)"
    for counts in report.queue:
        lines[f"queue: {counts.purpose}"] = f"{counts.open:,} open, {counts.leased:,} taken, {counts.done:,} done"
    lines["answers by people"] = report.n_labels
    for question, of_status in report.resolved.items():
        found = ", ".join(f"{n:,} {status}" for status, n in of_status.items())
        lines[f"labels of record: {question}"] = found or "none yet"
    lines["calls to models"] = report.calls.calls
    if report.calls.calls or report.budget["limit_micro"] is not None:
        lines |= budget_facts(report.budget, is_whole=report.calls.cost_micro is not None)
    lines["ledger"] = f"position {report.head.position:,}"
    facts(lines)
    say(f"Next: {report.next.command}   ({report.next.why})")
