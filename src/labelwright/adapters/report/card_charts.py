"""The pictures of a data-set card: figures in their intervals, shares before and after, what labels really are."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import ceil, floor

from labelwright.adapters.report.canvas import (
    ACCENT,
    FAINT,
    INK,
    KEY,
    LINE,
    MUTE,
    WARN,
    Scale,
    box,
    dot,
    exact_percent,
    figure,
    line,
    percent,
    text,
)

_LEFT, _RIGHT, _WIDTH = 176.0, 546.0, 640.0
_ROW = 32.0
_TOP = 12.0


@dataclass(frozen=True, slots=True)
class Measured:
    """One row: a figure with its interval, all in [0, 1]; None = nothing to rest on, and `remark` says why."""

    name: str
    value: float | None
    low: float | None = None
    high: float | None = None
    remark: str = ""
    is_strong: bool = False


@dataclass(frozen=True, slots=True)
class BeforeAfter:
    """A class's share by the model's labels, and as estimated, with its interval."""

    name: str
    before: float
    after: float | None
    low: float | None
    high: float | None


def interval_chart(rows: Sequence[Measured], *, title: str, limit: float | None = None) -> str:
    """Draw a dot in its interval per row; a line where the promised limit is. The axis begins where something is."""
    lowest = min([row.low for row in rows if row.low is not None] + ([limit] if limit is not None else []), default=0.0)
    start = min(floor(lowest * 10) / 10, 0.9)
    x = Scale(start, 1.0, _LEFT, _RIGHT)
    bottom = _TOP + _ROW * len(rows)
    marks = _grid(x, start, 1.0, bottom)
    if limit is not None:
        marks.append(line(x(limit), _TOP - 6, x(limit), bottom, stroke=WARN, dash="3 4", width=1.5))
        marks.append(
            text(x(limit), bottom + 34, f"promised of the accepted: {exact_percent(limit)}", anchor="middle", fill=WARN)
        )
    for place, row in enumerate(rows):
        y = _TOP + _ROW * place + _ROW / 2
        marks.append(_name(row.name, y, is_strong=row.is_strong))
        if row.value is None or row.low is None or row.high is None:
            marks.append(text(_LEFT + 8, y + 4, row.remark or "no sample speaks of it", fill=FAINT))
            continue
        told = f"{row.name}: {percent(row.value)} ({percent(row.low)} to {percent(row.high)})"
        marks += _whisker(x, y, row.low, row.high, width=6 if row.is_strong else 4)
        marks.append(dot(x(row.value), y, 6 if row.is_strong else 5, fill=ACCENT, hint=told))
        marks.append(text(_RIGHT + 12, y + 4, percent(row.value, 1), fill=INK, size=13, weight=600))
    told = "; ".join(
        f"{row.name}: unknown"
        if row.value is None or row.low is None or row.high is None
        else f"{row.name}: {percent(row.value)}, {percent(row.low)} to {percent(row.high)}"
        for row in rows
    )
    height = bottom + (44 if limit is not None else 26)
    return figure(_WIDTH, height, marks, title=title, description=told)


def prevalence_chart(rows: Sequence[BeforeAfter], *, title: str = "How often each class occurs") -> str:
    """Draw, per class, the share of the model's labels (ring) and the estimated one (dot in its interval)."""
    most = max([row.before for row in rows] + [row.high for row in rows if row.high is not None], default=1.0)
    top = min(1.0, max(0.1, ceil(most * 10) / 10))
    x = Scale(0.0, top, _LEFT, _RIGHT)
    first = _TOP + 24
    bottom = first + _ROW * len(rows)
    marks = [
        _ring(_LEFT + 6, _TOP + 4),
        text(_LEFT + 18, _TOP + 8, "as the model labelled", fill=MUTE),
        dot(_LEFT + 166, _TOP + 4, 5, fill=ACCENT),
        text(_LEFT + 178, _TOP + 8, "as people would, with 95% interval", fill=MUTE),
        *_grid(x, 0.0, top, bottom, above=first),
    ]
    for place, row in enumerate(rows):
        y = first + _ROW * place + _ROW / 2
        marks.append(_name(row.name, y))
        shown = row.before
        if row.after is not None and row.low is not None and row.high is not None:
            marks += _whisker(x, y, row.low, row.high, width=4)
            marks.append(line(x(row.before), y, x(row.after), y, stroke=FAINT, dash="2 3"))
            told = f"{row.name}: {percent(row.after)} ({percent(row.low)} to {percent(row.high)})"
            marks.append(dot(x(row.after), y, 5, fill=ACCENT, hint=told))
            shown = row.after
        marks.append(_ring(x(row.before), y))
        marks.append(text(_RIGHT + 12, y + 4, percent(shown, 1), fill=INK, size=13, weight=600))
    told = "; ".join(
        f"{row.name}: {percent(row.before)} by the model's labels"
        + (
            ""
            if row.after is None or row.low is None or row.high is None
            else f", really {percent(row.after)}, {percent(row.low)} to {percent(row.high)}"
        )
        for row in rows
    )
    return figure(_WIDTH, bottom + 26, marks, title=title, description=told)


