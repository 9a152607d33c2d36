"""Find what a model quoted in the text it was shown, and quote a place so that it can be found again.

A quote is looked for letter by letter; then with case, width, blanks, quotation marks and dashes folded; then, once and
only once, within a small edit distance. Folding serves to find the place: the text there is the text of the item.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache

from labelwright.errors import InvalidValue
from labelwright.tasks.edit_distance import ends_within
from labelwright.tasks.protocol import Shown

LEAST_FUZZY = 5
"""Shorter quotes are not looked for by edit distance: too much is near them."""
_DASHES = str.maketrans(dict.fromkeys("‐‑‒–—―−﹘﹣－", "-"))
_QUOTES = str.maketrans({**dict.fromkeys("‘’‚‛′´`＇", "'"), **dict.fromkeys("“”„‟″«»＂", '"')})
_UNSEEN = frozenset("\u00ad\u200b\u200c\u200d\u2060\ufeff")


@dataclass(frozen=True, slots=True)
class Quote:
    """A quoted mention. before: words that stand right before it, where the quote occurs more than once; "" = none."""

    text: str
    before: str = ""


def one_field(texts: Mapping[str, object], field: str | None) -> str:
    """Name the field that places are counted in: the one the settings name, else the only text there is.

    Raises: InvalidValue, when there is none or no way to tell which.
    """
    names = [name for name, text in texts.items() if isinstance(text, str)]
    if field is not None:
        if field not in names:
            raise InvalidValue("", f"the item has no text in field {field!r}", "; see `field` in the question")
        return field
    if len(names) != 1:
        listed = ", ".join(names) or "none"
        hint = f" ({listed}); name one as `field` in the question's settings"
        raise InvalidValue("", f"the item has {len(names)} texts to mark places in", hint)
    return names[0]


def locate(text: str, quote: Quote, taken: frozenset[int] = frozenset(), *, after: int = 0) -> tuple[int, int]:
    """Give the place of a quote: the first that fits and is not taken; code points, end exclusive.

    taken: where mentions of this very quote begin that are spoken for already.
    after: it is looked for from here on; its `before` may stand in front of that.
    Raises: InvalidValue, when it is not there, not there again, or not there after `before`.
    """
    if not quote.text.strip():
        raise InvalidValue("", "the quote is empty", "; quote the words as they stand in the text")
    exact = [(at, at + len(quote.text)) for at in _exact(text, quote) if at >= after]
    places = exact or [place for place in _folded(text, quote) if place[0] >= after]
    if places:
        free = [place for place in places if place[0] not in taken]
        if not free:
            times = "once" if len(places) == 1 else f"{len(places)} times"
            found = f"{quote.text!r} is quoted more often than it is found ({times})"
            raise InvalidValue("", found, "; list each mention once")
        return free[0]
    if quote.before and _occurs(text[after:], quote.text):
        problem = f"{quote.text!r} is in the text, but not after {quote.before!r}"
        raise InvalidValue("", problem, "; `before` must be the words right before the quote, letter by letter")
    if after > 0 and _occurs(text[:after], quote.text):
        problem = f"{quote.text!r} does not follow the piece before it"
        raise InvalidValue("", problem, "; quote the pieces in the order of the text")
    start, end = _fuzzy(text[after:], quote.text)
    return start + after, end + after


def write_quote(text: str, start: int, end: int, *, after: int = 0) -> Quote:
    """Quote a place so that `locate` finds it again: with as few words before it as tell it from earlier ones.

    after: what is before this is not looked at.
    """
    quoted = text[start:end]
    for begin in _word_starts(text, start):
        quote = Quote(quoted, text[begin:start])
        if next((at for at in _exact(text, quote) if at >= after), None) == start:
            return quote
    return Quote(quoted, text[:start])


def to_own_text(shown: Shown, field: str, start: int, end: int) -> tuple[int, int]:
    """Give a place of the shown text as a place of the item's own. Raises InvalidValue, when nothing is left of it."""
    first, last = shown.origin(field, start, end)
    if first >= last:
        raise InvalidValue("", f"{shown.texts[field][start:end]!r} stands for no part of the item's own text", "")
    return first, last


class ShownPlaces:
    """Where the parts of an item's own text are in what was shown of it."""

    def __init__(self, shown: Shown, field: str) -> None:
        self._own = [shown.origin(field, at, at + 1) for at in range(len(shown.texts[field]))]

    def of(self, start: int, end: int) -> tuple[int, int] | None:
        """Give the shown place that covers an own one; None when it was cut off."""
        inside = [at for at, (first, last) in enumerate(self._own) if first < end and start < last]
        if not inside or self._own[inside[0]][0] > start or self._own[inside[-1]][1] < end:
            return None
        return inside[0], inside[-1] + 1


