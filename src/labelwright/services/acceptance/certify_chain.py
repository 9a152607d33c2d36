"""Certify several models' predictions link by link, each on what the links before it did not accept. Pure.

Round by round: people label a random sample of what reaches a link, its certificate says what it accepts, and only the
rest is put to the next, dearer model. Each round draws anew from what is left, so that no label is spent on items that
are accepted already. Why all links' promises hold together: `methods.routing.certified_chain`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from labelwright.errors import Conflict, InvalidValue
from labelwright.methods.routing import (
    CertifiedLink,
    Verdict,
    certify_link,
    default_calibration_size,
    start_size,
    verdict,
)
from labelwright.services.acceptance.certify_predictions import error_budget, ids_hash

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class ChainRound:
    """What is frozen before a link's first label.

    reached_sha256: over the ids that reached the link, in the first file's order.  n: size of the sample.
    """

    predictions: str
    predictions_sha256: str
    label_column: str
    score_column: str | None
    n_reached: int
    reached_sha256: str
    n: int
    drawn_sha256: str


@dataclass(frozen=True, slots=True)
class ChainPlan:
    """What is frozen for the whole chain; rounds are added as they are drawn.

    links: the files, cheapest model first; their number divides δ, so it never changes.  show: columns people and
    models see.
    """

    links: tuple[str, ...]
    target_error: float
    confidence_level: float
    seed: int
    pool_sha256: str
    show: tuple[str, ...] = ()
    rounds: tuple[ChainRound, ...] = ()

    @property
    def delta(self) -> float:
        """δ of the whole chain."""
        return error_budget(self.confidence_level)

    @property
    def link_delta(self) -> float:
        """δ of each link."""
        return self.delta / len(self.links)


@dataclass(frozen=True, slots=True, eq=False)
class LinkLabels:
    """One model's predictions over the chain's N items: labels, None where it gave none; (N,) score, nan = unknown."""

    labels: list[str | None]
    score: Floats


@dataclass(frozen=True, slots=True, eq=False)
class LinkOutcome:
    """One link's certificate, and what is to be expected of it."""

    link: CertifiedLink
    verdict: Verdict
    n_labels: int
    n_wrong: int
    n_missing: int


def recommended_round(n_reached: int, plan: ChainPlan) -> int:
    """min(300, a third of what reached the link), but no fewer than it takes to start."""
    return max(default_calibration_size(n_reached), start_size(plan.target_error, plan.link_delta))


def check_round(n: int, n_reached: int, plan: ChainPlan) -> None:
    """Raise InvalidValue when a sample cannot be drawn, or can never certify."""
    if n >= n_reached:
        raise InvalidValue(
            "sample", f"{n} labels of the {n_reached} items that reach this link leave nothing to accept"
        )
    start = start_size(plan.target_error, plan.link_delta)
    if n < start:
        raise InvalidValue(
            "sample",
            f"{n} labels can never certify {100 * plan.target_error:.4g}% error at a link: each of {len(plan.links)} "
            f"links has {100 * plan.link_delta:.4g}% of the error budget, and needs {start} accepted labels merely to "
            "start; take more, or accept a higher target error",
        )


def draw_round(reached: Ints, n: int, *, seed: int, link: int) -> Ints:
    """Draw n of the positions that reached a link, in random order."""
    return np.random.default_rng([seed, link]).permutation(np.sort(reached))[:n].astype(np.int64)


def check_unchanged(ids: Sequence[str], reached: Ints, drawn: Ints, frozen: ChainRound, sha256: str) -> None:
    """Raise Conflict when a round is no longer what was frozen before its labels."""
    if sha256 != frozen.predictions_sha256:
        raise Conflict(
            f"{frozen.predictions} has changed since its sample was drawn, which voids its certificate: put the file "
            "back, or begin a new chain in another folder (--out)"
        )
    if (
        ids_hash([ids[int(i)] for i in np.sort(reached)]) != frozen.reached_sha256
        or ids_hash([ids[int(i)] for i in drawn]) != frozen.drawn_sha256
    ):
        raise Conflict(
            f"what reaches {frozen.predictions} is no longer what its sample was drawn from: the answers to an earlier "
            "sample were changed since. Put them back, or begin a new chain in another folder (--out)"
        )


def certify_round(
    plan: ChainPlan,
    predictions: LinkLabels,
    *,
    reached: Ints,
    samples: Sequence[Ints],
    wrong: NDArray[np.bool_],
    price: float = 0.0,
) -> CertifiedLink:
    """Certify the link whose sample is the last of `samples`.

    reached: (s,) positions that reached it.  samples: of all rounds so far, as drawn.  wrong: of the last one.
    """
    number = len(samples) - 1
    sizes = [len(sample) for sample in samples] + [0] * (len(plan.links) - len(samples))
    earlier = np.zeros(sum(sizes[:number]), dtype=np.bool_)  # only a link's own part is read
    return certify_link(
        predictions.score,
        np.concatenate(samples),
        np.concatenate([earlier, wrong]),
        link=number,
        sizes=sizes,
        seen=reached,
        target_error=plan.target_error,
        delta=plan.delta,
        price=price,
    )


def judged(
    link: CertifiedLink, predictions: LinkLabels, sample: Ints, wrong: NDArray[np.bool_], *, n_missing: int
) -> LinkOutcome:
    """Say what is to be expected of a certified link."""
    said = verdict(link.certification, predictions.score[link.seen], np.searchsorted(link.seen, sample), wrong)
    return LinkOutcome(link, said, len(wrong), int(wrong.sum()), n_missing)
