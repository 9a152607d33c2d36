"""What commands say: tables for people or one JSON object on stdout; notes and progress on stderr."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Generator, Mapping, Sequence
from contextlib import contextmanager
from math import floor, log10
from typing import TYPE_CHECKING, TypeAlias

import orjson

if TYPE_CHECKING:
    from labelwright.ports.jobs import JobCounts

Progress: TypeAlias = Callable[[int, int], None]
"""Called with (done, total), in any one unit; total 0 = not known."""


def emit_json(payload: object) -> None:
    """Write one JSON object (a mapping or a dataclass) to stdout, with a line end."""
    options = orjson.OPT_INDENT_2 | orjson.OPT_SERIALIZE_NUMPY | orjson.OPT_NON_STR_KEYS
    sys.stdout.write(orjson.dumps(payload, option=options, default=str).decode() + "\n")
    sys.stdout.flush()


def say(line: str = "") -> None:
    """Write a line for people to stdout, as it is: nothing in it is taken for markup."""
    sys.stdout.write(f"{line}\n")


def note(line: str) -> None:
    """Write a line to stderr: a warning or a remark that is no part of the answer."""
    sys.stderr.write(f"{line}\n")


def table(
    columns: Sequence[str], rows: Sequence[Sequence[object]], *, title: str = "", whole: Sequence[str] = ()
) -> None:
    """Draw a table on stdout; numbers are set to the right. Cells are plain text, never markup.

    whole: columns whose cells are never broken over lines, such as what is to be copied.
    """
    from rich import box
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    texts = [[cell_text(cell) for cell in row] for row in rows]
    longest = [
        max((len(part) for cell in (name, *(row[place] for row in texts)) for part in _unbroken(cell)), default=1)
        for place, name in enumerate(columns)
    ]
    console = Console()
    # A border and its padding take three places per column; lines between columns are worth less than whole words.
    has_borders = sum(longest) + 3 * len(columns) + 1 <= console.width
    keeps_words = has_borders or sum(longest) + 2 * (len(columns) - 1) <= console.width
    drawn = Table(title=title or None, title_justify="left", header_style="bold")
    if not has_borders:
        drawn.box, drawn.pad_edge, drawn.show_edge, drawn.padding = box.SIMPLE_HEAD, False, False, (0, 1, 0, 0)
    room = console.width - (3 * len(columns) + 1 if has_borders else 2 * (len(columns) - 1))
    widths = _widths(columns, texts, longest, whole=whole, room=room) if keeps_words else None
    for place, name in enumerate(columns):
        numeric = bool(rows) and all(isinstance(row[place], int | float) or row[place] is None for row in rows)
        drawn.add_column(
            Text(name),
            justify="right" if numeric else "left",
            overflow="fold",
            no_wrap=name in whole,
            width=None if widths is None else widths[place],
            min_width=longest[place] if keeps_words else None,
        )
    for row in texts:
        drawn.add_row(*(Text(cell) for cell in row))
    console.print(drawn)


def _widths(
    columns: Sequence[str], texts: Sequence[Sequence[str]], longest: Sequence[int], *, whole: Sequence[str], room: int
) -> list[int] | None:
    """Give widths that fit into the room and break no word, the widest made narrower first; None = there are none.

    The library makes columns narrow without regard to their words, and then draws past the edge.
    """
    from rich.cells import cell_len

    lines = [
        [line for cell in (name, *(row[place] for row in texts)) for line in cell.splitlines()]
        for place, name in enumerate(columns)
    ]
    widths = [max(map(cell_len, found), default=1) for found in lines]
    least = [
        width if name in whole else longest[place]
        for place, (name, width) in enumerate(zip(columns, widths, strict=True))
    ]
    while sum(widths) > room:
        slack = [place for place, width in enumerate(widths) if width > least[place]]
        if not slack:
            return None
        widths[max(slack, key=widths.__getitem__)] -= 1
    return widths


def _unbroken(cell: str) -> list[str]:
    """Give the parts of a cell that are to stay in one line: its words; of what is very long nothing need."""
    return [word[:_LONGEST_WORD] for word in cell.split()]


_LONGEST_WORD = 20


def facts(pairs: Mapping[str, object]) -> None:
    """Write `name  value` lines on stdout, aligned."""
    width = max((len(name) for name in pairs), default=0)
    for name, value in pairs.items():
        say(f"  {name:<{width}}  {cell_text(value)}")


def moment(at: str | None) -> str | None:
    """Write a UTC time as people do, to the second.

    >>> moment("2026-11-21T16:49:42.845Z")
    '2026-11-21 16:49:42'
    """
    return None if at is None else at[:19].replace("T", " ")


def dollars(amount: float) -> str:
    """Say a sum in cents; a smaller one than a dollar to four digits, or to three that count.

    >>> dollars(1234.5), dollars(0.3203), dollars(0.0002001), dollars(0)
    ('$1,234.50', '$0.3203', '$0.000200', '$0.00')
    """
    if amount == 0 or abs(amount) >= 1:
        return f"${amount:,.2f}"
    return f"${amount:.{max(4, 2 - floor(log10(abs(amount))))}f}"


def cell_text(value: object) -> str:
    """Write a value as a person reads it: thousands apart, a dash for what is not known.

    >>> cell_text(12000), cell_text(0.25), cell_text(None), cell_text(True)
    ('12,000', '0.25', '–', 'yes')
    """
    if value is None:
        return "–"
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, int):
        return f"{value:,}"
    if isinstance(value, float):
        return f"{value:.4g}"
    return str(value)


@contextmanager
def progress(label: str, *, wanted: bool = False) -> Generator[Progress | None]:
    """Give a callback that shows progress and the time left on stderr; None when nobody would see it.

    wanted: show it even when stderr is no terminal (a plain line every two seconds).
    """
    if sys.stderr.isatty():
        with _bar(label) as callback:
            yield callback
    elif wanted:
        yield _lines(label)
    else:
        yield None


Watch: TypeAlias = Callable[["JobCounts"], None]
"""Called every second or so with how far a run is."""


@contextmanager
def run_progress(label: str, *, wanted: bool = False) -> Generator[Watch | None]:
    """Show a run's progress, its pace, the time left and what it has cost so far; None when nobody would see it."""
    if sys.stderr.isatty():
        with _run_bar(label) as watch:
            yield watch
    elif wanted:
        yield _run_lines(label)
    else:
        yield None


