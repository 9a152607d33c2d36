"""Effects of shown suggestions, from answers whose arm was left to chance: `shown` or blind.

Which items are reviewed with the suggestion hidden is drawn at random, so a difference between the arms is caused by
the showing. Answers are taken as independent given the arm; the interval is for these people and this kind of item.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import exp, sqrt

import numpy as np
from numpy.typing import NDArray
from scipy.special import ndtri, stdtrit

from labelwright.methods.estimation import wilson_interval

Bools = NDArray[np.bool_]
Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Effect:
    """An estimate with its interval.  n_shown, n_blind: the answers it rests on."""

    value: float
    low: float
    high: float
    level: float
    n_shown: int
    n_blind: int
    method: str


def speed_up(seconds: Floats, shown: Bools, person: NDArray[np.int64], *, level: float = 0.95) -> Effect | None:
    """Give how many times faster people are with suggestions: the ratio of typical (geometric mean) seconds.

    seconds: (n,) per answer; those that are not positive are left out.  person: (n,) compared with themselves alone,
    so that a fast person who saw more suggestions is no speed-up.  Each weighs as much as their two arms allow.
    None, when nobody has two answers in each arm.
    """
    usable = np.isfinite(seconds) & (seconds > 0)
    logs, shown, person = np.log(seconds[usable]), shown[usable], person[usable]
    total = weight_sum = variance = freedom = 0.0
    n_shown = n_blind = 0
    for one in np.unique(person):
        fast, slow = logs[(person == one) & shown], logs[(person == one) & ~shown]
        if len(fast) < 2 or len(slow) < 2:
            continue
        weight = len(fast) * len(slow) / (len(fast) + len(slow))
        total += weight * float(slow.mean() - fast.mean())
        variance += weight**2 * float(slow.var(ddof=1) / len(slow) + fast.var(ddof=1) / len(fast))
        weight_sum += weight
        freedom += len(fast) + len(slow) - 2
        n_shown, n_blind = n_shown + len(fast), n_blind + len(slow)
    if not weight_sum:
        return None
    middle = total / weight_sum
    half = float(stdtrit(freedom, 0.5 + level / 2)) * sqrt(variance) / weight_sum
    method = "ratio of geometric means within person, t interval"
    return Effect(exp(middle), exp(middle - half), exp(middle + half), level, n_shown, n_blind, method)


def missed_corrections(differs: Bools, shown: Bools, *, level: float = 0.95) -> Effect | None:
    """Give the share of corrections that people no longer make once they see the suggestion; needs no known truth.

    differs: (n,) the answer is not what the model says.  0: they differ as often as blind.  1: they never differ.
    It bounds anchoring from above where people never err: a slip that the suggestion prevents counts here too.
    None, when an arm is empty, or nobody differs blind.
    """
    seen, blind = differs[shown], differs[~shown]
    if not len(seen) or not len(blind) or not blind.any():
        return None
    k_seen, k_blind = int(seen.sum()), int(blind.sum())
    value = 1.0 - (k_seen / len(seen)) / (k_blind / len(blind))
    # Walter's logit of the ratio: half an event more in each arm, so that none is no division by zero.
    ratio = ((k_seen + 0.5) / (len(seen) + 0.5)) / ((k_blind + 0.5) / (len(blind) + 0.5))
    inverse = 1 / (k_seen + 0.5) - 1 / (len(seen) + 0.5) + 1 / (k_blind + 0.5) - 1 / (len(blind) + 0.5)
    spread = sqrt(max(inverse, 0.0))
    z = float(ndtri(0.5 + level / 2))
    low, high = 1.0 - ratio * exp(z * spread), 1.0 - ratio * exp(-z * spread)
    method = "ratio of rates, log interval"
    return Effect(value, min(low, value), max(high, value), level, len(seen), len(blind), method)


def anchoring(took_suggestion: Bools, shown: Bools, *, level: float = 0.95) -> Effect | None:
    """Give how much more often a *wrong* suggestion is answered because it is shown.

    took_suggestion, shown: (n,) over items whose suggestion is known to be wrong.  None, when an arm is empty.
    """
    return _difference(took_suggestion, shown, level)


def over_correction(left_suggestion: Bools, shown: Bools, *, level: float = 0.95) -> Effect | None:
    """Give how much more often a *right* suggestion is not answered because it is shown; under 0, showing helps.

    left_suggestion, shown: (n,) over items whose suggestion is known to be right.  None, when an arm is empty.
    """
    return _difference(left_suggestion, shown, level)


def accuracy_change(
    right: Bools, shown: Bools, suggestion_is_wrong: Bools, *, wrong_share: float, level: float = 0.95
) -> Effect | None:
    """Give what showing does to the share of right answers, at the mix of suggestions that review has.

    right, shown, suggestion_is_wrong: (n,) over items whose truth is known.  wrong_share: of suggestions in review.
    None, when one of the four cells is empty, unless that kind of suggestion has no share.
    """
    parts: list[tuple[float, Effect]] = []
    for share, kind in ((wrong_share, suggestion_is_wrong), (1.0 - wrong_share, ~suggestion_is_wrong)):
        if share <= 0:
            continue
        part = _difference(right[kind], shown[kind], level)
        if part is None:
            return None
        parts.append((share, part))
    value = sum(share * part.value for share, part in parts)
    low = value - sqrt(sum((share * (part.value - part.low)) ** 2 for share, part in parts))
    high = value + sqrt(sum((share * (part.high - part.value)) ** 2 for share, part in parts))
    n_shown, n_blind = sum(part.n_shown for _, part in parts), sum(part.n_blind for _, part in parts)
    return Effect(value, low, high, level, n_shown, n_blind, "difference of shares by kind of suggestion, Newcombe")


def _difference(event: Bools, shown: Bools, level: float) -> Effect | None:
    """Difference of two shares with Newcombe's interval from two Wilson ones (1998, method 10)."""
    seen, blind = event[shown], event[~shown]
    if not len(seen) or not len(blind):
        return None
    p, p_low, p_high = _wilson(int(seen.sum()), len(seen), level)
    q, q_low, q_high = _wilson(int(blind.sum()), len(blind), level)
    value = p - q
    low = value - sqrt((p - p_low) ** 2 + (q_high - q) ** 2)
    high = value + sqrt((p_high - p) ** 2 + (q - q_low) ** 2)
    return Effect(value, low, high, level, len(seen), len(blind), "difference of shares, Newcombe")


def _wilson(k: int, n: int, level: float) -> tuple[float, float, float]:
    found = wilson_interval(k, n, confidence_level=level)
    return k / n, float(found.low), float(found.high)
