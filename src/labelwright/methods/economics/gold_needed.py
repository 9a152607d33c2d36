"""How many blind random labels a promise takes: to certify a part of the labels, or to know how good they are."""

from __future__ import annotations

from dataclasses import dataclass
from math import ceil

import numpy as np

from labelwright.errors import InvalidValue
from labelwright.methods.economics.scored_items import Floats, ScoredItems
from labelwright.methods.routing.planner import check_target, start_size
from labelwright.methods.routing.tail_tests import binomial_cdf, finite_pool_p_value

LIKELY = 0.8
_MOST = 30_000
_SIZES = 24
_DRAWS = 400
_PARTS = 50
_LARGE = 10
_SEED = 5
_Z = 1.959964


@dataclass(frozen=True, slots=True, eq=False)
class Certifiable:
    """What gold of each size would certify; arrays of length G, by rising size.

    share: of the items outside the gold, expected to be accepted.  chance: that anything is.
    drawn: (G, D) what each draw of the gold accepted: in single projects it is a matter of luck.
    """

    target_error: float
    delta: float
    gold: Floats
    share: Floats
    chance: Floats
    drawn: Floats

    @property
    def least(self) -> int | None:
        """Fewest labels that certify something with chance 80%; None when no reasonable number does."""
        likely = np.flatnonzero(self.chance >= LIKELY)
        return int(self.gold[likely[0]]) if likely.size else None

    def reached_with(self, n_gold: float) -> float:
        """Give the share that so much gold is expected to certify; 0 below the first test."""
        if not len(self.gold) or n_gold < self.gold[0]:
            return 0.0
        return float(np.interp(n_gold, self.gold, self.share))


def certifiable(
    items: ScoredItems,
    *,
    n_items: int,
    target_error: float,
    delta: float = 0.05,
    gold_agrees: float = 1.0,
    n_gold: int | None = None,
) -> Certifiable:
    """Draw gold of many sizes from such a pool and put it to the fixed sequence of tests, as `certify` would.

    Fifty thresholds at fiftieths of the pool; the test of the finite pool where that matters.  Draws have a seed of
    their own, so that one world has one answer.
    gold_agrees: how often gold agrees with a right label.  What is certified is agreement with gold (A4P 9), so that
    gold's own errors use up the target; 1 where `items` tell agreement with such gold already.
    n_gold: look at this size alone.
    """
    check_target(target_error, delta)
    start = start_size(target_error, delta)
    most = min(_MOST, n_items // 2)
    if start > (most if n_gold is None else n_gold):
        nothing = np.empty(0)
        return Certifiable(target_error, delta, nothing, nothing, nothing, np.empty((0, _DRAWS)))
    sizes = np.unique(np.ceil(np.geomspace(start, most, _SIZES))) if n_gold is None else np.array([float(n_gold)])
    errors = np.clip(1 - gold_agrees * (1 - _errors(items)), 0.0, 1.0)
    rng = np.random.default_rng(_SEED)
    drawn = np.array(
        [_certified(errors, rng, n_items=n_items, n_gold=int(n), target=(target_error, delta)) for n in sizes]
    )
    # More gold never certifies less; what falls is the luck of the draws, and is shared with what rises by luck.
    share, chance = (_rising(column) for column in (drawn.mean(axis=1), (drawn > 0).mean(axis=1)))
    return Certifiable(target_error, delta, sizes, share, chance, drawn)


def gold_for_width(accuracy: float, half_width: float = 0.025) -> int:
    """Give the labels after which the model's accuracy is known to ± `half_width` (95%).

    >>> gold_for_width(0.82)
    908
    """
    if not 0 < half_width < 1:
        raise InvalidValue("width", f"{half_width:g} is not between 0 and 1; 0.025 stands for ± 2.5 points")
    return ceil(_Z**2 * accuracy * (1 - accuracy) / half_width**2)


def _rising(values: Floats) -> Floats:
    """(G,) the nearest values that never fall: neighbours out of order are replaced by their mean."""
    blocks: list[tuple[float, int]] = []
    for value in values.tolist():
        mean, size = float(value), 1
        while blocks and blocks[-1][0] > mean:
            before, n = blocks.pop()
            mean, size = (before * n + mean * size) / (n + size), n + size
        blocks.append((mean, size))
    return np.repeat([mean for mean, _ in blocks], [size for _, size in blocks])


def _errors(items: ScoredItems) -> Floats:
    """Error of fifty equal parts, the surest first."""
    edges = np.concatenate([[0.0], np.cumsum(items.share[::-1])])
    errors = np.concatenate([[0.0], np.cumsum((items.share * (1 - items.right))[::-1])])
    return np.clip(np.diff(np.interp(np.linspace(0, 1, _PARTS + 1), edges, errors)) * _PARTS, 0.0, 1.0)


def _certified(
    errors: Floats, rng: np.random.Generator, *, n_items: int, n_gold: int, target: tuple[float, float]
) -> Floats:
    """(D,) accepted shares, over draws of the gold; 0 where nothing is certified."""
    target_error, delta = target
    drawn = rng.multinomial(n_gold, np.full(_PARTS, 1 / _PARTS), size=_DRAWS)
    wrong = rng.binomial(drawn, errors)
    n, k = np.cumsum(drawn, axis=1), np.cumsum(wrong, axis=1)
    covered = np.arange(1, _PARTS + 1) / _PARTS
    if n_items > _LARGE * n_gold:
        p_value = binomial_cdf(k, n, target_error)
    else:
        pool = np.maximum(np.round(covered * n_items), n)
        p_value = finite_pool_p_value(np.broadcast_to(pool, n.shape), n, k, target_error=target_error)
    waiting = n < start_size(target_error, delta)
    passed = waiting | (p_value <= delta)
    n_passed = np.where(passed.all(axis=1), _PARTS, np.argmin(passed, axis=1))
    last = np.maximum(n_passed - 1, 0)
    accepts = (n_passed > 0) & ~waiting[np.arange(_DRAWS), last]
    return np.where(accepts, covered[last], 0.0)
