"""Draw the blind random sample, freeze everything, and, once people have labelled it, say what may be accepted."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, cast

from labelwright.domain.canonical import Json
from labelwright.domain.ids import ProjectId
from labelwright.domain.project import Project
from labelwright.errors import NotReady
from labelwright.ports.storage import Storage, Transaction, Views
from labelwright.ports.world import World
from labelwright.services.acceptance.calibration_plan import draw_sample, still_bound
from labelwright.services.acceptance.certificate import calibration_votes, make_certificate, round_votes
from labelwright.services.acceptance.certify_links import certify_due_links
from labelwright.services.acceptance.uncovered import n_uncovered
from labelwright.services.models.certified_cascade import record_outcome
from labelwright.services.models.labeller import chain_through, labeller, learns
from labelwright.services.projects.project_of import project_of


@dataclass(frozen=True, slots=True)
class CalibrationReport:
    """state: `planned` (just drawn), `waiting` (for people), `asking` (a model), `certified` (certificates are out).

    n_items: the sample's size.  n_labels, n_labels_wanted: answers in and needed, over all questions.
    n_uncovered: items that came after the pool was frozen, which nobody has labelled.
    n_not_blind: those among the answers in whose people had seen a label of the item: they prove nothing.
    asks: the link of a cascade that is to be asked next, where every link is certified.
    """

    state: str
    plan: str
    n_pool: int
    n_items: int
    n_labels: int
    n_labels_wanted: int
    frozen: Mapping[str, Any]
    certificates: Mapping[str, Mapping[str, Any]]
    n_not_blind: int = 0
    asks: str | None = None
    n_uncovered: int = 0


def calibrate(
    project: ProjectId,
    *,
    storage: Storage,
    world: World,
    count_missing_as_wrong: bool = False,
    new_pool: bool = False,
) -> CalibrationReport:
    """Plan the calibration, or report how far it is, or issue the certificates: whatever is due.

    Appends: CalibrationPlanned; CertificateIssued, one per question.  Idempotent: a plan in force is kept, a plan's
    certificates are issued once.  When what a plan froze has changed since, a new sample is drawn from the items
    nobody has labelled yet.
    new_pool: draw a new sample where items came after the pool was frozen: from them and all others that nobody has
    labelled, accepted ones among them. Its certificate speaks of all these, and takes the place of the one before.
    Where the score is learnt from people's labels, the first sample is for learning (`combine`), the second certifies.
    Where a cascade's links are certified, one after another is, and before each the model is to be asked (`prelabel`)
    about what the links before it do not keep.
    Appends then: RunStarted and RunFinished for each link; PredictionsRecorded, of what the links say together.
    Raises: NotReady, when there are no items, when prelabel has not been through, when too few items are left, or when
    what was labelled is to be learnt from first; when a new pool is wanted before the last sample is through.
    """

    def step() -> CalibrationReport:
        return storage.write(
            lambda tx: _calibrate(tx, project, world, count_missing_as_wrong=count_missing_as_wrong, new_pool=new_pool)
        )

    report = step()
    if report.state != "recording":
        return report
    with storage.reading() as views:
        current = project_of(views, project)
    record_outcome(current, storage, world)  # in chunks, which may be as many as the items
    return step()


def _calibrate(
    tx: Transaction, project_id: ProjectId, world: World, *, count_missing_as_wrong: bool, new_pool: bool
) -> CalibrationReport:
    project = project_of(tx, project_id)
    plan = tx.plan(project.id)
    if plan is None or not still_bound(tx, project, cast("Mapping[str, Json]", plan["frozen"])):
        draw_sample(tx, project, world)
        return _report(tx, project, "planned")
    issued = tx.certificates(project.id)
    names = [q.name for q in project.config.schema.always_asked]
    if all(name in issued and issued[name]["plan"] == plan["plan"] for name in names):
        if new_pool and project.config.certifies_links:
            raise NotReady(
                "where every link of a cascade is certified, people label what came later: labelwright route"
            )
        if new_pool and n_uncovered(tx, project):
            draw_sample(tx, project, world)
            return _report(tx, project, "planned")
        return _report(tx, project, "certified")
    if new_pool:
        raise NotReady("the sample that is drawn has no certificate yet; finish it first: labelwright calibrate")
    report = _report(tx, project, "waiting")
    if report.n_labels < report.n_labels_wanted and not count_missing_as_wrong:
        return report
    if learns(project.config) and not labeller(tx, project.id, project.config).is_fitted:
        raise NotReady("the first sample is labelled, to learn from; run: labelwright combine, then calibrate again")
    if project.config.certifies_links and chain_through(tx, project.id, project.config) is None:
        number = int(cast("Mapping[str, Any]", plan["frozen"])["round"])
        blind = {str(name): calibration_votes(tx, project.id, name, number) for name in names}
        due = certify_due_links(tx, project, plan, blind, world)
        if due is None:
            return replace(report, state="recording")
        return replace(report, state="asking", asks=project.config.models[due].model)
    events = [make_certificate(tx, project, plan, name) for name in names]
    tx.append(events, world.provenance())
    return _report(tx, project, "certified")


def learning_sample_is_labelled(views: Views, project: Project) -> bool:
    """Whether there are labels to learn from: a sample was drawn, and people are through with it if it still stands."""
    plan = views.plan(project.id)
    if plan is None:
        return False
    if not still_bound(views, project, cast("Mapping[str, Json]", plan["frozen"])):
        return True  # its labels are those of an earlier round
    report = _report(views, project, "waiting")
    return report.n_labels >= report.n_labels_wanted


def _report(tx: Views, project: Project, state: str) -> CalibrationReport:
    plan = cast("Mapping[str, Any]", tx.plan(project.id))
    frozen = plan["frozen"]
    names = [q.name for q in project.config.schema.always_asked]
    wanted = frozen["votes"]
    in_sample = set(plan["items"])
    have, n_blind = 0, 0
    for name in names:
        votes = [a for a in round_votes(tx, project.id, name, frozen["round"]) if a.item in in_sample]
        have += sum(min(wanted, count) for count in Counter(a.item for a in votes).values())
        n_blind += sum(min(wanted, count) for count in Counter(a.item for a in votes if a.is_blind).values())
    issued = tx.certificates(project.id)
    return CalibrationReport(
        state=state,
        plan=plan["plan"],
        n_pool=frozen["n_pool"],
        n_items=len(in_sample),
        n_labels=have,
        n_labels_wanted=len(in_sample) * len(names) * wanted,
        frozen=frozen,
        certificates={
            name: cast("Mapping[str, Any]", issued[name]["certificate"])
            for name in names
            if name in issued and issued[name]["plan"] == plan["plan"]
        },
        n_not_blind=have - n_blind,
        n_uncovered=n_uncovered(tx, project),
    )
