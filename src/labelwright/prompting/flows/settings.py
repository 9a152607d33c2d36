"""Read a flow's settings: known names, right types, within their ranges, defaults filled in."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from labelwright.domain.canonical import Json
from labelwright.errors import InvalidValue, did_you_mean


@dataclass(frozen=True, slots=True)
class Whole:
    """A whole number from `least` to `most`."""

    default: int
    least: int
    most: int

    def read(self, path: str, given: Json) -> Json:
        if isinstance(given, bool) or not isinstance(given, int) or not self.least <= given <= self.most:
            raise InvalidValue(
                path, f"{given!r} is no whole number from {self.least} to {self.most}", f"; {self.default} is usual"
            )
        return given


@dataclass(frozen=True, slots=True)
class Share:
    """A number from `least` to `most`."""

    default: float
    least: float
    most: float

    def read(self, path: str, given: Json) -> Json:
        if isinstance(given, bool) or not isinstance(given, int | float) or not self.least <= given <= self.most:
            raise InvalidValue(
                path, f"{given!r} is no number from {self.least:g} to {self.most:g}", f"; {self.default:g} is usual"
            )
        return float(given)


@dataclass(frozen=True, slots=True)
class Switch:
    """True or false."""

    default: bool

    def read(self, path: str, given: Json) -> Json:
        if not isinstance(given, bool):
            raise InvalidValue(path, f"{given!r} is neither true nor false", "; write one of them without quotes")
        return given


REPAIRS = Whole(default=1, least=0, most=5)


def reader(**known: Whole | Share | Switch) -> Callable[[Mapping[str, Json]], Mapping[str, Json]]:
    """Make the `read` of a flow with these settings."""

    def read(settings: Mapping[str, Json]) -> Mapping[str, Json]:
        for name in settings:
            if name not in known:
                hint = did_you_mean(name, known) if known else "; it has none; leave it out"
                raise InvalidValue(f"flow.{name}", f"this flow has no setting {name!r}", hint)
        return {
            name: setting.read(f"flow.{name}", settings[name]) if name in settings else setting.default
            for name, setting in known.items()
        }

    return read


def whole(settings: Mapping[str, Json], name: str) -> int:
    """Give a setting that was read as a whole number."""
    value = settings[name]
    assert isinstance(value, int)  # noqa: S101 - `read` made sure
    return value


def number(settings: Mapping[str, Json], name: str) -> float:
    """Give a setting that was read as a number."""
    value = settings[name]
    assert isinstance(value, int | float)  # noqa: S101 - `read` made sure
    return float(value)
