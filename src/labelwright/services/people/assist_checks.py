"""Ask people again about items whose truth others have said blind, half with the suggestion shown, half without.

That is how anchoring is told from help: the suggestions are the model's own, right and wrong ones, and none is made up.
Assisted answers never change a label of record, since blind ones go before them; a blind one is one more vote on it. No
certificate, card or estimate takes either as evidence: which items are asked about is not left to chance.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from labelwright.domain.ids import ItemKey, ProjectId, QuestionName
from labelwright.domain.queue import NewEntry
from labelwright.errors import InvalidValue, NotReady
from labelwright.events import ItemsRouted, RunFinished, RunStarted
from labelwright.ports.storage import Storage
from labelwright.ports.world import World
from labelwright.services.models.score import scored_pool
from labelwright.services.people.consensus import consensus, readable, wrong_against
from labelwright.services.people.suggestion_switch import is_known_to_harm
from labelwright.services.projects.project_of import project_of
from labelwright.tasks.registry import bind

ASSIST_CHECK = "assist-check"
CHECK_PRIORITY = 1.5
"""After calibration and audits, before review."""


@dataclass(frozen=True, slots=True)
class AssistChecks:
    """n_asked: items queued.  n_wrong: of these, items whose suggestion is wrong.  n_possible: items that could be."""

    run: str
    n_asked: int
    n_wrong: int
    n_possible: int


def ask_checks(project_id: ProjectId, n: int, *, storage: Storage, world: World) -> AssistChecks:
    """Queue `n` items with known truth, as many with a wrong suggestion as with a right one where there are enough.

    Whether the suggestion is shown is drawn per item, at one half.  Nobody gets an item they have answered.
    Appends: RunStarted, ItemsRouted (entries alone), RunFinished.
    Raises: NotReady, when no item's truth is known, only one person labels, or nobody is shown suggestions;
    InvalidValue.
    """
    if n < 1:
        raise InvalidValue("n", f"must be 1 or more, got {n}")
    with storage.reading() as views:
        project = project_of(views, project_id)
        question = project.config.schema.questions[0]
        if not project.config.models:
            raise NotReady("the project names no model, so there is no suggestion to show")
        policy = project.config.policy
        if policy.hides_suggestions or (policy.suggestions == "auto" and is_known_to_harm(views, project)):
            why = "the policy hides them" if policy.hides_suggestions else "they are known to harm (suggestions: auto)"
            raise NotReady(
                f"nobody is shown suggestions now, since {why}: there would be nothing to compare. Show them to some, "
                "such as suggestions: {shown: 0.5, hidden: 0.5} in project.yaml, then ask"
            )
        task = bind(question)
        answers = views.annotations(project_id, question=question.name)
        blind = readable(task, [a for a in answers if a.purpose in ("calibration", "audit") and a.is_blind])
        truth = {item: said for item, said in consensus(task, blind).items() if not said.is_tied}
        people = {a.id for a in views.annotators(project_id)}
        asked = {item for item, _ in views.queued(project_id, "review")}
        pool = scored_pool(views, project_id, project.config, question.name)
        number = max((a.round for a in answers), default=0)
    if len(people) < 2:
        raise NotReady("one person alone cannot be held against what others said; invite a second: labelwright invite")
    usable = [
        i for i, item in enumerate(pool.item) if int(item) in truth and int(item) not in asked and pool.is_valid[i]
    ]
    if not usable:
        raise NotReady(
            "no item with a known label is left to ask about; known are those labelled blind for calibration"
        )
    places = np.array(usable, dtype=np.int64)
    wrong = wrong_against(task, [pool.value[i] for i in usable], pool.is_valid[places], pool.item[places], truth)
    rng = np.random.default_rng([project.config.policy.seed, number, 5])
    chosen = _balanced(wrong, n, rng)
    rng.shuffle(chosen)
    hidden = rng.permutation(len(chosen)) < len(chosen) // 2
    names = tuple(QuestionName(q.name) for q in project.config.schema.questions)
    entries = tuple(
        NewEntry(
            item=ItemKey(int(pool.item[places[i]])),
            questions=names,
            purpose="review",
            slot=0,
            priority=CHECK_PRIORITY - rank / (2 * len(chosen)),
            blind=bool(is_hidden),
            reason="",
            round=number,
        )
        for rank, (i, is_hidden) in enumerate(zip(chosen, hidden, strict=True))
    )
    run = world.new_id()
    n_wrong = int(wrong[chosen].sum())
    events = [
        RunStarted(project_id, run, ASSIST_CHECK, {"asked": len(entries)}),
        ItemsRouted(project_id, run, project.config.version, (), entries),
        RunFinished(project_id, run, {"asked": len(entries), "wrong": n_wrong}),
    ]
    storage.write(lambda tx: tx.append(events, world.provenance(run=run)))
    return AssistChecks(run, len(entries), n_wrong, len(usable))


def _balanced(wrong: np.ndarray[tuple[int], np.dtype[np.bool_]], n: int, rng: np.random.Generator) -> list[int]:
    """Draw up to `n` places, half of them wrong ones; where one kind runs out the other fills up."""
    bad, good = rng.permutation(np.flatnonzero(wrong)), rng.permutation(np.flatnonzero(~wrong))
    n_bad = min(len(bad), max(n // 2, n - len(good)))
    return [*map(int, bad[:n_bad]), *map(int, good[: n - n_bad])]
