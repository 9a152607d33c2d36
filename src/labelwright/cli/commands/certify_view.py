"""What `labelwright certify` prints for people."""

from __future__ import annotations

from labelwright.adapters.report.canvas import exact_percent
from labelwright.adapters.report.terminal import draw_reliability, draw_risk_coverage
from labelwright.cli.commands.certify_rule_view import show_rule
from labelwright.cli.commands.certify_words import (
    LADDER_COLUMNS,
    Subject,
    calibration_sentence,
    headline,
    ladder_rows,
    meaning,
    pool_coverage,
    ranking_sentence,
    remarks,
    whys,
)
from labelwright.cli.output import say, table
from labelwright.services.acceptance.certify_predictions import Assessment, LabelsNeeded


def show_needs(needs: tuple[LabelsNeeded, ...], *, target_error: float, recommended: int, file: str) -> None:
    """Print how many labels each target asks for, and the next command."""
    rows = [
        (
            exact_percent(need.target_error) + ("  ◄" if need.target_error == target_error else ""),
            f"{need.to_start:,}",
            *(f"{size:,}" for _, size in need.to_certify),
        )
        for need in needs
    ]
    table(("error at most", "to start", "if truth is ¼", "½", "¾ of the limit"), rows, title="Accepted labels needed")
    say(
        "To start: when none of them is wrong. The others: for a 90% chance, if the true error is ¼, ½, ¾ of the limit."
    )
    say("Only labels of items that would be accepted count: where half of the items would be, draw twice as many.")
    say(f"Next: labelwright certify {file} --sample {recommended}")


def show_assessment(found: Assessment, subject: Subject) -> None:
    """Print verdict, ladder, curve and calibration."""
    if not found.outcome.rule.is_plain:
        return show_rule(found, subject)
    certificate = found.certificate
    say()
    say(headline(found, subject))
    for remark in remarks(found, subject):
        say(f"  {remark}")
    say()
    table(LADDER_COLUMNS, ladder_rows(found), title="What may be accepted")
    for why in whys(found, subject):
        say(why)
    say()
    say("Error among the accepted, as more is accepted")
    coverage = pool_coverage(found)
    for line in draw_risk_coverage(found.curve, target_error=certificate.target_error, certified_coverage=coverage):
        say(line)
    say()
    say(ranking_sentence(found))
    if found.calibration is not None:
        say(calibration_sentence(found))
        for line in draw_reliability(found.calibration.bins):
            say(line)
    say()
    say(meaning(found))
    return None
