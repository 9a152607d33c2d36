"""How often the people themselves are wrong, from overlapping blind votes."""

from dataclasses import dataclass
from math import comb

import numpy as np
from scipy import special

from labelwright.methods.aggregation.votes import Votes
from labelwright.methods.agreement.percent import percent_agreement


@dataclass(frozen=True, slots=True)
class ReviewerNoise:
    """Estimated error of one vote and of the consensus; a certificate at α states α + `consensus_error`.

    low, high: interval of `consensus_error` by resampling units.  nan with a `reason` when it cannot be estimated.
    """

    vote_error: float
    consensus_error: float
    low: float
    high: float
    votes_per_unit: int
    n_units: int
    reason: str | None


def reviewer_noise(
    blind_votes: Votes, *, rng: np.random.Generator, n_options: int | None = None, n_bootstrap: int = 500
) -> ReviewerNoise:
    """Estimate the noise η of a majority of blind votes.

    If every vote is wrong with chance e, independently and evenly over the other options, two votes agree with chance
    (1−e)² + e²/(K−1); this is solved for e, and the consensus of m votes taken as wrong with P(Bin(m, e) > m/2) plus
    half of a tie.  Hard items make errors coincide, so the truth may be higher: say "about".
    n_options: K, when there are more options than the votes name.
    Give only votes cast *blind*: agreement between people who saw one suggestion measures the suggestion.
    """
    agreement = percent_agreement(blind_votes, rng=rng, n_bootstrap=n_bootstrap)
    nan = float("nan")
    if agreement.reason is not None:
        return ReviewerNoise(nan, nan, nan, nan, 0, 0, agreement.reason)
    n_options = max(n_options or blind_votes.n_options, 2)
    size = np.bincount(blind_votes.unit, minlength=blind_votes.n_units)
    per_unit = int(np.median(size[size >= 2]))
    error = _vote_error(agreement.coefficient, n_options)
    if np.isnan(error):
        reason = f"the people agree no more than by chance ({agreement.coefficient:.0%})"
        return ReviewerNoise(nan, nan, nan, nan, per_unit, agreement.n_units, reason)
    worst = _vote_error(agreement.low, n_options)
    return ReviewerNoise(
        vote_error=error,
        consensus_error=_consensus_error(error, per_unit),
        low=_consensus_error(_vote_error(agreement.high, n_options), per_unit),
        high=_consensus_error(worst, per_unit) if not np.isnan(worst) else 0.5,
        votes_per_unit=per_unit,
        n_units=agreement.n_units,
        reason=None,
    )


def _vote_error(agreement: float, n_options: int) -> float:
    # a e² − 2e + d = 0 with a = K/(K−1), d = 1 − agreement: the smaller root.
    a = n_options / (n_options - 1)
    inside = 1 - a * (1 - agreement)
    return float((1 - np.sqrt(inside)) / a) if inside >= 0 else float("nan")


def _consensus_error(error: float, n_votes: int) -> float:
    half = n_votes // 2
    more_than_half = 1 - float(special.betainc(n_votes - half, half + 1, 1 - error))
    tie = 0.0 if n_votes % 2 else comb(n_votes, half) * (error * (1 - error)) ** half
    return more_than_half + 0.5 * tie
