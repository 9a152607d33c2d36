"""How good a variant's answers are, and which of two is right more often: figures alone, nothing is asked."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations
from math import isnan

import numpy as np
from numpy.typing import NDArray

from labelwright.domain.canonical import Json
from labelwright.methods.calibration import (
    auroc,
    brier_score,
    calibration_error_null,
    expected_calibration_error,
    reliability,
)
from labelwright.methods.comparison import class_scores, holm, paired_difference
from labelwright.methods.estimation import wilson_interval
from labelwright.services.comparing.evaluate_run import Said
from labelwright.tasks.protocol import Ballots, Task

_SEED = 17
_NONE = -1
_SHOWN = 0.05


@dataclass(frozen=True, slots=True)
class OneClass:
    """One class: precision, recall and F1; None where it neither occurs nor is given."""

    name: str
    support: int
    precision: float | None
    recall: float | None
    f1: float | None


@dataclass(frozen=True, slots=True)
class Calibration:
    """How far the confidence can be believed. n: answers that have one.  null_*: `ece` of a score that is perfect."""

    signal: str
    n: int
    ece: float
    null_mean: float
    null_upper: float
    brier: float
    auroc: float | None
    auroc_low: float | None
    auroc_high: float | None
    bins: tuple[dict[str, float], ...]

    @property
    def is_in_band(self) -> bool:
        """Whether the error found is no evidence against the confidence."""
        return self.ece <= self.null_upper


@dataclass(frozen=True, slots=True)
class Scores:
    """One variant on one question. Right = within the task's tolerance of the gold; no valid answer is wrong.

    invalid: share without a valid answer.  distance: mean of the task's own (1 where there is no answer).
    classes: empty where the type has none; `classes_are` says what they are.
    """

    question: str
    n: int
    n_right: int
    accuracy: float
    low: float
    high: float
    invalid: float
    distance: float
    macro_f1: float | None
    classes_are: str
    classes: tuple[OneClass, ...]
    calibration: Calibration | None


@dataclass(frozen=True, slots=True)
class Comparison:
    """Two variants on the same items. difference: share of items on which `first` is right and `second` is not, net.

    p_value: exact McNemar.  p_corrected: Holm's, over all pairs that might have been reported.
    """

    question: str
    first: str
    second: str
    n: int
    difference: float
    low: float
    high: float
    only_first: int
    only_second: int
    p_value: float
    p_corrected: float
    n_pairs: int

    @property
    def sentence(self) -> str:
        """Say it.

        >>> Comparison("label", "a", "b", 100, 0.031, 0.004, 0.058, 5, 2, 0.01, 0.02, 2).sentence
        'a is right on 3.1 points more than b [0.4, 5.8], p = .02'
        """
        points = f"[{100 * self.low:.1f}, {100 * self.high:.1f}], {_p(self.p_corrected)}"
        if not self.only_first and not self.only_second:
            return f"{self.first} and {self.second} are right on the same items"
        more = f"{self.first} is right on {100 * self.difference:.1f} points more than {self.second} {points}"
        return more if self.p_corrected < _SHOWN else f"{more}: no difference is shown"


def score(
    task: Task[object], question: str, gold: Mapping[int, Json], said: Mapping[int, Mapping[str, Said]], *, seed: int
) -> tuple[Scores, NDArray[np.bool_]]:
    """Score a variant on one question. Gives also (n,) whether it is right, in the gold's order."""
    answers = [said.get(key, {}).get(question) for key in gold]
    truth = [task.parse(value) for value in gold.values()]
    given = [None if one is None else task.parse(one.value) for one in answers]
    distance = np.array(
        [1.0 if label is None else task.distance(label, right) for label, right in zip(given, truth, strict=True)]
    )
    is_valid = np.array([label is not None for label in given], dtype=np.bool_)
    is_right = is_valid & (distance <= task.tolerance)
    n, n_right = len(truth), int(np.count_nonzero(is_right))
    low, high = wilson_interval(n_right, n)
    classes_are, classes, macro = _classes(task, truth, given)
    found = Scores(
        question=question,
        n=n,
        n_right=n_right,
        accuracy=n_right / n,
        low=float(low),
        high=float(high),
        invalid=1 - float(np.mean(is_valid)),
        distance=float(np.mean(distance)),
        macro_f1=macro,
        classes_are=classes_are,
        classes=classes,
        calibration=_calibration(answers, is_right, seed),
    )
    return found, is_right


