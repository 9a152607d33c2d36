"""Which way of drawing tells most about a class's share: tried out before anybody is asked."""

from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import ArrayLike, NDArray

from labelwright.methods.estimation.active import active_mean, poisson_draw
from labelwright.methods.estimation.confidence_driven import confidence_driven_inclusion, round_sizes
from labelwright.methods.estimation.ppi import ppi_mean

Floats = NDArray[np.float64]
Design = Literal["random", "rounds"]

ENOUGH_FOR_ROUNDS = 60
WORTH_THE_ROUNDS = 1.2
"""Rounds take people's time to be sent out again: they have to be worth a fifth more than one random sample."""
_TRIALS = 400
_MOST_ITEMS = 4_000


@dataclass(frozen=True, slots=True)
class DesignWorth:
    """What one label is worth, in labels of people alone drawn at random, if the probabilities are right; by design."""

    random: float
    rounds: float


def draw_round(
    probability: ArrayLike, human: ArrayLike, n_labels: int, *, rng: np.random.Generator
) -> tuple[NDArray[np.bool_], Floats]:
    """Draw one round of confidence-driven inference: who is asked, and each item's chance; both (N,).

    probability: (N,) of the class.  human: (N,) in [0, 1] so far, nan = not asked.  n_labels: expected number.
    """
    f = np.asarray(probability, dtype=np.float64)
    chance = confidence_driven_inclusion(f, f, human, n_labels)
    return poisson_draw(chance, rng=rng), chance


def rehearse_designs(probability: ArrayLike, n_labels: int, *, rng: np.random.Generator) -> DesignWorth:
    """Rehearse both designs on labels made up from the probabilities: mean squared error against people's alone.

    probability: (N,) of the class.  A pool of more than 4,000 is rehearsed on as many of its items.
    400 trials: each figure is good to about a tenth, and to nothing where the probabilities are wrong.
    """
    f = np.asarray(probability, dtype=np.float64)
    if len(f) > _MOST_ITEMS:
        f = f[rng.permutation(len(f))[:_MOST_ITEMS]]
    n, squared, spread = min(n_labels, len(f)), np.zeros((_TRIALS, 2)), np.zeros(_TRIALS)
    for trial in range(_TRIALS):
        label = (rng.random(len(f)) < f).astype(np.float64)
        truth = float(label.mean())
        errors = (_at_random(label, f, n, rng) - truth, _in_rounds(label, f, n, rng) - truth)
        squared[trial], spread[trial] = np.square(np.nan_to_num(errors, nan=1.0)), truth * (1 - truth)
    plain = float(spread.mean()) * (1 / n - 1 / len(f))
    at_random, in_rounds = (plain / float(mean) if mean > 0 else 1.0 for mean in squared.mean(axis=0))
    return DesignWorth(at_random, in_rounds)


def recommended_design(worth: DesignWorth, n_labels: int) -> Design:
    """Rounds where they are worth a fifth more than a random sample, and there are labels enough for three of them.

    >>> recommended_design(DesignWorth(random=1.5, rounds=2.3), 200)
    'rounds'
    """
    is_better = worth.rounds >= WORTH_THE_ROUNDS * worth.random
    return "rounds" if n_labels >= ENOUGH_FOR_ROUNDS and is_better else "random"


def _at_random(label: Floats, f: Floats, n: int, rng: np.random.Generator) -> float:
    asked = np.full(len(f), np.nan)
    chosen = rng.permutation(len(f))[:n]
    asked[chosen] = label[chosen]
    return ppi_mean(asked, f).value


def _in_rounds(label: Floats, f: Floats, n: int, rng: np.random.Generator) -> float:
    asked, chance, drawn_in = np.full(len(f), np.nan), np.ones(len(f)), np.zeros(len(f), dtype=np.int64)
    for number, size in enumerate(round_sizes(n)):
        if size:
            drawn, inclusion = draw_round(f, asked, size, rng=rng)
            asked[drawn], chance[drawn], drawn_in[drawn] = label[drawn], inclusion[drawn], number
    return active_mean(asked, f, chance, drawn_in=drawn_in).value
