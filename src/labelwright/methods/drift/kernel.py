"""Two clouds of points, compared pair by pair: maximum mean discrepancy and energy distance, with shuffled p-values."""

from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import ArrayLike, NDArray

from labelwright.errors import InvalidValue

Floats = NDArray[np.float64]

Kernel = Literal["rbf", "linear"]
_N_SHUFFLES = 500
_MOST_POINTS = 1_000


@dataclass(frozen=True, slots=True)
class KernelTest:
    """value: the squared discrepancy; it may be a little below 0.  limit: what 5% of shuffles exceed.

    n_before, n_after: points compared, after a random choice where there were more.
    """

    value: float
    p_value: float
    limit: float
    n_before: int
    n_after: int


def mean_discrepancy(
    before_ND: ArrayLike,
    after_MD: ArrayLike,
    *,
    rng: np.random.Generator,
    kernel: Kernel = "rbf",
    most_points: int = _MOST_POINTS,
    n_shuffles: int = _N_SHUFFLES,
) -> KernelTest:
    """Squared maximum mean discrepancy, unbiased, and how often a shuffle of the points has as much.

    kernel: `rbf` with the median distance for its width; `linear` compares the two means alone.
    most_points: of a longer side so many are drawn.
    Source: Gretton et al. (2012), JMLR 13, equation 3, and section 8 for the width.
    Raises: InvalidValue, when a side has fewer than two points.
    """
    points, n = _pooled(before_ND, after_MD, rng, most_points)
    gram = points @ points.T
    if kernel == "rbf":
        square = _square_distances(gram)
        apart = square[np.triu_indices(len(square), 1)]
        width = float(np.median(apart))
        gram = np.exp(-square / (2 * (width if width > 0 else 1.0)))

    def statistic(within_before: Floats, within_after: Floats, between: Floats) -> Floats:
        m = len(points) - n
        return within_before / (n * (n - 1)) + within_after / (m * (m - 1)) - 2 * between / (n * m)

    np.fill_diagonal(gram, 0.0)
    values = statistic(*_sums(gram, n, rng, n_shuffles))
    return _test(values, n, len(points))


def energy_distance(
    before_ND: ArrayLike,
    after_MD: ArrayLike,
    *,
    rng: np.random.Generator,
    most_points: int = _MOST_POINTS,
    n_shuffles: int = _N_SHUFFLES,
) -> KernelTest:
    """Energy distance 2E|X-Y| - E|X-X'| - E|Y-Y'| ≥ 0, and how often a shuffle of the points has as much.

    Source: Székely & Rizzo (2013), Journal of Statistical Planning and Inference 143(8).
    Raises: InvalidValue, when a side has fewer than two points.
    """
    points, n = _pooled(before_ND, after_MD, rng, most_points)
    distance = np.sqrt(_square_distances(points @ points.T))
    m = len(points) - n
    within_before, within_after, between = _sums(distance, n, rng, n_shuffles)
    values = 2 * between / (n * m) - within_before / n**2 - within_after / m**2
    return _test(values, n, len(points))


def _pooled(
    before_ND: ArrayLike, after_MD: ArrayLike, rng: np.random.Generator, most_points: int
) -> tuple[Floats, int]:
    sides = [np.asarray(side, dtype=np.float64) for side in (before_ND, after_MD)]
    sides = [side[:, None] if side.ndim == 1 else side for side in sides]
    if any(len(side) < 2 for side in sides):
        raise InvalidValue("drift", "one of the two sides has fewer than two items", "; there is nothing to compare")
    kept = [
        side if len(side) <= most_points else side[np.sort(rng.choice(len(side), most_points, replace=False))]
        for side in sides
    ]
    return np.concatenate(kept), len(kept[0])


def _square_distances(gram: Floats) -> Floats:
    size = np.diagonal(gram)
    square = np.maximum(size[:, None] + size[None, :] - 2 * gram, 0.0)
    np.fill_diagonal(square, 0.0)
    return square


def _sums(pairs: Floats, n: int, rng: np.random.Generator, n_shuffles: int) -> tuple[Floats, Floats, Floats]:
    """Sum a table of pairs within either side and between them; first as it is, then for every shuffle."""
    total = len(pairs)
    is_before = np.zeros((total, n_shuffles + 1))
    is_before[:n, 0] = 1.0
    is_before[:, 1:] = rng.permuted(np.repeat(is_before[:, :1], n_shuffles, axis=1), axis=0)
    row_sums = pairs @ is_before
    within_before = np.einsum("ts,ts->s", is_before, row_sums)
    between = row_sums.sum(axis=0) - within_before
    within_after = pairs.sum() - within_before - 2 * between
    return within_before, within_after, between


def _test(values: Floats, n: int, total: int) -> KernelTest:
    observed, shuffled = float(values[0]), values[1:]
    at_least = int(np.count_nonzero(shuffled >= observed - 1e-12 * max(1.0, abs(observed))))
    limit = float(np.quantile(shuffled, 0.95))
    return KernelTest(observed, (1 + at_least) / (1 + len(shuffled)), limit, n, total - n)
