"""The JSON schema of an answer, in OpenAI's strict subset: every key required, none besides."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from labelwright.domain.canonical import Json
from labelwright.tasks.label_list import Label


def strict_object(properties: Mapping[str, Json]) -> dict[str, Json]:
    """Give the schema of an object with exactly these keys."""
    return {
        "type": "object",
        "properties": properties,
        "required": list(properties),
        "additionalProperties": False,
    }


def list_of_objects(properties: Mapping[str, Json]) -> dict[str, Json]:
    """Give the schema of a list of objects, each with exactly these keys."""
    return {"type": "array", "items": strict_object(properties)}


def one_label(labels: Iterable[Label]) -> dict[str, Json]:
    """Give the schema of one label, as it is written in the schema of the project."""
    return {"type": "string", "enum": [label.value for label in labels]}
