"""Spans as models state them: as quotes of what they were shown, since models count letters badly."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NamedTuple

from labelwright.domain.canonical import Json
from labelwright.errors import InvalidValue
from labelwright.tasks.answer_schema import strict_object
from labelwright.tasks.marks import MOST_SPANS, Rules, Span, checked, pieces_of, read_label
from labelwright.tasks.pieces import checked_pieces
from labelwright.tasks.protocol import Shown
from labelwright.tasks.quotes import Quote, ShownPlaces, locate, one_field, to_own_text, write_quote
from labelwright.tasks.read_settings import list_of, object_of
from labelwright.tasks.read_settings import shown as in_short


class Stated(NamedTuple):
    """A span as a model quotes it. more: its further pieces, in the order of the text."""

    quote: Quote
    label: str
    more: tuple[Quote, ...] = ()


def read_quotes(raw: object, rules: Rules, shown: Shown, path: str = "") -> tuple[list[Span], list[Span]]:
    """Read [{quote, before, label}] as places in the item's own text, and give them as stated and in order.

    Mentions with words before them are found first; of the others, the first quoted is the first in the text. A
    further piece (`more`) is the first that fits behind the one before it.
    Raises: InvalidValue, naming the quote.
    """
    field = one_field(shown.texts, rules.field)
    text = shown.texts[field]
    stated = [
        read_quote(one, rules, f"{path}[{place}]")
        for place, one in enumerate(list_of(raw, "spans", path=path, most=MOST_SPANS))
    ]
    found: dict[int, Span] = {}
    taken: dict[tuple[str, str, tuple[Quote, ...]], set[int]] = {}
    for place in sorted(range(len(stated)), key=lambda place: not stated[place].quote.before):
        quote, label, more = stated[place]
        claimed = taken.setdefault((quote.text, label, more), set())
        at = f"{path}[{place}]"
        pieces = [_located(text, quote, f"{at}.quote", taken=frozenset(claimed))]
        claimed.add(pieces[0][0])
        for number, further in enumerate(more):
            pieces.append(_located(text, further, f"{at}.more[{number}].quote", after=pieces[-1][1]))
        own = [_own_place(shown, field, piece, f"{at}.quote") for piece in pieces]
        hull = (own[0][0], own[-1][1])
        found[place] = Span(*hull, label, checked_pieces(own, hull, f"{at}.more") if more else ())
    spans = [found[place] for place in range(len(stated))]
    return spans, list(checked(spans, rules, path))


def _located(
    text: str, quote: Quote, path: str, *, taken: frozenset[int] = frozenset(), after: int = 0
) -> tuple[int, int]:
    try:
        return locate(text, quote, taken, after=after)
    except InvalidValue as error:
        raise InvalidValue(path, error.problem, error.hint) from error


def _own_place(shown: Shown, field: str, place: tuple[int, int], path: str) -> tuple[int, int]:
    try:
        return to_own_text(shown, field, *place)
    except InvalidValue as error:
        raise InvalidValue(path, error.problem, error.hint) from error


def read_quote(raw: object, rules: Rules, path: str) -> Stated:
    """Read {quote, before, label}, with `more` where spans may be of several pieces. Raises InvalidValue."""
    given = object_of(raw, _keys(discontinuous=rules.discontinuous), path, "span")
    more: list[Quote] = []
    for number, one in enumerate(list_of(given.get("more", []), "pieces", path=f"{path}.more")):
        at = f"{path}.more[{number}]"
        more.append(_read_words(object_of(one, ("quote", "before"), at, "piece"), at))
    label = given["label"]
    named = rules.names.get(label, label) if isinstance(label, str) else label
    return Stated(_read_words(given, path), read_label(named, rules.index, f"{path}.label"), tuple(more))


def _read_words(given: Mapping[str, object], path: str) -> Quote:
    quote, before = given["quote"], given["before"]
    if not isinstance(quote, str):
        raise InvalidValue(f"{path}.quote", f"{in_short(quote)} is no text", "; quote the words of the span")
    if before is not None and not isinstance(before, str):
        raise InvalidValue(f"{path}.before", f"{in_short(before)} is no text", "; the words before the quote, or null")
    return Quote(quote, before or "")


class Quoted:
    """Spans of one item written as quotes of what was shown of it."""

    def __init__(self, rules: Rules, shown: Shown) -> None:
        field = one_field(shown.texts, rules.field)
        self._text = shown.texts[field]
        self._places = ShownPlaces(shown, field)
        self._discontinuous = rules.discontinuous

    def __call__(self, span: Span) -> dict[str, Json] | None:
        """Give {quote, before, label}, with `more` as the rules have it; None when it is not all in what was shown."""
        words: list[dict[str, Json]] = []
        behind = 0
        for piece in pieces_of(span):
            place = self._places.of(*piece)
            if place is None:
                return None
            quote = write_quote(self._text, *place, after=behind)
            words.append({"quote": quote.text, "before": quote.before or None})
            behind = place[1]
        more: dict[str, Json] = {"more": list[Json](words[1:])} if self._discontinuous else {}
        return {**words[0], **more, "label": span.label}


def quote_schema(labels: Sequence[str], *, discontinuous: bool = False) -> dict[str, Json]:
    """Give the JSON schema of one quoted span."""
    words: dict[str, Json] = {"quote": {"type": "string"}, "before": {"type": ["string", "null"]}}
    more: dict[str, Json] = {"more": {"type": "array", "items": strict_object(words)}} if discontinuous else {}
    return strict_object({**words, **more, "label": {"type": "string", "enum": list(labels)}})


def _keys(*, discontinuous: bool) -> tuple[str, ...]:
    return ("quote", "before", "more", "label") if discontinuous else ("quote", "before", "label")


def quoted_form(*, discontinuous: bool) -> str:
    """Say what a quoted span is written as, for the prompt."""
    return "{" + ", ".join(f'"{key}"' for key in _keys(discontinuous=discontinuous)) + "}"


def quote_rules(*, discontinuous: bool) -> str:
    """Say how spans are quoted, for the prompt."""
    return _QUOTE_RULES + (_PIECE_RULES if discontinuous else "")


_QUOTE_RULES = (
    '"quote" is copied from the text letter by letter, "before" is null, or, where the same words stand in the text '
    "more than once, the few words right before the mention that is meant. List every mention by itself, in the order "
    "of the text."
)
_PIECE_RULES = (
    ' "more" is [] but where a span is of several pieces with other words between them, as "left lung" is in "left and '
    'right lung": "quote" is then its first piece, and "more" lists the others as {"quote", "before"} in the order of '
    "the text."
)
