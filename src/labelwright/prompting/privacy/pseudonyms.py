"""Names for personal data that say its kind and nothing else: the same for the same value, and turned back here."""

from __future__ import annotations

import hashlib
import hmac
import re
from collections.abc import Callable, Mapping

from labelwright.prompting.privacy.recognisers import KINDS

_LETTERS = "bcdfghjkmnpqrstvwxz"  # no vowels, so no words; no digits, so no numbers
_WRITTEN = re.compile(rf"\[(?:{'|'.join(KINDS)})_[a-z0-9.]+\]")


class Pseudonyms:
    """The pseudonyms of one item.

    key: the same key gives the same value the same pseudonym in every item; without one they are numbered, item by
    item.  taken: whether the item holds this very text already, so that it can stand for nothing else.
    """

    def __init__(self, key: bytes, *, taken: Callable[[str], bool]) -> None:
        self._key, self._taken = key, taken
        self._names: dict[tuple[str, str], str] = {}  # kind, value as compared -> name
        self._spellings: dict[tuple[str, str], list[str]] = {}
        self.originals: dict[str, str] = {}

    def of(self, kind: str, value: str) -> str:
        """Give a value's pseudonym. Other spellings of it (capitals, separators) get its name with a number."""
        compared = (kind, _compared(value))
        name = self._names.get(compared)
        if name is None:
            name = self._names[compared] = self._new(*compared)
        spellings = self._spellings.setdefault(compared, [])
        if value not in spellings:
            spellings.append(value)
        number = spellings.index(value) + 1
        pseudonym = f"[{kind}_{name}]" if number == 1 else f"[{kind}_{name}.{number}]"
        self.originals[pseudonym] = value
        return pseudonym

    def _new(self, kind: str, compared: str) -> str:
        known = {name for (k, _), name in self._names.items() if k == kind}
        for attempt in range(1, 10_000):
            name = self._token(kind, compared, attempt) if self._key else str(len(known) + attempt)
            if name not in known and not self._taken(f"[{kind}_{name}"):
                return name
        raise AssertionError("an item cannot hold ten thousand pseudonyms of one value")  # pragma: no cover

    def _token(self, kind: str, compared: str, attempt: int) -> str:
        message = f"{kind}\0{attempt}\0{compared}".encode("utf-8", "surrogatepass")
        number = int.from_bytes(hmac.new(self._key, message, hashlib.sha256).digest()[:8])
        letters = ""
        for _ in range(8):
            number, letter = divmod(number, len(_LETTERS))
            letters += _LETTERS[letter]
        return letters


def put_back(text: str, originals: Mapping[str, str]) -> str:
    """Replace the pseudonyms in a text by what they stand for; those that are not known stay."""
    if not originals or "[" not in text:
        return text
    return _WRITTEN.sub(lambda match: originals.get(match[0], match[0]), text)


def _compared(value: str) -> str:
    bare = "".join(c for c in value if c.isalnum() or c in "@.:/%_").casefold()
    return bare if "@" in bare or ":" in bare else bare.replace(".", "").replace("/", "")
