"""A chain of models, each link with a certified threshold, on one random sample that people label once.

Why one sample serves all links. A link's tests go down its scores and stop at the first that fails, so they have looked
at labels of items at or above that score, and at no others. Given all that was looked at, the sample below is still a
uniform draw without replacement from what lies below: the exact test of one certificate applies to the next link there.
What lies between the failed threshold and the last one that passed was looked at, and goes to people.

Where already the first test fails, a link certifies nothing, and all that reached it goes on. That choice rests on
labels too, but it is one of two: each later link is certified as if either had been fixed beforehand, with half the
error chance for each. So link ℓ (from 0) of m has δ/(m·2^ℓ), 2^ℓ possible pools, and δ/m in all; m links have δ. If at
most α of each link's accepted are wrong, at most α of all accepted are.

Source: Angelopoulos et al. (2021), arXiv:2110.01052, for one link; the stopping argument above for several.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from labelwright.errors import InvalidValue
from labelwright.methods.routing.certify import Certification, certify, threshold_grid

Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]


@dataclass(frozen=True, eq=False, slots=True)
class SampledLink:
    """One link over the n items that reached it.

    below: what has a lower score, or none, goes on; None = everything does, since nothing passed.
    forwarded: (n,) goes on, items of the sample among them.
    """

    certification: Certification
    below: float | None
    forwarded: Bools

    @property
    def threshold(self) -> float | None:
        """Kept from here on; None = the link keeps nothing."""
        return self.certification.threshold


def link_delta(delta: float, n_links: int, link: int) -> float:
    """Give the error chance at which link number `link` (from 0) is certified.

    >>> link_delta(0.05, 2, 0), link_delta(0.05, 2, 1)
    (0.025, 0.0125)
    """
    if not 0 <= link < n_links:
        raise InvalidValue("link", f"must lie in 0..{n_links - 1}, got {link}")
    return delta / (n_links * 2**link)


def certify_sampled_link(
    score: ArrayLike,
    sample: ArrayLike,
    wrong: ArrayLike,
    *,
    link: int,
    n_links: int,
    target_error: float,
    delta: float = 0.05,
) -> SampledLink:
    """Certify one link on those of the one sample that reached it.

    score: (n,) raw label-free confidence in what reached it, nan where unknown: such an item goes on.
    sample: (k,) positions of all items of the sample among them.  wrong: (k,) this link's label is wrong.
    target_error, delta: of the whole chain; n_links is fixed beforehand.
    """
    scores = np.asarray(score, dtype=np.float64)
    found = certify(scores, sample, wrong, target_error=target_error, delta=link_delta(delta, n_links, link))
    below = _first_not_passed(found)
    if below is None:
        return SampledLink(found, None, np.ones(len(scores), dtype=np.bool_))
    return SampledLink(found, below, goes_on(scores, below))


def goes_on(score: ArrayLike, below: float | None) -> Bools:
    """Mark what a link passes on: all, or what has a lower score or none."""
    scores = np.asarray(score, dtype=np.float64)
    return np.ones(len(scores), dtype=np.bool_) if below is None else np.isnan(scores) | (scores < below)


def _first_not_passed(found: Certification) -> float | None:
    """Give the first threshold that failed; −∞ when none did; None when not even one passed."""
    n_passed = int(np.count_nonzero(found.p_values <= found.delta))
    if not n_passed:
        return None
    tested = threshold_grid(found.counts.n_pool)
    tested = tested[found.counts.n_calibrated[tested] >= found.n_start]
    return float(found.counts.threshold[tested[n_passed]]) if n_passed < len(tested) else -np.inf


@dataclass(frozen=True, eq=False, slots=True)
class SampledChain:
    """All links where every answer is known already.

    kept_by: (N,) the link that accepts an item, −1 = a person labels it.  asked: (m,) items each link was asked about.
    """

    links: tuple[SampledLink, ...]
    kept_by: Ints
    asked: tuple[int, ...]


def chain_on_one_sample(
    score_Nm: ArrayLike, sample: ArrayLike, wrong_nm: ArrayLike, *, target_error: float, delta: float = 0.05
) -> SampledChain:
    """Run all links in the order of the columns.

    score_Nm: (N, m).  sample: (n,) positions drawn at random.  wrong_nm: (n, m) each link's label of them is wrong.
    """
    scores, wrong = np.asarray(score_Nm, dtype=np.float64), np.asarray(wrong_nm, dtype=np.bool_)
    drawn = np.asarray(sample, dtype=np.int64)
    n_links = scores.shape[1]
    reached: Ints = np.arange(len(scores), dtype=np.int64)
    kept_by = np.full(len(scores), -1, dtype=np.int64)
    links: list[SampledLink] = []
    asked: list[int] = []
    for link in range(n_links):
        is_here = np.isin(drawn, reached)
        one = certify_sampled_link(
            scores[reached, link],
            np.searchsorted(reached, drawn[is_here]),
            wrong[is_here, link],
            link=link,
            n_links=n_links,
            target_error=target_error,
            delta=delta,
        )
        kept_by[reached[one.certification.accepted]] = link
        links.append(one)
        asked.append(len(reached))
        reached = reached[one.forwarded]
    return SampledChain(tuple(links), kept_by, tuple(asked))
