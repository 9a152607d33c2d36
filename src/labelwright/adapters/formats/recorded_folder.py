"""Read a folder of recorded model answers with gold, and sometimes people's votes.

The form: ``task.json`` (one question, or ``questions``), ``items.jsonl``, ``gold.jsonl``, ``llm.jsonl`` and optionally
``humans.jsonl``; each ``.jsonl`` may be ``.jsonl.gz``.
"""

import gzip
from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any, cast

import orjson

from labelwright.adapters.formats.recorded_labels import as_answered, label_of, settings_of
from labelwright.domain.canonical import Json
from labelwright.domain.ids import QuestionName
from labelwright.domain.project import Question
from labelwright.errors import InvalidFile, InvalidValue, did_you_mean
from labelwright.tasks.protocol import Task
from labelwright.tasks.registry import bind

ONLY_QUESTION = "label"
_KEPT_REASONING_CHARACTERS = 2_000


@dataclass(frozen=True, slots=True)
class RecordedQuestion:
    """One question the models answered; ``type`` names a task type, ``labels`` is empty where they vary by item."""

    name: str
    type: str
    labels: tuple[str, ...]
    instruction: str

    @property
    def settings(self) -> dict[str, Json]:
        """The settings that a project's question of this type has."""
        return settings_of(self.type, self.labels)


@dataclass(frozen=True, slots=True)
class RecordedAnswer:
    """What one variant of one model said about one item; confidences are in [0, 1], None when not recorded."""

    item_id: str
    model: str
    prompt: str | None
    sample: str | None
    labels: dict[str, Json]
    confidence: dict[str, float | None]
    confidence_kind: str | None
    logprobs: dict[str, float] | None
    reasoning: str | None

    @property
    def variant(self) -> str:
        """``model``, ``model/prompt`` or ``model/prompt/sample``; parts that were not recorded are left out."""
        return _variant(self.model, self.prompt, self.sample)


@dataclass(frozen=True)
class RecordedFolder:
    """Everything recorded about one data set."""

    path: Path
    name: str
    questions: tuple[RecordedQuestion, ...]
    content_fields: tuple[str, ...]
    items: tuple[dict[str, Json], ...]
    gold: dict[str, dict[str, Json]]
    humans: dict[str, tuple[tuple[str, dict[str, Json]], ...]]
    answers: dict[str, dict[str, RecordedAnswer]]
    guideline: str | None = None
    best: tuple[str, str | None] | None = field(default=None)

    def best_variant(self) -> str:
        """The variant with the most items right, where ``task.json`` says that accuracy was measured; else the first.

        Over the whole pool: an item without a valid answer is not right, however few a variant was asked about. The
        choice is made by all of the gold and by no sample of it, so it does not touch a certificate's chance.
        """
        if self.best is None:
            return next(iter(self.answers))
        # Of equals the one that task.json names, else the first recorded.
        return max(self.answers, key=lambda variant: (self._n_right(variant), self._is_named(variant)))

    def _is_named(self, variant: str) -> bool:
        first = next(iter(self.answers[variant].values()))
        return (first.model, first.prompt) == self.best

    def _n_right(self, variant: str) -> int:
        rows = self.answers[variant]
        return sum(
            item in rows and _same(rows[item].labels.get(question.name), labels[question.name])
            for item, labels in self.gold.items()
            for question in self.questions
            if question.name in labels
        )

    def answered(self, item_id: str, question: str, label: Json) -> Json:
        """Give a recorded label as the model would answer a project's prompt: spans as quotes, all else as it is."""
        task = self._tasks.get(question)
        return label if task is None else as_answered(task, label, self._contents[item_id])

    @cached_property
    def _tasks(self) -> dict[str, Task[object]]:
        """Tasks of the questions that a project can ask; what else was recorded is given as it is."""
        tasks: dict[str, Task[object]] = {}
        for one in self.questions:
            with suppress(InvalidValue):
                tasks[one.name] = bind(Question(QuestionName(one.name), one.type, one.settings))
        return tasks

    @cached_property
    def _contents(self) -> dict[str, dict[str, Json]]:
        return {str(item["id"]): {name: item.get(name) for name in self.content_fields} for item in self.items}

    def variants_of(self, model: str) -> tuple[str, ...]:
        """The recorded variants of one model, in the order recorded."""
        return tuple(v for v, rows in self.answers.items() if next(iter(rows.values())).model == model)


