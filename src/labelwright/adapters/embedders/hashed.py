"""Hashed words and runs of characters: nearness of wording, without a download.

Nothing is learned, neither from labels nor from the pool: a text's vector is the same in every project and every year,
so that adding items changes no prompt. Nearness here is shared wording; it knows no synonyms and no second language.

Source: Weinberger et al. (2009), ICML, signed feature hashing; Karp & Rabin (1987), IBM J. Res. Dev. 31, for hashes of
every run in one pass.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any, Final, TypeAlias

import numpy as np

from labelwright.ports.embedder import Embedder, Vectors

Hashes: TypeAlias = "np.ndarray[Any, np.dtype[np.uint64]]"
Integers: TypeAlias = "np.ndarray[Any, np.dtype[np.int64]]"
Floats: TypeAlias = "np.ndarray[Any, np.dtype[np.float64]]"

_TEXTS_AT_ONCE = 1 << 11
_ROW_SHIFT, _HASH_SHIFT = np.uint64(53), np.uint64(11)
_RUNS = ((3, 0.35), (5, 0.35))
_BASE = 0x9E3779B97F4A7C15
_INVERSE = pow(_BASE, -1, 1 << 64)
_SPACE = 32
_UNSPACED = 0x2E80
_UNSPACED_PAIR = 0.7
_LONG_WORD = 6


@dataclass(frozen=True, slots=True)
class HashedEmbedder:
    """n_dimensions: a power of two.  most_characters: what lies behind is not read.

    Weights are fixed: √count of each word and each run of 3 and 5 characters; short words, which are the common ones in
    most languages, count less (length/6 up to 1), runs .35. Chinese, Japanese and Korean signs count by pairs too, .7.
    """

    n_dimensions: int = 512
    most_characters: int = 4_000

    @property
    def name(self) -> str:
        return f"hashed-1/{self.n_dimensions}/{self.most_characters}"

    def embed(self, texts: Sequence[str]) -> Vectors:
        vectors = np.zeros((len(texts), self.n_dimensions), dtype=np.float32)
        for start in range(0, len(texts), _TEXTS_AT_ONCE):
            part = [text[: self.most_characters] for text in texts[start : start + _TEXTS_AT_ONCE]]
            vectors[start : start + len(part)] = self._embed(part)
        return vectors

    def _embed(self, texts: Sequence[str]) -> Floats:
        letters, owner = _letters(texts)
        power = _powers(_BASE, letters.size + 1)
        total = np.concatenate([[np.uint64(0)], np.cumsum((letters + np.uint64(1)) * power[:-1], dtype=np.uint64)])
        undo = _powers(_INVERSE, letters.size + 1)
        start, length, weight, kind = _features(letters, owner)
        hashes = _mixed((total[start + length] - total[start]) * undo[start] + kind)
        # Row, then feature, in one number, so that one sort brings repetitions together.
        row = owner[start]
        order = np.argsort((row.astype(np.uint64) << _ROW_SHIFT) | (hashes >> _HASH_SHIFT))
        row, hashes, weight = row[order], hashes[order], weight[order]
        is_first = np.ones(row.size, dtype=np.bool_)
        is_first[1:] = (row[1:] != row[:-1]) | (hashes[1:] != hashes[:-1])
        first = np.flatnonzero(is_first)
        count = np.diff(np.append(first, row.size))
        value = weight[first] * np.sqrt(count)
        hashes = hashes[first]
        sign = np.where(hashes >> np.uint64(63), 1.0, -1.0)
        cell = row[first] * self.n_dimensions + (hashes & np.uint64(self.n_dimensions - 1)).astype(np.int64)
        vectors = np.bincount(cell, weights=sign * value, minlength=len(texts) * self.n_dimensions)
        vectors = vectors.astype(np.float64).reshape(len(texts), self.n_dimensions)
        size = np.sqrt(np.sum(vectors**2, axis=1, keepdims=True))
        return np.divide(vectors, size, out=np.zeros_like(vectors), where=size > 0)


EMBEDDERS: Final[Mapping[str, Callable[[], Embedder]]] = {
    "hashed": HashedEmbedder,
    **{f"hashed-{size}": partial(HashedEmbedder, size) for size in (128, 256, 512, 1024, 2048, 4096)},
}


def _letters(texts: Sequence[str]) -> tuple[Hashes, Integers]:
    """Give all texts as one row of code points, folded, every run of other signs one space, and whose each is."""
    folded = [f" {unicodedata.normalize('NFKC', text).casefold()} " for text in texts]
    points = np.frombuffer("".join(folded).encode("utf-32-le", "surrogatepass"), dtype=np.uint32)
    owner: Integers = np.repeat(np.arange(len(texts), dtype=np.int64), [len(text) for text in folded])
    distinct, place = np.unique(points, return_inverse=True)
    # Marks are letters too: without them Devanagari or Thai words fall apart.
    is_letter = np.array([unicodedata.category(chr(int(p)))[0] in "LMN" for p in distinct], dtype=np.bool_)[place]
    points = np.where(is_letter, points, _SPACE)
    is_kept = is_letter.copy()
    is_kept[:1] = True
    is_kept[1:] |= is_letter[:-1] | (owner[1:] != owner[:-1])
    return points[is_kept].astype(np.uint64), owner[is_kept]


def _features(letters: Hashes, owner: Integers) -> tuple[Integers, Integers, Floats, Hashes]:
    """Give start, length, weight and kind of every word, and of every run that lies within one text.

    The word "the" and the run "the" are two features: their kinds differ.
    """
    is_space = letters == _SPACE
    edge = np.flatnonzero(is_space)
    word_start, word_length = edge[:-1] + 1, np.diff(edge) - 1
    real = word_length > 0
    starts, lengths = [word_start[real]], [word_length[real]]
    weights = [np.minimum(word_length[real] / _LONG_WORD, 1.0)]
    kinds = [np.zeros(starts[0].size, dtype=np.uint64)]
    unspaced = np.flatnonzero((letters[:-1] >= _UNSPACED) & (letters[1:] >= _UNSPACED))
    runs = [(2, _UNSPACED_PAIR, unspaced)]
    for size, weight in _RUNS:
        first: Integers = np.arange(max(letters.size - size + 1, 0), dtype=np.int64)
        runs.append((size, weight, first[owner[first] == owner[first + size - 1]]))
    for size, weight, first in runs:
        starts.append(first)
        lengths.append(np.full(first.size, size, dtype=np.int64))
        weights.append(np.full(first.size, weight))
        kinds.append(np.full(first.size, size, dtype=np.uint64))
    return np.concatenate(starts), np.concatenate(lengths), np.concatenate(weights), np.concatenate(kinds)


def _powers(base: int, n: int) -> Hashes:
    """Give base⁰ … baseⁿ⁻¹ modulo 2⁶⁴."""
    factors = np.full(n, base, dtype=np.uint64)
    factors[:1] = 1
    return np.cumprod(factors, dtype=np.uint64)


def _mixed(hashes: Hashes) -> Hashes:
    """Spread neighbouring numbers over all bits (the finaliser of SplitMix64)."""
    mixed = (hashes ^ (hashes >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    mixed = (mixed ^ (mixed >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return mixed ^ (mixed >> np.uint64(31))
