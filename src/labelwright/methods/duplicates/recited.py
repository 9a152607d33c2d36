"""Does a model know texts by heart? Its continuations are held against their own endings, and against all others."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from labelwright.errors import InvalidValue

Floats = NDArray[np.float64]

NEAR = 0.9
_N_SHUFFLES = 9_999


@dataclass(frozen=True, slots=True)
class Recited:
    """n_exact, n_near: continuations that are their own ending, or all but (likeness of at least `NEAR`).

    p_value: of so many by chance, if the continuations had nothing to do with which ending is whose; 1 when none is.
    mean_own, mean_other: mean likeness with the own ending, and with the others.
    p_related: the same for that mean. A low one alone is no sign of memory: a text's own ending is the likelier one.
    """

    n: int
    n_exact: int
    n_near: int
    p_value: float
    mean_own: float
    mean_other: float
    p_related: float


def recited(
    likeness_NN: ArrayLike, *, rng: np.random.Generator, near: float = NEAR, n_shuffles: int = _N_SHUFFLES
) -> Recited:
    """Test continuations against endings: a row is a continuation, a column an ending, the diagonal its own.

    likeness_NN: (N, N) in [0, 1], 1 = the same.  The test is exact: it shuffles which ending is whose.
    Source: the permutation test of Pitman (1937), Supplement to the JRSS 4(1), on matches.

    >>> found = recited(np.eye(6), rng=np.random.default_rng(1))
    >>> found.n_near, found.p_value < 0.01
    (6, True)
    """
    likeness = np.asarray(likeness_NN, dtype=np.float64)
    n = len(likeness)
    if likeness.ndim != 2 or likeness.shape != (n, n):
        raise InvalidValue("likeness", f"a table of {likeness.shape} is not square", "; give all pairs")
    if not n:
        nan = float("nan")
        return Recited(0, 0, 0, 1.0, nan, nan, 1.0)
    rows = np.arange(n)
    own = likeness[rows, rows]
    is_near = likeness >= near
    n_near = int(is_near[rows, rows].sum())
    near_by_chance, mean_by_chance = np.empty(n_shuffles), np.empty(n_shuffles)
    for at in range(n_shuffles):
        column = rng.permutation(n)
        near_by_chance[at] = is_near[rows, column].sum()
        mean_by_chance[at] = likeness[rows, column].mean()
    others = (likeness.sum() - own.sum()) / (n * (n - 1)) if n > 1 else float("nan")
    return Recited(
        n=n,
        n_exact=int((own >= 1.0).sum()),
        n_near=n_near,
        p_value=_share(near_by_chance >= n_near),
        mean_own=float(own.mean()),
        mean_other=float(others),
        p_related=_share(mean_by_chance >= own.mean() - 1e-12),
    )


def matched_by_chance(
    guess_N: ArrayLike, truth_N: ArrayLike, *, rng: np.random.Generator, n_shuffles: int = _N_SHUFFLES
) -> tuple[int, float, float]:
    """Give how many guesses are right, how many would be by chance, and the p-value of so many.

    guess_N, truth_N: (N,) codes.  By chance: each guess beside a random one of the true labels, so that guessing the
    commonest label gains nothing.

    >>> n_right, by_chance, p = matched_by_chance([0] * 8, [0] * 6 + [1] * 2, rng=np.random.default_rng(1))
    >>> n_right, by_chance, p
    (6, 6.0, 1.0)
    """
    guess, truth = np.asarray(guess_N), np.asarray(truth_N)
    n_right = int((guess == truth).sum())
    by_chance = np.array([(guess == rng.permutation(truth)).sum() for _ in range(n_shuffles)])
    return n_right, float(by_chance.mean()), _share(by_chance >= n_right)


def _share(as_extreme: NDArray[np.bool_]) -> float:
    return (1 + int(as_extreme.sum())) / (1 + len(as_extreme))
