"""The project file and guideline that `labelwright init` writes to start from, and a file from a configuration."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from typing import cast

import yaml

from labelwright.domain.canonical import Json
from labelwright.domain.contents import ShownField
from labelwright.domain.project import ProjectConfig, Question
from labelwright.settings.form import ProjectModel
from labelwright.tasks.registry import task_type

GUIDELINE_FILE = "guideline.md"


def new_project_file(name: str, *, question: str = "label", labels: Sequence[str]) -> str:
    """Write a commented project.yaml with one question."""
    listed = ", ".join(_quoted(label) for label in labels)
    return _PROJECT.format(name=_quoted(name), question=_quoted(question), labels=listed)


def new_guideline(labels: Sequence[str]) -> str:
    """Write a guideline to be filled in: what the labels are for, and a line per label.

    It has no heading of its own: the page and the prompt put it under theirs.
    """
    rows = "\n".join(f'- **{label}**: when ...; for example "..."; but not "...".' for label in labels)
    return _GUIDELINE.format(rows=rows)


def project_file_of(name: str, config: ProjectConfig) -> str:
    """Write a configuration as project.yaml; its guideline is expected beside it, in guideline.md."""
    return _yaml(_told(name, config))


def short_project_file_of(name: str, config: ProjectConfig) -> str:
    """Write a configuration as a person would: what holds anyway is left out."""
    told = _told(name, config)
    model = ProjectModel.model_validate(told)
    kept = model.model_dump(mode="json", by_alias=True, exclude_defaults=True)
    if not config.guideline.text:
        kept.pop("guideline", None)
    return _yaml({key: kept[key] for key in told if key in kept})


def _yaml(told: dict[str, Json]) -> str:
    return yaml.dump(told, Dumper=_NoAliases, sort_keys=False, allow_unicode=True, width=110)


def _told(name: str, config: ProjectConfig) -> dict[str, Json]:
    policy = config.policy
    return {
        "name": name,
        "instruction": config.instruction,
        "guideline": GUIDELINE_FILE,
        "content_fields": _content_fields(config),
        "questions": [
            {
                "name": q.name,
                "type": task_type(q.type).alias,
                "title": q.title,
                "help": q.help,
                **_condition_of(q),
                **q.settings,
            }
            for q in config.schema.questions
        ],
        "policy": cast("dict[str, Json]", asdict(policy)),
        "models": [
            {
                "base_url": model.base_url,
                "model": model.model,
                "provider": model.provider,
                "api_key_env": model.api_key_env,
                "temperature": model.temperature,
                "max_tokens": model.max_tokens,
                "concurrency": model.concurrency,
                "price_input": None if model.price_input is None else model.price_input / 1_000_000,
                "price_output": None if model.price_output is None else model.price_output / 1_000_000,
                "delivery": model.delivery,
                "requests_per_minute": model.requests_per_minute,
                "tokens_per_minute": model.tokens_per_minute,
                "timeout_seconds": model.timeout_seconds,
            }
            for model in config.models
        ],
        "confidence": config.confidence,
        "recorded": config.recorded,
        **_engine_of(config),
    }


def _content_fields(config: ProjectConfig) -> list[Json]:
    stated = {one.name: one for one in config.contents}
    besides = {one.beside for one in config.contents}
    return [_content(stated.get(name, ShownField(name))) for name in config.content_fields if name not in besides]


def _content(shown: ShownField) -> Json:
    told: dict[str, Json] = {"field": shown.name, "as": shown.kind, "beside": shown.beside, "title": shown.title}
    return shown.name if shown.is_plain else {**{key: one for key, one in told.items() if one}, **shown.settings}


def _condition_of(question: Question) -> dict[str, Json]:
    when = question.show_when
    found: dict[str, Json] = {}
    if when is not None:
        found["show_when"] = {"question": when.question, "is": list(when.values)}
    return found if question.required else {**found, "required": False}


def _engine_of(config: ProjectConfig) -> dict[str, Json]:
    """Write how models are asked, and what that may cost and show."""
    examples, long_items, privacy, spending = config.examples, config.long_items, config.privacy, config.spending
    costs = config.costs
    return {
        "ensemble": config.ensemble,
        "cascade": {"keep": config.cascade.keep},
        "signals": list(config.signals),
        "flow": {"name": config.flow.name, **config.flow.settings},
        "examples": {
            "choose": examples.choose,
            "k": examples.k,
            "items": list(examples.items),
            "explain": examples.explain,
        },
        "long_items": {"most_tokens": long_items.most_tokens, "rule": long_items.rule},
        "privacy": {
            "pii": privacy.pii,
            "never_leaves": list(privacy.never_leaves),
            "local_only": privacy.local_only,
            "allowed_hosts": list(privacy.allowed_hosts),
        },
        "budget": None if spending.budget is None else spending.budget / 1_000_000,
        "confirm_above": None if spending.confirm_above is None else spending.confirm_above / 1_000_000,
        "costs": {
            "wage_per_hour": None if costs.wage_per_hour is None else costs.wage_per_hour / 1_000_000,
            "gpu_per_hour": None if costs.gpu_per_hour is None else costs.gpu_per_hour / 1_000_000,
            "overhead": costs.overhead,
        },
        "audit": {"level": config.audit.level, "on_alarm": config.audit.on_alarm},
        "image_fields": list(config.image_fields),
        "wellbeing": cast("dict[str, Json]", asdict(config.wellbeing)),
        "assistant": None if config.assistant is None else cast("dict[str, Json]", asdict(config.assistant)),
    }


class _NoAliases(yaml.SafeDumper):
    """Equal lists are written out twice: the reader refuses aliases."""

    def ignore_aliases(self, data: object) -> bool:  # noqa: ARG002 - PyYAML's signature
        return True


def _quoted(text: str) -> str:
    """Write a text as a YAML scalar, in quotes only where it would be read as something else."""
    plain = yaml.safe_dump([text], allow_unicode=True, default_flow_style=True, width=10_000).strip()
    return plain[1:-1]


_PROJECT = """\
# What is labelled, by whom, and how sure it must be. `labelwright apply` puts this file in force.
name: {name}
instruction: ""             # one sentence for the models, on top of the guideline
guideline: guideline.md     # what people and models read
content_fields: [text]      # what an item shows, in this order

