"""A jury of models, combined by what people said about a random sample: never by counting votes as independent."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal, cast

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy import special

from labelwright.errors import InvalidValue
from labelwright.methods.aggregation.jury_calibration import NEUTRAL, JuryCalibration, calibrated, fit_jury_calibration
from labelwright.methods.aggregation.multinomial import MultinomialWeights, fit_multinomial, multinomial_scores

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

FEWEST_LABELS = 50
"""With fewer labels the most accurate single voter is taken."""
INVERSE_PENALTY = 0.3
"""C of the weights that all classes share."""
BY_CLASS_INVERSE_PENALTY = 0.1
"""C of the one-hot votes. In simulated juries with common errors, shared weights and temperature took the calibration
error at 200 labels from .26 to .02 with twenty classes and from .03 to .02 with two, against one-hot votes alone at
C = .3, and gave 3 points more accuracy at twenty. Over sixteen further ones .1 had the best log loss of .01, .03, .1
and .3.
"""
_OFFSET_PENALTY = 0.1
_VERSIONS = (1, 2)
_EDGE = 1e-3
_LEAST_SPREAD = 0.05


@dataclass(frozen=True, eq=False, slots=True)
class Jury:
    """What each voter's vote is worth, learned from people's labels; `predict` gives posteriors over `options`.

    method: `stacked`, or `best voter` where there were too few labels, or all of one option.
    signals: names of the confidences that came with the votes.  centre, spread: (M, S) of their logits.
    calibration: what cross-fitting made of the scores.
    best: the voter most often right, by its smoothed accuracy `best_accuracy`.
    """

    options: tuple[str, ...]
    voters: tuple[str, ...]
    signals: tuple[str, ...]
    method: Literal["stacked", "best voter"]
    n_labels: int
    best: int
    best_accuracy: float
    calibration: JuryCalibration
    centre: Floats
    spread: Floats
    weights: MultinomialWeights

    def predict(self, votes_NM: ArrayLike, signals_NMS: ArrayLike | None = None) -> Floats:
        """(N, K) posteriors; a row is nan where no voter gave a valid vote.

        votes_NM: option codes in the order of `voters`, −1 = none.  signals_NMS: confidences in [0, 1] in the order of
        `signals`, nan = unknown; None = none is known.
        """
        votes = np.asarray(votes_NM, dtype=np.int64)
        signals = _signals(signals_NMS, votes, len(self.signals))
        if votes.ndim != 2 or votes.shape[1] != len(self.voters):
            raise InvalidValue(
                "votes", f"must be (N, {len(self.voters)}), one column per voter {self.voters}, got {votes.shape}"
            )
        _check_codes(votes, len(self.options))
        if self.method == "best voter":
            return _of_best(votes, self.best, self.best_accuracy, len(self.options))
        posterior = calibrated(
            self.calibration, self._scores(votes, signals), share_by_option(votes, len(self.options))
        )
        posterior[~np.any(votes >= 0, axis=1)] = np.nan
        return posterior

    def _scores(self, votes: Ints, signals: Floats) -> Floats:
        # What `multinomial_scores` gives for `_design`, without a feature for each vote there could have been.
        n_voters, n_options = len(self.voters), len(self.options)
        by_vote = self.weights.by_class.reshape(n_voters, n_options + 1, n_options).copy()
        shared = self.weights.shared.reshape(1 + len(self.signals), n_voters)
        by_vote[:, np.arange(n_options), np.arange(n_options)] += shared[0][:, None]
        by_signal = np.einsum("nms,sm->nm", _scaled(signals, self.centre, self.spread), shared[1:])
        score = np.tile(self.weights.offset, (len(votes), 1))
        for voter in range(n_voters):
            score += by_vote[voter, votes[:, voter]]  # −1, no vote, is the last row
            voted = np.flatnonzero(votes[:, voter] >= 0)
            score[voted, votes[voted, voter]] += by_signal[voted, voter]
        return score

    def to_json(self) -> dict[str, Any]:
        """Plain JSON: names, scaling and weights."""
        return {
            "kind": "jury",
            "version": 2,
            "options": list(self.options),
            "voters": list(self.voters),
            "signals": list(self.signals),
            "method": self.method,
            "n_labels": self.n_labels,
            "best": self.best,
            "best_accuracy": self.best_accuracy,
            "temperature": self.calibration.temperature,
            "agreement": self.calibration.agreement,
            "slope": self.calibration.slope,
            "intercept": self.calibration.intercept,
            "centre": self.centre.tolist(),
            "spread": self.spread.tolist(),
            "by_class": self.weights.by_class.tolist(),
            "offset": self.weights.offset.tolist(),
            "shared": self.weights.shared.tolist(),
        }

    @classmethod
    def from_json(cls, stored: Mapping[str, Any]) -> "Jury":
        """Read what `to_json` wrote, also in version 1, which knew the temperature only.

        Raises: InvalidValue, when it is something else or of a later version.
        """
        if stored.get("kind") != "jury" or stored.get("version") not in _VERSIONS:
            raise InvalidValue("", f"is no jury of version 1 or 2: {stored.get('kind')!r}, {stored.get('version')!r}")
        n_voters, n_signals, n_options = (len(stored[name]) for name in ("voters", "signals", "options"))

        def array(name: str, *shape: int) -> Floats:
            return np.asarray(stored[name], dtype=np.float64).reshape(shape)

        return cls(
            options=tuple(cast("list[str]", stored["options"])),
            voters=tuple(cast("list[str]", stored["voters"])),
            signals=tuple(cast("list[str]", stored["signals"])),
            method=stored["method"],
            n_labels=int(stored["n_labels"]),
            best=int(stored["best"]),
            best_accuracy=float(stored["best_accuracy"]),
            calibration=JuryCalibration(
                temperature=float(stored["temperature"]),
                agreement=float(stored.get("agreement", NEUTRAL.agreement)),
                slope=float(stored.get("slope", NEUTRAL.slope)),
                intercept=float(stored.get("intercept", NEUTRAL.intercept)),
            ),
            centre=array("centre", n_voters, n_signals),
            spread=array("spread", n_voters, n_signals),
            weights=MultinomialWeights(
                array("by_class", -1, n_options), array("offset", n_options), array("shared", -1)
            ),
        )


@dataclass(frozen=True, eq=False, slots=True)
class JuryFit:
    """jury: fitted on all labels.  cross_fitted: (N, K) posteriors of the labelled items, each by folds without it."""

    jury: Jury
    cross_fitted: Floats


def fit_jury(
    votes_NM: ArrayLike,
    truth: ArrayLike,
    *,
    options: Sequence[str],
    voters: Sequence[str],
    rng: np.random.Generator,
    signals_NMS: ArrayLike | None = None,
    signals: Sequence[str] = (),
    n_folds: int = 5,
    inverse_penalty: float = INVERSE_PENALTY,
    by_class_inverse_penalty: float = BY_CLASS_INVERSE_PENALTY,
) -> JuryFit:
    """Learn from people's labels of a random sample how to weigh the voters' votes and confidences.

    Multinomial logistic regression with L2 penalty on the one-hot votes, and on "this voter voted for this class" with
    one weight for all classes, so that twenty classes with ten labels each, and classes nobody saw, are served.
    Cross-fitted scores then say how sure it may be: see `fit_jury_calibration`.

    votes_NM: (N, M) option codes of the labelled items, −1 = no valid vote.  truth: (N,) the people's option codes.
    signals_NMS: (N, M, S) confidences in [0, 1] that came with the votes, nan = unknown.
    For several yes/no units (multi-label), fit each unit with options ("no", "yes").
    These labels must never be used to certify a threshold on the jury's confidence (A4P, 4).
    Source: Wolpert (1992), Neural Networks 5, stacked generalisation.
    """
    votes = np.asarray(votes_NM, dtype=np.int64)
    true = np.asarray(truth, dtype=np.int64)
    if votes.ndim != 2 or votes.shape != (len(true), len(voters)) or len(signals) != len(set(signals)):
        raise InvalidValue(
            "votes", f"must be (N, M) for {len(true)} labels and {len(voters)} voters, got {votes.shape}"
        )
    n_options = len(options)
    _check_codes(votes, n_options)
    if not len(true) or true.min() < 0 or true.max() >= n_options:
        raise InvalidValue("truth", f"must hold at least one label, each a code in 0..{n_options - 1}")
    known = _signals(signals_NMS, votes, len(signals))
    centre, spread = _scaling(known, votes)
    best, best_accuracy = best_voter(votes, true)
    is_stacked = len(true) >= FEWEST_LABELS and len(np.unique(true)) > 1
    features, shared = _design(votes, known, centre, spread, n_options)
    # With two options the two columns mirror each other: half of C is what the binary form calls C.
    by_class = by_class_inverse_penalty / 2 if n_options == 2 else by_class_inverse_penalty
    # One penalty for all: a feature that is stretched is penalised less.
    stretch = (inverse_penalty / by_class) ** 0.5

    def fit(rows: Ints | slice) -> MultinomialWeights:
        found = fit_multinomial(
            features[rows],
            true[rows],
            n_classes=n_options,
            inverse_penalty=by_class,
            shared_NJK=stretch * shared[rows],
            offset_penalty=_OFFSET_PENALTY,
            tolerance=1e-4,
        )
        return MultinomialWeights(found.by_class, found.offset, stretch * found.shared)

    empty = MultinomialWeights(np.zeros((0, n_options)), np.zeros(n_options), np.zeros(0))
    if is_stacked:
        fold = folds_of(true, n_folds, rng=rng)
        score = np.empty((len(true), n_options))
        for number in range(n_folds):
            out = fold == number
            score[out] = multinomial_scores(fit(np.flatnonzero(~out)), features[out], shared[out])
        share = share_by_option(votes, n_options)
        calibration = fit_jury_calibration(score, share, true)
        weights, cross_fitted = fit(slice(None)), calibrated(calibration, score, share)
    else:
        calibration, weights = NEUTRAL, empty
        cross_fitted = _of_best(votes, best, best_accuracy, n_options)
    jury = Jury(
        options=tuple(options),
        voters=tuple(voters),
        signals=tuple(signals),
        method="stacked" if is_stacked else "best voter",
        n_labels=len(true),
        best=best,
        best_accuracy=best_accuracy,
        calibration=calibration,
        centre=centre,
        spread=spread,
        weights=weights,
    )
    return JuryFit(jury, cross_fitted)


def best_voter(votes_NM: Ints, truth: Ints) -> tuple[int, float]:
    """Give the voter most often right, and its accuracy (hits + 1)/(n + 2); no valid vote is not right."""
    hits = (votes_NM == truth[:, None]).sum(axis=0)
    best = int(np.argmax(hits))
    return best, float((hits[best] + 1) / (len(truth) + 2))


def folds_of(target: Ints, n_folds: int, *, rng: np.random.Generator) -> Ints:
    """Deal items into folds at random, each class evenly: (N,) fold numbers."""
    shuffled = rng.permutation(len(target))
    order = shuffled[np.argsort(target[shuffled], kind="stable")]
    fold = np.empty(len(target), dtype=np.int64)
    fold[order] = np.arange(len(target)) % n_folds
    return fold


def share_by_option(votes_NM: Ints, n_options: int) -> Floats:
    """(N, K) share of a row's valid votes that each option got; zeros where there is none."""
    n = len(votes_NM)
    row, voter = np.nonzero(votes_NM >= 0)
    count = np.bincount(row * n_options + votes_NM[row, voter], minlength=n * n_options).reshape(n, n_options)
    return count / np.maximum(count.sum(axis=1, keepdims=True), 1)


