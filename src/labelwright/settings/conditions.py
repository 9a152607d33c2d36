"""Conditions of questions (`show_when`, `required`): refuse at the door what could not be kept honestly."""

from __future__ import annotations

from collections.abc import Sequence

from labelwright.domain.canonical import Json
from labelwright.domain.project import PATH_SEPARATOR, Question
from labelwright.errors import InvalidConfiguration, InvalidValue, did_you_mean
from labelwright.settings.form import ProjectModel
from labelwright.settings.secrets import shown
from labelwright.tasks.protocol import HasPlaces, Task
from labelwright.tasks.registry import bind
from labelwright.yaml_lines import YamlDocument, YamlPath


def check_conditions(questions: Sequence[Question], told: ProjectModel, document: YamlDocument) -> None:
    """Make sure that conditions speak of answers there can be, and that something is asked of every item.

    Raises: InvalidConfiguration.
    """
    for place, question in enumerate(questions):
        if question.show_when is not None:
            _check_condition(place, questions, document)
    if all(question.is_always_asked for question in questions):
        return
    if not any(question.is_always_asked for question in questions):
        problem = "no question is asked of every item, so nothing could be calibrated or known to be done"
        hint = "; leave show_when and required: false away from at least one"
        raise InvalidConfiguration(document.file, problem, line=document.line(("questions",)), hint=hint)
    if told.ensemble == "cascade":
        names = ", ".join(repr(q.name) for q in questions if not q.is_always_asked)
        problem = (
            f"ensemble: cascade asks about every item until one model is sure, and {names} is not asked of every item"
        )
        hint = "; write ensemble: first or jury, or make it a project of its own"
        raise InvalidConfiguration(document.file, problem, line=document.line(("ensemble",)), hint=hint)


def _check_condition(place: int, questions: Sequence[Question], document: YamlDocument) -> None:
    question = questions[place]
    when = question.show_when
    assert when is not None  # noqa: S101 - the caller looked
    here: YamlPath = ("questions", place, "show_when")
    earlier = {str(one.name): one for one in questions[:place]}
    parent = earlier.get(when.question)
    if parent is None:
        problem = f"question {question.name!r}: show_when names {shown(when.question)}, which is no question before it"
        hint = did_you_mean(when.question, list(earlier)) or "; put the question it depends on first"
        raise InvalidConfiguration(document.file, problem, line=document.line((*here, "question")), hint=hint)
    line = document.line((*here, "is"))
    if not when.values:
        raise InvalidConfiguration(document.file, f"question {question.name!r}: show_when.is is empty", line=line)
    task = bind(parent)
    for value in when.values:
        try:
            check_value(task, value)
        except InvalidValue as error:
            problem = f"question {question.name!r}: show_when.is: {error.problem}"
            raise InvalidConfiguration(document.file, problem, line=line, hint=error.hint) from None


def check_value(task: Task[object], value: Json) -> None:
    """Hold a value of a condition against the type of the question it is about.

    It is a whole answer, one of those that an answer lists, or a place on the path that an answer is.
    Raises: InvalidValue.
    """
    if isinstance(task, HasPlaces) and isinstance(value, str):
        task.check_place(value)
        return
    try:
        task.parse(value)
    except InvalidValue as alone:
        try:
            task.parse([value])
        except InvalidValue as listed:
            raise (listed if listed.path.startswith("[") else alone) from None
        _check_one_meaning(task, value)


def _check_one_meaning(task: Task[object], value: Json) -> None:
    """Refuse a label that reads as a path of two others: a condition could not tell them apart."""
    names = value.split(PATH_SEPARATOR) if isinstance(value, str) else []
    if len(names) > 1:
        try:
            task.parse(names)
        except InvalidValue:
            return
        raise InvalidValue("", f"{shown(value)} could be {' and '.join(names)} too", "; give that label another name")
