"""Which items reach which link of a cascade whose links are certified, and what each link said of them.

A link's certificate is a run of its own in the ledger, under the plan it belongs to. What it says, the answers up to
then, and the items the plan froze decide what is passed on: nothing is kept that could go out of step.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, cast

import numpy as np
from numpy.typing import NDArray

from labelwright.domain.canonical import Json
from labelwright.domain.project import Project
from labelwright.methods.routing.chain_on_one_sample import goes_on
from labelwright.ports.storage import Views
from labelwright.services.models.labeller import chain_name
from labelwright.services.models.model_answers import ModelAnswers, model_answers
from labelwright.services.models.project_prompt import project_prompt

CERTIFY_LINK = "certify-link"
"""The kind of run that certifies one link."""

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class CertifiedLinkOf:
    """One link as the ledger keeps it.  questions: by name, what was certified of each.

    last_prediction: the largest number of the answers it was tested on; later ones change nothing.
    """

    link: int
    model: str
    last_prediction: int
    questions: Mapping[str, Mapping[str, Any]]

    def threshold(self, question: str) -> float | None:
        """Kept from here on; None = the link keeps nothing of this question."""
        return self.questions[question]["threshold"]

    def below(self, question: str) -> float | None:
        """What has a lower score, or none, goes on; None = everything does."""
        told = self.questions[question]["below"]
        return -np.inf if told == "unscored" else told


@dataclass(frozen=True, slots=True, eq=False)
class Reached:
    """What reached a link.  item: (n,) ascending keys.  answers: the link's, about these.  score: (n,), nan = none."""

    item: Ints
    answers: ModelAnswers
    score: Floats


def certified_links(views: Views, project: Project) -> list[CertifiedLinkOf]:
    """Give the links certified so far under the newest plan, in order; empty where no plan is drawn."""
    plan = views.plan(project.id)
    if plan is None:
        return []
    name = chain_name(project.config, str(plan["plan"]))
    found = [
        link_of(run.parameters)
        for run in views.runs(project.id)
        if run.kind == CERTIFY_LINK and run.parameters.get("chain") == name
    ]
    return sorted(found, key=lambda one: one.link)


def link_of(kept: Mapping[str, Json]) -> CertifiedLinkOf:
    """Read a link as its run keeps it."""
    return CertifiedLinkOf(
        cast("int", kept["link"]),
        str(kept["model"]),
        cast("int", kept["last_prediction"]),
        cast("Mapping[str, Mapping[str, Any]]", kept["questions"]),
    )


def reached(views: Views, project: Project, question: str, links: list[CertifiedLinkOf], link: int) -> Reached:
    """Give what reached link number `link` (from 0), of which all earlier ones are certified."""
    here = frozen_items(views, project)
    for number in range(link):
        found = _answered(views, project, question, here, number, until=links[number].last_prediction)
        here = here[goes_on(found.score, links[number].below(question))]
    until: int | None = None  # what came so far
    if link < len(links):
        until = links[link].last_prediction
    elif not link:
        until = _frozen(views, project).get("last_prediction")
    return _answered(views, project, question, here, link, until=until)


def to_ask(views: Views, project: Project, link: int) -> Ints:
    """Give the keys of what reached a link in any question: one call answers them all."""
    links = certified_links(views, project)
    found: Ints = np.array([], dtype=np.int64)
    for question in project.config.schema.always_asked:
        found = np.union1d(found, reached(views, project, question.name, links, link).item)
    return found


def frozen_items(views: Views, project: Project) -> Ints:
    """Give the items that the newest plan speaks of."""
    frozen = _frozen(views, project)
    keys = views.item_keys(project.id)
    excluded = np.array(frozen["excluded"], dtype=np.int64)
    return keys[(keys <= frozen["last_item"]) & ~np.isin(keys, excluded)]


def without_answer(views: Views, project: Project, link: int, keys: Ints) -> Ints:
    """Give those of some items that a link's model has not answered every question of."""
    prompt_hash, model = project_prompt(project.config).hash, project.config.models[link].model
    answered = keys
    for question in project.config.schema.questions:
        answered = np.intersect1d(answered, views.predicted_items(project.id, model, prompt_hash, question.name))
    return np.setdiff1d(keys, answered)


def _answered(views: Views, project: Project, question: str, items: Ints, link: int, *, until: int | None) -> Reached:
    answers = model_answers(
        views,
        project.id,
        question,
        model=project.config.models[link].model,
        prompt_hash=project_prompt(project.config).hash,
        keys=items,
        until=until,
    )
    return Reached(items, answers, np.where(answers.is_valid, answers.confidence, np.nan))


def _frozen(views: Views, project: Project) -> Mapping[str, Any]:
    return cast("Mapping[str, Any]", views.plan(project.id))["frozen"]  # the caller knows that there is one
