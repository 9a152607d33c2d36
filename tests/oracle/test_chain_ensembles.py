"""The chain ensemble equals its authors' package, on what the package gave and, where it is installed, on the spot."""

import json
from typing import Any

import numpy as np
import pytest

from labelwright.methods.routing import backward_pass, forward_pass
from tests.oracle.make_chain_fixture import CASES, FIXTURE, run, simulation

STORED: list[dict[str, Any]] = json.loads(FIXTURE.read_text(encoding="utf-8"))["cases"]


def check(case: dict[str, Any]) -> None:
    confidence = np.array([[np.nan if v is None else v for v in row] for row in case["confidence"]])
    passed = forward_pass(confidence)
    source = backward_pass(confidence, passed)
    label = np.array(case["label"])
    assert passed.kept_by.tolist() == case["kept_by"]
    assert [None if np.isnan(t) else t for t in passed.threshold] == case["threshold"]
    assert source.tolist() == case["backward_source"]
    assert label[np.arange(len(label)), source].tolist() == case["backward_label"]


@pytest.mark.parametrize("case", STORED, ids=lambda case: f"seed {case['seed']}")
def test_the_chain_equals_what_chain_ensembles_gave(case: dict[str, Any]) -> None:
    check(case)


def test_the_stored_answers_hold_ties_gaps_and_chains_of_one_to_four_links() -> None:
    assert len(STORED) == len(CASES)
    values = [np.array([[np.nan if v is None else v for v in row] for row in case["confidence"]]) for case in STORED]
    assert {v.shape[1] for v in values} == {1, 2, 3, 4}
    assert any(len(np.unique(v[:, 0])) < len(v) / 2 for v in values)
    assert any(np.isnan(v).any() for v in values)


def test_the_chain_equals_chain_ensembles_itself() -> None:
    package = simulation()
    if package is None:
        pytest.skip("chain-ensembles is not installed here; tests/oracle/make_chain_fixture.py says how")
    for seed in range(50, 60):
        for case in CASES:
            check(run(package, seed, case))
