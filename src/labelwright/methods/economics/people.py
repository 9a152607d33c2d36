"""How right people's answers are: alone, with a suggestion before them, and several together."""

from __future__ import annotations

import numpy as np
from scipy import special

from labelwright.errors import InvalidValue
from labelwright.methods.economics.scored_items import Floats


def assisted_accuracy(right: Floats, human: float, *, adopt: float, overcorrect: float) -> Floats:
    """Chance that a reviewed label is right: p·(1 − o) + (1 − p)·(1 − a)·h.

    right: (B,) chance p that the suggestion is right.  human: accuracy h of a person who corrects it.
    adopt: chance a that a wrong suggestion is taken over.  overcorrect: chance o that a right one is changed.

    >>> p = np.array([0.82])
    >>> [round(float(assisted_accuracy(p, 0.95, adopt=a, overcorrect=0.02)[0]), 3) for a in (0, 0.1, 0.3, 0.5)]
    [0.975, 0.958, 0.923, 0.889]
    """
    return right * (1 - overcorrect) + (1 - right) * (1 - adopt) * human


def stops_helping(human: float, *, adopt: float, overcorrect: float) -> float:
    """Give the chance of being right above which assisted review does harm; 1 where it never does.

    >>> round(stops_helping(0.95, adopt=0.1, overcorrect=0.02), 3)
    0.977
    """
    mends = (1 - adopt) * human
    return mends / (mends + overcorrect) if overcorrect else 1.0


def majority_accuracy(human: float, n_votes: int, *, correlation: float = 0.0) -> float:
    """Chance that the majority of an odd number of people is right.

    correlation: of two people's being right on the same item (hard items are hard for all); 0 = independent.
    With it, the number who are right is beta-binomial with that intra-class correlation.

    >>> round(majority_accuracy(0.8, 3), 3), round(majority_accuracy(0.8, 3, correlation=0.5), 3)
    (0.896, 0.816)
    """
    if n_votes < 1 or n_votes % 2 == 0:
        raise InvalidValue("votes", f"{n_votes} people may tie", "; give an odd number, such as 3")
    if not 0 <= correlation < 1:
        raise InvalidValue("vote correlation", f"{correlation:g} is not between 0 and 1 (1 not included)")
    enough = n_votes // 2 + 1
    if correlation <= 1e-5 or human in (0.0, 1.0):
        return float(special.betainc(enough, n_votes - enough + 1, human))
    size = (1 - correlation) / correlation
    a, b = human * size, (1 - human) * size
    k = np.arange(enough, n_votes + 1, dtype=np.float64)
    log_ways = -special.betaln(k + 1, n_votes - k + 1) - np.log(n_votes + 1)
    return float(np.exp(log_ways + special.betaln(k + a, n_votes - k + b) - special.betaln(a, b)).sum())
