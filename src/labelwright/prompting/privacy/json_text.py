"""A value that is not text (a conversation, a table, a number), protected leaf by leaf, with its JSON text aligned."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from typing import cast

import orjson

from labelwright.domain.canonical import Json
from labelwright.prompting.privacy.align import Piece
from labelwright.prompting.privacy.find import Found, find


class ProtectedJson:
    """Walks through a value and writes its JSON twice, as it is and as it may be shown.

    write: gives what stands for a found stretch of a leaf's text.  found: places in the value's own JSON text.
    """

    def __init__(self, write: Callable[[str, str], str]) -> None:
        self._write = write
        self._parts: list[str] = []
        self._at = self._shown_at = 0
        self.pieces: list[Piece] = []
        self.found: list[Found] = []

    @property
    def text(self) -> str:
        """The JSON text that may be shown."""
        return "".join(self._parts)

    def value(self, value: Json) -> Json:
        """Protect a value. Keys are protected as well; a key that is taken by then gets a number behind it."""
        if isinstance(value, str):
            return self._string(value)
        if isinstance(value, Mapping):
            return self._object(value)
        if value is None or isinstance(value, bool):
            self._keep(json.dumps(value))
            return value
        if isinstance(value, int | float):
            return self._number(value)
        protected: list[Json] = []
        self._keep("[")
        for place, one in enumerate(value):
            if place:
                self._keep(",")
            protected.append(self.value(one))
        self._keep("]")
        return protected

    def _object(self, value: Mapping[str, Json]) -> Json:
        protected: dict[str, Json] = {}
        self._keep("{")
        for place, (name, one) in enumerate(value.items()):
            if place:
                self._keep(",")
            shown = self._string(name, unless=protected)
            self._keep(":")
            protected[shown] = self.value(one)
        self._keep("}")
        return protected

    def _string(self, text: str, *, unless: Mapping[str, Json] | None = None) -> str:
        shown: list[str] = []
        at = 0
        self._keep('"')
        for one in find(text):
            original = text[one.start : one.end]
            written = self._write(one.kind, original)
            self._keep(_escaped(text[at : one.start]))
            self._replace(_escaped(written), _escaped(original), one.kind)
            shown += [text[at : one.start], written]
            at = one.end
        self._keep(_escaped(text[at:]))
        result = "".join([*shown, text[at:]])
        if unless is not None and result in unless:
            number = next(n for n in range(2, len(unless) + 3) if f"{result} ({n})" not in unless)
            self._parts.append(f" ({number})")
            self._shown_at += len(f" ({number})")
            result = f"{result} ({number})"
        self._keep('"')
        return result

    def _number(self, value: float) -> Json:
        text = orjson.dumps(value).decode()
        found = find(text)
        if not found:
            self._keep(text)
            return value
        shown, at = "", 0
        for one in found:
            shown += text[at : one.start] + self._write(one.kind, text[one.start : one.end])
            at = one.end
        shown += text[at:]
        self._replace(f'"{_escaped(shown)}"', text, found[0].kind)
        return shown

    def _keep(self, text: str) -> None:
        if not text:
            return
        self._add(text, len(text), kept=True)

    def _replace(self, shown: str, original: str, kind: str) -> None:
        self.found.append(Found(self._at, self._at + len(original), kind))
        self._add(shown, len(original), kept=False)

    def _add(self, shown: str, length: int, *, kept: bool) -> None:
        self._parts.append(shown)
        shown_end, end = self._shown_at + len(shown), self._at + length
        self.pieces.append(Piece(self._shown_at, shown_end, self._at, end, kept))
        self._shown_at, self._at = shown_end, end


def json_text(value: Json) -> str:
    """Write a value as it stands in a prompt."""
    return orjson.dumps(cast("object", value), option=orjson.OPT_NON_STR_KEYS).decode()


def _escaped(text: str) -> str:
    return json.dumps(text, ensure_ascii=False)[1:-1]
