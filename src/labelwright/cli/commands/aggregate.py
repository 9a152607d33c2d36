"""labelwright aggregate."""

from __future__ import annotations

from labelwright.cli.options import HERE, JsonOption, ProjectOption, WorkspaceOption
from labelwright.cli.output import emit_json, say, table
from labelwright.workspace import Workspace

_STATUSES = ("consensus", "human-verified", "auto-accepted", "unverified", "unresolved")


def command(workspace: WorkspaceOption = HERE, project: ProjectOption = None, json: JsonOption = False) -> None:
    """Settle the label of record of every item and question: people's majority, then what was accepted.

    What neither people nor a certificate cover keeps the model's label under the status `unverified`.
    """
    with Workspace.open(workspace, via="cli") as opened:
        report = opened.project(project).aggregate()
    if json:
        emit_json(report)
        return
    rows = [[name, *(counts.get(status, 0) for status in _STATUSES)] for name, counts in report.statuses.items()]
    if not rows:
        say("There is nothing to settle yet. Next: labelwright import FILE")
        return
    table(["question", *(status.replace("-", " ") for status in _STATUSES)], rows)
    say(f"{report.n_changed:,} settled now." if report.n_changed else "Nothing new to settle.")
