"""What is put before a judge: labels that people gave, predictions nobody has seen, or two labels that compete."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal, TypeAlias

import numpy as np

from labelwright.domain.canonical import Json, canonical_json
from labelwright.domain.project import Project, Question
from labelwright.errors import NotFound, NotReady, did_you_mean
from labelwright.ports.storage import Views
from labelwright.services.models.labeller import labeller
from labelwright.services.people.by_themselves import individual
from labelwright.services.people.consensus import readable
from labelwright.tasks.registry import bind

What: TypeAlias = Literal["annotations", "predictions", "pairs"]
_SEED = 17


@dataclass(frozen=True, slots=True)
class Given:
    """One label of an item, and who gave it: the people's names, or the labeller's. people: annotator ids."""

    value: Json
    by: tuple[str, ...]
    people: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Case:
    """One question of one item: a label to review, or two that compete, the people's (or more common) one first."""

    question: str
    given: Given
    other: Given | None = None


def cases(
    views: Views, project: Project, what: What, *, limit: int | None, ids: Sequence[str] | None
) -> dict[int, tuple[Case, ...]]:
    """Give the cases of each item, by ascending key; a label that several people gave is one case.

    limit: at most so many items, drawn at random.  ids: these items alone.
    Raises: NotFound, when an id is no item's; NotReady, when there is nothing to judge.
    """
    found: dict[int, list[Case]] = {}
    for question in project.config.schema.questions:
        people = _by_people(views, project, question)
        models = {} if what == "annotations" else _by_labeller(views, project, question)
        match what:
            case "annotations":
                of_item = {item: [Case(question.name, one) for one in given] for item, given in people.items()}
            case "predictions":
                unseen = models.keys() - _seen(views, project)
                of_item = {item: [Case(question.name, models[item])] for item in unseen}
            case "pairs":
                of_item = {
                    item: pair
                    for item, given in people.items()
                    if (pair := _pair(question.name, given, models.get(item)))
                }
        for item, some in of_item.items():
            found.setdefault(item, []).extend(some)
    keys = _chosen(views, project, sorted(found), limit=limit, ids=ids)
    if not keys:
        raise NotReady(_nothing(what))
    return {key: tuple(found[key]) for key in keys}


def _by_people(views: Views, project: Project, question: Question) -> dict[int, list[Given]]:
    """Give each item's different labels, the most common first; of equals the earliest."""
    names = {a.id: a.name for a in views.annotators(project.id) if a.kind in ("human", "simulated")}
    task = bind(question)
    found: dict[int, dict[bytes, tuple[Json, list[str]]]] = {}
    for one in readable(task, individual(views.annotations(project.id, question=question.name))):
        if one.annotator in names:
            value = task.dump(task.parse(one.value))
            found.setdefault(int(one.item), {}).setdefault(canonical_json(value), (value, []))[1].append(one.annotator)
    return {
        item: [
            Given(value, tuple(names[one] for one in given_by), tuple(given_by))  # pyright: ignore[reportArgumentType]
            for value, given_by in sorted(labels.values(), key=lambda label: -len(label[1]))
        ]
        for item, labels in found.items()
    }


def _by_labeller(views: Views, project: Project, question: Question) -> dict[int, Given]:
    """Give the routed predictions under the present prompt."""
    who = labeller(views, project.id, project.config)
    columns = views.predictions(project.id, question.name, who.name)
    fresh = np.isin(columns.item, views.predicted_items(project.id, who.name, who.prompt_hash, question.name))
    return {
        int(item): Given(value, (who.name,))
        for item, value, status, is_fresh in zip(columns.item, columns.value, columns.status, fresh, strict=True)
        if is_fresh and status == "valid"
    }


def _seen(views: Views, project: Project) -> set[int]:
    return {int(one.item) for one in views.annotations(project.id)}


def _pair(question: str, people: Sequence[Given], model: Given | None) -> list[Case]:
    """Put the people's label against the model's; where that is the same or missing, against another person's."""
    rivals = [one for one in ([model] if model is not None else []) + list(people[1:]) if one.value != people[0].value]
    return [Case(question, people[0], rivals[0])] if rivals else []


def _chosen(
    views: Views, project: Project, keys: Sequence[int], *, limit: int | None, ids: Sequence[str] | None
) -> list[int]:
    if ids is not None:
        known: Mapping[str, int] = {str(name): key for key, name in views.item_ids(project.id).items()}
        for name in ids:
            if name not in known:
                raise NotFound(f"there is no item {name[:100]!r}{did_you_mean(name, known)}")
        wanted = {known[name] for name in ids}
        keys = [key for key in keys if key in wanted]
    if limit is None or limit >= len(keys):
        return list(keys)
    rng = np.random.default_rng([project.config.policy.seed, _SEED])
    return sorted(int(key) for key in rng.choice(np.array(keys), size=limit, replace=False))


def _nothing(what: What) -> str:
    match what:
        case "annotations":
            return (
                "people have labelled none of these items yet; --predictions judges what the model said of the others"
            )
        case "predictions":
            return "there is no prediction of these items that people have not seen; run: labelwright prelabel"
        case "pairs":
            return "there are no two labels of these items that differ: nothing to compare"
