"""What a judge is measured by: stated gold, or what other people agree on."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence

from labelwright.domain.annotation import Annotation
from labelwright.domain.canonical import Json
from labelwright.domain.project import Project
from labelwright.ports.storage import Views
from labelwright.services.comparing.judge_report import Finding
from labelwright.services.people.by_themselves import individual
from labelwright.services.people.consensus import consensus, readable
from labelwright.tasks.protocol import Task
from labelwright.tasks.registry import bind


def right_by_gold(
    project: Project, findings: Sequence[Finding], gold: Mapping[str, Mapping[str, Json]]
) -> dict[int, bool]:
    """Tell, by place, which labels are right. gold: question -> item id -> label, canonical."""
    tasks = _tasks(project)
    found: dict[int, bool] = {}
    for place, one in enumerate(findings):
        answer = gold.get(one.case.question, {}).get(one.item)
        if answer is not None:
            found[place] = _same(tasks[one.case.question], one.case.given.value, answer)
    return found


def right_by_others(views: Views, project: Project, findings: Sequence[Finding]) -> dict[int, bool]:
    """Tell, by place, which labels are what at least two people agree on besides the one who gave it.

    Where several gave the same label, each is a witness for the others: the first alone is left out.
    """
    found: dict[int, bool] = {}
    for question, task in _tasks(project).items():
        wanted = {one.key for one in findings if one.case.question == question}
        by_item: dict[int, list[Annotation]] = defaultdict(list)
        for said in readable(task, individual(views.annotations(project.id, question=question))) if wanted else []:
            if int(said.item) in wanted:
                by_item[int(said.item)].append(said)
        for place, one in enumerate(findings):
            if one.case.question != question:
                continue
            giver = next(iter(one.case.given.people), None)
            others = [said for said in by_item[one.key] if said.annotator != giver]
            if len(others) < 2:
                continue
            together = consensus(task, others)[one.key]
            if not together.is_tied:
                found[place] = _same(task, one.case.given.value, together.value)
    return found


def _tasks(project: Project) -> dict[str, Task[object]]:
    return {question.name: bind(question) for question in project.config.schema.questions}


def _same(task: Task[object], value: Json, answer: Json) -> bool:
    return task.distance(task.parse(value), task.parse(answer)) <= task.tolerance
