"""Can a small classifier tell the new from the old? If it can, on items it was not taught with, they differ."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from labelwright.errors import InvalidValue
from labelwright.methods.calibration.metrics import auroc
from labelwright.methods.multinomial import fit_multinomial, multinomial_scores

Floats = NDArray[np.float64]

CLASSIFIER_LIMIT = 0.55
_FEWEST = 4
_MOST_ROWS = 2_000
_N_SHUFFLES = 2_000
_INVERSE_PENALTY = 10.0


@dataclass(frozen=True, slots=True)
class Distinguished:
    """area: chance that a new item scores above an old one (0.5 = cannot be told apart), with its 95% interval.

    p_value: of "cannot be told apart": the share of shuffles of the held-out items that do as well.
    """

    area: float
    low: float
    high: float
    p_value: float
    n_taught: int
    n_held_out: int


def classifier_two_sample(
    before_ND: ArrayLike,
    after_MD: ArrayLike,
    *,
    rng: np.random.Generator,
    most_rows: int = _MOST_ROWS,
    n_shuffles: int = _N_SHUFFLES,
) -> Distinguished:
    """Teach a logistic regression on a random half of each side, and score the other halves.

    before_ND, after_MD: features, such as embeddings.  most_rows: of a longer side so many are drawn.
    Source: Lopez-Paz & Oquab (2017), ICLR, "Revisiting classifier two-sample tests"; interval of DeLong et al. (1988).
    Raises: InvalidValue, when a side has fewer than four items.
    """
    halves = [_halves(np.asarray(side, dtype=np.float64), rng, most_rows) for side in (before_ND, after_MD)]
    taught = np.concatenate([half[0] for half in halves])
    is_new = np.repeat([0, 1], [len(half[0]) for half in halves])
    centre: Floats = np.mean(taught, axis=0)
    spread = float(np.sqrt(np.sum((taught - centre) ** 2) / len(taught))) or 1.0
    weights = fit_multinomial(
        (taught - centre) / spread,
        is_new.astype(np.int64),
        n_classes=2,
        inverse_penalty=_INVERSE_PENALTY,
        offset_penalty=1e-6,
        tolerance=1e-4,
    )
    held_out = np.concatenate([half[1] for half in halves])
    is_new_out = np.repeat([False, True], [len(half[1]) for half in halves])
    scores = multinomial_scores(weights, (held_out - centre) / spread)
    score = scores[:, 1] - scores[:, 0]
    area = auroc(score, is_new_out)
    return Distinguished(
        area.value,
        area.low,
        area.high,
        _shuffled_p(score, is_new_out, rng, n_shuffles),
        len(taught),
        len(held_out),
    )


def _halves(side: Floats, rng: np.random.Generator, most_rows: int) -> tuple[Floats, Floats]:
    if len(side) < _FEWEST:
        raise InvalidValue("drift", f"one of the two sides has {len(side)} items", f"; {_FEWEST} are needed")
    order = rng.permutation(len(side))[:most_rows]
    middle = len(order) // 2
    return side[order[:middle]], side[order[middle:]]


def _shuffled_p(score: Floats, is_new: NDArray[np.bool_], rng: np.random.Generator, n_shuffles: int) -> float:
    """Give the share of shuffles whose rank sum is as large; ties count by their mean rank."""
    _, place, size = np.unique(score, return_inverse=True, return_counts=True)
    rank = (np.cumsum(size) - (size - 1) / 2)[place]
    observed = float(rank[is_new].sum())
    n_new, sums = int(is_new.sum()), np.empty(n_shuffles)
    for at in range(n_shuffles):
        sums[at] = rng.permutation(rank)[:n_new].sum()
    return (1 + int(np.count_nonzero(sums >= observed - 1e-9))) / (1 + n_shuffles)
