"""A text with parts of it replaced, and where each character of it came from."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Piece:
    """A stretch of the shown text and of the original it stands for; of equal length where it is kept."""

    shown_start: int
    shown_end: int
    start: int
    end: int
    kept: bool


def origin_of(pieces: Sequence[Piece], start: int, end: int) -> tuple[int, int]:
    """Map a span of the shown text to the original; where it touches a replaced stretch, all of that is covered.

    An empty span maps to an empty one, before what it stands before. Beyond the text's end means the end.
    """
    if not pieces:
        return 0, 0
    if end <= start:
        at = _start(pieces, start)
        return at, at
    return _start(pieces, start), _end(pieces, end)


def _start(pieces: Sequence[Piece], place: int) -> int:
    if place >= pieces[-1].shown_end:
        return pieces[-1].end
    piece = pieces[_containing(pieces, max(place, 0))]
    return piece.start + place - piece.shown_start if piece.kept else piece.start


def _end(pieces: Sequence[Piece], place: int) -> int:
    if place > pieces[-1].shown_end:
        return pieces[-1].end
    piece = pieces[_containing(pieces, max(place, 1) - 1)]
    return piece.start + place - piece.shown_start if piece.kept else piece.end


def _containing(pieces: Sequence[Piece], place: int) -> int:
    return max(0, bisect_right(pieces, place, key=lambda piece: piece.shown_start) - 1)
