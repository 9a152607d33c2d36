"""labelwright aggregate."""

from __future__ import annotations

from labelwright.cli.options import HERE, JsonOption, ProjectOption, WorkspaceOption
from labelwright.cli.output import emit_json, say, table
from labelwright.workspace import Workspace

_STATUSES = ("consensus", "human-verified", "bulk-accepted", "auto-accepted", "unverified", "unresolved")
_NOT_ASKED = "not-applicable"


def command(workspace: WorkspaceOption = HERE, project: ProjectOption = None, json: JsonOption = False) -> None:
    """Settle the label of record of every item and question: people's majority, then what was accepted.

    What neither people nor a certificate cover keeps the model's label under the status `unverified`.
    """
    with Workspace.open(workspace, via="cli") as opened:
        report = opened.project(project).aggregate()
    if json:
        emit_json(report)
        return
    has_conditions = any(_NOT_ASKED in counts for counts in report.statuses.values())
    statuses = (*_STATUSES, _NOT_ASKED) if has_conditions else _STATUSES
    rows = [[name, *(counts.get(status, 0) for status in statuses)] for name, counts in report.statuses.items()]
    if not rows:
        say("There is nothing to settle yet. Next: labelwright import FILE")
        return
    table(["question", *(status.replace("-", " ") for status in statuses)], rows)
    say(f"{report.n_changed:,} settled now." if report.n_changed else "Nothing new to settle.")
