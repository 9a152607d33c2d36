"""What all models and signals say together of every option, drawn towards what they say untaught.

Few labels cannot teach many weights: each weight starts at what it is worth on average over simulated juries, and moves
only as far as people's labels push it. With no label at all it is a prior; with hundreds it is a jury.
"""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any, cast

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy import special

from labelwright.errors import InvalidValue
from labelwright.methods.aggregation.stacking import folds_of
from labelwright.methods.confidence.panel_design import Layout, PanelSignals, design_of, layout_of

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

FEWEST_PANEL_LABELS = 30
"""Below this an estimate of how often the panel errs is too wide to plan a certificate by."""
OVERTURNS_AT = 2.0
"""The first model's label stands unless another option is at least twice as likely: on simulated juries and crowds this
kept nine tenths of what overturning gained, and cost at most .003 of accuracy on the crowds and recorded sets."""
_CHUNK = 2_000
_STEPS = 25
_ENOUGH = 1e-6
_LEAST = 1e-3
_DIGITS = 9


@dataclass(frozen=True, eq=False, slots=True)
class Reading:
    """label: (N,) option codes, −1 = none.  probability: (N,) that it is right; nan where there is no label."""

    label: Ints
    probability: Floats


@dataclass(frozen=True, eq=False, slots=True)
class Panel:
    """A conditional logit with weights that all options share, but for each option's own offsets.

    weights: of the features that `layout` names, in its order.
    """

    layout: Layout
    weights: Floats
    n_labels: int

    def posterior(self, signals: PanelSignals) -> Floats:
        """(N, K) probability of each option; nan where no model gave a valid label."""
        votes = np.asarray(signals.votes, dtype=np.int64)
        found = np.empty((len(votes), self.layout.n_options))
        for first in range(0, len(votes), _CHUNK):
            part = slice(first, first + _CHUNK)
            found[part] = special.softmax(design_of(signals.rows(part), self.layout) @ self.weights, axis=1)
        found[~np.any(votes >= 0, axis=1)] = np.nan
        return found

    def read(self, signals: PanelSignals, *, keep_first: bool = False) -> Reading:
        """Give every item's label and P(correct).

        keep_first: the first model's label stands whatever the others say; where it has none, there is none.
        """
        return read_posterior(self.posterior(signals), np.asarray(signals.votes)[:, 0], keep_first=keep_first)

    def to_json(self) -> dict[str, Any]:
        """Plain JSON: names, scaling and weights."""
        return {
            "kind": "panel",
            "version": 1,
            **asdict(self.layout),
            "weights": self.weights.tolist(),
            "n_labels": self.n_labels,
        }

    @classmethod
    def from_json(cls, stored: Mapping[str, Any]) -> "Panel":
        """Read what `to_json` wrote.  Raises: InvalidValue, when it is something else or of a later version."""
        if stored.get("kind") != "panel" or stored.get("version") != 1:
            raise InvalidValue("", f"is no panel of version 1: {stored.get('kind')!r}, {stored.get('version')!r}")

        def texts(name: str) -> tuple[str, ...]:
            return tuple(cast("list[str]", stored[name]))

        scaling = cast("Mapping[str, list[float]]", stored["scaling"])
        layout = Layout(
            n_options=int(stored["n_options"]),
            n_voters=int(stored["n_voters"]),
            confidences=texts("confidences"),
            opinions=texts("opinions"),
            numbers=texts("numbers"),
            scaling={name: (float(pair[0]), float(pair[1])) for name, pair in scaling.items()},
        )
        return cls(layout, np.asarray(stored["weights"], dtype=np.float64), int(stored["n_labels"]))


@dataclass(frozen=True, eq=False, slots=True)
class PanelFit:
    """panel: fitted on all labels.  cross_fitted: (n, K) posteriors of the labelled items by folds without them."""

    panel: Panel
    cross_fitted: Floats


