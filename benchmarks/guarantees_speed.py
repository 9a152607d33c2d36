"""How long a million scores take: to fit each calibration map, to apply it, and to certify by them."""

import time
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from labelwright.methods.calibration import (
    fit_best_by_size,
    fit_beta,
    fit_histogram,
    fit_isotonic,
    fit_platt,
    fit_temperature,
)
from labelwright.methods.calibration.calibrator import Fit
from labelwright.methods.routing import certify

T = TypeVar("T")

N_SCORES, N_LABELS = 1_000_000, 3_000
MOST_SECONDS = 1.0
"""For the map by size and the certificate together; what a map alone may take."""


@dataclass(frozen=True, slots=True)
class Timed:
    """Seconds of the processor, the best of three: of one map fitted to a million labels, or of a certificate.

    The certificate is over a million scores.
    """

    what: str
    fitted: float
    applied: float

    @property
    def total(self) -> float:
        """Both together."""
        return self.fitted + self.applied


def speed_rows(*, seed: int) -> list[Timed]:
    """Time every map, and the certificate."""
    rng = np.random.default_rng(seed)
    score: NDArray[np.float64] = rng.random(N_SCORES)
    right = rng.random(N_SCORES) < 1 - 0.2 * (1 - score)
    fits: dict[str, Fit] = {
        "temperature": fit_temperature,
        "Platt": fit_platt,
        "beta": fit_beta,
        "isotonic": fit_isotonic,
        "histogram": fit_histogram,
        "the default by size": partial(fit_best_by_size, rng=rng),
    }
    rows: list[Timed] = []
    for name, fit in fits.items():
        fitted, calibrator = _best(lambda of=fit: of(score, right))
        applied, _ = _best(lambda of=calibrator: of(score))
        rows.append(Timed(name, fitted, applied))
    sample = rng.permutation(N_SCORES)[:N_LABELS]
    seconds, _ = _best(lambda: certify(score, sample, ~right[sample], target_error=0.1))
    return [*rows, Timed(f"certificate, {N_LABELS:,} labels", seconds, 0.0)]


def is_fast(rows: list[Timed]) -> bool:
    """Whether each map, and the default with the certificate, take less than a second."""
    together = sum(row.total for row in rows[-2:])
    return together < MOST_SECONDS and all(row.total < MOST_SECONDS for row in rows)


def print_speed(rows: list[Timed]) -> None:
    """Print the third table."""
    print(f"\n{f'{N_SCORES:,} scores':<28}{'fit, s':>9}{'apply, s':>10}")
    for row in rows:
        print(f"{row.what:<28}{row.fitted:>9.3f}{row.applied:>10.3f}")


def _best(run: Callable[[], T], times: int = 3) -> tuple[float, T]:
    started = time.process_time()
    found = run()
    best = time.process_time() - started
    for _ in range(times - 1):
        started = time.process_time()
        run()
        best = min(best, time.process_time() - started)
    return best, found
