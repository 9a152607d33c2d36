"""In which slices a model is wrong more often than elsewhere, when many overlapping ones are looked at at once."""

from __future__ import annotations

from dataclasses import dataclass
from typing import cast

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy import special

from labelwright.errors import InvalidValue

Bools = NDArray[np.bool_]
Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

MIN_SUPPORT = 20
MIN_RATIO = 1.5
N_PERMUTATIONS = 1_999
_WORSE_THAN_PARENTS = 1.25
_CELLS_AT_ONCE = 40_000_000


@dataclass(frozen=True, slots=True, eq=False)
class SliceTests:
    """One row per slice; arrays of length S.

    n, n_wrong: audited items in it, counted plainly.  error, rest_error: in it and outside it, weighted; nan when there
    is nothing.  ratio: of the two; inf when nothing is wrong outside.
    p: this slice by itself, one-sided.  q: among all slices together, so that the chance of *any* false finding among
    those of q ≤ x is at most x; 1 for what is too small, or not clearly worse.
    """

    n: Ints
    n_wrong: Ints
    error: Floats
    rest_error: Floats
    ratio: Floats
    p: Floats
    q: Floats


def slice_tests(
    member: ArrayLike,
    wrong: ArrayLike,
    *,
    rng: np.random.Generator,
    inclusion: ArrayLike | None = None,
    parents: ArrayLike | None = None,
    handicap: ArrayLike | None = None,
    n_permutations: int = N_PERMUTATIONS,
    min_support: int = MIN_SUPPORT,
    min_ratio: float = MIN_RATIO,
) -> SliceTests:
    """Test "no more often wrong in the slice than outside it", slice by slice, and correct for all of them.

    member: (S, n) bool, which of the n audited items are in which slice; slices may overlap.  wrong: (n,) bool.
    inclusion: (n,) probability in (0, 1] with which each item came to be audited; None or all equal = alike.
    parents: (S, 2) for a slice that is where two others meet, the rows of these; −1 for all others.
    handicap: (S,) >= 1: by how much smaller a slice's p-value must be to count like another's; fixed beforehand, so
    that the many slices that few people would have thought of do not hide the few that everybody would.

    With equal inclusion the test is Fisher's, exact. With unequal inclusion it is the difference of the weighted error
    rates over its standard error.  Slices overlap, so that their tests depend on one another in ways nobody knows; the
    correction learns that dependence by giving the answers of the audited items to other audited items at random, many
    times, and looking at the most striking slice of each time (step-down min-p).  What a rule leaves out (support,
    ratio, two conditions no worse than each alone) is left out of every such trial too.
    It keeps the chance of any false finding at q; the share of false ones among the findings is then at most q as well,
    and stays so when findings that say the same are dropped, which is not true of Benjamini–Hochberg.
    Source: Westfall & Young (1993), algorithm 2.8, as in Ge, Dudoit & Speed (2003), TEST 12(1); for unequal inclusion
    the studentised form of Chung & Romano (2013), Annals of Statistics 41(2).

    >>> rng = np.random.default_rng(1)
    >>> member, wrong = np.zeros((1, 200), dtype=bool), np.zeros(200, dtype=bool)
    >>> member[0, :30], wrong[:12], wrong[100:110] = True, True, True
    >>> found = slice_tests(member, wrong, rng=rng)
    >>> int(found.n[0]), int(found.n_wrong[0]), round(float(found.ratio[0]), 1), bool(found.q[0] < 0.01)
    (30, 12, 6.8, True)
    """
    rows = np.asarray(member, dtype=np.bool_)
    y = np.asarray(wrong, dtype=np.bool_)
    weight = _weights(inclusion, len(y))
    if rows.ndim != 2 or rows.shape[1] != len(y):
        raise InvalidValue("member", f"has shape {rows.shape}; it wants a row per slice and {len(y)} audited items")
    above = np.full((len(rows), 2), -1, dtype=np.int64) if parents is None else np.asarray(parents, dtype=np.int64)
    n, n_wrong = rows.sum(axis=1), (rows & y).sum(axis=1)
    inside, outside = rows @ weight, (~rows) @ weight
    error = _share(rows @ (weight * y), inside)
    rest = _share((~rows) @ (weight * y), outside)
    ratio = np.divide(error, rest, out=np.full(len(rows), np.inf), where=rest > 0)
    ratio[~(error > 0)] = 0.0
    p, q = np.ones(len(rows)), np.ones(len(rows))
    tested = np.flatnonzero((n >= min_support) & (n <= len(y) - min_support))
    if len(tested) and y.any():
        place = np.full(len(rows) + 1, -1, dtype=np.int64)
        place[tested] = np.arange(len(tested))
        harder = np.ones(len(rows)) if handicap is None else np.asarray(handicap, dtype=np.float64)
        lattice = _Lattice(rows[tested], place[above[tested]], harder[tested], min_ratio)
        is_alike = bool(np.ptp(weight) < 1e-12)
        trial = _Exact(lattice, y) if is_alike else _Weighted(lattice, y, weight, rng)
        p[tested], seen = trial.observed()
        q[tested] = _step_down(seen, trial, rng, n_permutations)
    return SliceTests(n, n_wrong, error, rest, ratio, p, q)


