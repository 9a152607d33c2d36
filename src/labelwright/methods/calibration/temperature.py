"""Temperature scaling: one number that makes a model less, or more, sure of everything alike."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import ArrayLike
from scipy import special

from labelwright.errors import InvalidValue
from labelwright.methods.calibration.logit_map import Floats, usable

COLDEST, HOTTEST = 0.05, 20.0
FEWEST_LABELS = 50
_EDGE = 1e-6
_STEPS = 100
_TOLERANCE = 1e-12


@dataclass(frozen=True, slots=True)
class TemperatureMap:
    """P(correct) = σ(logit(p)/T), or softmax(z/T) over options.  T > 1 makes less sure.

    n_labels: what it was fitted on.
    """

    method: Literal["temperature"]
    temperature: float
    n_labels: int

    def __call__(self, confidence: ArrayLike) -> Floats:
        """Map confidences of any shape; nan stays nan."""
        p = np.clip(np.asarray(confidence, dtype=np.float64), _EDGE, 1 - _EDGE)
        return special.expit(special.logit(p) / self.temperature)

    def softmax(self, log_scores_NK: ArrayLike) -> Floats:
        """(N, K) probabilities of the options from their logits or log probabilities."""
        return special.softmax(np.asarray(log_scores_NK, dtype=np.float64) / self.temperature, axis=1)


def fit_temperature(confidence: ArrayLike, correct: ArrayLike) -> TemperatureMap:
    """Fit σ(logit(p)/T) to labelled predictions drawn at random, by maximum likelihood with T in [.05, 20].

    confidence: (N,) in [0, 1], nan = unknown and left out.  correct: (N,) bool.
    Under 50 labels T stays 1.
    Source: Guo, Pleiss, Sun & Weinberger (2017), ICML, section 4.2, for two options.
    """
    p, right = usable(confidence, correct)
    logit: Floats = special.logit(p)
    pull, squared = float(logit @ right), logit**2

    def slope_and_curvature(coldness: float) -> tuple[float, float]:
        probability: Floats = special.expit(coldness * logit)
        return (
            float(probability @ logit - pull) / len(p),
            float((probability * (1 - probability)) @ squared) / len(p),
        )

    return _fitted(slope_and_curvature, len(p))


def fit_softmax_temperature(log_scores_NK: ArrayLike, label: ArrayLike) -> TemperatureMap:
    """Fit softmax(z/T) to labelled items drawn at random, by maximum likelihood with T in [.05, 20].

    log_scores_NK: (N, K) finite logits or log probabilities.  label: (N,) the true option's column.
    Under 50 labels T stays 1.
    Source: Guo, Pleiss, Sun & Weinberger (2017), ICML, section 4.2.
    """
    z = np.asarray(log_scores_NK, dtype=np.float64)
    truth = np.asarray(label, dtype=np.int64)
    if z.ndim != 2 or truth.shape != (len(z),):
        raise InvalidValue("", f"log scores must be (N, K) and labels (N,); got {z.shape} and {truth.shape}")
    if not np.all(np.isfinite(z)):
        raise InvalidValue("log_scores", "must be finite; give an option that was not seen its floor")
    chosen = z[np.arange(len(z)), truth]

    def slope_and_curvature(coldness: float) -> tuple[float, float]:
        p: Floats = special.softmax(coldness * z, axis=1)
        mean: Floats = np.einsum("nk,nk->n", p, z)
        spread: Floats = np.einsum("nk,nk->n", p, (z - mean[:, None]) ** 2)
        return float(np.mean(mean - chosen)), float(np.mean(spread))

    return _fitted(slope_and_curvature, len(z))


def _fitted(slope_and_curvature: Callable[[float], tuple[float, float]], n_labels: int) -> TemperatureMap:
    """Descend −log likelihood, convex in 1/T: Newton steps, or half the bracket where one would leave it."""
    if n_labels < FEWEST_LABELS:
        return TemperatureMap("temperature", 1.0, n_labels)
    low, high, coldness = 1 / HOTTEST, 1 / COLDEST, 1.0
    for _ in range(_STEPS):
        slope, curvature = slope_and_curvature(coldness)
        low, high = (low, coldness) if slope > 0 else (coldness, high)
        step = coldness - slope / curvature if curvature > 0 else np.inf
        if step <= low or step >= high:
            step = (low + high) / 2
        if abs(step - coldness) <= _TOLERANCE * coldness:
            break
        coldness = float(step)
    return TemperatureMap("temperature", float(np.clip(1 / coldness, COLDEST, HOTTEST)), n_labels)
