"""A running test of an error rate that may stop the moment it knows."""

from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import ArrayLike, NDArray

from labelwright.errors import InvalidValue

Floats = NDArray[np.float64]
Direction = Literal["within", "above"]

_PRIOR_WEIGHT = 2.0
_ROUNDING = 1e-9


@dataclass(frozen=True, eq=False, slots=True)
class ErrorTest:
    """Evidence for `claim` after each checked item.

    claim: "within": the error is at most the target; "above": it is more.
    log_evidence: (T,) ln of the e-process; it reaches ln(1/δ) at any time with chance δ at most if the claim is false.
    stopped_at: how many items it took; None = not settled yet, and further items may be added whenever wanted.
    p_value: valid however the number of items came about.
    """

    claim: Direction
    target_error: float
    delta: float
    log_evidence: Floats
    stopped_at: int | None
    p_value: float

    @property
    def is_settled(self) -> bool:
        """True when the claim may be made."""
        return self.stopped_at is not None


def error_rate_test(
    wrong: ArrayLike,
    *,
    target_error: float,
    claim: Direction = "within",
    delta: float = 0.05,
    n_pool: int | None = None,
) -> ErrorTest:
    """Bet, item by item, against the opposite of the claim.

    wrong: (T,) bool or losses in [0, 1], in the order drawn at random.
    n_pool: items of the finite pool they are drawn from without replacement; None = independent draws.

    The fortune is multiplied by 1 + λ(α − x) for "within", 0 ≤ λ < 1/(1−α), and by 1 + λ(x − α) for "above",
    0 ≤ λ < 1/α.  λ is the stake that grows fastest at the error seen so far (with two items at half, or twice, the
    target added), so it depends on earlier items only.  In a finite pool α becomes (Nα − S)/(N − t + 1), what the rest
    would average if the whole averaged α.
    Source: Waudby-Smith & Ramdas (2024), JRSS B 86(1), sections 4 and 5; Kelly (1956) for the stake.

    >>> error_rate_test(np.zeros(60), target_error=0.1).stopped_at
    32
    """
    if not (0 < target_error < 1 and 0 < delta < 1):
        raise InvalidValue(
            "audit", f"target error and delta must lie strictly between 0 and 1, got {target_error!r} and {delta!r}"
        )
    x = np.asarray(wrong, dtype=np.float64)
    if n_pool is not None and len(x) > n_pool:
        raise InvalidValue("audit", f"{len(x)} items were drawn from a pool of {n_pool}; give the whole pool's size")
    t = np.arange(len(x))
    before = np.concatenate([[0.0], np.cumsum(x)])[:-1] if len(x) else x
    rest = np.full(len(x), target_error) if n_pool is None else (n_pool * target_error - before) / (n_pool - t)
    guess = target_error / 2 if claim == "within" else min(2 * target_error, (1 + target_error) / 2)
    seen = (before + _PRIOR_WEIGHT * guess) / (t + _PRIOR_WEIGHT)
    growth = _log_growth(x, rest, seen, claim)
    if n_pool is not None:
        # In a finite pool the errors seen, or the items left, can settle it for certain.
        allowed, left = n_pool * target_error - before - x, n_pool - t - 1
        is_certain = allowed >= left - _ROUNDING if claim == "within" else allowed < -_ROUNDING
        growth = np.where(is_certain, np.inf, growth)
    log_evidence = np.cumsum(growth)
    crossed = np.flatnonzero(log_evidence >= np.log(1 / delta))
    best = float(np.max(log_evidence, initial=0.0))
    return ErrorTest(
        claim, target_error, delta, log_evidence, int(crossed[0]) + 1 if crossed.size else None, float(np.exp(-best))
    )


def _log_growth(x: Floats, rest: Floats, seen: Floats, claim: Direction) -> Floats:
    """Log growth of the fortune at each item, when the rest of the pool would average `rest`."""
    inside = (rest > 0) & (rest < 1)
    at = np.where(inside, rest, 0.5)
    wanted = (at - seen if claim == "within" else seen - at) / (at * (1 - at))
    # A whole fortune is never staked: one item must not end the game.
    most = 0.99 / (1 - at) if claim == "within" else 0.99 / at
    stake = np.clip(wanted, 0.0, most)
    growth = np.log1p(stake * (at - x if claim == "within" else x - at))
    return np.where(inside, growth, 0.0)
