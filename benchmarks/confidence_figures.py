"""How well a score ranks, and how far it is from a probability: the figures of one score on held-out items."""

from collections.abc import Sequence
from typing import Any

import numpy as np
from scipy import special

from labelwright.methods.calibration import area_under_risk_coverage, auroc, expected_calibration_error
from labelwright.methods.calibration.logit_map import fit_logistic
from labelwright.methods.calibration.metrics import Binning, bin_of

LABELS = 200
BINNINGS: tuple[Binning, ...] = ("width", "mass")
Row = dict[str, Any]


def n_labels(n_items: int) -> int:
    """200 human labels, or a third of a small set."""
    return min(LABELS, n_items // 3)


def measured(score: np.ndarray, right: np.ndarray, *, seed: int) -> Row:
    """Ranking and calibration of one score; None where it cannot be said."""
    known = ~np.isnan(score)
    p, y = score[known], right[known]
    ranking = auroc(p, y).value
    found: Row = {
        "n": int(known.sum()),
        "auroc": None if np.isnan(ranking) else ranking,
        "aurc": area_under_risk_coverage(p, y) if len(p) else None,
    }
    upper = null_upper(p, seed=seed) if len(p) else (None, None)
    for binning, null in zip(BINNINGS, upper, strict=True):
        found[f"ece_{binning}"] = expected_calibration_error(p, y, binning=binning) if len(p) else None
        found[f"ece_{binning}_null"] = null
    return found


def null_upper(p: np.ndarray, *, seed: int, n_null: int = 200, n_bins: int = 15) -> list[float]:
    """`calibration_error_null` for both binnings from the same drawn outcomes: thousands of rows need it."""
    uniform = np.random.default_rng(seed).random((n_null, len(p)), dtype=np.float32)
    drawn = (uniform < p.astype(np.float32)).astype(np.float32)
    upper: list[float] = []
    for binning in BINNINGS:
        bins = bin_of(p, n_bins, binning)
        is_in = np.zeros((len(p), n_bins), dtype=np.float32)
        is_in[np.arange(len(p)), bins] = 1
        stated = np.bincount(bins, weights=p, minlength=n_bins)
        upper.append(float(np.quantile(np.abs(drawn @ is_in - stated).sum(axis=1) / len(p), 0.95)))
    return upper


def fitted_floor(p: np.ndarray, right: np.ndarray, *, n_labels: int, seed: int, n_draws: int = 10) -> float:
    """Give the calibration error of a score that lacks two numbers alone: slope and level, fitted to n labels.

    A perfect probability is made of the score by the held-out items themselves; labels and outcomes are drawn from it.
    No jury that learns from as many labels can be expected to lie below.
    """
    rng = np.random.default_rng([seed, 9])
    logit = special.logit(np.clip(p, 1e-4, 1 - 1e-4))
    features = np.column_stack([logit, np.ones(len(p))])
    free, start = np.full(2, 1e-6), np.array([1.0, 0.0])
    z = features @ fit_logistic(features, right.astype(float), penalty=free, prior=start)
    errors: list[float] = []
    for _ in range(n_draws):
        drawn = rng.integers(0, len(z), n_labels)
        labels = (rng.random(n_labels) < special.expit(z[drawn])).astype(float)
        told = fit_logistic(np.column_stack([z[drawn], np.ones(n_labels)]), labels, penalty=free, prior=start)
        outcome = rng.random(len(z)) < special.expit(z)
        errors.append(expected_calibration_error(special.expit(told[0] * z + told[1]), outcome, binning="mass"))
    return float(np.mean(errors))


def mean_of(rows: Sequence[Row]) -> Row:
    """Mean of each figure over seeds, over those where it could be said."""
    out: Row = {}
    for name in rows[0] if rows else ():
        values = [row[name] for row in rows if row[name] is not None]
        out[name] = float(np.mean(values)) if values else None
    return out
