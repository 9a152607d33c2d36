"""Texts with what is known of each: its id, its labels, on which side of a split it stands."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from labelwright.domain.canonical import canonical_json
from labelwright.domain.project import Project
from labelwright.errors import InvalidValue, did_you_mean
from labelwright.methods.duplicates import NearCopies, near_copies
from labelwright.methods.duplicates.shingles import Runs
from labelwright.ports.embedder import Embedder
from labelwright.ports.storage import Views
from labelwright.services.acceptance.groups import named
from labelwright.services.models.show_item import item_text

MOST_EMBEDDED = 200_000
"""Of more texts only the wording is compared: vectors would take gigabytes, and the pairs of them hours."""
SPLIT = "split"
"""The metadata field that names the side of a split, where nobody names another."""
_READ = 2_000
_SEED = 29


@dataclass(frozen=True, slots=True, eq=False)
class Corpus:
    """Columns of equal length. key: item keys, or places in a file.  labels: by question; None = no label.

    side: which part of a split each stands in; None = none.
    """

    key: NDArray[np.int64]
    ids: Sequence[str]
    texts: Sequence[str]
    labels: dict[str, list[str | None]]
    side: Sequence[str | None]

    def near_copies(self, embedder: Embedder, *, seed: int, runs: Runs = "characters") -> NearCopies:
        """Find which texts nearly repeat one another: by wording, and by vectors where there are not too many."""
        vectors = embedder.embed(self.texts) if 0 < len(self.texts) <= MOST_EMBEDDED else None
        return near_copies(self.texts, vectors, rng=np.random.default_rng([seed, _SEED]), runs=runs)


def corpus_of(views: Views, project: Project, *, field: str) -> Corpus:
    """Read a project's items with their labels of record. field: of the metadata, says the side of a split.

    Raises: InvalidValue for a field that no item has, but for the usual `split`.
    """
    keys: list[int] = []
    ids: list[str] = []
    texts: list[str] = []
    side: list[str | None] = []
    fields: set[str] = set()
    after = 0
    while items := views.items(project.id, after=after, limit=_READ):
        after = int(items[-1].key)
        for item in items:
            keys.append(int(item.key))
            ids.append(str(item.id))
            texts.append(item_text(project.config, item.content))
            fields |= item.metadata.keys()
            value = item.metadata.get(field)
            side.append(None if value is None else named(value))
    if keys and field != SPLIT and field not in fields:
        raise InvalidValue("--field", f"no item has {field!r} in its metadata", did_you_mean(field, fields))
    place = {key: at for at, key in enumerate(keys)}
    labels: dict[str, list[str | None]] = {str(q.name): [None] * len(keys) for q in project.config.schema.questions}
    for resolution in views.resolutions(project.id):
        if str(resolution.question) in labels and int(resolution.item) in place:
            said = resolution.value if isinstance(resolution.value, str) else canonical_json(resolution.value).decode()
            labels[str(resolution.question)][place[int(resolution.item)]] = said
    return Corpus(np.array(keys, dtype=np.int64), ids, texts, labels, side)
