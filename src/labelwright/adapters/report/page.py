"""A report as one HTML file: no script, no request, light and dark, narrow and printed. All text is escaped."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from html import escape
from typing import Literal, TypeAlias

from labelwright.adapters.report.style import STYLE

Tone: TypeAlias = Literal["plain", "good", "warn", "lead"]


@dataclass(frozen=True, slots=True)
class Prose:
    """A paragraph; `good` and `warn` stand out, `lead` is larger."""

    text: str
    tone: Tone = "plain"


@dataclass(frozen=True, slots=True)
class Bullets:
    """A list of short statements."""

    items: Sequence[str]


@dataclass(frozen=True, slots=True)
class Figures:
    """Large numbers side by side, each (value, what it is)."""

    figures: Sequence[tuple[str, str]]


@dataclass(frozen=True, slots=True)
class Table:
    """Rows of cells; the first column is set to the left, the others to the right. `highlight`: row numbers to mark.

    `left`: numbers of further columns that hold words and are set to the left.
    """

    columns: Sequence[str]
    rows: Sequence[Sequence[str]]
    highlight: frozenset[int] = frozenset()
    left: frozenset[int] = frozenset()
    caption: str = ""


@dataclass(frozen=True, slots=True)
class Chart:
    """An SVG from `labelwright.adapters.report.svg`, which has escaped its own text, and a caption."""

    svg: str
    caption: str = ""


Part: TypeAlias = Prose | Bullets | Figures | Table | Chart


@dataclass(frozen=True, slots=True)
class Section:
    """A card of the page; `is_wide` takes the whole width."""

    heading: str
    parts: Sequence[Part]
    is_wide: bool = False


def render_page(
    *, title: str, subtitle: str, sections: Sequence[Section], headline: Sequence[Part] = (), footer: str = ""
) -> str:
    """Write the whole page.

    headline: parts above the cards, such as a Figures row and the sentence that matters most.
    """
    top = "".join(_part(part) for part in headline)
    cards = "".join(_card(section) for section in sections)
    foot = f"<footer>{escape(footer)}</footer>" if footer else ""
    return (
        '<!doctype html><html lang="en"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width,initial-scale=1">'
        '<meta name="color-scheme" content="light dark">'
        f"<title>{escape(title)} · Labelwright</title><style>{STYLE}</style></head><body>"
        '<header><b>Labelwright</b></header><main id="main">'
        f"<h1>{escape(title)}<small>{escape(subtitle)}</small></h1>"
        f'<div class="top">{top}</div><div class="cards">{cards}</div></main>{foot}</body></html>\n'
    )


def _card(section: Section) -> str:
    wide = ' class="card wide"' if section.is_wide else ' class="card"'
    parts = "".join(_part(part) for part in section.parts)
    return f"<section{wide}><h2>{escape(section.heading)}</h2>{parts}</section>"


def _part(part: Part) -> str:
    match part:
        case Prose(text, tone):
            return f'<p class="{tone}">{escape(text)}</p>'
        case Bullets(items):
            return "<ul>" + "".join(f"<li>{escape(item)}</li>" for item in items) + "</ul>"
        case Figures(figures):
            cells = "".join(
                f'<div class="card n">{escape(value)}<small>{escape(what)}</small></div>' for value, what in figures
            )
            return f'<div class="nums">{cells}</div>'
        case Table():
            return _table(part)
        case Chart(svg, caption):
            said = f"<figcaption>{escape(caption)}</figcaption>" if caption else ""
            return f"<figure>{svg}{said}</figure>"


def _table(table: Table) -> str:
    def cell(tag: str, place: int, words: str) -> str:
        left = ' class="l"' if place == 0 or place in table.left else ""
        return f"<{tag}{left}>{escape(words)}</{tag}>"

    names = "".join(cell("th", place, name) for place, name in enumerate(table.columns))
    head = f"<thead><tr>{names}</tr></thead>" if any(table.columns) else ""
    body = "".join(
        f"<tr{' class=on' if place in table.highlight else ''}>"
        + "".join(cell("td", column, words) for column, words in enumerate(row))
        + "</tr>"
        for place, row in enumerate(table.rows)
    )
    caption = f"<caption>{escape(table.caption)}</caption>" if table.caption else ""
    return f'<div class="scroll"><table>{caption}{head}<tbody>{body}</tbody></table></div>'
