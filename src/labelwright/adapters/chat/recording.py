"""Recorded answers, found by the text they were given to."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from labelwright.adapters.formats.recorded_folder import RecordedAnswer, RecordedFolder
from labelwright.domain.canonical import Json
from labelwright.errors import LabelwrightError, did_you_mean
from labelwright.prompting.block import block_hash, final_block, item_block


class RecordingMiss(LabelwrightError):
    """The recording has no answer to this. status and code: as an HTTP error says it."""

    def __init__(self, message: str, *, status: int, code: str, param: str | None = None) -> None:
        super().__init__(message)
        self.status, self.code, self.param = status, code, param


@dataclass(frozen=True, slots=True)
class FoundAnswer:
    """A recorded answer, and what names its request.

    n_samples: how many answers of the model to this item were recorded; None = only one was asked for.
    """

    item_id: str
    answer: RecordedAnswer
    n_samples: int | None = None


class Recording:
    """A folder of recorded answers, indexed by the hash of each item's delimited block."""

    def __init__(self, folder: RecordedFolder) -> None:
        self.name = folder.name
        self.questions = tuple(question.name for question in folder.questions)
        self._folder, self._answers, self._fields = folder, folder.answers, folder.content_fields
        self._samples = _sampled(folder.answers)
        self._taken: Counter[tuple[str, str]] = Counter()
        self._items_of: dict[str, list[str]] = {}
        for item in folder.items:
            key = block_hash(item_block(item, folder.content_fields))
            self._items_of.setdefault(key, []).append(str(item["id"]))

    @property
    def models(self) -> tuple[str, ...]:
        """The recorded variants: `model`, `model/prompt` or `model/prompt/sample`."""
        return tuple(self._answers)

    def find(self, model: str, texts: Sequence[str], item_id: str | None, *, sample: int | None = None) -> FoundAnswer:
        """Find the answer a model gave to the item in the final delimited block of a conversation.

        item_id decides between items of equal text; without it, equal answers are one answer.
        sample: of a model recorded several times, which answer; None = the next one. After the last, the first again.
        Raises: RecordingMiss.
        """
        answers = self._answers.get(model)
        variants = self._samples.get(model, ()) if answers is None else ()
        if answers is None and not variants:
            hint = did_you_mean(model, [*self._answers, *self._samples])
            raise RecordingMiss(
                f"no model {model!r} is recorded in {self.name!r}{hint}",
                status=404,
                code="model_not_found",
                param="model",
            )
        block = final_block(texts)
        if block is None:
            raise RecordingMiss(
                "the messages hold no item: it must stand between '<item>' and '</item>', each on a line of its own",
                status=400,
                code="no_item",
                param="messages",
            )
        candidates = self._items_of.get(block_hash(block))
        if candidates is None:
            raise RecordingMiss(
                f"the item in the final block is not in {self.name!r}: {_shortened(block)!r}; are the same fields"
                f" shown, in the same order (content_fields: [{', '.join(self._fields)}])?",
                status=404,
                code="item_not_found",
                param="messages",
            )
        if answers is not None:
            found = self._decide(model, candidates, item_id, answers)
            return found if sample is None else replace(found, n_samples=1)
        return self._sample(model, candidates, item_id, variants, sample)

    def _sample(
        self, model: str, candidates: list[str], item_id: str | None, variants: Sequence[str], sample: int | None
    ) -> FoundAnswer:
        """Give one of several recorded answers. A sample that lacks this item is passed over."""
        having = [name for name in variants if any(item in self._answers[name] for item in candidates)] or variants
        if sample is None:
            name = (model, item_id or candidates[0])
            sample = self._taken[name]
            self._taken[name] += 1
        variant = having[sample % len(having)]
        found = self._decide(variant, candidates, item_id, self._answers[variant])
        return replace(found, n_samples=len(having))

    def _decide(
        self, model: str, candidates: list[str], item_id: str | None, answers: Mapping[str, RecordedAnswer]
    ) -> FoundAnswer:
        if len(candidates) > 1 and item_id is not None and item_id in candidates:
            candidates = [item_id]
        found = [FoundAnswer(item, answers[item]) for item in candidates if item in answers]
        if not found:
            raise RecordingMiss(
                f"model {model!r} gave item {candidates[0]!r} no answer when it was recorded",
                status=404,
                code="answer_not_recorded",
                param="messages",
            )
        if any(_said(other.answer) != _said(found[0].answer) for other in found[1:]):
            raise RecordingMiss(
                f"{len(candidates)} items have this text and different answers ({', '.join(candidates[:5])});"
                f" say which is meant in metadata.item_id",
                status=409,
                code="ambiguous_item",
                param="metadata",
            )
        return self._in_form(found[0])

    def _in_form(self, found: FoundAnswer) -> FoundAnswer:
        """Write the labels as the project's prompt asks for them: a recorded place as the quote that leads to it."""
        labels = {
            name: self._folder.answered(found.item_id, name, label) for name, label in found.answer.labels.items()
        }
        return replace(found, answer=replace(found.answer, labels=labels))


def _sampled(answers: Mapping[str, Mapping[str, RecordedAnswer]]) -> dict[str, tuple[str, ...]]:
    """Give, by `model` or `model/prompt`, the variants that are samples of it, in the order recorded."""
    found: dict[str, list[str]] = {}
    for variant, rows in answers.items():
        sample = next(iter(rows.values())).sample
        if sample is not None:
            found.setdefault(variant.removesuffix(f"/{sample}"), []).append(variant)
    return {name: tuple(variants) for name, variants in found.items()}


def _said(answer: RecordedAnswer) -> tuple[dict[str, Json], dict[str, float | None]]:
    return dict(answer.labels), dict(answer.confidence)


def _shortened(text: str) -> str:
    return text if len(text) <= 120 else text[:117] + "..."