@contextmanager
def _run_bar(label: str) -> Generator[Watch]:
    from rich.console import Console
    from rich.progress import BarColumn, TaskProgressColumn, TextColumn
    from rich.progress import Progress as Bar

    columns = (TextColumn("{task.description}"), BarColumn(), TaskProgressColumn(), TextColumn("{task.fields[said]}"))
    with Bar(*columns, console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task(label, total=None, said="")

        def watch(counts: JobCounts) -> None:
            bar.update(task, completed=counts.done, total=counts.total or None, said=_said(counts))

        yield watch


def _run_lines(label: str) -> Watch:
    last = -1e9

    def watch(counts: JobCounts) -> None:
        nonlocal last
        now = time.monotonic()
        if now - last < 2 and counts.done != counts.total:
            return
        last = now
        share = f"{100 * counts.done / counts.total:.0f}%, " if counts.total else ""
        note(f"{label}: {share}{_said(counts)}")

    return watch


def _said(counts: JobCounts) -> str:
    parts = [f"{counts.done:,} of {counts.total:,}" if counts.total else f"{counts.done:,}"]
    if counts.per_second > 0:
        parts.append(f"{counts.per_second:,.1f}/s")
        if counts.total > counts.done:
            parts.append(f"about {_duration((counts.total - counts.done) / counts.per_second)} left")
    if counts.failed:
        parts.append(f"{counts.failed:,} without answer")
    parts.append("cost unknown" if counts.cost_pico is None else f"${counts.cost_pico / 1e12:,.4f} so far")
    return ", ".join(parts)


def _duration(seconds: float) -> str:
    """Say a time as people do.

    >>> _duration(42), _duration(600), _duration(9000)
    ('42 s', '10 min', '2 h 30 min')
    """
    if seconds < 90:
        return f"{seconds:.0f} s"
    minutes = round(seconds / 60)
    return f"{minutes} min" if minutes < 90 else f"{minutes // 60} h {minutes % 60} min"


@contextmanager
def _bar(label: str) -> Generator[Progress]:
    from rich.console import Console
    from rich.progress import BarColumn, TaskProgressColumn, TextColumn, TimeRemainingColumn
    from rich.progress import Progress as Bar

    columns = (TextColumn("{task.description}"), BarColumn(), TaskProgressColumn(), TimeRemainingColumn())
    with Bar(*columns, console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task(label, total=None)

        def update(done: int, total: int) -> None:
            bar.update(task, completed=done, total=total or None)

        yield update


def _lines(label: str) -> Progress:
    started = time.monotonic()
    last = started

    def update(done: int, total: int) -> None:
        nonlocal last
        now = time.monotonic()
        if now - last < 2 and done != total:
            return
        last = now
        if not total:
            note(f"{label}: {done:,}")
            return
        left = (now - started) * (total - done) / done if done else 0.0
        note(f"{label}: {100 * done / total:.0f}%, about {left:.0f} s left")

    return update
