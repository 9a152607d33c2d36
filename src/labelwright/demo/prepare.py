"""From a recorded folder to a project: what can be asked, which model labels, how sure it is taken to be."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import cast

import orjson
import yaml

from labelwright.adapters.formats.recorded_folder import RecordedFolder, RecordedQuestion, read_recorded_folder
from labelwright.demo.people import AnswerBook
from labelwright.domain.canonical import Json
from labelwright.domain.ids import QuestionName
from labelwright.domain.project import ConfidenceSource, Question
from labelwright.errors import InvalidFile, InvalidValue, did_you_mean
from labelwright.methods.routing import default_calibration_size
from labelwright.tasks.protocol import Task
from labelwright.tasks.registry import bind, task_type, task_types

BUILT_IN = Path(__file__).parent / "data"
# The recordings come without prices; this stands in for all, so that figures of different models can be compared.
PRICE_INPUT, PRICE_OUTPUT = 0.5, 1.5
"""USD per million tokens."""
GUIDELINE_FILE = "guideline.md"
_CONCURRENCY = 64


@dataclass(frozen=True, slots=True)
class Settings:
    """What can be said on the command line. budget_human: answers people may give; None = what the plan suggests."""

    model: str | None = None
    target_error: float = 0.1
    confidence_level: float = 0.95
    budget_human: int | None = None
    seed: int = 1
    adopt: float = 0.1
    reviewer_error: float = 0.02

    def __post_init__(self) -> None:
        for name, value in (("--target-error", self.target_error), ("--confidence-level", self.confidence_level)):
            if not 0 < value < 1:
                raise InvalidValue(name, f"{value} is not strictly between 0 and 1", "; give a share, such as 0.1")
        for name, value in (("--adopt", self.adopt), ("--reviewer-error", self.reviewer_error)):
            if not 0 <= value <= 1:
                raise InvalidValue(name, f"{value} is not between 0 and 1", "; give a share, such as 0.1")
        if self.budget_human is not None and self.budget_human < 1:
            raise InvalidValue("--budget-human", f"{self.budget_human} answers certify nothing", "; give at least 1")


@dataclass(frozen=True, slots=True)
class Cast:
    """Which recorded variant labels, which others only vote, and what its confidence is.

    is_best: the folder itself names it the most accurate.
    """

    labels: str
    votes: tuple[str, ...]
    confidence: ConfidenceSource
    is_best: bool
    is_chosen: bool

    @property
    def models(self) -> tuple[str, ...]:
        """Give every variant that is called."""
        return (self.labels, *self.votes)

    def why(self) -> str:
        """Say in a sentence where the choice came from."""
        if self.is_chosen:
            return "chosen with --model"
        if self.is_best:
            return "the recording's most accurate by its gold, which a real project cannot know"
        return "the first one recorded"

    def score(self) -> str:
        """Say in words what its confidence is."""
        match self.confidence:
            case "verbalised" | "logprob" | "decisions" | "consistency" | "p_true" | "neighbours" | "combined":
                return "the confidence recorded with its answers"
            case "agreement":
                return f"the share of {len(self.votes)} other recorded variants that agree with it"
            case "none":
                return "none: it recorded no confidence and there is no other variant, so nothing can be accepted"


def read_folder(path: Path) -> RecordedFolder:
    """Read a recorded folder that can be labelled here.

    Raises: InvalidFile, also when its items have no text, or its kind of question is not supported yet.
    """
    folder = read_recorded_folder(path)
    task = path / "task.json"
    stated = cast("dict[str, object]", orjson.loads(task.read_bytes()))
    if stated.get("text_present") is False or not folder.content_fields:
        raise InvalidFile(
            task, "says that the items' text is not here (`text_present`), so there is nothing to show or to label"
        )
    for question in folder.questions:
        _check(task, question)
    return folder


def _check(task: Path, question: RecordedQuestion) -> None:
    supported = ", ".join(sorted(kind.alias for kind in task_types().values()))
    try:
        task_type(question.type)
    except InvalidValue as problem:
        raise InvalidFile(
            task,
            f"question {question.name!r} is of type {question.type!r}, which cannot be labelled yet",
            hint=f"; supported: {supported}",
        ) from problem
    if not question.labels:
        raise InvalidFile(
            task, f"question {question.name!r} has options that differ from item to item, which cannot be labelled yet"
        )
    try:
        bind(asked(question))
    except InvalidValue as problem:
        raise InvalidFile(task, f"question {question.name!r}: {problem}") from problem


def asked(question: RecordedQuestion) -> Question:
    """Give a recorded question as a project's."""
    return Question(QuestionName(question.name), question.type, question.settings)


def tasks_of(folder: RecordedFolder) -> dict[str, Task[object]]:
    """Give the task of each question, by name."""
    return {question.name: bind(asked(question)) for question in folder.questions}


def answer_book(folder: RecordedFolder, settings: Settings) -> AnswerBook:
    """Give the simulated people what they know."""
    return AnswerBook(
        tasks_of(folder), folder.gold, folder.humans, settings.seed, settings.reviewer_error, settings.adopt
    )


