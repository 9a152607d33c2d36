"""The probability of being right that people are shown: a map fitted to the sample's labels, kept with the certificate.

It serves display and ordering. What is accepted never rests on it (A4P 4).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any, cast

import numpy as np
from numpy.typing import ArrayLike, NDArray

from labelwright.domain.canonical import Json, canonical_json
from labelwright.methods.calibration import (
    Calibrator,
    LogitMap,
    calibrator_from_json,
    calibrator_to_json,
    class_wise_from_json,
    cross_fit,
    cross_fit_class_wise,
    fit_best_by_size,
    fit_beta,
    fit_class_wise,
    fit_platt,
)
from labelwright.methods.calibration.class_wise import FEWEST_OF_A_CLASS

Floats = NDArray[np.float64]

_FOLDS = 5
_PLATT_UP_TO, _BETA_UP_TO = 300, 1_000


@dataclass(frozen=True, slots=True, eq=False)
class Labelled:
    """The sample's predictions with what people found.  score: (n,) in [0, 1], nan = unknown.  correct: (n,) bool.

    value: the n predicted labels.
    """

    score: Floats
    correct: NDArray[np.bool_]
    value: Sequence[Json]


def fit_shown(labelled: Labelled, *, rng: np.random.Generator) -> dict[str, Json]:
    """Fit the map by the number of labels, one for each predicted label that has 50 or more, and give it as JSON.

    Under 50 labels in all nothing is fitted (method "none"), and nothing is shown.
    """
    fit = partial(fit_best_by_size, rng=rng)
    labels = _labels_of_their_own(labelled)
    if not labels:
        return _plain(calibrator_to_json(fit(labelled.score, labelled.correct)))
    found = fit_class_wise(fit, labelled.score, labelled.correct, _codes(labelled.value, labels))
    return {**_plain(calibrator_to_json(found)), "labels": labels}


def shown_probability(stored: Mapping[str, Any], score: ArrayLike, value: Sequence[Json]) -> Floats:
    """(N,) what a stored map says of scores and predicted labels; nan where the score is unknown, or nothing is fitted.

    Reads what older certificates hold: the fields of one map, without `labels`.
    """
    scores = np.asarray(score, dtype=np.float64)
    if stored["method"] == "none":
        return np.full(len(scores), np.nan)
    if stored["method"] != "class-wise":
        return calibrator_from_json(stored)(scores)
    return class_wise_from_json(stored)(scores, _codes(value, cast("list[Json]", stored["labels"])))


def out_of_fold(labelled: Labelled, stored: Mapping[str, Any], *, rng: np.random.Generator) -> Floats:
    """(n,) what maps fitted without an item's own fold say of it; all nan where nothing was fitted."""
    if stored["method"] == "none":
        return np.full(len(labelled.score), np.nan)
    fit = partial(_as_if_whole, rng=rng)
    if stored["method"] == "class-wise":
        codes = _codes(labelled.value, cast("list[Json]", stored["labels"]))
        least = FEWEST_OF_A_CLASS * (_FOLDS - 1) // _FOLDS
        return cross_fit_class_wise(
            fit, labelled.score, labelled.correct, codes, rng=rng, n_folds=_FOLDS, fewest=least
        ).out_of_fold
    return cross_fit(fit, labelled.score, labelled.correct, rng=rng, n_folds=_FOLDS).out_of_fold


def _as_if_whole(confidence: ArrayLike, correct: ArrayLike, *, rng: np.random.Generator) -> Calibrator:
    """Fit what the whole sample would be given by its size, to four fifths of it."""
    p, right = np.asarray(confidence, dtype=np.float64), np.asarray(correct, dtype=np.bool_)
    size = np.count_nonzero(~np.isnan(p)) * _FOLDS / (_FOLDS - 1)
    if size > _BETA_UP_TO:
        return fit_best_by_size(p, right, rng=rng)
    if size < FEWEST_OF_A_CLASS - 1 or not right.any():
        return LogitMap("none", 1.0, 1.0, 0.0, len(p))
    return fit_platt(p, right) if size < _PLATT_UP_TO else fit_beta(p, right)


def _labels_of_their_own(labelled: Labelled) -> list[Json]:
    """Give the predicted labels with 50 or more of the sample; none where all of the sample has one label."""
    known = [canonical_json(v) for v, s in zip(labelled.value, labelled.score, strict=True) if not np.isnan(s)]
    counted = Counter(known)
    own = sorted(label for label, n in counted.items() if n >= FEWEST_OF_A_CLASS)
    if len(counted) < 2:
        return []
    of_text = {canonical_json(value): value for value in labelled.value}
    return [of_text[label] for label in own]


def _codes(value: Sequence[Json], labels: Sequence[Json]) -> NDArray[np.int64]:
    """(N,) place of each label in the list; −1 = none of them."""
    place = {canonical_json(label): code for code, label in enumerate(labels)}
    return np.array([place.get(canonical_json(one), -1) for one in value], dtype=np.int64)


def _plain(fields: Mapping[str, Any]) -> dict[str, Json]:
    return cast("dict[str, Json]", dict(fields))
