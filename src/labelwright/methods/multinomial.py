"""Multinomial logistic regression with an L2 penalty, on features that may be wider than there are rows."""

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
    """by_class: (D, K).  offset: (K,)."""

    by_class: Floats
    offset: Floats


def fit_multinomial(
    features_ND: Floats,
    target_N: Ints,
    *,
    n_classes: int,
    inverse_penalty: float,
    offset_penalty: float = 0.0,
    tolerance: float = 1e-6,
) -> MultinomialWeights:
    """Minimise  Σ −ln p(target) + ‖W‖²/2C + ½·offset_penalty·‖c‖²  with C = `inverse_penalty`.

    Scores are  features·W + c.
    With two classes their columns of W mirror each other: the binary form calls 2C its C.
    offset_penalty: 0 gives a class without examples an offset of −∞; a whisper keeps it finite.
    tolerance: the steepest slope left.  Deterministic.
    Source: L-BFGS of Nocedal & Wright (2006), ch. 7.
    """
    from scipy.optimize import minimize  # noqa: PLC0415 - slow to import, needed by few

    n, width = features_ND.shape
    # A ridge penalty does not care for rotation, and with few rows the weights lie in their span: few unknowns.
    rotated, back = _rotate(features_ND)
    rank = rotated.shape[1]
    rows: Ints = np.arange(n, dtype=np.int64)

    def unpack(flat: Floats) -> tuple[Floats, Floats]:
        edge = rank * n_classes
        return flat[:edge].reshape(rank, n_classes), flat[edge:]

    def loss(flat: Floats) -> tuple[float, Floats]:
        weights, offset = unpack(flat)
        score = rotated @ weights + offset
        top = score.max(axis=1, keepdims=True)
        log_sum = top[:, 0] + np.log(np.exp(score - top).sum(axis=1))
        value = float(np.sum(log_sum - score[rows, target_N]))
        value += float(np.sum(weights**2)) / (2 * inverse_penalty)
        value += 0.5 * offset_penalty * float(np.sum(offset**2))
        residual = np.exp(score - log_sum[:, None])
        residual[rows, target_N] -= 1
        gradient = np.concatenate(
            [
                (rotated.T @ residual + weights / inverse_penalty).ravel(),
                residual.sum(axis=0) + offset_penalty * offset,
            ]
        )
        return value, gradient

    objective: Callable[[Floats], tuple[float, Floats]] = loss
    found: Any = minimize(
        objective,
        np.zeros((rank + 1) * n_classes),
        jac=True,
        method="L-BFGS-B",
        options={"maxiter": _MOST_STEPS, "maxfun": 2 * _MOST_STEPS, "gtol": tolerance, "ftol": 1e-15, "maxcor": 20},
    )
    weights, offset = unpack(np.asarray(found.x, dtype=np.float64))
    return MultinomialWeights(back @ weights if width else np.zeros((0, n_classes)), offset)


def multinomial_scores(weights: MultinomialWeights, features_ND: Floats) -> Floats:
    """(N, K) scores; their softmax is the probability of each class."""
    return features_ND @ weights.by_class + weights.offset


def _rotate(features: Floats) -> tuple[Floats, Floats]:
    n, width = features.shape
    if width <= n:
        return features, np.eye(width)
    left, size, right = np.linalg.svd(features, full_matrices=False)
    kept = size > 1e-12 * max(float(size[0]), 1e-300)
    return left[:, kept] * size[kept], right[kept].T
