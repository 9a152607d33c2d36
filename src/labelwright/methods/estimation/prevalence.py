"""How often each class really occurs, how right each of its labels is, and the same for any other part of the data."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from labelwright.errors import InvalidValue
from labelwright.methods.estimation.effective_size import Estimate
from labelwright.methods.estimation.ppi import classical_mean, ppi_mean

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class ClassPrevalence:
    """One class's share of the data set.

    naive: share of the model's labels, an exact count of something else.  corrected: of what people would say.
    """

    code: int
    naive: float
    corrected: Estimate


@dataclass(frozen=True, eq=False, slots=True)
class Confusion:
    """What the labels stand for: row = the model's label, column = what people say; (K, K).

    share, low, high: of the items with that label; each cell's interval is its own.  nan, 0 and 1 where no item with
    the label was sampled.  sampled: (K, K) counts.  n_items: (K,) items that carry the label.
    """

    share: Floats
    low: Floats
    high: Floats
    sampled: Ints
    n_items: Ints


def class_prevalence(
    human: ArrayLike,
    predicted: ArrayLike,
    n_classes: int,
    *,
    probability: ArrayLike | None = None,
    confidence_level: float = 0.95,
) -> list[ClassPrevalence]:
    """Estimate the share of every class from a plain random sample and the model's labels on all (PPI++, finite pool).

    human: (N,) class codes, −1 = not asked.  predicted: (N,) class codes, −1 = no valid label.
    probability: (N, K) of each class, used in place of the 0/1 label when given.
    Each class has its own λ, so each is as narrow as it can be; the shares therefore add up to 1 only nearly.
    """
    truth, said = _codes(human, n_classes), _codes(predicted, n_classes)
    if len(truth) != len(said):
        raise InvalidValue("estimate", f"{len(truth)} labels stand beside {len(said)} predictions; give one per item")
    of_class = None if probability is None else np.asarray(probability, dtype=np.float64)
    found: list[ClassPrevalence] = []
    for code in range(n_classes):
        y = np.where(truth < 0, np.nan, truth == code)
        f = (said == code).astype(np.float64) if of_class is None else of_class[:, code]
        found.append(
            ClassPrevalence(code, float((said == code).mean()), ppi_mean(y, f, confidence_level=confidence_level))
        )
    return found


def confusion_to_truth(
    human: ArrayLike, predicted: ArrayLike, n_classes: int, *, confidence_level: float = 0.95
) -> Confusion:
    """Estimate, for each of the model's labels, what its items really are, from a plain random sample.

    human, predicted: (N,) class codes, −1 = not asked, no valid label.
    """
    truth, said = _codes(human, n_classes), _codes(predicted, n_classes)
    share, low, high = (np.full((n_classes, n_classes), end) for end in (np.nan, 0.0, 1.0))
    sampled = np.zeros((n_classes, n_classes), dtype=np.int64)
    n_items = np.bincount(said[said >= 0], minlength=n_classes)
    for label in range(n_classes):
        here = truth[said == label]
        if not np.any(here >= 0):
            continue
        for code in range(n_classes):
            found = classical_mean(np.where(here < 0, np.nan, here == code), confidence_level=confidence_level)
            share[label, code], low[label, code], high[label, code] = found.value, found.low, found.high
            sampled[label, code] = int(np.sum(here == code))
    return Confusion(share, low, high, sampled, n_items.astype(np.int64))


def by_part(part: ArrayLike, estimator: Callable[[Bools], Estimate]) -> dict[int, Estimate]:
    """Estimate every class, stratum or slice by itself: what is a random sample of the whole is one of each part.

    part: (N,) codes, −1 = in none.  estimator: gets the mask of a part, (N,) bool, and estimates on it.

    >>> right = np.array([1.0, 0.0, np.nan, 1.0])
    >>> found = by_part([0, 0, 0, 1], lambda here: classical_mean(right[here]))
    >>> found[0].value, found[0].n_population, found[1].low
    (0.5, 3, 1.0)
    """
    codes = np.asarray(part, dtype=np.int64)
    return {int(code): estimator(codes == code) for code in np.unique(codes) if code >= 0}


def _codes(values: ArrayLike, n_classes: int) -> Ints:
    codes = np.asarray(values, dtype=np.int64)
    if np.any((codes < -1) | (codes >= n_classes)):
        wrong = codes[(codes < -1) | (codes >= n_classes)][0]
        raise InvalidValue("estimate", f"class codes run from 0 to {n_classes - 1}, with -1 for none; got {wrong}")
    return codes
