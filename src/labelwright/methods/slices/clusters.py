"""Groups of items with similar wording, and the words that set each group apart."""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

Floats = NDArray[np.float32]
Ints = NDArray[np.int64]

_MOST_STEPS = 40
_WORD = re.compile(r"[^\W\d_]{3,}")
_UNSPACED = re.compile("[\u2e80-\u9fff\uac00-\ud7af\uf900-\ufaff]{2}")


@dataclass(frozen=True, slots=True, eq=False)
class Clusters:
    """centre: (K, D) unit rows.  words: what sets each cluster apart, most telling first."""

    centre: Floats
    words: tuple[tuple[str, ...], ...]

    def assign(self, vectors_ND: ArrayLike) -> Ints:
        """(N,) the nearest centre of each item; −1 for an item without a direction (an empty text)."""
        vectors = np.asarray(vectors_ND, dtype=np.float32)
        if not len(self.centre):
            return np.full(len(vectors), -1, dtype=np.int64)
        nearest = np.argmax(vectors @ self.centre.T, axis=1).astype(np.int64)
        return np.where(np.abs(vectors).sum(axis=1) > 0, nearest, -1)

    def names(self) -> tuple[str, ...]:
        """Name each cluster by its words; two of the same words are told apart by number."""
        plain = [", ".join(words) or "no common words" for words in self.words]
        seen: Counter[str] = Counter()
        named: list[str] = []
        for name in plain:
            seen[name] += 1
            named.append(name if seen[name] == 1 else f"{name} ({seen[name]})")
        return tuple(named)


def spherical_k_means(vectors_ND: ArrayLike, k: int, *, rng: np.random.Generator) -> Floats:
    """Find (K, D) unit centres with few items far from all of them, by cosine; K ≤ k, deterministic given `rng`.

    Seeded far apart (k-means++ on the cosine distance), then by turns: items to the nearest centre, centres to the
    mean direction. A centre that loses all its items is left out.
    Source: Dhillon & Modha (2001), Machine Learning 42; seeding: Arthur & Vassilvitskii (2007), SODA.
    """
    vectors = np.asarray(vectors_ND, dtype=np.float32)
    vectors = vectors[np.abs(vectors).sum(axis=1) > 0]
    if not len(vectors):
        return np.zeros((0, np.asarray(vectors_ND).shape[1]), dtype=np.float32)
    centre = _seeded(vectors, min(k, len(vectors)), rng)
    before: Ints | None = None
    for _ in range(_MOST_STEPS):
        nearest: Ints = np.argmax(vectors @ centre.T, axis=1).astype(np.int64)
        if before is not None and np.array_equal(nearest, before):
            break
        before = nearest
        chosen = np.zeros((len(vectors), len(centre)), dtype=np.float32)
        chosen[np.arange(len(vectors)), nearest] = 1.0
        total = chosen.T @ vectors
        length = np.linalg.norm(total, axis=1)
        kept = length > 1e-9
        centre = total[kept] / length[kept, None]
        if not kept.all():
            before = None
    return centre


def _seeded(vectors: Floats, k: int, rng: np.random.Generator) -> Floats:
    chosen = [int(rng.integers(len(vectors)))]
    far = 1.0 - vectors @ vectors[chosen[0]]
    while len(chosen) < k:
        chance = np.maximum(far, 0.0).astype(np.float64)
        if chance.sum() <= 1e-6:  # all items lie on centres already
            break
        chosen.append(int(rng.choice(len(chance), p=chance / chance.sum())))
        far = np.minimum(far, 1.0 - vectors @ vectors[chosen[-1]])
    return vectors[chosen]


def find_clusters(vectors_ND: ArrayLike, texts: Sequence[str], k: int, *, rng: np.random.Generator) -> Clusters:
    """Group items, and describe each group by the words that are more frequent in it than elsewhere."""
    vectors = np.asarray(vectors_ND, dtype=np.float32)
    unnamed = Clusters(spherical_k_means(vectors, k, rng=rng), ())
    code = unnamed.assign(vectors)
    return Clusters(unnamed.centre, characteristic_words(texts, code, n_groups=len(unnamed.centre)))


def characteristic_words(
    texts: Sequence[str], group: ArrayLike, *, n_groups: int, most: int = 4
) -> tuple[tuple[str, ...], ...]:
    """Give each group's words that most set its texts apart; a word counts once per text.

    Ordered by the log-odds of occurring, shrunk towards all texts together, over its standard error: a word must be
    both frequent and particular. Chinese and Japanese signs are taken in pairs.
    Source: Monroe, Colaresi & Quinn (2008), Political Analysis 16(4), equation 22.

    >>> characteristic_words(["late parcel", "parcel lost", "good film", "bad film"], [0, 0, 1, 1], n_groups=2, most=1)
    (('parcel',), ('film',))
    """
    groups = np.asarray(group, dtype=np.int64)
    in_group: list[Counter[str]] = [Counter() for _ in range(n_groups)]
    overall: Counter[str] = Counter()
    size = np.bincount(groups[groups >= 0], minlength=n_groups)
    for text, code in zip(texts, groups.tolist(), strict=True):
        words = sorted(set(_words(text)))
        for word in words:
            overall[word] += 1
            if code >= 0:
                in_group[code][word] += 1
    n = max(len(texts), 1)
    found: list[tuple[str, ...]] = []
    for code in range(n_groups):
        ranked: list[tuple[float, str]] = []
        for word, here in in_group[code].items():
            if here < 2:
                continue
            prior = 4.0 * overall[word] / n
            other, rest = overall[word] - here, n - int(size[code])
            inside = (here + prior) / (size[code] - here + 4.0 - prior + 1e-9)
            outside = (other + prior) / (rest - other + 4.0 - prior + 1e-9)
            z = float(np.log(inside / outside) / np.sqrt(1 / (here + prior) + 1 / (other + prior)))
            if z > 1.0:
                ranked.append((-z, word))
        found.append(tuple(word for _, word in sorted(ranked)[:most]))
    return tuple(found)


def _words(text: str) -> list[str]:
    folded = unicodedata.normalize("NFKC", text[:4_000]).casefold()
    spaced = [found.group() for found in _WORD.finditer(_UNSPACED.sub(" ", folded))]
    return spaced + [found.group() for found in _UNSPACED.finditer(folded)]
