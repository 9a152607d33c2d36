"""The few SVG marks that the charts share: text always escaped, colours as CSS variables with a light fallback."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from html import escape
from typing import Final

INK: Final = "var(--ink,#1c2024)"
MUTE: Final = "var(--mute,#60646c)"
FAINT: Final = "var(--faint,#80838d)"
LINE: Final = "var(--line,#e4e6ea)"
ACCENT: Final = "var(--accent,#2f6f5e)"
WARN: Final = "var(--warn,#ad5700)"
BAD: Final = "var(--bad,#c4493c)"
KEY: Final = "var(--key,#f0f1f4)"
FONT: Final = 'font-family="ui-sans-serif,system-ui,Inter,sans-serif"'


@dataclass(frozen=True, slots=True)
class Scale:
    """Straight map from values to coordinates; what lies beyond the values is set on their edge."""

    low: float
    high: float
    start: float
    end: float

    def __call__(self, value: float) -> float:
        inside = min(max(float(value), self.low), self.high)
        return self.start + (self.end - self.start) * (inside - self.low) / (self.high - self.low)


def figure(width: float, height: float, marks: Sequence[str], *, title: str, description: str) -> str:
    """Wrap marks into one accessible SVG that scales to the width it is given."""
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {number(width)} {number(height)}" role="img" '
        f'aria-label="{escape(title)}. {escape(description)}" {FONT} font-size="12">'
        f"<title>{escape(title)}</title><desc>{escape(description)}</desc>{''.join(marks)}</svg>"
    )


def line(x1: float, y1: float, x2: float, y2: float, *, stroke: str = LINE, width: float = 1, dash: str = "") -> str:
    """Draw a straight line."""
    dashed = f' stroke-dasharray="{dash}"' if dash else ""
    return (
        f'<path d="M{number(x1)} {number(y1)}L{number(x2)} {number(y2)}" stroke="{stroke}" '
        f'stroke-width="{number(width)}" fill="none"{dashed}/>'
    )


def path(points: Sequence[tuple[float, float]], *, stroke: str, width: float = 2.5) -> str:
    """Draw a line through points."""
    return (
        f'<path d="{_through(points)}" fill="none" stroke="{stroke}" stroke-width="{number(width)}" '
        'stroke-linejoin="round" stroke-linecap="round"/>'
    )


def area(points: Sequence[tuple[float, float]], *, fill: str, opacity: float) -> str:
    """Fill a closed outline."""
    return f'<path d="{_through(points)}Z" fill="{fill}" opacity="{number(opacity)}"/>'


def box(
    x: float, y: float, width: float, height: float, *, fill: str, opacity: float = 1, radius: float = 0, hint: str = ""
) -> str:
    """Draw a rectangle; `hint` shows when pointed at."""
    told = f"<title>{escape(hint)}</title>" if hint else ""
    return (
        f'<rect x="{number(x)}" y="{number(y)}" width="{number(max(width, 0))}" height="{number(max(height, 0))}" '
        f'rx="{number(radius)}" fill="{fill}" opacity="{number(opacity)}">{told}</rect>'
    )


def dot(x: float, y: float, radius: float, *, fill: str, hint: str = "") -> str:
    """Draw a disc; `hint` shows when pointed at."""
    told = f"<title>{escape(hint)}</title>" if hint else ""
    return f'<circle cx="{number(x)}" cy="{number(y)}" r="{number(radius)}" fill="{fill}">{told}</circle>'


def text(
    x: float, y: float, words: str, *, fill: str = FAINT, anchor: str = "start", size: float = 12, weight: int = 400
) -> str:
    """Set a line of text with its baseline at y."""
    return (
        f'<text x="{number(x)}" y="{number(y)}" fill="{fill}" text-anchor="{anchor}" font-size="{number(size)}" '
        f'font-weight="{weight}">{escape(words)}</text>'
    )


def number(value: float) -> str:
    """Write a coordinate with at most two decimals.

    >>> number(3.0), number(2.456)
    ('3', '2.46')
    """
    return f"{value:.2f}".rstrip("0").rstrip(".")


def percent(share: float, digits: int | None = None) -> str:
    """Write a share as people read it; tenths only below 10%.

    >>> percent(0.642), percent(0.048), percent(0.05), percent(0.0125, 0)
    ('64%', '4.8%', '5%', '1%')
    """
    places = digits if digits is not None else int(share < 0.0995)
    written = f"{100 * share:.{places}f}"
    return (written.rstrip("0").rstrip(".") if "." in written else written) + "%"


def exact_percent(share: float) -> str:
    """Write a share that was promised or asked for: never rounded to another one.

    >>> exact_percent(0.1), exact_percent(0.125), exact_percent(0.015), exact_percent(0.975)
    ('10%', '12.5%', '1.5%', '97.5%')
    """
    return f"{100 * share:.6g}%"


def _through(points: Sequence[tuple[float, float]]) -> str:
    return "M" + "L".join(f"{number(x)} {number(y)}" for x, y in points)
