"""The features of a panel: what each signal says of each option, on scales taken from the pool."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy import special

from labelwright.errors import InvalidValue
from labelwright.methods.confidence.share_of_votes import share_by_option

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

_EDGE = 1e-2
_LEAST = 1e-3
_LEAST_SPREAD = 1e-6
_PRIOR: Mapping[str, tuple[float, float]] = {
    "own": (1.0, 4.0),
    "share": (1.5, 0.25),
    "log share": (0.3, 1.0),
    "opinion": (0.1, 10.0),
    "confidence": (0.5, 1.0),
    "number": (0.0, 10.0),
    "voter": (0.0, 8.0),
    "option": (0.0, 8.0),
    "own option": (0.0, 8.0),
    "other confidence": (0.0, 40.0),
    "other confidences": (0.5, 1.0),
    "share option": (0.0, 8.0),
    "vote option": (0.0, 20.0),
}
"""Mean and precision of each kind of weight. Half or twice those of votes and options hardly changed the log loss of 80
simulated juries, nor those of votes for options that of 24 recorded sets. The means are set by judgement."""
BY_OPTION = ("share option", "vote option")
"""Kinds of weight that every option has of its own."""
_MOST_SEEN = 400
"""Of the kinds (model, its vote, people's label) that the labels show, so many of the most frequent get a weight."""


@dataclass(frozen=True, eq=False, slots=True)
class PanelSignals:
    """What is known of N items when their labels are weighed; nothing here has seen a person's label of the same item.

    votes: (N, M) option codes, −1 = none; the first column is the model whose label stands.
    confidences: by name, (N, M) in [0, 1] of each model in its own label, nan = unknown; (N,) = of the first alone.
    opinions: by name, (N, K) probabilities of each option from elsewhere: a student, similar items.
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

    def led_by(self, first: int) -> "PanelSignals":
        """Put one model's column first."""
        votes = np.asarray(self.votes, dtype=np.int64)
        order = [first, *(voter for voter in range(votes.shape[1]) if voter != first)]
        confidences = {name: self.confidence(name)[:, order] for name in self.confidences}
        return PanelSignals(votes[:, order], self.n_options, confidences, self.opinions, self.numbers)

    def and_opinions(self, opinions: Mapping[str, ArrayLike]) -> "PanelSignals":
        """Add opinions of the same items."""
        together = {**self.opinions, **opinions}
        return PanelSignals(self.votes, self.n_options, self.confidences, together, self.numbers)

    def confidence(self, name: str) -> Floats:
        """(N, M) of each model in its own label, nan = unknown."""
        n, n_voters = np.asarray(self.votes).shape
        told = np.full((n, n_voters), np.nan)
        value = np.asarray(self.confidences.get(name, np.nan), dtype=np.float64)
        if value.ndim == 1:
            told[:, 0] = value
        elif value.ndim:
            told[:] = value
        return told


@dataclass(frozen=True, slots=True)
class Layout:
    """Which features there are.  scaling: kind and name of a signal -> centre and spread over the pool.

    others: of the confidences, those that another model than the first states too.
    seen: which (model, its vote, people's label) have a weight, as (model · K + vote) · K + label.
    by_share: whether the votes' shares speak for every option, each with weights of its own.
    """

    n_options: int
    n_voters: int
    confidences: tuple[str, ...]
    opinions: tuple[str, ...]
    numbers: tuple[str, ...]
    scaling: Mapping[str, tuple[float, float]]
    others: tuple[str, ...] = ()
    seen: tuple[int, ...] = ()
    by_share: bool = False

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
            *["other confidence"] * (others * len(self.others)),
            *["other confidences"] * len(self.others),
            *(["share option"] * self.n_options**2 if self.by_share else []),
            *["vote option"] * len(self.seen),
        ]

    @property
    def prior(self) -> tuple[Floats, Floats]:
        """Mean and precision of each weight."""
        pairs = np.array([_PRIOR[kind] for kind in self.kinds], dtype=np.float64)
        return pairs[:, 0], pairs[:, 1]


