"""Adjusted p-values against statsmodels, and the promise they make under dependence."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from statsmodels.stats.multitest import multipletests

from labelwright.methods.comparison import benjamini_hochberg, benjamini_yekutieli

P_VALUES = st.lists(st.floats(0, 1), min_size=1, max_size=40)


@given(P_VALUES)
def test_both_agree_with_statsmodels(p: list[float]) -> None:
    assert benjamini_hochberg(p) == pytest.approx(multipletests(p, method="fdr_bh")[1], abs=1e-12)
    assert benjamini_yekutieli(p) == pytest.approx(multipletests(p, method="fdr_by")[1], abs=1e-12)


def test_under_dependence_the_expected_share_of_false_findings_stays_below_q() -> None:
    rng = np.random.default_rng(5)
    shares: list[float] = []
    for _ in range(400):
        shared = rng.standard_normal()
        z = 0.8 * shared * rng.choice([-1, 1], 30) + 0.6 * rng.standard_normal(30)
        z[:5] += 4.0
        p = 0.5 * (1 - np.vectorize(_erf)(z / np.sqrt(2)))
        found = benjamini_yekutieli(p) <= 0.1
        shares.append(found[5:].sum() / max(found.sum(), 1))
    assert np.mean(shares) < 0.1


def test_no_tests_give_no_findings() -> None:
    assert benjamini_hochberg([]).shape == (0,)
    assert benjamini_yekutieli([]).shape == (0,)


def _erf(x: float) -> float:
    from math import erf

    return erf(x)