def _exact(text: str, quote: Quote) -> Iterator[int]:
    """Give where a quote stands after its `before`; blanks between the two may be left out where none else fits."""
    found = False
    for at in _places(text, quote.text):
        if text.endswith(quote.before, 0, at):
            found = True
            yield at
    if not found and quote.before:
        before = quote.before.rstrip()
        for at in _places(text, quote.text):
            if text[:at].rstrip().endswith(before):
                yield at


def _places(text: str, part: str) -> Iterator[int]:
    at = text.find(part)
    while at >= 0:
        yield at
        at = text.find(part, at + 1)


def _word_starts(text: str, start: int) -> Iterator[int]:
    """Give where to begin the words before a place: none of them first, then one more each time, at last all."""
    at = start
    yield at
    while at > 0:
        while at > 0 and text[at - 1].isspace():
            at -= 1
        while at > 0 and not text[at - 1].isspace():
            at -= 1
        yield at


@dataclass(frozen=True, slots=True)
class _Folded:
    """A text without the differences that do not matter for finding; origin: the place of each of its characters."""

    text: str
    origin: tuple[int, ...]

    def own(self, start: int, end: int) -> tuple[int, int]:
        return self.origin[start], self.origin[end - 1] + 1


@lru_cache(maxsize=8)  # several quotes are looked for in one text
def _fold(text: str) -> _Folded:
    characters: list[str] = []
    origin: list[int] = []
    for place, character in enumerate(text):
        if character in _UNSEEN:
            continue
        plain = unicodedata.normalize("NFKC", character).casefold().translate(_DASHES).translate(_QUOTES)
        for one in plain:
            if one.isspace() and (not characters or characters[-1] == " "):
                continue
            characters.append(" " if one.isspace() else one)
            origin.append(place)
    return _Folded("".join(characters), tuple(origin))


def _folded(text: str, quote: Quote) -> list[tuple[int, int]]:
    wanted = _fold(quote.text).text.strip()
    if not wanted:
        return []
    folded, before = _fold(text), _fold(quote.before).text.strip()
    places = [at for at in _places(folded.text, wanted) if folded.text[:at].rstrip().endswith(before)]
    return [folded.own(at, at + len(wanted)) for at in places]


def _occurs(text: str, quoted: str) -> bool:
    return quoted in text or bool(_folded(text, Quote(quoted)))


def _fuzzy(text: str, quoted: str) -> tuple[int, int]:
    """Find the one place that is nearly the quote. Raises InvalidValue, when there is none or more than one."""
    hint = "; copy it from the text letter by letter"
    folded, wanted = _fold(text), _fold(quoted).text.strip()
    most = max(1, len(wanted) // 10)
    ends = ends_within(wanted, folded.text, most) if len(wanted) >= LEAST_FUZZY else {}
    if not ends:
        raise InvalidValue("", f"{quoted!r} is not in the text", hint)
    places = {_best_start(folded.text, wanted, end, score) for end, score in ends.items()}
    best = min(places, key=lambda place: _rank(folded.text, place, len(wanted)))
    if any(end <= best[0] or best[1] <= start for start, end, _ in places):
        raise InvalidValue("", f"{quoted!r} is not in the text, and more than one place is like it", hint)
    start, end, _ = best
    while start < end and folded.text[start] == " ":
        start += 1
    while start < end and folded.text[end - 1] == " ":
        end -= 1
    return folded.own(start, end)


def _best_start(text: str, wanted: str, end: int, score: int) -> tuple[int, int, int]:
    """Give (start, end, distance) of the best occurrence that ends there: the same search, backwards."""
    turned = text[max(0, end - len(wanted) - score) : end][::-1]
    starts = {
        back: found for back, found in _prefixes(wanted[::-1], turned).items() if found == score and 0 < back <= end
    }
    back = min(starts, key=lambda length: (not _is_edge(text, end - length), abs(length - len(wanted)), length))
    return end - back, end, score


def _prefixes(pattern: str, text: str) -> dict[int, int]:
    """Give each length of a prefix of the text -> its distance to the pattern."""
    column = list(range(len(text) + 1))
    for row, wanted in enumerate(pattern, 1):
        diagonal, column[0] = column[0], row
        for place, character in enumerate(text, 1):
            best = min(column[place] + 1, column[place - 1] + 1, diagonal + (wanted != character))
            diagonal, column[place] = column[place], best
    return dict(enumerate(column))


def _rank(text: str, place: tuple[int, int, int], length: int) -> tuple[int, bool, int, int]:
    start, end, score = place
    return score, not (_is_edge(text, start) and _is_edge(text, end)), abs(end - start - length), start


def _is_edge(text: str, at: int) -> bool:
    """Say whether a word begins or ends here."""
    return at in (0, len(text)) or not (text[at - 1].isalnum() and text[at].isalnum())
