"""The prompt of a project: a static part, rendered once per run, and the item, last.

The static part comes first and is the same, byte for byte, for every item, so that providers can cache it. Examples
that are the same for every item end it; examples chosen for an item stand right before the item.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

from labelwright.domain.canonical import Json
from labelwright.domain.project import ConfidenceSource, ExamplePolicy
from labelwright.errors import InvalidValue
from labelwright.prompting.block import CLOSING, OPENING, item_block
from labelwright.prompting.chat import ChatRequest, Image, Message
from labelwright.prompting.codes import CodedTask, coded
from labelwright.prompting.examples import Demonstration, chosen_examples, fixed_examples
from labelwright.prompting.templates import in_backticks, rendered
from labelwright.prompting.verbalise import other_names, shuffled
from labelwright.tasks.answer_schema import strict_object
from labelwright.tasks.protocol import Shown, Task

CONFIDENCE_KEY = "confidence"
REASONING_KEY = "reasoning"
PROMPT_ID = "label.v1"
MOST_ALTERNATIVES = 20

_PICTURE_ONLY = f"{OPENING}(the picture above){CLOSING}"


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
    """An item on its way into a prompt. id: the user's name for it.

    content: what may be shown.  images: the pictures of the image fields, in their order.
    shown: what answers that point into the item point into; None = the content's own texts.
    notes: what was done to the content (cut, personal data replaced); kept with every answer's signals.
    """

    id: str
    content: Mapping[str, Json]
    images: tuple[Image, ...] = ()
    shown: Shown | None = None
    notes: Mapping[str, Json] = field(default_factory=dict[str, Json])

    @property
    def seen(self) -> Shown:
        """Give what the model is shown."""
        if self.shown is not None:
            return self.shown
        return Shown({name: text for name, text in self.content.items() if isinstance(text, str)})


@dataclass(frozen=True, slots=True)
class Wording:
    """What the static part is rendered from."""

    questions: tuple[AskedQuestion, ...]
    guideline: str
    instruction: str


def _no_variants() -> dict[tuple[bool, int], Prompt]:
    return {}


@dataclass(frozen=True, slots=True)
class Prompt:
    """Everything but the item.

    id: name and version of the template.  hash: of all that is asked (template, texts, questions, answer schema,
    fields, kinds of confidence, flow, examples, rule for long items, privacy); predictions made under another hash are
    another prompt's.
    confidence: the signal a project routes by.  asks: every signal one answer can give and is asked for.
    reasons: whether an answer begins with its reasoning.
    """

    id: str
    hash: str
    questions: tuple[AskedQuestion, ...]
    content_fields: tuple[str, ...]
    confidence: ConfidenceSource
    static: Message
    answer_schema: Mapping[str, Json]
    schema_name: str
    asks: frozenset[ConfidenceSource] = frozenset()
    examples: ExamplePolicy = field(default_factory=ExamplePolicy)
    image_fields: tuple[str, ...] = ()
    reasons: bool = False
    wording: Wording = field(default=Wording((), "", ""), repr=False)
    variants: dict[tuple[bool, int], Prompt] = field(default_factory=_no_variants, compare=False, repr=False)

    @property
    def text_fields(self) -> tuple[str, ...]:
        """Give the fields that are shown as text."""
        if not self.image_fields:
            return self.content_fields
        return tuple(name for name in self.content_fields if name not in self.image_fields)

    def request(
        self,
        item: ItemToLabel,
        model: str,
        sampling: Sampling,
        *,
        demonstrations: Sequence[Demonstration] = (),
    ) -> ChatRequest:
        """Ask one model about one item.

        demonstrations: for `nearest` and `balanced`, the nearest last.
        Raises InvalidValue, when the item has nothing to show, or would demonstrate itself.
        """
        fields = self.text_fields
        if not item.images and not any(item.content.get(name) not in (None, "") for name in self.content_fields):
            empty = ", ".join(self.content_fields)
            raise InvalidValue(f"item {item.id!r}", f"there is nothing to label: {empty} is empty", "; skip or mend it")
        static, before = self.static, ""
        if demonstrations:
            if any(demonstration.item_id == item.id for demonstration in demonstrations):
                raise InvalidValue(f"item {item.id!r}", "it is among its own examples", "; leave it out of them")
            put = [self._put(demonstration) for demonstration in demonstrations]
            if self.examples.choose == "fixed":
                static = replace(static, content=f"{static.content}\n{fixed_examples(put, fields)}")
            else:
                before = chosen_examples(put, fields)
        block = item_block(item.content, fields) if fields else _PICTURE_ONLY
        return ChatRequest(
            model=model,
            messages=(static, Message("user", before + block, item.images)),
            answer_schema=self.answer_schema,
            schema_name=self.schema_name,
            temperature=sampling.temperature,
            max_tokens=sampling.max_tokens,
            top_logprobs=MOST_ALTERNATIVES if "logprob" in self.asks else None,
            seed=sampling.seed,
            metadata={"item_id": item.id},
        )

    def variant(self, *, reasons: bool = False, order: int = 0) -> Prompt:
        """Give the same prompt with the reasoning asked for first, or with its labels listed in another order.

        order: seed of the order; 0 = the schema's. Rendered once each; the hash stays that of the project's prompt,
        whose flow settles which variants are asked.
        Raises InvalidValue, when a question has the name kept for the reasoning.
        """
        if (reasons, order) == (self.reasons, 0):
            return self
        found = self.variants.get((reasons, order))
        if found is None:
            if reasons and any(question.name == REASONING_KEY for question in self.questions):
                raise InvalidValue("questions", f"{REASONING_KEY!r} is kept for the model's reasoning", "; rename it")
            found = replace(render(self, reasons=reasons, order=order), variants={})
            self.variants[reasons, order] = found
        return found

    def _put(self, demonstration: Demonstration) -> Demonstration:
        """Give a demonstration's answers as this prompt wants them: by letters, where it uses letters."""
        letters = {q.name: q.task for q in self.questions if isinstance(q.task, CodedTask)}
        if not letters:
            return demonstration
        answers = {
            name: letters[name].recode(answer) if name in letters else answer
            for name, answer in demonstration.answers.items()
        }
        return replace(demonstration, answers=answers)


