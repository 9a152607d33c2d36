"""Tables on a terminal: words and numbers stay whole at 80 columns, and nothing is wider than the terminal."""

from __future__ import annotations

import pytest

from labelwright.cli.output import table

JOB = ("1ee352afe9badd98", "cancelled", 1_000, 1_000, 3, "$0.1457", "terminal", "2026-11-22 05:02:29")
COLUMNS = ("job", "state", "done", "of", "failed", "cost", "asked by", "started")


def drawn(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, *, width: int) -> list[str]:
    monkeypatch.setenv("COLUMNS", str(width))
    table(COLUMNS, [JOB, JOB], whole=("job", "state"))
    return capsys.readouterr().out.splitlines()


@pytest.mark.parametrize("width", [80, 120])
def test_no_word_and_no_number_is_broken_over_lines(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, width: int
) -> None:
    lines = drawn(capsys, monkeypatch, width=width)
    assert max(len(line) for line in lines) <= width
    said = " ".join(lines).split()
    for word in (*COLUMNS[:6], "asked", "started", JOB[0], JOB[1], "1,000", "$0.1457", "terminal", "2026-11-22"):
        assert word in said


def test_where_not_even_the_words_fit_the_table_stays_inside_the_terminal(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    assert max(len(line) for line in drawn(capsys, monkeypatch, width=60)) <= 60


def test_a_cell_that_is_one_very_long_word_is_folded_and_loses_nothing(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", "80")
    table(("item", "text"), [("a", "x" * 300)])
    assert capsys.readouterr().out.count("x") == 301  # one of them in the head


@pytest.mark.parametrize("width", [62, 66, 80])
def test_headings_of_long_and_short_words_are_broken_between_words_and_no_edge_is_cut_off(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, width: int
) -> None:
    monkeypatch.setenv("COLUMNS", str(width))
    columns = ("question", "accepted unseen", "calibration sample", "to people, answered already", "to people, not yet")
    table((*columns, "in all"), [("category", 10_000, 300, 100, 4_000, 14_400)])
    said = capsys.readouterr().out
    for word in ("question", "calibration", "answered", "already", "category", "10,000", "14,400"):
        assert word in said.split(), word
    assert (width < 80) is not ("┓" in said)
