"""The prompt that a project's configuration asks for."""

from __future__ import annotations

from labelwright.domain.project import ProjectConfig
from labelwright.prompting.render import AskedQuestion, Prompt, build_prompt
from labelwright.tasks.registry import bind


def project_prompt(config: ProjectConfig) -> Prompt:
    """Build the prompt of a configuration; its hash binds predictions and certificates to it."""
    questions = [AskedQuestion(q.name, bind(q), q.title, q.help) for q in config.schema.questions]
    return build_prompt(
        questions,
        guideline=config.guideline.text,
        content_fields=config.content_fields,
        confidence=config.confidence,
        instruction=config.instruction,
    )
