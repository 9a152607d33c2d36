"""P(correct) from all signals at once, learned from people's labels."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, cast

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy import special

from labelwright.errors import InvalidValue
from labelwright.methods.calibration.logit_map import fit_logistic

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

FEWEST_LABELS = 50
"""With fewer labels, or fewer than five on either side, P(correct) is the share of right ones, for all alike."""
PENALTY = 10.0
"""On simulated tasks 10 had the best log loss and calibration among .3, 1, 3, 10, 30 at 50, 100, 200 and 300 labels."""
_FEWEST_OF_A_KIND = 5
_EDGE = 1e-2
_FEWEST_OF_A_LABEL = 10
_LEAST_SPREAD = 1e-6


@dataclass(frozen=True, eq=False, slots=True)
class Signals:
    """What is known of N predictions before anybody labels them.

    confidences: by name, (N,) in [0, 1], nan = unknown: they enter as logits, pulled in to [.01, .99].
    numbers: by name, (N,) any size, nan = unknown: agreement margin, log length.
    label: (N,) predicted option codes, −1 = none; None = leave the label out.  n_options: how many there are.
    """

    confidences: Mapping[str, ArrayLike]
    numbers: Mapping[str, ArrayLike] = field(default_factory=dict[str, ArrayLike])
    label: ArrayLike | None = None
    n_options: int = 0

    def rows(self, keep: ArrayLike) -> "Signals":
        """Give the signals of some predictions: positions, or a mask."""
        chosen = np.asarray(keep)
        return Signals(
            {name: np.asarray(value)[chosen] for name, value in self.confidences.items()},
            {name: np.asarray(value)[chosen] for name, value in self.numbers.items()},
            None if self.label is None else np.asarray(self.label)[chosen],
            self.n_options,
        )


@dataclass(frozen=True, slots=True)
class MetaCalibrator:
    """P(correct) = σ(c + Σ weight·(feature − centre)/spread); a feature that is unknown counts as its centre.

    For ordering and display; to certify on it, test with other labels than it was fitted on (A4P, 4).
    confidences, numbers: the signals it reads.  missing: those that were unknown at times, with a feature that says so.
    labels: option codes with a feature of their own.
    """

    confidences: tuple[str, ...]
    numbers: tuple[str, ...]
    missing: tuple[str, ...]
    labels: tuple[int, ...]
    centre: tuple[float, ...]
    spread: tuple[float, ...]
    weights: tuple[float, ...]
    intercept: float
    n_labels: int

    def predict(self, signals: Signals) -> Floats:
        """(N,) P(correct); nan where the prediction has no valid label (−1).

        A signal that was learned from and is now absent counts as unknown; others are ignored.
        """
        features = _scaled(_raw(signals, self), np.array(self.centre), np.array(self.spread))
        p = special.expit(features @ np.array(self.weights) + self.intercept)
        if signals.label is None:
            return p
        return np.where(np.asarray(signals.label) >= 0, p, np.nan)

    def to_json(self) -> dict[str, Any]:
        """Plain JSON: names, scaling and weights."""
        return {
            "kind": "meta_calibrator",
            "version": 1,
            "confidences": list(self.confidences),
            "numbers": list(self.numbers),
            "missing": list(self.missing),
            "labels": list(self.labels),
            "centre": list(self.centre),
            "spread": list(self.spread),
            "weights": list(self.weights),
            "intercept": self.intercept,
            "n_labels": self.n_labels,
        }

    @classmethod
    def from_json(cls, stored: Mapping[str, Any]) -> "MetaCalibrator":
        """Read what `to_json` wrote.  Raises: InvalidValue, when it is something else or of a later version."""
        if stored.get("kind") != "meta_calibrator" or stored.get("version") != 1:
            raise InvalidValue(
                "", f"is no meta-calibrator of version 1: {stored.get('kind')!r}, {stored.get('version')!r}"
            )

        def texts(name: str) -> tuple[str, ...]:
            return tuple(cast("list[str]", stored[name]))

        def floats(name: str) -> tuple[float, ...]:
            return tuple(float(value) for value in cast("list[float]", stored[name]))

        return cls(
            confidences=texts("confidences"),
            numbers=texts("numbers"),
            missing=texts("missing"),
            labels=tuple(int(code) for code in cast("list[int]", stored["labels"])),
            centre=floats("centre"),
            spread=floats("spread"),
            weights=floats("weights"),
            intercept=float(stored["intercept"]),
            n_labels=int(stored["n_labels"]),
        )


@dataclass(frozen=True, eq=False, slots=True)
class MetaFit:
    """calibrator: fitted on all labels.  cross_fitted: (N,) P(correct) of the labelled items by folds without them."""

    calibrator: MetaCalibrator
    cross_fitted: Floats


def fit_meta_calibrator(
    signals: Signals,
    correct: ArrayLike,
    *,
    rng: np.random.Generator,
    n_folds: int = 5,
    penalty: float = PENALTY,
) -> MetaFit:
    """Learn from a random sample's human labels how the signals together foretell a right prediction.

    Logistic regression with penalty·‖w‖²/2 on standardised features, intercept free: the logit of each confidence, the
    numbers, an indicator for each signal that is unknown at times, and one for each label predicted at least ten times.
    A monotone map of one confidence cannot change its ranking; several signals together can.

    signals: of the labelled items.  correct: (N,) bool, the prediction equals the people's label.  Predictions without
    a valid label (−1) are left out.
    Source: Platt (1999) and Wolpert (1992) for cross-fitting; ranking limits as in Geifman & El-Yaniv (2017), NeurIPS.
    """
    right = np.asarray(correct, dtype=np.bool_)
    if _length(signals) != len(right):
        raise InvalidValue("correct", f"has {len(right)} entries for {_length(signals)} predictions")
    usable = np.ones(len(right), dtype=np.bool_) if signals.label is None else np.asarray(signals.label) >= 0
    known, target = signals.rows(usable), right[usable]
    empty = _layout(known)
    raw = _raw(known, empty)

    def fit(rows: Ints) -> MetaCalibrator:
        return _fit(raw[rows], target[rows], empty, penalty)

    everything = np.arange(len(target))
    cross_fitted = np.full(len(right), np.nan)
    if len(target):
        inside = np.empty(len(target))
        fold = _folds(target, n_folds, rng)
        for number in np.unique(fold):
            out = fold == number
            inside[out] = fit(np.flatnonzero(~out)).predict(known.rows(out))
        cross_fitted[usable] = inside
    return MetaFit(fit(everything), cross_fitted)


def _fit(raw: Floats, right: NDArray[np.bool_], layout: MetaCalibrator, penalty: float) -> MetaCalibrator:
    known = ~np.isnan(raw)
    count = np.maximum(known.sum(axis=0), 1)
    centre = np.where(known, raw, 0.0).sum(axis=0) / count
    spread = np.sqrt(np.where(known, (raw - centre) ** 2, 0.0).sum(axis=0) / count)
    # What never varies says nothing; dividing by its rounding error would make it shout.
    spread = np.where(spread > _LEAST_SPREAD, spread, np.inf)
    n_right = int(np.count_nonzero(right))
    weights = np.zeros(len(centre))
    share = (n_right + 1) / (len(right) + 2)
    intercept = float(np.log(share) - np.log1p(-share))
    if len(right) >= FEWEST_LABELS and min(n_right, len(right) - n_right) >= _FEWEST_OF_A_KIND:
        features = np.column_stack([_scaled(raw, centre, spread), np.ones(len(raw))])
        found = fit_logistic(
            features,
            right.astype(np.float64),
            penalty=np.append(np.full(len(centre), penalty), 0.0),
            prior=np.zeros(len(centre) + 1),
        )
        weights, intercept = found[:-1], float(found[-1])
    finite = np.isfinite(spread)
    return MetaCalibrator(
        confidences=layout.confidences,
        numbers=layout.numbers,
        missing=layout.missing,
        labels=layout.labels,
        centre=tuple(centre.tolist()),
        spread=tuple(np.where(finite, spread, 1.0).tolist()),
        weights=tuple(np.where(finite, weights, 0.0).tolist()),
        intercept=intercept,
        n_labels=len(right),
    )


def _layout(signals: Signals) -> MetaCalibrator:
    """Decide, without looking at the people's labels, which features there are."""
    named = {**signals.confidences, **signals.numbers}
    absent = {name: np.isnan(np.asarray(value, dtype=np.float64)) for name, value in named.items()}
    label = np.zeros(0, dtype=np.int64) if signals.label is None else np.asarray(signals.label, dtype=np.int64)
    counts = np.bincount(label, minlength=signals.n_options) if label.size else np.zeros(0, dtype=np.int64)
    frequent = [int(code) for code in np.flatnonzero(counts >= _FEWEST_OF_A_LABEL)]
    return MetaCalibrator(
        confidences=tuple(signals.confidences),
        numbers=tuple(signals.numbers),
        missing=tuple(name for name, gone in absent.items() if gone.any() and not gone.all()),
        labels=tuple(frequent) if len(frequent) > 1 else (),
        centre=(),
        spread=(),
        weights=(),
        intercept=0.0,
        n_labels=0,
    )


