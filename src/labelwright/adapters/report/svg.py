"""Charts as SVG text: pure functions of figures, light and dark by CSS variables, readable by a screen reader."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import ceil, isnan
from typing import TYPE_CHECKING

import numpy as np

from labelwright.adapters.report.canvas import (
    ACCENT,
    BAD,
    FAINT,
    INK,
    KEY,
    LINE,
    MUTE,
    WARN,
    Scale,
    area,
    box,
    dot,
    exact_percent,
    figure,
    line,
    path,
    percent,
    text,
)

if TYPE_CHECKING:  # an export draws none of it, and loading the statistics takes longer than the export
    from labelwright.methods.calibration import ReliabilityBin, RiskCoverage

_MOST_POINTS = 240


@dataclass(frozen=True, slots=True)
class Rung:
    """One step of the ladder: what may be accepted at a target; `remark` where that is nothing."""

    target_error: float
    coverage: float
    remark: str = ""
    is_frozen: bool = False


def risk_coverage_chart(
    curve: RiskCoverage,
    *,
    target_error: float | None = None,
    certified_coverage: float | None = None,
    rungs: Sequence[Rung] = (),
    title: str = "Error among the accepted, as more is accepted",
) -> str:
    """Draw observed error with its interval over the share accepted, the limit, and the certified region.

    certified_coverage: share of the pool at or above the threshold in force; None when nothing is certified.
    rungs: further certified steps, each a dot at (coverage, target).
    """
    seen = np.flatnonzero(~np.isnan(curve.risk))
    # The first few labels swing between 0 and 1: an interval wider than this says only that little is known yet.
    told = seen[curve.high[seen] - curve.low[seen] < 0.5]
    shown = told[np.unique(np.linspace(0, told.size - 1, _MOST_POINTS).astype(int))] if told.size else told
    highest = float(curve.high[shown].max()) if shown.size else 0.2
    top = min(1.0, max(0.1, ceil(20 * max(highest, 1.5 * (target_error or 0))) / 20))
    x, y = Scale(0, 1, 52, 620), Scale(0, top, 250, 24)
    marks = [mark for tick in _ticks(top) for mark in _rule(tick, y(tick))]
    marks += [text(x(tick), 270, percent(tick), anchor=_anchor(tick)) for tick in (0, 0.25, 0.5, 0.75, 1)]
    marks.append(text(620, 288, "share of all items accepted", anchor="end", fill=MUTE))
    if certified_coverage:
        marks.append(box(52, 24, 568 * certified_coverage, 226, fill=ACCENT, opacity=0.1))
    share = [x(value) for value in curve.coverage[shown].tolist()]
    low, risk, high = ([y(value) for value in ends[shown].tolist()] for ends in (curve.low, curve.risk, curve.high))
    if shown.size:
        outline = [*zip(share, high, strict=True), *zip(share[::-1], low[::-1], strict=True)]
        marks.append(area(outline, fill=ACCENT, opacity=0.16))
        marks.append(path(list(zip(share, risk, strict=True)), stroke=ACCENT))
        marks.append(dot(share[-1], risk[-1], 3.5, fill=ACCENT))
    else:
        marks.append(text(336, 140, "no labels yet", anchor="middle", fill=MUTE, size=14))
    if target_error is not None:
        marks.append(line(52, y(target_error), 620, y(target_error), stroke=BAD, dash="2 5", width=1.5))
        marks.append(text(616, y(target_error) - 6, f"limit {exact_percent(target_error)}", anchor="end", fill=BAD))
    if certified_coverage:
        at = x(certified_coverage)
        right = certified_coverage < 0.6
        marks.append(line(at, 24, at, 250, stroke=ACCENT, dash="4 4", width=1.5))
        words = f"certified up to here: {percent(certified_coverage)}"
        marks.append(text(at + (8 if right else -8), 38, words, fill=ACCENT, anchor="start" if right else "end"))
    for rung in rungs:
        if rung.coverage > 0 and rung.target_error <= top:
            hint = f"at most {exact_percent(rung.target_error)} wrong: {percent(rung.coverage)} may be accepted"
            marks.append(dot(x(rung.coverage), y(rung.target_error), 3, fill=FAINT, hint=hint))
            if not rung.is_frozen:
                words = f"≤ {exact_percent(rung.target_error)}"
                marks.append(text(x(rung.coverage) - 7, y(rung.target_error) + 4, words, anchor="end", size=10.5))
    return figure(640, 296, marks, title=title, description=_told_curve(curve, target_error, certified_coverage))


def reliability_diagram(bins: Sequence[ReliabilityBin], *, title: str = "How far confidence can be believed") -> str:
    """Draw accuracy over mean confidence by bin, with Wilson bars, the band of a perfect score, and bin sizes."""
    lowest = min((b.confidence for b in bins), default=0.0)
    start = 0.5 if lowest >= 0.5 else 0.0
    x = Scale(start, 1, 64, 608)
    floor = 0.0 if any(min(b.low, b.null_low) < start for b in bins) else start
    y = Scale(floor, 1, 250, 24)
    marks = [mark for tick in _steps(floor) for mark in _rule(tick, y(tick))]
    marks += [text(x(tick), 270, percent(tick), anchor="middle") for tick in _steps(start)]
    marks += [
        text(620, 288, "mean stated confidence", anchor="end", fill=MUTE),
        text(52, 14, "share that is right", fill=MUTE),
    ]
    corner = max(start, floor)
    marks.append(line(x(corner), y(corner), x(1), y(1), stroke=FAINT, dash="3 4"))
    most = max((b.n for b in bins), default=1)
    for b in bins:
        at = x(b.confidence)
        off_band = b.accuracy < b.null_low or b.accuracy > b.null_high
        colour = WARN if off_band else ACCENT
        told = (
            f"{b.n} items, mean confidence {percent(b.confidence)}, right {percent(b.accuracy)} "
            f"({percent(b.low)} to {percent(b.high)})"
        )
        marks.append(box(at - 5, 250 - 40 * b.n / most, 10, 40 * b.n / most, fill=INK, opacity=0.08, radius=2))
        top, bottom = y(b.null_high), y(b.null_low)
        marks.append(box(at - 9, top - 1, 18, bottom - top + 2, fill=ACCENT, opacity=0.2, radius=4))
        marks.append(line(at, y(b.low), at, y(b.high), stroke=colour, width=2))
        marks.append(dot(at, y(b.accuracy), 4.5, fill=colour, hint=told))
    if not bins:
        marks.append(text(336, 140, "no labels yet", anchor="middle", fill=MUTE, size=14))
    return figure(640, 296, marks, title=title, description=_told_bins(bins))


def ladder_chart(rungs: Sequence[Rung], *, title: str = "What may be accepted at each limit") -> str:
    """Draw one horizontal bar per target; the frozen one stands out, and a remark stands where nothing is certified."""
    marks: list[str] = []
    for place, rung in enumerate(rungs):
        top = 8 + 34 * place
        ink, weight = (INK, 650) if rung.is_frozen else (MUTE, 400)
        marks.append(
            text(96, top + 16, f"≤ {exact_percent(rung.target_error)} wrong", anchor="end", fill=ink, weight=weight)
        )
        marks.append(box(108, top, 420, 22, fill=KEY, radius=6))
        if rung.coverage > 0:
            opacity = 1.0 if rung.is_frozen else 0.55
            marks.append(box(108, top, max(6, 420 * rung.coverage), 22, fill=ACCENT, opacity=opacity, radius=6))
            marks.append(text(540, top + 16, percent(rung.coverage), fill=ink, weight=weight, size=13))
        else:
            marks.append(text(118, top + 15, rung.remark or "nothing", fill=MUTE))
            marks.append(text(540, top + 16, "0%", fill=MUTE, size=13))
        if rung.is_frozen:
            marks.append(text(590, top + 16, "frozen", fill=ACCENT, weight=600))
    told = "; ".join(f"at most {exact_percent(r.target_error)} wrong: {percent(r.coverage)} accepted" for r in rungs)
    return figure(640, max(16 + 34 * len(rungs), 24), marks, title=title, description=told)


def bar_chart(rows: Sequence[tuple[str, float]], *, title: str, unit: str = "") -> str:
    """Draw one horizontal bar per (name, value); values at or above 0."""
    most = max((value for _, value in rows), default=0.0) or 1.0
    marks: list[str] = []
    for place, (name, value) in enumerate(rows):
        top = 6 + 30 * place
        marks.append(text(190, top + 14, _short(name, 28), anchor="end", fill=INK))
        marks.append(box(202, top, 340, 18, fill=KEY, radius=5))
        marks.append(box(202, top, 340 * value / most, 18, fill=ACCENT, opacity=0.8, radius=5))
        marks.append(text(552, top + 14, f"{value:,.4g}{unit}", fill=MUTE, size=13))
    told = "; ".join(f"{name}: {value:,.4g}{unit}" for name, value in rows)
    return figure(640, max(12 + 30 * len(rows), 24), marks, title=title, description=told)


def _rule(tick: float, at: float) -> list[str]:
    return [line(52, at, 620, at, stroke=LINE), text(44, at + 4, percent(tick), anchor="end")]


def _ticks(top: float) -> list[float]:
    step = next(step for step in (0.02, 0.05, 0.1, 0.2, 0.25) if top / step <= 5.001 or step == 0.25)
    return [step * i for i in range(int(top / step + 1e-9) + 1)]


def _steps(start: float) -> list[float]:
    return [0.5, 0.6, 0.7, 0.8, 0.9, 1.0] if start else [0, 0.2, 0.4, 0.6, 0.8, 1.0]


def _anchor(share: float) -> str:
    return "start" if share == 0 else "end" if share == 1 else "middle"


def _short(words: str, most: int) -> str:
    return words if len(words) <= most else words[: most - 1] + "…"


def _told_curve(curve: RiskCoverage, target_error: float | None, certified: float | None) -> str:
    parts: list[str] = []
    for wanted in (0.25, 0.5, 0.75, 1.0):
        reached = np.flatnonzero(curve.coverage >= wanted - 1e-9)
        if reached.size and not isnan(float(curve.risk[reached[0]])):
            first = reached[0]
            share, risk = float(curve.coverage[first]), float(curve.risk[first])
            parts.append(f"{percent(share)} accepted: {percent(risk)} wrong in the sample")
    if target_error is not None:
        parts.append(f"limit {exact_percent(target_error)}")
    parts.append(f"certified: {percent(certified)}" if certified else "nothing certified")
    return "; ".join(parts)


def _told_bins(bins: Sequence[ReliabilityBin]) -> str:
    return "; ".join(f"confidence {percent(b.confidence)}, right {percent(b.accuracy)} of {b.n}" for b in bins)
