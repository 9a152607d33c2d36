"""What a model is probed with: the beginnings of some items, and what is known of their labels."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from labelwright.domain.canonical import Json
from labelwright.domain.item import Item
from labelwright.domain.project import ModelSource, Project
from labelwright.errors import NotFound, NotReady, did_you_mean
from labelwright.methods.duplicates import normalised
from labelwright.ports.storage import Views
from labelwright.prompting.privacy.protect import protect
from labelwright.prompting.render import AskedQuestion
from labelwright.services.models.show_item import HeldBack, show_item
from labelwright.services.people.consensus import consensus, readable
from labelwright.tasks.edit_distance import edit_distance
from labelwright.tasks.protocol import Task
from labelwright.tasks.registry import bind

LONGEST_ENDING = 200
_LONGEST_OPENING = 1_200
_FEWEST = 40
"""Characters, of either part: a shorter ending may be guessed, a shorter beginning says too little."""
_OPENING_SHARE = 0.6
_ALIKE = 0.6
_READ_PER_WANTED = 6
_SEED = 37


@dataclass(frozen=True, slots=True)
class Case:
    """An item whose text is cut in two.

    truth: question -> label, where it is known and the item's name may be told.  n_replaced: pieces of personal data.
    """

    key: int
    item: str
    opening: str
    ending: str
    truth: Mapping[str, Json]
    n_replaced: int = 0


def probed_model(project: Project, name: str | None) -> ModelSource:
    """Give the model of this name, else the first.

    Raises: NotFound; NotReady, when there is none, or none that writes.
    """
    models = {source.model: source for source in project.config.models}
    if not models:
        raise NotReady("the project names no model to probe; add one under `models:` in project.yaml")
    if project.config.recorded:
        raise NotReady("the project's models are recordings: they know their recorded answers, and cannot be probed")
    if project.config.confidence == "decisions":
        raise NotReady("decisions weigh labels and write nothing: they cannot be probed; name another provider")
    if name is not None and name not in models:
        raise NotFound(f"the project names no model {name!r}{did_you_mean(name, models)}")
    return models[name] if name is not None else project.config.models[0]


def label_questions(project: Project, cases: Sequence[Case]) -> list[AskedQuestion]:
    """Give the questions whose labels can be guessed from a name: those with the same options for every item."""
    found: list[AskedQuestion] = []
    for question in project.config.schema.questions:
        task: Task[object] = bind(question)
        known = [case.truth[question.name] for case in cases if question.name in case.truth]
        if known and task.decompose([task.parse(known[0])]).option_space == "shared":
            found.append(AskedQuestion(question.name, task, question.title, question.help))
    return found


def cases_of(
    views: Views, project: Project, *, limit: int, gold: Mapping[str, Mapping[str, Json]] | None
) -> tuple[list[Case], int]:
    """Draw the items to probe with, and say how many drawn ones could not serve.

    gold: question -> item id -> label; of these items alone. None = of all, with what people said of them.
    Left out: what models may not be shown, short texts, and endings that are like another's, since those need no
    memory to be continued.
    Raises: NotReady, when no item can serve.
    """
    ids = {int(key): str(id) for key, id in views.item_ids(project.id).items()}
    truth = _truth_of_file(ids, gold) if gold is not None else _truth_by_people(views, project)
    keys = np.array(sorted(truth if gold is not None else ids), dtype=np.int64)
    if not len(keys):
        raise NotReady(
            f"project {project.name!r} has no items yet; run: labelwright import FILE"
            if gold is None
            else "none of the gold file's ids is an item's"
        )
    rng = np.random.default_rng([project.config.policy.seed, _SEED])
    drawn = rng.permutation(keys)[: limit * _READ_PER_WANTED]
    usable: list[Case] = []
    seen: list[str] = []
    n_unfit = 0
    for item in views.items_by_key(project.id, [int(key) for key in drawn]):
        if len(usable) == limit:
            break
        cut = _cut(item, project)
        ending = "" if cut is None else normalised(cut[1])
        if cut is None or any(likeness(ending, other) >= _ALIKE for other in seen):
            n_unfit += 1
            continue
        seen.append(ending)
        name = protect({"name": str(item.id)}, project.config.privacy, fields=["name"], key=b"")
        known = {} if name.found else truth.get(int(item.key), {})
        usable.append(Case(int(item.key), str(item.id), cut[0], cut[1], known, cut[2]))
    if not usable:
        raise NotReady(
            f"none of {len(drawn):,} items can be probed with: a text of at least {2 * _FEWEST} characters that models "
            "may be shown, with an ending of its own, is needed"
        )
    return usable, n_unfit


def likeness(one: str, other: str) -> float:
    """Give 1 for the same text, 0 for nothing in common: the share of signs that need no edit."""
    longest = max(len(one), len(other))
    return 1 - edit_distance(one, other) / longest if longest else 0.0


def _cut(item: Item, project: Project) -> tuple[str, str, int] | None:
    shown = show_item(item, project.config, picture=None) if not project.config.image_fields else None
    if shown is None or isinstance(shown, HeldBack) or len(shown.parts) != 1:
        return None
    texts = [text for text in shown.parts[0].content.values() if isinstance(text, str)]
    text = max(texts, key=len, default="").strip()
    place = min(round(_OPENING_SHARE * len(text)), _LONGEST_OPENING)
    space = text.rfind(" ", max(0, place - 20), place)
    place = space + 1 if space > 0 else place
    opening, ending = text[:place], text[place : place + LONGEST_ENDING]
    is_fit = min(len(normalised(opening)), len(normalised(ending))) >= _FEWEST
    return (opening, ending, shown.n_replaced) if is_fit else None


def _truth_of_file(ids: Mapping[int, str], gold: Mapping[str, Mapping[str, Json]]) -> dict[int, dict[str, Json]]:
    found: dict[int, dict[str, Json]] = {}
    for question, labels in gold.items():
        for key, id in ids.items():
            if id in labels:
                found.setdefault(key, {})[question] = labels[id]
    return found


def _truth_by_people(views: Views, project: Project) -> dict[int, dict[str, Json]]:
    found: dict[int, dict[str, Json]] = {}
    for question in project.config.schema.questions:
        task = bind(question)
        blind = [a for a in views.annotations(project.id, question=question.name) if a.is_blind]
        for item, said in consensus(task, readable(task, blind)).items():
            if not said.is_tied:
                found.setdefault(int(item), {})[question.name] = said.value
    return found
