"""The picture of a live audit: the interval after each checked label, against the limit."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from math import ceil
from typing import Any

from labelwright.adapters.report.canvas import (
    ACCENT,
    BAD,
    INK,
    LINE,
    MUTE,
    Scale,
    area,
    dot,
    exact_percent,
    figure,
    line,
    path,
    percent,
    text,
)

_LEFT, _RIGHT, _TOP, _BOTTOM = 60, 616, 30, 262
_STEPS = (0.005, 0.01, 0.02, 0.05, 0.1, 0.2)


def audit_sequence_chart(
    sequence: Sequence[Mapping[str, Any]],
    *,
    target_error: float | None,
    alarm_at: int | None = None,
    title: str = "Wrong labels among the accepted, as the audit goes on",
) -> str:
    """Draw the share found wrong inside its interval, after each checked label; the limit as a line.

    sequence: `n`, `error`, `low`, `high` of each look, oldest first.  target_error: None = the certificate limits no
    share of wrong labels.  alarm_at: the label at which the alarm rang.
    """
    most = max((int(point["n"]) for point in sequence), default=1)
    # The first few labels say nothing: their interval reaches to the top, which is cut where the rest is told apart.
    settled = [float(point["high"]) for point in sequence if 3 * int(point["n"]) >= most] or [1.0]
    ceiling = min(1.0, max(1.6 * (target_error or 0), 1.1 * max(settled)))
    step = next((one for one in _STEPS if ceiling / one <= 6), 0.25)
    top = min(1.0, step * ceil(ceiling / step - 1e-9))
    x, y = Scale(0, most, _LEFT, _RIGHT), Scale(0, top, _BOTTOM, _TOP)
    marks: list[str] = []
    for at in range(round(top / step) + 1):
        marks += [
            line(_LEFT, y(at * step), _RIGHT, y(at * step), stroke=LINE),
            text(_LEFT - 8, y(at * step) + 4, percent(at * step), anchor="end"),
        ]
    for place, n in enumerate(_ticks(most)):
        marks.append(text(x(n), _BOTTOM + 18, f"{n:,}", anchor="start" if place == 0 else "middle"))
    marks += [
        text(_RIGHT, 300, "accepted labels checked blind, in the order drawn", anchor="end", fill=MUTE),
        text(_LEFT, 16, "share wrong, with the interval that holds at every look", fill=MUTE),
    ]
    if sequence:
        upper = [(x(point["n"]), y(point["high"])) for point in sequence]
        lower = [(x(point["n"]), y(point["low"])) for point in sequence]
        marks += [
            area([*upper, *reversed(lower)], fill=ACCENT, opacity=0.16),
            path([(x(point["n"]), y(point["error"])) for point in sequence], stroke=ACCENT),
        ]
        last = sequence[-1]
        told = (
            f"after {last['n']:,}: {percent(last['error'])} wrong ({percent(last['low'])} to {percent(last['high'])})"
        )
        marks.append(dot(x(last["n"]), y(last["error"]), 5, fill=ACCENT, hint=told))
    else:
        told = "nothing is checked yet"
        marks.append(text((_LEFT + _RIGHT) / 2, 140, told, anchor="middle", fill=MUTE, size=14))
    limit = "no limit on their number"
    if target_error is not None:
        limit = f"limit {exact_percent(target_error)}"
        marks += [
            line(_LEFT, y(target_error), _RIGHT, y(target_error), stroke=INK, width=1.5, dash="6 4"),
            text(_RIGHT, y(target_error) - 6, limit, anchor="end", fill=INK, weight=600),
        ]
    if alarm_at is not None:
        at = next((point for point in sequence if int(point["n"]) == alarm_at), None)
        if at is not None:
            marks += [
                dot(x(alarm_at), y(at["low"]), 6, fill=BAD, hint=f"alarm at label {alarm_at:,}"),
                text(x(alarm_at), _BOTTOM - 8, f"alarm at {alarm_at:,}", anchor="middle", fill=BAD, weight=600),
            ]
            told += f"; the alarm rang at label {alarm_at:,}"
    return figure(640, 308, marks, title=title, description=f"{told}; {limit}")


def _ticks(most: int) -> list[int]:
    """Give round numbers from 0 to the most, four to six of them."""
    power = 1
    while power * 60 <= most:
        power *= 10
    step = next(power * factor for factor in (1, 2, 5, 10, 20) if power * factor * 6 >= most)
    return list(range(0, most + 1, step))