def _design(votes: Ints, signals: Floats, centre: Floats, spread: Floats, n_options: int) -> tuple[Floats, Floats]:
    n, n_voters = votes.shape
    one_hot = np.zeros((n, n_voters, n_options + 1))
    # The last column is "no valid vote", which may say something too.
    np.put_along_axis(one_hot, np.where(votes >= 0, votes, n_options)[:, :, None], 1.0, axis=2)
    voted = one_hot[:, :, :n_options]
    scaled = _scaled(signals, centre, spread)
    by_signal = [voted * scaled[:, :, s, None] for s in range(signals.shape[2])]
    return one_hot.reshape(n, -1), np.concatenate([voted, *by_signal], axis=1)


def _scaling(signals: Floats, votes: Ints) -> tuple[Floats, Floats]:
    known = ~np.isnan(signals) & (votes >= 0)[:, :, None]
    logit = np.where(known, _logit(np.where(known, signals, 0.5)), 0.0)
    count = np.maximum(known.sum(axis=0), 1)
    centre = logit.sum(axis=0) / count
    variance = np.where(known, (logit - centre) ** 2, 0.0).sum(axis=0) / count
    return centre, np.maximum(np.sqrt(variance), _LEAST_SPREAD)


def _scaled(signals: Floats, centre: Floats, spread: Floats) -> Floats:
    return np.nan_to_num((_logit(signals) - centre) / spread, nan=0.0)


