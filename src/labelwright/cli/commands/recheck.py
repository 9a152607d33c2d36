"""labelwright recheck."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any, cast

import typer

from labelwright.cli.options import HERE, JsonOption, ProgressOption, ProjectOption, WorkspaceOption
from labelwright.cli.output import emit_json, progress, say, table
from labelwright.cli.spending import ask_before
from labelwright.workspace import ProjectHandle, Workspace


def command(
    workspace: WorkspaceOption = HERE,
    project: ProjectOption = None,
    *,
    probe: Annotated[bool, typer.Option("--probe", help="Have the model label a probe of old items anew.")] = False,
    n: Annotated[int, typer.Option("--n", min=40, help="With --probe: how many items.")] = 200,
    target: Annotated[
        float,
        typer.Option("--target", min=0.001, max=0.5, help="With --probe: share of what is left alone that may change."),
    ] = 0.05,
    requeue: Annotated[
        bool, typer.Option("--requeue", help="Queue for people what the probe says may change.")
    ] = False,
    undo: Annotated[bool, typer.Option("--undo", help="Take what --requeue asked for off the queue again.")] = False,
    yes: Annotated[bool, typer.Option("--yes", "-y", help="Do not ask, whatever the probe may cost.")] = False,
    json: JsonOption = False,
    show_progress: ProgressOption = False,
) -> None:
    """Say which old labels a changed guideline or prompt touches, and send these back to people.

    Run it after `apply` and before `prelabel`. Alone it shows how many labels are old, and what the last probe found.
    --probe has the model label some of them anew, learns which ones change, and foresees the rest; --requeue queues the
    likeliest for people until at most --target of what is left would change, at 95% confidence. Old labels stay in the
    history with their guideline's version; once somebody answers anew, the label of record follows.
    """
    if requeue and undo:
        raise typer.BadParameter("--requeue and --undo: one of the two")
    with Workspace.open(workspace, via="cli") as opened:
        handle = opened.project(project)
        if probe:
            if not yes:
                _ask(handle, n)
            with progress("recheck", wanted=show_progress) as shown:
                handle.probe_change(n=n, target=target, progress=shown)
        done = handle.requeue_changed() if requeue else handle.undo_requeue() if undo else None
        found = handle.recheck()
        cost = None if probe or not handle.config.config.models else handle.foresee(limit=n).models[0].cost_micro
    if json:
        emit_json({**found, "requeue": done})
        return
    _tell(found, n=n, cost=cost)
    if done is not None and done.undone:
        say(f"{done.n_items:,} items are off the queue again.")
    elif done is not None:
        say(f"{done.n_items:,} items are queued for people, most likely to change first. To undo it: --undo")


def _ask(handle: ProjectHandle, n: int) -> None:
    config = handle.config.config
    if config.recorded or not config.models:
        return
    first = handle.foresee(limit=n).models[0]
    ask_before(config, cost_micro=first.cost_micro, most_micro=first.most_micro)


def _tell(found: Mapping[str, Any], *, n: int, cost: int | None) -> None:
    questions = cast("Mapping[str, Mapping[str, Any]]", found["questions"])
    say(f"Made before guideline version {found['guideline_version']} and its prompt, and not asked again since:")
    rows = [
        [name, one["n_labels"], one["n_people"], one["n_accepted"], one["n_other"]] for name, one in questions.items()
    ]
    table(["question", "labels", "by people", "accepted unseen", "other of the model"], rows)
    probe = found["probe"]
    if probe is None and not any(one["n_labels"] for one in questions.values()):
        say("No label is older than the guideline: there is nothing to recheck.")
        return
    if probe is None:
        price = "" if cost is None else f", for about ${cost / 1e6:,.4f}"
        say(f"Next: labelwright recheck --probe   (the model labels {n:,} of them anew{price})")
        return
    for name, one in cast("Mapping[str, Mapping[str, Any]]", probe["questions"]).items():
        expected = one["expected"]
        say(
            f"{name}: {one['n_flipped']} of {probe['n_probe']} in the probe changed. Of all {one['n_labels']:,} about "
            f"{one['rate']:.1%} would [{max(one['rate_low'], 0):.1%}, {one['rate_high']:.1%}]: some "
            f"{expected['people']:.0f} of people's, {expected['accepted']:.0f} accepted, {expected['other']:.0f} other."
        )
        if one["is_bounded"]:
            say(
                f"  To look at again: {one['n_again']:,}. Of the {one['n_left']:,} left alone at most "
                f"{one['target']:.0%} would change, at 95% confidence."
            )
        else:
            say(f"  All {one['n_again']:,} must be looked at: {one['reason'] or 'the probe is too small'}.")
    if any(one["n_again"] for one in probe["questions"].values()):
        say("Next: labelwright recheck --requeue")
    else:
        say("Nothing needs another look: the labels may stand. Next: labelwright prelabel")
