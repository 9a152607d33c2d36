"""Percent agreement."""

import numpy as np

from labelwright.methods.aggregation.votes import Votes, count_table
from labelwright.methods.agreement.value import Agreement, Floats, with_interval


def percent_agreement(
    table: Votes, *, rng: np.random.Generator, n_bootstrap: int = 2_000, confidence_level: float = 0.95
) -> Agreement:
    """Chance that two votes drawn from one unit are equal, averaged over units; not corrected for chance."""
    counts = count_table(table)
    size = counts.sum(axis=1)
    counts, size = counts[size >= 2], size[size >= 2]
    agreeing = (counts * (counts - 1)).sum(axis=1) / (size * (size - 1))

    def share(sums: Floats) -> Floats:
        return sums[:, 0] / sums[:, 1]

    return with_interval(
        "percent agreement",
        np.column_stack([agreeing, np.ones(len(size))]),
        share,
        n_votes=int(size.sum()),
        rng=rng,
        n_bootstrap=n_bootstrap,
        confidence_level=confidence_level,
    )
