"""What runs in time as a field of an item: series in the forms that the page draws, films by their rate."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import cast

from labelwright.domain.canonical import Json
from labelwright.errors import InvalidValue

MOST_FPS = 1_000


def read_fps(settings: Mapping[str, Json]) -> float | None:
    """Read how many pictures a second has; None where it is not said. Raises InvalidValue."""
    raw = settings.get("fps")
    if raw is None:
        return None
    if isinstance(raw, bool) or not isinstance(raw, int | float) or not 0 < raw <= MOST_FPS:
        hint = f"; the pictures of a second are needed, such as fps: 25, at most {MOST_FPS}"
        raise InvalidValue("fps", f"fps is {raw!r}", hint)
    return float(raw)


def is_series(value: object) -> bool:
    """Say whether a field holds numbers over time: [1, 2], or {"y": …} with "t" or "rate" beside it."""
    return extent_of(value, in_samples=True) is not None


def extent_of(value: object, *, in_samples: bool) -> tuple[float, float] | None:
    """Give where a series begins and ends, in samples or in its own time; None where it is no series."""
    n = _length(value)
    if n is None:
        return None
    if in_samples:
        return 0.0, float(n)
    form: Mapping[str, Json] = cast("Mapping[str, Json]", value) if isinstance(value, Mapping) else {}
    t = form.get("t")
    if isinstance(t, Sequence) and _are_numbers(t):
        return float(cast("float", t[0])), float(cast("float", t[-1]))
    rate = form.get("rate", 1)
    is_rate = isinstance(rate, int | float) and not isinstance(rate, bool) and rate > 0
    return 0.0, n / float(cast("float", rate)) if is_rate else float(n)


def _length(value: object) -> int | None:
    if isinstance(value, Mapping):
        y = cast("Mapping[str, Json]", value).get("y")
        channels = list(cast("Mapping[str, Json]", y).values()) if isinstance(y, Mapping) else y
        if isinstance(channels, Sequence) and channels and not isinstance(channels, str):
            first = channels[0]
            if isinstance(first, Sequence) and not isinstance(first, str):
                return len(first) if _are_numbers(first) else None
            return len(channels) if not isinstance(y, Mapping) and _are_numbers(channels) else None
        return None
    return len(cast("Sequence[object]", value)) if _are_numbers(value) else None


def _are_numbers(value: object) -> bool:
    """Judge by both ends: a million points are not walked through for it."""
    if not isinstance(value, Sequence) or isinstance(value, str) or not value:
        return False
    ends = (cast("Sequence[object]", value)[0], cast("Sequence[object]", value)[-1])
    return all(isinstance(one, int | float) and not isinstance(one, bool) for one in ends)
