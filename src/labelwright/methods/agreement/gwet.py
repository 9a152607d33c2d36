"""Gwet's first-order agreement coefficient, which does not collapse where one option is frequent."""

import numpy as np

from labelwright.methods.aggregation.votes import Votes, count_table
from labelwright.methods.agreement.value import Agreement, Floats, ratio_or_nan, with_interval


def gwet_ac1(
    table: Votes, *, rng: np.random.Generator, n_bootstrap: int = 2_000, confidence_level: float = 0.95
) -> Agreement:
    """(P_o − P_e)/(1 − P_e) with P_e = Σ π(1 − π)/(K − 1), π the mean share of each option; ragged votes allowed.

    Where nearly all votes name one option, kappa is near 0 however well people agree; this is not.
    Source: Gwet (2008), British Journal of Mathematical and Statistical Psychology 61(1).
    """
    counts = count_table(table)
    size = counts.sum(axis=1)
    counts, size = counts[size >= 1], size[size >= 1]
    paired = size >= 2
    pairs = np.where(paired, size * (size - 1), 1.0)
    agreeing = np.where(paired, (counts * (counts - 1)).sum(axis=1) / pairs, 0.0)
    statistics = np.column_stack([agreeing, paired, np.ones(len(size)), counts / size[:, None]])
    n_options = max(table.n_options, 2)

    def coefficient(sums: Floats) -> Floats:
        observed = ratio_or_nan(sums[:, 0], sums[:, 1])
        share = sums[:, 3:] / sums[:, 2:3]
        expected = (share * (1 - share)).sum(axis=1) / (n_options - 1)
        return ratio_or_nan(observed - expected, 1 - expected)

    return with_interval(
        "Gwet's AC1",
        statistics if np.any(paired) else statistics[:0],
        coefficient,
        n_votes=int(size.sum()),
        rng=rng,
        n_bootstrap=n_bootstrap,
        confidence_level=confidence_level,
    )
