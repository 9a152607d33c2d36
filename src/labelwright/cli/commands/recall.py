"""labelwright recall."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Annotated, cast

import typer

from labelwright.cli.options import HERE, DryRunOption, JsonOption, ProjectOption, WorkspaceOption
from labelwright.cli.output import emit_json, facts, moment, note, say
from labelwright.workspace import ProjectHandle, Workspace

if TYPE_CHECKING:
    from labelwright.services.audits.recall import RecallPreview, RecallReport


def command(
    workspace: WorkspaceOption = HERE,
    project: ProjectOption = None,
    *,
    slice_: Annotated[
        str | None,
        typer.Option("--slice", help="What, as `labelwright audit` names it.", metavar="FIELD=VALUE"),
    ] = None,
    everything: Annotated[bool, typer.Option("--all", help="Take back all that is accepted.")] = False,
    undo: Annotated[
        str | None, typer.Option("--undo", help="Give back what this recall took.", metavar="RECALL")
    ] = None,
    question: Annotated[
        str | None, typer.Option("--question", "-q", help="Where the project has several.", metavar="NAME")
    ] = None,
    reason: Annotated[str, typer.Option("--reason", help="Why; it stays with every item.", metavar="TEXT")] = "",
    dry_run: DryRunOption = False,
    yes: Annotated[bool, typer.Option("--yes", "-y", help="Do not ask.")] = False,
    json: JsonOption = False,
) -> None:
    """Take accepted labels back to people: a slice of them, or all. It can be undone.

    They go to review with the reason; their label of record is no longer `auto-accepted`, and stays unverified until a
    person answers. What is left gets a fresh random audit. `--undo` gives back what nobody has answered meanwhile.

    Without `--slice`, `--all` or `--undo`: list the recalls there were. Exit status 1 when the answer is no.
    """
    if sum([slice_ is not None, everything, undo is not None]) > 1:
        raise typer.BadParameter("give one of --slice, --all and --undo")
    with Workspace.open(workspace, via="cli") as opened:
        handle = opened.project(project)
        if undo is not None:
            found = handle.preview_undo(undo)
            report = found if dry_run else handle.undo_recall(undo)
            emit_json(report) if json else say(_undone(report, was_undone=found.undone, dry_run=dry_run))
            return
        if slice_ is None and not everything:
            _list(handle, json=json)
            return
        preview = handle.preview_recall(question=question, slice=slice_)
        if dry_run:
            emit_json(preview) if json else _show(preview)
            return
        if not yes:
            _show(preview, to_stderr=json)
            _ask(preview)
        report = handle.recall(question=question, slice=slice_, reason=reason)
    if json:
        emit_json(report)
        return
    say(f"Recalled {report.n_items:,} labels: {report.slice or 'everything accepted'}. It is recall {report.recall}.")
    say(f"Next: labelwright aggregate, then labelwright serve. To undo it: labelwright recall --undo {report.recall}")


def _undone(report: RecallReport, *, was_undone: bool, dry_run: bool) -> str:
    what = f"{report.n_items:,} labels of {report.slice or 'everything'}"
    if was_undone:
        return f"Recall {report.recall} ({what}) was undone before."
    if dry_run:
        return f"Would be given back: {what}, but for what people have answered. Nothing was changed."
    return f"Undone: {what} are accepted again, but for what people have answered. Next: labelwright aggregate"


def _show(preview: RecallPreview, *, to_stderr: bool = False) -> None:
    wrong = f"{preview.n_wrong:,} of {preview.n_audited:,}" if preview.n_audited else None
    told: dict[str, object] = {
        "would be taken back": f"{preview.n_items:,} accepted labels of {preview.question}",
        "slice": preview.slice or "everything accepted",
        "wrong in the audit": wrong,
        "answered by people already": preview.n_answered,
        "answers it will take": preview.n_labels,
    }
    if to_stderr:
        for name, value in told.items():
            note(f"  {name}: {value}")
    else:
        facts(told)


def _ask(preview: RecallPreview) -> None:
    if not sys.stdin.isatty():
        note("error: this takes labels back; say so with --yes, or look first with --dry-run")
        raise typer.Exit(1)
    if not typer.confirm(f"Take {preview.n_items:,} labels back?", err=True):
        raise typer.Exit(1)


def _list(handle: ProjectHandle, *, json: bool) -> None:
    found = handle.recalls()
    if json:
        emit_json({"recalls": found})
        return
    if not found:
        say("Nothing was ever recalled. What the audit says: labelwright audit")
        return
    for one in found:
        state = "in force" if one["in_force"] else "undone" if one["undone_at"] else "of an older certificate"
        n = cast("int", one["n_items"])
        say(f"{one['number']}. {n:,} accepted labels of {one['question']}, {moment(str(one['at']))}, {state}")
        facts({"slice": one["slice"] or "everything", "reason": one["reason"], "recall": one["recall"]})
    say("To give one back: labelwright recall --undo NUMBER")
