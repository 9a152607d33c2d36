"""What `labelwright certify` prints, draws and writes where another rule than the guarantee was frozen."""

from __future__ import annotations

from dataclasses import asdict

from labelwright.adapters.report import Bullets, Chart, Figures, Prose, Section, Table, reliability_diagram, render_page
from labelwright.adapters.report.canvas import exact_percent, percent
from labelwright.adapters.report.terminal import draw_reliability
from labelwright.cli.commands.certify_words import VOID_IF, Subject, calibration_sentence, ranking_sentence
from labelwright.cli.output import say, table
from labelwright.methods.quality import ReviewerNoise
from labelwright.services.acceptance.certify_predictions import Assessment
from labelwright.services.acceptance.certify_rule import RuleOutcome
from labelwright.services.acceptance.statement import noise_sentence, promise

THRESHOLD_COLUMNS = ("group", "accepted from", "accepted", "in the sample", "they lose")
RUNG_COLUMNS = ("limit", "accepted", "share")
_MOST_ROWS = 40


def headline_of_rule(found: Assessment, subject: Subject) -> str:
    """Say what is certified by the frozen rule, or why nothing is."""
    outcome, target = found.outcome, found.certificate.target_error
    if not outcome.is_certified:
        return f"Nothing can be accepted at {exact_percent(target)}: {outcome.reason}."
    n_others = found.certificate.n_pool - found.n_calibration
    start = "CERTIFIED: " if subject.is_frozen else "On your word that the sample was drawn blind: "
    if outcome.rule.method == "conformal" and subject.is_frozen:
        start = ""
    accepted = f"{outcome.n_accepted:,} of {n_others:,} unlabelled items ({percent(outcome.coverage)})"
    return f"{start}{accepted} may be accepted. {promise_of(found)}"


def promise_of(found: Assessment) -> str:
    """Say what holds, and nothing more."""
    outcome = found.outcome
    return promise(
        outcome.rule,
        target=found.certificate.target_error,
        delta=found.delta_of_all,
        n_groups=len(outcome.thresholds),
    )


def noise_of(noise: ReviewerNoise | None) -> dict[str, object]:
    """Give the people's own error as a certificate keeps it."""
    if noise is None:
        return {"consensus_error": None, "reason": "one answer per item"}
    return {name: None if value != value else value for name, value in asdict(noise).items()}  # noqa: PLR0124 - nan


def threshold_rows(outcome: RuleOutcome) -> list[tuple[str, ...]]:
    """One row per threshold."""
    return [
        (
            "all" if one.groups is None else ", ".join(one.groups),
            "nothing" if one.threshold is None else f"{one.threshold:.6g}",
            f"{one.n_accepted:,}",
            f"{one.n_calibrated_accepted} of {one.n_calibrated}",
            "–" if one.threshold is None else f"{one.calibrated_loss:.4g} in all",
        )
        for one in outcome.thresholds
    ]


def rung_rows(found: Assessment) -> list[tuple[str, ...]]:
    """One row per limit; only the frozen one holds."""
    target = found.certificate.target_error
    return [
        (
            f"{exact_percent(limit)} ◄" if limit == target else exact_percent(limit),
            f"{outcome.n_accepted:,}",
            percent(outcome.coverage),
        )
        for limit, outcome in found.rule_ladder
    ]


def show_rule(found: Assessment, subject: Subject) -> None:
    """Print verdict, thresholds, ladder and calibration."""
    say()
    say(headline_of_rule(found, subject))
    for remark in remarks_of_rule(found, subject):
        say(f"  {remark}")
    say()
    table(THRESHOLD_COLUMNS, threshold_rows(found.outcome)[:_MOST_ROWS], title="Thresholds")
    table(RUNG_COLUMNS, rung_rows(found), title="What may be accepted")
    say("◄ the limit, frozen beforehand; the other rows are for planning.")
    say()
    say(ranking_sentence(found))
    if found.calibration is not None:
        say(calibration_sentence(found))
        for line in draw_reliability(found.calibration.bins):
            say(line)


def remarks_of_rule(found: Assessment, subject: Subject) -> list[str]:
    """What a reader must know beside the verdict."""
    noise = noise_sentence(found.outcome.rule, target=found.certificate.target_error, noise=noise_of(found.noise))
    told = [*subject.warnings, noise]
    if found.n_missing:
        told.append(f"{found.n_missing} drawn items have no answer and lose everything.")
    if found.n_looks > 1:
        delta, of_all = exact_percent(found.certificate.delta), exact_percent(found.delta_of_all)
        told.append(
            f"Look {found.look + 1} of {found.n_looks}: judged at {delta} of the {of_all} that all looks together may "
            "fail."
        )
    return told


def rule_page(found: Assessment, subject: Subject) -> str:
    """The report as one HTML file."""
    outcome, target = found.outcome, found.certificate.target_error
    n_others = found.certificate.n_pool - found.n_calibration
    facts = Figures(
        [
            (percent(outcome.coverage), f"may be accepted · {outcome.n_accepted:,} of {n_others:,}"),
            (f"≤ {exact_percent(target)}", "is the limit"),
            (f"{n_others - outcome.n_accepted:,}", "left for people"),
            (f"{found.n_calibration:,}", f"blind labels spent · {found.n_wrong:,} predictions wrong"),
        ]
    )
    rows = threshold_rows(outcome)
    sections = [
        Section("Thresholds", [Table(THRESHOLD_COLUMNS, rows, left=frozenset({0}))], is_wide=True),
        Section("The ladder of limits", [Table(RUNG_COLUMNS, rung_rows(found))]),
        Section("How far the score can be believed", [Prose(ranking_sentence(found))]),
        Section("What this means", [Prose(promise_of(found)), Prose("It is void if"), Bullets(VOID_IF)]),
    ]
    if found.calibration is not None:
        drawn = Chart(reliability_diagram(found.calibration.bins), calibration_sentence(found))
        sections[2] = Section("How far the score can be believed", [drawn, Prose(ranking_sentence(found))])
    tone = "good" if outcome.is_certified else "warn"
    return render_page(
        title=subject.file,
        subtitle=f"{subject.n_items:,} predictions · score: {subject.score}",
        headline=[
            facts,
            Prose(headline_of_rule(found, subject), tone),
            *(Prose(said) for said in remarks_of_rule(found, subject)),
        ],
        sections=sections,
        footer="Made by labelwright certify.",
    )
