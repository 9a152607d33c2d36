"""The settings shared by questions that choose from a list of labels."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from labelwright.domain.canonical import Json
from labelwright.errors import InvalidValue

MOST_LABELS = 1000


@dataclass(frozen=True, slots=True)
class Label:
    """One label: its value, the text people read, and when it applies."""

    value: str
    title: str
    description: str


def read_labels(settings: Mapping[str, Json], *, at_least: int) -> tuple[Label, ...]:
    """Read `labels`: a list of names, or of {value, title?, description?}. Raises InvalidValue."""
    unknown = set(settings) - {"labels"}
    if unknown:
        name = min(unknown)
        raise InvalidValue(f"settings.{name}", f"there is no setting {name!r} here", "; this type knows 'labels'")
    raw = settings.get("labels")
    if not isinstance(raw, Sequence) or isinstance(raw, str):
        raise InvalidValue("labels", "a list of labels is needed", ", such as labels: [positive, negative]")
    labels = tuple(_label(entry, f"labels[{index}]") for index, entry in enumerate(raw))
    if len(labels) < at_least:
        few = f"{len(labels)} label" + ("" if len(labels) == 1 else "s")
        raise InvalidValue("labels", f"{few} leaves nothing to decide", f"; at least {at_least} are needed")
    if len(labels) > MOST_LABELS:
        raise InvalidValue("labels", f"{len(labels)} labels are too many", f"; the most is {MOST_LABELS}")
    seen: set[str] = set()
    for index, label in enumerate(labels):
        if label.value in seen:
            raise InvalidValue(f"labels[{index}]", f"label {label.value!r} is there twice", "; remove one")
        seen.add(label.value)
    return labels


def _label(entry: Json, path: str) -> Label:
    if isinstance(entry, bool):
        word = "yes/no/on/off/true/false"
        raise InvalidValue(path, f"YAML read this label as {entry!r}", f"; put labels such as {word} in quotes")
    if isinstance(entry, str | int | float):
        return _checked(str(entry), "", "", path)
    if isinstance(entry, Mapping):
        unknown = set(entry) - {"value", "title", "description"}
        if unknown:
            raise InvalidValue(path, f"there is no key {min(unknown)!r}", "; a label has value, title, description")
        value = entry.get("value")
        if isinstance(value, bool) or not isinstance(value, str | int | float):
            raise InvalidValue(f"{path}.value", "a label needs a value of text", "")
        return _checked(str(value), str(entry.get("title") or ""), str(entry.get("description") or ""), path)
    raise InvalidValue(path, f"{entry!r} is no label", "; give a name, or {value, title, description}")


def _checked(value: str, title: str, description: str, path: str) -> Label:
    if not value.strip() or value != value.strip():
        raise InvalidValue(path, f"label {value!r} is empty or has spaces around it", "; remove them")
    return Label(value, title or value, description)


def describe_labels(labels: Sequence[Label]) -> str:
    """List labels with their descriptions, a line each."""
    return "\n".join(
        f"- {json_text(label.value)}" + (f": {label.description}" if label.description else "") for label in labels
    )


def json_text(value: str) -> str:
    """Quote a label as it must be written in a JSON answer."""
    escaped = value.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'


def labels_schema(at_least: int) -> dict[str, Json]:
    """Give the JSON schema of the settings."""
    entry: dict[str, Json] = {
        "oneOf": [
            {"type": "string"},
            {
                "type": "object",
                "properties": {
                    "value": {"type": "string"},
                    "title": {"type": "string"},
                    "description": {"type": "string"},
                },
                "required": ["value"],
                "additionalProperties": False,
            },
        ]
    }
    return {
        "type": "object",
        "properties": {"labels": {"type": "array", "items": entry, "minItems": at_least, "maxItems": MOST_LABELS}},
        "required": ["labels"],
        "additionalProperties": False,
    }
