"""What is compared: each model with each prompt, flow, and way of choosing examples that was asked for."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import product
from pathlib import Path
from typing import TypedDict, cast, get_args

from labelwright.domain.canonical import Json
from labelwright.domain.project import (
    ConfidenceSource,
    ExampleChoice,
    ExamplePolicy,
    FlowChoice,
    ModelSource,
    Project,
    ProjectConfig,
)
from labelwright.errors import InvalidInput, InvalidValue, NotReady, did_you_mean
from labelwright.prompting.flows.registry import flows
from labelwright.prompting.render import Prompt
from labelwright.services.models.project_prompt import project_prompt

IN_FORCE = "project"
"""The name of the prompt that the project has now, beside others from files."""
BUILT_IN = "hashed"
_BY_LIKENESS = frozenset({"nearest", "balanced"})
_MOST_VARIANTS = 200


@dataclass(frozen=True, slots=True)
class Wishes:
    """What to compare. Whatever is empty stays as the project has it; the rest is crossed.

    models: names of the project's (empty = all).  prompts: name -> another project.yaml of the same questions.
    examples, k: how examples are chosen, and how many (0 = none).  embedders: by which likeness.
    limit: at most this many items of the gold, at random.  spends_calibration: labels that certify may be looked at.
    baseline: the variant that the others are compared with; None = the best.
    """

    models: tuple[str, ...] = ()
    flows: tuple[str, ...] = ()
    prompts: tuple[tuple[str, ProjectConfig], ...] = ()
    examples: tuple[str, ...] = ()
    k: tuple[int, ...] = ()
    embedders: tuple[str, ...] = ()
    limit: int | None = None
    spends_calibration: bool = False
    baseline: str | None = None


class Comparing(TypedDict, total=False):
    """`Wishes` as a caller states them. prompts: project files of the same questions."""

    models: Sequence[str]
    flows: Sequence[str]
    prompts: Sequence[str | Path]
    examples: Sequence[str]
    k: Sequence[int]
    embedders: Sequence[str]
    limit: int | None
    spends_calibration: bool
    baseline: str | None


@dataclass(frozen=True, slots=True)
class Variant:
    """One way of labelling. project: the project as it would be.  source: its model.  embedder: None = none is used.

    note: what is asked otherwise than the project says, and why.
    """

    name: str
    project: Project
    source: ModelSource
    prompt_name: str
    prompt: Prompt
    embedder: str | None
    note: str = ""

    def parameters(self) -> dict[str, Json]:
        """Say what it is, for the history."""
        config = self.project.config
        return {
            "variant": self.name,
            "model": self.source.model,
            "protocol": self.source.provider,
            "prompt_name": self.prompt_name,
            "prompt": self.prompt.id,
            "prompt_hash": self.prompt.hash,
            "flow": {"name": config.flow.name, **config.flow.settings},
            "examples": config.examples.choose,
            "k": config.examples.k if config.examples.choose in _BY_LIKENESS else len(config.examples.items),
            "embedder": self.embedder,
            "confidence": config.confidence,
            "temperature": self.source.temperature,
            "max_tokens": self.source.max_tokens,
        }


def variants(project: Project, wishes: Wishes) -> tuple[Variant, ...]:
    """Cross what is to be compared.

    Raises: NotReady, when the project has no model; InvalidValue, for a model, flow or choice that is not there, and
    for a prompt about other questions.
    """
    sources = _sources(project.config, wishes.models)
    found: list[tuple[dict[str, str], Variant]] = []
    seen: set[tuple[str, str, str | None]] = set()
    for (prompt_name, config), flow in product(_prompts(project, wishes), _flows(project.config, wishes)):
        flowing = config if flow is None else replace(config, flow=flow)
        for policy in _policies(config, wishes):
            exemplary, note = _askable(replace(flowing, examples=policy))
            prompt = project_prompt(exemplary)
            embedders = (wishes.embedders or (BUILT_IN,)) if policy.choose in _BY_LIKENESS else (None,)
            for embedder, source in product(embedders, sources):
                if (source.model, prompt.hash, embedder) in seen:  # two files may ask the same
                    continue
                seen.add((source.model, prompt.hash, embedder))
                parts = {
                    "model": source.model,
                    "prompt": prompt_name,
                    "flow": exemplary.flow.name,
                    "examples": _policy_name(policy),
                    "embedder": embedder or "",
                }
                changed = replace(project, config=exemplary)
                found.append((parts, Variant("", changed, source, prompt_name, prompt, embedder, note)))
    if len(found) > _MOST_VARIANTS:
        raise InvalidInput(f"that makes {len(found)} variants; compare at most {_MOST_VARIANTS} at once")
    return _named(found)


def _named(found: Sequence[tuple[dict[str, str], Variant]]) -> tuple[Variant, ...]:
    """Name each variant by its model and by what differs between them."""
    differs = [
        part for part in ("prompt", "flow", "examples", "embedder") if len({parts[part] for parts, _ in found}) > 1
    ]
    return tuple(
        replace(variant, name=" · ".join([parts["model"], *(parts[part] for part in differs if parts[part])]))
        for parts, variant in found
    )


def _sources(config: ProjectConfig, wanted: Sequence[str]) -> list[ModelSource]:
    known = {source.model: source for source in config.models}
    if not known:
        raise NotReady("the project names no model; add one under `models:` in project.yaml, then: labelwright apply")
    for name in wanted:
        if name not in known:
            raise InvalidValue("--models", f"the project has no model {name!r}", did_you_mean(name, known))
    return [known[name] for name in dict.fromkeys(wanted)] if wanted else list(known.values())


def _flows(config: ProjectConfig, wishes: Wishes) -> list[FlowChoice | None]:
    """Give the flows; None = as each prompt has it. The project's own keeps its settings, others have defaults."""
    found: list[FlowChoice | None] = []
    for name in dict.fromkeys(wishes.flows):
        if name not in flows():
            raise InvalidValue("--flows", f"there is no flow {name!r}", did_you_mean(name, flows()))
        found.append(config.flow if name == config.flow.name else FlowChoice(name))
    return found or [None]


