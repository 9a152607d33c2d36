"""How often a class occurs in a file of predictions, from few answers of people. Pure: files are read elsewhere."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from labelwright.errors import InvalidValue, did_you_mean
from labelwright.methods.estimation import (
    Design,
    DesignWorth,
    Estimate,
    active_mean,
    draw_round,
    ppi_mean,
    recommended_design,
    rehearse_designs,
    round_sizes,
)

Floats = NDArray[np.float64]

_FEWEST = 10
FEWEST_FOR_ROUNDS = 30
"""A third of them is the first round. A round's size is left to chance, and a small one could come out empty."""


@dataclass(frozen=True, slots=True)
class AskedRound:
    """Who was drawn at once, and with what chance each."""

    ids: tuple[str, ...]
    chances: tuple[float, ...]


@dataclass(frozen=True, slots=True)
class SharePlan:
    """What is frozen before the first answer, and every round as it was drawn.

    of: the class.  n_labels: how many items people are asked about in all, as expected.
    """

    predictions: str
    predictions_sha256: str
    id_column: str
    label_column: str
    score_column: str | None
    of: str
    design: str
    n_labels: int
    confidence_level: float
    seed: int
    rounds: tuple[AskedRound, ...] = ()

    @property
    def sizes(self) -> list[int]:
        """Give the expected size of each round."""
        return [self.n_labels] if self.design == "random" else round_sizes(self.n_labels)

    @property
    def is_drawn_whole(self) -> bool:
        """Say whether the last round has been drawn."""
        return len(self.rounds) >= len(self.sizes)


@dataclass(frozen=True, slots=True)
class Forecast:
    """Before anybody is asked.

    worth: None where the file has no confidence to rehearse with, or every item is asked about.
    """

    n_labels: int
    worth: DesignWorth | None
    recommended: Design


@dataclass(frozen=True, slots=True)
class ClassShare:
    """naive: the class's share of the model's labels."""

    naive: float
    share: Estimate


def check_wishes(labels: Sequence[str | None], of: str, n_labels: int, design: Design | None) -> None:
    """Raise InvalidValue for a class nobody predicts, or a number that cannot be asked, or not so."""
    known = sorted({label for label in labels if label is not None})
    if of not in known:
        raise InvalidValue("--of", f"no prediction says {of!r}", hint=did_you_mean(of, known))
    if not _FEWEST <= n_labels <= len(labels):
        raise InvalidValue(
            "--sample", f"{n_labels:,} labels of {len(labels):,} items: ask about {_FEWEST} at least, and all at most"
        )
    if design == "rounds" and n_labels < FEWEST_FOR_ROUNDS:
        raise InvalidValue(
            "--design",
            f"{n_labels} labels are too few for rounds",
            hint=f"; ask for {FEWEST_FOR_ROUNDS} at least, or: --design random",
        )


def class_probability(labels: Sequence[str | None], score: Floats, of: str, *, has_score: bool) -> Floats:
    """Give each item's chance to be of the class, as the predictions have it; (N,).

    A confidence in [0, 1] is that of the label; what it leaves is spread over the other labels. Without one the label
    itself counts, 0 or 1. How good these are decides only how much is saved.
    """
    said = np.array([label == of for label in labels])
    if not has_score or np.nanmin(score, initial=0.0) < 0 or np.nanmax(score, initial=0.0) > 1:
        return said.astype(np.float64)
    sure = np.where(np.isnan(score), 1.0, score)
    n_others = max(len({label for label in labels if label is not None}) - 1, 1)
    return np.where(said, sure, (1 - sure) / n_others)


def forecast(probability: Floats, n_labels: int, *, seed: int) -> Forecast:
    """Say which design to take for so many labels."""
    if n_labels >= len(probability) or np.all((probability == 0) | (probability == 1)):
        return Forecast(n_labels, None, "random")
    worth = rehearse_designs(probability, n_labels, rng=np.random.default_rng([seed, 0]))
    return Forecast(n_labels, worth, recommended_design(worth, n_labels))


def next_round(plan: SharePlan, ids: Sequence[str], probability: Floats, answers: Mapping[str, float]) -> SharePlan:
    """Draw the round that is due, and put it into the plan. answers: id → share of people who said the class."""
    number = len(plan.rounds)
    rng = np.random.default_rng([plan.seed, number + 1])
    size = plan.sizes[number]
    if plan.design == "random":
        drawn = np.sort(rng.permutation(len(ids))[:size])
        chance = np.full(len(ids), size / len(ids))
    else:
        mask, chance = draw_round(probability, _asked(ids, answers), size, rng=rng)
        drawn = np.flatnonzero(mask)
    order: list[int] = rng.permutation(drawn).tolist()  # in no order that tells why an item was drawn
    added = AskedRound(tuple(ids[row] for row in order), tuple(float(chance[row]) for row in order))
    return replace(plan, rounds=(*plan.rounds, added))


def unanswered(plan: SharePlan, answers: Mapping[str, float]) -> list[list[str]]:
    """Name what is drawn and not answered, round by round."""
    return [[one for one in asked.ids if one not in answers] for asked in plan.rounds]


def class_share(
    plan: SharePlan, ids: Sequence[str], said: NDArray[np.bool_], probability: Floats, answers: Mapping[str, float]
) -> ClassShare:
    """Estimate the share of the class among all items. said: (N,) whose predicted label it is."""
    human = _asked(ids, {one: answers[one] for asked in plan.rounds for one in asked.ids})
    if plan.design == "random":
        found = ppi_mean(human, probability, confidence_level=plan.confidence_level)
    else:
        row_of = {one: row for row, one in enumerate(ids)}
        chance, drawn_in = np.ones(len(ids)), np.zeros(len(ids), dtype=np.int64)
        for number, asked in enumerate(plan.rounds):
            rows = [row_of[one] for one in asked.ids]
            chance[rows], drawn_in[rows] = asked.chances, number
        found = active_mean(human, probability, chance, drawn_in=drawn_in, confidence_level=plan.confidence_level)
    # Few labels and a model that says too much can take the sum below nothing; no share is.
    return ClassShare(float(said.mean()), replace(found, value=min(max(found.value, found.low), found.high)))


def _asked(ids: Sequence[str], answers: Mapping[str, float]) -> Floats:
    return np.array([answers.get(one, np.nan) for one in ids], dtype=np.float64)


def design_of(name: str | None) -> Design | None:
    """Read a design's name.  Raises: InvalidValue."""
    if name is None:
        return None
    if name not in ("random", "rounds"):
        raise InvalidValue(
            "--design", f"is random or rounds, got {name!r}", hint=did_you_mean(name, ["random", "rounds"])
        )
    return name
