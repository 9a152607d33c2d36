"""Whether answers that came after a slice was found bear the finding out."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy import special

from labelwright.methods.slices.search import MIN_RATIO, MIN_SUPPORT

Floats = NDArray[np.float64]

MOST_FRESH = 500
_N_RATES = 400
_LARGE = 1 / 3


@dataclass(frozen=True, slots=True)
class Basis:
    """The audited answers that a finding is held against. Counts; where some weigh more, as many as they are worth.

    n, n_wrong: all of them, the slice included.  rest_n, rest_wrong: those outside it.  n_looked: how many slices the
    finding was the pick of; 1 = these answers picked nothing.
    """

    n: float
    n_wrong: float
    rest_n: float
    rest_wrong: float
    n_looked: int = 1

    @property
    def rest_error(self) -> float:
        """Share of wrong ones outside; 0 when there are none."""
        return self.rest_wrong / self.rest_n if self.rest_n else 0.0


@dataclass(frozen=True, slots=True)
class Confirmation:
    """n, n_wrong: fresh answers in the slice.  error: of them; nan when there are none.

    verdict: True, borne out; False, refuted; None, there are too few answers to say.
    p_worse: of "no worse than the rest".  p_as_bad: of "wrong at least 1.5 times as often as the rest".
    """

    n: int
    n_wrong: int
    error: float
    p_worse: float
    p_as_bad: float
    verdict: bool | None


def basis_of(member: ArrayLike, wrong: ArrayLike, *, inclusion: ArrayLike | None = None, n_looked: int = 1) -> Basis:
    """Count what a finding is held against.

    member: (n,) bool, which audited items are in the slice.  wrong: (n,) bool.  inclusion: (n,) the chance of each to
    be audited; None = alike.

    >>> basis_of([True, True, False, False], [True, True, True, False], n_looked=7)
    Basis(n=4.0, n_wrong=3.0, rest_n=2.0, rest_wrong=1.0, n_looked=7)
    """
    inside, y = np.asarray(member, dtype=np.bool_), np.asarray(wrong, dtype=np.bool_)
    weight = np.ones(len(y)) if inclusion is None else 1 / np.asarray(inclusion, dtype=np.float64)
    n, n_wrong = _worth(weight, y)
    rest_n, rest_wrong = _worth(weight[~inside], y[~inside])
    return Basis(n, n_wrong, rest_n, rest_wrong, n_looked)


def _worth(weight: Floats, wrong: NDArray[np.bool_]) -> tuple[float, float]:
    if not len(weight):
        return 0.0, 0.0
    total = float(weight.sum())
    n = total**2 / float((weight**2).sum())
    return n, n * float(weight[wrong].sum()) / total


def confirmation(
    n: int,
    n_wrong: int,
    basis: Basis,
    *,
    n_missing: int = 0,
    left_out: float = 0.0,
    min_ratio: float = MIN_RATIO,
    delta: float = 0.05,
) -> Confirmation:
    """Judge a finding by fresh answers to items drawn at random inside it.

    delta: the level of either verdict; what is left of a project's is said by its `Account`.
    n_missing: drawn and never answered: they count as right against "borne out", as wrong against "refuted".
    left_out: share of the slice that could not be drawn, since people have reviewed it: all of it may have been wrong.

    The answers that led to the finding are no part of it: the most striking slice of hundreds always looks worse than
    it is. For the same reason what is outside the most striking slice always looks better than it is. So the fresh
    answers are held against all audited ones together (Fisher's exact test): which of these lie in the slice is what
    the search picked by, how many of them are wrong is not. Of a slice of more than a third that would ask too much;
    it is held against the highest error that the rest can have, of all the slices that were looked at
    (Berger & Boos 1994, JASA 89, with half of the level for that bound).
    "Refuted" allows for what is known of the rest too: its error is drawn from what its answers leave open.

    >>> before = Basis(n=1000, n_wrong=110, rest_n=970, rest_wrong=97, n_looked=300)
    >>> confirmation(40, 14, before).verdict, confirmation(120, 8, before).verdict, confirmation(20, 4, before).verdict
    (True, False, None)
    """
    if n == 0:
        return Confirmation(0, 0, float("nan"), 1.0, 1.0, None)
    n_drawn = n + n_missing
    p_worse = float(_worse(np.array([n_wrong]), n_drawn, basis, delta)[0])
    p_as_bad = _as_bad(n_wrong + n_missing, n_drawn, basis, left_out=left_out, min_ratio=min_ratio)
    verdict: bool | None = None
    if p_worse <= delta and n_wrong / n_drawn >= min_ratio * basis.rest_error:
        verdict = True
    elif p_as_bad <= delta and n >= MIN_SUPPORT:
        verdict = False
    return Confirmation(n, n_wrong, n_wrong / n, p_worse, p_as_bad, verdict)


def fresh_answers_needed(error: float, basis: Basis, *, power: float = 0.8, delta: float = 0.05) -> int | None:
    """Say how many fresh answers confirm a slice with this error with the given chance; None = more than 500.

    >>> fresh_answers_needed(0.36, Basis(n=1000, n_wrong=128, rest_n=970, rest_wrong=116, n_looked=300))
    21
    """
    for n in range(MIN_SUPPORT, MOST_FRESH + 1):
        k = np.arange(n + 1)
        enough = k[(_worse(k, n, basis, delta) <= delta) & (k >= MIN_RATIO * basis.rest_error * n)]
        if len(enough) and (enough[0] == 0 or special.bdtrc(int(enough[0]) - 1, n, error) >= power):
            return n
    return None


def _worse(n_wrong: NDArray[np.int64], n: int, basis: Basis, delta: float) -> Floats:
    """Give P(at least so many of n are wrong) where the slice is no worse than the rest; for several counts."""
    if basis.rest_n < (1 - _LARGE) * basis.n:
        open_ = delta / 2
        highest = _upper_end(basis.rest_wrong, basis.rest_n, open_ / max(basis.n_looked, 1))
        tail = np.where(n_wrong > 0, special.bdtrc(np.maximum(n_wrong - 1, 0), n, highest), 1.0)
        return np.minimum(tail + open_, 1.0)
    # Fisher's tail, in the form that also takes counts that are no whole numbers: a beta-binomial one.
    a, b = basis.n_wrong + 1, basis.n - basis.n_wrong
    if b <= 0:
        return np.ones(len(n_wrong))
    k = np.arange(n + 1)
    log_p = special.betaln(k + a, n - k + b) - special.betaln(a, b) - np.log(n + 1) - special.betaln(n - k + 1, k + 1)
    tail = np.minimum(np.cumsum(np.exp(log_p)[::-1])[::-1], 1.0)
    return np.asarray(tail[n_wrong], dtype=np.float64)


def _upper_end(n_wrong: float, n: float, level: float) -> float:
    """Give the highest error that so many wrong ones leave open (Clopper and Pearson)."""
    return 1.0 if n - n_wrong <= 0 else float(special.betaincinv(n_wrong + 1, n - n_wrong, 1 - level))


def _as_bad(n_wrong: int, n: int, basis: Basis, *, left_out: float, min_ratio: float) -> float:
    """Give P(at most so many of n are wrong) where the slice is wrong `min_ratio` times as often as the rest."""
    if basis.rest_wrong <= 0 or left_out >= 1:
        return 1.0
    open_rates = (np.arange(_N_RATES) + 0.5) / _N_RATES
    rest = special.betaincinv(basis.rest_wrong, basis.rest_n - basis.rest_wrong + 1, open_rates)
    chance = np.maximum((np.minimum(min_ratio * rest, 1.0) - left_out) / (1 - left_out), 0.0)
    return float(np.mean(special.bdtr(n_wrong, n, chance)))
