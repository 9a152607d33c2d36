"""P-values of "the mean loss of the accepted exceeds α" for losses between 0 and 1.

Why the finite-pool forms hold. M items lie at or above the threshold; n of them, drawn at random, lose S in all. The
statement is about the M−n others: their loss exceeds α(M−n) exactly when all M together lose more than
T(S) = α(M−n) + S. Each test below is the stricter the smaller the total it assumes, and the true total is above T(S)
whenever the statement is broken; so on those draws it rejects no more often than the same test of the true total, which
rejects at most δ of the time.
"""

import numpy as np
from numpy.typing import ArrayLike
from scipy import special

from labelwright.methods.routing.tail_tests import Floats, binomial_cdf

_ROUNDING = 1e-9


def hoeffding_bentkus_p_value(n_calibrated: ArrayLike, loss: ArrayLike, *, target_loss: ArrayLike) -> Floats:
    """P-value of "the mean loss exceeds α" from the sum of n independent losses in [0, 1], all broadcast.

    min(exp(−n·h₁(min(r, α), α)), e·P(Binomial(n, α) ≤ ⌈n·r⌉)), r = loss/n and h₁ the divergence of two coins.  Both
    bounds hold as well for draws without replacement, which spread less (Hoeffding 1963, theorem 4).
    Source: Bates, Angelopoulos, Lei, Malik & Jordan (2021), J. ACM 68(6), section 3.1.
    """
    n, total, alpha = (
        np.asarray(part, dtype=np.float64) for part in np.broadcast_arrays(n_calibrated, loss, target_loss)
    )
    r = np.minimum(total / np.maximum(n, 1), alpha)
    divergence: Floats = special.rel_entr(r, alpha) + special.rel_entr(1 - r, 1 - alpha)
    hoeffding = np.exp(-n * divergence)
    bentkus = np.e * binomial_cdf(np.ceil(total - _ROUNDING), n, alpha)
    return np.where(n > 0, np.minimum(np.minimum(hoeffding, bentkus), 1.0), 1.0)


def finite_pool_hoeffding_bentkus(
    n_pool: ArrayLike, n_calibrated: ArrayLike, loss: ArrayLike, *, target_loss: float, n_reserved: int = 0
) -> Floats:
    """P-value of "the M−n accepted items outside the sample lose more than α(M−n)", all broadcast; 0 where M = n.

    n_reserved: r, the most of the M−n that may leave afterwards: α(M−n−r) is tolerated.
    """
    pool, n, total = (np.asarray(part, dtype=np.float64) for part in np.broadcast_arrays(n_pool, n_calibrated, loss))
    others = pool - n
    mean = (target_loss * np.maximum(others - n_reserved, 0) + total) / np.maximum(pool, 1)
    return np.where(others <= 0, 0.0, hoeffding_bentkus_p_value(n, total, target_loss=np.minimum(mean, 1.0)))


def betting_p_value(losses: ArrayLike, *, target_loss: float) -> float:
    """P-value of "the mean loss exceeds α" from independent losses in [0, 1].

    losses: (n,) in an order that does not depend on them.
    Whoever bets a fixed share ν on each loss being below α owns Π(1 − ν(Lᵢ − α)); with a mean of α or more that ever
    reaches 1/δ with chance δ at most (Ville).
    Source: Waudby-Smith & Ramdas (2024), JRSS B 86(1), section 4, with one share fixed by n and α.
    """
    values = np.asarray(losses, dtype=np.float64)
    return _one_over_most_wealth(values, target_loss, _bet(len(values), target_loss))


def finite_pool_betting(losses: ArrayLike, *, n_pool: int, target_loss: float, n_reserved: int = 0) -> float:
    """P-value of "the M−n accepted items outside the sample lose more than α(M−n)", drawn without replacement.

    losses: (n,) of the sample's accepted items in random order.  n_pool: M.  n_reserved: as in the function above.
    As items are drawn, what the assumed total leaves to the rest is known: the bet is against its mean,
    mᵢ = (T − ΣLⱼ)/(M − i + 1).
    Source: Waudby-Smith & Ramdas (2024), JRSS B 86(1), section 5.
    """
    values = np.asarray(losses, dtype=np.float64)
    n = len(values)
    if n >= n_pool:
        return 0.0
    total = target_loss * max(n_pool - n - n_reserved, 0) + float(values.sum())
    before = np.concatenate([[0.0], np.cumsum(values)[:-1]]) if n else np.empty(0)
    return _one_over_most_wealth(values, (total - before) / (n_pool - np.arange(n)), _bet(n, target_loss))


def _bet(n: int, target_loss: float) -> float:
    """Share of what may be lost in a step, by n and α alone: it may not depend on the labels, see the proof above.

    The one that does best where n labels just suffice at δ = .05, by the largest variance that a mean of α leaves.
    Over 150 draws it accepted a quarter to a half more than mixtures of three to twenty shares.
    """
    return float(min(1.0, np.sqrt(2 * np.log(20) / (max(n, 1) * target_loss * (1 - target_loss)))))


def _one_over_most_wealth(losses: Floats, mean: Floats | float, bet: float) -> float:
    if not len(losses):
        return 1.0
    with np.errstate(divide="ignore"):  # whoever bets everything may lose it: log 0
        log_wealth = np.cumsum(np.log1p(-bet * (losses - mean)))
    return float(np.exp(-max(float(log_wealth.max()), 0.0)))
