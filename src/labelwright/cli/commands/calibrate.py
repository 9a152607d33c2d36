"""labelwright calibrate."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer

from labelwright.adapters.report.canvas import exact_percent
from labelwright.cli.options import HERE, JsonOption, ProjectOption, WorkspaceOption
from labelwright.cli.output import emit_json, facts, say
from labelwright.services.acceptance.statement import beside_verdict, focused_sentence
from labelwright.services.acceptance.uncovered import uncovered_words
from labelwright.workspace import Workspace


def command(
    workspace: WorkspaceOption = HERE,
    project: ProjectOption = None,
    *,
    count_missing_as_wrong: Annotated[
        bool,
        typer.Option(
            "--count-missing-as-wrong",
            help="Certify now; sampled items that nobody labelled count as the model's errors.",
        ),
    ] = False,
    new_pool: Annotated[
        bool,
        typer.Option(
            "--new-pool",
            help="Draw a new sample, with items that came since the last; its certificate replaces that one's.",
        ),
    ] = False,
    check: Annotated[
        bool,
        typer.Option("--check", help="Change nothing: compute the certificates again from the ledger, and compare."),
    ] = False,
    json: JsonOption = False,
) -> None:
    """Draw the blind random sample; once people have labelled it, say what may be accepted.

    Run it again at any time: it plans once, says how far the labelling is, and issues the certificates when all the
    labels are in. Model, prompt, target error, confidence level and size are frozen before the first label.

    Exit status: 1 with --check, when a certificate does not come out the same.
    """
    if check:
        _check(workspace, project, json=json)
        return
    with Workspace.open(workspace, via="cli") as opened:
        handle = opened.project(project)
        report = handle.calibrate(count_missing_as_wrong=count_missing_as_wrong, new_pool=new_pool)
    if json:
        emit_json(report)
        return
    if report.state == "asking":
        say(f"{report.asks} is to be asked about what the links before it do not keep.")
        say("Next: labelwright prelabel; then: labelwright calibrate")
        return
    if report.state != "certified":
        say(f"A random sample of {report.n_items:,} of {report.n_pool:,} items is to be labelled blind.")
        if "focus" in report.frozen:
            say(focused_sentence(report.frozen["focus"]))
        if report.n_items < report.frozen["n_start"]:
            limit = exact_percent(report.frozen["binding"]["target_error"])
            say(
                f"Too few to certify {limit} error, whatever they say: {report.frozen['n_start']:,} accepted ones are "
                "needed merely to start. Import more items, or accept a higher target error."
            )
        facts({"labels in": report.n_labels, "labels needed": report.n_labels_wanted})
        if report.n_not_blind:
            say(
                f"{report.n_not_blind:,} of these are not blind: whoever gave them had seen a label of the item, and "
                "nobody else was signed in to be handed it. They prove nothing, and such items count as wrong."
            )
        say("Next: labelwright invite NAME, labelwright serve; then: labelwright calibrate")
        return
    for question, certificate in report.certificates.items():
        say(f"{question}: {certificate['verdict']}")
        for sentence in beside_verdict(certificate):
            say(f"  {sentence}")
    if report.n_uncovered:
        say(uncovered_words(report.n_uncovered))
    elif new_pool:
        say("No item that nobody has labelled came after the pool was frozen: there is no need of a new one.")
    say("Next: labelwright route")


def _check(workspace: Path, project: str | None, *, json: bool) -> None:
    with Workspace.open(workspace, via="cli") as opened:
        found = opened.project(project).check_certificates()
    if json:
        emit_json({"holds": all(one.holds for one in found), "certificates": [asdict(one) for one in found]})
    elif not found:
        say("There is no certificate yet.")
    for one in [] if json else found:
        if one.holds:
            but = f" ({one.why})" if one.why else ""
            say(f"{one.question}: certificate {one.id} comes out the same from the ledger{but}.")
        elif one.recomputed is None:
            say(f"{one.question}: certificate {one.id} cannot be computed again: {one.why}")
        else:
            say(f"{one.question}: certificate {one.id} comes out otherwise: {', '.join(one.differs)}")
    if not all(one.holds for one in found):
        raise typer.Exit(1)
