"""The features of a panel: what each signal says of each option, on scales taken from the pool."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy import special

from labelwright.errors import InvalidValue
from labelwright.methods.aggregation.stacking import share_by_option

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

_EDGE = 1e-2
_LEAST = 1e-3
_LEAST_SPREAD = 1e-6
_PRIOR: Mapping[str, tuple[float, float]] = {
    "own": (1.0, 4.0),
    "share": (1.5, 0.25),
    "log share": (0.3, 1.0),
    "opinion": (0.2, 4.0),
    "confidence": (0.5, 1.0),
    "number": (0.0, 10.0),
    "voter": (0.0, 8.0),
    "option": (0.0, 8.0),
    "own option": (0.0, 8.0),
}
"""Mean and precision of each kind of weight. Half or twice those of votes and options hardly changed the log loss of 80
simulated juries. Those of opinions, confidences and numbers are set by judgement and were not varied."""


@dataclass(frozen=True, eq=False, slots=True)
class PanelSignals:
    """What is known of N items before any person labels them; nothing here has seen a person's label.

    votes: (N, M) option codes, −1 = none; the first column is the model whose label stands.
    confidences: by name, (N,) in [0, 1] of the first model in its own label, nan = unknown.
    opinions: by name, (N, K) probabilities of each option from elsewhere: a student of the models, similar items.
    numbers: by name, (N,) any size, nan = unknown: the log of the length.
    """

    votes: ArrayLike
    n_options: int
    confidences: Mapping[str, ArrayLike] = field(default_factory=dict[str, ArrayLike])
    opinions: Mapping[str, ArrayLike] = field(default_factory=dict[str, ArrayLike])
    numbers: Mapping[str, ArrayLike] = field(default_factory=dict[str, ArrayLike])

    def rows(self, keep: ArrayLike | slice) -> "PanelSignals":
        """Give what is known of some items: positions, a mask, or a slice."""
        chosen: Any = keep if isinstance(keep, slice) else np.asarray(keep)

        def of(columns: Mapping[str, ArrayLike]) -> dict[str, ArrayLike]:
            return {name: np.asarray(value)[chosen] for name, value in columns.items()}

        votes = np.asarray(self.votes, dtype=np.int64)[chosen]
        return PanelSignals(votes, self.n_options, of(self.confidences), of(self.opinions), of(self.numbers))


@dataclass(frozen=True, slots=True)
class Layout:
    """Which features there are.  scaling: kind and name of a signal -> centre and spread over the pool."""

    n_options: int
    n_voters: int
    confidences: tuple[str, ...]
    opinions: tuple[str, ...]
    numbers: tuple[str, ...]
    scaling: Mapping[str, tuple[float, float]]

    @property
    def kinds(self) -> list[str]:
        """Name the kind of each feature, in order."""
        others = self.n_voters - 1
        return [
            "own",
            *(["share", "log share"] if others else []),
            *["opinion"] * len(self.opinions),
            *["confidence"] * len(self.confidences),
            *["number"] * len(self.numbers),
            *["voter"] * others,
            *["option"] * self.n_options,
            *["own option"] * self.n_options,
        ]

    @property
    def prior(self) -> tuple[Floats, Floats]:
        """Mean and precision of each weight."""
        pairs = np.array([_PRIOR[kind] for kind in self.kinds], dtype=np.float64)
        return pairs[:, 0], pairs[:, 1]


def layout_of(signals: PanelSignals) -> Layout:
    """Decide on features and scales by the pool alone."""
    votes = np.asarray(signals.votes, dtype=np.int64)
    if votes.ndim != 2 or (votes.size and (votes.min() < -1 or votes.max() >= signals.n_options)):
        raise InvalidValue("votes", f"must be (N, M) with codes in −1..{signals.n_options - 1}")
    scaling: dict[str, tuple[float, float]] = {}
    for name, value in signals.confidences.items():
        scaling[f"confidence {name}"] = _scale(_logit(value))
    for name, value in signals.numbers.items():
        scaling[f"number {name}"] = _scale(np.asarray(value, dtype=np.float64))
    for name, value in signals.opinions.items():
        scaling[f"opinion {name}"] = (0.0, _scale(_log_opinion(value))[1])
    return Layout(
        n_options=signals.n_options,
        n_voters=votes.shape[1],
        confidences=tuple(signals.confidences),
        opinions=tuple(signals.opinions),
        numbers=tuple(signals.numbers),
        scaling=scaling,
    )


def design_of(signals: PanelSignals, layout: Layout) -> Floats:
    """(n, K, P) features of each option of each item."""
    votes = np.asarray(signals.votes, dtype=np.int64)
    n, k = len(votes), layout.n_options
    voted = np.zeros((layout.n_voters, n, k))
    voter, row = np.nonzero(votes.T >= 0)
    voted[voter, row, votes[row, voter]] = 1.0
    own = voted[0]
    columns = [own]
    if layout.n_voters > 1:
        others = votes[:, 1:]
        share, n_votes = share_by_option(others, k), (others >= 0).sum(axis=1, keepdims=True)
        columns += [share, np.log((share * n_votes + 0.5) / (n_votes + 0.5 * k))]
    unknown = np.full(n, np.nan)
    for name in layout.opinions:
        value = signals.opinions.get(name)
        log_p = np.zeros((n, k)) if value is None else _log_opinion(value)
        columns.append(np.nan_to_num(log_p / layout.scaling[f"opinion {name}"][1]))
    for name in layout.confidences:
        centre, spread = layout.scaling[f"confidence {name}"]
        columns.append(own * np.nan_to_num((_logit(signals.confidences.get(name, unknown)) - centre) / spread)[:, None])
    for name in layout.numbers:
        centre, spread = layout.scaling[f"number {name}"]
        value = np.asarray(signals.numbers.get(name, unknown), dtype=np.float64)
        columns.append(own * np.nan_to_num((value - centre) / spread)[:, None])
    columns += list(voted[1:])
    eye = np.broadcast_to(np.eye(k)[None], (n, k, k))
    return np.concatenate([np.stack(columns, axis=2), eye, eye * own[:, :, None]], axis=2)


def _logit(confidence: ArrayLike) -> Floats:
    p = np.asarray(confidence, dtype=np.float64)
    if np.any((p < 0) | (p > 1)):
        raise InvalidValue("confidences", "lie in [0, 1]; divide percentages by 100")
    return special.logit(np.clip(p, _EDGE, 1 - _EDGE))


def _log_opinion(probability: ArrayLike) -> Floats:
    log_p = np.log(np.clip(np.asarray(probability, dtype=np.float64), _LEAST, 1.0))
    return log_p - log_p.mean(axis=1, keepdims=True)


def _scale(value: Floats) -> tuple[float, float]:
    known = value[np.isfinite(value)]
    if not known.size:
        return 0.0, 1.0
    spread = float(known.std())
    # What never varies says nothing; dividing by its rounding error would make it shout.
    return float(known.mean()), spread if spread > _LEAST_SPREAD else 1.0
