"""Judge a calibration map on labels it has not seen, and still fit it on all of them."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from labelwright.errors import InvalidValue
from labelwright.methods.calibration.calibrator import Calibrator, Fit
from labelwright.methods.calibration.class_wise import FEWEST_OF_A_CLASS, ClassWiseMap, fit_class_wise
from labelwright.methods.calibration.logit_map import Floats

Ints = NDArray[np.int64]


@dataclass(frozen=True, eq=False, slots=True)
class CrossFit:
    """calibrator: fitted on all labels.  out_of_fold: (N,) P(correct) by maps fitted without the item's fold.

    Figures of calibration belong to `out_of_fold`; no guarantee does.
    """

    calibrator: Calibrator
    out_of_fold: Floats


@dataclass(frozen=True, eq=False, slots=True)
class ClassWiseCrossFit:
    """The same, by predicted label."""

    calibrator: ClassWiseMap
    out_of_fold: Floats


def cross_fit(
    fit: Fit, confidence: ArrayLike, correct: ArrayLike, *, rng: np.random.Generator, n_folds: int = 5
) -> CrossFit:
    """Fit a map on all labels, and once without each fold; folds are dealt at random, right and wrong ones evenly.

    fit: such as `fit_beta`.  confidence: (N,) nan = unknown, and stays so.  correct: (N,) bool.
    """
    p, right = np.asarray(confidence, dtype=np.float64), np.asarray(correct, dtype=np.bool_)
    mapped = np.full(len(p), np.nan)
    for inside in _folds(right, n_folds, rng):
        mapped[inside] = fit(p[~inside], right[~inside])(p[inside])
    return CrossFit(fit(p, right), mapped)


def cross_fit_class_wise(
    fit: Fit,
    confidence: ArrayLike,
    correct: ArrayLike,
    label: ArrayLike,
    *,
    rng: np.random.Generator,
    n_folds: int = 5,
    fewest: int = FEWEST_OF_A_CLASS,
) -> ClassWiseCrossFit:
    """Do as `cross_fit`, with maps by predicted label: label is (N,) option codes.

    fewest: labels a class needs for a map of its own, without each fold.
    """
    p, right = np.asarray(confidence, dtype=np.float64), np.asarray(correct, dtype=np.bool_)
    code = np.asarray(label, dtype=np.int64)
    mapped = np.full(len(p), np.nan)
    for inside in _folds(right, n_folds, rng):
        without = fit_class_wise(fit, p[~inside], right[~inside], code[~inside], fewest=fewest)
        mapped[inside] = without(p[inside], code[inside])
    return ClassWiseCrossFit(fit_class_wise(fit, p, right, code), mapped)


def _folds(right: NDArray[np.bool_], n_folds: int, rng: np.random.Generator) -> list[NDArray[np.bool_]]:
    if n_folds < 2:
        raise InvalidValue("n_folds", f"must be 2 or more, got {n_folds}")
    shuffled = rng.permutation(len(right))
    order = shuffled[np.argsort(right[shuffled], kind="stable")]
    fold = np.empty(len(right), dtype=np.int64)
    fold[order] = np.arange(len(right)) % n_folds
    return [fold == number for number in np.unique(fold)]
