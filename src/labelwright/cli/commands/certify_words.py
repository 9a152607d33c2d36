"""The sentences and rows that the terminal, the page and the JSON object of `labelwright certify` share."""

from __future__ import annotations

from dataclasses import dataclass
from math import isnan

from labelwright.adapters.report.canvas import exact_percent, percent
from labelwright.methods.routing import Certification, Outlook, Verdict
from labelwright.services.acceptance.certify_predictions import Assessment

WHAT_IT_MEANS = (
    "The promise: the chance that something is certified and yet more than the limit of it is wrong is at most "
    "{delta}, over random samples. It is about the accepted items that nobody labelled, in {pool}. Where certifying is "
    "rare, the chance given that something was certified can be higher."
)
VOID_IF = (
    "the model, the prompt, the guideline, the pool or the score changes",
    "the sample was not drawn at random, or people saw the predictions while they labelled",
    "the score was fitted on these labels",
    "the target, the confidence level or the sample size was chosen after looking at the labels",
)
LADDER_COLUMNS = ("error at most", "accepted", "share", "for people", "wrong in sample", "next step")


@dataclass(frozen=True, slots=True)
class Subject:
    """What was certified: names to print, nothing to compute with."""

    file: str
    score: str
    n_items: int
    n_with_score: int
    confidence_level: float
    is_frozen: bool
    warnings: tuple[str, ...]


def headline(found: Assessment, subject: Subject) -> str:
    """The one sentence that matters."""
    certificate = found.certificate
    if not certificate.is_certified:
        return f"Nothing can be accepted at {exact_percent(certificate.target_error)} error: {found.verdict.sentence}."
    said = found.verdict.sentence[0].upper() + found.verdict.sentence[1:]
    return ("CERTIFIED: " if subject.is_frozen else "On your word that the sample was drawn blind: ") + said + "."


def pool_coverage(found: Assessment) -> float | None:
    """Share of all items at or above the threshold in force, the labelled ones included."""
    last = found.certificate.last_rejected
    return None if last < 0 else float(found.curve.coverage[last])


def remarks(found: Assessment, subject: Subject) -> list[str]:
    """What a reader must know beside the verdict: warnings, the people's own error, missing answers, looks."""
    found_remarks = list(subject.warnings)
    certificate, noise = found.certificate, found.noise
    if noise is not None and noise.reason is None:
        stated = certificate.target_error + noise.consensus_error
        found_remarks.append(
            f"People err too: their consensus is wrong in about {percent(noise.consensus_error)} "
            f"({percent(noise.low)} to {percent(noise.high)}, from {noise.n_units:,} items that several labelled), so "
            f"against the truth read {exact_percent(certificate.target_error)} + {percent(noise.consensus_error)} = "
            f"{exact_percent(round(stated, 3))}."
        )
    elif noise is not None:
        found_remarks.append(f"How often the people themselves err cannot be estimated: {noise.reason}.")
    else:
        found_remarks.append(
            "One answer per item: what is certified is agreement with that person. With an annotator column and two or "
            "three blind answers per item the people's own error is estimated too."
        )
    if found.n_missing:
        found_remarks.append(f"{found.n_missing} drawn items have no answer and count as wrong predictions.")
    if found.n_looks > 1:
        found_remarks.append(
            f"Look {found.look + 1} of {found.n_looks}: judged at {exact_percent(certificate.delta)} of the "
            f"{exact_percent(found.delta_of_all)} that all looks together may fail."
        )
    return found_remarks


def ladder_rows(found: Assessment) -> list[tuple[str, ...]]:
    """One row per target, as texts."""
    rows: list[tuple[str, ...]] = []
    for step, said in found.ladder:
        n_others = step.n_pool - step.n_calibration
        mark = "◄" if step is found.certificate else ""
        rows.append(
            (
                f"{exact_percent(step.target_error)} {mark}".strip(),
                f"{step.n_accepted:,}",
                percent(step.coverage),
                f"{n_others - step.n_accepted:,}",
                f"{step.n_calibrated_wrong} of {step.n_calibrated_accepted}" if step.is_certified else "–",
                _next(step, said),
            )
        )
    return rows


def whys(found: Assessment, subject: Subject) -> list[str]:
    """Why some targets are out of reach, and what the other rows are good for."""
    never = [exact_percent(step.target_error) for step, said in found.ladder if said.outlook is Outlook.NEVER]
    last = [said.sentence for _, said in found.ladder if said.outlook is Outlook.NEVER][-1:]
    name = "certificate" if subject.is_frozen and found.certificate.is_certified else "target"
    planning = (
        f"◄ the {name}, frozen beforehand; the other rows are for planning, and next steps are estimates. Adding "
        "labels after this look spends the error budget again: plan it with --looks, or draw afresh."
    )
    return [*(f"At {', '.join(never)}: {sentence}." for sentence in last), planning]


def short_verdict(said: Verdict) -> str:
    """Few words for where nothing is certified."""
    if said.outlook is Outlook.NEVER:
        return "not with this score"
    return f"about {said.step.n_more_labels:,} more labels" if said.step is not None else "nothing"


def ranking_sentence(found: Assessment) -> str:
    """How well the score tells right from wrong."""
    if isnan(found.ranking.value):
        return "Ranking: no wrong and right predictions to compare."
    return (
        f"Ranking: a right prediction scores above a wrong one {percent(found.ranking.value)} of the time "
        f"(AUROC {found.ranking.value:.2f}, {found.ranking.low:.2f} to {found.ranking.high:.2f}; .50 is chance)."
    )


def calibration_sentence(found: Assessment) -> str:
    """How far the score is from a probability; empty when it is none."""
    summary = found.calibration
    if summary is None:
        return ""
    by_chance = summary.raw.equal_mass.null
    return (
        f"Calibration: says {percent(summary.mean_confidence)} on average and is right in {percent(summary.accuracy)} "
        f"(ECE {summary.ece:.3f}; a perfectly calibrated score would show about {by_chance.mean:.3f} at this size, and "
        f"up to {by_chance.upper:.3f} in 95% of samples)."
    )


def meaning(found: Assessment) -> str:
    """The promise in plain words."""
    pool = "whatever keeps coming from the same source" if found.certificate.is_open_pool else "this file"
    return WHAT_IT_MEANS.format(delta=exact_percent(found.delta_of_all), pool=pool)


def _next(step: Certification, said: Verdict) -> str:
    if said.step is not None:
        return f"+{said.step.n_more_labels:,} labels → {percent(said.step.expected_coverage)}"
    if step.is_certified:
        return "" if step.coverage > 0.995 else "more labels would hardly help"
    return short_verdict(said)
