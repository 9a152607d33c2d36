"""Learn from a third of the labels whom to believe, what to draw from and where to start, then certify by the rest.

Everything the labels that certify are tested on is frozen before the first of them is read: labels, scores,
the part of the pool it is drawn from, start (A4P, 3 and 4).
"""

from collections.abc import Callable
from dataclasses import dataclass
from math import ceil

import numpy as np
from numpy.typing import ArrayLike, NDArray

from labelwright.methods.confidence.panel import FEWEST_PANEL_LABELS, Panel, PanelSignals, fit_panel, read_posterior
from labelwright.methods.protocols.focus import DrawPlan, plan_draw
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
    """accepted: (N,) mask.  tested_on: items whose labels certified, disjoint from `learned.fitted_on`.

    certification: of the items nothing was learnt from, or of that part of them from which `tested_on` was drawn.
    draw: which part that was; None where the sample was given.
    """

    learned: Learned
    start: StartPlan
    tested_on: Ints
    certification: Certification
    accepted: NDArray[np.bool_]
    draw: DrawPlan | None = None


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
    may_focus: bool = False,
    coin: float = 1.0,
) -> ProtocolOutcome:
    """Spend `n_labels` human labels in all, and say which of the other items may be accepted.

    oracle: gives people's option codes for positions; it is asked about each item once, first for learning.
    may_focus, coin: as in `draw_and_certify`.
    """
    fitted_on = rng.permutation(len(np.asarray(signals.votes)))[: learning_size(n_labels)]
    learned = learn(signals, fitted_on, oracle(fitted_on), rng=rng, keep_first=keep_first)
    return draw_and_certify(
        learned,
        oracle,
        n_labels=n_labels - len(fitted_on),
        target_error=target_error,
        delta=delta,
        rng=rng,
        may_focus=may_focus,
        coin=coin,
    )


def draw_and_certify(
    learned: Learned,
    oracle: Callable[[Ints], ArrayLike],
    *,
    n_labels: int,
    target_error: float,
    delta: float,
    rng: np.random.Generator,
    may_focus: bool = False,
    coin: float = 1.0,
) -> ProtocolOutcome:
    """Draw the labels that certify from the items nothing was learnt from, or from the surest of them, and certify.

    n_labels: at most so many.  may_focus: all may be drawn from the items that can be accepted, where that is expected
    to pay (`plan_draw`).  coin: as in `certify`.
    """
    others = np.setdiff1d(np.arange(len(learned.score)), learned.fitted_on)
    score = learned.score[others]
    plan = plan_draw(
        score,
        learned.belief,
        n_labels=n_labels,
        target_error=target_error,
        delta=delta,
        rng=rng,
        may_focus=may_focus,
    )
    pool = others[plan.inside(score)]
    tested_on = np.sort(rng.permutation(pool)[: plan.n_labels])
    return _certified(
        learned, pool, tested_on, oracle, plan.start, target_error=target_error, delta=delta, coin=coin, draw=plan
    )


def certify_learned(
    learned: Learned,
    tested_on: Ints,
    oracle: Callable[[Ints], ArrayLike],
    *,
    target_error: float,
    delta: float,
    rng: np.random.Generator,
    coin: float = 1.0,
) -> ProtocolOutcome:
    """Certify with labels nothing was learnt from: the items learnt from leave the pool, people have labelled them.

    tested_on: a random sample of all the others.
    """
    others = np.setdiff1d(np.arange(len(learned.score)), learned.fitted_on)
    score = learned.score[others]
    start = plan_start(score, learned.belief, n_labels=len(tested_on), target_error=target_error, delta=delta, rng=rng)
    return _certified(learned, others, tested_on, oracle, start, target_error=target_error, delta=delta, coin=coin)


def _certified(
    learned: Learned,
    pool: Ints,
    tested_on: Ints,
    oracle: Callable[[Ints], ArrayLike],
    start: StartPlan,
    *,
    target_error: float,
    delta: float,
    coin: float,
    draw: DrawPlan | None = None,
) -> ProtocolOutcome:
    """Certify within a pool, of which `tested_on` is a random sample; both by position, the pool ascending."""
    wrong = learned.label[tested_on] != np.asarray(oracle(tested_on))
    certification = certify(
        learned.score[pool],
        np.searchsorted(pool, tested_on),
        wrong,
        target_error=target_error,
        delta=delta,
        first_threshold=start.first_threshold,
        coin=coin,
    )
    accepted = np.zeros(len(learned.score), dtype=np.bool_)
    accepted[pool] = certification.accepted
    return ProtocolOutcome(learned, start, tested_on, certification, accepted, draw)
