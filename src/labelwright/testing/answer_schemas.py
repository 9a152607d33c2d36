"""Hold the schema of a model's answer to OpenAI's strict mode, and an answer to its schema."""

from __future__ import annotations

from typing import Any, cast

_STRICT = frozenset({"type", "enum", "properties", "required", "additionalProperties", "items", "anyOf", "description"})


def assert_strict(schema: Any) -> None:  # noqa: ANN401  a JSON schema
    """Check that a schema uses no more than OpenAI's strict mode allows."""
    assert not set(schema) - _STRICT, sorted(schema)
    for one in schema.get("anyOf", ()):
        assert_strict(one)
    if "items" in schema:
        assert_strict(schema["items"])
    if schema.get("type") == "object":
        assert schema["additionalProperties"] is False
        assert schema["required"] == list(schema["properties"])
        for one in schema["properties"].values():
            assert_strict(one)


def assert_fits(value: object, schema: Any) -> None:  # noqa: ANN401  a JSON schema
    """Check a value against a schema of the strict subset."""
    if "anyOf" in schema:
        assert any(_fits(value, one) for one in schema["anyOf"]), value
        return
    kinds = schema["type"] if isinstance(schema["type"], list) else [schema["type"]]
    assert any(_is_of(value, kind) for kind in kinds), (value, kinds)
    if "enum" in schema:
        assert value in schema["enum"]
    if isinstance(value, list):
        for one in cast("list[object]", value):
            assert_fits(one, schema["items"])
    if isinstance(value, dict):
        given = cast("dict[str, object]", value)
        assert set(given) == set(schema["properties"])
        for key, one in given.items():
            assert_fits(one, schema["properties"][key])


def _fits(value: object, schema: Any) -> bool:  # noqa: ANN401  a JSON schema
    try:
        assert_fits(value, schema)
    except AssertionError:
        return False
    return True


def _is_of(value: object, kind: str) -> bool:
    match kind:
        case "null":
            return value is None
        case "boolean":
            return isinstance(value, bool)
        case "integer":
            return isinstance(value, int) and not isinstance(value, bool)
        case "number":
            return isinstance(value, int | float) and not isinstance(value, bool)
        case "string":
            return isinstance(value, str)
        case "array":
            return isinstance(value, list)
        case _:
            return kind == "object" and isinstance(value, dict)