def read_recorded_folder(path: Path) -> RecordedFolder:
    """Read every file of a recorded folder into memory.

    Labels become strings, unless the task's type is `rating`; a list of labels stays a list, and spans are places.
    Confidences of one kind are divided by 100 when any of them exceeds 1: a kind may be *called* "0-100" and yet be
    recorded in [0, 1], so the values decide and not the name.
    Raises: InvalidFile, naming file and line, when something is missing or malformed.
    """
    if not path.is_dir():
        raise InvalidFile(
            path,
            "is not a folder; give one that holds task.json, items.jsonl, gold.jsonl and llm.jsonl",
        )
    task = _task(path)
    questions = _questions(path, task)
    items = _items(path)
    known = {cast(str, item["id"]) for item in items}
    best = cast("dict[str, Any] | None", task.get("best"))
    folder_name = str(task.get("name") or path.name)
    guideline = path / "guideline.md"
    return RecordedFolder(
        path=path,
        name=folder_name,
        questions=questions,
        content_fields=_content_fields(task, items),
        items=items,
        gold=_gold(path, questions, known),
        humans=_humans(path, questions, known),
        answers=_answers(path, questions, known),
        guideline=guideline.read_text(encoding="utf-8") if guideline.is_file() else None,
        best=None if best is None else (str(best["model"]), _text_or_none(best.get("prompt"))),
    )


def _task(path: Path) -> dict[str, Any]:
    file = path / "task.json"
    if not file.is_file():
        raise InvalidFile(file, "is missing; it must name the question(s), their type and labels")
    try:
        task = orjson.loads(file.read_bytes())
    except orjson.JSONDecodeError as problem:
        raise InvalidFile(file, f"is not valid JSON: {problem}") from problem
    if not isinstance(task, dict):
        raise InvalidFile(file, "must hold one JSON object")
    return cast("dict[str, Any]", task)


def _questions(path: Path, task: Mapping[str, Any]) -> tuple[RecordedQuestion, ...]:
    stated = cast(
        "list[dict[str, Any]]",
        task.get("questions") or [{**task, "name": ONLY_QUESTION}],
    )
    found: list[RecordedQuestion] = []
    for question in stated:
        name = str(question.get("name", ""))
        for required in ("name", "type", "labels"):
            if not question.get(required):
                raise InvalidFile(path / "task.json", f"question '{name}' lacks '{required}'")
        instruction = str(question.get("instruction") or question.get("task") or task.get("task") or name)
        labels = _option_names(question["labels"])
        found.append(RecordedQuestion(name, str(question["type"]), labels, instruction))
    return tuple(found)


def _option_names(stated: object) -> tuple[str, ...]:
    # Where the options differ from item to item, the recorded task describes them in words instead of listing them.
    return tuple(str(label) for label in cast("list[object]", stated)) if isinstance(stated, list) else ()


def _content_fields(task: Mapping[str, Any], items: tuple[dict[str, Json], ...]) -> tuple[str, ...]:
    stated = task.get("content_fields")
    if stated is not None:
        return tuple(str(name) for name in cast("list[object]", stated))
    return tuple(name for name in items[0] if name != "id")


