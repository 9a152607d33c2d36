"""A schema in the part of JSON schema that every server's strict mode takes.

A server refuses a whole request for one keyword it does not know, and servers differ in which they know (lengths,
bounds, patterns, uniqueness). So these are left out: what an answer must be is checked by the task type all the same.
What is optional becomes required and may be null.

Source: OpenAI, structured outputs, supported schemas; CONTRACTS II.1.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import cast

from labelwright.domain.canonical import Json

_KEPT = frozenset({"type", "enum", "const", "description", "title", "$ref"})
_MOST_KEPT = 64


class StrictSchemas:
    """Makes schemas strict, each once: the same bytes every time, so that a server compiles them once."""

    def __init__(self) -> None:
        self._made: dict[int, tuple[Mapping[str, Json], Mapping[str, Json]]] = {}

    def of(self, schema: Mapping[str, Json]) -> Mapping[str, Json]:
        """Give a schema in the strict subset."""
        known = self._made.get(id(schema))
        if known is not None and known[0] is schema:
            return known[1]
        if len(self._made) >= _MOST_KEPT:
            self._made.clear()
        made = strict(schema)
        self._made[id(schema)] = schema, made
        return made


def strict(schema: Mapping[str, Json]) -> dict[str, Json]:
    """Give a schema in the strict subset.

    >>> strict({"type": "array", "items": {"type": "integer", "minimum": 1}, "maxItems": 3})
    {'type': 'array', 'items': {'type': 'integer'}}
    """
    made: dict[str, Json] = {}
    for key, value in schema.items():
        if key in _KEPT:
            made[key] = value
        elif key == "items" and isinstance(value, dict):
            made[key] = strict(value)
        elif key in ("anyOf", "oneOf") and isinstance(value, list):
            made["anyOf"] = [strict(cast("Mapping[str, Json]", one)) for one in value]
        elif key in ("$defs", "properties") and isinstance(value, dict):
            made[key] = {name: strict(cast("Mapping[str, Json]", one)) for name, one in value.items()}
    properties = made.get("properties")
    if isinstance(properties, dict):
        required = schema.get("required", [])
        named = cast("list[str]", required if isinstance(required, list) else [])
        made["properties"] = {
            name: one if name in named else _or_null(cast("dict[str, Json]", one)) for name, one in properties.items()
        }
        made["required"] = list(properties)
        made["additionalProperties"] = False
    return made


def _or_null(schema: dict[str, Json]) -> dict[str, Json]:
    kind = schema.get("type")
    if kind == "null" or (isinstance(kind, list) and "null" in kind):
        return schema
    return {"anyOf": [schema, {"type": "null"}]}
