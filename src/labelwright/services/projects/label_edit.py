"""The configuration after labels were renamed, merged or split: the list of labels, and all that names one."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from labelwright.domain.canonical import Json
from labelwright.domain.project import ProjectConfig, Question
from labelwright.errors import Conflict, InvalidValue, NotReady, did_you_mean
from labelwright.events.labels import LabelChangeKind
from labelwright.history.label_changes import LabelChange
from labelwright.tasks.registry import bind, relabels


def edited_config(
    config: ProjectConfig, question: Question, kind: LabelChangeKind, old: Sequence[str], new: Sequence[str]
) -> ProjectConfig:
    """Give the configuration with other labels.  Raises: InvalidValue, NotReady, with what to do instead."""
    labels = labels_of(question)
    known = [name_of(one) for one in labels]
    _check(kind, old, new, known)
    first = known.index(old[0])
    if kind == "rename":
        labels[first] = _renamed(labels[first], new[0])
    elif kind == "merge":
        there = next((one for one in labels if name_of(one) == new[0]), new[0])
        kept = [one for one in labels if name_of(one) not in {*old, new[0]}]
        at = len([one for one in labels[:first] if name_of(one) not in {*old, new[0]}])
        labels = [*kept[:at], there, *kept[at:]]
    else:
        labels[first : first + 1] = [name for name in new if name not in known]
    names = {} if kind == "split" else dict.fromkeys(old, new[0])
    return _with(config, question, labels, names, gone=set(old) - set(new))


def undone_config(config: ProjectConfig, change: LabelChange) -> ProjectConfig:
    """Give the configuration with the labels as they were called before a change; what came since stays.

    Raises: Conflict, when the labels it made are not there any more.
    """
    question = config.schema.question(change.question)
    if question is None:
        raise Conflict(f"question {change.question!r} is not there any more, so its labels cannot be put back")
    labels = labels_of(question)
    before = {name_of(one): one for one in change.before}
    made = [name for name in change.new if name not in before or name in change.old]
    known = [name_of(one) for one in labels]
    missing = [name for name in made if name not in known]
    taken = [name for name in change.old if name in known and name not in change.new]
    if missing or taken:
        which = ", ".join(repr(name) for name in (missing or taken))
        raise Conflict(f"the labels have changed since ({which}); change them in project.yaml instead")
    back = [before[name] for name in change.old]
    if set(known) - set(made) == set(before) - set(change.old):
        order = list(before)
        labels = sorted(
            [*back, *(one for one in labels if name_of(one) not in made)], key=lambda one: order.index(name_of(one))
        )
    else:
        at = known.index(made[0]) if made else len(labels)
        labels = [*labels[:at], *back, *labels[at:]]
        labels = [one for one in labels if name_of(one) not in made or name_of(one) in change.old]
        labels = list({name_of(one): one for one in labels}.values())
    return _with(config, question, labels, dict(change.names_back), gone=set(made) - set(change.old))


def labels_of(question: Question) -> list[Json]:
    """Give a question's list of labels.  Raises: InvalidValue, when its answers name none of such a list."""
    labels = question.settings.get("labels")
    if relabels(bind(question).name) is None or not isinstance(labels, list | tuple):
        problem = f"the answers to {question.name!r} do not name labels of a list, so there are none to change"
        raise InvalidValue("question", problem)
    return list(labels)


def name_of(label: Json) -> str:
    """Give the name of a label as project.yaml writes it: itself, or its `value`."""
    return str(label["value"] if isinstance(label, dict) else label)


def _check(kind: LabelChangeKind, old: Sequence[str], new: Sequence[str], known: Sequence[str]) -> None:
    for name in old:
        if name not in known:
            raise InvalidValue("labels", f"there is no label {name!r}", did_you_mean(name, known))
    if len(set(old)) != len(old) or len(set(new)) != len(new):
        raise InvalidValue("labels", "a label is named twice", "; name each once")
    if any(not name.strip() or name != name.strip() for name in new):
        raise InvalidValue("labels", "a new label is empty or has spaces around it", "; remove them")
    if kind == "rename":
        if len(old) != 1 or len(new) != 1:
            raise InvalidValue("labels", "a rename takes one label and its new name", ", such as: rename spam junk")
        if new[0] in known:
            raise InvalidValue("labels", f"there is a label {new[0]!r} already", "; merge the two instead")
    elif kind == "merge":
        if len(new) != 1 or len({*old, *new}) < 2:
            hint = ", such as: merge good great --into good"
            raise InvalidValue("labels", "a merge takes two labels or more, and one that they become", hint)
    elif len(old) != 1 or len(new) < 2 or old[0] in new:
        problem = "a split takes one label, and two others or more that it becomes"
        hint = f": give each part a name of its own, so that what was called {old[0]!r} before is told apart"
        raise InvalidValue("labels", problem, hint)


def _renamed(label: Json, name: str) -> Json:
    if not isinstance(label, dict):
        return name
    written = {**label, "value": name}
    if isinstance(aliases := written.get("aliases"), list | tuple):
        written["aliases"] = [one for one in aliases if one != name]
    return written


def _with(
    config: ProjectConfig, question: Question, labels: Sequence[Json], names: dict[str, str], *, gone: set[str]
) -> ProjectConfig:
    """Put a list of labels in, and rename what is named elsewhere.  Raises: NotReady, where that has no one meaning."""
    changed = replace(question, settings={**question.settings, "labels": list(labels)})
    bind(changed)
    questions: list[Question] = []
    for one in config.schema.questions:
        when = one.show_when
        if when is not None and when.question == question.name:
            values = tuple(dict.fromkeys(names.get(str(v), v) if isinstance(v, str) else v for v in when.values))
            if gone & {str(value) for value in values}:
                raise NotReady(
                    f"question {one.name!r} is shown when {question.name!r} is such a label; change that first"
                )
            questions.append(replace(one, show_when=replace(when, values=values)))
        else:
            questions.append(changed if one.name == question.name else one)
    costs = config.policy.certify.costs
    named = {*costs, *(name for row in costs.values() for name in row)} & {*names, *gone}
    if named and (len(set(names.values())) != len(names) or not names):
        raise NotReady(f"policy.certify.costs names {min(named)!r}; change the table of costs in project.yaml first")
    renamed = {names.get(a, a): {names.get(b, b): price for b, price in row.items()} for a, row in costs.items()}
    policy = replace(config.policy, certify=replace(config.policy.certify, costs=renamed)) if named else config.policy
    return replace(config, schema=replace(config.schema, questions=tuple(questions)), policy=policy)