def _items(path: Path) -> tuple[dict[str, Json], ...]:
    file = _find(path, "items")
    items: list[dict[str, Json]] = []
    first_line: dict[str, int] = {}
    for line, row in _rows(file):
        identifier = _identifier(file, line, row)
        if identifier in first_line:
            raise InvalidFile(
                file,
                f"id '{identifier}' was already used on line {first_line[identifier]}",
                line=line,
            )
        first_line[identifier] = line
        row["id"] = identifier
        items.append(row)
    if not items:
        raise InvalidFile(file, "holds no items")
    return tuple(items)


def _gold(path: Path, questions: tuple[RecordedQuestion, ...], known: set[str]) -> dict[str, dict[str, Json]]:
    file = _find(path, "gold")
    gold: dict[str, dict[str, Json]] = {}
    for line, row in _rows(file):
        labels = _labels(file, line, row, questions)
        for question in questions:
            _check_gold(file, line, labels.get(question.name), question)
        gold[_known(file, line, row, known)] = labels
    return gold


def _check_gold(file: Path, line: int, label: Json, question: RecordedQuestion) -> None:
    parts = label if isinstance(label, list) else [label]
    for part in (one.get("label") if isinstance(one, dict) else one for one in parts):
        if question.labels and isinstance(part, str) and part not in question.labels:
            hint = did_you_mean(part, question.labels)
            raise InvalidFile(
                file,
                f"gold label {part!r} is not a label of question {question.name!r}",
                line=line,
                hint=hint,
            )


def _humans(
    path: Path, questions: tuple[RecordedQuestion, ...], known: set[str]
) -> dict[str, tuple[tuple[str, dict[str, Json]], ...]]:
    file = _find_optional(path, "humans")
    if file is None:
        return {}
    votes: dict[str, list[tuple[str, dict[str, Json]]]] = {}
    for line, row in _rows(file):
        annotator = row.get("annotator")
        if annotator is None:
            raise InvalidFile(file, "field 'annotator' is missing", line=line)
        identifier = _known(file, line, row, known)
        votes.setdefault(identifier, []).append((str(annotator), _labels(file, line, row, questions)))
    return {identifier: tuple(cast_votes) for identifier, cast_votes in votes.items()}


def _answers(
    path: Path, questions: tuple[RecordedQuestion, ...], known: set[str]
) -> dict[str, dict[str, RecordedAnswer]]:
    file = _find(path, "llm")
    hundredths = _kinds_in_hundredths(file)
    answers: dict[str, dict[str, RecordedAnswer]] = {}
    for line, row in _rows(file):
        model = row.get("model")
        if model is None:
            raise InvalidFile(file, "field 'model' is missing", line=line)
        identifier = _known(file, line, row, known)
        kind = _text_or_none(row.get("confidence_kind"))
        answer = RecordedAnswer(
            item_id=identifier,
            model=str(model),
            prompt=_text_or_none(row.get("prompt")),
            sample=_text_or_none(row.get("sample")),
            labels=_labels(file, line, row, questions),
            confidence=_confidence(file, line, row, questions, 100.0 if kind in hundredths else 1.0),
            confidence_kind=kind,
            logprobs=cast("dict[str, float] | None", row.get("logprobs")),
            reasoning=_shortened(_text_or_none(row.get("reasoning"))),
        )
        rows = answers.setdefault(answer.variant, {})
        if identifier in rows:
            raise InvalidFile(
                file,
                f"{answer.variant} already answered item '{identifier}'",
                line=line,
            )
        rows[identifier] = answer
    if not answers:
        raise InvalidFile(file, "holds no answers")
    return answers


def _kinds_in_hundredths(file: Path) -> set[str | None]:
    kinds: set[str | None] = set()
    for _, row in _rows(file):
        stated = row.get("confidence")
        values = stated.values() if isinstance(stated, dict) else (stated,)
        if any(isinstance(value, int | float) and value > 1 for value in values):
            kinds.add(_text_or_none(row.get("confidence_kind")))
    return kinds


