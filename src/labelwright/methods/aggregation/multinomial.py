"""Multinomial logistic regression with an L2 penalty, and weights that all classes may share."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

_MOST_STEPS = 2_000


@dataclass(frozen=True, eq=False, slots=True)
class MultinomialWeights:
    """by_class: (D, K).  offset: (K,).  shared: (J,), one weight for all classes."""

    by_class: Floats
    offset: Floats
    shared: Floats


def fit_multinomial(
    features_ND: Floats,
    target_N: Ints,
    *,
    n_classes: int,
    inverse_penalty: float,
    shared_NJK: Floats | None = None,
    offset_penalty: float = 0.0,
    tolerance: float = 1e-6,
) -> MultinomialWeights:
    """Minimise  Σ −ln p(target) + (‖W‖² + ‖a‖²)/2C + ½·offset_penalty·‖c‖²  with C = `inverse_penalty`.

    Scores are  features·W + c + Σ_j a_j·shared_j: what stands in `shared` says something of each class by itself (that
    it got this voter's vote), so that a class with few examples borrows from the others.
    offset_penalty: 0 gives a class without examples an offset of −∞; a whisper keeps it finite.
    tolerance: the steepest slope left.  Deterministic.
    Source: Conditional logit as in McFadden (1974) beside the ordinary multinomial one; L-BFGS of Nocedal & Wright
    (2006), ch. 7.
    """
    from scipy.optimize import minimize  # noqa: PLC0415 - slow to import, needed by few

    n, width = features_ND.shape
    shared = np.zeros((n, 0, n_classes)) if shared_NJK is None else shared_NJK
    n_shared = shared.shape[1]
    # A ridge penalty does not care for rotation, and with few rows the weights lie in their span: few unknowns.
    rotated, back = _rotate(features_ND)
    rank = rotated.shape[1]
    rows: Ints = np.arange(n, dtype=np.int64)
    flat_shared = shared.transpose(0, 2, 1).reshape(n * n_classes, n_shared)

    def unpack(flat: Floats) -> tuple[Floats, Floats, Floats]:
        edge = rank * n_classes
        return flat[:edge].reshape(rank, n_classes), flat[edge : edge + n_classes], flat[edge + n_classes :]

    def loss(flat: Floats) -> tuple[float, Floats]:
        weights, offset, common = unpack(flat)
        score = rotated @ weights + offset + (flat_shared @ common).reshape(n, n_classes)
        top = score.max(axis=1, keepdims=True)
        log_sum = top[:, 0] + np.log(np.exp(score - top).sum(axis=1))
        value = float(np.sum(log_sum - score[rows, target_N]))
        value += float(np.sum(weights**2) + np.sum(common**2)) / (2 * inverse_penalty)
        value += 0.5 * offset_penalty * float(np.sum(offset**2))
        residual = np.exp(score - log_sum[:, None])
        residual[rows, target_N] -= 1
        gradient = np.concatenate(
            [
                (rotated.T @ residual + weights / inverse_penalty).ravel(),
                residual.sum(axis=0) + offset_penalty * offset,
                flat_shared.T @ residual.ravel() + common / inverse_penalty,
            ]
        )
        return value, gradient

    objective: Callable[[Floats], tuple[float, Floats]] = loss
    found: Any = minimize(
        objective,
        np.zeros(rank * n_classes + n_classes + n_shared),
        jac=True,
        method="L-BFGS-B",
        options={"maxiter": _MOST_STEPS, "maxfun": 2 * _MOST_STEPS, "gtol": tolerance, "ftol": 1e-15, "maxcor": 20},
    )
    weights, offset, common = unpack(np.asarray(found.x, dtype=np.float64))
    return MultinomialWeights(back @ weights if width else np.zeros((0, n_classes)), offset, common)


def multinomial_scores(weights: MultinomialWeights, features_ND: Floats, shared_NJK: Floats | None = None) -> Floats:
    """(N, K) scores; their softmax is the probability of each class."""
    score = features_ND @ weights.by_class + weights.offset
    return score if shared_NJK is None else score + np.einsum("njk,j->nk", shared_NJK, weights.shared)


def _rotate(features: Floats) -> tuple[Floats, Floats]:
    n, width = features.shape
    if width <= n:
        return features, np.eye(width)
    left, size, right = np.linalg.svd(features, full_matrices=False)
    kept = size > 1e-12 * max(float(size[0]), 1e-300)
    return left[:, kept] * size[kept], right[kept].T
