"""Bitmaps as COCO writes them: lengths of runs of 0 and 1 by turns, down the columns from the left, 0 first.

`counts` is that list, or a text that codes it: every number in base 32 with a sign, six bits a character from "0", the
lowest first, and from the fourth number on what it is more than the number two before. Nothing here ever makes the
bitmap: overlaps are reckoned on the runs.

Source: the COCO API's maskApi.c (Dollár & Lin), whose texts these are, letter by letter.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypeAlias

import numpy as np

from labelwright.errors import InvalidValue

MOST_SIDE = 32_767
MOST_RUNS = 2_000_000
Whole: TypeAlias = np.ndarray[tuple[int], np.dtype[np.int64]]


def decode_counts(text: str) -> list[int]:
    """Read the text form. Raises InvalidValue where it is none."""
    counts: list[int] = []
    number = shift = 0
    for place, letter in enumerate(text):
        bits = ord(letter) - 48
        if not 0 <= bits < 64:
            raise InvalidValue("counts", f"{letter!r} at {place} is no letter of run lengths", "; '0' to 'o' are")
        number |= (bits & 0x1F) << shift
        shift += 5
        if shift > 60:
            raise InvalidValue("counts", f"the number that ends at {place} is too large", "")
        if not bits & 0x20:
            if bits & 0x10:
                number -= 1 << shift
            counts.append(number + (counts[-2] if len(counts) > 2 else 0))
            number = shift = 0
    if shift:
        raise InvalidValue("counts", "the text breaks off within a number", "; it was cut")
    return counts


def encode_counts(counts: Sequence[int]) -> str:
    """Write the text form."""
    letters: list[str] = []
    for place, count in enumerate(counts):
        number = count - (counts[place - 2] if place > 2 else 0)
        while True:
            bits = number & 0x1F
            number >>= 5
            is_last = number == (-1 if bits & 0x10 else 0)
            letters.append(chr((bits if is_last else bits | 0x20) + 48))
            if is_last:
                break
    return "".join(letters)


def checked_counts(counts: Sequence[int], pixels: int) -> list[int]:
    """Merge runs that are one, so that a bitmap is written one way.

    Raises InvalidValue: it is of another size, or empty.
    """
    merged: list[int] = [0]
    is_set = place = 0
    for count in counts:
        if count < 0:
            raise InvalidValue("counts", f"a run of {count} pixels cannot be", "")
        if count > 0:
            if is_set == (len(merged) - 1) % 2:
                merged[-1] += count
            else:
                merged.append(count)
        place += count
        is_set = 1 - is_set
    if place != pixels:
        raise InvalidValue("counts", f"the runs cover {place} pixels", f"; the size says {pixels}")
    if len(merged) < 2:
        raise InvalidValue("counts", "no pixel is painted", "; leave the region out")
    return merged


def painted(counts: Sequence[int]) -> int:
    """Give how many pixels are 1."""
    return sum(counts[1::2])


def run_overlap(a: Sequence[int], b: Sequence[int]) -> float:
    """Give the intersection over the union of two bitmaps of one size, in [0, 1]."""
    ends = np.cumsum(np.array(a, dtype=np.int64))
    # How much of `a` is painted before each place where a run of it ends; between those it grows evenly.
    before = np.cumsum(np.where(np.arange(len(a)) % 2 == 1, np.array(a, dtype=np.int64), 0))
    starts, stops = _painted_runs(b)
    up_to = np.interp(np.concatenate([starts, stops]), np.concatenate([[0], ends]), np.concatenate([[0], before]))
    shared = float(up_to[len(starts) :].sum() - up_to[: len(starts)].sum())
    union = painted(a) + painted(b) - shared
    return shared / union if union else 0.0


def most_painted(bitmaps: Sequence[Sequence[int]]) -> list[int]:
    """Give the bitmap of what more than half of some bitmaps of one size paint; it may be all 0."""
    pixels = sum(bitmaps[0])
    runs = [_painted_runs(one) for one in bitmaps]
    places = np.concatenate([side for run in runs for side in run])
    steps = np.concatenate([np.full(len(side), step) for run in runs for side, step in zip(run, (1, -1), strict=True)])
    order = np.argsort(places, kind="stable")
    places, steps = places[order], steps[order]
    ends = np.append(places[1:] != places[:-1], True)
    is_painted = np.cumsum(steps)[ends] * 2 > len(bitmaps)
    places = places[ends]
    changes = places[np.append(is_painted[:1], is_painted[1:] != is_painted[:-1])]
    counts = [int(one) for one in np.diff(np.concatenate([[0], changes, [pixels]]))]
    return counts if counts[-1] else counts[:-1]


def _painted_runs(counts: Sequence[int]) -> tuple[Whole, Whole]:
    """Give where the runs of 1 begin and end."""
    ends = np.cumsum(np.array(counts, dtype=np.int64))
    return ends[0::2][: len(counts) // 2], ends[1::2]
