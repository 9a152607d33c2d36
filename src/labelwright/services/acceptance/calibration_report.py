"""How far a score is from a probability, and how far the one shown is: the report's section `calibration`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from typing import Any, cast

import numpy as np

from labelwright.domain.canonical import Json
from labelwright.methods.calibration import BinnedError, CalibrationFigures, calibration_figures, reliability
from labelwright.services.acceptance.shown_probability import Floats, Labelled, out_of_fold

_N_NULL = 500


def calibration_section(labelled: Labelled, stored: Mapping[str, Any], *, seed: Sequence[int]) -> dict[str, Json]:
    """Measure the raw score and the probability shown on the sample's labels; each figure beside its bias.

    stored: the map kept with the certificate.
    What is shown is judged by maps fitted without each item's fold. null where there is nothing to measure.
    """
    raw, right = labelled.score, labelled.correct
    shown = out_of_fold(labelled, stored, rng=np.random.default_rng([*seed, 2]))
    figures_raw = _figures(raw, right, seed)
    figures_shown = _figures(shown, right, seed)
    bins = reliability(raw, right, rng=np.random.default_rng(seed))
    shown_bins = reliability(shown, right, rng=np.random.default_rng(seed))
    return {
        "method": stored["method"],
        "n_labels": stored["n_labels"],
        "by_label": _by_label(stored),
        "auroc": figures_raw["auroc"],
        "aurc": figures_raw["aurc"],
        "ece_raw": _of(figures_raw, "ece_mass", "value"),
        "ece_shown": _of(figures_shown, "ece_mass", "value"),
        "brier_shown": _of(figures_shown, "brier", "score"),
        "accuracy": _number(float(right.mean())) if len(right) else None,
        "raw": figures_raw,
        "shown": figures_shown,
        "shown_is": "cross-fitted: each label by maps that were fitted without it",
        "reliability": [cast("Json", asdict(one)) for one in bins],
        "reliability_shown": [cast("Json", asdict(one)) for one in shown_bins],
    }


def _figures(probability: Floats, correct: np.ndarray, seed: Sequence[int]) -> dict[str, Json]:
    found = calibration_figures(probability, correct, rng=np.random.default_rng([*seed, 3]), n_null=_N_NULL)
    return figures_to_json(found)


def figures_to_json(found: CalibrationFigures) -> dict[str, Json]:
    """Write all figures as JSON; null for what cannot be measured.

    ece_width, ece_mass: with the mean and upper 95% point that a perfectly calibrated score would show at this size,
    and the p-value of "it is calibrated".  debiased_squared: mean 0 when calibrated.
    """
    brier = found.brier
    return {
        "n": found.n,
        "ece_width": _binned(found.equal_width),
        "ece_mass": _binned(found.equal_mass),
        "debiased_squared": _number(found.debiased_squared),
        "brier": {
            "score": _number(brier.score),
            "reliability": _number(brier.reliability),
            "resolution": _number(brier.resolution),
            "uncertainty": _number(brier.uncertainty),
            "within_bins": _number(brier.within_bins),
        },
        "nll": _number(found.log_loss),
        "auroc": _number(found.ranking.value),
        "auroc_low": _number(found.ranking.low),
        "auroc_high": _number(found.ranking.high),
        "aurc": _number(found.risk_coverage),
        "e_aurc": _number(found.excess_risk_coverage),
    }


def _binned(found: BinnedError) -> dict[str, Json]:
    return {
        "value": _number(found.value),
        "null_mean": _number(found.null.mean),
        "null_upper": _number(found.null.upper),
        "p_value": _number(found.p_value),
    }


def _by_label(stored: Mapping[str, Any]) -> list[Json] | None:
    """Say which labels have a map of their own, and from how many of the sample."""
    if stored["method"] != "class-wise":
        return None
    labels = cast("list[Json]", stored["labels"])
    return [
        {"label": labels[int(code)], "method": one["method"], "n_labels": one["n_labels"]}
        for code, one in sorted(stored["by_class"].items(), key=lambda pair: int(pair[0]))
    ]


def _of(figures: Mapping[str, Json], part: str, name: str) -> Json:
    return cast("Mapping[str, Json]", figures[part])[name]


def _number(value: float) -> float | None:
    """Write nan, which JSON does not have, as null."""
    return None if np.isnan(value) else float(value)
