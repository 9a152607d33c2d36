"""All personal data of a text, without overlaps, and nothing left that would be found again."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass

from labelwright.prompting.privacy.align import Piece, origin_of
from labelwright.prompting.privacy.recognisers import recognisers_for

_PICTURE = re.compile(r"data:image/[a-z0-9.+-]{1,30};base64,[A-Za-z0-9+/]*={0,2}", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Found:
    """A stretch of a text that is personal data; code points, end exclusive."""

    start: int
    end: int
    kind: str


def find(text: str) -> tuple[Found, ...]:
    """Give what is recognised in a text, in its order. A picture as a data URL is not read.

    What overlaps is one stretch under the kind of its longest part. Taking a stretch out can bring something to light
    beside it (a number that was part of a longer one): so the search goes on until a replaced text shows nothing.
    """
    if text.startswith("data:image/") and _PICTURE.fullmatch(text):
        return ()
    found = _merged(_scan(text))
    while found:
        shown, pieces = replace_found(text, found, lambda one: f"[{one.kind}]")
        more = [
            Found(*origin_of(pieces, one.start, one.end), one.kind)
            for one in _scan(shown)
            if any(p.kept and p.shown_start < one.end and one.start < p.shown_end for p in pieces)
        ]
        if not more:
            break
        found = _merged([*found, *more])
    return tuple(found)


def replace_found(text: str, found: Iterable[Found], write: Callable[[Found], str]) -> tuple[str, tuple[Piece, ...]]:
    """Write each found stretch anew; give the text and where it comes from."""
    parts: list[str] = []
    pieces: list[Piece] = []
    at = shown_at = 0

    def add(part: str, until: int, *, kept: bool) -> None:
        nonlocal at, shown_at
        if until > at:
            parts.append(part)
            pieces.append(Piece(shown_at, shown_at + len(part), at, until, kept))
            at, shown_at = until, shown_at + len(part)

    for one in found:
        add(text[at : one.start], one.start, kept=True)
        add(write(one), one.end, kept=False)
    add(text[at:], len(text), kept=True)
    return "".join(parts), tuple(pieces)


def _scan(text: str) -> list[Found]:
    return [Found(start, end, one.kind) for one in recognisers_for(text) for start, end in one.find(text)]


def _merged(found: list[Found]) -> list[Found]:
    merged: list[Found] = []
    longest = 0
    for one in sorted(found, key=lambda f: (f.start, -f.end)):
        if not merged or one.start >= merged[-1].end:
            merged.append(one)
            longest = one.end - one.start
            continue
        last = merged[-1]
        kind = last.kind
        if one.end - one.start > longest:
            kind, longest = one.kind, one.end - one.start
        merged[-1] = Found(last.start, max(last.end, one.end), kind)
    return merged
