"""What `labelwright certify --json` writes."""

from __future__ import annotations

from math import isnan

import numpy as np

from labelwright.cli.commands.certify_words import Subject
from labelwright.methods.routing import Certification, Verdict
from labelwright.services.certify_predictions import Assessment

MOST_POINTS = 200


def as_json(found: Assessment, subject: Subject) -> dict[str, object]:
    """One object with everything that was computed."""
    certificate = found.certificate
    noise = found.noise
    has_noise = noise is not None and noise.reason is None
    shown = np.unique(np.linspace(0, max(len(found.curve.threshold) - 1, 0), MOST_POINTS).astype(int))
    curve = found.curve
    points = shown[shown < len(curve.threshold)]
    return {
        "file": subject.file,
        "score": subject.score,
        "n_items": subject.n_items,
        "n_with_score": subject.n_with_score,
        "certified": certificate.is_certified,
        "is_frozen": subject.is_frozen,
        "target_error": certificate.target_error,
        "confidence_level": subject.confidence_level,
        "delta": certificate.delta,
        "certified_error_upper": certificate.target_error if certificate.is_certified else None,
        "look": found.look + 1,
        "n_looks": found.n_looks,
        "is_open_pool": certificate.is_open_pool,
        **_step(certificate, found.verdict),
        "n_calibration": found.n_calibration,
        "n_calibration_wrong": found.n_wrong,
        "n_missing_counted_wrong": found.n_missing,
        "people_noise": noise.consensus_error if has_noise and noise is not None else None,
        "ranking": {
            "auroc": _known(found.ranking.value),
            "low": _known(found.ranking.low),
            "high": _known(found.ranking.high),
        },
        "calibration": _calibration_json(found),
        "ladder": [
            {"target_error": step.target_error, "certified": step.is_certified, **_step(step, said)}
            for step, said in found.ladder
        ],
        "risk_coverage": [
            {
                "threshold": float(curve.threshold[i]),
                "coverage": float(curve.coverage[i]),
                "risk": _known(float(curve.risk[i])),
                "low": _known(float(curve.low[i])),
                "high": _known(float(curve.high[i])),
            }
            for i in points
        ],
        "warnings": list(subject.warnings),
    }


def _step(step: Certification, said: Verdict) -> dict[str, object]:
    return {
        "threshold": step.threshold,
        "n_accepted": step.n_accepted,
        "accepted_share": step.coverage,
        "n_for_people": step.n_pool - step.n_calibration - step.n_accepted,
        "n_calibrated_accepted": step.n_calibrated_accepted,
        "n_calibrated_wrong": step.n_calibrated_wrong,
        "outlook": said.outlook.value,
        "verdict": said.sentence,
        "reason": step.reason,
        "next_step": None
        if said.step is None
        else {
            "n_more_labels": said.step.n_more_labels,
            "expected_coverage": said.step.expected_coverage,
            "is_estimate": True,
        },
    }


def _calibration_json(found: Assessment) -> dict[str, object] | None:
    summary = found.calibration
    if summary is None:
        return None
    return {
        "mean_confidence": summary.mean_confidence,
        "accuracy": summary.accuracy,
        "ece": summary.ece,
        "debiased_squared_error": _known(summary.debiased_squared_error),
        "brier": summary.brier,
        "display_method": summary.display.method,
        "bins": [
            {"n": b.n, "confidence": b.confidence, "accuracy": b.accuracy, "low": b.low, "high": b.high}
            for b in summary.bins
        ],
    }


def _known(value: float) -> float | None:
    return None if isnan(value) else value