def layout_of(signals: PanelSignals, index: ArrayLike = (), truth: ArrayLike = ()) -> Layout:
    """Decide on features and scales by the pool, and by which votes go with which of people's labels.

    index, truth: (n,) the labelled items, and their options.
    """
    votes = np.asarray(signals.votes, dtype=np.int64)
    if votes.ndim != 2 or (votes.size and (votes.min() < -1 or votes.max() >= signals.n_options)):
        raise InvalidValue("votes", f"must be (N, M) with codes in −1..{signals.n_options - 1}")
    scaling: dict[str, tuple[float, float]] = {}
    others: list[str] = []
    for name in signals.confidences:
        stated = _logit(signals.confidence(name))
        scaling[f"confidence {name}"] = _scale(stated[:, 0])
        if np.any(np.isfinite(stated[:, 1:])):
            others.append(name)
            scaling |= {f"confidence {name} {at}": _scale(stated[:, at]) for at in range(1, votes.shape[1])}
    for name, value in signals.numbers.items():
        scaling[f"number {name}"] = _scale(np.asarray(value, dtype=np.float64))
    for name, value in signals.opinions.items():
        scaling[f"opinion {name}"] = (0.0, _scale(_log_opinion(value))[1])
    labelled = np.asarray(index, dtype=np.int64)
    return Layout(
        n_options=signals.n_options,
        n_voters=votes.shape[1],
        confidences=tuple(signals.confidences),
        opinions=tuple(signals.opinions),
        numbers=tuple(signals.numbers),
        scaling=scaling,
        others=tuple(others),
        seen=_seen(votes[labelled], np.asarray(truth, dtype=np.int64), signals.n_options),
        by_share=bool(len(labelled)) and votes.shape[1] > 1,
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
    stated = {name: _logit(signals.confidence(name)) for name in layout.confidences}
    for name in layout.confidences:
        columns.append(own * _scaled(stated[name][:, 0], layout.scaling[f"confidence {name}"])[:, None])
    for name in layout.numbers:
        value = np.asarray(signals.numbers.get(name, unknown), dtype=np.float64)
        columns.append(own * _scaled(value, layout.scaling[f"number {name}"])[:, None])
    columns += list(voted[1:])
    eye = np.broadcast_to(np.eye(k)[None], (n, k, k))
    parts = [np.stack(columns, axis=2), eye, eye * own[:, :, None]]
    if layout.others:
        told = [
            np.stack(
                [
                    voted[at] * _scaled(stated[name][:, at], layout.scaling[f"confidence {name} {at}"])[:, None]
                    for at in range(1, layout.n_voters)
                ],
                axis=2,
            )
            for name in layout.others
        ]
        parts += [*told, np.stack([each.mean(axis=2) for each in told], axis=2)]
    every = np.arange(k)
    if layout.by_share:
        by_share = np.zeros((n, k, k, k))
        by_share[:, every, :, every] = share_by_option(votes, k)[None]
        parts.append(by_share.reshape(n, k, k * k))
    if layout.seen:
        code = np.array(layout.seen, dtype=np.int64)
        by_vote = np.zeros((n, k, len(code)))
        by_vote[:, code % k, np.arange(len(code))] = votes[:, code // k**2] == (code // k) % k
        parts.append(by_vote)
    return np.concatenate(parts, axis=2)


def _seen(votes: Ints, truth: Ints, n_options: int) -> tuple[int, ...]:
    row, voter = np.nonzero(votes >= 0)
    code, count = np.unique((voter * n_options + votes[row, voter]) * n_options + truth[row], return_counts=True)
    kept = np.sort(code[np.argsort(-count, kind="stable")[:_MOST_SEEN]])
    return tuple(int(each) for each in kept)


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


def _scaled(value: Floats, scale: tuple[float, float]) -> Floats:
    return np.nan_to_num((value - scale[0]) / scale[1])
