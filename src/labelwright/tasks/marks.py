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
from labelwright.tasks.protocol import Shown
from labelwright.tasks.quotes import Quote, ShownPlaces, locate, one_field, to_own_text, write_quote
from labelwright.tasks.read_settings import list_of, object_of
from labelwright.tasks.read_settings import shown as in_short

OVERLAPS = ("any", "nested", "none")
"""any: spans may share characters.  nested: one may lie inside another.  none: neither."""
MOST_SPANS = 20_000
LAST_PLACE = 2**31


class Span(NamedTuple):
    """A labelled place: code points, end exclusive."""

    start: int
    end: int
    label: str


@dataclass(frozen=True, slots=True)
class Rules:
    """What spans may be. index: label -> its place in the schema.  names: what a model may call it -> the label."""

    index: Mapping[str, int]
    names: Mapping[str, str]
    overlap: str
    field: str | None


def in_order(spans: Collection[Span], rules: Rules) -> tuple[Span, ...]:
    """Sort spans as they are always written: by start, end and the schema's order of labels."""
    return tuple(sorted(spans, key=lambda span: (span.start, span.end, rules.index[span.label])))


def parse_spans(raw: object, rules: Rules, path: str = "") -> tuple[Span, ...]:
    """Read [{start, end, label}]. Raises InvalidValue."""
    stated = list_of(raw, "spans", path=path, most=MOST_SPANS)
    spans = [_parse_span(one, rules, f"{path}[{place}]") for place, one in enumerate(stated)]
    return checked(spans, rules, path)


def _parse_span(raw: object, rules: Rules, path: str) -> Span:
    given = object_of(raw, ("start", "end", "label"), path, "span")
    start, end = given["start"], given["end"]
    for name, place in (("start", start), ("end", end)):
        if isinstance(place, bool) or not isinstance(place, int) or not 0 <= place <= LAST_PLACE:
            raise InvalidValue(f"{path}.{name}", f"{in_short(place)} is no place in a text", "; count from 0")
    assert isinstance(start, int)  # noqa: S101 - tried above
    assert isinstance(end, int)  # noqa: S101 - tried above
    if start >= end:
        raise InvalidValue(path, f"a span from {start} to {end} holds nothing", "; `end` is behind its last character")
    return Span(start, end, read_label(given["label"], rules.index, f"{path}.label"))


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
    a_in_b = b.start <= a.start and a.end <= b.end
    b_in_a = a.start <= b.start and b.end <= a.end
    return overlap == "none" or not (a_in_b or b_in_a)


def check_places(spans: Sequence[Span], content: Mapping[str, Json], rules: Rules) -> None:
    """Refuse spans that reach beyond the item's text. Raises InvalidValue."""
    field = one_field(content, rules.field)
    length = len(str(content[field]))
    for place, span in enumerate(spans):
        if span.end > length:
            problem = f"span {_said(span)} reaches beyond the {length} characters of the text"
            raise InvalidValue(f"[{place}]", problem)


def read_quotes(raw: object, rules: Rules, shown: Shown, path: str = "") -> tuple[list[Span], list[Span]]:
    """Read [{quote, before, label}] as places in the item's own text, and give them as stated and in order.

    Mentions with words before them are found first; of the others, the first quoted is the first in the text.
    Raises: InvalidValue, naming the quote.
    """
    field = one_field(shown.texts, rules.field)
    text = shown.texts[field]
    stated = [
        read_quote(one, rules, f"{path}[{place}]")
        for place, one in enumerate(list_of(raw, "spans", path=path, most=MOST_SPANS))
    ]
    found: dict[int, Span] = {}
    taken: dict[tuple[str, str], set[int]] = {}
    for place in sorted(range(len(stated)), key=lambda place: not stated[place][0].before):
        quote, label = stated[place]
        claimed = taken.setdefault((quote.text, label), set())
        try:
            start, end = locate(text, quote, frozenset(claimed))
            own = to_own_text(shown, field, start, end)
        except InvalidValue as error:
            raise InvalidValue(f"{path}[{place}].quote", error.problem, error.hint) from error
        claimed.add(start)
        found[place] = Span(*own, label)
    spans = [found[place] for place in range(len(stated))]
    return spans, list(checked(spans, rules, path))


