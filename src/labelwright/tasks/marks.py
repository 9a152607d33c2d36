"""Marked places of a text: what they are, how they are read, and which of them may stand side by side."""

from __future__ import annotations

import bisect
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import NamedTuple

import numpy as np

from labelwright.domain.canonical import Json
from labelwright.errors import InvalidValue, did_you_mean
from labelwright.tasks.pieces import Pieces, dump_pieces, lies_in, read_pieces, read_place, share_characters
from labelwright.tasks.quotes import one_field
from labelwright.tasks.read_settings import list_of, object_of
from labelwright.tasks.read_settings import shown as in_short

OVERLAPS = ("any", "nested", "none")
"""any: spans may share characters.  nested: one may lie inside another.  none: neither."""
MOST_SPANS = 20_000


class Span(NamedTuple):
    """A labelled place: code points, end exclusive. pieces: what of it belongs to it; () = all."""

    start: int
    end: int
    label: str
    pieces: Pieces = ()


@dataclass(frozen=True, slots=True)
class Rules:
    """What spans may be. index: label -> its place in the schema.  names: what a model may call it -> the label.

    discontinuous: a span may be of several pieces.
    """

    index: Mapping[str, int]
    names: Mapping[str, str]
    overlap: str
    field: str | None
    discontinuous: bool = False


def in_order(spans: Collection[Span], rules: Rules) -> tuple[Span, ...]:
    """Sort spans as they are always written: by start, end, the schema's order of labels, and pieces."""
    return tuple(sorted(spans, key=lambda span: (span.start, span.end, rules.index[span.label], span.pieces)))


def pieces_of(span: Span) -> Pieces:
    """Give the pieces of a span: itself, where it is in one."""
    return span.pieces or ((span.start, span.end),)


def dump_span(span: Span) -> dict[str, Json]:
    """Write a span as JSON; one piece alone is not named."""
    written: dict[str, Json] = {"start": span.start, "end": span.end, "label": span.label}
    return {**written, "pieces": dump_pieces(span.pieces)} if span.pieces else written


def parse_spans(raw: object, rules: Rules, path: str = "") -> tuple[Span, ...]:
    """Read [{start, end, label}]. Raises InvalidValue."""
    stated = list_of(raw, "spans", path=path, most=MOST_SPANS)
    spans = [_parse_span(one, rules, f"{path}[{place}]") for place, one in enumerate(stated)]
    return checked(spans, rules, path)


def _parse_span(raw: object, rules: Rules, path: str) -> Span:
    is_split = _has_pieces(raw)
    if is_split and not rules.discontinuous:
        hint = "; a question with `discontinuous: true` has spans of several pieces"
        raise InvalidValue(path, "a span has no 'pieces' here", hint)
    given = object_of(raw, ("start", "end", "label", *(("pieces",) if is_split else ())), path, "span")
    start, end = (read_place(given[name], f"{path}.{name}") for name in ("start", "end"))
    if start >= end:
        raise InvalidValue(path, f"a span from {start} to {end} holds nothing", "; `end` is behind its last character")
    label = read_label(given["label"], rules.index, f"{path}.label")
    return Span(start, end, label, read_pieces(given["pieces"], (start, end), f"{path}.pieces") if is_split else ())


def _has_pieces(raw: object) -> bool:
    return isinstance(raw, dict) and "pieces" in raw


def read_label(raw: object, labels: Collection[str], path: str) -> str:
    """Read a label of the schema. Raises InvalidValue with the nearest."""
    if not isinstance(raw, str) or raw not in labels:
        raise InvalidValue(path, f"label {in_short(raw)} is not in the schema", did_you_mean(raw, labels))
    return raw


def checked(spans: Sequence[Span], rules: Rules, path: str = "") -> tuple[Span, ...]:
    """Refuse spans that are there twice, or that overlap where they may not. Raises InvalidValue."""
    ordered = in_order(spans, rules)
    for before, after in pairwise(ordered):
        if before == after:
            raise InvalidValue(path, f"span {_said(after)} is there twice", "; remove one")
    if rules.overlap != "any":
        # Each against those that reach beyond its start; the spans are in order, so few are looked at.
        open_spans: list[Span] = []
        for span in ordered:
            open_spans = [one for one in open_spans if one.end > span.start]
            for other in open_spans:
                if clash(other, span, rules.overlap):
                    forbidden = "overlap" if rules.overlap == "none" else "cross"
                    hint = f"; this question has overlap: {rules.overlap}"
                    raise InvalidValue(path, f"spans {_said(other)} and {_said(span)} {forbidden}", hint)
            open_spans.append(span)
    return ordered


