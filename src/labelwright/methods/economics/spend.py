"""Money spent where it mends most: the exact greedy for "choose one way of labelling per item".

Every item has a few options, each with a cost and a chance of being right. Options that a mixture of two others beats
are left out; what remains is bought step by step in the order of chance per unit of money, and never at a loss. This
solves the linear relaxation of the multiple-choice knapsack exactly, and the whole-item problem up to one step.
With one option of one price it is: rank by (q_i − p_i)/c_i, stop at ≤ 0.
Source: Dantzig (1957), Operations Research 5; Sinha & Zoltners (1979), Operations Research 27.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from labelwright.methods.economics.scored_items import Floats


@dataclass(frozen=True, slots=True, eq=False)
class Steps:
    """Purchases, the best first; arrays of length S.

    bin, before, after: which bin goes from which option to which.  cost, gain: for one item.  size: items of the bin.
    """

    bin: NDArray[np.int64]
    before: NDArray[np.int64]
    after: NDArray[np.int64]
    cost: Floats
    gain: Floats
    size: Floats
    n_options: int
    n_bins: int
    sizes: Floats

    @property
    def rate(self) -> Floats:
        """(S,) chance of being right that a unit of money buys, falling."""
        with np.errstate(divide="ignore"):
            return np.where(self.cost > 0, self.gain / np.where(self.cost > 0, self.cost, 1.0), np.inf)

    @property
    def spent(self) -> Floats:
        """(S + 1,) money after so many whole steps."""
        return np.concatenate([[0.0], np.cumsum(self.cost * self.size)])

    @property
    def gained(self) -> Floats:
        """(S + 1,) right labels won after so many whole steps."""
        return np.concatenate([[0.0], np.cumsum(self.gain * self.size)])


@dataclass(frozen=True, slots=True, eq=False)
class Spent:
    """What a sum bought.

    counts: (O, B) items of each bin under each option.  cost, gain: in all.
    rate: right labels that the next unit of money would buy; 0 when nothing more helps.
    """

    counts: Floats
    cost: float
    gain: float
    rate: float


def purchase_steps(right_OB: Floats, cost_OB: Floats, size_B: Floats) -> Steps:
    """Order all purchases that help.  Option 0 is what every item starts with.

    right_OB: (O, B) chance of being right.  cost_OB: (O, B) beyond option 0.  size_B: (B,) items.
    """
    n_options, n_bins = right_OB.shape
    at = np.zeros(n_bins, dtype=np.int64)
    column = np.arange(n_bins, dtype=np.int64)
    found: list[tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.int64], Floats, Floats]] = []
    for _ in range(n_options):
        gain = right_OB - right_OB[at, column]
        cost = cost_OB - cost_OB[at, column]
        helps = (gain > 1e-15) & (cost >= 0)
        with np.errstate(divide="ignore", invalid="ignore"):
            rate = np.where(helps, np.where(cost > 0, gain / np.where(cost > 0, cost, 1.0), np.inf), -np.inf)
        # Of equal rates the larger step: it is the same line.
        best = np.argmax(rate + 0.0, axis=0)
        moves = helps[best, column]
        if not moves.any():
            break
        b = np.flatnonzero(moves)
        found.append((b, at[b], best[b], cost[best[b], b], gain[best[b], b]))
        at = np.where(moves, best, at)
    if not found:
        nothing, none = np.empty(0), np.empty(0, dtype=np.int64)
        return Steps(none, none, none, nothing, nothing, nothing, n_options, n_bins, size_B)
    bins, before, after, cost, gain = (np.concatenate(parts) for parts in zip(*found, strict=True))
    with np.errstate(divide="ignore"):
        rate = np.where(cost > 0, gain / np.where(cost > 0, cost, 1.0), np.inf)
    # Stable: a bin's own steps have falling rates and stay in order; equal bins go from the least sure on.
    order = np.argsort(-rate, kind="stable")
    return Steps(
        bins[order],
        before[order],
        after[order],
        cost[order],
        gain[order],
        size_B[bins[order]],
        n_options,
        n_bins,
        size_B,
    )


def spend(steps: Steps, money: float, *, whole: bool = False) -> Spent:
    """Buy steps in order until the money is gone or nothing more helps.

    whole: only whole items; otherwise the last step may be bought for a part of its bin.
    """
    counts = np.zeros((steps.n_options, steps.n_bins))
    counts[0] = steps.sizes
    price = steps.cost * steps.size
    reached = np.cumsum(price)
    n_whole = int(np.searchsorted(reached, max(money, 0.0) * (1 + 1e-12) + 1e-12, side="right"))
    _buy(counts, steps, np.arange(n_whole), steps.size[:n_whole])
    cost = float(reached[n_whole - 1]) if n_whole else 0.0
    gain = float(steps.gained[n_whole])
    if n_whole == len(price):
        return Spent(counts, cost, gain, 0.0)
    part = (max(money, 0.0) - cost) / float(steps.cost[n_whole])
    part = float(np.floor(part + 1e-9)) if whole else part
    part = min(max(part, 0.0), float(steps.size[n_whole]))
    _buy(counts, steps, np.array([n_whole]), np.array([part]))
    cost += part * float(steps.cost[n_whole])
    gain += part * float(steps.gain[n_whole])
    return Spent(counts, cost, gain, float(steps.rate[n_whole]))


def _buy(counts: Floats, steps: Steps, step: NDArray[np.int64], items: Floats) -> None:
    np.subtract.at(counts, (steps.before[step], steps.bin[step]), items)
    np.add.at(counts, (steps.after[step], steps.bin[step]), items)
