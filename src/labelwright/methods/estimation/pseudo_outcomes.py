"""Use model labels in a regression without inheriting the model's errors."""

from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy import special

from labelwright.errors import InvalidValue

Floats = NDArray[np.float64]
Link = Literal["linear", "logistic"]

_PENALTY = 1.0
_STEPS = 100


@dataclass(frozen=True, eq=False, slots=True)
class PseudoOutcomes:
    """What stands in for the label in any regression afterwards.

    outcome: (N,) g(x) + R/π·(y − g(x)); its mean, given x, is the label's, however wrong g is.
    predicted: (N,) g(x), each from a fit without that item.
    """

    outcome: Floats
    predicted: Floats


@dataclass(frozen=True, eq=False, slots=True)
class RegressionFit:
    """coefficients, standard_errors, low, high: (D,) in the order of the columns; covariance: (D, D), sandwich."""

    coefficients: Floats
    standard_errors: Floats
    low: Floats
    high: Floats
    covariance: Floats
    n_labelled: int
    design: str


def pseudo_outcomes(
    human: ArrayLike,
    surrogates: ArrayLike,
    inclusion: ArrayLike,
    *,
    rng: np.random.Generator,
    n_folds: int = 5,
) -> PseudoOutcomes:
    """Give each item an outcome that is right on average: what is predicted, plus what people found it to be off by.

    human: (N,) in [0, 1], nan = not asked.
    surrogates: (N, D) or (N,): whatever predicts the label: the model's label, its confidence, the regression's own
      columns.  inclusion: (N,) π, known by design for every item, in (0, 1]; a number for all alike.
    n_folds: g is fitted on the labelled items of the other folds, so that no label corrects its own prediction.
    g is a ridge-penalised logistic regression, each label weighing 1/π.
    Source: Egami, Hinck, Stewart & Wei (2023), NeurIPS, "Using imperfect surrogates for downstream
    inference", equation 3.
    """
    y = np.asarray(human, dtype=np.float64)
    known = ~np.isnan(y)
    chance = np.broadcast_to(np.asarray(inclusion, dtype=np.float64), y.shape)
    if not np.all((chance > 0) & (chance <= 1)):
        raise InvalidValue("estimate", "the chance of being asked must be known for every item, in (0, 1]")
    if int(known.sum()) < 2 * n_folds:
        raise InvalidValue(
            "estimate", f"{int(known.sum())} labels are too few for {n_folds} folds; ask more, or fewer folds"
        )
    features = _standardised(np.asarray(surrogates, dtype=np.float64).reshape(len(y), -1))
    fold = np.empty(len(y), dtype=np.int64)
    for part in (np.flatnonzero(known), np.flatnonzero(~known)):
        fold[rng.permutation(part)] = np.arange(len(part)) % n_folds
    predicted = np.empty(len(y))
    penalty = np.append(0.01, np.full(features.shape[1] - 1, _PENALTY))
    for number in range(n_folds):
        train, test = known & (fold != number), fold == number
        weight = chance[train].mean() / chance[train]
        weights = _weighted_logistic(features[train], y[train], weight, penalty)
        predicted[test] = special.expit(features[test] @ weights)
    outcome = predicted.copy()
    outcome[known] += (y[known] - predicted[known]) / chance[known]
    return PseudoOutcomes(outcome, predicted)


def pseudo_regression(
    outcome: ArrayLike,
    columns: ArrayLike,
    *,
    link: Link = "linear",
    n_labelled: int | None = None,
    confidence_level: float = 0.95,
) -> RegressionFit:
    """Regress outcomes on columns with standard errors that hold whatever their spread (sandwich, HC0).

    outcome: (N,) pseudo-outcomes, which may lie outside [0, 1], or plain labels.  columns: (N, D), with a column of
    ones where an intercept is wanted.  The answer is about where the N items come from.
    Solves Σ x (ỹ − μ(x'β)) = 0, μ the identity or the logistic function.
    Raises: InvalidValue when the columns are collinear, or when a logistic fit runs away (separated outcomes).
    Source: White (1980), Econometrica 48(4); Egami et al. (2023), section 4.
    """
    y, x = np.asarray(outcome, dtype=np.float64), np.asarray(columns, dtype=np.float64)
    if np.linalg.matrix_rank(x) < x.shape[1]:
        raise InvalidValue("estimate", f"the {x.shape[1]} columns are not independent of each other; leave one out")
    beta = _logistic_root(x, y) if link == "logistic" else np.asarray(np.linalg.lstsq(x, y, rcond=None)[0], np.float64)
    fitted = x @ beta if link == "linear" else special.expit(x @ beta)
    slope = np.ones(len(y)) if link == "linear" else fitted * (1 - fitted)
    bread = np.linalg.inv((x * slope[:, None]).T @ x)
    score = x * (y - fitted)[:, None]
    covariance = bread @ (score.T @ score) @ bread
    errors = np.sqrt(np.diag(covariance))
    half = float(special.ndtri(0.5 + confidence_level / 2)) * errors
    return RegressionFit(
        beta,
        errors,
        beta - half,
        beta + half,
        covariance,
        len(y) if n_labelled is None else n_labelled,
        f"{link} regression on pseudo-outcomes, open population",
    )


def _logistic_root(x: Floats, y: Floats) -> Floats:
    """Newton's method with halving on Σ ỹ·x'β − log(1 + exp x'β), which is concave whatever ỹ is."""

    def height(beta: Floats) -> float:
        z = x @ beta
        return float(np.sum(y * z - np.logaddexp(0.0, z)))

    beta = np.zeros(x.shape[1])
    current = height(beta)
    for _ in range(_STEPS):
        p = special.expit(x @ beta)
        curvature = (x * (p * (1 - p))[:, None]).T @ x
        if not np.linalg.cond(curvature) < 1e12:
            break
        step, scale = np.linalg.solve(curvature, x.T @ (y - p)), 1.0
        while scale > 1e-8 and height(beta + scale * step) < current:
            scale /= 2
        beta = beta + scale * step
        updated = height(beta)
        if float(np.max(np.abs(scale * step))) < 1e-10:
            return beta
        current = updated
    raise InvalidValue(
        "estimate", "the logistic fit has no finite solution; ask more labels, or use fewer columns or a linear fit"
    )


def _weighted_logistic(features: Floats, target: Floats, weight: Floats, penalty: Floats) -> Floats:
    """Maximise the weighted likelihood, penalised towards the overall share, by bounded Newton steps."""
    start = float(special.logit(np.clip(np.average(target, weights=weight), 0.01, 0.99)))
    prior = np.append(start, np.zeros(features.shape[1] - 1))
    weights = prior.copy()
    for _ in range(_STEPS):
        p = special.expit(features @ weights)
        gradient = features.T @ (weight * (p - target)) + penalty * (weights - prior)
        curvature = (features * (weight * p * (1 - p))[:, None]).T @ features + np.diag(penalty)
        step = np.linalg.solve(curvature, gradient)
        weights = weights - step / max(1.0, float(np.max(np.abs(step))) / 2)
        if float(np.max(np.abs(step))) < 1e-8:
            break
    return np.asarray(weights, dtype=np.float64)


def _standardised(features: Floats) -> Floats:
    spread = features.std(axis=0)
    varying = spread > 0
    scaled = (features[:, varying] - features[:, varying].mean(axis=0)) / spread[varying]
    return np.asarray(np.column_stack([np.ones(len(features)), scaled]), dtype=np.float64)
