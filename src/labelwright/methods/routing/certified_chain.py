"""A chain of models in which what each accepts carries the certificate: cheap first, the unsure on, the rest to people.

Why it holds. Each link is certified at δ/m on its own part of the calibration sample, in a random order fixed before
the first label. Link j's pool is what links before it did not accept and parts before it did not hold; it rests on
the labels of earlier parts alone. Given those, the items of the remaining order that lie in this pool are a uniform
draw without replacement from it, and so is a first stretch of them: the exact test of one certificate applies. By the
union bound all m statements hold together with chance 1 − δ, and if at most α of each link's accepted are wrong, at
most α of all are. Items of later parts that an earlier link accepts have a person's label and leave; their number is at
most that of the later parts, and the earlier link tolerates ⌊α(accepted − that number)⌋ wrong, whoever leaves.

With one sample for all links the argument is lost: a link stops *because* of the labels just below its threshold, and
those are what the next link would be tested on.

Source: Angelopoulos et al. (2021), arXiv:2110.01052, for one link; the argument above for several.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from labelwright.errors import InvalidValue
from labelwright.methods.routing.certify import Certification, certify

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]

NO_LINK = -1


@dataclass(frozen=True, eq=False, slots=True)
class CertifiedLink:
    """One link's certificate over what reached it.

    seen: (n,) pool positions that reached it and that its model labels: part of the sample among them.  certification:
    over those in the order of `seen`.  accepted, forwarded: pool positions, no item of the sample among the accepted.
    n_labels: labels it was tested with.  coverage: accepted as a share of all items outside the sample.
    cost: of the model's calls, len(seen)·price.
    """

    seen: Ints
    certification: Certification
    accepted: Ints
    forwarded: Ints
    n_labels: int
    coverage: float
    cost: float

    @property
    def threshold(self) -> float | None:
        """Accepted from here on; None when nothing was certified, and then everything goes on."""
        return self.certification.threshold


@dataclass(frozen=True, eq=False, slots=True)
class CertifiedChain:
    """All links.  accepted_by: (N,) the link that accepted an item, −1 = a person labels it."""

    links: tuple[CertifiedLink, ...]
    accepted_by: Ints
    coverage: float
    cost: float


def part_sizes(n_labels: int, n_links: int) -> tuple[int, ...]:
    """Split the sample evenly over links, the earlier get the remainder.

    >>> part_sizes(301, 2)
    (151, 150)
    """
    return tuple(n_labels // n_links + (link < n_labels % n_links) for link in range(n_links))


def certify_link(
    score: ArrayLike,
    sample_order: ArrayLike,
    wrong: ArrayLike,
    *,
    link: int,
    sizes: Sequence[int],
    seen: ArrayLike,
    target_error: float,
    delta: float = 0.05,
    price: float = 0.0,
) -> CertifiedLink:
    """Certify link number `link` (from 0) of len(sizes), as soon as its model labelled what was forwarded to it.

    score: (N,) its raw label-free confidence, nan where unknown or not asked: such an item is forwarded.
    sample_order: (n,) pool positions of the whole calibration sample in a *random* order fixed before the first label.
    wrong: (n,) bool in that order: this link's label differs from the people's; only its own part is read.
    sizes: of the parts, fixed beforehand, see `part_sizes`.  seen: (s,) pool positions that reached this link: all at
    the first, afterwards `forwarded` of the link before.  target_error, delta: of the whole chain.
    """
    order, errors = np.asarray(sample_order, dtype=np.int64), np.asarray(wrong, dtype=np.bool_)
    scores = np.asarray(score, dtype=np.float64)
    positions = np.sort(np.asarray(seen, dtype=np.int64))
    if sum(sizes) != len(order) or errors.shape != order.shape or not 0 <= link < len(sizes):
        raise InvalidValue(
            "sample", f"has {len(order)} items in order and {len(errors)} judged; parts of {tuple(sizes)}, link {link}"
        )
    first = sum(sizes[:link])
    part = slice(first, first + sizes[link])
    # Earlier parts are people's; they are no longer in the pool this link is about.
    pool = np.setdiff1d(positions, order[:first], assume_unique=False)
    is_here = np.isin(order[part], pool)
    drawn, judged = order[part][is_here], errors[part][is_here]
    certification = certify(
        scores[pool],
        np.searchsorted(pool, drawn),
        judged,
        target_error=target_error,
        delta=delta / len(sizes),
        n_reserved=len(order) - first - sizes[link],
    )
    is_accepted = np.zeros(len(pool), dtype=np.bool_)
    if certification.threshold is not None:
        is_accepted = np.nan_to_num(scores[pool], nan=-np.inf) >= certification.threshold
    n_others = len(scores) - len(order)
    accepted = np.setdiff1d(pool[is_accepted], order)
    return CertifiedLink(
        seen=pool,
        certification=certification,
        accepted=accepted,
        forwarded=np.setdiff1d(pool[~is_accepted], drawn),
        n_labels=len(drawn),
        coverage=len(accepted) / n_others if n_others else 0.0,
        cost=len(pool) * price,
    )


def certified_chain(
    score_Nm: ArrayLike,
    sample_order: ArrayLike,
    wrong_nm: ArrayLike,
    *,
    target_error: float,
    delta: float = 0.05,
    prices: Sequence[float] | None = None,
) -> CertifiedChain:
    """Run all links in the order of the columns, where every model's answers are known already.

    score_Nm: (N, m).  sample_order: (n,) as in `certify_link`.  wrong_nm: (n, m) per link.  prices: (m,) of one call.
    """
    scores, wrong = np.asarray(score_Nm, dtype=np.float64), np.asarray(wrong_nm, dtype=np.bool_)
    n, n_links = scores.shape
    order = np.asarray(sample_order, dtype=np.int64)
    sizes = part_sizes(len(order), n_links)
    seen: Ints = np.arange(n, dtype=np.int64)
    accepted_by = np.full(n, NO_LINK, dtype=np.int64)
    links: list[CertifiedLink] = []
    for link in range(n_links):
        found = certify_link(
            scores[:, link],
            order,
            wrong[:, link],
            link=link,
            sizes=sizes,
            seen=seen,
            target_error=target_error,
            delta=delta,
            price=0.0 if prices is None else prices[link],
        )
        accepted_by[found.accepted] = link
        links.append(found)
        seen = found.forwarded
    return CertifiedChain(
        tuple(links), accepted_by, sum(link.coverage for link in links), sum(link.cost for link in links)
    )
