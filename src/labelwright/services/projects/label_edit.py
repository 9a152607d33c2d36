"""The configuration after labels were renamed, merged or split: the list of labels, and all that names one."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from labelwright.domain.canonical import Json, canonical_json
from labelwright.domain.project import ProjectConfig, Question
from labelwright.errors import Conflict, InvalidValue, NotReady, did_you_mean
from labelwright.events.labels import LabelChangeKind
from labelwright.history.label_changes import LabelChange
from labelwright.settings.conditions import check_value
from labelwright.tasks.protocol import Labels, Relabels, Task
from labelwright.tasks.registry import bind, relabels


def edited_config(
    config: ProjectConfig,
    question: Question,
    kind: LabelChangeKind,
    old: Sequence[str],
    new: Sequence[str],
    *,
    among: str,
) -> ProjectConfig:
    """Give the configuration with other labels.  Raises: InvalidValue, NotReady, with what to do instead."""
    labels = lists_of(question)[among]
    written = labels.changed(kind, old, new)
    stays = {name: (name,) for name in new if name in labels.names}
    moved = {**stays, **dict.fromkeys(old, tuple(new))}
    settings = _settings(question, among, written, moved)
    names = {} if kind == "split" else dict.fromkeys(old, new[0])
    return _with(config, question, settings, names, among=among, gone=set(old) - set(new))


def undone_config(
    config: ProjectConfig, change: LabelChange, *, before: ProjectConfig | None, made: ProjectConfig | None
) -> ProjectConfig:
    """Give the configuration with the labels as they were called before a change; what came since stays.

    before, made: the versions that the change found and left.
    Raises: Conflict, when the labels it made are not there any more.
    """
    question = config.schema.question(change.question)
    if question is None:
        raise Conflict(f"question {change.question!r} is not there any more, so its labels cannot be put back")
    labels = lists_of(question).get(change.among)
    if labels is None:
        raise Conflict(f"{change.question!r} has no such labels any more, so they cannot be put back")
    try:
        written = labels.restored(change.kind, change.old, change.new, change.before)
    except InvalidValue as error:
        raise Conflict(f"{error.problem}{error.hint}") from None
    former = None if before is None else before.schema.question(change.question)
    left = None if made is None else made.schema.question(change.question)
    if former is not None and left is not None and left.settings == question.settings:
        settings = dict(former.settings)
    else:
        # What a setting says of the label that was made, it says of all that it was.
        back = {name: tuple(change.old) for name in change.new}
        settings = _settings(question, change.among, written, back)
    gone = set(change.new) - set(change.old)
    return _with(config, question, settings, dict(change.names_back), among=change.among, gone=gone)


def lists_of(question: Question) -> Mapping[str, Labels]:
    """Give a question's lists of labels.  Raises: InvalidValue, when its answers name none."""
    kind = relabels(bind(question).name)
    if kind is None:
        problem = f"the answers to {question.name!r} do not name labels of a list, so there are none to change"
        raise InvalidValue("question", problem)
    return kind.label_lists(question.settings)


def list_named(question: Question, among: str | None, old: Sequence[str]) -> str:
    """Find the list that is meant: the one named, or the only one that has such a label.  Raises: InvalidValue."""
    lists = lists_of(question)
    if among is not None:
        if among not in lists:
            problem = f"{question.name!r} has no list {among!r}"
            raise InvalidValue("among", problem, did_you_mean(among, lists) or f"; it has {', '.join(lists)}")
        return among
    having = [name for name, labels in lists.items() if set(old) <= set(labels.names)]
    having = having or [name for name, labels in lists.items() if set(old) & set(labels.names)]
    if len(having) > 1:
        problem = f"{old[0]!r} stands in several lists of {question.name!r}"
        raise InvalidValue("among", problem, f"; name one of {', '.join(having)}")
    if not having and len(lists) > 1:
        known = [name for labels in lists.values() for name in labels.names]
        raise InvalidValue("labels", f"there is no label {old[0]!r}", did_you_mean(old[0], known))
    return having[0] if having else next(iter(lists))


def _settings(
    question: Question, among: str, written: Sequence[Json], moved: Mapping[str, tuple[str, ...]]
) -> dict[str, Json]:
    kind = relabels(bind(question).name)
    assert kind is not None  # noqa: S101 - its labels were read
    return kind.with_labels(question.settings, among, written, moved)


def _with(
    config: ProjectConfig,
    question: Question,
    settings: Mapping[str, Json],
    names: Mapping[str, str],
    *,
    among: str,
    gone: set[str],
) -> ProjectConfig:
    """Put the settings in, and rename what is named elsewhere.  Raises: NotReady, where that has no one meaning."""
    changed = replace(question, settings=settings)
    kind = relabels(bind(changed).name)
    assert kind is not None  # noqa: S101 - its labels were read
    questions: list[Question] = []
    for one in config.schema.questions:
        when = one.show_when
        if when is not None and when.question == question.name:
            values = [_renamed_answer(kind, value, names, among) for value in when.values]
            if any(_says(kind, value, among) & gone for value in values):
                raise NotReady(
                    f"question {one.name!r} is shown when {question.name!r} is such a label; change that first"
                )
            _check_kept(one, bind(question), bind(changed), list(zip(when.values, values, strict=True)))
            distinct = tuple({canonical_json(value): value for value in values}.values())
            questions.append(replace(one, show_when=replace(when, values=distinct)))
        else:
            questions.append(changed if one.name == question.name else one)
    costs: Mapping[str, Mapping[str, float]] = config.policy.certify.costs if question.is_always_asked else {}
    named = {*costs, *(name for row in costs.values() for name in row)} & {*names, *gone}
    if named and (len(set(names.values())) != len(names) or not names):
        raise NotReady(f"policy.certify.costs names {min(named)!r}; change the table of costs in project.yaml first")
    renamed = {names.get(a, a): {names.get(b, b): price for b, price in row.items()} for a, row in costs.items()}
    policy = replace(config.policy, certify=replace(config.policy.certify, costs=renamed)) if named else config.policy
    return replace(config, schema=replace(config.schema, questions=tuple(questions)), policy=policy)


def _renamed_answer(kind: Relabels, value: Json, names: Mapping[str, str], among: str) -> Json:
    """Rename an answer of a condition, which may be one of several that an answer lists."""
    renamed = kind.relabel(value, names, among)
    if renamed != value or not isinstance(value, str):
        return renamed
    listed = kind.relabel([value], names, among)
    return listed[0] if isinstance(listed, list) and len(listed) == 1 else listed


def _check_kept(
    asked: Question, before: Task[object], after: Task[object], values: Sequence[tuple[Json, Json]]
) -> None:
    """Refuse an edit after which a value of a condition would mean no label, or one of several."""
    for was, now in values:
        if _why_not(before, was) is None and (why := _why_not(after, now)) is not None:
            problem = f"question {asked.name!r} is shown when its answer is {was!r}, and then {why.problem}"
            raise NotReady(f"{problem}{why.hint}; change that condition first")


def _why_not(task: Task[object], value: Json) -> InvalidValue | None:
    try:
        check_value(task, value)
    except InvalidValue as error:
        return error
    return None


def _says(kind: Relabels, value: Json, among: str) -> frozenset[str]:
    return kind.labels_in(value, among) | kind.labels_in([value], among)
