"""Have a model review what a person has just submitted, against the guideline: each answer by itself, once.

It sees what `labelwright judge` sees: guideline, questions, item and answer, not who gave it, and nothing that may not
leave. What it agrees with, or is unsure of, is counted in its run and shown to nobody.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace

from labelwright.domain.annotation import Annotation
from labelwright.domain.item import Item
from labelwright.domain.objection import Objection
from labelwright.domain.project import Project
from labelwright.ports.chat import Work
from labelwright.ports.storage import Transaction
from labelwright.prompting.flows import judge as review
from labelwright.services.comparing.judge_asking import Reviewing, judging_model, show_whole
from labelwright.services.comparing.judge_cases import Case, Given
from labelwright.services.comparing.judge_report import Finding
from labelwright.services.models.one_conversation import Held, Talk, hold_one
from labelwright.services.models.surroundings import Surroundings
from labelwright.services.people.desk_reviews import DESK_JUDGE, run_names


def review_submission(
    project: Project,
    around: Surroundings,
    item: Item,
    answers: Sequence[Annotation],
    *,
    record: Callable[[Transaction, Sequence[Objection]], object],
) -> list[Objection]:
    """Give what the project's first model says against these answers to one item; empty also where it was not asked.

    record: writes it down, together with the end of the run, so that what is reviewed is reviewed once.
    Appends: RunStarted and RunFinished of kind `desk-judge`; every call is in the call ledger and in the budget.
    Nobody waits for it and nothing rests on it: a model that is away, or a budget that is spent, is no error.
    """
    source = replace(judging_model(project, None), delivery="live", concurrency=1)
    shown = show_whole(item, project, around)
    if isinstance(shown, str) or not answers:
        return []
    around.replaced[int(item.key)] = len(shown.protected.found)
    reviewing = Reviewing(project, "annotations", source)
    cases = [Case(one.question, Given(one.value, ("person",))) for one in answers]
    flow = reviewing.hold(int(item.key), str(item.id), shown, cases)
    found: list[Objection] = []

    def keep(held: Held[tuple[Finding, ...]]) -> Callable[[Transaction], object]:
        found.extend(_objections(project, around, answers, held, shown.protected.restore))
        return lambda tx: record(tx, found)

    hold_one(
        project,
        around,
        source,
        Work(int(item.key), str(item.id), flow),
        Talk(DESK_JUDGE, review.TEMPLATE, reviewing.prompt.hash, run_names(answers[0].submission)),
        is_answer=lambda ended: any(one.problem is None for one in ended),
        keep=keep,
    )
    return found


def _objections(
    project: Project,
    around: Surroundings,
    answers: Sequence[Annotation],
    held: Held[tuple[Finding, ...]],
    restore: Callable[[str], str],
) -> list[Objection]:
    world = around.world
    model = judging_model(project, None).model
    return [
        Objection(
            id=world.new_id(),
            annotation=answer.id,
            submission=answer.submission,
            item=answer.item,
            question=answer.question,
            annotator=answer.annotator,
            round=answer.round,
            reason=restore(" ".join(finding.reasons)).strip()[:LONGEST_REASON],
            evidence=tuple(restore(quote) for quote in finding.evidence)[:MOST_QUOTES],
            model=model,
            cost_micro=held.cost_micro,
            run=held.run,
            guideline_version=project.config.guideline.version,
            created_at=world.timestamp(),
        )
        for answer, finding in zip(answers, held.outcome or (), strict=False)
        if _is_objection(finding)
    ]


LONGEST_REASON = 2_000
MOST_QUOTES = 5


def _is_objection(finding: Finding) -> bool:
    return finding.problem is None and finding.ruling == "disagree"
