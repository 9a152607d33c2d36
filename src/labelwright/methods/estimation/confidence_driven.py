"""Confidence-driven inference: learn from the first labels where the model errs, then ask more there."""

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy import special

from labelwright.errors import InvalidValue
from labelwright.methods.calibration.logit_map import fit_logistic
from labelwright.methods.estimation.active import MIX, inclusion_probabilities

Floats = NDArray[np.float64]

BURN_IN = 50
_FEWEST = 10
_PENALTY = 1.0
_EDGE = 0.01


def round_sizes(n_labels: int, *, burn_in: int = BURN_IN, n_rounds: int = 3) -> list[int]:
    """Divide a budget: a burn-in asked at random, of a third at most, then rounds of equal size.

    >>> round_sizes(200), round_sizes(60)
    ([50, 75, 75], [20, 20, 20])
    """
    first = min(burn_in, n_labels // 3)
    rest, later = n_labels - first, max(n_rounds - 1, 1)
    return [first, *(rest // later + (number < rest % later) for number in range(later))]


def expected_squared_error(confidence: ArrayLike, predicted: ArrayLike, human: ArrayLike) -> Floats:
    """Predict (y − f)² for every item from the model's confidence, as learned from the labelled ones: (N,) in (0, 1).

    confidence: (N,) in [0, 1], nan = unknown, taken as ½.  predicted: f, (N,) in [0, 1].  human: (N,), nan = not asked.
    A ridge-penalised logistic regression on the logit of the confidence and its square.  The published method grows
    boosted trees here; with some hundred labels and one feature a curve of three numbers serves, and needs no library.
    How good it is decides only how much is saved: the estimate stays unbiased whatever it says.
    Under ten labels all items are alike.
    """
    y, f = np.asarray(human, dtype=np.float64), np.asarray(predicted, dtype=np.float64)
    known = ~np.isnan(y)
    if int(known.sum()) < _FEWEST:
        return np.full(len(y), 0.25)
    c = np.clip(np.nan_to_num(np.asarray(confidence, dtype=np.float64), nan=0.5), _EDGE, 1 - _EDGE)
    x = special.logit(c)
    features = np.column_stack([np.ones(len(x)), x / 2, x**2 / 8])
    squared = np.clip((y[known] - f[known]) ** 2, 0.0, 1.0)
    share = (float(squared.sum()) + 0.5) / (len(squared) + 1)
    overall = float(np.log(share / (1 - share)))
    weights = fit_logistic(
        features[known], squared, penalty=np.array([0.1, _PENALTY, _PENALTY]), prior=np.array([overall, 0.0, 0.0])
    )
    return np.asarray(special.expit(features @ weights), dtype=np.float64)


def confidence_driven_inclusion(
    confidence: ArrayLike,
    predicted: ArrayLike,
    human: ArrayLike,
    n_labels: float,
    *,
    influence: ArrayLike | None = None,
    mix: float = MIX,
) -> Floats:
    """Chances of the next round, from all labels so far: ∝ √(expected squared error)·|influence|; 0 for those labelled.

    n_labels: expected number of the round.  influence: (N,) weight of each item's error in the target, such as |x'h|
    with h the column of the inverse information for one regression coefficient; None = a mean, all alike.
    Draw with `poisson_draw`, log the chance and the round of whoever is asked, and give both to `active_mean`.
    Source: Gligorić, Zrnic, Lee, Candès & Jurafsky (2025), NAACL, "Can unconfident LLM annotations be used for
    confident conclusions?", algorithm 1; τ as in `inclusion_probabilities`.
    """
    y = np.asarray(human, dtype=np.float64)
    left = np.isnan(y)
    if n_labels <= 0:
        raise InvalidValue("estimate", f"a round needs at least one label, got {n_labels}")
    uncertainty = np.sqrt(expected_squared_error(confidence, predicted, y))
    if influence is not None:
        uncertainty = uncertainty * np.abs(np.asarray(influence, dtype=np.float64))
    chance = np.zeros(len(y))
    chance[left] = inclusion_probabilities(uncertainty[left], n_labels, mix=mix)
    return chance
