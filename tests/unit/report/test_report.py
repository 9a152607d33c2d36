import xml.etree.ElementTree as ET
from html.parser import HTMLParser

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from labelwright.adapters.report import (
    Bullets,
    Chart,
    Figures,
    Prose,
    Rung,
    Section,
    Table,
    bar_chart,
    ladder_chart,
    reliability_diagram,
    render_page,
    risk_coverage_chart,
)
from labelwright.adapters.report.terminal import draw_reliability, draw_risk_coverage
from labelwright.methods.calibration import RiskCoverage, reliability, risk_coverage

SVG = "{http://www.w3.org/2000/svg}"
HOSTILE = "<script>alert('x')</script>&\"'"


def curve(n_thresholds: int) -> RiskCoverage:
    n = np.arange(1, n_thresholds + 1) * 10
    return risk_coverage(np.linspace(1, 0, n_thresholds), n * 10, n, n // 10, n_pool=100 * max(n_thresholds, 1))


def charts() -> list[str]:
    rng = np.random.default_rng(1)
    confidence = rng.random(200)
    bins = reliability(confidence, rng.random(200) < confidence, rng=rng)
    rungs = [Rung(0.05, 0.0, HOSTILE), Rung(0.1, 0.64, is_frozen=True)]
    return [
        risk_coverage_chart(curve(500), target_error=0.1, certified_coverage=0.64, rungs=rungs),
        risk_coverage_chart(curve(1)),
        risk_coverage_chart(curve(0)),
        reliability_diagram(bins),
        reliability_diagram(()),
        ladder_chart(rungs),
        ladder_chart([]),
        bar_chart([(HOSTILE, 3.0), ("b", 0.0)], title=HOSTILE),
        bar_chart([], title="nothing"),
    ]


@pytest.mark.parametrize("chart", charts(), ids=range(len(charts())))
def test_a_chart_is_well_formed_named_and_described(chart: str) -> None:
    root = ET.fromstring(chart)
    assert root.attrib["role"] == "img"
    assert root.findtext(f"{SVG}title")
    assert root.find(f"{SVG}desc") is not None
    assert not root.findall(f".//{SVG}script")
    for element in root.iter():
        for name in ("x", "y", "width", "height", "r", "d"):
            assert "nan" not in element.attrib.get(name, "")
            assert "inf" not in element.attrib.get(name, "")


def test_a_long_curve_stays_a_small_picture() -> None:
    assert len(risk_coverage_chart(curve(100_000))) < 40_000


def test_the_description_tells_a_screen_reader_the_figures() -> None:
    chart = risk_coverage_chart(curve(10), target_error=0.1, certified_coverage=0.64)
    told = ET.fromstring(chart).findtext(f"{SVG}desc") or ""
    assert "50% accepted: 10% wrong in the sample" in told
    assert "certified: 64%" in told
    assert "nothing certified" in (ET.fromstring(risk_coverage_chart(curve(10))).findtext(f"{SVG}desc") or "")


class Tags(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.seen: list[str] = []
        self.open: list[str] = []
        self.attributes: list[tuple[str, str | None]] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.seen.append(tag)
        self.attributes += attrs
        if tag not in {"meta", "link", "br", "img", "path", "rect", "circle"}:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        if tag in {"path", "rect", "circle"}:
            return
        assert self.open.pop() == tag


@given(st.text(min_size=1))
def test_no_text_becomes_markup(words: str) -> None:
    """S7: no script executes from any field."""
    hostile = f"{HOSTILE}{words}"
    page = render_page(
        title=hostile,
        subtitle=hostile,
        headline=[Figures([(hostile, hostile)]), Prose(hostile, "good")],
        sections=[
            Section(hostile, [Bullets([hostile]), Table([hostile], [[hostile]], frozenset({0}), caption=hostile)]),
            Section("chart", [Chart(bar_chart([(hostile, 1.0)], title=hostile), hostile)], is_wide=True),
        ],
        footer=hostile,
    )
    tags = Tags()
    tags.feed(page)
    tags.close()
    assert tags.open == []
    assert "script" not in tags.seen
    assert not [name for name, _ in tags.attributes if name.startswith("on")]


def test_the_page_needs_nothing_from_anywhere() -> None:
    page = render_page(title="t", subtitle="s", sections=[Section("c", [Chart(c) for c in charts()])])
    for forbidden in ("src=", "href=", "url(", "@import", "<link"):
        assert forbidden not in page
    assert "prefers-color-scheme:dark" in page


def test_the_terminal_curve_keeps_its_size_and_shows_limit_and_edge() -> None:
    lines = draw_risk_coverage(curve(30), target_error=0.1, certified_coverage=0.5)
    assert max(len(line) for line in lines) <= 80
    assert any("╌" in line or "●" in line for line in lines if "10% ┤" in line)
    assert sum("│" in line for line in lines) > 5
    assert draw_risk_coverage(curve(0), target_error=0.1) == ["(no labels yet)"]


def test_the_terminal_bins_say_which_way_the_score_errs() -> None:
    rng = np.random.default_rng(3)
    confidence = np.full(400, 0.95)
    (line,) = draw_reliability(reliability(confidence, rng.random(400) < 0.6, rng=rng, n_bins=1))
    assert line.endswith("over-sure")
    assert "n = 400" in line
