"""A project as the page needs it: questions with their widgets' settings, guideline, policy; no model, key, target."""

from __future__ import annotations

from labelwright.domain.canonical import Json
from labelwright.domain.project import Assistant, ModelSource, Policy, Project, Question
from labelwright.services.models.desk_wait import assistant_wait
from labelwright.tasks.label_list import read_labels
from labelwright.tasks.registry import bind


def shown_project(project: Project) -> dict[str, Json]:
    """Give the configuration in force, as far as people who label may see it."""
    config = project.config
    return {
        "name": project.name,
        "version": config.version,
        "schema_version": config.schema.version,
        "guideline_version": config.guideline.version,
        "instruction": config.instruction,
        "content_fields": list(config.content_fields),
        "contents": [
            {
                "field": one.name,
                "kind": one.kind,
                "beside": one.beside,
                "title": one.title,
                "settings": dict(one.settings),
            }
            for one in config.contents
        ],
        "questions": [_question(question) for question in config.schema.questions],
        "guideline": {"version": config.guideline.version, "text": config.guideline.text},
        "policy": {
            "suggestions": _mode(config.policy),
            "judged": config.policy.cooperation == "judge" and bool(config.models),
            "lease_seconds": config.policy.lease_seconds,
        },
        "recorded": config.recorded,
        "breaks": {"minutes": config.wellbeing.break_minutes, "items": config.wellbeing.break_items},
        "assistant": None if config.assistant is None else _assistant(config.assistant, config.models),
    }


def _assistant(settings: Assistant, models: tuple[ModelSource, ...]) -> dict[str, Json]:
    return {"questions": settings.max_questions_per_item, "seconds": assistant_wait(models, settings.model)}


def _mode(policy: Policy) -> str:
    if policy.hides_suggestions:
        return "hidden"
    return policy.suggestions if isinstance(policy.suggestions, str) else "by_chance"


def _question(question: Question) -> dict[str, Json]:
    settings, when = dict(question.settings), question.show_when
    if "labels" in settings:
        labels = read_labels({"labels": settings["labels"]}, at_least=1)
        settings["labels"] = [
            {"value": label.value, "title": label.title, "description": label.description} for label in labels
        ]
    return {
        "name": question.name,
        "type": bind(question).name,
        "title": question.title or question.name,
        "help": question.help,
        "settings": settings,
        "required": question.required,
        "show_when": None if when is None else {"question": when.question, "is": list(when.values)},
    }
