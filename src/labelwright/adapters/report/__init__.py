"""Reports as self-contained HTML with SVG charts."""

from labelwright.adapters.report.page import Bullets, Chart, Figures, Part, Prose, Section, Table, render_page
from labelwright.adapters.report.svg import (
    Rung,
    bar_chart,
    ladder_chart,
    reliability_diagram,
    risk_coverage_chart,
)

__all__ = [
    "Bullets",
    "Chart",
    "Figures",
    "Part",
    "Prose",
    "Rung",
    "Section",
    "Table",
    "bar_chart",
    "ladder_chart",
    "reliability_diagram",
    "render_page",
    "risk_coverage_chart",
]
