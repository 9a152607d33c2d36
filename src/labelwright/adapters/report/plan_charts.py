"""A plan as pictures: the accuracy that money buys, and what that depends on; and both as one page."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from math import ceil, floor, log10
from typing import Any

from labelwright.adapters.report.canvas import (
    ACCENT,
    FAINT,
    INK,
    LINE,
    MUTE,
    WARN,
    Scale,
    area,
    box,
    dot,
    figure,
    line,
    path,
    text,
)
from labelwright.adapters.report.page import Bullets, Chart, Figures, Part, Prose, Section, Table, render_page

_LEFT, _RIGHT, _TOP, _BOTTOM = 60, 616, 24, 262


def frontier_chart(
    points: Sequence[Mapping[str, Any]],
    *,
    all_reviewed: Mapping[str, Any] | None = None,
    title: str = "What money buys",
) -> str:
    """Draw accuracy with its interval over cost; the chosen plan stands out.

    points: of a plan's `frontier`.  all_reviewed: {"cost", "accuracy"} of having people see every item.
    """
    if not points:
        return figure(
            640, 296, [text(336, 140, "no plan yet", anchor="middle", fill=MUTE)], title=title, description=""
        )
    lowest = min(p["low"] for p in points)
    highest = max(p["high"] for p in points)
    step = 0.01 if highest - lowest < 0.08 else 0.02 if highest - lowest < 0.16 else 0.05
    bottom, top = floor(lowest / step) * step, min(1.0, ceil(highest / step) * step)
    most = max(p["cost"] for p in points)
    x, y = Scale(0, most or 1.0, _LEFT, _RIGHT), Scale(bottom, max(top, bottom + step), _BOTTOM, _TOP)
    marks: list[str] = []
    for place in range(round((top - bottom) / step) + 1):
        tick = bottom + place * step
        marks += [
            line(_LEFT, y(tick), _RIGHT, y(tick), stroke=LINE),
            text(_LEFT - 8, y(tick) + 4, f"{100 * tick:.0f}%", anchor="end"),
        ]
    for tick in _round_ticks(most):
        anchor = "start" if tick == 0 else "end" if x(tick) > _RIGHT - 20 else "middle"
        marks.append(text(x(tick), _BOTTOM + 18, _dollars(tick), anchor=anchor))
    marks.append(text(_RIGHT, _BOTTOM + 34, "cost", anchor="end", fill=MUTE))
    marks.append(text(_LEFT - 8, 14, "share of labels that are right, with its 95% interval", fill=MUTE))
    at = [x(p["cost"]) for p in points]
    outline = [(a, y(p["high"])) for a, p in zip(at, points, strict=True)]
    outline += [(a, y(p["low"])) for a, p in reversed(list(zip(at, points, strict=True)))]
    marks.append(area(outline, fill=ACCENT, opacity=0.16))
    marks.append(path([(a, y(p["accuracy"])) for a, p in zip(at, points, strict=True)], stroke=ACCENT))
    if all_reviewed is not None and all_reviewed["cost"] <= most:
        hint = f"people see every item: {100 * all_reviewed['accuracy']:.2f}% for {_dollars(all_reviewed['cost'])}"
        marks.append(dot(x(all_reviewed["cost"]), y(all_reviewed["accuracy"]), 4, fill=WARN, hint=hint))
    for p in sorted(points, key=lambda one: bool(one["chosen"])):
        hint = (
            f"{_dollars(p['cost'])}: {100 * p['accuracy']:.2f}% right ({100 * p['low']:.2f} to {100 * p['high']:.2f}); "
            f"gold {p['gold']:,}, audit {p['audit']:,}, reviewed {p['reviewed']:,}, fresh {p['fresh']:,}"
        )
        marks.append(
            dot(
                x(p["cost"]),
                y(p["accuracy"]),
                6 if p["chosen"] else 3.5,
                fill=INK if p["chosen"] else ACCENT,
                hint=hint,
            )
        )
    chosen = next((p for p in points if p["chosen"]), None)
    if chosen is not None:
        left = x(chosen["cost"]) > 420
        words = f"this plan: {100 * chosen['accuracy']:.1f}%"
        marks.append(
            text(
                x(chosen["cost"]) + (-10 if left else 10),
                # Left of the point the curve lies below it: the words go above, where there is room.
                y(chosen["accuracy"]) + (-12 if left and y(chosen["accuracy"]) - 12 > _TOP else 20),
                words,
                anchor="end" if left else "start",
                fill=INK,
                weight=650,
            )
        )
    return figure(640, 304, marks, title=title, description=_told(points))


def tornado_chart(rows: Sequence[Mapping[str, Any]], *, title: str = "What the answer depends on") -> str:
    """Draw one bar per figure, from the outcome at its low end to that at its high end, the longest first."""
    drawn = [row for row in rows if row["at_low"] is not None and row["at_high"] is not None]
    if not drawn:
        return figure(
            640, 60, [text(320, 34, "nothing to vary", anchor="middle", fill=MUTE)], title=title, description=""
        )
    ends = [row[end] for row in drawn for end in ("at_low", "at_high")]
    x = Scale(min(ends), max(ends) if max(ends) > min(ends) else min(ends) + 1e-9, 210, 560)
    is_accuracy = drawn[0]["outcome"] == "accuracy"

    def said(value: float) -> str:
        return f"{100 * value:.2f}%" if is_accuracy else _dollars(value)

    marks: list[str] = []
    for place, row in enumerate(drawn):
        top = 8 + 30 * place
        low, high = sorted((row["at_low"], row["at_high"]))
        name = str(row["name"]).replace("_", " ")
        hint = f"{name} from {row['low']:.4g} to {row['high']:.4g}: {said(row['at_low'])} to {said(row['at_high'])}"
        marks.append(text(150, top + 15, name, anchor="end", fill=INK))
        marks.append(
            box(
                x(low),
                top,
                max(2.0, x(high) - x(low)),
                20,
                fill=FAINT if row["is_assumed"] else ACCENT,
                opacity=0.7,
                radius=4,
                hint=hint,
            )
        )
        marks.append(text(x(high) + 6, top + 15, said(high), size=11))
        marks.append(text(x(low) - 6, top + 15, said(low), anchor="end", size=11))
    told = "; ".join(f"{row['name']}: {said(row['at_low'])} to {said(row['at_high'])}" for row in drawn[:5])
    return figure(640, 16 + 30 * len(drawn), marks, title=title, description=told)


def plan_page(report: Mapping[str, Any]) -> str:
    """Write a plan as one HTML file that needs nothing else."""
    chosen, wish = report["chosen"], report["wish"]
    wanted = (
        f"at most {_dollars(wish['budget'])}"
        if wish["budget"] is not None
        else f"{100 * wish['target_accuracy']:.6g}% right"
        if wish["target_accuracy"] is not None
        else f"all unseen labels certified at {100 * wish['target_error']:.6g}% error"
    )
    figures = Figures(
        [
            (f"{100 * chosen['accuracy']:.2f}%", "of labels right, expected"),
            (_dollars(chosen["cost"]), "in all"),
            (f"{chosen['gold']:,}", "gold, blind and random"),
            (f"{chosen['reviewed'] + chosen['fresh']:,}", "labelled or reviewed by people"),
            (f"${chosen['cost_per_correct']:,.4f}", "per right label"),
        ]
    )
    inputs = [
        [name.replace("_", " "), f"{one['value']:.4g}", _span(one), one["source"]]
        for name, one in report["inputs"].items()
    ]
    warned: list[Section] = []
    if report["warnings"]:
        warned = [Section("Beware", [Bullets(list(report["warnings"]))])]
    return render_page(
        title="How to spend the money",
        subtitle=f"{report['n_items']:,} items, {wanted}",
        headline=[figures, Prose(_expected(report))],
        sections=[
            Section("What money buys", [_bought(report)]),
            Section(
                "What the answer depends on",
                [Chart(tornado_chart(report["sensitivities"]), "Grey: no interval was stated; a usual one is tried.")],
            ),
            *warned,
            Section(
                "Taken as known", [Table(["figure", "value", "95% interval", "from"], inputs, left=frozenset({3}))]
            ),
        ],
    )


def plan_section(report: Mapping[str, Any]) -> Section:
    """Give the plan that a project made last, for its report."""
    chosen = report["chosen"]
    said = f"The plan of {report['at'][:10]} spends {_dollars(chosen['cost'])}. {_expected(report)}"
    parts: list[Part] = [Prose(said), _bought(report)]
    if report["warnings"]:
        parts.append(Bullets(list(report["warnings"])))
    return Section("What money would buy", parts)


def _bought(report: Mapping[str, Any]) -> Chart:
    return Chart(frontier_chart(report["frontier"], all_reviewed=report["all_reviewed"]))


def _expected(report: Mapping[str, Any]) -> str:
    chosen, buys = report["chosen"], report["next_100"]["correct"]
    worth = f"The next $100 would buy {buys:,.1f} more right labels." if buys >= 0.05 else "More money buys nothing."
    right = f"{100 * chosen['accuracy']:.2f}%, {100 * chosen['low']:.2f}% to {100 * chosen['high']:.2f}% (95%)"
    return f"Expected accuracy {right}. {worth}"


def _span(one: Mapping[str, Any]) -> str:
    return "certain" if one["low"] == one["high"] else f"{one['low']:.4g} to {one['high']:.4g}"


def _told(points: Sequence[Mapping[str, Any]]) -> str:
    first, last = points[0], points[-1]
    return (
        f"From {100 * first['accuracy']:.1f}% for {_dollars(first['cost'])} to {100 * last['accuracy']:.1f}% for "
        f"{_dollars(last['cost'])}"
    )


def _round_ticks(most: float) -> list[float]:
    """Give three to six round sums from 0 to at most `most`.

    >>> _round_ticks(169), _round_ticks(0)
    ([0.0, 50.0, 100.0, 150.0], [0.0])
    """
    if not most > 0:
        return [0.0]
    power = 10.0 ** floor(log10(most))
    step = next(power * one for one in (0.2, 0.25, 0.5, 1.0, 2.0) if most / (power * one) < 6)
    return [round(place * step, 10) for place in range(floor(most / step * (1 + 1e-9)) + 1)]


def _dollars(amount: float) -> str:
    return f"${amount:,.0f}" if amount >= 100 or amount == int(amount) else f"${amount:,.2f}"
