"""What is done about a slice that was found: fresh blind answers drawn inside it, or its labels sent back to people."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, cast

import numpy as np
from numpy.typing import NDArray

from labelwright.domain.ids import ItemKey, ProjectId, QuestionName
from labelwright.domain.project import Project, Question
from labelwright.domain.queue import NewEntry
from labelwright.errors import InvalidValue, NotReady
from labelwright.events import ItemsRouted, RunFinished, RunStarted
from labelwright.methods.slices import MOST_FRESH, fresh_answers_needed
from labelwright.ports.embedder import Embedder
from labelwright.ports.storage import Storage, Transaction, Views
from labelwright.ports.world import World
from labelwright.services.acceptance.certified import certified
from labelwright.services.audits.recall import recall
from labelwright.services.models.score import scored_pool
from labelwright.services.projects.kept_results import newest_result
from labelwright.services.projects.project_of import project_of
from labelwright.services.soundness.slice_cells import is_so
from labelwright.services.soundness.slice_fresh import DRAW, account_of
from labelwright.services.soundness.slice_proposals import counts_in_words, items_in_words
from labelwright.services.soundness.slices import SLICES, KeptFinding, divider_of, kept_findings, known_of
from labelwright.tasks.registry import bind

_PRIORITY = 1.9
"""Before all review, after calibration."""
_SEED = 29


@dataclass(frozen=True, slots=True)
class DrawReport:
    """n: items drawn now.  population: items of the slice that nobody had labelled.  probability: of each to be drawn.

    needed: so many answers bear such a finding out with a chance of 80%, at the level the project has left; None = more
    than 500.  n_reviewed: items of the slice that people have reviewed, which cannot be drawn.
    """

    finding: int
    slice: str
    question: str
    n: int
    population: int
    probability: float
    needed: int | None
    n_reviewed: int


@dataclass(frozen=True, slots=True)
class RerouteReport:
    """n_in_slice: items of the slice.  n_recalled: accepted ones that go back to people.  recall: to undo it by."""

    finding: int
    slice: str
    question: str
    n_in_slice: int
    n_recalled: int
    recall: str


def draw_in_slice(
    project_id: ProjectId,
    number: int,
    *,
    storage: Storage,
    world: World,
    embedder: Embedder,
    n: int | None = None,
) -> DrawReport:
    """Draw items of a finding's slice at random, to be labelled blind before all review.

    n: how many; None = as many as bear such a finding out with a chance of 80%, 500 at most.  Only items that nobody
    has labelled, and that no sample holds, can be drawn. The answers judge this finding and nothing else.
    Appends: RunStarted (with the items and their chance), ItemsRouted (their entries), RunFinished.
    Raises: NotReady, when nothing of the slice is left; InvalidValue, when there is no such finding.
    """

    def work(tx: Transaction) -> DrawReport:
        project = project_of(tx, project_id)
        found = _finding(tx, project_id, number)
        level = account_of(newest_result(tx, project_id, SLICES)).level(1)
        needed = fresh_answers_needed(float(found.row["error"]), found.basis, delta=level)
        keys = _items_of(tx, project, found, embedder)
        answered = list(tx.annotations(project_id))
        taken = {int(a.item) for a in answered}
        taken |= {item for purpose in ("calibration", "audit") for item, _ in tx.queued(project_id, purpose)}
        earlier = [run for run in tx.runs(project_id) if run.kind == DRAW]
        # What was drawn earlier and is asked no more, since a new calibration sample has cleared the queue, is free.
        waiting = {item for item, _ in tx.queued(project_id, "review")}
        for run in earlier:
            taken |= waiting & set(cast("list[int]", run.parameters["items"]))
        free = keys[~np.isin(keys, np.array(sorted(taken), dtype=np.int64))]
        if not len(free):
            raise NotReady(f"every item with {items_in_words(found.row)} is labelled, or in a sample, already")
        # What was labelled at random is as the rest of the slice; what was reviewed, for a reason, is not.
        at_random = {int(a.item) for a in answered if a.purpose in ("calibration", "audit")}
        at_random |= {item for run in earlier for item in cast("list[int]", run.parameters["items"])}
        n_reviewed = len(
            {int(a.item) for a in answered if a.purpose not in ("calibration", "audit")}
            & set(keys.tolist()) - at_random
        )
        size = min((needed or MOST_FRESH) if n is None else n, len(free))
        rng = np.random.default_rng([project.config.policy.seed, _SEED, len(earlier)])
        chosen = [int(item) for item in rng.permutation(free)[:size]]
        left_out = n_reviewed / (n_reviewed + len(free))
        _append_draw(tx, world, project, found=found, chosen=chosen, population=len(free), left_out=left_out)
        share = size / len(free)
        return DrawReport(number, items_in_words(found.row), found.question, size, len(free), share, needed, n_reviewed)

    return storage.write(work)


def _append_draw(
    tx: Transaction,
    world: World,
    project: Project,
    *,
    found: KeptFinding,
    chosen: Sequence[int],
    population: int,
    left_out: float,
) -> None:
    plan = cast("Mapping[str, Any] | None", tx.plan(project.id))
    number = 0 if plan is None else int(plan["frozen"]["round"])
    run = world.new_id()
    started = RunStarted(
        project.id,
        run,
        DRAW,
        {
            "question": found.question,
            "slice": found.row["slice"],
            "cell": found.row["cell"],
            "is_of_cell": found.row["is_of_cell"],
            "said": found.row["said"],
            "truth": found.row["truth"],
            "model": scored_pool(tx, project.id, project.config, found.question).model,
            "population": population,
            "left_out": left_out,
            "probability": len(chosen) / population,
            "items": list(chosen),
        },
    )
    # A slot of review that is open already becomes this one: nobody is asked twice about one item.
    entries = tuple(
        NewEntry(
            item=ItemKey(item),
            questions=(QuestionName(found.question),),
            purpose="review",
            slot=0,
            priority=_PRIORITY - rank / (2 * len(chosen)),
            blind=True,
            reason="",
            round=number,
        )
        for rank, item in enumerate(chosen)
    )
    routed = ItemsRouted(project.id, run, project.config.version, (), entries)
    finished = RunFinished(project.id, run, {"drawn": len(chosen)})
    tx.append([started, routed, finished], world.provenance(run=run))


def reroute_slice(
    project_id: ProjectId, number: int, *, storage: Storage, world: World, embedder: Embedder
) -> RerouteReport:
    """Send the accepted labels of a finding's slice back to people: a recall, which can be undone.

    Raises: NotReady, when nothing of the slice is accepted; InvalidValue, when there is no such finding.
    """
    with storage.reading() as views:
        project = project_of(views, project_id)
        found = _finding(views, project_id, number)
        keys = _items_of(views, project, found, embedder)
        in_force = certified(views, project, found.question)
        if in_force is None or not np.isin(keys, in_force.pool.item[in_force.accepted]).any():
            raise NotReady(
                f"nothing with {items_in_words(found.row)} is accepted now, so there is nothing to send back"
            )
    row = found.row
    done = recall(
        project_id,
        storage=storage,
        world=world,
        question=found.question,
        slice=items_in_words(row),
        items=[int(key) for key in keys],
        reason=f"{row['slice']}: {_counted(row)}",
    )
    return RerouteReport(number, items_in_words(row), found.question, len(keys), done.n_items, done.recall)


def _counted(row: Mapping[str, Any]) -> str:
    cell = (str(row["said"]), str(row["truth"])) if row["is_of_cell"] else None
    return counts_in_words(int(row["n"]), int(row["n_wrong"]), cell)


def _finding(views: Views, project: ProjectId, number: int) -> KeptFinding:
    every = kept_findings(views, project)
    if not 1 <= number <= len(every):
        known = f"; there are 1 to {len(every)}" if every else "; nothing was found"
        raise InvalidValue("finding", f"there is no finding number {number}", known)
    return every[number - 1]


def _items_of(views: Views, project: Project, found: KeptFinding, embedder: Embedder) -> NDArray[np.int64]:
    """Give the keys of the items in a finding's slice; of one confusion, those the model said so of."""
    pool = scored_pool(views, project.id, project.config, found.question)
    divider = divider_of(
        views, project, pool, embedder, by=found.by, last_item=found.last_item, n_audited=found.n_audited
    )
    known, _ = known_of(views, project, pool, pool.item)
    mask = divider.mark(known, found.conditions) & pool.is_valid
    if found.row["is_of_cell"]:
        at = np.flatnonzero(mask)
        said = is_so(
            bind(_question_of(project, found.question)),
            [pool.value[place] for place in at.tolist()],
            str(found.row["said"]),
            str(found.row["truth"]),
        )
        mask[at[~said]] = False
    return pool.item[mask]


def _question_of(project: Project, name: str) -> Question:
    return next(one for one in project.config.schema.questions if one.name == name)
