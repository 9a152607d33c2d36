"""The report of `labelwright certify` as one HTML file."""

from __future__ import annotations

from labelwright.adapters.report import (
    Bullets,
    Chart,
    Figures,
    Prose,
    Rung,
    Section,
    Table,
    ladder_chart,
    reliability_diagram,
    render_page,
    risk_coverage_chart,
)
from labelwright.adapters.report.canvas import exact_percent, percent
from labelwright.cli.commands.certify_rule_view import rule_page
from labelwright.cli.commands.certify_words import (
    LADDER_COLUMNS,
    VOID_IF,
    Subject,
    calibration_sentence,
    headline,
    ladder_rows,
    meaning,
    pool_coverage,
    ranking_sentence,
    remarks,
    short_verdict,
    whys,
)
from labelwright.services.acceptance.certify_predictions import Assessment


def as_page(found: Assessment, subject: Subject) -> str:
    """The report as one HTML file."""
    if not found.outcome.rule.is_plain:
        return rule_page(found, subject)
    certificate = found.certificate
    rungs = [
        Rung(
            step.target_error,
            step.coverage,
            "" if step.is_certified else short_verdict(said),
            is_frozen=step.target_error == certificate.target_error,
        )
        for step, said in found.ladder
    ]
    target = frozenset(place for place, (step, _) in enumerate(found.ladder) if step is certificate)
    n_others = certificate.n_pool - found.n_calibration
    sections = [
        Section(
            "Error among the accepted, as more is accepted",
            [
                Chart(
                    risk_coverage_chart(
                        found.curve,
                        target_error=certificate.target_error,
                        certified_coverage=pool_coverage(found),
                        rungs=[rung for rung in rungs if not rung.is_frozen],
                    ),
                    "Line: observed in the labelled sample. Band: 95% interval at each point, a picture of the noise "
                    "and no certificate. Dots: what other limits would accept.",
                )
            ],
        ),
        Section(
            "The whole ladder",
            [Chart(ladder_chart(rungs)), *(Prose(why) for why in whys(found, subject))],
        ),
        Section(
            "In figures",
            [
                Table(
                    LADDER_COLUMNS,
                    ladder_rows(found),
                    highlight=target,
                    left=frozenset({5}),
                )
            ],
            is_wide=True,
        ),
        _calibration_section(found),
        Section("What this means", [Prose(meaning(found)), Prose("It is void if"), Bullets(VOID_IF)]),
    ]
    facts = Figures(
        [
            (percent(certificate.coverage), f"may be accepted · {certificate.n_accepted:,} of {n_others:,}"),
            (
                f"≤ {exact_percent(certificate.target_error)}",
                f"of them wrong, at {exact_percent(subject.confidence_level)} confidence"
                if certificate.is_certified
                else "was asked for, and cannot be certified",
            ),
            (f"{n_others - certificate.n_accepted:,}", "left for people"),
            (f"{found.n_calibration:,}", f"blind labels spent · {found.n_wrong:,} predictions wrong"),
        ]
    )
    notes = [Prose(said, "warn" if said in subject.warnings else "plain") for said in remarks(found, subject)]
    tone = "good" if certificate.is_certified else "warn"
    return render_page(
        title=subject.file,
        subtitle=f"{subject.n_items:,} predictions · score: {subject.score}",
        headline=[facts, Prose(headline(found, subject), tone), *notes],
        sections=sections,
        footer="Made by labelwright certify.",
    )


def _calibration_section(found: Assessment) -> Section:
    heading = "How far the score can be believed"
    if found.calibration is None:
        return Section(heading, [Prose(ranking_sentence(found))])
    caption = (
        "Dots: observed, with 95% intervals. Boxes: where a perfectly calibrated score would fall. Grey: how many "
        "labels. Acceptance never uses this picture, only the order of the scores."
    )
    return Section(
        heading,
        [
            Chart(reliability_diagram(found.calibration.bins), caption),
            Prose(ranking_sentence(found)),
            Prose(calibration_sentence(found)),
        ],
    )
