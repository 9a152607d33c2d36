"""Tests, sequences and conformal control against what MAPIE gave for the same labels."""

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from labelwright.methods.routing import certify_loss, conformal_risk_control, hoeffding_bentkus_p_value

FIXTURE = Path(__file__).parent / "fixtures" / "routing.json"  # see make_routing_fixture.py
STORED: list[dict[str, Any]] = json.loads(FIXTURE.read_text(encoding="utf-8"))["cases"]
CASES = pytest.mark.parametrize("case", STORED, ids=lambda case: f"{len(case['score'])} labels")


@CASES
def test_hoeffding_bentkus_p_values_equal_mapies(case: dict[str, Any]) -> None:
    score, loss = np.array(case["score"]), np.array(case["loss"])
    for place, threshold in enumerate(case["thresholds"]):
        inside = loss[score >= threshold]
        for column, target in enumerate(case["targets"]):
            ours = float(hoeffding_bentkus_p_value(len(inside), inside.sum(), target_loss=target))
            assert ours == pytest.approx(min(case["hoeffding_bentkus"][place][column], 1.0), rel=1e-6, abs=1e-12)


@CASES
def test_the_fixed_sequence_stops_where_mapies_does(case: dict[str, Any]) -> None:
    score, loss = np.array(case["score"], dtype=float), np.array(case["loss"])
    # A pool of the sample and as many others, so that something is left to accept; the source keeps coming.
    pool, index = np.concatenate([score, score]), np.arange(len(score))
    for column, target in enumerate(case["targets"]):
        found = certify_loss(pool, index, loss, target_loss=target, test="hoeffding-bentkus", open_pool=True, n_start=1)
        rejected = case["fixed_sequence"][column]
        assert found.threshold == (case["thresholds"][rejected[-1]] if rejected else None)


@CASES
def test_conformal_risk_control_accepts_down_to_where_mapies_corrected_risk_allows(case: dict[str, Any]) -> None:
    score, loss = np.array(case["score"], dtype=float), np.array(case["loss"])
    pool, index = np.concatenate([score, score]), np.arange(len(score))
    risk = np.array(case["conformal_risk"])
    for target in case["targets"]:
        fits = np.flatnonzero(risk <= target)
        found = conformal_risk_control(pool, index, loss, target_loss=target)
        assert found.threshold == (case["thresholds"][fits[-1]] if fits.size else None)
