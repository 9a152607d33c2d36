"""Learn from a third of the labels whom to believe and where to start, then certify by the rest.

Everything the labels that certify are tested on is frozen before the first of them is read: labels, scores, start
(A4P, 3 and 4).
"""

from collections.abc import Callable
from dataclasses import dataclass
from math import ceil

import numpy as np
from numpy.typing import ArrayLike, NDArray

from labelwright.methods.confidence.panel import FEWEST_PANEL_LABELS, Panel, PanelSignals, fit_panel, read_posterior
from labelwright.methods.protocols.start import Belief, StartPlan, believe, plan_start
from labelwright.methods.routing import Certification, certify

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

LEARNING_SHARE = 1 / 3
_ONE_IN_TWENTY = 1.645


@dataclass(frozen=True, eq=False, slots=True)
class Learned:
    """What a first sample taught.  label, score: (N,) of the whole pool.  fitted_on: the items it was learnt from.

    keeps_first: the first model's labels stand, by choice or because overturning them did not pay.
    """

    panel: Panel
    keeps_first: bool
    belief: Belief
    label: Ints
    score: Floats
    fitted_on: Ints


@dataclass(frozen=True, eq=False, slots=True)
class ProtocolOutcome:
    """accepted: (N,) mask.  tested_on: items whose labels certified, disjoint from `learned.fitted_on`."""

    learned: Learned
    start: StartPlan
    tested_on: Ints
    certification: Certification
    accepted: NDArray[np.bool_]


def learning_size(n_labels: int) -> int:
    """How many of all labels are for learning: a third, but 30 where half of them are as many.

    Over simulated juries and crowds an eighth to a third certified alike within the noise, a half up to a
    seventh less.

    >>> [learning_size(n) for n in (300, 80, 40)]
    [100, 30, 20]
    """
    return max(ceil(n_labels * LEARNING_SHARE), min(FEWEST_PANEL_LABELS, ceil(n_labels / 2)))


def learn(
    signals: PanelSignals, index: ArrayLike, truth: ArrayLike, *, rng: np.random.Generator, keep_first: bool = False
) -> Learned:
    """Fit a panel on the first sample, and how far its probabilities can be trusted.

    The first model's labels are overturned only if, in cross-fits, that clearly mended more than it spoilt.

    index: (n,) positions drawn at random.  truth: (n,) option codes people gave.  keep_first: never overturn.
    """
    labelled, true = np.asarray(index, dtype=np.int64), np.asarray(truth, dtype=np.int64)
    fit = fit_panel(signals, labelled, true, rng=rng)
    first = np.asarray(signals.votes, dtype=np.int64)[labelled, 0]
    inside = read_posterior(fit.cross_fitted, first)
    keeps_first = keep_first or not _pays(inside.label == true, first == true)
    if keeps_first:
        inside = read_posterior(fit.cross_fitted, first, keep_first=True)
    known = inside.label >= 0
    belief = believe(inside.probability[known], inside.label[known] == true[known], rng=rng)
    read = fit.panel.read(signals, keep_first=keeps_first)
    return Learned(fit.panel, keeps_first, belief, read.label, read.probability, labelled)


def _pays(after: NDArray[np.bool_], before: NDArray[np.bool_]) -> bool:
    """Whether more was mended than spoilt, beyond what one coin in twenty would show."""
    mended, spoilt = int(np.count_nonzero(after & ~before)), int(np.count_nonzero(before & ~after))
    return mended - spoilt > _ONE_IN_TWENTY * (mended + spoilt) ** 0.5


def learn_then_certify(
    signals: PanelSignals,
    oracle: Callable[[Ints], ArrayLike],
    *,
    n_labels: int,
    target_error: float,
    delta: float = 0.05,
    rng: np.random.Generator,
    keep_first: bool = False,
) -> ProtocolOutcome:
    """Spend `n_labels` human labels in all, and say which of the other items may be accepted.

    oracle: gives people's option codes for positions; it is asked about each item once, first for learning.
    """
    n = len(np.asarray(signals.votes))
    order = rng.permutation(n)
    n_learning = learning_size(n_labels)
    fitted_on, tested_on = order[:n_learning], order[n_learning:n_labels]
    learned = learn(signals, fitted_on, oracle(fitted_on), rng=rng, keep_first=keep_first)
    return certify_learned(learned, tested_on, oracle, target_error=target_error, delta=delta, rng=rng)


def certify_learned(
    learned: Learned,
    tested_on: Ints,
    oracle: Callable[[Ints], ArrayLike],
    *,
    target_error: float,
    delta: float,
    rng: np.random.Generator,
) -> ProtocolOutcome:
    """Certify with labels nothing was learnt from: the items learnt from leave the pool, people have labelled them."""
    others = np.setdiff1d(np.arange(len(learned.score)), learned.fitted_on)
    score = learned.score[others]
    start = plan_start(score, learned.belief, n_labels=len(tested_on), target_error=target_error, delta=delta, rng=rng)
    wrong = learned.label[tested_on] != np.asarray(oracle(tested_on))
    certification = certify(
        score,
        np.searchsorted(others, tested_on),
        wrong,
        target_error=target_error,
        delta=delta,
        first_threshold=start.first_threshold,
    )
    accepted = np.zeros(len(learned.score), dtype=np.bool_)
    accepted[others] = certification.accepted
    return ProtocolOutcome(learned, start, tested_on, certification, accepted)