def _logit(probability: Floats) -> Floats:
    return special.logit(np.clip(probability, _EDGE, 1 - _EDGE))


def _of_best(votes: Ints, best: int, accuracy: float, n_options: int) -> Floats:
    chosen = votes[:, best]
    rest = (1 - accuracy) / max(n_options - 1, 1)
    posterior = np.full((len(votes), n_options), rest)
    rows = np.flatnonzero(chosen >= 0)
    posterior[rows, chosen[rows]] = accuracy
    posterior[chosen < 0] = np.nan
    return posterior


def _signals(signals_NMS: ArrayLike | None, votes: Ints, n_signals: int) -> Floats:
    if signals_NMS is None:
        return np.full((*votes.shape, n_signals), np.nan)
    signals = np.asarray(signals_NMS, dtype=np.float64)
    if signals.shape != (*votes.shape, n_signals):
        raise InvalidValue("signals", f"must be {(*votes.shape, n_signals)}, got {signals.shape}")
    if np.any((signals < 0) | (signals > 1)):
        raise InvalidValue("signals", "confidences lie in [0, 1]; divide percentages by 100")
    return signals


def _check_codes(votes: Ints, n_options: int) -> None:
    if votes.size and (votes.min() < -1 or votes.max() >= n_options):
        raise InvalidValue("votes", f"codes lie in −1..{n_options - 1}, got {votes.min()}..{votes.max()}")
