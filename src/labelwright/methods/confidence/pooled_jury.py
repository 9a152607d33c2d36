"""A jury that is three in one: stacked votes, a panel that starts from a prior, and the best single voter.

With 200 labels none of them is best everywhere. The stacked jury learns most and errs most in how sure it is; the panel
starts from simulated juries; where one voter is far ahead, nothing that averages many keeps up. So each says how sure
it is of every option on labels it has not seen, and their weights in the average are those that make these labels
likeliest, drawn towards equal ones.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, cast

import numpy as np
from numpy.typing import ArrayLike, NDArray

from labelwright.errors import InvalidValue
from labelwright.methods.aggregation.stacking import Jury, best_voter, fit_jury, folds_of
from labelwright.methods.confidence.panel import Panel, panel_of
from labelwright.methods.confidence.panel_design import PanelSignals

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

EQUAL_VOTES = 0.5
"""Labels' worth of belief in each member before any is seen. Of .5, 1, 2, 9 and 29 the least log loss on 25 recorded
sets, ten draws each, whichever one of the sets is left out; 2 costs .0008 nats more, 29 .005.
"""
_ROW_LABELS = 2.0
"""Labels per option that a row of the best voter's table starts with."""
_STEPS = 200
_LEAST = 1e-9


@dataclass(frozen=True, eq=False, slots=True)
class PooledJury:
    """weights: of the stacked jury, the panel and the best voter; they sum to 1.

    table: (K+1, K) how likely each option is when the best voter says the row's; the last row: it says nothing.
    panel: None where there are too few labels to stack; then the stacked jury alone speaks.
    """

    jury: Jury
    panel: Panel | None
    table: Floats
    weights: Floats

    @property
    def options(self) -> tuple[str, ...]:
        """Name the options, in order."""
        return self.jury.options

    @property
    def signals(self) -> tuple[str, ...]:
        """Name the confidences that came with the votes."""
        return self.jury.signals

    @property
    def best(self) -> int:
        """Give the voter most often right."""
        return self.jury.best

    def predict(
        self,
        votes_NM: ArrayLike,
        signals_NMS: ArrayLike | None = None,
        *,
        opinions: Mapping[str, ArrayLike] | None = None,
        numbers: Mapping[str, ArrayLike] | None = None,
    ) -> Floats:
        """(N, K) posteriors; a row is nan where no voter gave a valid vote.

        Votes and signals as for `Jury.predict`; opinions and numbers as it was fitted with, None = none is known.
        """
        stacked = self.jury.predict(votes_NM, signals_NMS)
        if self.panel is None:
            return stacked
        known = _Known.of(votes_NM, signals_NMS, self.signals, opinions, numbers)
        panelled = self.panel.posterior(known.led_by(self.best, len(self.options)))
        members = (stacked, panelled, self.table[known.votes[:, self.best]])  # −1 is the last row
        return np.einsum("m,mnk->nk", self.weights, np.stack(members))

    def to_json(self) -> dict[str, Any]:
        """Plain JSON: names, scaling and weights."""
        return {
            "kind": "pooled jury",
            "version": 1,
            "jury": self.jury.to_json(),
            "panel": None if self.panel is None else self.panel.to_json(),
            "table": self.table.tolist(),
            "weights": self.weights.tolist(),
        }

    @classmethod
    def from_json(cls, stored: Mapping[str, Any]) -> "PooledJury":
        """Read what `to_json` wrote, or what a stacked jury alone wrote.

        Raises: InvalidValue, when it is something else or of a later version.
        """
        if stored.get("kind") == "jury":
            return alone(Jury.from_json(stored))
        if stored.get("kind") != "pooled jury" or stored.get("version") != 1:
            raise InvalidValue("", f"is no pooled jury of version 1: {stored.get('kind')!r}, {stored.get('version')!r}")
        panel = cast("Mapping[str, Any] | None", stored["panel"])
        return cls(
            Jury.from_json(stored["jury"]),
            None if panel is None else Panel.from_json(panel),
            np.asarray(stored["table"], dtype=np.float64),
            np.asarray(stored["weights"], dtype=np.float64),
        )


@dataclass(frozen=True, eq=False, slots=True)
class PooledJuryFit:
    """jury: fitted on all labels.  cross_fitted: (N, K) posteriors of the labelled items, each by folds without it."""

    jury: PooledJury
    cross_fitted: Floats


def alone(jury: Jury) -> PooledJury:
    """Give a stacked jury that nothing else is pooled with."""
    n_options = len(jury.options)
    return PooledJury(jury, None, np.full((n_options + 1, n_options), 1 / n_options), np.array([1.0, 0.0, 0.0]))


