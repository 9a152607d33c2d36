"""labelwright audit."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Annotated, Any, cast

import typer

from labelwright.adapters.report.canvas import exact_percent
from labelwright.cli.options import HERE, JsonOption, ProjectOption, WorkspaceOption
from labelwright.cli.output import emit_json, facts, moment, note, say, table
from labelwright.workspace import Workspace

ALARM = 3
MOST_SHOWN = 12


def command(
    workspace: WorkspaceOption = HERE,
    project: ProjectOption = None,
    *,
    question: Annotated[str | None, typer.Option("--question", "-q", help="Only this one.", metavar="NAME")] = None,
    draw: Annotated[
        int | None,
        typer.Option("--draw", min=1, help="First enlarge the random sample by so many items.", metavar="N"),
    ] = None,
    json: JsonOption = False,
) -> None:
    """Say what the blind random sample says of the accepted labels, at this moment.

    Its interval and its alarm hold however often one looks: look as often as you like, stop when it is narrow enough,
    draw more when it is not. The alarm rings when it is known that more than the target is wrong; then the parts that
    explain it are named, to be taken back: labelwright recall.

    Exit status 3 when an alarm rings.
    """
    with Workspace.open(workspace, via="cli") as opened:
        handle = opened.project(project)
        drawn = None if draw is None else handle.draw_audit(draw, question=question)
        found = cast("Mapping[str, Mapping[str, Any] | None]", handle.audit(question))
        void = [] if all(found.values()) else handle.status().void_because
    if json:
        emit_json({"questions": found})
    else:
        if drawn is not None:
            n = sum(drawn.drawn.values())
            note(f"{n:,} more drawn at random; people are asked about {drawn.n_asked:,} of them (labelwright serve)")
        for name, audit in found.items():
            _tell(name, audit, void=void)
    if any(audit is not None and audit["alarm"] is not None for audit in found.values()):
        raise typer.Exit(ALARM)


def _tell(name: str, audit: Mapping[str, Any] | None, *, void: Sequence[str]) -> None:
    say(f"{name}:")
    if audit is None and void:
        say(f"  the certificate is void: {'; '.join(void)}. What it accepted is accepted no more, and not audited")
        return
    if audit is None:
        say("  nothing is accepted, so there is nothing to audit (labelwright status says what is due)")
        return
    say(f"  {audit['sentence']}")
    inclusion = audit["inclusion"]
    facts(
        {
            "drawn, checked": f"{audit['n_drawn']:,}, {audit['n_checked']:,}",
            "of accepted": audit["n_population"],
            "each had the chance": f"{inclusion['probability']:.1%} ({inclusion['design']})",
        }
    )
    if inclusion["n_not_drawn_from"]:
        say(f"  {inclusion['n_not_drawn_from']:,} accepted items have no sample yet (labelwright route draws it)")
    level = exact_percent(float(audit["level"]))
    rows = [
        [one["slice"], one["n_accepted"], one["n"], one["n_wrong"], _span(one), "ALARM" if one["alarm"] else ""]
        for one in cast("Sequence[Mapping[str, Any]]", audit["slices"])[:MOST_SHOWN]
    ]
    if rows:
        table(["slice", "accepted", "checked", "wrong", f"wrong of all ({level}, all rows at once)", ""], rows)
    _tell_recalls(audit)


def _tell_recalls(audit: Mapping[str, Any]) -> None:
    for one in audit["recalls"]:
        what = one["slice"] or "everything"
        state = "in force" if one["in_force"] else "undone" if one["undone_at"] else "of an older certificate"
        said = f"  recall {one['number']} ({moment(one['at'])}, {state}): {what}"
        say(f"{said}, {one['n_items']:,} labels; {one['reason']}")
    proposal = audit["proposal"]
    if proposal is None:
        return
    if proposal["everything"]:
        say("  No slice explains it. To take everything back: labelwright recall --all")
        return
    for words in proposal["slices"]:
        say(f'  To take it back: labelwright recall --slice "{words}"')
    if proposal["error_left"] is not None:
        say(f"  Of what stays accepted then, about {exact_percent(round(proposal['error_left'], 3))} are wrong.")


def _span(one: Mapping[str, Any]) -> str:
    return f"{one['low']:.1%} to {one['high']:.1%}"
