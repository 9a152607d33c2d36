"""Split so that no group stands on both sides, and each label on both in its share."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

from labelwright.errors import InvalidValue

Ints = NDArray[np.int64]


def group_split(
    group_N: ArrayLike, *, test_share: float, rng: np.random.Generator, label_N: ArrayLike | None = None
) -> NDArray[np.bool_]:
    """(N,) whether each thing is in the test part; members of one group always together.

    label_N: (N,) codes ≥ 0, -1 = none; their shares are kept as far as whole groups allow.
    Groups are placed in random order, the large ones first, each where it takes the test part nearer to its due.
    Raises: InvalidValue for a share that is not between 0 and 1.

    >>> group_split([0, 0, 1, 2, 3], test_share=0.4, rng=np.random.default_rng(1)).sum()
    np.int64(2)
    """
    if not 0 < test_share < 1:
        raise InvalidValue("test_share", f"{test_share} is not between 0 and 1", "; 0.2 is usual")
    group = np.unique(np.asarray(group_N, dtype=np.int64), return_inverse=True)[1]
    n_groups = int(group.max(initial=-1)) + 1
    label = np.zeros(len(group), dtype=np.int64) if label_N is None else np.asarray(label_N, dtype=np.int64) + 1
    label = np.unique(label, return_inverse=True)[1]
    n_labels = int(label.max(initial=-1)) + 1
    size = np.bincount(group, minlength=n_groups)
    due = test_share * np.bincount(label, minlength=n_labels)
    order = np.argsort(group, kind="stable")
    edge = np.concatenate([[0], np.cumsum(size)])
    is_test = np.zeros(n_groups, dtype=np.bool_)
    has = np.zeros(n_labels)
    shuffled = rng.permutation(n_groups)
    for one in shuffled[np.argsort(-size[shuffled], kind="stable")]:
        codes, count = np.unique(label[order[edge[one] : edge[one + 1]]], return_counts=True)
        short = due[codes] - has[codes]
        if np.sum((short - count) ** 2) < np.sum(short**2):
            is_test[one] = True
            has[codes] += count
    return is_test[group]
