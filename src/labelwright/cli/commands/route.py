"""labelwright route."""

from __future__ import annotations

from typing import TYPE_CHECKING

from labelwright.cli.options import HERE, JsonOption, ProjectOption, WorkspaceOption
from labelwright.cli.output import emit_json, say, table
from labelwright.workspace import Workspace

if TYPE_CHECKING:
    from labelwright.services.acceptance.route import RouteReport

_HEADINGS = (
    "question",
    "accepted unseen",
    "accepted, audited",
    "calibration sample",
    "to people, answered already",
    "to people, not answered yet",
)


def command(workspace: WorkspaceOption = HERE, project: ProjectOption = None, json: JsonOption = False) -> None:
    """Accept what the certificates cover, reserve the audit, queue the rest for people.

    A random share of the accepted is set aside for a blind check before anything else is queued; the rest goes to
    people, least sure first. Items that came since the last routing are routed when the command is run again.
    Each item of a question is counted once. What people have answered already, as where models were taught by a first
    blind sample, keeps their answer and is not asked again.
    """
    with Workspace.open(workspace, via="cli") as opened:
        report = opened.project(project).route()
    if json:
        emit_json(report)
        return
    if not report.routes:
        say("There is nothing to route yet. Next: labelwright import FILE")
        return
    table(_HEADINGS, [_row(name, report) for name in report.routes])
    say(f"{report.n_routed:,} decided now." if report.n_routed else "Nothing new to decide.")


def _row(question: str, report: RouteReport) -> list[object]:
    routes, answered = report.routes[question], report.answered[question]
    apart = [routes.get(route, 0) for route in ("accept", "audit", "calibration")]
    return [question, *apart, answered, routes.get("review", 0) - answered]