def read_quote(raw: object, rules: Rules, path: str) -> tuple[Quote, str]:
    """Read {quote, before, label}. Raises InvalidValue."""
    given = object_of(raw, ("quote", "before", "label"), path, "span")
    quote, before, label = given["quote"], given["before"], given["label"]
    if not isinstance(quote, str):
        raise InvalidValue(f"{path}.quote", f"{in_short(quote)} is no text", "; quote the words of the span")
    if before is not None and not isinstance(before, str):
        raise InvalidValue(f"{path}.before", f"{in_short(before)} is no text", "; the words before the quote, or null")
    named = rules.names.get(label, label) if isinstance(label, str) else label
    return Quote(quote, before or ""), read_label(named, rules.index, f"{path}.label")


class Quoted:
    """Spans of one item written as quotes of what was shown of it."""

    def __init__(self, rules: Rules, shown: Shown) -> None:
        field = one_field(shown.texts, rules.field)
        self._text = shown.texts[field]
        self._places = ShownPlaces(shown, field)

    def __call__(self, span: Span) -> dict[str, Json] | None:
        """Give {quote, before, label}; None when the span is not in what was shown."""
        place = self._places.of(span.start, span.end)
        if place is None:
            return None
        quote = write_quote(self._text, *place)
        return {"quote": quote.text, "before": quote.before or None, "label": span.label}


def quote_schema(labels: Sequence[str]) -> dict[str, Json]:
    """Give the JSON schema of one quoted span."""
    return {
        "type": "object",
        "properties": {
            "quote": {"type": "string"},
            "before": {"type": ["string", "null"]},
            "label": {"type": "string", "enum": list(labels)},
        },
        "required": ["quote", "before", "label"],
        "additionalProperties": False,
    }


QUOTE_RULES = (
    '"quote" is copied from the text letter by letter, "before" is null, or, where the same words stand in the text '
    "more than once, the few words right before the mention that is meant. List every mention by itself, in the order "
    "of the text."
)


def kept_apart(spans: Sequence[Span], weight: Callable[[Span], float], rules: Rules) -> tuple[Span, ...]:
    """Choose among proposed spans those that may stand side by side and weigh most; all of them where any may.

    Without overlap the heaviest disjoint subset, exactly (weighted interval scheduling); nested: the heaviest first.
    Of equal choices, the one whose spans come first.
    """
    ordered = in_order(spans, rules)
    if rules.overlap == "any":
        return ordered
    if rules.overlap == "nested":
        return in_order(_nested(sorted(ordered, key=lambda one: -weight(one))), rules)  # equals keep their order
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


def _nested(spans: Sequence[Span]) -> list[Span]:
    """Take each span that crosses none taken before it."""
    starts, ends = np.zeros(len(spans), np.int64), np.zeros(len(spans), np.int64)
    chosen: list[Span] = []
    for span in spans:
        n = len(chosen)
        start, end = starts[:n], ends[:n]
        from_left = (start < span.start) & (span.start < end) & (end < span.end)
        from_right = (span.start < start) & (start < span.end) & (span.end < end)
        if not (from_left | from_right).any():
            starts[n], ends[n] = span.start, span.end
            chosen.append(span)
    return chosen


def unshared(a: Collection[object], b: Collection[object]) -> float:
    """Give 1 − F1 of two sets: 0 when they are the same, 1 when they share nothing; two empty sets are the same."""
    first, second = set(a), set(b)
    total = len(first) + len(second)
    return 1.0 - 2 * len(first & second) / total if total else 0.0


def _said(span: Span) -> str:
    return f"{span.start}–{span.end} {span.label!r}"
