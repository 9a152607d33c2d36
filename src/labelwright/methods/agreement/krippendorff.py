"""Krippendorff's alpha, nominal scale."""

import numpy as np

from labelwright.methods.aggregation.votes import Votes, count_table
from labelwright.methods.agreement.value import Agreement, Floats, ratio_or_nan, with_interval


def krippendorff_alpha(
    table: Votes, *, rng: np.random.Generator, n_bootstrap: int = 2_000, confidence_level: float = 0.95
) -> Agreement:
    """1 − D_o/D_e over pairable votes; any number of votes per unit, missing ones allowed.

    Source: Krippendorff (2011), Computing Krippendorff's alpha-reliability, nominal data.
    """
    counts = count_table(table)
    size = counts.sum(axis=1)
    counts, size = counts[size >= 2], size[size >= 2]
    agreeing = (counts * (counts - 1)).sum(axis=1) / (size - 1)

    def alpha(sums: Floats) -> Floats:
        agreed, per_option = sums[:, 0], sums[:, 1:]
        total = per_option.sum(axis=1)
        observed = 1 - agreed / total
        expected = 1 - (per_option * (per_option - 1)).sum(axis=1) / (total * (total - 1))
        return 1 - ratio_or_nan(observed, expected)

    return with_interval(
        "Krippendorff's alpha",
        np.column_stack([agreeing, counts]),
        alpha,
        n_votes=int(size.sum()),
        rng=rng,
        n_bootstrap=n_bootstrap,
        confidence_level=confidence_level,
    )
