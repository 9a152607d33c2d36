"""Second opinions: the authors' ppi-python (recorded), statsmodels' proportions and robust regressions."""

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import statsmodels.api as sm
from scipy import special, stats
from statsmodels.stats.proportion import proportion_confint

from labelwright.methods.estimation import Link, classical_mean, ppi_mean, pseudo_regression, tuned_lambda

FIXTURE = Path(__file__).parent / "fixtures" / "ppi_python.json"
CASES: list[dict[str, Any]] = json.loads(FIXTURE.read_text(encoding="utf-8"))["cases"]


@pytest.mark.parametrize("case", CASES, ids=lambda case: str(case["seed"]))
def test_ppi_equals_ppi_python_at_a_stated_lambda(case: dict[str, Any]) -> None:
    y, f, others = (np.array(case[name], dtype=float) for name in ("label", "predicted", "others"))
    human = np.concatenate([y, np.full(len(others), np.nan)])
    predicted = np.concatenate([f, others])
    for power, expected in case["at"].items():
        found = ppi_mean(human, predicted, tuning=float(power), population="open")
        assert found.value == pytest.approx(expected["value"], abs=1e-6)
        # Theirs divides squares by n, ours by what is left after the mean; at λ = 0 Wilson's does as they do.
        of_others = float(power) ** 2 * others.var() / len(others)
        freedom = 1.0 if float(power) == 0 else (len(y) - 1) / len(y)
        error = ((found.standard_error**2 - of_others) * freedom + of_others) ** 0.5
        half = special.ndtri(0.95) * error
        assert (found.value - half, found.value + half) == pytest.approx((expected["low"], expected["high"]), abs=1e-6)


@pytest.mark.parametrize("case", CASES, ids=lambda case: str(case["seed"]))
def test_lambda_is_tuned_as_in_ppi_python(case: dict[str, Any]) -> None:
    assert tuned_lambda(case["label"], case["predicted"], case["others"]) == pytest.approx(case["tuned"], abs=1e-6)


@pytest.mark.parametrize(("k", "n"), [(10, 100), (30, 60), (500, 1_000)])
def test_without_a_model_the_interval_is_wilsons_with_students_quantile(k: int, n: int) -> None:
    found = classical_mean(np.arange(n) < k, population="open")
    as_wide = 2 * special.ndtr(-stats.t.ppf(0.975, n - 1))
    expected = np.asarray(proportion_confint(k, n, alpha=as_wide, method="wilson"))
    assert np.array([found.low, found.high]) == pytest.approx(expected, abs=1e-9)


def test_few_successes_get_clopper_and_pearsons_interval() -> None:
    found = classical_mean(np.arange(80) < 2, population="open")
    expected = np.asarray(proportion_confint(2, 80, alpha=0.05, method="beta"))
    assert np.array([found.low, found.high]) == pytest.approx(expected, abs=1e-9)


@pytest.mark.parametrize("seed", range(3))
def test_regressions_and_their_sandwich_errors_equal_statsmodels(seed: int) -> None:
    draw = np.random.default_rng(seed)
    columns = np.column_stack([np.ones(300), draw.standard_normal((300, 2))])
    label = (draw.random(300) < special.expit(columns @ [0.2, 1.0, -0.5])).astype(float)
    linear = sm.OLS(label, columns).fit(cov_type="HC0")
    logistic = sm.Logit(label, columns).fit(disp=0, cov_type="HC0", tol=1e-12)
    pairs: list[tuple[Link, Any]] = [("linear", linear), ("logistic", logistic)]
    for link, expected in pairs:
        found = pseudo_regression(label, columns, link=link)
        assert found.coefficients == pytest.approx(expected.params, abs=1e-6)
        assert found.standard_errors == pytest.approx(expected.bse, abs=1e-6)
