"""Certify by the rule a project or a plan froze: one threshold or one per group, right or wrong or graded. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import ceil

import numpy as np
from numpy.typing import NDArray

from labelwright.domain.project import CertifyRule
from labelwright.errors import InvalidValue
from labelwright.methods.routing import (
    Certification,
    RoutingOutcome,
    certify,
    certify_by_group,
    certify_loss,
    conformal_risk_control,
    finite_pool_p_value,
    selective_guaranteed_risk,
    start_size,
    zero_error_size,
)

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]

_BETS = 5
"""Part of the seed for the order in which labels are bet on."""


@dataclass(frozen=True, slots=True, eq=False)
class Groups:
    """Which group an item is in, known without people's labels.  code: (N,) place in `names`; −1 = in none."""

    code: Ints
    names: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class GroupThreshold:
    """Groups that share a threshold (None = all items), and what it rests on.

    delta: its share of the risk; None where the promise holds on average.  n_calibrated: of the sample.
    n_calibrated_accepted, calibrated_loss: the sample's items at or above the threshold, and what they lose in all.
    """

    groups: tuple[str, ...] | None
    threshold: float | None
    delta: float | None
    n_calibrated: int
    n_calibrated_accepted: int
    calibrated_loss: float
    n_accepted: int
    reason: str | None


@dataclass(frozen=True, slots=True, eq=False)
class RuleOutcome:
    """What a rule accepts.  accepted: (N,) mask, outside the sample.  coverage: of the items outside the sample.

    plain: the certification in full, where the rule is the guarantee itself.
    """

    rule: CertifyRule
    thresholds: tuple[GroupThreshold, ...]
    accepted: Bools
    coverage: float
    reason: str | None
    plain: Certification | None

    @property
    def n_accepted(self) -> int:
        """Items that may be accepted."""
        return int(np.count_nonzero(self.accepted))

    @property
    def is_certified(self) -> bool:
        """Something may be accepted."""
        return bool(self.accepted.any())

    @property
    def threshold(self) -> float | None:
        """The one threshold; None where there are several, or none."""
        return self.thresholds[0].threshold if len(self.thresholds) == 1 else None


def certify_by_rule(
    rule: CertifyRule,
    score: Floats,
    index: Ints,
    loss: Floats,
    *,
    target: float,
    delta: float,
    groups: Groups | None,
    seed: Sequence[int],
    open_pool: bool = False,
    first_threshold: float | None = None,
    coin: float = 1.0,
) -> RuleOutcome:
    """Certify what the rule promises.

    score: (N,) label-free, nan = never accepted.  index: (n,) positions drawn at random and labelled.
    loss: (n,) in [0, 1]; 0 and 1 alone where the rule's loss is exact.  groups: needed where the rule goes by groups.
    seed: of the order in which labels are bet on.  first_threshold, coin: as in `certify`, which alone
    takes them.
    """
    if rule.by is not None:
        return _by_groups(
            rule, score, index, loss, target=target, delta=delta, groups=groups, seed=seed, open_pool=open_pool
        )
    if rule.is_plain:
        found = certify(
            score,
            index,
            loss > 0,
            target_error=target,
            delta=delta,
            open_pool=open_pool,
            first_threshold=first_threshold,
            coin=coin,
        )
        return of_plain(found, rule)
    outcome = _one_threshold(rule, score, index, loss, target=target, delta=delta, seed=seed, open_pool=open_pool)
    return RuleOutcome(
        rule, (_cell(None, len(index), outcome),), outcome.accepted, outcome.coverage, outcome.reason, None
    )


def least_sample(rule: CertifyRule | None, *, n_pool: int, target_error: float, delta: float) -> int:
    """Give the fewest labels with which a rule can accept anything, were none of them wrong.

    >>> least_sample(None, n_pool=2_000, target_error=0.1, delta=0.05)
    87
    """
    if rule is None or rule.is_plain:
        return start_size(target_error, delta)
    if rule.method == "conformal":
        return ceil(1 / target_error - 1e-9) - 1
    if rule.method == "sgr":
        n = np.arange(1, zero_error_size(target_error, delta) + 1)
        passes = finite_pool_p_value(n_pool, n, 0, target_error=target_error) <= delta
        return int(n[passes][0]) if passes.any() else int(n[-1])
    return 2 * zero_error_size(target_error, delta) if rule.by is not None else start_size(target_error, delta)


