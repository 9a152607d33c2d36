"""The prompt of a project: a static part, rendered once per run, and the item, last.

The static part comes first and is the same, byte for byte, for every item, so that providers can cache it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

from labelwright.domain.canonical import Json, digest
from labelwright.domain.project import ConfidenceSource
from labelwright.errors import InvalidValue
from labelwright.prompting.block import item_block
from labelwright.prompting.chat import ChatRequest, Message
from labelwright.tasks.protocol import Task

CONFIDENCE_KEY = "confidence"
PROMPT_ID = "label.v1"


@dataclass(frozen=True, slots=True)
class AskedQuestion:
    """A question as it is put to a model."""

    name: str
    task: Task[object]
    title: str = ""
    help: str = ""


@dataclass(frozen=True, slots=True)
class Sampling:
    """How a model is to answer. None = the provider's own default (reasoning models refuse a temperature)."""

    temperature: float | None = 0.0
    max_tokens: int | None = 512
    seed: int | None = None


@dataclass(frozen=True, slots=True)
class ItemToLabel:
    """An item on its way into a prompt. id: the user's name for it."""

    id: str
    content: Mapping[str, Json]


@dataclass(frozen=True, slots=True)
class Prompt:
    """Everything but the item.

    id: name and version of the template.  hash: of all that is asked (template, texts, questions, answer schema,
    fields, kind of confidence); predictions made under another hash are another prompt's.
    """

    id: str
    hash: str
    questions: tuple[AskedQuestion, ...]
    content_fields: tuple[str, ...]
    confidence: ConfidenceSource
    static: Message
    answer_schema: Mapping[str, Json]
    schema_name: str

    def request(self, item: ItemToLabel, model: str, sampling: Sampling) -> ChatRequest:
        """Ask one model about one item. Raises InvalidValue, when the item has nothing to show."""
        if all(item.content.get(name) in (None, "") for name in self.content_fields):
            fields = ", ".join(self.content_fields)
            raise InvalidValue(
                f"item {item.id!r}", f"there is nothing to label: {fields} is empty", "; skip or mend it"
            )
        return ChatRequest(
            model=model,
            messages=(self.static, Message("user", item_block(item.content, self.content_fields))),
            answer_schema=self.answer_schema,
            schema_name=self.schema_name,
            temperature=sampling.temperature,
            max_tokens=sampling.max_tokens,
            top_logprobs=20 if self.confidence == "logprob" else None,
            seed=sampling.seed,
            metadata={"item_id": item.id},
        )


def build_prompt(
    questions: Sequence[AskedQuestion],
    *,
    guideline: str,
    content_fields: Sequence[str],
    confidence: ConfidenceSource,
    instruction: str = "",
) -> Prompt:
    """Render the static part and fix the form of the answer.

    Texts are inserted as they are: a template's markup inside a guideline stays text.
    Raises: InvalidValue, when there is no question or field, or a question has the name kept for confidences.
    """
    if not questions:
        raise InvalidValue("questions", "there is no question to ask", "; name at least one")
    if not content_fields:
        raise InvalidValue("content_fields", "no field of the item is shown", "; name at least one")
    for question in questions:
        if question.name == CONFIDENCE_KEY:
            raise InvalidValue("questions", f"{CONFIDENCE_KEY!r} is kept for the model's confidence", "; rename it")
    asks_confidence = confidence == "verbalised"
    keys = [question.name for question in questions] + ([CONFIDENCE_KEY] if asks_confidence else [])
    source = _template_source(PROMPT_ID)
    static = _render(
        source,
        {
            "questions": [
                {"name": q.name, "title": q.title, "help": q.help, "description": q.task.describe()} for q in questions
            ],
            "guideline": guideline.strip(),
            "instruction": instruction.strip(),
            "keys": ", ".join(f"`{key}`" for key in keys),
            "asks_confidence": asks_confidence,
            "answers_in_json": confidence != "decisions",
        },
    )
    schema = answer_schema(questions, asks_confidence=asks_confidence)
    return Prompt(
        id=PROMPT_ID,
        hash=digest([PROMPT_ID, static, schema, list(content_fields), confidence])[:32],
        questions=tuple(questions),
        content_fields=tuple(content_fields),
        confidence=confidence,
        static=Message("system", static),
        answer_schema=schema,
        schema_name="labels",
    )


def answer_schema(questions: Sequence[AskedQuestion], *, asks_confidence: bool) -> dict[str, Json]:
    """Give the JSON schema of a whole answer, in OpenAI's strict subset: every key required, none besides."""
    properties: dict[str, Json] = {question.name: question.task.answer_schema() for question in questions}
    if asks_confidence:
        properties[CONFIDENCE_KEY] = _object({question.name: {"type": ["number", "null"]} for question in questions})
    return _object(properties)


def _object(properties: dict[str, Json]) -> dict[str, Json]:
    return {
        "type": "object",
        "properties": properties,
        "required": list(properties),
        "additionalProperties": False,
    }


@cache
def _template_source(name: str) -> str:
    return (files("labelwright.prompting") / "templates" / f"{name}.txt").read_text(encoding="utf-8")


def _render(source: str, values: Mapping[str, object]) -> str:
    from jinja2 import StrictUndefined  # noqa: PLC0415 - the server imports this module and renders nothing
    from jinja2.sandbox import ImmutableSandboxedEnvironment  # noqa: PLC0415

    environment = ImmutableSandboxedEnvironment(
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        autoescape=False,
    )
    return environment.from_string(source).render(values).strip() + "\n"
