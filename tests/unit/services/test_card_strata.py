"""A card's interval holds whatever was reviewed, though the calibration sample chose the threshold."""

from __future__ import annotations

import numpy as np

from labelwright.methods.estimation import COUNTED, total_from_samples
from labelwright.methods.routing import certify
from labelwright.services.card.card_evidence import _strata  # pyright: ignore[reportPrivateUsage]

N, N_SAMPLE, REPEATS = 2_000, 300, 500


def test_the_threshold_was_chosen_by_the_sample_and_the_interval_holds_all_the_same() -> None:
    """A4P 5. Reviewed down to the threshold: the calibration items above it, taken alone, promise too much."""
    rng = np.random.default_rng(1)
    missed, flattered = list[bool](), list[bool]()
    for _ in range(REPEATS):
        score = rng.beta(4, 1.2, N).round(3)
        wrong = rng.random(N) < np.clip((1 - score) * 1.1, 0.01, 0.7)
        index = rng.permutation(N)[:N_SAMPLE]
        found = certify(score, index, wrong[index], target_error=0.1)
        if found.threshold is None:
            continue
        covered, above = found.accepted, score >= found.threshold
        calibrated, audited = np.zeros(N, dtype=np.bool_), np.zeros(N, dtype=np.bool_)
        calibrated[index] = True
        audited[rng.permutation(np.flatnonzero(covered))[:60]] = True
        right = np.where(calibrated | audited, 1.0 - wrong, np.nan)
        stratum = _strata(
            (covered, above, ~above), unknown=covered & ~audited, score=score, drawn=(calibrated, audited)
        )
        told = total_from_samples(right, stratum)
        missed.append(not told.low <= float((~wrong[stratum != COUNTED]).sum()) <= told.high)
        alone = total_from_samples(right, np.where(above, 0, COUNTED))
        flattered.append(float((~wrong[above]).sum()) < alone.low)
    n = len(missed)
    assert n > 50
    assert np.mean(missed) <= 0.05 + 3 * np.sqrt(0.05 * 0.95 / n)
    assert np.mean(flattered) > 0.08, "the failing control: what a calibration sample says of what it chose"


def test_what_people_looked_through_is_counted_where_the_audit_is_the_sharper() -> None:
    score = np.linspace(0, 1, 1_000)
    above = score >= 0.5
    calibrated = np.arange(1_000) % 20 == 0
    covered = above & ~calibrated
    parts = (covered, above, ~above)
    few, many = (covered & (np.arange(1_000) % step == 1) for step in (100, 4))
    reviewed = covered & ~many
    strata = _strata(parts, unknown=reviewed, score=score, drawn=(calibrated, many))
    assert set(strata[covered].tolist()) == {0}
    assert set(strata[~covered].tolist()) == {COUNTED}
    strata = _strata(parts, unknown=covered & ~few, score=score, drawn=(calibrated, few))
    assert set(strata[above].tolist()) == {0}
    assert set(strata[~above].tolist()) == {1}
