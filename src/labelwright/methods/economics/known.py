"""Figures that are only about known: a value and its 95% interval."""

from __future__ import annotations

import re
from dataclasses import dataclass
from math import isfinite
from typing import cast

import numpy as np
from scipy import special

from labelwright.errors import InvalidValue
from labelwright.methods.economics.scored_items import Floats

_Z = 1.959964
_FORMS = "write 0.82, or 0.82@300 (measured on 300 labels), or 0.78..0.86 (a 95% interval)"
_MEASURED = re.compile(r"\s*([0-9.eE+-]+)\s*@\s*([0-9_,]+)\s*")
_BETWEEN = re.compile(r"\s*([0-9.eE+-]+)\s*\.\.\s*([0-9.eE+-]+)\s*")
_EDGE = 1e-3


@dataclass(frozen=True, slots=True)
class Known:
    """low, high: 95% interval; both equal to `value` where it is taken as certain."""

    value: float
    low: float
    high: float

    @property
    def is_certain(self) -> bool:
        """Whether it was given without an interval."""
        return self.low == self.high

    def shares(self, n: int, rng: np.random.Generator) -> Floats:
        """(n,) draws of a share, from the Beta distribution with this mean and width."""
        if self.is_certain:
            return np.full(n, self.value)
        mean = min(max(self.value, _EDGE), 1 - _EDGE)
        spread = min(((self.high - self.low) / (2 * _Z)) ** 2, 0.99 * mean * (1 - mean))
        size = mean * (1 - mean) / spread - 1
        return rng.beta(mean * size, (1 - mean) * size, n)

    def amounts(self, n: int, rng: np.random.Generator) -> Floats:
        """(n,) draws of an amount, such as a price: on the scale of its logarithm, unless it may be nothing."""
        if self.is_certain:
            return np.full(n, self.value)
        if self.low <= 0:
            return np.maximum(self.value + rng.standard_normal(n) * (self.high - self.low) / (2 * _Z), 0.0)
        return self.value * np.exp(rng.standard_normal(n) * np.log(self.high / self.low) / (2 * _Z))


def certain(value: float) -> Known:
    """Give a figure without an interval."""
    return Known(value, value, value)


def counted(n_hits: float, n: int) -> Known:
    """Give a share that was counted, with its Beta interval (Jeffreys).

    >>> counted(82, 100)
    Known(value=0.82, low=0.736..., high=0.885...)
    """
    if n <= 0:
        raise InvalidValue("", f"a share of {n} labels says nothing; give at least 1")
    low, high = (float(special.betaincinv(n_hits + 0.5, n - n_hits + 0.5, tail)) for tail in (0.025, 0.975))
    return Known(n_hits / n, min(low, n_hits / n), max(high, n_hits / n))


def read_known(name: str, written: object) -> Known:
    """Read `0.82`, `0.82@300` (a share counted on 300 labels), `0.78..0.86`, or {value, low, high} or {value, n}.

    Raises: InvalidValue at `name`.
    >>> read_known("auroc", "0.7..0.8").value
    0.75
    """
    match written:
        case bool():
            raise InvalidValue(name, f"{written} is no number", f"; {_FORMS}")
        case int() | float():
            return certain(_finite(name, written))
        case str():
            return _read_text(name, written)
        case dict():
            return _read_mapping(name, cast("dict[str, object]", written))
        case _:
            raise InvalidValue(name, f"{str(written)[:60]!r} is not understood", f"; {_FORMS}")


def _read_mapping(name: str, written: dict[str, object]) -> Known:
    if set(written) == {"value", "n"}:
        n = int(_finite(name, written["n"]))
        return counted(_share(name, written["value"]) * n, n)
    if set(written) != {"value", "low", "high"}:
        raise InvalidValue(
            name, f"has the keys {', '.join(map(str, written))}", "; give value and n, or value, low, high"
        )
    value, low, high = (_finite(name, written[key]) for key in ("value", "low", "high"))
    if not low <= value <= high:
        raise InvalidValue(name, f"{value:g} is not between {low:g} and {high:g}")
    return Known(value, low, high)


def _read_text(name: str, written: str) -> Known:
    if measured := _MEASURED.fullmatch(written):
        n = int(measured[2].replace(",", "").replace("_", ""))
        return counted(_share(name, measured[1]) * n, n)
    if between := _BETWEEN.fullmatch(written):
        low, high = _finite(name, between[1]), _finite(name, between[2])
        if low > high:
            raise InvalidValue(name, f"{low:g} is above {high:g}", f"; {_FORMS}")
        return Known((low + high) / 2, low, high)
    return certain(_finite(name, written))


def _share(name: str, written: object) -> float:
    value = _finite(name, written)
    if not 0 <= value <= 1:
        raise InvalidValue(name, f"{value:g} is no share between 0 and 1, so it was not counted on labels")
    return value


def _finite(name: str, written: object) -> float:
    try:
        value = float(str(written))
    except ValueError:
        raise InvalidValue(name, f"{str(written)[:60]!r} is no number", f"; {_FORMS}") from None
    if not isfinite(value):
        raise InvalidValue(name, f"{written} is no finite number", f"; {_FORMS}")
    return value
