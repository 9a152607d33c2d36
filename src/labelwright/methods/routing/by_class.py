"""A threshold for each predicted class, or slice, with a statement for each."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal, TypeAlias

import numpy as np
from numpy.typing import ArrayLike, NDArray

from labelwright.errors import InvalidValue
from labelwright.methods.routing.certify_loss import LossTest, certify_loss
from labelwright.methods.routing.outcome import RoutingOutcome
from labelwright.methods.routing.planner import check_target, start_size, zero_error_size
from labelwright.methods.routing.tail_tests import Ints

Split: TypeAlias = Literal["together", "each"]


@dataclass(frozen=True, eq=False, slots=True)
class GroupCell:
    """Groups that share a threshold.  n_calibrated: of the sample.  outcome: over the whole pool's positions."""

    groups: tuple[int, ...]
    n_calibrated: int
    outcome: RoutingOutcome


@dataclass(frozen=True, eq=False, slots=True)
class GroupedOutcome:
    """What is accepted in all cells.  accepted: (N,) mask.  coverage: of the items outside the sample.

    promise: the sentence that holds over random samples.
    """

    cells: tuple[GroupCell, ...]
    promise: str
    accepted: NDArray[np.bool_]
    n_accepted: int
    coverage: float


def certify_by_group(
    score: ArrayLike,
    calibrated_index: ArrayLike,
    loss: ArrayLike,
    group: ArrayLike,
    *,
    target_loss: float,
    delta: float = 0.05,
    split: Split = "together",
    test: LossTest = "exact",
    parent: Mapping[int, int] | None = None,
    rng: np.random.Generator | None = None,
    open_pool: bool = False,
) -> GroupedOutcome:
    """Certify each group of the pool by itself.

    score, calibrated_index, loss, test, rng, open_pool: as in `certify_loss`.
    group: (N,) code of the *predicted* class or of a slice, known without labels; −1 = none, never accepted.
    split: "together" tests each at δ/K, and with chance 1 − δ the limit holds in all K at once, hence over all that is
      accepted; "each" tests at δ, and the statement is about each one alone.
    parent: codes of coarser groups.  Groups with fewer than 2·n0 of the sample are pooled with such others of the same
      parent, and those still too small with one another; what stays too small goes to people, and costs no δ.

    Which groups are pooled depends on counts alone.  A cell with fewer than 3·n0 of the sample starts at 2·n0,
    or all or nothing where its share of δ makes even that too many.
    """
    check_target(target_loss, delta)
    scores = np.asarray(score, dtype=np.float64)
    index, losses = np.asarray(calibrated_index, dtype=np.int64), np.asarray(loss, dtype=np.float64)
    code = np.asarray(group, dtype=np.int64)
    if code.shape != scores.shape:
        raise InvalidValue("group", f"must name a group for each of {len(scores)} items, got {code.shape}")
    least = 2 * zero_error_size(target_loss, delta)
    # An item without a score cannot be accepted, so its label says nothing about the accepted of its group.
    counted = code[index[~np.isnan(scores[index])]]
    pooled = pool_small(code, counted, least=least, parent=parent or {})
    sizes = [int(np.isin(counted, groups).sum()) for groups in pooled]
    n_tested = sum(size >= least for size in sizes)
    delta_each = delta if split == "each" else delta / max(n_tested, 1)
    start, two_thirds = start_size(target_loss, delta_each), 2 * zero_error_size(target_loss, delta_each)
    cells: list[GroupCell] = []
    accepted = np.zeros(len(scores), dtype=np.bool_)
    for groups, size in zip(pooled, sizes, strict=True):
        outcome = certify_loss(
            np.where(np.isin(code, groups), scores, np.nan),
            index,
            losses,
            target_loss=target_loss,
            delta=delta_each,
            test=test,
            rng=rng,
            open_pool=open_pool,
            n_start=start if size >= start else max(least, min(two_thirds, size)),
        )
        cells.append(GroupCell(groups, size, outcome))
        accepted |= outcome.accepted
    n_accepted, n_others = int(np.count_nonzero(accepted)), len(scores) - len(index)
    return GroupedOutcome(
        tuple(cells),
        _promise(target_loss, delta, split, n_tested),
        accepted,
        n_accepted,
        n_accepted / n_others if n_others else 0.0,
    )


def pool_small(
    group: Ints, group_of_sample: Ints, *, least: int, parent: Mapping[int, int]
) -> tuple[tuple[int, ...], ...]:
    """Join groups with fewer than `least` of the sample: with siblings first, then with whatever is left.

    >>> pool_small(np.array([0, 1, 2]), np.repeat([0, 1, 2], [9, 2, 3]), least=5, parent={})
    ((0,), (1, 2))
    """
    codes = [int(one) for one in np.unique(group) if one >= 0]
    n_of = {one: int(np.count_nonzero(group_of_sample == one)) for one in codes}
    large = [(one,) for one in codes if n_of[one] >= least]
    small = [one for one in codes if n_of[one] < least]
    families: dict[int, tuple[int, ...]] = {}
    for one in small:
        if one in parent:
            families[parent[one]] = (*families.get(parent[one], ()), one)
    joined = [family for family in families.values() if sum(n_of[one] for one in family) >= least]
    taken = {one for family in joined for one in family}
    rest = tuple(one for one in small if one not in taken)
    return (*large, *joined, rest) if rest else (*large, *joined)


def _promise(target_loss: float, delta: float, split: Split, n_tested: int) -> str:
    if split == "each":
        return (
            f"for each group by itself: the chance of accepting something of it whose mean loss is above "
            f"{target_loss:g} is at most {delta:g}; over {n_tested} groups such chances add up"
        )
    return (
        f"with chance {1 - delta:g} over random samples, what is accepted has a mean loss of at most {target_loss:g} "
        f"in every one of {n_tested} groups, and so over all of them"
    )