questions:
  - name: {question}
    type: classification    # exactly one label; multilabel: any number
    labels: [{labels}]
    # title: What people see above the buttons
    # help: A line below it

policy:
  target_error: 0.1         # at most this share of the labels accepted unseen may be wrong ...
  confidence_level: 0.95    # ... with this confidence
  # calibration_size: 300   # items labelled blind first; when left out: a third of the items, at most 300
  # calibration_votes: 1    # people per calibration item
  # calibration_draw: focused  # with confidence: combined, from the surest items alone where that pays
  # review_votes: 1         # people per item in review
  # audit_share: 0.05       # of the accepted, checked blind
  # blind_share: 0.1        # of the review queue, shown without the suggestion
  # suggestions: shown      # or hidden, or auto: until measured to harm
  # certify: {{by: label}}  # a threshold per predicted label; loss: distance or costs, where errors weigh unequally

# Three lines are a provider: any OpenAI-compatible endpoint; a fourth, `provider:`, names another protocol
# (anthropic, openai-decisions). The key stays in the environment.
models: []
#  - base_url: https://api.openai.com/v1
#    model: gpt-4o-mini
#    api_key_env: OPENAI_API_KEY
#    # delivery: batch      # half the price, within a day
#    price_input: 0.15      # USD per million tokens, where the built-in list does not know the model
#    price_output: 0.60

confidence: verbalised      # or logprob, decisions, consistency, p_true, agreement (of several models), none;
                            # combined: all signals, weighed by people's labels

# What may be said besides; each line is what holds when it is left out.
# flow: repair              # how a model is asked: once, repair, guesses, self_consistency, p_true, reason ...
# signals: []               # further signals to keep, such as [logprob]
# ensemble: first           # of several models: jury (all, weighed by people's labels) or cascade (cheapest first)
# cascade: {{keep: ranks}}    # or certified: a model keeps what its own certified threshold covers
# examples: {{choose: none}}  # or {{choose: nearest, k: 5}}: items that people have labelled, in the prompt
# long_items: {{most_tokens: null, rule: refuse}}  # or truncate, chunk
# image_fields: []          # those of content_fields that hold pictures; {{field: scan, as: image}} says it too
# audit: {{level: 0.95, on_alarm: tell}}  # or recall: what an alarm of the audit speaks against goes back to people
# privacy:
#   pii: off                # or redact, pseudonymise, block
#   never_leaves: []        # fields no model is shown
#   local_only: false
# budget: null              # USD that all calls may cost together, such as 25
# confirm_above: 5          # a run that costs more asks first
# assistant: {{model: gpt-4o-mini, max_questions_per_item: 5}}  # people may ask it about the item before them
# costs: {{wage_per_hour: 18, overhead: 0.2}}  # what people's time costs: for `costs` and `plan`
"""

_GUIDELINE = """\
Say in two sentences what the labels are for, and what decides in general.

{rows}

When in doubt, skip the item and say why.
"""
