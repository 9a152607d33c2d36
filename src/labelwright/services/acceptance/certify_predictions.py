"""Certify any model's predictions: plan, draw blind, freeze, and judge the answers. Pure: files are read elsewhere."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from hashlib import sha256
from itertools import count, pairwise
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from labelwright.domain.canonical import Json
from labelwright.domain.project import CertifyRule
from labelwright.errors import InvalidValue
from labelwright.methods.aggregation import votes
from labelwright.methods.calibration import (
    Auroc,
    CalibrationFigures,
    ReliabilityBin,
    RiskCoverage,
    auroc,
    brier_score,
    calibration_figures,
    debiased_calibration_error,
    expected_calibration_error,
    reliability,
    risk_coverage,
)
from labelwright.methods.quality import ReviewerNoise, reviewer_noise
from labelwright.methods.routing import (
    Certification,
    Verdict,
    break_ties,
    default_calibration_size,
    ladder,
    look_deltas,
    size_for_power,
    start_size,
    verdict,
)
from labelwright.services.acceptance.certify_rule import Groups, RuleOutcome, certify_by_rule, least_sample, of_plain
from labelwright.services.acceptance.shown_probability import Labelled, fit_shown, out_of_fold

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

LADDER: Final = (0.01, 0.02, 0.05, 0.10, 0.15, 0.20, 0.30)


@dataclass(frozen=True, slots=True)
class CertifyPlan:
    """Everything that is frozen before the first label; written beside the sample and checked against the answers.

    looks: sample sizes at which the answers may be judged, rising; δ is split over them.
    drawn_sha256: over the drawn ids in order, one per line.
    draw_number: how many samples were drawn for these predictions, or of these very items, this one included.
    rule: what the certificate promises.  task: the question whose distance counts as loss.
    """

    predictions: str
    predictions_sha256: str
    id_column: str
    label_column: str
    score_column: str | None
    second_column: str | None
    target_error: float
    confidence_level: float
    looks: tuple[int, ...]
    seed: int
    is_open_pool: bool
    n_pool: int
    drawn_sha256: str
    draw_number: int = 1
    rule: CertifyRule = field(default_factory=CertifyRule)
    task: dict[str, Any] | None = None


@dataclass(frozen=True, slots=True, eq=False)
class Promised:
    """Another rule than the guarantee, and what it needs.  loss: (n,) of the sample, as the rule counts it."""

    rule: CertifyRule
    loss: Floats
    groups: Groups | None
    seed: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class LabelsNeeded:
    """What one target asks for, in accepted labelled items: to start, and to certify with 90% chance.

    to_certify: (true error as a share of the target, accepted labels).
    """

    target_error: float
    to_start: int
    to_certify: tuple[tuple[float, int], ...]


@dataclass(frozen=True, eq=False, slots=True)
class Assessment:
    """What the answers say: the certificate at the frozen target, the ladder for planning, and the pictures.

    outcome: what is accepted, by the frozen rule.  rule_ladder: the same at each target, where the rule is another than
    the guarantee.  certificate, verdict, ladder: of the guarantee, which is the outcome where no other rule was frozen.
    delta_of_all: over all looks together; `certificate.delta` is this look's share of it, and no confidence to state.
    """

    outcome: RuleOutcome
    rule_ladder: tuple[tuple[float, RuleOutcome], ...]
    certificate: Certification
    verdict: Verdict
    ladder: tuple[tuple[Certification, Verdict], ...]
    look: int
    n_looks: int
    delta_of_all: float
    n_calibration: int
    n_wrong: int
    n_missing: int
    noise: ReviewerNoise | None
    ranking: Auroc
    calibration: CalibrationSummary | None
    curve: RiskCoverage


@dataclass(frozen=True, eq=False, slots=True)
class CalibrationSummary:
    """How far the score is from a probability; only for scores in [0, 1].

    display: a map for people's eyes, as it is kept.  raw, shown: all figures, of the score and of that map by folds.
    """

    mean_confidence: float
    accuracy: float
    ece: float
    debiased_squared_error: float
    brier: float
    bins: tuple[ReliabilityBin, ...]
    display: Mapping[str, Json]
    raw: CalibrationFigures
    shown: CalibrationFigures


def error_budget(confidence_level: float) -> float:
    """δ = 1 − confidence level, without the dust of floating point.

    >>> error_budget(0.95)
    0.05
    """
    return round(1 - confidence_level, 12)


def labels_needed(target_errors: Sequence[float], *, delta: float) -> tuple[LabelsNeeded, ...]:
    """Plan: how many accepted labels each target needs."""
    return tuple(
        LabelsNeeded(
            target,
            start_size(target, delta),
            tuple(
                (
                    share,
                    max(
                        start_size(target, delta),
                        size_for_power(true_error=share * target, target_error=target, delta=delta),
                    ),
                )
                for share in (0.25, 0.5, 0.75)
            ),
        )
        for target in target_errors
    )


def recommended_size(n_pool: int, *, target_error: float, delta: float, rule: CertifyRule | None = None) -> int:
    """min(300, N/3), but never fewer than a certificate needs to start, and never more than the pool."""
    least = least_sample(rule, n_pool=n_pool, target_error=target_error, delta=delta)
    return min(n_pool, max(default_calibration_size(n_pool), least))


def check_sizes(
    looks: Sequence[int],
    *,
    n_pool: int,
    target_error: float,
    confidence_level: float,
    rule: CertifyRule | None = None,
) -> None:
    """Raise InvalidValue when the sample cannot be drawn, or can never certify."""
    if any(later <= earlier for earlier, later in pairwise(looks)) or looks[0] < 1:
        raise InvalidValue("looks", f"must be rising sample sizes, got {', '.join(map(str, looks))}")
    if looks[-1] >= n_pool:
        raise InvalidValue("sample", f"{looks[-1]} labels of a pool of {n_pool} leave nothing to accept; take fewer")
    if rule is not None and rule.method == "conformal" and len(looks) > 1:
        raise InvalidValue("looks", "conformal routing holds for one look at one sample; take fixed_sequence")
    deltas = look_deltas(len(looks), error_budget(confidence_level))
    needed = [least_sample(rule, n_pool=n_pool, target_error=target_error, delta=delta) for delta in deltas]
    if all(size < start for size, start in zip(looks, needed, strict=True)):
        raise InvalidValue(
            "sample",
            f"{looks[-1]} labels can never certify {100 * target_error:.4g}% error at {100 * confidence_level:.4g}% "
            "confidence: at least "
            f"{min(needed)} accepted ones are needed merely to start; take more, or accept a higher target error",
        )


def draw(ids: Sequence[str], n: int, *, seed: int) -> tuple[Ints, str]:
    """Draw `n` rows at random, in random order; give them and the hash of their ids.

    Any first part of the order is itself a random sample, which is what makes several looks possible.
    """
    rows = np.random.default_rng(seed).permutation(len(ids))[:n].astype(np.int64)
    return rows, ids_hash(list(map(ids.__getitem__, rows.tolist())))


def free_seed(used: Collection[int]) -> int:
    """Give the first seed, from 1, that has drawn nothing yet: another sample must be another sample.

    >>> free_seed([]), free_seed([1, 2, 5])
    (1, 3)
    """
    return next(seed for seed in count(1) if seed not in used)


def ids_hash(ids: Sequence[str]) -> str:
    """Hash ids in their order."""
    return sha256("\n".join(ids).encode()).hexdigest()


def departures(plan: CertifyPlan, current: CertifyPlan) -> list[str]:
    """Name what is no longer as it was frozen; anything named voids the certificate."""
    names = {
        "predictions_sha256": "the predictions file has changed",
        "id_column": "the id column",
        "label_column": "the label column",
        "score_column": "the score column",
        "second_column": "the column that breaks ties",
        "target_error": "the target error",
        "confidence_level": "the confidence level",
        "looks": "the sample sizes",
        "seed": "the seed",
        "is_open_pool": "whether new items keep coming",
        "rule": "what the certificate promises",
        "task": "the question whose distance counts",
    }
    found: list[str] = []
    for name, what in names.items():
        before, now = getattr(plan, name), getattr(current, name)
        if before != now:
            is_long = name in {"predictions_sha256", "rule", "task"}
            found.append(what if is_long else f"{what}: frozen {before!r}, now {now!r}")
    return found


def people_noise(answers: Mapping[int, Sequence[tuple[str, str]]], *, rng: np.random.Generator) -> ReviewerNoise | None:
    """Estimate how often the people's consensus is wrong, from items that several labelled; None when nobody overlaps.

    answers: row → (annotator, label) pairs.
    """
    people = {name: code for code, name in enumerate(dict.fromkeys(a for pairs in answers.values() for a, _ in pairs))}
    options = {name: code for code, name in enumerate(dict.fromkeys(v for pairs in answers.values() for _, v in pairs))}
    cast = [
        (unit, people[annotator], options[label])
        for unit, pairs in enumerate(answers.values())
        for annotator, label in pairs
    ]
    if not any(len(pairs) > 1 for pairs in answers.values()):
        return None
    unit, annotator, option = zip(*cast, strict=True)
    return reviewer_noise(votes(unit, annotator, option), rng=rng)


def assess(
    score: Floats,
    calibrated: Ints,
    wrong: NDArray[np.bool_],
    *,
    target_error: float,
    confidence_level: float,
    second: Floats | None = None,
    look: int = 0,
    n_looks: int = 1,
    is_open_pool: bool = False,
    n_missing: int = 0,
    noise: ReviewerNoise | None = None,
    promised: Promised | None = None,
    labels: Sequence[str | None] | None = None,
    rng: np.random.Generator,
) -> Assessment:
    """Certify the frozen target, run the ladder for planning, and measure ranking and calibration.

    score: (N,) nan = never accepted.  calibrated, wrong: (n,).  second: (N,) breaks ties.
    promised: another rule than the guarantee, with what it needs.  labels: (N,) the predicted ones, for a map by label.
    """
    delta_of_all = error_budget(confidence_level)
    delta = look_deltas(n_looks, delta_of_all)[look]
    ranked = score if second is None else break_ties(score, second)
    targets = tuple(sorted({*LADDER, target_error}))
    steps = tuple(
        (step, verdict(step, ranked, calibrated, wrong, delta_of_all=delta_of_all))
        for step in ladder(ranked, calibrated, wrong, target_errors=targets, delta=delta, open_pool=is_open_pool)
    )
    certificate, said = steps[targets.index(target_error)]
    counts = certificate.counts

    def by_rule(target: float, promised: Promised) -> RuleOutcome:
        return certify_by_rule(
            promised.rule,
            ranked,
            calibrated,
            promised.loss,
            target=target,
            delta=delta,
            groups=promised.groups,
            seed=promised.seed,
            open_pool=is_open_pool,
        )

    rule_ladder = () if promised is None else tuple((target, by_rule(target, promised)) for target in targets)
    return Assessment(
        outcome=of_plain(certificate) if promised is None else rule_ladder[targets.index(target_error)][1],
        rule_ladder=rule_ladder,
        certificate=certificate,
        verdict=said,
        ladder=steps,
        look=look,
        n_looks=n_looks,
        delta_of_all=delta_of_all,
        n_calibration=len(calibrated),
        n_wrong=int(np.count_nonzero(wrong)),
        n_missing=n_missing,
        noise=noise,
        ranking=auroc(ranked[calibrated], ~wrong),
        calibration=_calibration(
            score[calibrated], ~wrong, None if labels is None else [labels[int(i)] for i in calibrated], rng=rng
        ),
        curve=risk_coverage(
            counts.threshold, counts.n_pool, counts.n_calibrated, counts.n_wrong, n_pool=certificate.n_pool
        ),
    )


def _calibration(
    confidence: Floats, correct: NDArray[np.bool_], labels: Sequence[str | None] | None, *, rng: np.random.Generator
) -> CalibrationSummary | None:
    known = ~np.isnan(confidence)
    confidence, correct = confidence[known], correct[known]
    if not len(confidence) or confidence.min() < 0 or confidence.max() > 1 or confidence.min() == confidence.max():
        return None
    said = [None] * len(confidence) if labels is None else [label for label, k in zip(labels, known, strict=True) if k]
    labelled = Labelled(confidence, correct, said)
    display = fit_shown(labelled, rng=rng)
    return CalibrationSummary(
        mean_confidence=float(confidence.mean()),
        accuracy=float(correct.mean()),
        ece=expected_calibration_error(confidence, correct),
        debiased_squared_error=debiased_calibration_error(confidence, correct),
        brier=brier_score(confidence, correct),
        bins=reliability(confidence, correct, rng=rng),
        display=display,
        raw=calibration_figures(confidence, correct, rng=rng, n_null=500),
        shown=calibration_figures(out_of_fold(labelled, display, rng=rng), correct, rng=rng, n_null=500),
    )
