"""labelwright jobs."""

from __future__ import annotations

from typing import Annotated, Any, cast

import typer

from labelwright.cli.commands.budget_words import budget_facts
from labelwright.cli.commands.prelabel import confirm
from labelwright.cli.options import HERE, JsonOption, ProjectOption, WorkspaceOption
from labelwright.cli.output import emit_json, facts, moment, say, table
from labelwright.domain.ids import ProjectId
from labelwright.errors import InvalidValue, did_you_mean
from labelwright.ports.jobs import Job
from labelwright.services.models import jobs as service
from labelwright.services.projects.project_of import project_of
from labelwright.workspace import Workspace

WORDS = ("list", "start", "pause", "resume", "cancel")


def command(
    word: Annotated[str, typer.Argument(help="list, start, pause, resume or cancel.", metavar="WHAT")] = "list",
    job: Annotated[str | None, typer.Argument(help="Which job to pause, resume or cancel.", metavar="ID")] = None,
    *,
    workspace: WorkspaceOption = HERE,
    project: ProjectOption = None,
    limit: Annotated[int | None, typer.Option(help="With start: label at most this many items.", min=1)] = None,
    yes: Annotated[bool, typer.Option("--yes", "-y", help="With start: do not ask, whatever it may cost.")] = False,
    json: JsonOption = False,
) -> None:
    """Show the runs of a project, and start, pause, resume or cancel one.

    A run that is started here waits for a worker: `labelwright worker`, or the one that `labelwright serve` starts when
    somebody starts or resumes a run on the page. `labelwright prelabel` runs at once, in this terminal.
    Either way a run that may cost more than `confirm_above` asks first.
    A pause lets the calls in flight finish and be kept. A run whose worker was killed is shown as stalled; resume it.
    """
    if word not in WORDS:
        raise InvalidValue("WHAT", f"there is no {word!r} for jobs", did_you_mean(word, WORDS))
    with Workspace.open(workspace, via="cli") as opened:
        handle = opened.project(project)
        now = opened.world.now()
        if word == "list":
            with opened.storage.reading() as views:
                shown = service.shown_jobs(views, project_of(views, handle.id), now=now)
            if json:
                emit_json(shown)
            else:
                _show(shown)
            return
        if word == "start" and job is None and not yes:
            confirm(handle, limit=limit)
        changed = _change(opened, handle.id, word, job, limit)
        with opened.storage.reading() as views:
            line = service.shown_job(views, project_of(views, handle.id), changed, now=now)
    if json:
        emit_json(line)
        return
    say(f"job {line['id']} is {line['state']}")
    if changed.state == "waiting":
        say("Next: labelwright worker   (it takes the job; nothing to do where one runs)")


def _change(opened: Workspace, project: ProjectId, word: str, job: str | None, limit: int | None) -> Job:
    world = opened.world
    if word == "start":
        if job is not None:
            raise InvalidValue("ID", "a new job has no id yet; give none to start one")
        return opened.storage.write(
            lambda tx: service.ask(tx, project_of(tx, project), limit=limit, asked_by="terminal", world=world)
        )
    if job is None:
        raise InvalidValue("ID", f"which job is to {word}?", "; `labelwright jobs` lists them")
    action = cast("service.Action", word)
    return opened.storage.write(lambda tx: service.act(tx, project_of(tx, project), job, action, now=world.now()))


def _show(shown: dict[str, Any]) -> None:
    if not shown["jobs"]:
        say("There has been no run yet. Next: labelwright prelabel   (or: labelwright jobs start)")
    else:
        columns = ("job", "state", "done", "of", "failed", "cost", "asked by", "started")
        table(columns, [_row(one) for one in shown["jobs"]], whole=("job", "state"))
        for one in shown["jobs"]:
            if one["is_stalled"]:
                say(f"job {one['id']} is stalled: its worker was killed. Next: labelwright jobs resume {one['id']}")
            elif one["problem"]:
                say(f"job {one['id']}: {one['problem']}")
    facts(budget_facts(shown["budget"], is_whole=all(one["cost_micro"] is not None for one in shown["jobs"])))


def _row(one: dict[str, Any]) -> tuple[object, ...]:
    state = "stalled" if one["is_stalled"] else one["state"]
    cost = "unknown" if one["cost_micro"] is None else _dollars(one["cost_micro"])
    started = moment(one["started_at"])
    return one["id"], state, one["done"], one["total"], one["failed"], cost, one["asked_by"], started


def _dollars(micro: int) -> str:
    return f"${micro / 1e6:,.4f}"