def fit_panel(
    signals: PanelSignals, index: ArrayLike, truth: ArrayLike, *, rng: np.random.Generator, n_folds: int = 5
) -> PanelFit:
    """Learn from a random sample's human labels how far to trust each model and signal.

    P(option c) ∝ exp(w·x_c), x_c: whether the first model chose c; the share of the others that did, and its log; each
    other model's vote; each opinion's log-probability; the first model's confidence and the item's numbers where it
    chose c; c itself, alone and where the first model chose it. Maximum a posteriori under a Gaussian prior on w.

    signals: of the whole pool, which sets the scales.  index: (n,) the labelled items.  truth: (n,) their options.
    These labels must never certify a threshold on what comes of it (A4P, 4).
    Source: McFadden (1974), conditional logit; Genkin, Lewis & Madigan (2007), Technometrics 49, informed priors.
    """
    labelled, true = np.asarray(index, dtype=np.int64), np.asarray(truth, dtype=np.int64)
    if not len(true) or len(true) != len(labelled) or true.min() < 0 or true.max() >= signals.n_options:
        raise InvalidValue("truth", f"must hold one label per labelled item, each a code in 0..{signals.n_options - 1}")
    layout = layout_of(signals)
    design = design_of(signals.rows(labelled), layout)
    mean, precision = layout.prior
    fold = folds_of(true, n_folds, rng=rng)
    cross_fitted = np.empty((len(true), signals.n_options))
    for number in range(n_folds):
        out = fold == number
        weights = _fit(design[~out], true[~out], mean, precision)
        cross_fitted[out] = special.softmax(design[out] @ weights, axis=1)
    weights = _fit(design, true, mean, precision)
    return PanelFit(Panel(layout, weights, len(true)), cross_fitted)


def panel_of(signals: PanelSignals, index: ArrayLike, truth: ArrayLike) -> Panel:
    """Fit a panel as `fit_panel` does, without saying what it would have said of these labels unseen."""
    labelled, true = np.asarray(index, dtype=np.int64), np.asarray(truth, dtype=np.int64)
    layout = layout_of(signals)
    design = design_of(signals.rows(labelled), layout)
    return Panel(layout, _fit(design, true, *layout.prior), len(true))


def untaught_panel(signals: PanelSignals) -> Panel:
    """Give the panel as it is before any label: scales from the pool, weights from the prior."""
    layout = layout_of(signals)
    return Panel(layout, layout.prior[0], 0)


def read_posterior(posterior: Floats, first: ArrayLike, *, keep_first: bool = False) -> Reading:
    """Choose labels: the first model's, unless another option is at least twice as likely."""
    own = np.asarray(first, dtype=np.int64)
    rows: Ints = np.arange(len(own), dtype=np.int64)
    filled = np.nan_to_num(posterior, nan=0.0)
    of_own = np.where(own >= 0, filled[rows, np.maximum(own, 0)], 0.0)
    best = filled.argmax(axis=1)
    overturned = (filled[rows, best] >= OVERTURNS_AT * of_own) & (own != best) & (not keep_first)
    label = np.where(overturned, best, own)
    label[np.isnan(posterior).any(axis=1)] = -1
    probability: Floats = np.where(label >= 0, filled[rows, np.maximum(label, 0)], np.nan)
    # Sums over blocks of other sizes differ in the last bits, and equal items must stay equal.
    return Reading(label, probability.round(_DIGITS))


def _fit(design: Floats, truth: Ints, mean: Floats, precision: Floats) -> Floats:
    """Damped Newton steps to the maximum a posteriori."""
    rows: Ints = np.arange(len(truth), dtype=np.int64)
    weights: Floats = mean.copy()
    chosen: Floats = design[rows, truth]

    def loss(weights: Floats) -> float:
        surprise = special.logsumexp(design @ weights, axis=1) - chosen @ weights
        return float(np.sum(surprise) + 0.5 * np.sum(precision * (weights - mean) ** 2))

    current = loss(weights)
    for _ in range(_STEPS):
        p: Floats = np.asarray(special.softmax(design @ weights, axis=1), dtype=np.float64)
        expected: Floats = np.asarray(np.einsum("nk,nkp->np", p, design), dtype=np.float64)
        gradient: Floats = (expected - chosen).sum(axis=0) + precision * (weights - mean)
        apart = ((design - expected[:, None, :]) * np.sqrt(p)[:, :, None]).reshape(-1, design.shape[2])
        curvature: Floats = apart.T @ apart + np.diag(precision)
        step: Floats = np.asarray(np.linalg.solve(curvature, gradient), dtype=np.float64)
        size, before = 1.0, current
        current = loss(np.subtract(weights, step, dtype=np.float64))
        while current > before and size > _LEAST:
            size /= 2
            current = loss(np.subtract(weights, size * step, dtype=np.float64))
        weights = np.subtract(weights, size * step, dtype=np.float64)
        if before - current < _ENOUGH:
            break
    return weights