def fit_pooled_jury(
    votes_NM: ArrayLike,
    truth: ArrayLike,
    *,
    options: Sequence[str],
    voters: Sequence[str],
    rng: np.random.Generator,
    signals_NMS: ArrayLike | None = None,
    signals: Sequence[str] = (),
    opinions: Mapping[str, ArrayLike] | None = None,
    numbers: Mapping[str, ArrayLike] | None = None,
    n_folds: int = 5,
) -> PooledJuryFit:
    """Fit all three on people's labels of a random sample, and weigh them by what each says of labels it has not seen.

    Arguments as for `fit_jury`; opinions and numbers of these items, as in `PanelSignals`, are for the panel.
    With fewer than 50 labels, or labels of one option alone, the best voter stands.
    These labels must never be used to certify a threshold on the jury's confidence (A4P, 4).
    Source: Breiman (1996), Machine Learning 24, stacked regressions; the linear pool of Stone (1961), weighed by EM.
    """
    fit = fit_jury(
        votes_NM,
        truth,
        options=options,
        voters=voters,
        rng=rng,
        signals_NMS=signals_NMS,
        signals=signals,
        n_folds=n_folds,
    )
    if fit.jury.method == "best voter":
        return PooledJuryFit(alone(fit.jury), fit.cross_fitted)
    known, true = _Known.of(votes_NM, signals_NMS, signals, opinions, numbers), np.asarray(truth, dtype=np.int64)
    n_options = len(options)

    def fit_on(some: _Known, truth: Ints) -> tuple[Panel, int]:
        first, _ = best_voter(some.votes, truth)
        return panel_of(some.led_by(first, n_options), np.arange(len(truth)), truth), first

    fold = folds_of(true, n_folds, rng=rng)
    panelled, single = np.empty((len(true), n_options)), np.empty((len(true), n_options))
    for number in range(n_folds):
        is_out = fold == number
        inside, out = known.rows(~is_out), known.rows(is_out)
        panel, first = fit_on(inside, true[~is_out])
        panelled[is_out] = panel.posterior(out.led_by(first, n_options))
        single[is_out] = _table(inside.votes[:, first], true[~is_out], n_options)[out.votes[:, first]]
    panel, first = fit_on(known, true)
    members = np.nan_to_num(np.stack([fit.cross_fitted, panelled, single]), nan=1 / n_options)
    weights = pool_weights(members[:, np.arange(len(true)), true].T)
    jury = PooledJury(fit.jury, panel, _table(known.votes[:, first], true, n_options), weights)
    return PooledJuryFit(jury, np.einsum("m,mnk->nk", weights, members))


def pool_weights(likelihood_NM: ArrayLike) -> Floats:
    """(M,) weights of members by the probability that each gave to what turned out true; drawn towards equal ones.

    >>> pool_weights(np.full((10, 2), 0.5))
    array([0.5, 0.5])
    """
    likelihood = np.maximum(np.asarray(likelihood_NM, dtype=np.float64), _LEAST)
    n_members = likelihood.shape[1]
    weights: Floats = np.asarray([1 / n_members] * n_members, dtype=np.float64)
    for _ in range(_STEPS):
        share: Floats = np.multiply(weights, likelihood, dtype=np.float64)
        share = np.divide(share, share.sum(axis=1, keepdims=True), dtype=np.float64)
        total: Floats = np.add(share.sum(axis=0), EQUAL_VOTES, dtype=np.float64)
        weights = np.divide(total, total.sum(), dtype=np.float64)
    return weights


@dataclass(frozen=True, eq=False, slots=True)
class _Known:
    """What is known of items beside people's labels. signals: (N, M, S), named by `names`; None = there are none."""

    votes: Ints
    signals: Floats | None
    names: tuple[str, ...]
    opinions: Mapping[str, Floats]
    numbers: Mapping[str, Floats]

    @classmethod
    def of(
        cls,
        votes: ArrayLike,
        signals: ArrayLike | None,
        names: Sequence[str],
        opinions: Mapping[str, ArrayLike] | None,
        numbers: Mapping[str, ArrayLike] | None,
    ) -> "_Known":
        def arrays(columns: Mapping[str, ArrayLike] | None) -> dict[str, Floats]:
            return {name: np.asarray(column, dtype=np.float64) for name, column in (columns or {}).items()}

        told = None if signals is None else np.asarray(signals, dtype=np.float64)
        return cls(np.asarray(votes, dtype=np.int64), told, tuple(names), arrays(opinions), arrays(numbers))

    def rows(self, keep: NDArray[np.bool_]) -> "_Known":
        def of(columns: Mapping[str, Floats]) -> dict[str, Floats]:
            return {name: column[keep] for name, column in columns.items()}

        signals = None if self.signals is None else self.signals[keep]
        return _Known(self.votes[keep], signals, self.names, of(self.opinions), of(self.numbers))

    def led_by(self, first: int, n_options: int) -> PanelSignals:
        """Put the voter whose label would stand first, with its own confidences."""
        order = [first, *(voter for voter in range(self.votes.shape[1]) if voter != first)]
        confidences: dict[str, ArrayLike] = {}
        if self.signals is not None:
            has_label = self.votes[:, first] >= 0
            for place, name in enumerate(self.names):
                confidences[name] = np.where(has_label, self.signals[:, first, place], np.nan)
        return PanelSignals(self.votes[:, order], n_options, confidences, dict(self.opinions), dict(self.numbers))


def _table(said: Ints, true: Ints, n_options: int) -> Floats:
    """(K+1, K) how likely each option is by what one voter says; rows start from its accuracy alone."""
    count = np.zeros((n_options + 1, n_options))
    np.add.at(count, (np.where(said < 0, n_options, said), true), 1.0)
    base = np.bincount(true, minlength=n_options) + 1.0
    base /= base.sum()
    accuracy = (np.count_nonzero(said == true) + 1) / (np.count_nonzero(said >= 0) + 2)
    prior = np.tile(base, (n_options + 1, 1))
    rows = np.arange(n_options)
    prior[rows, rows] = 0.0
    prior[:-1] *= (1 - accuracy) / prior[:-1].sum(axis=1, keepdims=True)
    prior[rows, rows] = accuracy
    strength = _ROW_LABELS * n_options
    return (count + strength * prior) / (count.sum(axis=1, keepdims=True) + strength)
