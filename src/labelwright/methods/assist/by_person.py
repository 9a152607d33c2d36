"""Effects of shown suggestions where chance drew people, not entries: a person sees them always, or never.

The people are what was drawn, so the people are what is counted: each weighs the same however much they answered, and
the intervals are t intervals over people (Welch), however many answers there are. With fewer than two people in an arm
nothing can be said.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import exp, log, sqrt

import numpy as np
from numpy.typing import NDArray
from scipy.special import stdtrit

from labelwright.methods.assist.effects import Bools, Effect, Floats

_BETWEEN = "between people, Welch t interval over people"


@dataclass(frozen=True, slots=True)
class _Arm:
    """Means of people: of all, its standard error, and how many there are."""

    mean: float
    error: float
    n_people: int
    n: int

    @property
    def freedom(self) -> int:
        return self.n_people - 1


def speed_up_between(seconds: Floats, shown: Bools, person: NDArray[np.int64], *, level: float = 0.95) -> Effect | None:
    """Give how many times faster people with suggestions are than others without: a ratio of geometric means.

    seconds: (n,) per answer; those that are not positive are left out.  None, with fewer than two people in an arm.
    """
    usable = np.isfinite(seconds) & (seconds > 0)
    found = _between(np.log(seconds[usable]), shown[usable], person[usable], level)
    if found is None:
        return None
    return Effect(
        exp(-found.value), exp(-found.high), exp(-found.low), level, found.n_shown, found.n_blind, f"ratio {_BETWEEN}"
    )


def difference_between(event: Bools, shown: Bools, person: NDArray[np.int64], *, level: float = 0.95) -> Effect | None:
    """Give the difference of shares of answers with `event`, people with suggestions less people without.

    None, with fewer than two people in an arm.
    """
    return _between(event.astype(np.float64), shown, person, level)


def missed_corrections_between(
    differs: Bools, shown: Bools, person: NDArray[np.int64], *, level: float = 0.95
) -> Effect | None:
    """Give the share of corrections that people with suggestions no longer make, as `missed_corrections` does.

    None, with fewer than two people in an arm, or where an arm never differs: the log of its rate has no error.
    """
    arms = _arms(differs.astype(np.float64), shown, person)
    if arms is None or not arms[0].mean or not arms[1].mean:
        return None
    seen, blind = arms
    spread = sqrt((seen.error / seen.mean) ** 2 + (blind.error / blind.mean) ** 2)
    half = float(stdtrit(min(seen.freedom, blind.freedom), 0.5 + level / 2)) * spread
    ratio = log(seen.mean / blind.mean)
    method = f"ratio of rates {_BETWEEN}"
    return Effect(1 - exp(ratio), 1 - exp(ratio + half), 1 - exp(ratio - half), level, seen.n, blind.n, method)


def accuracy_change_between(
    right: Bools,
    shown: Bools,
    suggestion_is_wrong: Bools,
    person: NDArray[np.int64],
    *,
    wrong_share: float,
    level: float = 0.95,
) -> Effect | None:
    """Give what showing does to the share of right answers, at the mix of suggestions that review has.

    None, when a kind of suggestion that has a share was met by fewer than two people of an arm.
    """
    parts: list[tuple[float, Effect]] = []
    for share, kind in ((wrong_share, suggestion_is_wrong), (1.0 - wrong_share, ~suggestion_is_wrong)):
        if share > 0:
            part = difference_between(right[kind], shown[kind], person[kind], level=level)
            if part is None:
                return None
            parts.append((share, part))
    value = sum(share * part.value for share, part in parts)
    # The same people answer both kinds: half-widths add up at worst.
    half = sum(share * (part.high - part.value) for share, part in parts)
    n_shown, n_blind = sum(part.n_shown for _, part in parts), sum(part.n_blind for _, part in parts)
    return Effect(value, value - half, value + half, level, n_shown, n_blind, f"by kind of suggestion, {_BETWEEN}")


def _between(values: Floats, shown: Bools, person: NDArray[np.int64], level: float) -> Effect | None:
    arms = _arms(values, shown, person)
    if arms is None:
        return None
    seen, blind = arms
    value, spread = seen.mean - blind.mean, sqrt(seen.error**2 + blind.error**2)
    # Welch and Satterthwaite's degrees of freedom; without any spread the smaller arm's.
    bottom = seen.error**4 / seen.freedom + blind.error**4 / blind.freedom
    freedom = spread**4 / bottom if bottom else min(seen.freedom, blind.freedom)
    half = float(stdtrit(freedom, 0.5 + level / 2)) * spread
    return Effect(value, value - half, value + half, level, seen.n, blind.n, f"difference {_BETWEEN}")


def _arms(values: Floats, shown: Bools, person: NDArray[np.int64]) -> tuple[_Arm, _Arm] | None:
    """Give both arms by the means of their people; None, with fewer than two people in one."""
    found: list[_Arm] = []
    for inside in (shown, ~shown):
        means = np.array([values[inside & (person == one)].mean() for one in np.unique(person[inside])])
        if len(means) < 2:
            return None
        error = float(means.std(ddof=1)) / sqrt(len(means))
        found.append(_Arm(float(means.mean()), error, len(means), int(inside.sum())))
    return found[0], found[1]
