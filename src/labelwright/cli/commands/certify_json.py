"""What `labelwright certify --json` writes."""

from __future__ import annotations

from dataclasses import asdict
from math import isnan

import numpy as np

from labelwright.cli.commands.certify_rule_view import noise_of, promise_of
from labelwright.cli.commands.certify_words import Subject
from labelwright.methods.routing import Certification, Verdict
from labelwright.services.acceptance.calibration_report import figures_to_json
from labelwright.services.acceptance.certify_predictions import Assessment
from labelwright.services.acceptance.statement import statement

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
        "certified": found.outcome.is_certified,
        "is_frozen": subject.is_frozen,
        "target_error": certificate.target_error,
        "confidence_level": subject.confidence_level,
        "delta": certificate.delta,
        "certified_error_upper": certificate.target_error
        if found.outcome.is_certified
        and found.outcome.rule.loss == "exact"
        and found.outcome.rule.method != "conformal"
        else None,
        "look": found.look + 1,
        "n_looks": found.n_looks,
        "is_open_pool": certificate.is_open_pool,
        **_accepted(found),
        "promise": promise_of(found),
        "statement": statement(
            found.outcome, target=certificate.target_error, delta=found.delta_of_all, noise=noise_of(found.noise)
        ),
        "rule": asdict(found.outcome.rule),
        "thresholds": [asdict(one) for one in found.outcome.thresholds],
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
        ]
        if found.outcome.rule.is_plain
        else [
            {
                "target_error": limit,
                "certified": rung.is_certified,
                "n_accepted": rung.n_accepted,
                "accepted_share": rung.coverage,
                "reason": rung.reason,
            }
            for limit, rung in found.rule_ladder
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


def _accepted(found: Assessment) -> dict[str, object]:
    """What the frozen rule accepts; of the guarantee, with what to expect of more labels."""
    if found.outcome.rule.is_plain:
        return _step(found.certificate, found.verdict)
    outcome = found.outcome
    return {
        "threshold": outcome.threshold,
        "n_accepted": outcome.n_accepted,
        "accepted_share": outcome.coverage,
        "n_for_people": found.certificate.n_pool - found.n_calibration - outcome.n_accepted,
        "reason": outcome.reason,
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
        "display_method": summary.display["method"],
        "raw": figures_to_json(summary.raw),
        "shown": figures_to_json(summary.shown),
        "bins": [
            {"n": b.n, "confidence": b.confidence, "accuracy": b.accuracy, "low": b.low, "high": b.high}
            for b in summary.bins
        ],
    }


def _known(value: float) -> float | None:
    return None if isnan(value) else value