def _prompts(project: Project, wishes: Wishes) -> list[tuple[str, ProjectConfig]]:
    """Give the prompts: the project's, then those of the files, each with the project's models, policy and privacy."""
    mine = project.config
    found = [(IN_FORCE, mine)]
    for name, other in wishes.prompts:
        if [(q.name, q.type, dict(q.settings)) for q in other.schema.questions] != [
            (q.name, q.type, dict(q.settings)) for q in mine.schema.questions
        ]:
            raise InvalidValue(
                "--prompt", f"{name} asks other questions than the project", "; prompts are compared on the same ones"
            )
        unknown = [field for field in other.content_fields if field not in mine.content_fields]
        if unknown:
            hint = did_you_mean(unknown[0], mine.content_fields)
            raise InvalidValue("--prompt", f"{name} shows {unknown[0]!r}, which is no field of the project", hint)
        merged = replace(
            other,
            models=mine.models,
            policy=mine.policy,
            privacy=mine.privacy,
            spending=mine.spending,
            recorded=mine.recorded,
            ensemble=mine.ensemble,
        )
        found.append((name, merged))
    return found


def _policies(config: ProjectConfig, wishes: Wishes) -> list[ExamplePolicy]:
    """Cross the ways of choosing examples with their numbers; 0 of them is none, whichever way."""
    mine = config.examples
    for name in wishes.examples:
        if name not in get_args(ExampleChoice):
            hint = did_you_mean(name, get_args(ExampleChoice))
            raise InvalidValue("--examples", f"{name!r} is no way to choose examples", hint)
        if name == "fixed" and mine.choose != "fixed":
            raise InvalidValue("--examples", "the project names no fixed examples", "; name them in project.yaml")
    chosen = wishes.examples
    if not chosen:
        by_k = wishes.k and mine.choose not in _BY_LIKENESS
        chosen = ("nearest",) if by_k else (mine.choose,)
    found: list[ExamplePolicy] = []
    for choose in chosen:
        counts = (wishes.k or (mine.k,)) if choose in _BY_LIKENESS else (mine.k,)
        for k in counts:
            if choose == "none" or k == 0:
                found.append(ExamplePolicy())
            else:
                found.append(replace(mine, choose=cast("ExampleChoice", choose), k=k))
    return list(dict.fromkeys(found))


def _policy_name(policy: ExamplePolicy) -> str:
    if policy.choose in _BY_LIKENESS:
        return f"{policy.choose} {policy.k}"
    return "no examples" if policy.choose == "none" else policy.choose


def _askable(config: ProjectConfig) -> tuple[ProjectConfig, str]:
    """Leave out signals that this flow does not give: where one routes, the stated confidence is asked for instead."""
    givers: Mapping[str, frozenset[ConfidenceSource]] = {name: kind.gives for name, kind in flows().items()}
    special = frozenset[ConfidenceSource]().union(*givers.values()) - givers[config.flow.name]
    signals = tuple(signal for signal in config.signals if signal not in special)
    if config.confidence not in special:
        return replace(config, signals=signals), ""
    note = f"flow {config.flow.name!r} gives no {config.confidence!r}: the stated confidence is judged instead"
    return replace(config, signals=signals, confidence="verbalised"), note
