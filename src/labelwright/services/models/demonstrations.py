"""Which reviewed items a model is shown as examples: live from people's labels, and never those that certify.

An item of the sample that calibrates, or of its audit, is no example as long as that sample is in force: what certifies
a score must not have made it (A4P, 4). Labels of earlier samples, and of review, may.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from typing import TypedDict, cast

import numpy as np
from numpy.typing import NDArray

from labelwright.domain.annotation import Annotation
from labelwright.domain.canonical import Json, canonical_json
from labelwright.domain.item import Item
from labelwright.domain.project import Project
from labelwright.errors import NotReady, did_you_mean
from labelwright.methods.acquisition.demonstrations import balanced, fixed, nearest
from labelwright.methods.acquisition.same_text import same_text
from labelwright.ports.embedder import Embedder
from labelwright.ports.storage import Views
from labelwright.prompting.examples import Demonstration
from labelwright.prompting.privacy.protect import protect
from labelwright.prompting.suspicion import suspicion
from labelwright.services.acceptance.calibration_plan import still_bound
from labelwright.services.models.show_item import item_text
from labelwright.services.people.by_themselves import individual
from labelwright.services.people.consensus import consensus, readable
from labelwright.tasks.protocol import Task
from labelwright.tasks.registry import bind

_MOST_REVIEWED = 5_000
"""Of more reviewed items the newest are looked at: enough for five good neighbours."""


class _Apart(TypedDict):
    """By what an item and a repetition of it are known, so that neither is its own example."""

    query_item: NDArray[np.int64]
    pool_item: NDArray[np.int64]
    query_text: NDArray[np.int64]
    pool_text: NDArray[np.int64]


@dataclass(frozen=True, slots=True, eq=False)
class Demonstrations:
    """The reviewed items a project may show. vector: (M, D) unit rows; label: (M,) codes of the first question."""

    project: Project
    embedder: Embedder
    items: tuple[Item, ...]
    shown: tuple[Demonstration, ...]
    vector: NDArray[np.float32]
    label: NDArray[np.int64]

    def choose(self, items: Sequence[Item]) -> list[tuple[Demonstration, ...]]:
        """Give each item its examples, the nearest last; fewer, or none, where there are no more."""
        policy = self.project.config.examples
        if policy.choose == "none" or not self.items or not items:
            return [()] * len(items)
        config = self.project.config
        mine = [item_text(config, item.content) for item in items]
        theirs = [item_text(config, item.content) for item in self.items]
        same = same_text([*mine, *theirs])
        query = self.embedder.embed(mine)
        apart = _Apart(
            query_item=np.array([int(item.key) for item in items], dtype=np.int64),
            pool_item=np.array([int(item.key) for item in self.items], dtype=np.int64),
            query_text=same[: len(mine)],
            pool_text=same[len(mine) :],
        )
        match policy.choose:
            case "fixed":
                chosen = fixed(np.arange(len(self.items)), query, self.vector, **apart)
            case "nearest":
                chosen = nearest(query, self.vector, k=policy.k, **apart)
            case _:
                chosen = balanced(query, self.vector, self.label, k=policy.k, **apart)
        rows = cast("list[list[int]]", chosen.tolist())
        return [tuple(self.shown[place] for place in row if place >= 0) for row in rows]


def demonstrations(
    views: Views, project: Project, embedder: Embedder, *, apart: AbstractSet[int] = frozenset()
) -> Demonstrations:
    """Read what may be shown as examples now.

    apart: keys of further items that are no examples, such as those by which models are compared.
    Raises: NotReady, when a `fixed` example is not there, has no label by people, or certifies.
    """
    labels = _labels_by_people(views, project, apart)
    if project.config.examples.choose == "fixed":
        keys = _fixed_keys(views, project, labels)
    else:
        keys = sorted(labels)[-_MOST_REVIEWED:]
    found = {int(item.key): item for item in views.items_by_key(project.id, keys)} if keys else {}
    tasks: dict[str, Task[object]] = {question.name: bind(question) for question in project.config.schema.questions}
    items: list[Item] = []
    shown: list[Demonstration] = []
    codes: dict[bytes, int] = {}
    label: list[int] = []
    for key in keys:
        demonstration = _demonstration(project, found[key], labels[key], tasks)
        if demonstration is None:
            continue
        items.append(found[key])
        shown.append(demonstration)
        first = canonical_json(next(iter(labels[key].values())))
        label.append(codes.setdefault(first, len(codes)))
    vector = embedder.embed([item_text(project.config, item.content) for item in items])
    return Demonstrations(project, embedder, tuple(items), tuple(shown), vector, np.array(label, dtype=np.int64))


def reserved_items(views: Views, project: Project) -> set[int]:
    """Give the items whose labels certify or audit what is in force: no model may learn from them."""
    plan = views.plan(project.id)
    if plan is None:
        return set()
    frozen = cast("Mapping[str, Json]", plan["frozen"])
    if not still_bound(views, project, frozen):
        return set()
    sample = {int(item) for item in cast("Sequence[int]", plan["items"])}
    return sample | {item for item, _question in views.queued(project.id, "audit")}


def _labels_by_people(views: Views, project: Project, apart: AbstractSet[int]) -> dict[int, dict[str, Json]]:
    """Give the items that people have answered every question of, with the answers they agree on."""
    kept_apart = reserved_items(views, project) | apart
    found: dict[int, dict[str, Json]] = {}
    for question in project.config.schema.questions:
        task = bind(question)
        answers: list[Annotation] = [
            a
            for a in individual(views.annotations(project.id, question=question.name))
            if int(a.item) not in kept_apart
        ]
        for item, said in consensus(task, readable(task, answers)).items():
            if not said.is_tied:
                found.setdefault(int(item), {})[question.name] = said.value
    n_questions = len(project.config.schema.questions)
    return {item: labels for item, labels in found.items() if len(labels) == n_questions}


def _fixed_keys(views: Views, project: Project, labels: Mapping[int, object]) -> list[int]:
    ids = {str(id): key for key, id in views.item_ids(project.id).items()}
    kept_apart = reserved_items(views, project)
    keys: list[int] = []
    for name in project.config.examples.items:
        key = ids.get(name)
        if key is None:
            raise NotReady(f"examples.items: there is no item {name!r}{did_you_mean(name, ids)}")
        if key in kept_apart:
            raise NotReady(
                f"examples.items: item {name!r} is in the sample that certifies: it cannot be an example as well; "
                "name another one"
            )
        if key not in labels:
            raise NotReady(
                f"examples.items: people have not labelled item {name!r} yet (or do not agree); name one they have"
            )
        keys.append(key)
    return keys


def _demonstration(
    project: Project, item: Item, labels: Mapping[str, Json], tasks: Mapping[str, Task[object]]
) -> Demonstration | None:
    """Write an item as an example; None for one that must not stand in other items' prompts.

    Such is one with personal data in it, which would have to be shown with gaps, and one that speaks to the model (M7).
    """
    config = project.config
    fields = [name for name in config.content_fields if name not in config.image_fields]
    protected = protect(item.content, config.privacy, fields=fields, key=b"")
    if protected.blocked or protected.found or not fields or suspicion(item.content, fields):
        return None
    answers = {
        name: tasks[name].write_answer(tasks[name].parse(value), protected.shown) for name, value in labels.items()
    }
    return Demonstration(protected.content, answers, item_id=str(item.id))
