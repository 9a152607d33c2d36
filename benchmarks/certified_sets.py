"""Recorded sets meant for the demonstration, as what a protocol may see of them: votes, signals, and gold to ask."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from confidence_sets import read_set

from labelwright.adapters.embedders import HashedEmbedder
from labelwright.adapters.students.hashed_logistic import HashedLogistic
from labelwright.methods.confidence import PanelSignals, share_of_votes
from labelwright.services.models.opinions import opinions, taught_opinion


@dataclass(frozen=True, slots=True)
class SignalledSet:
    """One set: N items, M variants with the most accurate one first.  gold: (N,) codes.

    texts: (N,), or None where they were not published.
    raw: (N,) the score of that variant's own labels that costs no label: its recorded confidence where it has one, else
    the share of all other variants that agree.  raw_signal: which.
    """

    name: str
    model: str
    gold: np.ndarray
    signals: PanelSignals
    raw: np.ndarray
    raw_signal: str
    texts: tuple[str, ...] | None

    def taught_by(self, labelled: np.ndarray) -> PanelSignals:
        """Give the signals with what people's labels of some items teach a student, as a project has them."""
        if self.texts is None:
            return self.signals
        at, n_options = np.sort(labelled), self.signals.n_options
        return self.signals.and_opinions(
            taught_opinion(self.texts, at, self.gold[at], n_options, student=HashedLogistic())
        )

    @property
    def own(self) -> np.ndarray:
        """(N,) the first variant's labels."""
        return np.asarray(self.signals.votes)[:, 0]

    @property
    def wrong(self) -> np.ndarray:
        """(N,) the first variant's label differs from gold."""
        return self.own != self.gold


def demo_folders(data: Path) -> Iterator[Path]:
    """Give the folders of classification sets whose task.json says "demo": true."""
    for folder in sorted(path for path in data.iterdir() if (path / "task.json").is_file()):
        task = json.loads((folder / "task.json").read_text(encoding="utf-8"))
        if task.get("demo") and task.get("type") == "classification":
            yield folder


def signalled(folder: Path) -> SignalledSet:
    """Read one recorded folder, and give what its signals are before any label."""
    one = read_set(folder)
    best = next(v for v, variant in enumerate(one.variants) if variant.name == one.raw.best_variant())
    votes = np.column_stack([one.said[:, best], np.delete(one.said, best, axis=1)])
    own, others = votes[:, 0], votes[:, 1:]
    recorded = {
        kind: np.column_stack([table[:, best], np.delete(table, best, axis=1)])
        for kind, table in one.recorded.items()
        if np.any(~np.isnan(table[:, best]))
    }
    if recorded:
        kind = next(iter(recorded))
        raw, raw_signal = np.where(own >= 0, recorded[kind][:, 0], np.nan), f"own confidence ({kind})"
    else:
        raw, raw_signal = share_of_votes(own, others), f"agreement of {others.shape[1]} other answers"
    second, numbers = {}, {}
    if one.texts is not None:
        second = opinions(
            votes,
            len(one.options),
            texts=one.texts,
            vectors=HashedEmbedder().embed(one.texts),
            student=HashedLogistic(),
        )
        numbers["log_length"] = np.log1p(np.array([len(text) for text in one.texts], dtype=np.float64))
    signals = PanelSignals(votes, len(one.options), recorded, second, numbers)
    return SignalledSet(one.name, one.variants[best].name, one.gold, signals, raw, raw_signal, one.texts)
