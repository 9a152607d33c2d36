"""Whether the sample that certifies is better drawn from the surest items alone, planned on labels that teach."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from labelwright.methods.protocols.start import Belief, StartPlan, plan_start

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

_SHARES = (0.05, 0.1, 0.2, 0.3, 0.45, 0.6, 0.8)
_WORTH = 1.1
"""A focused sample says nothing of the items outside, so it must promise a tenth more; so much is also what the best of
eight plans, each estimated by 200 draws, may seem to promise by chance."""


@dataclass(frozen=True, slots=True)
class DrawPlan:
    """From which items the sample that certifies is drawn, and where its tests start.

    lowest: items that score less are neither drawn nor accepted; None = the whole pool.
    n_labels: how many are drawn.  start: within that part.
    expected_accepted: items, an estimate to choose by; expected_uniform: had the sample been drawn from the whole pool.
    """

    lowest: float | None
    n_labels: int
    start: StartPlan
    expected_accepted: float
    expected_uniform: float

    @property
    def is_focused(self) -> bool:
        """The sample is drawn from a part of the pool."""
        return self.lowest is not None

    def inside(self, score: ArrayLike) -> NDArray[np.bool_]:
        """(N,) which items may be drawn."""
        scores = np.asarray(score, dtype=np.float64)
        if self.lowest is None:
            return np.ones(len(scores), dtype=np.bool_)
        return np.nan_to_num(scores, nan=-np.inf) >= self.lowest


def plan_draw(
    score: ArrayLike,
    belief: Belief,
    *,
    n_labels: int,
    target_error: float,
    delta: float,
    rng: np.random.Generator,
    may_focus: bool = True,
) -> DrawPlan:
    """Choose between the whole pool and its surest parts, whichever is expected to certify most.

    Drawn from a part, all labels fall where something may be accepted, and the test is sharper there; but what is
    labelled is not accepted any more, and nothing below can be. Whichever is chosen, whether the belief is right or
    wrong: score and part rest on other labels, and the labels are a random sample of the part, so that the exact tests
    of `certify` within it keep their promise.

    score: (N,) P(correct) of the items that nobody has labelled, nan = never accepted.
    """
    scores = np.asarray(score, dtype=np.float64)

    def planned(lowest: float | None) -> DrawPlan:
        part = scores if lowest is None else scores[scores >= lowest]
        n = min(n_labels, len(part))
        start = plan_start(part, belief, n_labels=n, target_error=target_error, delta=delta, rng=rng)
        return DrawPlan(lowest, n, start, start.expected_coverage * (len(part) - n), 0.0)

    whole = planned(None)
    best = whole
    known = np.sort(scores[~np.isnan(scores)])[::-1]
    if may_focus and len(known):
        places = np.unique([min(int(share * len(scores)), len(known) - 1) for share in _SHARES])
        for lowest in np.unique(known[places]):
            if np.count_nonzero(known >= lowest) < len(scores):
                best = max(best, planned(float(lowest)), key=lambda plan: plan.expected_accepted)
    if best.expected_accepted <= _WORTH * whole.expected_accepted:
        best = whole
    return DrawPlan(best.lowest, best.n_labels, best.start, best.expected_accepted, whole.expected_accepted)
