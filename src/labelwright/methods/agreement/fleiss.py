"""Fleiss' kappa, for any number of votes per unit."""

import numpy as np

from labelwright.methods.aggregation.votes import Votes, count_table
from labelwright.methods.agreement.value import Agreement, Floats, ratio_or_nan, with_interval


def fleiss_kappa(
    table: Votes, *, rng: np.random.Generator, n_bootstrap: int = 2_000, confidence_level: float = 0.95
) -> Agreement:
    """(P_o − P_e)/(1 − P_e): pairwise agreement over units with two votes, chance from mean shares.

    With equally many votes everywhere it is Fleiss' own coefficient.
    Source: Fleiss (1971), Psychological Bulletin 76; ragged form of Gwet (2014), Handbook of Inter-Rater Reliability.
    """
    counts = count_table(table)
    size = counts.sum(axis=1)
    counts, size = counts[size >= 1], size[size >= 1]
    shares = counts / size[:, None]
    paired = size >= 2
    pairs = np.where(paired, size * (size - 1), 1.0)
    agreeing = np.where(paired, (counts * (counts - 1)).sum(axis=1) / pairs, 0.0)
    statistics = np.column_stack([agreeing, paired, np.ones(len(size)), shares])

    def kappa(sums: Floats) -> Floats:
        observed = ratio_or_nan(sums[:, 0], sums[:, 1])
        expected = ((sums[:, 3:] / sums[:, 2:3]) ** 2).sum(axis=1)
        return ratio_or_nan(observed - expected, 1 - expected)

    return with_interval(
        "Fleiss' kappa",
        statistics if np.any(paired) else statistics[:0],
        kappa,
        n_votes=int(size.sum()),
        rng=rng,
        n_bootstrap=n_bootstrap,
        confidence_level=confidence_level,
    )
