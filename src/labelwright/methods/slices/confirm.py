"""Whether answers that came after a slice was found bear the finding out."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy import special

from labelwright.methods.slices.search import MIN_RATIO, MIN_SUPPORT


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


def confirmation(
    n: int, n_wrong: int, rest_error: float, *, n_missing: int = 0, min_ratio: float = MIN_RATIO, delta: float = 0.05
) -> Confirmation:
    """Judge a finding by fresh answers to items drawn at random inside it.

    rest_error: the error rate outside the slice, from as many answers as there are.  delta: the level of either
    verdict; what is left of a project's is said by its `Account`.
    n_missing: drawn and never answered: they count as right against "borne out", as wrong against "refuted".
    Both tests are exact binomial ones. Answers that led to the finding are no part of it: the most striking slice of
    hundreds always looks worse than it is.

    >>> confirmation(40, 14, 0.1).verdict, confirmation(100, 8, 0.1).verdict, confirmation(20, 3, 0.1).verdict
    (True, False, None)
    """
    if n == 0:
        return Confirmation(0, 0, float("nan"), 1.0, 1.0, None)
    base = min(max(rest_error, 0.0), 1.0)
    n_drawn = n + n_missing
    p_worse = float(special.bdtrc(n_wrong - 1, n_drawn, base)) if n_wrong else 1.0
    p_as_bad = float(special.bdtr(n_wrong + n_missing, n_drawn, min(min_ratio * base, 1.0)))
    verdict: bool | None = None
    if p_worse <= delta and n_wrong / n_drawn >= min_ratio * base:
        verdict = True
    elif p_as_bad <= delta and n >= MIN_SUPPORT:
        verdict = False
    return Confirmation(n, n_wrong, n_wrong / n, p_worse, p_as_bad, verdict)


def fresh_answers_needed(error: float, rest_error: float, *, power: float = 0.8, delta: float = 0.05) -> int:
    """Say how many fresh answers confirm a slice with this error with the given chance; at most 500.

    >>> fresh_answers_needed(0.36, 0.12)
    21
    """
    for n in range(MIN_SUPPORT, 500):
        k = np.arange(n + 1)
        tail = np.where(k > 0, special.bdtrc(np.maximum(k - 1, 0), n, rest_error), 1.0)
        enough = k[(tail <= delta) & (k >= MIN_RATIO * rest_error * n)]
        if len(enough) and (enough[0] == 0 or special.bdtrc(int(enough[0]) - 1, n, error) >= power):
            return n
    return 500
