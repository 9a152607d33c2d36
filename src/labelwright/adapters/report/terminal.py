"""Curves and bars in plain characters, for a terminal of 80 columns."""

from __future__ import annotations

from collections.abc import Sequence
from math import ceil

import numpy as np

from labelwright.adapters.report.canvas import Scale, exact_percent, percent
from labelwright.methods.calibration import ReliabilityBin, RiskCoverage


def draw_risk_coverage(
    curve: RiskCoverage,
    *,
    target_error: float,
    certified_coverage: float | None = None,
    width: int = 60,
    height: int = 11,
) -> list[str]:
    """Draw observed error (●) with its interval (░), the limit (╌) and the certified edge (│) over what is accepted."""
    seen = np.flatnonzero(~np.isnan(curve.risk))
    told = seen[curve.high[seen] - curve.low[seen] < 0.5] if seen.size else seen
    if not told.size:
        return ["(no labels yet)"]
    top = min(1.0, max(0.1, ceil(20 * max(float(curve.high[told].max()), 1.5 * target_error)) / 20))
    column, row = Scale(0, 1, 0, width - 1), Scale(0, top, height - 1, 0)
    cells = [[" "] * width for _ in range(height)]
    limit = round(row(target_error))
    cells[limit] = ["╌"] * width
    shares = curve.coverage[told]
    low, risk, high = (ends[told].tolist() for ends in (curve.low, curve.risk, curve.high))
    for place in range(width):
        share = place / (width - 1)
        if share < float(shares[0]) - 0.5 / width:
            continue
        point = min(int(np.searchsorted(shares, share)), len(told) - 1)
        for level in range(round(row(high[point])), round(row(low[point])) + 1):
            cells[level][place] = "░" if level != limit else "╌"
        cells[round(row(risk[point]))][place] = "●"
    if certified_coverage:
        edge = round(column(certified_coverage))
        for line in cells:
            line[edge] = line[edge] if line[edge] == "●" else "│"
    lines: list[str] = []
    for level, line in enumerate(cells):
        value = top * (height - 1 - level) / (height - 1)
        name = exact_percent(target_error) if level == limit else percent(value, 0) if level % 2 == 0 else ""
        lines.append(f"{name:>6} ┤{''.join(line)}".rstrip())
    lines.append(f"{'':>6} └{'─' * width}")
    lines.append(f"{'':>8}0%{'share accepted':^{width - 6}}100%")
    return lines


def draw_reliability(bins: Sequence[ReliabilityBin], *, width: int = 30) -> list[str]:
    """Draw one line per bin: stated confidence, observed accuracy as a bar, ▏ where a perfect score would end it."""
    lines: list[str] = []
    for b in bins:
        filled = round(width * b.accuracy)
        bar = list("█" * filled + "·" * (width - filled))
        bar[min(width - 1, round(width * b.confidence))] = "▏"
        remark = ""
        if not b.null_low <= b.accuracy <= b.null_high:
            remark = "  over-sure" if b.accuracy < b.confidence else "  under-sure"
        stated, observed = percent(b.confidence, 0), percent(b.accuracy, 0)
        lines.append(f"  says {stated:>4}  right {observed:>4}  {''.join(bar)}  n = {b.n}{remark}")
    return lines
