"""labelwright route."""

from __future__ import annotations

from labelwright.cli.options import HERE, JsonOption, ProjectOption, WorkspaceOption
from labelwright.cli.output import emit_json, say, table
from labelwright.workspace import Workspace

_ROUTES = ("accept", "audit", "review", "calibration")


def command(workspace: WorkspaceOption = HERE, project: ProjectOption = None, json: JsonOption = False) -> None:
    """Accept what the certificates cover, reserve the audit, queue the rest for people.

    A random share of the accepted is set aside for a blind check before anything else is queued; the rest goes to
    people, least sure first. Items that came since the last routing are routed when the command is run again.
    """
    with Workspace.open(workspace, via="cli") as opened:
        report = opened.project(project).route()
    if json:
        emit_json(report)
        return
    if not report.routes:
        say("There is nothing to route yet. Next: labelwright import FILE")
        return
    rows = [[name, *(routes.get(route, 0) for route in _ROUTES)] for name, routes in report.routes.items()]
    table(["question", "accepted unseen", "accepted, audited", "to people", "calibration sample"], rows)
    say(f"{report.n_routed:,} decided now." if report.n_routed else "Nothing new to decide.")
