"""Whose predictions are routed: a model's own, or what several answers and signals were put together to."""

from __future__ import annotations

from dataclasses import dataclass
from typing import cast

from labelwright.domain.canonical import Json, digest
from labelwright.domain.ids import ProjectId
from labelwright.domain.project import Project, ProjectConfig
from labelwright.errors import NotReady
from labelwright.methods.routing import question_delta
from labelwright.ports.project_reads import RunRow
from labelwright.ports.storage import Views
from labelwright.services.models.project_prompt import project_prompt

CASCADE = "cascade"
"""The kind of run, and the name, under which a cascade's labels are kept."""
COMBINE = "combine"
"""The kind of run that fits on people's labels and records what comes of it."""


@dataclass(frozen=True, slots=True)
class Labeller:
    """Under which name and hash the routed predictions are kept.

    fit: names what was learnt from people's labels, where the labels or scores rest on that; None where they do not,
    or where nothing has been learnt yet (`is_fitted`).
    """

    name: str
    prompt_hash: str
    fit: str | None
    is_fitted: bool


def learns(config: ProjectConfig) -> bool:
    """Whether the routed score rests on a fit to people's labels."""
    return bool(config.models) and config.confidence == "combined"


def labeller(views: Views, project: ProjectId, config: ProjectConfig) -> Labeller:
    """Say whose predictions are routed now. Until a fit is there, the first model's labels stand, without a score.

    Where a cascade's links are certified, the first model's stand until the last link is through.

    Raises: NotReady, when the project has no model.
    """
    name = config.labeller
    if name is None:
        raise NotReady(
            "the project names no model; add one under `models:` in project.yaml, then run: labelwright apply "
            "(without one, `labelwright route` sends everything to people)"
        )
    prompt_hash = project_prompt(config).hash
    if config.certifies_links:
        through = chain_through(views, project, config)
        if through is None:
            return Labeller(config.models[0].model, prompt_hash, None, is_fitted=True)
        return Labeller(name, str(through.parameters["prompt_hash"]), None, is_fitted=True)
    if config.ensemble == "cascade":
        return Labeller(name, cascade_hash(config), None, is_fitted=True)
    if not learns(config):
        return Labeller(name, prompt_hash, None, is_fitted=True)
    fit = fit_in_force(views, project, config, prompt_hash)
    if fit is None:
        return Labeller(config.models[0].model, prompt_hash, None, is_fitted=False)
    of_fit = str(fit.parameters["fit"])
    return Labeller(name, of_fit, of_fit, is_fitted=True)


def learnt_from(views: Views, project: Project) -> frozenset[int]:
    """Give the items whose labels by people the fit in force was fitted to: it is no stranger to them.

    How often a fitted label or score is right cannot be told from them.
    """
    if not learns(project.config):
        return frozenset()
    fit = fit_in_force(views, project.id, project.config, project_prompt(project.config).hash)
    return frozenset() if fit is None else frozenset(cast("list[int]", fit.parameters.get("trained_on", [])))


def cascade_hash(config: ProjectConfig) -> str:
    """Name what a cascade's labels rest on: the prompt, and the models in their order."""
    return digest([project_prompt(config).hash, [source.model for source in config.models]])[:32]


def chain_name(config: ProjectConfig, plan: str) -> str:
    """Name what a cascade with certified links says under one calibration plan."""
    return digest([cascade_hash(config), "certified links", plan])[:32]


def chain_through(views: Views, project: ProjectId, config: ProjectConfig) -> RunRow | None:
    """Find the run that recorded what the links of the newest plan say together; None while it is not finished."""
    plan = views.plan(project)
    if plan is None:
        return None
    name = chain_name(config, str(plan["plan"]))
    runs = [run for run in views.runs(project) if run.kind == CASCADE and run.parameters.get("prompt_hash") == name]
    return next((run for run in runs if run.finished), None)


@dataclass(frozen=True, slots=True)
class Planned:
    """What labels that certify nothing say of how to certify best; None = they say nothing.

    first_threshold: where the tests start.  lowest: the sample is drawn from the items that score so much or more.
    """

    first_threshold: float | None = None
    lowest: float | None = None


def planned(views: Views, project: Project, question: str) -> Planned:
    """Give how the fit in force plans a certificate, from the labels it was fitted to.

    Nothing also where it was planned for another target or level: any start is sound, but that one would be a poor one.
    """
    if not learns(project.config):
        return Planned()
    fit = fit_in_force(views, project.id, project.config, project_prompt(project.config).hash)
    told = {} if fit is None else cast("dict[str, dict[str, Json]]", fit.parameters.get("questions", {}))
    of_question = told.get(question, {})
    if of_question.get("planned_for", start_planned_for(project.config)) != start_planned_for(project.config):
        return Planned()
    start, lowest = of_question.get("first_threshold"), of_question.get("lowest")
    return Planned(
        float(start) if isinstance(start, int | float) else None,
        float(lowest) if isinstance(lowest, int | float) else None,
    )


def may_focus(config: ProjectConfig) -> bool:
    """Whether the sample that certifies may be drawn from the surest items alone.

    Several questions have one sample, and each its own surest items; groups have thresholds of their own.
    """
    one = len(config.schema.always_asked) == 1
    return config.policy.calibration_draw == "focused" and learns(config) and one and config.policy.certify.is_plain


def start_planned_for(config: ProjectConfig) -> dict[str, Json]:
    """Say for which promise a certificate is planned: the target, each question's share of the risk, any focus."""
    delta = question_delta(round(1 - config.policy.confidence_level, 12), len(config.schema.always_asked))
    promised: dict[str, Json] = {"target_error": config.policy.target_error, "delta": delta}
    return {**promised, "draw": "focused"} if may_focus(config) else promised


def fitted_to(config: ProjectConfig) -> dict[str, Json]:
    """Say whose answers a fit weighs: to other models, or to another way of putting them together, it says nothing."""
    return {"ensemble": config.ensemble, "models": [source.model for source in config.asked_models]}


def fit_in_force(views: Views, project: ProjectId, config: ProjectConfig, prompt_hash: str) -> RunRow | None:
    """Find the newest fit to answers of this prompt by these models; None when there is none yet."""
    wanted = fitted_to(config)
    fits = [
        run
        for run in views.runs(project)
        if run.kind == COMBINE
        and run.parameters.get("prompt_hash") == prompt_hash
        and run.parameters.get("fit")
        # An older fit did not say whose answers it weighs; it was to those of the project.
        and {**wanted, **cast("dict[str, Json]", run.parameters.get("fitted_to", {}))} == wanted
    ]
    return fits[-1] if fits else None