def _confidence(
    file: Path,
    line: int,
    row: dict[str, Json],
    questions: tuple[RecordedQuestion, ...],
    scale: float,
) -> dict[str, float | None]:
    stated = row.get("confidence")
    by_question = stated if isinstance(stated, dict) else {question.name: stated for question in questions}
    found: dict[str, float | None] = {}
    for question in questions:
        value = by_question.get(question.name)
        if value is None:
            found[question.name] = None
        elif isinstance(value, int | float) and 0 <= value / scale <= 1:
            found[question.name] = value / scale
        else:
            raise InvalidFile(
                file,
                f"confidence {value!r} is not a number between 0 and {scale:g}",
                line=line,
            )
    return found


def _labels(file: Path, line: int, row: dict[str, Json], questions: tuple[RecordedQuestion, ...]) -> dict[str, Json]:
    if "label" not in row:
        raise InvalidFile(file, "field 'label' is missing", line=line)
    stated = row["label"]
    if len(questions) == 1 and questions[0].name == ONLY_QUESTION:
        return {} if stated is None else {ONLY_QUESTION: label_of(questions[0].type, stated)}
    if not isinstance(stated, dict):
        raise InvalidFile(
            file,
            f"label must be an object with one entry per question, got {stated!r}",
            line=line,
        )
    return {q.name: label_of(q.type, stated[q.name]) for q in questions if stated.get(q.name) is not None}


def _known(file: Path, line: int, row: dict[str, Json], known: set[str]) -> str:
    identifier = _identifier(file, line, row)
    if identifier not in known:
        raise InvalidFile(file, f"id '{identifier}' is not in the items file", line=line)
    return identifier


def _identifier(file: Path, line: int, row: dict[str, Json]) -> str:
    identifier = row.get("id")
    if not isinstance(identifier, str | int) or identifier == "":
        raise InvalidFile(file, f"field 'id' is missing or is not text ({identifier!r})", line=line)
    return str(identifier)


def _find(path: Path, stem: str) -> Path:
    file = _find_optional(path, stem)
    if file is not None:
        return file
    raise InvalidFile(path, f"holds neither {stem}.jsonl nor {stem}.jsonl.gz")


def _find_optional(path: Path, stem: str) -> Path | None:
    named = (path / f"{stem}.jsonl", path / f"{stem}.jsonl.gz")
    return next((file for file in named if file.is_file()), None)


def _rows(file: Path) -> Iterator[tuple[int, dict[str, Json]]]:
    with gzip.open(file, "rb") if file.suffix == ".gz" else file.open("rb") as stream:
        try:
            for line, raw in enumerate(stream, start=1):
                if raw.strip():
                    yield line, _row(file, line, raw)
        except (gzip.BadGzipFile, EOFError) as problem:
            raise InvalidFile(file, f"is not a complete gzip file: {problem}") from problem


def _row(file: Path, line: int, raw: bytes) -> dict[str, Json]:
    try:
        row = orjson.loads(raw)
    except orjson.JSONDecodeError as problem:
        raise InvalidFile(file, f"not valid JSON ({problem})", line=line) from problem
    if not isinstance(row, dict):
        raise InvalidFile(file, f"expected a JSON object, got {type(row).__name__}", line=line)
    return cast("dict[str, Json]", row)


def _same(label: Json, gold: Json) -> bool:
    """Whether two labels are equal; the order within a list says nothing."""
    if isinstance(label, list) and isinstance(gold, list):
        return sorted(map(str, label)) == sorted(map(str, gold))
    return label == gold


def _variant(model: str, prompt: str | None, sample: str | None) -> str:
    return "/".join(part for part in (model, prompt, sample) if part is not None)


def _text_or_none(value: object) -> str | None:
    return None if value is None else str(value)


def _shortened(text: str | None) -> str | None:
    return text if text is None or len(text) <= _KEPT_REASONING_CHARACTERS else text[:_KEPT_REASONING_CHARACTERS] + "…"
