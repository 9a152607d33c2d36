"""A project's prompt from what its configuration says, and the name that tells it from every other prompt."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from labelwright.domain.canonical import Json, digest
from labelwright.domain.project import ConfidenceSource, ExamplePolicy, FlowChoice, LongItems
from labelwright.errors import InvalidValue
from labelwright.prompting.chat import Message
from labelwright.prompting.flows.registry import flow_of
from labelwright.prompting.render import CONFIDENCE_KEY, PROMPT_ID, AskedQuestion, Prompt, Wording, render
from labelwright.prompting.templates import template_source


def build_prompt(
    questions: Sequence[AskedQuestion],
    *,
    guideline: str,
    content_fields: Sequence[str],
    confidence: ConfidenceSource,
    instruction: str = "",
    signals: Sequence[ConfidenceSource] = (),
    flow: FlowChoice | None = None,
    examples: ExamplePolicy | None = None,
    long_items: LongItems | None = None,
    image_fields: Sequence[str] = (),
    privacy_mode: str = "off",
) -> Prompt:
    """Render the static part and fix the form of the answer.

    Texts are inserted as they are: a template's markup inside a guideline stays text.
    signals: kept beside `confidence`.  privacy_mode: what is done to personal data before an item is shown.
    Raises: InvalidValue, when there is no question or field, a question has the name kept for confidences, or there is
    no such flow.
    """
    if not questions:
        raise InvalidValue("questions", "there is no question to ask", "; name at least one")
    if not content_fields:
        raise InvalidValue("content_fields", "no field of the item is shown", "; name at least one")
    for question in questions:
        if question.name == CONFIDENCE_KEY:
            raise InvalidValue("questions", f"{CONFIDENCE_KEY!r} is kept for the model's confidence", "; rename it")
    examples = examples or ExamplePolicy()
    bare = Prompt(
        id=PROMPT_ID,
        hash="",
        questions=(),
        content_fields=tuple(content_fields),
        confidence=confidence,
        static=Message("system", ""),
        answer_schema={},
        schema_name="labels",
        asks=frozenset({confidence, *signals}),
        examples=examples,
        image_fields=tuple(image_fields),
        wording=Wording(tuple(questions), guideline, instruction),
    )
    prompt = render(bare, reasons=False, order=0)
    named = [PROMPT_ID, prompt.static.content, prompt.answer_schema, list(content_fields), confidence]
    further = _further(prompt, flow or FlowChoice(), long_items or LongItems(), privacy_mode)
    return replace(prompt, hash=digest([*named, further] if further else named)[:32])


def _further(prompt: Prompt, flow: FlowChoice, long_items: LongItems, privacy_mode: str) -> dict[str, Json]:
    """Give what else belongs to a prompt's name, where it is not the default: names given before it existed stand."""
    kind = flow_of(flow.name)
    settings = kind.read(flow.settings)
    further: dict[str, Json] = {}
    signals = sorted(prompt.asks - {prompt.confidence})
    if signals:
        further["signals"] = list(signals)
    if (kind.name, settings) != ("repair", flow_of("repair").read({})):
        texts: dict[str, Json] = {name: template_source(name) for name in kind.templates}
        further["flow"] = {"name": kind.name, "settings": settings, "texts": texts}
    if prompt.examples != ExamplePolicy():
        e = prompt.examples
        further["examples"] = {"choose": e.choose, "k": e.k, "items": list(e.items), "explain": e.explain}
    if long_items.most_tokens is not None:
        further["long_items"] = {"most_tokens": long_items.most_tokens, "rule": long_items.rule}
    if prompt.image_fields:
        further["image_fields"] = list(prompt.image_fields)
    if privacy_mode != "off":
        further["privacy"] = privacy_mode
    return further
