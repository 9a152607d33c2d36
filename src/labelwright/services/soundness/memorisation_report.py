"""What a probe found that a model knows by heart, and what that means."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import cast

import numpy as np

from labelwright.domain.canonical import Json
from labelwright.methods.duplicates import NEAR, Recited
from labelwright.methods.estimation.intervals import clopper_pearson_interval

_LEVEL = 0.05


@dataclass(frozen=True, slots=True)
class LabelRecall:
    """Labels guessed from names alone. by_chance: how many of them would be right by chance."""

    question: str
    n: int
    n_right: int
    by_chance: float
    p_value: float


@dataclass(frozen=True, slots=True)
class MemorisationReport:
    """What a model knew by heart. n: items whose continuation came.  n_unfit: drawn, but unable to serve.

    items: (id, likeness of the continuation with the item's own ending), most alike first.
    is_suspected: more continuations are all but verbatim than by chance, or more guessed labels right.
    """

    model: str
    dataset: str
    n_unfit: int
    n_failed: int
    found: Recited
    labels: tuple[LabelRecall, ...]
    items: tuple[tuple[str, float], ...]
    calls: int
    reused: int
    cost_micro: int | None
    stopped: bool
    problem: str | None

    @property
    def is_suspected(self) -> bool:
        return self.knows_texts or self.knows_labels

    @property
    def knows_texts(self) -> bool:
        return self.found.n_near > 0 and self.found.p_value <= _LEVEL

    @property
    def knows_labels(self) -> bool:
        # Several questions are several tests (Bonferroni).
        return any(one.p_value <= _LEVEL / len(self.labels) for one in self.labels)

    @property
    def sentence(self) -> str:
        """Say it in words."""
        n, near = self.found.n, self.found.n_near
        said: list[str] = []
        if not n:
            example = f" For example: {self.problem}" if self.problem else ""
            said.append(f"{self.model} continued no item: nothing can be said of its texts.{example}")
        elif self.knows_texts:
            said.append(
                f"{self.model} completes {near:,} of {n:,} items verbatim or all but: it has seen this data. "
                "Accuracy on its public gold is likely inflated; measure on labels of your own people, of new items."
            )
        elif near:
            said.append(
                f"{self.model} completes {near:,} of {n:,} items verbatim or all but: so few items, or endings so much "
                "alike, cannot tell that from chance. Ask about more (--limit)."
            )
        else:
            upper = float(clopper_pearson_interval(near, n, confidence_level=0.9).high)
            said.append(
                f"{self.model} completes none of {n:,} items verbatim: no sign that it knows the texts by heart. "
                f"That is no proof: it may still so know up to {upper:.0%} of them (95% confidence)."
            )
        for one in self.labels:
            known = one.p_value <= _LEVEL / len(self.labels)
            said.append(
                f"From an item's name alone it gives {one.n_right:,} of {one.n:,} labels of {one.question!r} right, "
                f"where {one.by_chance:.1f} would be by chance"
                + (": it knows the labels. Do not trust accuracy on this gold." if known else ": no sign of memory.")
            )
        return " ".join(said)

    def as_json(self) -> dict[str, Json]:
        """Give it for report and ledger: figures and ids, no text."""
        return {
            "model": self.model,
            "dataset": self.dataset,
            "n_unfit": self.n_unfit,
            "n_failed": self.n_failed,
            **{name: _number(value) for name, value in asdict(self.found).items()},
            "near": NEAR,
            "labels": [asdict(one) for one in self.labels],
            "items": [list(pair) for pair in self.items],
            "is_suspected": self.is_suspected,
            "calls": self.calls,
            "reused": self.reused,
            "cost_micro": self.cost_micro,
            "stopped": self.stopped,
            "sentence": self.sentence,
        }


def _number(value: object) -> float | int | None:
    number = cast("float | int", value)
    return None if np.isnan(number) else number
