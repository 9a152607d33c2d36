"""One map for each predicted label that has labels enough, one for all others."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import ArrayLike

from labelwright.errors import InvalidValue
from labelwright.methods.calibration.calibrator import Calibrator, Fit
from labelwright.methods.calibration.logit_map import Floats

FEWEST_OF_A_CLASS = 50


@dataclass(frozen=True, slots=True)
class ClassWiseMap:
    """P(correct) of a prediction by its confidence and its label.

    by_class: maps of the labels that have one of their own.  others: the map of all other labels.
    n_labels: what it was fitted on.
    """

    method: Literal["class-wise"]
    by_class: Mapping[int, Calibrator]
    others: Calibrator
    n_labels: int

    def __call__(self, confidence: ArrayLike, label: ArrayLike) -> Floats:
        """(N,) P(correct) from confidences and predicted option codes; nan stays nan."""
        p, code = np.asarray(confidence, dtype=np.float64), np.asarray(label, dtype=np.int64)
        if p.shape != code.shape:
            raise InvalidValue("label", f"has shape {code.shape} where confidence has {p.shape}")
        mapped = self.others(p)
        for number, calibrator in self.by_class.items():
            inside = code == number
            mapped[inside] = calibrator(p[inside])
        return mapped


def fit_class_wise(
    fit: Fit, confidence: ArrayLike, correct: ArrayLike, label: ArrayLike, *, fewest: int = FEWEST_OF_A_CLASS
) -> ClassWiseMap:
    """Fit a map to the top label's confidence for each predicted label with at least 50 of the sample.

    fit: of one map, such as `fit_beta`.  confidence, correct, label: (N,); label is the *predicted* option's code.
    The other labels share a map fitted on everything.
    Source: Gupta & Ramdas (2022), ICLR, "Top-label calibration and multiclass-to-binary reductions".
    """
    p, right = np.asarray(confidence, dtype=np.float64), np.asarray(correct, dtype=np.bool_)
    code = np.where(np.isnan(p), -1, np.asarray(label, dtype=np.int64))
    codes, counts = np.unique(code[code >= 0], return_counts=True)
    by_class = {int(c): fit(p[code == c], right[code == c]) for c in codes[counts >= fewest]}
    return ClassWiseMap("class-wise", by_class, fit(p, right), int(np.count_nonzero(~np.isnan(p))))
