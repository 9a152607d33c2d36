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
from labelwright.domain.project import CertifyRule
from labelwright.methods.routing import start_size, zero_error_size
from labelwright.services.acceptance.certify_predictions import Assessment, LabelsNeeded


def show_needs(needs: tuple[LabelsNeeded, ...], *, target_error: float) -> None:
    """Print how many labels each target asks for."""
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
        "To start: with fewer nothing is tried, and as many suffice if none of them is wrong. The others: for a 90% "
        "chance, if the true error is ¼, ½, ¾ of the limit."
    )
    say("Only labels of items that would be accepted count: where half of the items would be, draw twice as many.")


def needs_of_rule(rule: CertifyRule, target: float, delta: float, *, least: int, n_groups: int) -> str:
    """Say how far the table, which is of one threshold over right and wrong, is from what another rule needs."""
    limit = exact_percent(target)
    if rule.method == "conformal":
        return (
            f"The table is of the guarantee. Conformal routing promises less: at {limit} it accepts from {least:,} on."
        )
    if rule.by is not None:
        each = delta if rule.split == "each" else delta / max(n_groups, 1)
        share = "" if rule.split == "each" or n_groups < 2 else " by its share of the risk"
        return (
            f"The table is of one threshold over all. Of {n_groups:,} groups each needs labels of its own: at {limit}"
            f"{share} {start_size(target, each):,} accepted ones to start, {2 * zero_error_size(target, each):,} in a "
            f"small group; groups with fewer than {least:,} share a threshold."
        )
    if rule.method == "sgr":
        return f"The table is of the guarantee. SGR tries from {least:,} labels on at {limit}, and accepts less."
    return f"The table counts right and wrong. With other losses {least:,} start at {limit} as well; the rest differs."


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
