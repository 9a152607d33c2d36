"""By what items are divided: metadata, label, confidence, length, script, language, similar wording."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final, cast

import numpy as np
from numpy.typing import NDArray

from labelwright.domain.canonical import Json
from labelwright.errors import InvalidValue, did_you_mean
from labelwright.methods.slices import (
    Bands,
    Clusters,
    Field,
    Words,
    find_clusters,
    is_measured,
    language_of,
    script_of,
)
from labelwright.ports.embedder import Embedder

LABEL: Final = "label"
CONFIDENCE: Final = "confidence"
LENGTH: Final = "length"
SCRIPT: Final = "script"
LANGUAGE: Final = "language"
WORDS: Final = "words"
OWN: Final = (LABEL, CONFIDENCE, LENGTH, SCRIPT, LANGUAGE, WORDS)

CLUSTERS: Final = (10, 30)
_PER_CLUSTER = 40
_CLUSTER_HANDICAP = 2.0
_MOST_CHARACTERS = 60


@dataclass(frozen=True, slots=True, eq=False)
class Known:
    """What is known of n items before any person looks. said: the model's label, None = none."""

    metadata: Sequence[Mapping[str, Json]]
    text: Sequence[str]
    said: Sequence[str | None]
    confidence: NDArray[np.float64]


class Divider:
    """Ways to divide items, taken from some of them and kept for all: bands and clusters stay what they were."""

    def __init__(
        self, reference: Known, embedder: Embedder, *, n_audited: int, seed: Sequence[int], by: Sequence[str] = ()
    ) -> None:
        self._embedder = embedder
        columns = _columns(reference.metadata)
        self._check(by, columns)
        self._by = tuple(by)
        wanted = set(by) or {*columns, *OWN}
        self._metadata: list[Words | Bands] = []
        for name, values in sorted(columns.items()):
            if name not in wanted:
                continue
            if is_measured(values):
                self._metadata.append(Bands.fitted(name, _numbers(values)))
            else:
                self._metadata.append(Words.fitted(name, [_word(value) for value in values]))
        # What the metadata say of these goes before what can be read off the text.
        self._own = {name for name in OWN if name in wanted and name not in columns}
        self._label = Words.fitted(LABEL, reference.said)
        self._confidence = Bands.fitted(CONFIDENCE, reference.confidence)
        self._length = Bands.fitted(LENGTH, [len(text) for text in reference.text])
        self._script = Words.fitted(SCRIPT, _each(script_of, reference.text, wanted=SCRIPT in self._own))
        self._language = Words.fitted(LANGUAGE, _each(language_of, reference.text, wanted=LANGUAGE in self._own))
        self._clusters = self._clustered(reference.text, n_audited, seed) if WORDS in self._own else []

    def fields(self, known: Known, *, only: Iterable[str] | None = None) -> list[Field]:
        """Divide these items. only: the fields that are asked for; None = all."""
        wanted = None if only is None else set(only)

        def is_wanted(name: str) -> bool:
            return wanted is None or name in wanted

        found: list[Field] = []
        for one in self._metadata:
            if is_wanted(one.name):
                values = [metadata.get(one.name) for metadata in known.metadata]
                in_bands = isinstance(one, Bands)
                found.append(one.field(_numbers(values)) if in_bands else one.field([_word(value) for value in values]))
        if LABEL in self._own and is_wanted(LABEL):
            found.append(self._label.field(known.said))
        if CONFIDENCE in self._own and is_wanted(CONFIDENCE) and np.isfinite(known.confidence).any():
            found.append(self._confidence.field(known.confidence))
        if LENGTH in self._own and is_wanted(LENGTH):
            found.append(self._length.field([len(text) for text in known.text]))
        if is_wanted(SCRIPT) and len(self._script.values) > 1:
            found.append(self._script.field(_each(script_of, known.text, wanted=True)))
        if is_wanted(LANGUAGE) and len(self._language.values) > 1:
            found.append(self._language.field(_each(language_of, known.text, wanted=True)))
        if self._clusters and is_wanted(WORDS):
            vectors = self._embedder.embed(list(known.text))
            for clusters, names in self._clusters:
                found.append(Field(WORDS, clusters.assign(vectors), names, _CLUSTER_HANDICAP, WORDS))
        return found

    def mark(self, known: Known, conditions: Sequence[tuple[str, str]]) -> NDArray[np.bool_]:
        """Mark the items in a slice. conditions: (field, value in words). Raises InvalidValue for one there is not."""
        mask = np.ones(len(known.text), dtype=np.bool_)
        fields = self.fields(known, only=[name for name, _ in conditions])
        for name, value in conditions:
            parts = [
                field.code == field.values.index(value)
                for field in fields
                if field.name == name and value in field.values
            ]
            if not parts:
                raise InvalidValue(
                    "slice", f"{name} = {value} is no part of these items any more", "; run: labelwright slices"
                )
            mask &= parts[0]
        return mask

    def _clustered(
        self, texts: Sequence[str], n_audited: int, seed: Sequence[int]
    ) -> list[tuple[Clusters, tuple[str, ...]]]:
        """Cluster coarsely and finely; no two clusters have one name."""
        vectors = self._embedder.embed(list(texts))
        sizes = sorted({min(k, n_audited // _PER_CLUSTER) for k in CLUSTERS})
        found: list[tuple[Clusters, tuple[str, ...]]] = []
        taken: set[str] = set()
        for k in sizes:
            if k > 1:
                clusters = find_clusters(vectors, texts, k, rng=np.random.default_rng([*seed, k]))
                names = tuple(f"{name} ({k} groups)" if name in taken else name for name in clusters.names())
                taken.update(names)
                found.append((clusters, names))
        return found

    @staticmethod
    def _check(by: Sequence[str], columns: Mapping[str, object]) -> None:
        for name in by:
            if name not in columns and name not in OWN:
                known = [*columns, *OWN]
                raise InvalidValue("by", f"items have no field {name!r}", did_you_mean(name, known))


def _each(of: object, texts: Sequence[str], *, wanted: bool) -> list[str | None]:
    return [cast("str | None", of(text)) for text in texts] if wanted and callable(of) else []


def _columns(metadata: Sequence[Mapping[str, Json]]) -> dict[str, list[Json]]:
    """Give the fields that hold plain values, item by item."""
    columns: dict[str, list[Json]] = {}
    for place, one in enumerate(metadata):
        for name, value in one.items():
            if isinstance(value, bool | int | float) or (isinstance(value, str) and 0 < len(value) <= _MOST_CHARACTERS):
                columns.setdefault(name, [None] * len(metadata))[place] = value
    return columns


def _word(value: Json) -> str | None:
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, int | float):
        return f"{value:g}"
    return value if isinstance(value, str) and value else None


def _numbers(values: Sequence[Json]) -> NDArray[np.float64]:
    return np.array(
        [float(v) if isinstance(v, int | float) and not isinstance(v, bool) else np.nan for v in values],
        dtype=np.float64,
    )
