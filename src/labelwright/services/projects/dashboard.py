"""How a project goes: items by state, answers by hour, people and their agreement, cost, calibration, audit, slices."""

from __future__ import annotations

import statistics
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, NamedTuple, cast

from labelwright.domain.annotation import Annotation
from labelwright.domain.annotator import Annotator
from labelwright.domain.canonical import Json
from labelwright.domain.ids import ProjectId
from labelwright.domain.project import Project
from labelwright.errors import InvalidValue
from labelwright.ports.storage import Views
from labelwright.services.audits.audit import audits
from labelwright.services.models.jobs import shown_budget
from labelwright.services.money.costs import cost_report
from labelwright.services.people.by_themselves import individual
from labelwright.services.projects.project_of import project_of
from labelwright.services.projects.status import status
from labelwright.services.soundness.slices import slices_section
from labelwright.tasks.registry import bind

STATES = ("auto-accepted", "human-verified", "consensus", "bulk-accepted", "unverified", "unresolved", "not-applicable")
_HOUR = len("2026-01-01T00")
_MOST_HOURS = 28 * 24
"""At most so many different hours of answers are told, the newest."""
_PEOPLE = ("human", "simulated")


def dashboard(views: Views, project_id: ProjectId, *, now: float | None = None) -> dict[str, Json]:
    """Give the dashboard.  Reads one snapshot and writes nothing.  now: as in `status`."""
    project = project_of(views, project_id)
    answers = views.annotations(project_id)
    stands = status(views, project_id)
    return {
        "project": project.name,
        "n_items": stands.n_items,
        "n_labels": stands.n_labels,
        "recorded": project.config.recorded,
        "next": {"command": stands.next.command, "why": stands.next.why},
        "calibration": {"state": stands.calibration, "void_because": cast("list[Json]", stands.void_because)},
        "questions": _questions(views, project, stands.n_items, stands.resolved, individual(answers)),
        "queue": [
            {"purpose": one.purpose, "open": one.open, "leased": one.leased, "done": one.done} for one in stands.queue
        ],
        "hours": hours(individual(answers)),
        "people": cast("list[Json]", people(project, views.annotators(project_id), individual(answers))),
        "cost": _cost(views, project_id),
        "budget": shown_budget(views, project, now=now),
    }


def hours(answers: Sequence[Annotation]) -> list[Json]:
    """Count submissions by hour, in UTC (`2026-11-05T13`), oldest first; at most the newest 672 hours with any."""
    hour_of = {one.submission: one.created_at[:_HOUR] for one in answers}
    counted = sorted(Counter(hour_of.values()).items())[-_MOST_HOURS:]
    return [{"hour": hour, "n": n} for hour, n in counted]


def people(project: Project, annotators: Sequence[Annotator], answers: Sequence[Annotation]) -> list[dict[str, Json]]:
    """Say of each person what they did, by name.  No order of merit: see what each needs, not who is first.

    seconds: median time of a submission whose time was measured.  agreement: of the blind answers that somebody else
    gave blind, too, the share of pairs with the same label; null where there is none.
    """
    by_person: dict[str, list[Annotation]] = defaultdict(list)
    for one in answers:
        by_person[str(one.annotator)].append(one)
    same = _same(project, answers)
    told: list[dict[str, Json]] = []
    for person in sorted(annotators, key=lambda one: (one.name.casefold(), one.id)):
        own = by_person.get(str(person.id), [])
        if person.kind not in _PEOPLE or (person.role == "manager" and not own):
            continue
        took = {one.submission: one.seconds for one in own}
        measured = [seconds for seconds in took.values() if seconds > 0]
        n_same, n_pairs = same.get(str(person.id), (0, 0))
        told.append(
            {
                "name": person.name,
                "is_simulated": person.kind == "simulated",
                "n_labels": len(own),
                "n_items": len(took),
                "seconds": round(statistics.median(measured), 2) if measured else None,
                "agreement": n_same / n_pairs if n_pairs else None,
                "n_pairs": n_pairs,
                "last_at": max((one.created_at for one in own), default=None),
            }
        )
    return told