def of_plain(found: Certification, rule: CertifyRule | None = None) -> RuleOutcome:
    """Give the guarantee's own outcome in the shape that all rules share."""
    only = GroupThreshold(
        groups=None,
        threshold=found.threshold,
        delta=found.delta,
        n_calibrated=found.n_calibration,
        n_calibrated_accepted=found.n_calibrated_accepted,
        calibrated_loss=float(found.n_calibrated_wrong),
        n_accepted=found.n_accepted,
        reason=found.reason,
    )
    return RuleOutcome(rule or CertifyRule(), (only,), found.accepted, found.coverage, found.reason, found)


def _one_threshold(
    rule: CertifyRule,
    score: Floats,
    index: Ints,
    loss: Floats,
    *,
    target: float,
    delta: float,
    seed: Sequence[int],
    open_pool: bool,
) -> RoutingOutcome:
    if rule.method == "conformal":
        return conformal_risk_control(score, index, loss, target_loss=target)
    if rule.method == "sgr":
        return selective_guaranteed_risk(score, index, loss > 0, target_error=target, delta=delta, open_pool=open_pool)
    return certify_loss(
        score, index, loss, target_loss=target, delta=delta, test=rule.test, rng=_bets(seed), open_pool=open_pool
    )


def _by_groups(
    rule: CertifyRule,
    score: Floats,
    index: Ints,
    loss: Floats,
    *,
    target: float,
    delta: float,
    groups: Groups | None,
    seed: Sequence[int],
    open_pool: bool,
) -> RuleOutcome:
    if groups is None or rule.method != "fixed_sequence":
        raise InvalidValue("by", f"{rule.by!r} needs groups, and method: fixed_sequence; got {rule.method!r}")
    found = certify_by_group(
        score,
        index,
        loss,
        groups.code,
        target_loss=target,
        delta=delta,
        split=rule.split,
        test="exact" if rule.loss == "exact" else rule.test,
        rng=_bets(seed),
        open_pool=open_pool,
    )
    cells = tuple(
        _cell(tuple(groups.names[code] for code in cell.groups), cell.n_calibrated, cell.outcome)
        for cell in found.cells
    )
    reasons = [f"{', '.join(cell.groups or ())}: {cell.reason}" for cell in cells if cell.reason is not None]
    reason = None if found.n_accepted else "; ".join(reasons) or "no item is in any group"
    return RuleOutcome(rule, cells, found.accepted, found.coverage, reason, None)


def _cell(groups: tuple[str, ...] | None, n_calibrated: int, outcome: RoutingOutcome) -> GroupThreshold:
    return GroupThreshold(
        groups=groups,
        threshold=outcome.threshold,
        delta=outcome.delta,
        n_calibrated=n_calibrated,
        n_calibrated_accepted=outcome.n_calibrated_accepted,
        calibrated_loss=outcome.calibrated_loss,
        n_accepted=outcome.n_accepted,
        reason=outcome.reason,
    )


def _bets(seed: Sequence[int]) -> np.random.Generator:
    return np.random.default_rng([*seed, _BETS])


def threshold_of_each(
    thresholds: Sequence[tuple[Sequence[str] | None, float | None]], n: int, groups: Groups | None
) -> Floats:
    """(N,) the threshold that each item is held against; nan where nothing of its group is accepted.

    thresholds: groups (None = all items) with their threshold.
    """
    found = np.full(n, np.nan)
    for names, threshold in thresholds:
        if threshold is None:
            continue
        if names is None:
            found[:] = threshold
        elif groups is not None:
            inside = np.isin(groups.code, [code for code, name in enumerate(groups.names) if name in names])
            found[inside] = threshold
    return found
