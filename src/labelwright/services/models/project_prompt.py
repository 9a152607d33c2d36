"""The prompt that a project's configuration asks for."""

from __future__ import annotations

from labelwright.domain.project import ProjectConfig
from labelwright.prompting.privacy.protect import may_leave
from labelwright.prompting.render import AskedQuestion, Prompt, build_prompt
from labelwright.tasks.registry import bind


def project_prompt(config: ProjectConfig) -> Prompt:
    """Build the prompt of a configuration; its hash binds predictions and certificates to it."""
    questions = [AskedQuestion(q.name, bind(q), q.title, q.help) for q in config.schema.questions]
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