def _same(project: Project, answers: Sequence[Annotation]) -> dict[str, tuple[int, int]]:
    """Give, per person, how many pairs of blind answers with somebody else are the same label, of how many."""
    counted: dict[str, list[int]] = defaultdict(lambda: [0, 0])
    for pair in _pairs(project, answers):
        for who in pair.people:
            counted[who][0] += pair.is_same
            counted[who][1] += 1
    return {who: (n[0], n[1]) for who, n in counted.items()}


class _Pair(NamedTuple):
    """Two people's blind answers to one question of one item."""

    question: str
    people: tuple[str, str]
    is_same: bool


def _pairs(project: Project, answers: Sequence[Annotation]) -> Iterator[_Pair]:
    together: dict[tuple[int, str, int], list[Annotation]] = defaultdict(list)
    for one in answers:
        if one.is_blind and one.purpose != "spot-check":  # of labels that somebody chose to take over
            together[int(one.item), str(one.question), one.round].append(one)
    tasks = {str(question.name): bind(question) for question in project.config.schema.questions}
    for (_, question, _), votes in together.items():
        task = tasks.get(question)
        if task is None or len(votes) < 2:
            continue
        try:
            values = [(str(vote.annotator), task.parse(vote.value)) for vote in votes]
        except InvalidValue:
            continue  # said under an older schema
        for place, (person, value) in enumerate(values):
            for other, theirs in values[place + 1 :]:
                if other != person:
                    yield _Pair(question, (person, other), task.distance(value, theirs) == 0)


def _questions(
    views: Views,
    project: Project,
    n_items: int,
    resolved: Mapping[str, Mapping[str, int]],
    answers: Sequence[Annotation],
) -> list[Json]:
    audited = audits(views, project)
    same: dict[str, list[bool]] = defaultdict(list)
    for pair in _pairs(project, answers):
        same[pair.question].append(pair.is_same)
    found: list[Json] = []
    for question in project.config.schema.questions:
        counts = resolved.get(question.name, {})
        states: list[Json] = [{"state": state, "n": counts[state]} for state in STATES if counts.get(state)]
        left = n_items - sum(counts.values())
        if left > 0:
            states.append({"state": "no label of record yet", "n": left})
        found.append(
            {
                "name": question.name,
                "title": question.title or question.name,
                "states": states,
                "audit": _audit(audited[question.name]),
                "n_same": sum(same[question.name]),
                "n_pairs": len(same[question.name]),
                "n_findings": _n_findings(slices_section(views, project, question.name)),
            }
        )
    return found


def _n_findings(found: Mapping[str, Json] | None) -> int | None:
    return None if found is None else len(cast("list[Json]", found["findings"]))


def _audit(found: Mapping[str, Any] | None) -> Json:
    if found is None:
        return None
    alarm = found["alarm"]
    return {
        **{name: found[name] for name in ("n_drawn", "n_checked", "n_wrong", "low", "high")},
        "alarm": None if alarm is None else alarm["sentence"],
    }


def _cost(views: Views, project_id: ProjectId) -> dict[str, Json]:
    """Give, in USD, what it has cost so far, as `labelwright costs` has it; `missing` says what the sum leaves out."""
    told = cast("dict[str, Any]", cost_report(views, project_id))
    by_kind = {row["key"]: row["cost"] for row in told["rows"]}
    return {
        "total": told["total"]["cost"],
        "calls": by_kind.get("calls", 0.0),
        "machines": by_kind.get("machines", 0.0),
        "people": by_kind.get("people", 0.0),
        "people_seconds": told["total"]["people_seconds"],
        "is_estimate": told["is_estimate"],
        "missing": told["missing"],
    }
