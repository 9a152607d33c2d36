"""Items longer than a project allows: refused, cut, or put in parts, by a rule that is written down with the answer.

Tokens are counted by rule, for want of each provider's tokenizer: one per four ASCII characters, one per other
character, rounded up. No byte-level tokenizer makes more tokens than a text has bytes: that is the upper bound.

- refuse: the item is not sent; it goes to people, with its length as the reason.
- truncate: the longest text is cut at its end, between words, until the item fits.
- chunk: the longest text is put in parts that overlap by a sixteenth, cut between words; each part is asked about with
  the item's other texts beside it, and the answers are combined (`flows/parts.py`).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

from labelwright.domain.canonical import Json
from labelwright.domain.project import LongItems
from labelwright.tasks.protocol import Shown

MOST_PARTS = 64
"""An item of more parts than this is refused: it is no item but a collection."""

_OVERLAP = 16
_SPACE = re.compile(r"\s+")


@dataclass(frozen=True, slots=True)
class Fitted:
    """An item made to fit.

    parts: what is shown, each in a request of its own; none = refused.  shown: per part, what answers point into.
    notes: what was done, for the answers' signals; empty when the item fitted as it was.
    refused: why it is not sent; None = it is.
    """

    parts: tuple[Mapping[str, Json], ...]
    shown: tuple[Shown, ...]
    notes: Mapping[str, Json] = field(default_factory=dict[str, Json])
    refused: str | None = None


def count_tokens(text: str) -> int:
    """Estimate how many tokens a text has.

    >>> count_tokens("Nice!"), count_tokens("太好了")
    (2, 3)
    """
    n_other = 0 if text.isascii() else sum(character > "\x7f" for character in text)
    return n_other + -(-(len(text) - n_other) // 4)


def most_tokens(text: str) -> int:
    """Give what no byte-level tokenizer exceeds: the bytes of the text. For worst cases."""
    return len(text.encode("utf-8", "surrogatepass"))


def fit(
    content: Mapping[str, Json],
    fields: Sequence[str],
    rules: LongItems,
    *,
    count: Callable[[str], int] = count_tokens,
    base: Shown | None = None,
) -> Fitted:
    """Make an item fit by the project's rule.

    content: as it may be shown.  fields: those shown as text.  count: tokens of a text.
    base: where `content` differs from the item's own texts (personal data replaced), how places in it lead back.
    """
    if rules.most_tokens is None and base is not None:
        return Fitted((content,), (base,))
    texts = {name: text for name in fields if isinstance(text := content.get(name), str)}
    whole = base or Shown(texts)
    n_tokens = sum(count(text) for text in texts.values())
    if rules.most_tokens is None or n_tokens <= rules.most_tokens:
        return Fitted((content,), (whole,))
    if rules.rule == "refuse":
        return _refused(f"it has about {n_tokens:,} tokens, and {rules.most_tokens:,} are allowed")
    longest = max(texts, key=lambda name: count(texts[name]))
    room = rules.most_tokens - (n_tokens - count(texts[longest]))
    if room < 1:
        return _refused(f"{longest!r} would have to be cut to nothing to keep within {rules.most_tokens:,} tokens")
    text = texts[longest]
    if rules.rule == "truncate":
        end = _end(text, 0, room, count)
        cut: dict[str, Json] = {"field": longest, "kept": end, "of": len(text), "tokens": n_tokens}
        part = Shown({**whole.texts, longest: text[:end]}, whole.origin)
        return Fitted(({**content, longest: text[:end]},), (part,), {"truncated": cut})
    places = _places(text, room, count)
    if places is None:
        return _refused(f"it has about {n_tokens:,} tokens, which is more than {MOST_PARTS} parts")
    return Fitted(
        tuple({**content, longest: text[start:end]} for start, end in places),
        tuple(_shifted(whole, longest, text[start:end], start) for start, end in places),
        {"chunked": {"field": longest, "parts": [list(place) for place in places], "tokens": n_tokens}},
    )


def _refused(why: str) -> Fitted:
    return Fitted((), (), {"too_long": why}, refused=why)


def _places(text: str, room: int, count: Callable[[str], int]) -> list[tuple[int, int]] | None:
    """Cut a text in overlapping parts; None when there would be too many."""
    places: list[tuple[int, int]] = []
    start = 0
    while len(places) < MOST_PARTS:
        end = _end(text, start, room, count)
        places.append((start, end))
        if end >= len(text):
            return places
        again = end - (end - start) // _OVERLAP
        word = _SPACE.search(text, again, end)  # the overlap begins with a word
        start = max(start + 1, word.end() if word else again)
    return None


def _end(text: str, start: int, room: int, count: Callable[[str], int]) -> int:
    """Find the furthest end, between words where it can be, with which text[start:end] keeps within `room` tokens."""
    if count(text[start:]) <= room:
        return len(text)
    low, high = start + 1, len(text)  # text[start:low] is taken even where one character is too many
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (middle, high) if count(text[start:middle]) <= room else (low, middle)
    if text[low].isspace() or text[low - 1].isspace():
        return low
    spaces = [found.start() for found in _SPACE.finditer(text, start + (low - start) // 2, low)]
    return spaces[-1] if spaces else low


def _shifted(whole: Shown, field_name: str, text: str, by: int) -> Shown:
    def origin(name: str, start: int, end: int) -> tuple[int, int]:
        shift = by if name == field_name else 0
        return whole.origin(name, start + shift, end + shift)

    return Shown({**whole.texts, field_name: text}, origin)
