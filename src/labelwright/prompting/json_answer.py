"""Read the JSON object of an answer: its wrapping, its keys, and where its values stand. Nothing is coerced."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from typing import NoReturn, cast

from labelwright.domain.canonical import Json
from labelwright.errors import InvalidValue
from labelwright.prompting.block import restore

_FENCED = re.compile(r"\s*```(?:json)?[ \t]*\n(.*?)\n?```\s*", re.DOTALL)
_SPACE = re.compile(r"[ \t\n\r]*")


def unfenced(text: str) -> tuple[str, bool]:
    """Take an answer out of the one Markdown fence it wholly stands in; tell whether there was one."""
    if "```" not in text:
        return text, False
    fenced = _FENCED.fullmatch(text)
    return (fenced.group(1), True) if fenced else (text, False)


def read_object(text: str) -> dict[str, Json]:
    """Read a JSON object, whose keys are each there once. Raises InvalidValue."""
    try:
        stated, end = _JSON.raw_decode(text) if text.startswith("{") else (None, -1)
        if end != len(text):
            stated = _JSON.decode(text)
    except json.JSONDecodeError as problem:
        raise InvalidValue("", f"the answer is not JSON ({problem.msg}, at character {problem.pos})") from None
    except RecursionError:
        raise InvalidValue("", "the answer is nested too deeply") from None
    except ValueError as problem:  # a number of thousands of digits
        raise InvalidValue("", f"the answer is not usable JSON ({problem})") from None
    if not isinstance(stated, dict):
        raise InvalidValue("", f"the answer is not a JSON object but {json.dumps(stated)[:100]}")
    return cast("dict[str, Json]", stated)


def _no_twins(pairs: list[tuple[str, Json]]) -> dict[str, Json]:
    found = dict(pairs)
    if len(found) != len(pairs):
        names = [name for name, _ in pairs]
        twin = next(name for name in names if names.count(name) > 1)
        raise InvalidValue("", f"key {twin!r} is there twice")
    return found


def _no_constants(name: str) -> NoReturn:
    raise InvalidValue("", f"{name} is no JSON value")


_JSON = json.JSONDecoder(object_pairs_hook=_no_twins, parse_constant=_no_constants)


def check_keys(stated: Mapping[str, Json], expected: list[str], *, optional: set[str]) -> None:
    """Make sure that these keys are there and no others. Raises InvalidValue."""
    if set(stated) == set(expected):
        return
    for name in expected:
        if name not in stated and name not in optional:
            raise InvalidValue("", f"key {name!r} is missing")
    for name in stated:
        if name not in expected:
            raise InvalidValue("", f"key {name!r} was not asked for")


def string_offsets(text: str) -> dict[str, int]:
    """Give, per top-level key whose value is a string, the byte offset of the string's first character.

    The text is known to be a JSON object.
    """
    decoder = json.JSONDecoder()
    found: dict[str, int] = {}
    place = _skip(text, text.index("{") + 1)
    while text[place] == '"':
        name, place = decoder.raw_decode(text, place)
        place = _skip(text, _skip(text, place) + 1)  # the colon
        if text[place] == '"':
            found[name] = len(text[: place + 1].encode("utf-8", "surrogatepass"))
        _, place = decoder.raw_decode(text, place)
        place = _skip(text, place)
        if text[place] == ",":
            place = _skip(text, place + 1)
    return found


def _skip(text: str, place: int) -> int:
    space = _SPACE.match(text, place)
    return place if space is None else space.end()


def restored(raw: Json) -> Json:
    """Give an answer in which every text is as the item has it: delimiters that were neutralised come back."""
    if isinstance(raw, str):
        return restore(raw)
    if isinstance(raw, Mapping):
        return {name: restored(value) for name, value in raw.items()}
    if isinstance(raw, Sequence):
        return [restored(value) for value in raw]
    return raw
