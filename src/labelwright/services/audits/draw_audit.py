"""Enlarge the audit's random sample whenever it is wanted: what it says stays valid however often that is done."""

from __future__ import annotations

from dataclasses import dataclass

from labelwright.domain.ids import ProjectId
from labelwright.errors import InvalidValue, NotReady, did_you_mean
from labelwright.events import AuditReserved
from labelwright.ports.storage import Storage
from labelwright.ports.world import World
from labelwright.services.acceptance.certified import certified
from labelwright.services.acceptance.route import Due, decided, undecided, write_decisions
from labelwright.services.audits.ask_people import DueAudit
from labelwright.services.audits.audit_draws import Wanted, drawing, draws_of, due_draw, further_draw
from labelwright.services.audits.recalled import recalls_in_force
from labelwright.services.projects.project_of import project_of


@dataclass(frozen=True, slots=True)
class DrawReport:
    """drawn: question -> items newly in its sample.  n_asked: entries that were queued for people."""

    drawn: dict[str, int]
    n_asked: int


def draw_audit(
    project_id: ProjectId, n: int, *, storage: Storage, world: World, question: str | None = None
) -> DrawReport:
    """Draw n more accepted items per question, uniformly from those that are not in the sample yet.

    Appends: RunStarted, AuditReserved, RunFinished, ItemsRouted.
    Raises: NotReady, when nothing is accepted, or all of it is in the sample already.
    """
    if n < 1:
        raise InvalidValue("draw", f"{n} items cannot be drawn; give a number of at least 1")
    with storage.reading() as views:
        project = project_of(views, project_id)
        names = [str(q.name) for q in project.config.schema.always_asked]
        if question is not None and question not in names:
            raise InvalidValue("question", f"there is no question {question!r}{did_you_mean(question, names)}")
        plan, computed = decided(views, project)
        wanted: list[Wanted] = []
        for name in names if question is None else [question]:
            in_force = certified(views, project, name) if project.config.models else None
            if in_force is None:
                continue
            # What has no sample yet gets its share first; a larger number enlarges it at once.
            due = due_draw(name, in_force.audit, project.config.policy.audit_share)
            more = due or further_draw(name, in_force.audit, n)
            if more is not None:
                size = min(len(more.eligible), max(more.n, n))
                wanted.append(Wanted(name, more.eligible, size, more.batches))
        if not wanted:
            raise NotReady("nothing more can be drawn: nothing is accepted, or all of it is in the sample already")
        run = world.new_id()
        early = [one.number for q in names if (c := certified(views, project, q)) is not None for one in c.audit.draws]
        numbers = [-1, *early, *(draw.number for draw in draws_of(views, project_id, str(plan["plan"])))]
        events, pairs = drawing(
            project,
            run,
            plan=str(plan["plan"]),
            round=int(plan["frozen"]["round"]),
            number=max(numbers) + 1,
            wanted=wanted,
            reserved=views.queued(project_id, "audit"),
        )
        audit = DueAudit(frozenset(pairs), run, tuple(events))
        recalls = recalls_in_force(views, project_id, str(plan["plan"]))
        marked = undecided(views, project, computed, audit, recalls)
        fresh = [d for d in marked if d.route == "audit" and (int(d.item), str(d.question)) in pairs]
    write_decisions(project, run, Due(plan, fresh, audit, recalls), storage=storage, world=world)
    n_asked = sum(len(event.entries) for event in events if isinstance(event, AuditReserved))
    return DrawReport({one.question: one.n for one in wanted}, n_asked)
