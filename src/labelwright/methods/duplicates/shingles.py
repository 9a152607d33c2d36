"""Texts as sets of short runs, so that two texts are as alike as the runs they share."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from labelwright.errors import InvalidValue

Ints = NDArray[np.int64]
Hashes = NDArray[np.uint64]

Runs = Literal["characters", "words"]
_FACTOR = np.uint64(0x9E3779B97F4A7C15)
_UNSPACED = re.compile("([⺀-퟿豈-﫿\U00020000-\U0003ffff])")
_TEXTS_AT_ONCE = 1 << 12


@dataclass(frozen=True, eq=False, slots=True)
class Shingles:
    """The distinct runs of N texts, text after text.

    run: (S,) 32-bit hashes, ascending within a text.  start: (N + 1,) where each text's runs begin in `run`.
    """

    run: Hashes
    start: Ints

    @property
    def size(self) -> Ints:
        """Give the number of distinct runs of each text."""
        return np.diff(self.start)


def normalised(text: str) -> str:
    r"""Fold a text so that what cannot be seen makes no difference.

    Compatibility forms and case are folded; marks of direction, joiners and other signs without a picture go, and all
    that is neither letter, mark nor number becomes one space.

    >>> normalised("Ｇreat\u200b, \u202bGREAT\u202c!")
    'great great'
    """
    folded = unicodedata.normalize("NFKC", text).casefold()
    if folded.isascii():
        return " ".join(_NOT_WORD_ASCII.sub(" ", folded).split())
    kept: list[str] = []
    for sign in folded:
        category = unicodedata.category(sign)
        if category[0] in "LMN":
            kept.append(sign)
        elif category != "Cf":
            kept.append(" ")
    return " ".join("".join(kept).split())


_NOT_WORD_ASCII = re.compile(r"[^a-z0-9]+")


def shingles(texts: Sequence[str], *, runs: Runs = "characters", length: int = 5) -> Shingles:
    """Cut texts into their runs of `length` characters or words; a shorter text is one run, an empty one has none.

    `characters` serves every script, those without spaces and those from right to left too. Of `words`, each Chinese,
    Japanese or Korean sign is one.
    Raises: InvalidValue for a length under 1.

    >>> shingles(["abcdef", "ABCDEF!", "abc", ""]).size.tolist()
    [2, 2, 1, 0]
    """
    if length < 1:
        raise InvalidValue("length", f"{length} is no length of a run", "; 5 is usual")
    parts = [
        _cut(texts[first : first + _TEXTS_AT_ONCE], runs, length) for first in range(0, len(texts), _TEXTS_AT_ONCE)
    ]
    size = np.concatenate([np.zeros(1, dtype=np.int64), *(part[1] for part in parts)])
    run = np.concatenate([np.zeros(0, dtype=np.uint64), *(part[0] for part in parts)])
    return Shingles(run, np.cumsum(size))


def contained_share(texts: Sequence[str], document: str, *, runs: Runs = "characters", length: int = 8) -> list[float]:
    """Give the share of each text's runs that stand somewhere in a document; nan for a text too short to say.

    >>> contained_share(["the quick brown fox", "a lazy dog sleeps on"], "See: the quick brown fox! And more.")
    [1.0, 0.0]
    """
    cut, whole = shingles(texts, runs=runs, length=length), shingles([document], runs=runs, length=length)
    stands = np.concatenate([[0], np.cumsum(np.isin(cut.run, whole.run))])
    found = stands[cut.start[1:]] - stands[cut.start[:-1]]
    # Fewer runs than a run is long: such a short text stands in anything.
    return [
        float(shared / size) if size >= length else float("nan") for shared, size in zip(found, cut.size, strict=True)
    ]


def _cut(texts: Sequence[str], runs: Runs, length: int) -> tuple[Hashes, Ints]:
    folded = [normalised(text) for text in texts]
    signs = [_characters(text) for text in folded] if runs == "characters" else _words(folded)
    n_signs = np.array([len(one) for one in signs], dtype=np.int64)
    owner: Ints = np.repeat(np.arange(len(texts), dtype=np.int64), n_signs)
    everything = np.concatenate([np.zeros(0, dtype=np.uint64), *signs])
    n_windows = max(everything.size - length + 1, 0)
    mixed = np.zeros(n_windows, dtype=np.uint64)
    for place in range(length):
        mixed = (mixed + everything[place : place + n_windows] + np.uint64(1)) * _FACTOR
        mixed ^= mixed >> np.uint64(29)
    # Of what the windows give, those count that lie within one text.
    first: Ints = np.arange(n_windows, dtype=np.int64)
    inside = owner[first] == owner[first + length - 1] if n_windows else np.zeros(0, dtype=np.bool_)
    owners, hashes = owner[:n_windows][inside], mixed[inside]
    short = np.flatnonzero((n_signs > 0) & (n_signs < length))
    whole = np.array([_whole(signs[at]) for at in short], dtype=np.uint64)
    owners, hashes = np.concatenate([owners, short]), np.concatenate([hashes, whole])
    key = np.sort((owners.astype(np.uint64) << np.uint64(32)) | (hashes >> np.uint64(32)))
    key = key[np.flatnonzero(np.diff(key, prepend=~key[:1]))]  # sorting is several times faster than np.unique here
    counted = np.bincount((key >> np.uint64(32)).astype(np.int64), minlength=len(texts))
    return key & np.uint64(0xFFFFFFFF), counted.astype(np.int64)


def _characters(text: str) -> Hashes:
    return np.frombuffer(text.encode("utf-32-le", "surrogatepass"), dtype=np.uint32).astype(np.uint64)


def _words(texts: Sequence[str]) -> list[Hashes]:
    known: dict[str, int] = {}
    found: list[Hashes] = []
    for text in texts:
        words = _UNSPACED.sub(r" \1 ", text).split()
        found.append(np.array([known.get(word) or _known(known, word) for word in words], dtype=np.uint64))
    return found


def _known(known: dict[str, int], word: str) -> int:
    known[word] = value = int(_whole(_characters(word)))
    return value


def _whole(signs: Hashes) -> np.uint64:
    """Name a sequence of any length, its length included."""
    mixed = np.uint64(signs.size)
    with np.errstate(over="ignore"):
        for sign in signs:
            mixed = (mixed + sign + np.uint64(1)) * _FACTOR
            mixed ^= mixed >> np.uint64(29)
    return mixed