def _raw(signals: Signals, layout: MetaCalibrator) -> Floats:
    """(N, D) features before scaling, nan = unknown."""
    n = _length(signals)
    unknown = np.full(n, np.nan)
    columns: list[Floats] = []
    for name in layout.confidences:
        p = np.asarray(signals.confidences.get(name, unknown), dtype=np.float64)
        if np.any((p < 0) | (p > 1)):
            raise InvalidValue(f"confidences.{name}", "lies in [0, 1]; divide percentages by 100")
        columns.append(special.logit(np.clip(p, _EDGE, 1 - _EDGE)))
    columns += [np.asarray(signals.numbers.get(name, unknown), dtype=np.float64) for name in layout.numbers]
    named = {**signals.confidences, **signals.numbers}
    for name in layout.missing:
        columns.append(np.isnan(np.asarray(named.get(name, unknown), dtype=np.float64)).astype(np.float64))
    label = np.full(n, -1) if signals.label is None else np.asarray(signals.label, dtype=np.int64)
    columns += [(label == code).astype(np.float64) for code in layout.labels]
    return np.column_stack(columns) if columns else np.zeros((n, 0))


def _length(signals: Signals) -> int:
    named: Sequence[ArrayLike] = [*signals.confidences.values(), *signals.numbers.values()]
    if signals.label is not None:
        named = [*named, signals.label]
    sizes = {len(np.asarray(value)) for value in named}
    if len(sizes) != 1:
        raise InvalidValue("signals", f"must name at least one signal, all of one length; got lengths {sorted(sizes)}")
    return sizes.pop()


def _scaled(raw: Floats, centre: Floats, spread: Floats) -> Floats:
    return np.nan_to_num((raw - centre) / spread, nan=0.0)


def _folds(right: NDArray[np.bool_], n_folds: int, rng: np.random.Generator) -> Ints:
    """Deal at random into folds, right and wrong ones evenly."""
    shuffled = rng.permutation(len(right))
    order = shuffled[np.argsort(right[shuffled], kind="stable")]
    fold = np.empty(len(right), dtype=np.int64)
    fold[order] = np.arange(len(right)) % n_folds
    return fold
