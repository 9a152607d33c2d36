"""Places of several pieces: "left" and "lung" of "left and right lung"."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from typing import TypeAlias

from labelwright.domain.canonical import Json
from labelwright.errors import InvalidValue
from labelwright.tasks.read_settings import list_of, object_of
from labelwright.tasks.read_settings import shown as in_short

Pieces: TypeAlias = tuple[tuple[int, int], ...]
"""(start, end) of each piece in the order of the text, with at least one character between two; () = all in one."""

MOST_PIECES = 1_000
LAST_PLACE = 2**31


def read_place(raw: object, path: str) -> int:
    """Read a place in a text. Raises InvalidValue."""
    if isinstance(raw, bool) or not isinstance(raw, int) or not 0 <= raw <= LAST_PLACE:
        raise InvalidValue(path, f"{in_short(raw)} is no place in a text", "; count from 0")
    return raw


def read_pieces(raw: object, hull: tuple[int, int], path: str) -> Pieces:
    """Read [{start, end}, ...] of a span that reaches from the first piece's start to the last one's end.

    Raises InvalidValue: one piece alone, pieces that touch or overlap, or that reach elsewhere than the span.
    """
    stated = list_of(raw, "pieces", path=path, most=MOST_PIECES)
    return checked_pieces([_piece(one, f"{path}[{place}]") for place, one in enumerate(stated)], hull, path)


def _piece(raw: object, path: str) -> tuple[int, int]:
    given = object_of(raw, ("start", "end"), path, "piece")
    start, end = (read_place(given[name], f"{path}.{name}") for name in ("start", "end"))
    if start >= end:
        raise InvalidValue(path, f"a piece from {start} to {end} holds nothing", "; `end` is behind its last character")
    return start, end


def checked_pieces(pieces: Sequence[tuple[int, int]], hull: tuple[int, int], path: str) -> Pieces:
    """Refuse pieces that are no place of several. Raises InvalidValue."""
    ordered = tuple(sorted(pieces))
    if len(ordered) < 2:
        raise InvalidValue(path, "a span of one piece has no pieces", "; leave `pieces` out")
    for before, after in pairwise(ordered):
        if after[0] <= before[1]:
            told = f"pieces {_said(before)} and {_said(after)} touch or overlap"
            raise InvalidValue(path, told, "; write them as one")
    if (ordered[0][0], ordered[-1][1]) != hull:
        told = f"the pieces reach from {ordered[0][0]} to {ordered[-1][1]}, the span from {hull[0]} to {hull[1]}"
        raise InvalidValue(path, told, "; they must be the same")
    return ordered


def dump_pieces(pieces: Pieces) -> list[Json]:
    """Write pieces as JSON."""
    return [{"start": start, "end": end} for start, end in pieces]


def share_characters(a: Pieces, b: Pieces) -> bool:
    """Say whether a character lies in both."""
    at, other = 0, 0
    while at < len(a) and other < len(b):
        if a[at][0] < b[other][1] and b[other][0] < a[at][1]:
            return True
        if a[at][1] <= b[other][1]:
            at += 1
        else:
            other += 1
    return False


def lies_in(a: Pieces, b: Pieces) -> bool:
    """Say whether each character of `a` is one of `b`'s too."""
    at = 0
    for start, end in a:
        while at < len(b) and b[at][1] < end:
            at += 1
        if at == len(b) or start < b[at][0]:
            return False
    return True


def _said(piece: tuple[int, int]) -> str:
    return f"{piece[0]}–{piece[1]}"