def clash(a: Span, b: Span, overlap: str) -> bool:
    """Say whether two spans may not stand side by side."""
    if overlap == "any" or a.end <= b.start or b.end <= a.start:
        return False
    first, second = pieces_of(a), pieces_of(b)
    if not share_characters(first, second):
        return False
    return overlap == "none" or not (lies_in(first, second) or lies_in(second, first))


def check_places(spans: Sequence[Span], content: Mapping[str, Json], rules: Rules) -> None:
    """Refuse spans that reach beyond the item's text. Raises InvalidValue."""
    field = one_field(content, rules.field)
    length = len(str(content[field]))
    for place, span in enumerate(spans):
        if span.end > length:
            problem = f"span {_said(span)} reaches beyond the {length} characters of the text"
            raise InvalidValue(f"[{place}]", problem)


def kept_apart(spans: Sequence[Span], weight: Callable[[Span], float], rules: Rules) -> tuple[Span, ...]:
    """Choose among proposed spans those that may stand side by side and weigh most; all of them where any may.

    Without overlap the heaviest disjoint subset, exactly (weighted interval scheduling); nested, or where any is of
    several pieces: the heaviest first. Of equal choices, the one whose spans come first.
    """
    ordered = in_order(spans, rules)
    if rules.overlap == "any":
        return ordered
    if rules.overlap == "nested" or any(span.pieces for span in ordered):
        by_weight = sorted(ordered, key=lambda one: -weight(one))  # equals keep their order
        return in_order(_heaviest_first(by_weight, rules.overlap), rules)
    by_end = sorted(ordered, key=lambda span: (span.end, span.start, rules.index[span.label]))
    ends = [span.end for span in by_end]
    best: list[float] = [0.0]
    takes: list[bool] = []
    for place, span in enumerate(by_end):
        with_it = best[bisect.bisect_right(ends, span.start, 0, place)] + weight(span)
        takes.append(with_it > best[place] + 1e-12)
        best.append(max(best[place], with_it))
    kept: list[Span] = []
    place = len(by_end)
    while place > 0:
        if takes[place - 1]:
            span = by_end[place - 1]
            kept.append(span)
            place = bisect.bisect_right(ends, span.start, 0, place - 1)
        else:
            place -= 1
    return in_order(kept, rules)


def _heaviest_first(spans: Sequence[Span], overlap: str) -> list[Span]:
    """Take each span that clashes with none taken before it."""
    starts, ends = np.zeros(len(spans), np.int64), np.zeros(len(spans), np.int64)
    is_split = np.zeros(len(spans), bool)
    chosen: list[Span] = []
    for span in spans:
        n = len(chosen)
        start, end = starts[:n], ends[:n]
        near = (start < span.end) & (span.start < end)
        if overlap == "nested" and not span.pieces:
            # One piece in or around another is well; thousands of those are settled here.
            nested = ((start <= span.start) & (span.end <= end)) | ((span.start <= start) & (end <= span.end))
            near &= is_split[:n] | ~nested
        if not any(clash(chosen[int(at)], span, overlap) for at in np.flatnonzero(near)):
            starts[n], ends[n], is_split[n] = span.start, span.end, bool(span.pieces)
            chosen.append(span)
    return chosen


def unshared(a: Collection[object], b: Collection[object]) -> float:
    """Give 1 − F1 of two sets: 0 when they are the same, 1 when they share nothing; two empty sets are the same."""
    first, second = set(a), set(b)
    total = len(first) + len(second)
    return 1.0 - 2 * len(first & second) / total if total else 0.0


def _said(span: Span) -> str:
    return f"{' + '.join(f'{start}–{end}' for start, end in pieces_of(span))} {span.label!r}"
