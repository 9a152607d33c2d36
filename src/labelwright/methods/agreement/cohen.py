"""Cohen's kappa of two annotators."""

import numpy as np

from labelwright.methods.aggregation.votes import Votes
from labelwright.methods.agreement.value import Agreement, Floats, ratio_or_nan, with_interval


def cohen_kappa(
    table: Votes,
    *,
    first: int = 0,
    second: int = 1,
    rng: np.random.Generator,
    n_bootstrap: int = 2_000,
    confidence_level: float = 0.95,
) -> Agreement:
    """Unweighted kappa over the units that both `first` and `second` voted on.

    Source: Cohen (1960), Educational and Psychological Measurement 20.
    """
    option_of = [np.full(table.n_units, -1, dtype=np.int64) for _ in range(2)]
    for said, annotator in zip(option_of, (first, second), strict=True):
        own = table.annotator == annotator
        said[table.unit[own]] = table.option[own]
    both = (option_of[0] >= 0) & (option_of[1] >= 0)
    one, other = option_of[0][both], option_of[1][both]
    k = table.n_options
    identity = np.eye(k)
    statistics = (
        np.column_stack([one == other, identity[one], identity[other]]) if len(one) else np.empty((0, 1 + 2 * k))
    )

    def kappa(sums: Floats) -> Floats:
        total = sums[:, 1 : 1 + k].sum(axis=1)
        observed = sums[:, 0] / total
        expected = (sums[:, 1 : 1 + k] * sums[:, 1 + k :]).sum(axis=1) / total**2
        return ratio_or_nan(observed - expected, 1 - expected)

    return with_interval(
        "Cohen's kappa",
        statistics,
        kappa,
        n_votes=2 * len(one),
        rng=rng,
        n_bootstrap=n_bootstrap,
        confidence_level=confidence_level,
    )
