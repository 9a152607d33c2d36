"""Where the questions go that are not asked of every item: those with a condition, and those that may be left open.

No certificate speaks of them. Its promise is about a share of the items that get a label, and who gets one here hangs
on other answers. So they are never accepted unseen: people are asked wherever the question arises.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence

from labelwright.domain.canonical import Json
from labelwright.domain.decision import Decision, Route
from labelwright.domain.ids import ItemKey
from labelwright.domain.project import Project, Question
from labelwright.ports.storage import Views
from labelwright.services.models.score import scored_pool
from labelwright.services.people.consensus import consensus, of_record, readable
from labelwright.tasks.registry import bind

ASKED_ALONG = "asked together with the questions of every item"
ARISES = "the labels of the item say that it arises"


def asked_along(views: Views, project: Project, decisions: Iterable[Decision]) -> list[Decision]:
    """Decide about the questions that are not asked of every item.

    decisions: what is decided about those that are.
    While people are asked about what a condition hangs on, they are asked along, and their answer shows or hides it.
    Where that label is known (people gave it, or it was accepted), a required question is asked if the label meets the
    condition, and nobody is asked if not.  One that may be left open never sends an item to people by itself.
    """
    schema = project.config.schema
    sometimes = [question for question in schema.questions if not question.is_always_asked]
    if not sometimes:
        return []
    of_item: dict[int, dict[str, Decision]] = defaultdict(dict)
    for d in decisions:
        of_item[int(d.item)][str(d.question)] = d
    required = frozenset(str(question.name) for question in schema.questions if question.required)
    known: dict[str, Mapping[int, Json]] = {}
    nothing: Mapping[int, Json] = {}
    made: list[Decision] = []
    for question in sometimes:
        when = question.show_when
        if when is not None and str(when.question) not in known:
            parent = schema.question(when.question)
            known[str(when.question)] = {} if parent is None else _labels(views, project, parent, of_item)
        labels = nothing if when is None else known[str(when.question)]
        for item, routed in of_item.items():
            found = _asked(question, item, routed, labels, required)
            if found is not None:
                route, reason = found
                routed[str(question.name)] = Decision(ItemKey(item), question.name, route, reason, None, None)
                made.append(routed[str(question.name)])
    return made


def without_lone_options(project: Project, decisions: Sequence[Decision]) -> list[Decision]:
    """Leave out questions that may be left open where nothing else is asked of the item."""
    required = {str(q.name) for q in project.config.schema.questions if q.required}
    asked = {int(d.item) for d in decisions if d.route == "review" and str(d.question) in required}
    return [d for d in decisions if str(d.question) in required or int(d.item) in asked]


def _asked(
    question: Question,
    item: int,
    routed: Mapping[str, Decision],
    labels: Mapping[int, Json],
    required: frozenset[str],
) -> tuple[Route, str] | None:
    """Say by which route a question is asked of an item, and why; None = it is not asked.

    labels: what is known of the question it depends on, by item.
    """
    when = question.show_when
    if when is not None:
        if str(when.question) not in routed or (item in labels and not when.is_met_by(labels[item])):
            return None
        if item in labels and question.required:
            return "review", ARISES
    routes = {d.route for name, d in routed.items() if name in required}
    if "review" in routes:
        return "review", ASKED_ALONG
    return ("calibration", ASKED_ALONG) if "calibration" in routes else None


def _labels(
    views: Views, project: Project, question: Question, of_item: Mapping[int, Mapping[str, Decision]]
) -> dict[int, Json]:
    """Give the labels of a question that are known: what people say, and what was accepted."""
    task = bind(question)
    answers = readable(task, views.annotations(project.id, question=question.name))
    people = {int(item): said.value for item, said in consensus(task, of_record(answers)).items()}
    routes = {item: routed[str(question.name)].route for item, routed in of_item.items() if question.name in routed}
    if not any(route in ("accept", "audit") for route in routes.values()):
        return people
    pool = scored_pool(views, project.id, project.config, question.name)
    accepted = {
        int(item): pool.value[place]
        for place, item in enumerate(pool.item.tolist())
        if routes.get(int(item)) in ("accept", "audit")
    }
    return accepted | people
