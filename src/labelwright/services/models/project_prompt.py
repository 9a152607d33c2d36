"""The prompt that a project's configuration asks for."""

from __future__ import annotations

import json

from labelwright.domain.project import ProjectConfig, Question
from labelwright.prompting.build import build_prompt
from labelwright.prompting.privacy.protect import may_leave
from labelwright.prompting.render import AskedQuestion, Prompt
from labelwright.tasks.registry import bind


def project_prompt(config: ProjectConfig) -> Prompt:
    """Build the prompt of a configuration; its hash binds predictions and certificates to it."""
    questions = [AskedQuestion(q.name, bind(q), q.title, _help(q)) for q in config.schema.questions]
    return build_prompt(
        questions,
        guideline=config.guideline.text,
        content_fields=may_leave(config.content_fields, config.privacy),
        confidence=config.confidence,
        instruction=config.instruction,
        signals=config.kept_signals,
        flow=config.flow,
        examples=config.examples,
        long_items=config.long_items,
        image_fields=config.image_fields,
        privacy_mode=config.privacy.pii,
    )


def _help(question: Question) -> str:
    """Tell a model when a question applies; it answers all, and what it says of one that does not apply is not used."""
    when = question.show_when
    if when is None:
        return question.help
    wanted = " or ".join(json.dumps(value, ensure_ascii=False) for value in when.values)
    told = (
        f"This applies only where the answer to {json.dumps(when.question)} is (or holds) {wanted}; where it does not "
        "apply, answer as if it did: that answer is not used."
    )
    return f"{question.help} {told}".strip()