def asks_in_words(prompt: Prompt) -> bool:
    """Whether the answer states its confidence. A decision is weighed, and has no words to state it in."""
    return "verbalised" in prompt.asks and prompt.confidence != "decisions"


def render(prompt: Prompt, *, reasons: bool, order: int) -> Prompt:
    """Give a prompt with its static part, questions and answer schema made of its wording."""
    uses_letters = "logprob" in prompt.asks and prompt.confidence != "decisions"
    asked = prompt.wording.questions
    put = tuple(replace(q, task=coded(q.task, seed=order) if uses_letters else q.task) for q in asked)
    described = [q.task if isinstance(q.task, CodedTask) else shuffled(q.task, order) for q in put]
    in_words = asks_in_words(prompt)
    static = rendered(
        PROMPT_ID,
        {
            "questions": [
                {
                    "name": q.name,
                    "title": q.title,
                    "help": q.help,
                    "description": task.describe(),
                    "other_names": other_names(task),  # a coded task lists them with its letters
                }
                for q, task in zip(put, described, strict=True)
            ],
            "guideline": prompt.wording.guideline.strip(),
            "instruction": prompt.wording.instruction.strip(),
            "keys": in_backticks(_keys(asked, reasons=reasons, in_words=in_words)),
            "asks_confidence": in_words,
            "asks_reasoning": reasons,
            "answers_in_json": prompt.confidence != "decisions",
        },
    )
    schema = answer_schema(put, asks_confidence=in_words, asks_reasoning=reasons)
    return replace(prompt, reasons=reasons, questions=put, static=Message("system", static), answer_schema=schema)


def answer_keys(prompt: Prompt) -> str:
    """Name the keys of a prompt's answer, in their order."""
    return in_backticks(_keys(prompt.questions, reasons=prompt.reasons, in_words=asks_in_words(prompt)))


def _keys(questions: Sequence[AskedQuestion], *, reasons: bool, in_words: bool) -> list[str]:
    return [
        *([REASONING_KEY] if reasons else []),
        *(question.name for question in questions),
        *([CONFIDENCE_KEY] if in_words else []),
    ]


def answer_schema(
    questions: Sequence[AskedQuestion], *, asks_confidence: bool, asks_reasoning: bool = False
) -> dict[str, Json]:
    """Give the JSON schema of a whole answer, in OpenAI's strict subset: every key required, none besides."""
    properties: dict[str, Json] = {REASONING_KEY: {"type": "string"}} if asks_reasoning else {}
    properties |= {question.name: question.task.answer_schema() for question in questions}
    if asks_confidence:
        properties[CONFIDENCE_KEY] = strict_object(
            {question.name: {"type": ["number", "null"]} for question in questions}
        )
    return strict_object(properties)