def _weights(inclusion: ArrayLike | None, n: int) -> Floats:
    if inclusion is None:
        return np.ones(n)
    chance = np.asarray(inclusion, dtype=np.float64)
    if len(chance) != n or not np.all((chance > 0) & (chance <= 1)):
        raise InvalidValue("inclusion", "every audited item needs a probability above 0 and up to 1")
    weight = 1 / chance
    return weight / weight.mean() if n else weight


def _share(part: Floats, whole: Floats) -> Floats:
    return np.divide(part, whole, out=np.full(len(part), np.nan), where=whole > 0)


class _Lattice:
    """The tested slices, and the rules by which one is worth a finding."""

    def __init__(self, rows: Bools, parents: Ints, handicap: Floats, min_ratio: float) -> None:
        self.rows, self.parents, self.handicap, self.min_ratio = rows, parents, handicap, min_ratio
        self.deep = np.flatnonzero((parents >= 0).all(axis=1))

    def keep(self, error: Floats, rest: Floats) -> Bools:
        """(S, trials): clearly worse than the rest; and, of two conditions, clearly worse than under each alone."""
        kept = (error >= self.min_ratio * rest) & (error > 0)
        if len(self.deep):
            worse = (error > rest)[self.parents[self.deep]].all(axis=1)
            highest = error[self.parents[self.deep]].max(axis=1)
            kept[self.deep] &= worse & (error[self.deep] >= _WORSE_THAN_PARENTS * highest)
        return kept


class _Exact:
    """Fisher's test: under the null the wrong ones fall on the audited items at random."""

    def __init__(self, lattice: _Lattice, y: Bools) -> None:
        self._lattice, self._y = lattice, y
        self._matrix = lattice.rows.astype(np.float32)
        self._size = lattice.rows.sum(axis=1)
        self.n_items = len(y)
        n_wrong = int(y.sum())
        sizes, self._group = np.unique(self._size, return_inverse=True)
        self._first = np.concatenate([[0], np.cumsum(sizes + 1)])
        self._tail = np.concatenate([_upper_tail(len(y), n_wrong, int(size)) for size in sizes])

    def observed(self) -> tuple[Floats, Floats]:
        p, seen = self._values(self._y[:, None])
        return p[:, 0], seen[:, 0]

    def trials(self, order: Ints) -> Floats:
        """(S, trials) of answers given to items in other orders; order: (trials, n)."""
        return self._values(self._y[order].T)[1]

    def _values(self, answers: Bools) -> tuple[Floats, Floats]:
        counts = np.rint(self._matrix @ answers.astype(np.float32)).astype(np.int64)
        p = self._tail[self._first[self._group][:, None] + counts]
        total, size = int(self._y.sum()), self._size[:, None]
        kept = self._lattice.keep(counts / size, (total - counts) / (len(self._y) - size))
        return p, np.where(kept, np.minimum(p * self._lattice.handicap[:, None], 1.0), 1.0)


def _upper_tail(n: int, n_wrong: int, size: int) -> Floats:
    """Give P(at least k wrong in the slice) for k = 0 … size, all margins fixed."""
    k = np.arange(size + 1)
    possible = (k <= n_wrong) & (size - k <= n - n_wrong)
    log_p = np.full(size + 1, -np.inf)
    at = k[possible]
    log_p[possible] = _log_choose(n_wrong, at) + _log_choose(n - n_wrong, size - at) - _log_choose(n, np.array(size))
    return np.minimum(np.cumsum(np.exp(log_p)[::-1])[::-1], 1.0)


