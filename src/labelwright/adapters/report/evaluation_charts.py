"""The two pictures of a comparison: right against cost, and right with its interval, one row per variant."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import ceil, floor, log10

from labelwright.adapters.report.canvas import (
    ACCENT,
    INK,
    KEY,
    LINE,
    MUTE,
    Scale,
    box,
    dot,
    figure,
    line,
    percent,
    text,
)
from labelwright.adapters.report.evaluation_words import dollars

_LEFT, _RIGHT, _TOP, _BOTTOM = 60, 616, 24, 262
_NEAR = 14
_WIDE = 20.0
"""From this ratio of dearest to cheapest on, costs stand on a scale of powers of ten."""


@dataclass(frozen=True, slots=True)
class Point:
    """One variant. number: by which pictures and tables name it.  cost_micro: per 1,000 items, None = unknown."""

    number: int
    name: str
    accuracy: float
    low: float
    high: float
    cost_micro: int | None
    is_baseline: bool = False


def accuracy_against_cost(points: Sequence[Point], *, title: str = "Right answers against what they cost") -> str:
    """Draw each variant with a known cost by its number, with its interval; the others are told of in the caption."""
    priced = [(point, point.cost_micro) for point in points if point.cost_micro is not None]
    low = min((point.low for point, _ in priced), default=0.0)
    high = max((point.high for point, _ in priced), default=1.0)
    bottom, top = max(0.0, floor(low * 10) / 10), min(1.0, ceil(high * 10) / 10)
    y = Scale(bottom, top if top > bottom else bottom + 0.1, _BOTTOM, _TOP)
    step = 0.05 if top - bottom <= 0.3 else 0.1 if top - bottom <= 0.6 else 0.2
    marks: list[str] = []
    for at in range(round((top - bottom) / step) + 1):
        tick = bottom + at * step
        marks += [
            line(_LEFT, y(tick), _RIGHT, y(tick), stroke=LINE),
            text(_LEFT - 8, y(tick) + 4, percent(tick, 0), anchor="end"),
        ]
    costs = sorted(cost for _, cost in priced)
    is_log = bool(costs) and costs[0] > 0 and costs[-1] / costs[0] >= _WIDE
    place = _log_scale(costs, marks) if is_log else _plain_scale(costs, marks)
    marks += [
        text(_RIGHT, 300, "cost per 1,000 items", anchor="end", fill=MUTE),
        text(_LEFT, 14, "share that is right, with its 95% interval", fill=MUTE),
    ]
    named: dict[tuple[float, float], list[int]] = {}
    for point, cost in sorted(priced, key=lambda one: one[0].is_baseline):  # what is marked lies on top
        at = place(cost), y(point.accuracy)
        ink = ACCENT if point.is_baseline else INK
        hint = (
            f"{point.name}: {percent(point.accuracy)} right ({percent(point.low)} to {percent(point.high)}), "
            f"{dollars(cost)} per 1,000"
        )
        marks += [
            line(at[0], y(point.low), at[0], y(point.high), stroke=ink, width=1.5),
            dot(*at, 5, fill=ink, hint=hint),
        ]
        near = next((other for other in named if abs(other[0] - at[0]) < _NEAR and abs(other[1] - at[1]) < _NEAR), at)
        named.setdefault(near, []).append(point.number)
    marks += [
        text(x + 9, level - 7, ", ".join(map(str, sorted(numbers))), fill=INK, weight=650)
        for (x, level), numbers in named.items()
    ]
    if not priced:
        marks.append(text(336, 140, "no price is known", anchor="middle", fill=MUTE, size=14))
    told = "; ".join(f"{p.name}: {percent(p.accuracy)} right, {dollars(cost)} per 1,000" for p, cost in priced)
    return figure(640, 308, marks, title=title, description=told)


def accuracy_rows(points: Sequence[Point], *, lowest: float, title: str = "Right answers, with 95% intervals") -> str:
    """Draw one row per variant: a dot at what was found, and a bar over its interval. lowest: of all such charts."""
    start = min(0.9, max(0.0, floor(lowest * 10) / 10))
    x = Scale(start, 1.0, 250, 560)
    bottom = 14 + 32 * len(points)
    marks: list[str] = []
    step = 0.2 if start < 0.5 else 0.1 if start < 0.8 else 0.05
    for at in range(round((1 - start) / step) + 1):
        tick = 1 - at * step
        marks += [
            line(x(tick), 6, x(tick), bottom, stroke=LINE),
            text(x(tick), bottom + 16, percent(tick, 0), anchor="middle"),
        ]
    for row, point in enumerate(points):
        at = 24 + 32 * row
        ink, weight = (ACCENT, 650) if point.is_baseline else (INK, 400)
        name = point.name if len(point.name) <= 34 else f"{point.name[:33]}…"
        marks += [
            text(238, at + 4, f"{point.number}  {name}", anchor="end", fill=ink, weight=weight),
            box(x(point.low), at - 6, x(point.high) - x(point.low), 12, fill=ink, opacity=0.18, radius=6),
            dot(x(point.accuracy), at, 5, fill=ink, hint=f"{point.name}: {percent(point.accuracy)}"),
            text(574, at + 4, percent(point.accuracy), fill=MUTE, size=13),
        ]
    told = "; ".join(f"{p.name}: {percent(p.accuracy)} ({percent(p.low)} to {percent(p.high)})" for p in points)
    return figure(640, bottom + 26, marks, title=title, description=told)


def class_bars(rows: Sequence[tuple[str, Sequence[float | None]]], *, marked: int, title: str) -> str:
    """Draw F1 per class: one group of bars per class, in it one bar per variant, by its number; `marked` stands out."""
    marks: list[str] = []
    top = 4.0
    for name, values in rows:
        middle = top + 9 * len(values) + 4
        marks.append(text(190, middle, name if len(name) <= 28 else f"{name[:27]}…", anchor="end", fill=INK))
        for place, value in enumerate(values):
            at = top + 18 * place
            marks.append(text(214, at + 11, str(place + 1), anchor="end", size=10.5))
            marks.append(box(222, at, 330, 14, fill=KEY, radius=4))
            if value is not None:
                strong = 0.9 if place == marked else 0.5
                marks.append(box(222, at, 330 * value, 14, fill=ACCENT, opacity=strong, radius=4))
            marks.append(text(562, at + 11, "–" if value is None else f"{value:.2f}", fill=MUTE))
        top += 18 * len(values) + 14
    told = "; ".join(
        f"{name}: " + ", ".join(f"{place + 1}: {'–' if v is None else f'{v:.2f}'}" for place, v in enumerate(values))
        for name, values in rows
    )
    return figure(640, max(top, 24), marks, title=title, description=told)


class _Log:
    """Places on a scale of powers of ten."""

    def __init__(self, low: int, high: int) -> None:
        self._scale = Scale(floor(log10(low)), ceil(log10(high)), _LEFT + 24, _RIGHT - 24)

    def __call__(self, cost: float) -> float:
        return self._scale(log10(max(cost, 1)))


def _log_scale(costs: Sequence[int], marks: list[str]) -> _Log:
    place = _Log(costs[0], costs[-1])
    powers = [10**power for power in range(floor(log10(costs[0])), ceil(log10(costs[-1])) + 1)]
    marks += [text(place(power), _BOTTOM + 18, dollars(power), anchor="middle") for power in powers]
    return place


def _plain_scale(costs: Sequence[int], marks: list[str]) -> Scale:
    dearest = costs[-1] if costs else 0
    if not dearest:
        return Scale(0, 1, _LEFT, _RIGHT)
    power = 10 ** floor(log10(dearest / 4))
    step = next(power * factor for factor in (1, 2, 2.5, 5, 10) if power * factor * 5 >= dearest * 1.04)
    n = ceil(dearest * 1.04 / step)
    place = Scale(0, step * n, _LEFT, _RIGHT)
    for at in range(n + 1):
        anchor = "start" if at == 0 else "end" if at == n else "middle"
        marks.append(text(place(step * at), _BOTTOM + 18, dollars(round(step * at)) if at else "$0", anchor=anchor))
    return place
