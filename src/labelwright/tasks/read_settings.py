"""Read the settings that several task types have, each with a message that says what to write instead."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import cast

from labelwright.domain.canonical import Json
from labelwright.errors import InvalidValue, did_you_mean


def check_known(settings: Mapping[str, Json], known: Sequence[str]) -> None:
    """Refuse a setting that this type does not have. Raises InvalidValue."""
    unknown = set(settings) - set(known)
    if unknown:
        name = min(unknown)
        listed = ", ".join(repr(one) for one in known)
        hint = did_you_mean(name, known) or f"; this type knows {listed}"
        raise InvalidValue(f"settings.{name}", f"there is no setting {name!r} here", hint)


def read_whole(settings: Mapping[str, Json], key: str, default: int | None, *, least: int, most: int) -> int:
    """Read a whole number in [least, most]; default None = it must be given. Raises InvalidValue."""
    raw = settings.get(key, default)
    if isinstance(raw, bool) or not isinstance(raw, int) or not least <= raw <= most:
        raise InvalidValue(key, f"{key} is {raw!r}", f"; a whole number from {least} to {most} is needed")
    return raw


def read_share(settings: Mapping[str, Json], key: str, default: float) -> float:
    """Read a number in [0, 1). Raises InvalidValue."""
    raw = settings.get(key, default)
    if isinstance(raw, bool) or not isinstance(raw, int | float) or not (math.isfinite(raw) and 0 <= raw < 1):
        raise InvalidValue(key, f"{key} is {raw!r}", "; a number from 0 to below 1 is needed")
    return float(raw)


def read_flag(settings: Mapping[str, Json], key: str, *, default: bool) -> bool:
    """Read true or false. Raises InvalidValue."""
    raw = settings.get(key, default)
    if not isinstance(raw, bool):
        raise InvalidValue(key, f"{key} is {raw!r}", "; true or false is needed")
    return raw


def read_text(settings: Mapping[str, Json], key: str, default: str | None = None) -> str | None:
    """Read a text that is not empty; absent = the default. Raises InvalidValue."""
    raw = settings.get(key)
    if raw is None:
        return default
    if not isinstance(raw, str) or not raw.strip():
        raise InvalidValue(key, f"{key} is {raw!r}", "; a text is needed")
    return raw


def read_one_of(settings: Mapping[str, Json], key: str, choices: Sequence[str]) -> str:
    """Read one of some words; absent = the first. Raises InvalidValue."""
    raw = settings.get(key, choices[0])
    if not isinstance(raw, str) or raw not in choices:
        hint = did_you_mean(str(raw), choices) or f"; it is one of {', '.join(choices)}"
        raise InvalidValue(key, f"{key} is {raw!r}", hint)
    return raw


def object_of(raw: object, keys: Sequence[str], path: str, what: str) -> dict[str, object]:
    """Read an object with exactly these keys. Raises InvalidValue at `path`."""
    if not isinstance(raw, dict):
        raise InvalidValue(path, f"{shown(raw)} is no {what}", f"; an object with {', '.join(keys)} is needed")
    given = {str(key): value for key, value in cast("dict[object, object]", raw).items()}
    extra = sorted(given.keys() - set(keys))
    if extra:
        raise InvalidValue(path, f"a {what} has no {extra[0]!r}", did_you_mean(extra[0], keys))
    missing = [key for key in keys if key not in given]
    if missing:
        raise InvalidValue(path, f"this {what} lacks {missing[0]!r}", "")
    return given


def list_of(raw: object, what: str, *, path: str = "", most: int = 10_000) -> list[object]:
    """Read a list of at most so many entries. Raises InvalidValue."""
    if not isinstance(raw, list | tuple):
        raise InvalidValue(path, f"{shown(raw)} is not a list of {what}", "; a list is needed, [] for none")
    found = list(cast("Sequence[object]", raw))
    if len(found) > most:
        raise InvalidValue(path, f"{len(found)} {what} are too many", f"; the most is {most}")
    return found


def shown(value: object) -> str:
    """Write a value for a message, cut short."""
    text = repr(value)
    return text if len(text) <= 80 else text[:77] + "..."