def choose(folder: RecordedFolder, model: str | None) -> Cast:
    """Cast the recorded variants.

    model: a variant as recorded (`model/prompt/sample`), or a model's name, meaning its first variant.
    The labelling variant's own confidence is used when it recorded one; else all others vote, never itself.
    Raises: InvalidValue, when there is no such model.
    """
    labels = folder.best_variant() if model is None else _variant(folder, model)
    own = any(value is not None for row in folder.answers[labels].values() for value in row.confidence.values())
    others = tuple(variant for variant in folder.answers if variant != labels)
    confidence: ConfidenceSource = "verbalised" if own else "agreement" if others else "none"
    return Cast(
        labels,
        others if confidence == "agreement" else (),
        confidence,
        is_best=folder.best is not None and labels == folder.best_variant(),
        is_chosen=model is not None,
    )


def check(folder: RecordedFolder, settings: Settings) -> None:
    """See that the settings fit the folder, before anything is made. Raises InvalidValue."""
    choose(folder, settings.model)
    votes = answer_book(folder, settings).votes_per_item()
    affordable_calibration(folder, votes=votes, budget=settings.budget_human)


def _variant(folder: RecordedFolder, model: str) -> str:
    if model in folder.answers:
        return model
    variants = folder.variants_of(model)
    if not variants:
        raise InvalidValue("--model", f"nothing was recorded of {model!r}", did_you_mean(model, folder.answers))
    return variants[0]


def project_file(
    folder: RecordedFolder, roles: Cast, settings: Settings, *, base_url: str, votes: int, calibration_size: int | None
) -> str:
    """Write the project's `project.yaml`; its guideline stands beside it."""
    instructions = list(dict.fromkeys(question.instruction for question in folder.questions))
    is_shared = len(instructions) == 1
    questions = [
        {
            "name": question.name,
            "type": question.type,
            **({} if is_shared else {"help": question.instruction}),
            "labels": list(question.labels),
        }
        for question in folder.questions
    ]
    policy: dict[str, object] = {
        "target_error": settings.target_error,
        "confidence_level": settings.confidence_level,
        "calibration_votes": votes,
        "seed": settings.seed,
    }
    if calibration_size is not None:
        policy["calibration_size"] = calibration_size
    prices = {"price_input": PRICE_INPUT, "price_output": PRICE_OUTPUT}
    told: dict[str, object] = {
        "name": project_name(folder),
        "recorded": True,
        "instruction": instructions[0] if is_shared else "",
        "guideline": GUIDELINE_FILE,
        "content_fields": list(folder.content_fields),
        "questions": questions,
        "policy": policy,
        "confidence": roles.confidence,
        "models": [
            {"model": variant, "base_url": base_url, "concurrency": _CONCURRENCY, **prices} for variant in roles.models
        ],
    }
    return yaml.dump(told, Dumper=_WrittenOut, sort_keys=False, allow_unicode=True, width=110)


class _WrittenOut(yaml.SafeDumper):
    """YAML without aliases: project.yaml refuses them."""

    def ignore_aliases(self, data: object) -> bool:  # noqa: ARG002 - the signature is PyYAML's
        return True


def project_name(folder: RecordedFolder) -> str:
    """Give the folder's name as a project's: letters, digits, `_`, `.` and `-`."""
    return re.sub(r"[^A-Za-z0-9_.-]+", "-", folder.name).strip("-_.")[:64] or "demo"


def guideline_of(folder: RecordedFolder) -> str:
    """Give the recording's guideline, else one that repeats its instruction and its labels."""
    if folder.guideline is not None:
        return folder.guideline
    lines = [f"# Guideline: {folder.name}, version 1", ""]
    for question in folder.questions:
        lines += [f"**{question.name}**: {question.instruction}", "", *(f"- {label}" for label in question.labels), ""]
    lines += ["The recording came without a guideline; this one repeats its instruction and its labels."]
    return "\n".join(lines) + "\n"


def affordable_calibration(folder: RecordedFolder, *, votes: int, budget: int | None) -> int | None:
    """Give the size of a calibration sample the budget can pay; None = the usual size fits.

    Raises: InvalidValue, when it cannot pay for one item.
    """
    each = votes * len(folder.questions)
    if budget is None or budget >= each * default_calibration_size(len(folder.items)):
        return None
    if budget < each:
        raise InvalidValue(
            "--budget-human", f"{budget} answers do not pay for one calibration item", f"; it takes {each} answers"
        )
    return budget // each


def items_of(folder: RecordedFolder) -> Iterator[dict[str, Json]]:
    """Give the items: id and the fields an item shows."""
    for item in folder.items:
        yield {"id": item["id"], **{name: item.get(name) for name in folder.content_fields}}


def text_of(item: Mapping[str, Json], fields: Sequence[str]) -> str:
    """Give what an item says, for the student."""
    return "\n".join(str(item.get(name) or "") for name in fields)