def confusion_chart(
    labels: Sequence[str],
    cells: Mapping[tuple[str, str], tuple[float, float, float]],
    *,
    title: str = "What each of the model's labels really is",
) -> str:
    """Draw a table: rows what the model said, columns what it is; deeper colour is a larger share of the row.

    cells: (said, truth) → share, low, high. A row without cells has nothing to rest on.
    """
    side = min(130.0, 450.0 / max(len(labels), 1))
    height = max(34.0, min(side, 52.0))
    first = 92.0 if any(len(name) > _fits(side) for name in labels) else 52.0
    marks = [
        text(_LEFT, 16, "what people say it is", fill=MUTE),
        text(_LEFT - 12, 16, "the model said", fill=MUTE, anchor="end"),
    ]
    many = len(labels) > 5
    marks += [_column_name(name, _LEFT + side * (place + 0.5), first - 10, side) for place, name in enumerate(labels)]
    for row, said in enumerate(labels):
        y = first + height * row
        marks.append(text(_LEFT - 12, y + height / 2 + 4, _short(said, 22), anchor="end", fill=INK))
        for column, truth in enumerate(labels):
            x = _LEFT + side * column
            cell = cells.get((said, truth))
            if cell is None:
                marks.append(box(x + 1, y + 1, side - 2, height - 2, fill=KEY, radius=5))
                continue
            share, low, high = cell
            told = f"said {said}, is {truth}: {percent(share)} ({percent(low)} to {percent(high)})"
            colour = ACCENT if said == truth else WARN
            marks.append(box(x + 1, y + 1, side - 2, height - 2, fill=KEY, radius=5))
            marks.append(
                box(x + 1, y + 1, side - 2, height - 2, fill=colour, opacity=0.62 * share, radius=5, hint=told)
            )
            marks.append(
                text(
                    x + side / 2,
                    y + height / 2 + (4 if many else 0),
                    percent(share, 0),
                    anchor="middle",
                    fill=INK,
                    size=12 if many else 13,
                    weight=600,
                )
            )
            if not many:
                marks.append(
                    text(
                        x + side / 2,
                        y + height / 2 + 14,
                        f"{percent(low, 0)}–{percent(high, 0)}",
                        anchor="middle",
                        fill=INK,
                        size=10.5,
                    )
                )
    told = "; ".join(
        f"said {said}, is {truth}: {percent(share)}" for (said, truth), (share, _, _) in cells.items() if share >= 0.005
    )
    return figure(_WIDTH, first + height * len(labels) + 8, marks, title=title, description=told)


def _grid(x: Scale, start: float, end: float, bottom: float, *, above: float = _TOP) -> list[str]:
    step = next(step for step in (0.02, 0.05, 0.1, 0.2, 0.25) if (end - start) / step <= 5.001 or step == 0.25)
    ticks = [start + step * place for place in range(int((end - start) / step + 1e-9) + 1)]
    marks = [line(x(tick), above - 4, x(tick), bottom, stroke=LINE) for tick in ticks]
    return marks + [text(x(tick), bottom + 16, percent(tick, 0), anchor="middle") for tick in ticks]


def _whisker(x: Scale, y: float, low: float, high: float, *, width: float) -> list[str]:
    left, right = x(low), x(high)
    return [box(left, y - width / 2, max(right - left, 2), width, fill=ACCENT, opacity=0.35, radius=width / 2)]


def _name(words: str, y: float, *, is_strong: bool = False) -> str:
    return text(_LEFT - 12, y + 4, _short(words, 24), anchor="end", fill=INK, weight=650 if is_strong else 400)


def _ring(x: float, y: float) -> str:
    return f'<circle cx="{x:.2f}" cy="{y:.2f}" r="5" fill="none" stroke="{MUTE}" stroke-width="2"></circle>'


def _column_name(words: str, x: float, y: float, side: float) -> str:
    most = _fits(side)
    if len(words) <= most:
        return text(x, y, words, anchor="middle", fill=INK)
    turned = text(0, 0, _short(words, 16), fill=INK)
    return f'<g transform="translate({x - 4:.2f} {y:.2f}) rotate(-38)">{turned}</g>'


def _fits(side: float) -> int:
    return max(int(side / 7.2), 3)


def _short(words: str, most: int) -> str:
    return words if len(words) <= most else words[: most - 1] + "…"
