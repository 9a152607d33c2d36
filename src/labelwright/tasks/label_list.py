"""The settings shared by questions that choose from a list of labels."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import cast

from labelwright.domain.canonical import Json
from labelwright.errors import InvalidValue, did_you_mean
from labelwright.tasks.protocol import MAIN_LABELS, Labels
from labelwright.tasks.renaming import labels_at

MOST_LABELS = 1000


@dataclass(frozen=True, slots=True)
class Label:
    """One label: its value, the text people read, when it applies, and other names a model may give it."""

    value: str
    title: str
    description: str
    aliases: tuple[str, ...] = ()


def read_labels(
    settings: Mapping[str, Json], *, at_least: int, key: str = "labels", others: Sequence[str] = ()
) -> tuple[Label, ...]:
    """Read a list of names, or of {value, title?, description?, aliases?}. Raises InvalidValue.

    key: the setting that holds it.  others: the settings that may stand beside it.
    """
    unknown = set(settings) - {key, *others}
    if unknown:
        name = min(unknown)
        known = ", ".join(repr(one) for one in (key, *others))
        raise InvalidValue(f"settings.{name}", f"there is no setting {name!r} here", f"; this type knows {known}")
    raw = settings.get(key)
    if not isinstance(raw, Sequence) or isinstance(raw, str):
        raise InvalidValue(key, "a list of labels is needed", f", such as {key}: [positive, negative]")
    labels = tuple(_label(entry, f"{key}[{index}]") for index, entry in enumerate(raw))
    if len(labels) < at_least:
        few = f"{len(labels)} label" + ("" if len(labels) == 1 else "s")
        raise InvalidValue(key, f"{few} leaves nothing to decide", f"; at least {at_least} are needed")
    if len(labels) > MOST_LABELS:
        raise InvalidValue(key, f"{len(labels)} labels are too many", f"; the most is {MOST_LABELS}")
    seen: set[str] = set()
    for index, label in enumerate(labels):
        if label.value in seen:
            raise InvalidValue(f"{key}[{index}]", f"label {label.value!r} is there twice", "; remove one")
        seen.add(label.value)
    _check_aliases(labels, key)
    return labels


def label_names(labels: Sequence[Label]) -> dict[str, str]:
    """Give everything a model may call a label -> its value: values, aliases, and titles that mean one label only.

    Exact: no case is folded and nothing is guessed.
    """
    titles = Counter(label.title for label in labels)
    by_title = {label.title: label.value for label in labels if titles[label.title] == 1}
    by_alias = {alias: label.value for label in labels for alias in label.aliases}
    return {**by_title, **by_alias, **{label.value: label.value for label in labels}}


def _check_aliases(labels: Sequence[Label], key: str) -> None:
    """An alias that could mean two labels is a mistake in the configuration, not a choice of ours."""
    owner = {name: label.value for label in labels for name in (label.title, label.value)}
    taken: dict[str, str] = {}
    for index, label in enumerate(labels):
        for alias in label.aliases:
            other = owner.get(alias, label.value)
            other = taken.get(alias, label.value) if other == label.value else other
            if other != label.value:
                problem = f"alias {alias!r} of {label.value!r} also names {other!r}"
                raise InvalidValue(f"{key}[{index}].aliases", problem, "; give each alias to one label")
            taken[alias] = label.value


def _label(entry: Json, path: str) -> Label:
    if isinstance(entry, bool):
        word = "yes/no/on/off/true/false"
        raise InvalidValue(path, f"YAML read this label as {entry!r}", f"; put labels such as {word} in quotes")
    if isinstance(entry, str | int | float):
        return _checked(str(entry), "", "", path)
    if isinstance(entry, Mapping):
        unknown = set(entry) - {"value", "title", "description", "aliases"}
        if unknown:
            hint = "; a label has value, title, description, aliases"
            raise InvalidValue(path, f"there is no key {min(unknown)!r}", hint)
        value = entry.get("value")
        if isinstance(value, bool) or not isinstance(value, str | int | float):
            raise InvalidValue(f"{path}.value", "a label needs a value of text", "")
        aliases = _aliases(entry.get("aliases"), f"{path}.aliases")
        return _checked(str(value), str(entry.get("title") or ""), str(entry.get("description") or ""), path, aliases)
    raise InvalidValue(path, f"{entry!r} is no label", "; give a name, or {value, title, description, aliases}")


def _aliases(raw: Json, path: str) -> tuple[str, ...]:
    if raw is None:
        return ()
    if not isinstance(raw, Sequence) or isinstance(raw, str):
        raise InvalidValue(path, f"{raw!r} is no list of other names", ", such as aliases: [pos, favourable]")
    for alias in raw:
        if not isinstance(alias, str) or not alias:
            raise InvalidValue(path, f"{alias!r} is no name", "; aliases are texts")
    return tuple(dict.fromkeys(str(alias) for alias in raw))


def _checked(value: str, title: str, description: str, path: str, aliases: tuple[str, ...] = ()) -> Label:
    if not value.strip() or value != value.strip():
        raise InvalidValue(path, f"label {value!r} is empty or has spaces around it", "; remove them")
    return Label(value, title or value, description, aliases)


def describe_labels(labels: Sequence[Label]) -> str:
    """List labels with their descriptions, a line each."""
    return "\n".join(
        f"- {json_text(label.value)}" + (f": {label.description}" if label.description else "") for label in labels
    )


def json_text(value: str) -> str:
    """Quote a label as it must be written in a JSON answer."""
    escaped = value.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'


def check_display(settings: Mapping[str, Json], displays: Sequence[str]) -> None:
    """Refuse a way of showing the labels that the page does not have. Raises InvalidValue."""
    told = settings.get("display")
    if told is not None and told not in displays:
        hint = did_you_mean(str(told), displays) or f"; it is one of {', '.join(displays)}"
        raise InvalidValue("display", f"display is {told!r}", hint)


def labels_schema(at_least: int, *, displays: Sequence[str] = ()) -> dict[str, Json]:
    """Give the JSON schema of settings that are a list of labels, and how they are shown."""
    display: dict[str, Json] = {"display": {"type": "string", "enum": list(displays)}} if displays else {}
    return {
        "type": "object",
        "properties": {"labels": label_list_schema(at_least), **display},
        "required": ["labels"],
        "additionalProperties": False,
    }


def label_list_schema(at_least: int) -> dict[str, Json]:
    """Give the JSON schema of a list of labels."""
    entry: dict[str, Json] = {
        "oneOf": [
            {"type": "string"},
            {
                "type": "object",
                "properties": {
                    "value": {"type": "string"},
                    "title": {"type": "string"},
                    "description": {"type": "string"},
                    "aliases": {"type": "array", "items": {"type": "string"}},
                },
                "required": ["value"],
                "additionalProperties": False,
            },
        ]
    }
    return {"type": "array", "items": entry, "minItems": at_least, "maxItems": MOST_LABELS}


class OneList:
    """Renaming for task types that have one list of labels, under `labels`."""

    def label_lists(self, settings: Mapping[str, Json]) -> Mapping[str, Labels]:
        return {MAIN_LABELS: labels_at(settings, MAIN_LABELS)}

    def with_labels(
        self, settings: Mapping[str, Json], among: str, written: Sequence[Json], moved: Mapping[str, Sequence[str]]
    ) -> dict[str, Json]:
        return {**settings, among: list(written)}


class OneLabel(OneList):
    """Renaming for task types whose value is one label."""

    def relabel(self, value: Json, names: Mapping[str, str], among: str = MAIN_LABELS) -> Json:
        return names.get(value, value) if isinstance(value, str) else value

    def labels_in(self, value: Json, among: str = MAIN_LABELS) -> frozenset[str]:
        return frozenset({value} if isinstance(value, str) else ())


class ManyLabels(OneList):
    """Renaming for task types whose value is a list of labels."""

    def relabel(self, value: Json, names: Mapping[str, str], among: str = MAIN_LABELS) -> Json:
        if not isinstance(value, list | tuple):
            return value
        return list(dict.fromkeys(names.get(one, one) if isinstance(one, str) else one for one in value))

    def labels_in(self, value: Json, among: str = MAIN_LABELS) -> frozenset[str]:
        return (
            frozenset(one for one in value if isinstance(one, str)) if isinstance(value, list | tuple) else frozenset()
        )


class LabelledMarks(OneList):
    """Renaming for task types whose value is a list of marks, each with its `label`."""

    def relabel(self, value: Json, names: Mapping[str, str], among: str = MAIN_LABELS) -> Json:
        return distinct_marks([renamed(one, names) for one in value]) if isinstance(value, list | tuple) else value

    def labels_in(self, value: Json, among: str = MAIN_LABELS) -> frozenset[str]:
        return marked_labels(value)


def renamed(mark: Json, names: Mapping[str, str]) -> Json:
    """Give a mark under another label."""
    if not isinstance(mark, Mapping) or not isinstance(mark.get("label"), str):
        return mark
    label = cast("str", mark["label"])
    return {**mark, "label": names.get(label, label)}


def distinct_marks(marks: Sequence[Json]) -> list[Json]:
    """Leave out marks that are there already."""
    kept: list[Json] = []
    for mark in marks:
        if mark not in kept:
            kept.append(mark)
    return kept


def marked_labels(marks: Json) -> frozenset[str]:
    """Give the labels of a list of marks."""
    stated = marks if isinstance(marks, list | tuple) else ()
    found = (one.get("label") for one in stated if isinstance(one, Mapping))
    return frozenset(label for label in found if isinstance(label, str))
