"""Say where every item stands, and what is due next. Reading never writes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import cast

from labelwright.domain.canonical import Json
from labelwright.domain.ids import ProjectId
from labelwright.domain.project import Project
from labelwright.domain.queue import QueueCounts
from labelwright.ports.costs import CallTotals
from labelwright.ports.ledger_reads import Head
from labelwright.ports.storage import Views
from labelwright.services.acceptance.calibration_plan import still_bound
from labelwright.services.acceptance.uncovered import n_uncovered
from labelwright.services.acceptance.void_because import void_because
from labelwright.services.models.certified_cascade import due_of_link
from labelwright.services.models.jobs import shown_budget
from labelwright.services.models.labeller import CASCADE, cascade_hash, labeller, learns
from labelwright.services.models.project_prompt import project_prompt
from labelwright.services.projects.project_of import project_of


@dataclass(frozen=True, slots=True)
class NextStep:
    """What to run next, and why."""

    command: str
    why: str


@dataclass(frozen=True, slots=True)
class StatusReport:
    """Counts by stage. prelabelled: items per model that have its answer to the present prompt.

    calibration: none, planned (people are labelling), labelled (certificates are due), certified, "nothing certified"
    (the certificates are out, and none accepts anything) or void.
    certified: questions with a certificate, and whether it holds and accepts something.
    not_certified: question -> why its certificate accepts nothing.  void_because: what voided them, in words.
    n_decided, n_answered: (item, question) pairs with a decision, and with a person's answer.
    n_uncovered: items that came after the pool was frozen, which no certificate covers and nobody has labelled.
    budget: where it stands, in micro-USD: limit (null = none), spent, reserved (by runs that live), lost (what runs
    that died had set aside: it counts as spent).
    """

    project: str
    config_version: int
    schema_version: int
    guideline_version: int
    n_items: int
    n_pairs: int
    prelabelled: dict[str, int]
    calibration: str
    certified: dict[str, bool]
    not_certified: dict[str, str]
    void_because: list[str]
    n_uncovered: int
    n_decided: int
    queue: tuple[QueueCounts, ...]
    n_labels: int
    n_answered: int
    resolved: dict[str, dict[str, int]]
    calls: CallTotals
    budget: dict[str, Json]
    head: Head
    next: NextStep


def status(views: Views, project: ProjectId, *, now: float | None = None) -> StatusReport:
    """Count what every stage has done for a project. now: by it, a run that holds money is known for dead."""
    current = project_of(views, project)
    config = current.config
    n_items = views.item_count(project)
    names = [question.name for question in config.schema.always_asked]
    queue = tuple(views.queue_counts(project))
    counted = views.resolution_counts(project)
    calibration = _calibration(views, current, queue)
    counts = _Counts(
        n_items=n_items,
        n_pairs=n_items * len(names),
        prelabelled=_prelabelled(views, current),
        combine=_combine_due(views, current, calibration, n_items),
        asks=_link_due(views, current, calibration),
        calibration=calibration,
        n_decided=sum(decision.question in names for decision in views.decisions(project)),
        n_answered=len({(a.item, a.question) for a in views.annotations(project) if a.question in names}),
        n_open=sum(one.open + one.leased for one in queue),
        n_calibration_open=sum(one.open + one.leased for one in queue if one.purpose == "calibration"),
        resolved={name: counted.get(name, {}) for name in names},
    )
    return StatusReport(
        project=current.name,
        config_version=config.version,
        schema_version=config.schema.version,
        guideline_version=config.guideline.version,
        n_items=n_items,
        n_pairs=counts.n_pairs,
        prelabelled=counts.prelabelled,
        calibration=counts.calibration,
        certified=_certified(views, project, holds=calibration in _OUT),
        not_certified=_why_not(views, project) if calibration in _OUT else {},
        void_because=void_because(views, current) if calibration == "void" else [],
        n_uncovered=n_uncovered(views, current),
        n_decided=counts.n_decided,
        queue=queue,
        n_labels=views.label_count(project),
        n_answered=counts.n_answered,
        resolved=counts.resolved,
        calls=views.call_totals(project),
        budget=shown_budget(views, current, now=now),
        head=views.head(),
        next=next_step(counts),
    )


@dataclass(frozen=True, slots=True)
class _Counts:
    """What decides about the next step."""

    n_items: int
    n_pairs: int
    prelabelled: dict[str, int]
    combine: str | None
    asks: str | None
    calibration: str
    n_decided: int
    n_answered: int
    n_open: int
    n_calibration_open: int
    resolved: dict[str, dict[str, int]]

    @property
    def n_resolved(self) -> int:
        return sum(sum(of_status.values()) for of_status in self.resolved.values())

    @property
    def n_by_people(self) -> int:
        return sum(found.get("human-verified", 0) + found.get("consensus", 0) for found in self.resolved.values())


def next_step(counts: _Counts) -> NextStep:
    """Give the first stage that has something to do, in the order items flow."""
    if not counts.n_items:
        return NextStep("labelwright import FILE", "there are no items")
    due = {model: counts.n_items - n for model, n in counts.prelabelled.items() if n < counts.n_items}
    if due:
        model, n = next(iter(due.items()))
        return NextStep("labelwright prelabel", f"{n:,} items wait for an answer of {model}")
    if not counts.prelabelled:
        return _without_model(counts)
    if counts.combine is not None:
        return NextStep("labelwright combine", counts.combine)
    if counts.asks is not None:
        return NextStep("labelwright prelabel", counts.asks)
    if counts.calibration == "planned":
        return NextStep("labelwright serve", f"people label the calibration sample: {counts.n_calibration_open:,} left")
    if counts.calibration not in _OUT:
        return NextStep("labelwright calibrate", _CALIBRATE_WHY[counts.calibration])
    return _after_calibration(counts)


def _without_model(counts: _Counts) -> NextStep:
    if counts.n_decided < counts.n_pairs:
        return NextStep("labelwright route", "project.yaml names no model: everything goes to people")
    return _after_calibration(counts)


def _after_calibration(counts: _Counts) -> NextStep:
    if counts.n_decided < counts.n_pairs:
        n = counts.n_pairs - counts.n_decided
        return NextStep("labelwright route", f"{n:,} answers are neither accepted nor queued for people")
    if counts.n_open:
        return NextStep("labelwright serve", f"{counts.n_open:,} entries of the queue wait for people")
    if counts.n_resolved < counts.n_pairs or counts.n_by_people < counts.n_answered:
        return NextStep("labelwright aggregate", "votes have come in that no label of record takes account of")
    return NextStep("labelwright export FOLDER", "everything is done")


_OUT = ("certified", "nothing certified")
"""States of a calibration whose certificates are out and hold."""

_CALIBRATE_WHY = {
    "none": "no calibration sample is drawn",
    "void": "the project changed since the sample was drawn",
    "labelled": "the calibration sample is labelled",
}


def _prelabelled(views: Views, project: Project) -> dict[str, int]:
    config = project.config
    if not config.models or not config.schema.questions:
        return {}
    prompt_hash = project_prompt(config).hash
    question = config.schema.questions[0].name
    if config.certifies_links:  # the others are asked about what the first is not certified to keep
        first = config.models[0].model
        return {first: len(views.predicted_items(project.id, first, prompt_hash, question))}
    if config.ensemble == "cascade":  # of its models only the first sees everything; its outcome has its own name
        return {CASCADE: len(views.predicted_items(project.id, CASCADE, cascade_hash(config), question))}
    used = [source.model for source in config.asked_models]
    return {model: len(views.predicted_items(project.id, model, prompt_hash, question)) for model in used}


def _combine_due(views: Views, project: Project, calibration: str, n_items: int) -> str | None:
    """Say why models and signals are to be combined now; None when there is nothing to learn, or to record."""
    config = project.config
    if not learns(config) or not config.schema.questions:
        return None
    who = labeller(views, project.id, config)
    if not who.is_fitted:
        return "the first blind sample is labelled, to learn from" if calibration == "labelled" else None
    n = n_items - len(views.predicted_items(project.id, who.name, who.prompt_hash, config.schema.questions[0].name))
    return f"{n:,} items have no combined label yet" if n else None


def _link_due(views: Views, project: Project, calibration: str) -> str | None:
    """Say which link of a cascade is to be asked now; None when none is, or its links are not certified."""
    if not project.config.certifies_links or calibration in {"none", "void"}:
        return None
    for number, source in enumerate(project.config.models[1:], start=1):
        n = len(due_of_link(views, project, number))
        if n:
            return f"{n:,} items that no certified link keeps wait for an answer of {source.model}"
    return None


def _calibration(views: Views, project: Project, queue: tuple[QueueCounts, ...]) -> str:
    plan = views.plan(project.id)
    if plan is None:
        return "none"
    if not project.config.models or not still_bound(views, project, cast("Mapping[str, Json]", plan["frozen"])):
        return "void"
    issued = views.certificates(project.id)
    names = [question.name for question in project.config.schema.always_asked]
    if all(name in issued and issued[name]["plan"] == plan["plan"] for name in names):
        accepts = any(_accepts(issued[name]["certificate"]) for name in names)
        return "certified" if accepts else "nothing certified"
    is_open = any(one.open + one.leased for one in queue if one.purpose == "calibration")
    return "planned" if is_open else "labelled"


def _certified(views: Views, project: ProjectId, *, holds: bool) -> dict[str, bool]:
    """holds: whether the certificates are those of the newest sample, and not void."""
    return {name: holds and _accepts(one["certificate"]) for name, one in views.certificates(project).items()}


def _why_not(views: Views, project: ProjectId) -> dict[str, str]:
    certificates = {name: one["certificate"] for name, one in views.certificates(project).items()}
    return {
        name: str(certificate.get("verdict"))
        for name, certificate in certificates.items()
        if isinstance(certificate, Mapping) and not _accepts(certificate)
    }


def _accepts(certificate: Json) -> bool:
    return isinstance(certificate, Mapping) and certificate.get("is_certified") is True
