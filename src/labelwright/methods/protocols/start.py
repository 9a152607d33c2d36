"""Where a certificate's tests should start, planned on labels that do not test it."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy import special

from labelwright.methods.calibration.logit_map import fit_logistic
from labelwright.methods.routing import count_thresholds, finite_pool_p_value
from labelwright.methods.routing.certify import threshold_grid

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

_EDGE = 1e-4
_OF_A_BLOCK = 5
_INTERCEPT_SPREAD, _SLOPE_SPREAD = 1.0, 0.5
"""How far a cross-fitted probability's logit may be off in level and in slope, before anything is known."""


@dataclass(frozen=True, eq=False, slots=True)
class Belief:
    """What is believed of the errors behind a score: (S, 2) draws of intercept and slope of P(correct) on its logit."""

    line: Floats


@dataclass(frozen=True, slots=True)
class StartPlan:
    """first_threshold: None = no start looks better than the rule's own.  expected_coverage: of the items left.

    An estimate, for choosing by; whether it is right or wrong, what is certified from there keeps its promise.
    """

    first_threshold: float | None
    expected_coverage: float


def believe(probability: ArrayLike, correct: ArrayLike, *, rng: np.random.Generator, n_draws: int = 200) -> Belief:
    """Learn how far cross-fitted probabilities can be trusted, with how much doubt.

    probability: (n,) of the labels' being right, each from a fit without it.  correct: (n,) bool.
    Source: Platt (1999) with Gaussian priors; MacKay (1992), Neural Computation 4, Laplace's approximation.
    """
    z = _logit(np.asarray(probability, dtype=np.float64))
    features = np.column_stack([np.ones(len(z)), z])
    precision = 1 / np.array([_INTERCEPT_SPREAD, _SLOPE_SPREAD]) ** 2
    target = np.asarray(correct, dtype=np.float64)
    middle = fit_logistic(features, target, penalty=precision, prior=np.array([0.0, 1.0]))
    p = special.expit(features @ middle)
    curvature = (features * (p * (1 - p))[:, None]).T @ features + np.diag(precision)
    spread = np.linalg.cholesky(np.linalg.inv(curvature))
    return Belief(middle + rng.standard_normal((n_draws, 2)) @ spread.T)


def plan_start(
    score: ArrayLike,
    belief: Belief,
    *,
    n_labels: int,
    target_error: float,
    delta: float,
    rng: np.random.Generator,
) -> StartPlan:
    """Choose the first threshold from which going down is expected to certify most.

    For each draw of the belief, samples of `n_labels` are played through: where every start would stop.

    score: (N,) P(correct) of the items from which the sample will be drawn, nan = never accepted.
    Source: Angelopoulos et al. (2021), Learn then Test, section 2.3: any sequence fixed by other labels is valid.
    """
    scores = np.asarray(score, dtype=np.float64)
    counts = count_thresholds(scores, np.zeros(0, dtype=np.int64), np.zeros(0, dtype=np.bool_))
    grid = threshold_grid(counts.n_pool)
    if not len(grid) or not n_labels:
        return StartPlan(None, 0.0)
    size, threshold = counts.n_pool[grid], counts.threshold[grid]
    drawn = np.floor(n_labels * size / len(scores) + 0.5).astype(np.int64)
    critical = _critical(size, drawn, target_error=target_error, delta=delta)
    block_drawn = np.diff(drawn, prepend=0)
    n_wrong = np.cumsum(rng.binomial(block_drawn, _error_of_blocks(scores, size, belief)), axis=1)
    passes = n_wrong <= critical
    left = (size - drawn).astype(np.float64)
    reached = np.zeros(len(passes))
    worth = np.empty(len(grid))
    for at in range(len(grid) - 1, -1, -1):
        reached = np.where(passes[:, at], np.maximum(reached, left[at]), 0.0)
        worth[at] = reached.mean()
    best = int(worth.argmax())
    if worth[best] <= 0:
        return StartPlan(None, 0.0)
    return StartPlan(float(threshold[best]), float(worth[best] / max(len(scores) - n_labels, 1)))


def _error_of_blocks(scores: Floats, size: Ints, belief: Belief) -> Floats:
    """(S, T) share of wrong labels between one threshold and the one above, in each draw."""
    known = np.sort(scores[~np.isnan(scores)])[::-1]
    first = np.concatenate([[0], size[:-1]])
    # A block is narrow in score: a few of its items stand for it.
    within = np.linspace(0.0, 1.0, _OF_A_BLOCK)
    place = (first[:, None] + within * (size - 1 - first)[:, None]).astype(np.int64)
    z = belief.line[:, :1, None] + belief.line[:, 1:, None] * _logit(known[place])
    return special.expit(-z).mean(axis=2)


def _critical(size: Ints, drawn: Ints, *, target_error: float, delta: float) -> Ints:
    """(T,) most errors among those drawn that still pass; −1 where not even none does."""
    low = np.full(len(size), -1, dtype=np.int64)
    high = np.minimum(drawn, np.ceil(target_error * drawn).astype(np.int64) + 2)
    while np.any(high - low > 1):
        middle = (low + high) // 2
        tried = np.maximum(middle, 0)
        is_open = high - low > 1
        passes = finite_pool_p_value(size, drawn, tried, target_error=target_error) <= delta
        low = np.where(is_open & passes, middle, low)
        high = np.where(is_open & ~passes, middle, high)
    return low


def _logit(probability: Floats) -> Floats:
    return special.logit(np.clip(probability, _EDGE, 1 - _EDGE))