def _log_choose(n: int, k: Ints) -> Floats:
    return special.gammaln(n + 1) - special.gammaln(k + 1) - special.gammaln(n - k + 1)


class _Weighted:
    """The difference of weighted error rates over its standard error; answers move together with their weights."""

    _LEARNT_FROM = 400

    def __init__(self, lattice: _Lattice, y: Bools, weight: Floats, rng: np.random.Generator) -> None:
        self._lattice, self._y, self._weight = lattice, y, weight
        self._matrix = lattice.rows.astype(np.float32)
        self.n_items = len(y)
        orders = rng.permuted(np.tile(np.arange(len(y)), (self._LEARNT_FROM, 1)), axis=1)
        z = self._z(orders)[0]
        # Each slice has a spread and a skew of its own: brought to one scale, no slice speaks for all.
        self._mean, self._spread = z.mean(axis=1), np.maximum(z.std(axis=1), 1e-9)
        self._skew = np.clip((((z - self._mean[:, None]) / self._spread[:, None]) ** 3).mean(axis=1), -1.0, 1.0)

    def observed(self) -> tuple[Floats, Floats]:
        p, seen = self._values(np.arange(len(self._y))[None, :])
        return p[:, 0], seen[:, 0]

    def trials(self, order: Ints) -> Floats:
        return self._values(order)[1]

    def _values(self, order: Ints) -> tuple[Floats, Floats]:
        z, error, rest = self._z(order)
        scaled = (z - self._mean[:, None]) / self._spread[:, None]
        skew = self._skew[:, None]
        p = cast("Floats", special.ndtr(skew / 6 * (np.minimum(np.abs(scaled), 3.0) ** 2 - 1) - scaled))
        kept = self._lattice.keep(error, rest)
        return p, np.where(kept, np.minimum(p * self._lattice.handicap[:, None], 1.0), 1.0)

    def _z(self, order: Ints) -> tuple[Floats, Floats, Floats]:
        w, y = self._weight[order].T, self._y[order].T.astype(np.float64)  # (n, trials)
        total_w, total_wy = w.sum(axis=0), (w * y).sum(axis=0)
        inside = self._sum(w)
        inside_wy = self._sum(w * y)
        error = inside_wy / inside
        rest = (total_wy - inside_wy) / (total_w - inside)
        # Σ w²(y − mean)², with y² = y: from sums of w² and w²y, in the slice and outside.
        w2, w2y = self._sum(w**2), self._sum(w**2 * y)
        all_w2, all_w2y = (w**2).sum(axis=0), (w**2 * y).sum(axis=0)
        pooled = (total_wy / total_w)[None, :]
        within = (w2y * (1 - 2 * pooled) + w2 * pooled**2) / inside**2
        without = ((all_w2y - w2y) * (1 - 2 * pooled) + (all_w2 - w2) * pooled**2) / (total_w - inside) ** 2
        return (error - rest) / np.sqrt(np.maximum(within + without, 1e-300)), error, rest

    def _sum(self, values: Floats) -> Floats:
        return (self._matrix @ values.astype(np.float32)).astype(np.float64)


def _step_down(seen: Floats, trial: _Exact | _Weighted, rng: np.random.Generator, n_permutations: int) -> Floats:
    """Correct by the smallest value of each trial, over the slices that are no more striking than this one."""
    order = np.argsort(seen, kind="stable")
    at_most = np.zeros(len(seen), dtype=np.int64)
    at_once = max(1, _CELLS_AT_ONCE // max(trial.n_items, len(seen)) // 8)
    for first in range(0, n_permutations, at_once):
        n_now = min(at_once, n_permutations - first)
        orders = rng.permuted(np.tile(np.arange(trial.n_items), (n_now, 1)), axis=1)
        values = trial.trials(orders)[order]
        smallest = np.minimum.accumulate(values[::-1], axis=0)[::-1]
        at_most += (smallest <= seen[order][:, None] * (1 + 1e-9)).sum(axis=1)
    corrected = np.maximum.accumulate((1 + at_most) / (n_permutations + 1))
    found = np.ones(len(seen))
    found[order] = np.where(seen[order] < 1, corrected, 1.0)
    return found