def _calibration(answers: Sequence[Said | None], is_right: NDArray[np.bool_], seed: int) -> Calibration | None:
    stated = np.array([np.nan if one is None or one.confidence is None else one.confidence for one in answers])
    known = ~np.isnan(stated)
    if not known.any():
        return None
    p, right = stated[known], is_right[known]
    rng = np.random.default_rng([seed, _SEED])
    band = calibration_error_null(p, rng=rng)
    ranks = auroc(p, right)
    bins = tuple(
        {
            "n": b.n,
            "confidence": b.confidence,
            "accuracy": b.accuracy,
            "low": b.low,
            "high": b.high,
            "null_low": b.null_low,
            "null_high": b.null_high,
        }
        for b in reliability(p, right, rng=rng)
    )
    signal = next(one.signal for one in answers if one is not None and one.confidence is not None)
    return Calibration(
        signal=signal or "confidence",
        n=int(np.count_nonzero(known)),
        ece=expected_calibration_error(p, right),
        null_mean=band.mean,
        null_upper=band.upper,
        brier=brier_score(p, right),
        auroc=_known(ranks.value),
        auroc_low=_known(ranks.low),
        auroc_high=_known(ranks.high),
        bins=bins,
    )


def _classes(
    task: Task[object], truth: Sequence[object], given: Sequence[object | None]
) -> tuple[str, tuple[OneClass, ...], float | None]:
    """Score class by class: the options of a question with one answer, the labels of one with several."""
    ballots = [task.decompose([value]) for value in truth]
    first = ballots[0]
    if any(b.option_space != "shared" or b.n_units != first.n_units for b in ballots):
        return "", (), None
    right = _options(ballots)
    unread = Ballots([], [], [], first.n_units, first.n_options)
    label = _options([unread if value is None else task.decompose([value]) for value in given])
    if first.n_units == 1:
        scores = class_scores(right[:, 0], label[:, 0], n_classes=first.n_options)
        names = [_name(task, first, {0: option}) for option in range(first.n_options)]
        rows = [
            (name, int(scores.support[at]), scores.precision[at], scores.recall[at], scores.f1[at])
            for at, name in enumerate(names)
        ]
        return "options", tuple(_class(*row) for row in rows), _known(scores.macro_f1)
    if first.n_options == 2:
        found: list[OneClass] = []
        for unit in range(first.n_units):
            scores = class_scores(right[:, unit], label[:, unit], n_classes=2)
            name = _name(task, first, {unit: 1})
            found.append(_class(name, int(scores.support[1]), scores.precision[1], scores.recall[1], scores.f1[1]))
        known = [one.f1 for one in found if one.f1 is not None]
        return "labels", tuple(found), float(np.mean(known)) if known else None
    return "", (), None


def _options(ballots: Sequence[Ballots]) -> NDArray[np.int64]:
    """Give (n, units) option codes; −1 = none."""
    found = np.full((len(ballots), ballots[0].n_units), _NONE, dtype=np.int64)
    for row, ballot in enumerate(ballots):
        found[row, list(ballot.unit)] = list(ballot.option)
    return found


def _name(task: Task[object], ballots: Ballots, chosen: Mapping[int, int]) -> str:
    """Name an option by the answer that consists of it."""
    posterior = [np.zeros(ballots.n_options) for _ in range(ballots.n_units)]
    for unit, weights in enumerate(posterior):
        weights[chosen.get(unit, 0)] = 1.0
    value = task.dump(task.compose(posterior, ballots))
    return ", ".join(str(part) for part in value) if isinstance(value, list) else str(value)


def _class(name: str, support: int, precision: float, recall: float, f1: float) -> OneClass:
    return OneClass(name, support, _known(precision), _known(recall), _known(f1))


def compare(
    question: str, right: Mapping[str, NDArray[np.bool_]], *, baseline: str | None, best: str
) -> tuple[Comparison, ...]:
    """Compare each variant with the baseline, or with the best where none was named beforehand.

    Whoever is the best is known only afterwards, so that the correction is then over all pairs.
    """
    names = list(right)
    anchor = best if baseline is None else baseline
    pairs = [pair for pair in combinations(names, 2) if baseline is None or baseline in pair]
    if not pairs:
        return ()
    tested = [paired_difference(right[one], right[other]) for one, other in pairs]
    corrected = holm([test.p_value for test in tested])
    found: list[Comparison] = []
    for (one, other), p_corrected in zip(pairs, corrected, strict=True):
        if anchor not in (one, other):
            continue
        first, second = sorted((one, other), key=lambda name: name != anchor)
        if np.count_nonzero(right[second]) > np.count_nonzero(right[first]):
            first, second = second, first
        test = paired_difference(right[first], right[second])
        found.append(
            Comparison(
                question=question,
                first=first,
                second=second,
                n=test.n,
                difference=test.difference,
                low=test.low,
                high=test.high,
                only_first=test.only_first,
                only_second=test.only_second,
                p_value=test.p_value,
                p_corrected=float(p_corrected),
                n_pairs=len(pairs),
            )
        )
    return tuple(found)


def _known(value: float) -> float | None:
    return None if isnan(value) else float(value)


def _p(value: float) -> str:
    """Write a p-value.

    >>> _p(0.02), _p(0.0004), _p(0.0042), _p(0.9999)
    ('p = .02', 'p < .001', 'p = .004', 'p = 1')
    """
    if value < 0.001:
        return "p < .001"
    written = f"{value:.3f}" if value < 0.01 else f"{value:.2f}"
    return f"p = {written[1:]}" if written.startswith("0") else "p = 1"
