"""A comparison as one HTML file: what `EvaluationReport.as_json` says, drawn."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from labelwright.adapters.report.evaluation_charts import Point, accuracy_against_cost, accuracy_rows, class_bars
from labelwright.adapters.report.evaluation_words import (
    EFFORT_COLUMNS,
    RIGHT_COLUMNS,
    SURE_COLUMNS,
    corrected_words,
    decimal,
    dollars,
    effort_row,
    no_classes_words,
    percent,
    right_row,
    sure_row,
)
from labelwright.adapters.report.page import Bullets, Chart, Figures, Part, Prose, Section, Table, render_page
from labelwright.adapters.report.svg import reliability_diagram
from labelwright.methods.calibration import ReliabilityBin

_MOST_CLASSES = 30
_MOST_DIAGRAMS = 12
_MOST_ROWS = 12
_MOST_HEIGHT = 400
"""A higher chart is drawn as several: a page shrinks it to its own height otherwise."""


def evaluation_page(report: Mapping[str, Any], *, at: str) -> str:
    """Write the page.  at: when it was made."""
    variants: Sequence[Mapping[str, Any]] = report["variants"]
    estimated = bool(report["cost_is_estimated"])
    numbered = {result["name"]: f"{place}. {result['name']}" for place, result in enumerate(variants, start=1)}
    sections: list[Section] = []
    for question in [scores["question"] for scores in variants[0]["scores"]]:
        sections += _question(report, question, numbered)
    rows = [effort_row({**result, "name": numbered[result["name"]]}, estimated=estimated) for result in variants]
    sections.append(Section("What it costs and takes", [Table(EFFORT_COLUMNS, rows, _best_row(report))], is_wide=True))
    sections.append(Section("What must be known with these figures", [Bullets(list(report["remarks"]))], is_wide=True))
    best = next(result for result in variants if result["name"] == report["baseline"])
    spent = dollars(report["spent_micro"])
    return render_page(
        title=f"{report['project']}: {len(variants)} ways of labelling compared",
        subtitle=f"{report['n_items']:,} items of {report['gold']}",
        headline=[
            Figures(
                [
                    (percent(best["scores"][0]["accuracy"]), f"right: {best['name']}"),
                    (dollars(best["cost_micro"]), "for 1,000 items" + (" (estimated)" if estimated else "")),
                    (f"{len(variants)}", "variants"),
                    (f"{report['n_items']:,}", "items with gold"),
                    (spent, "paid for this comparison" + (" (estimated)" if estimated else "")),
                ]
            )
        ],
        sections=sections,
        footer=f"Made {at} by labelwright evaluate",
    )


def _question(report: Mapping[str, Any], question: str, numbered: Mapping[str, str]) -> list[Section]:
    told = [(result, _scores(result, question)) for result in report["variants"]]
    points = [
        Point(
            place,
            result["name"],
            scores["accuracy"],
            scores["low"],
            scores["high"],
            result["cost_micro"],
            is_baseline=result["name"] == report["baseline"],
        )
        for place, (result, scores) in enumerate(told, start=1)
    ]
    unpriced = [point.name for point in points if point.cost_micro is None]
    caption = f"Not drawn, since no price is known: {', '.join(unpriced)}." if unpriced else ""
    marked = _best_row(report)
    lowest = min(point.low for point in points)
    rows: list[Part] = [
        Chart(accuracy_rows(points[start : start + _MOST_ROWS], lowest=lowest))
        for start in range(0, len(points), _MOST_ROWS)
    ]
    right = [right_row(numbered[result["name"]], scores) for result, scores in told]
    sure = [sure_row(numbered[result["name"]], scores) for result, scores in told]
    compared = [one["sentence"] for one in report["comparisons"] if one["question"] == question]
    pairs: list[Part] = [Bullets(compared), Prose(corrected_words(report))] if compared else []
    sections = [
        Section(f"{question}: right answers", rows),
        Section(f"{question}: right answers against cost", [Chart(accuracy_against_cost(points), caption)]),
        Section(f"{question}: figures", [Table(RIGHT_COLUMNS, right, marked), *pairs], is_wide=True),
    ]
    if all(scores["calibration"] is None for _, scores in told):
        believed: list[Part] = [Prose("No answer came with a confidence.")]
    else:
        believed = [
            Table(SURE_COLUMNS, sure, marked, frozenset({1})),
            Prose(
                "ECE is the mean gap between what is stated and what is right. Few items make it large by chance: up "
                "to the figure beside it for a score that is perfect. AUROC says how well the score ranks errors."
            ),
        ]
    sections.append(Section(f"{question}: how far confidence can be believed", believed, is_wide=True))
    drawn = [(result, scores["calibration"]) for result, scores in told if scores["calibration"] is not None]
    for result, found in drawn[:_MOST_DIAGRAMS]:
        bins = [ReliabilityBin(**one) for one in found["bins"]]
        name = numbered[result["name"]]
        said = f"Signal: {found['signal']}. Boxes: where a perfect score falls 95% of the time. Grey: how many items."
        sections.append(Section(f"Reliability of {name}", [Chart(reliability_diagram(bins), said)]))
    if len(drawn) > _MOST_DIAGRAMS:
        left = f"Reliability is drawn for the first {_MOST_DIAGRAMS} of {len(drawn)} variants; --json has all."
        sections.append(Section("Reliability", [Prose(left)]))
    sections += _by_class(report, question, [scores for _, scores in told], numbered)
    return sections


def _by_class(
    report: Mapping[str, Any], question: str, told: Sequence[Mapping[str, Any]], numbered: Mapping[str, str]
) -> list[Section]:
    heading = f"{question}: F1 per class"
    first = told[0]
    if not first["classes"]:
        rows = [[name, decimal(scores["distance"])] for name, scores in zip(numbered.values(), told, strict=True)]
        return [Section(heading, [Prose(no_classes_words(first)), Table(("variant", "mean distance"), rows)])]
    order = sorted(range(len(first["classes"])), key=lambda at: -int(first["classes"][at]["support"]))[:_MOST_CLASSES]
    bars = [
        (
            f"{first['classes'][at]['name']} ({first['classes'][at]['support']:,})",
            [scores["classes"][at]["f1"] for scores in told],
        )
        for at in order
    ]
    said = [f"{'; '.join(numbered.values())}.", "In brackets: items whose gold it is."]
    if first["classes_are"] == "labels":
        said.append("Per label, given or not.")
    if len(first["classes"]) > len(order):
        said.append(f"The {_MOST_CLASSES} most frequent of {len(first['classes'])}.")
    size = max(1, _MOST_HEIGHT // (18 * len(told) + 14))
    marked = min(_best_row(report), default=0)
    sections: list[Section] = []
    for start in range(0, len(bars), size):
        caption = "" if start else " ".join(said)
        drawn = class_bars(bars[start : start + size], marked=marked, title=heading)
        sections.append(Section(f"{heading}, continued" if start else heading, [Chart(drawn, caption)]))
    return sections


def _scores(result: Mapping[str, Any], question: str) -> Mapping[str, Any]:
    return next(scores for scores in result["scores"] if scores["question"] == question)


def _best_row(report: Mapping[str, Any]) -> frozenset[int]:
    return frozenset(place for place, one in enumerate(report["variants"]) if one["name"] == report["baseline"])
