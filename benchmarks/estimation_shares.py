"""A share of a data set from few labels, in every way, with a good model and with a useless one."""

from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray
from scipy import special

from benchmarks.estimation_attainable import BAR, LEVEL, Attainable, attainable, scales_of
from labelwright.methods.estimation import (
    Estimate,
    active_mean,
    classical_mean,
    confidence_driven_inclusion,
    inclusion_probabilities,
    neyman_allocation,
    poisson_draw,
    ppi_mean,
    round_sizes,
    strata_of,
    stratified_draw,
    stratified_mean,
)

N_POOL = 5_000
SIZES = (50, 200, 1_000)
PREVALENCES = (0.02, 0.3)
UNTUNED = "PPI, λ = 1"
HUMAN = "people only"
SHARES_HEAD = (
    f"{'model':<9}{'share':>6}{'labels':>8}  {'method':<24}{'covers':>8}{'width':>8}{'worth':>7}  "
    "within ±2 se  attainable (nearest)"
)
Floats: TypeAlias = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Share:
    """Over repetitions.  worth: labels of people only that give the same mean squared error, per label asked.

    is_inside: the coverage is within two standard errors, at 1,000 repetitions, of what is stated.
    is_attainable: some width of this method's interval would be (`estimation_attainable`).  below, above: the nearest
    coverages that a width can have in one data set.
    """

    model: str
    prevalence: float
    n_labels: int
    method: str
    coverage: float
    width: float
    worth: float
    is_inside: bool
    is_attainable: bool
    below: float
    above: float


def intercept_for(prevalence: float, spread: float) -> float:
    """Find the intercept at which σ(intercept + spread·z), z standard normal, averages the prevalence."""
    z = special.ndtri((np.arange(4_000) + 0.5) / 4_000)
    low, high = -60.0, 60.0
    for _ in range(80):
        middle = (low + high) / 2
        low, high = (middle, high) if special.expit(middle + spread * z).mean() < prevalence else (low, middle)
    return low


def share_world(
    rng: np.random.Generator, intercept: float, *, is_useful: bool, n: int = N_POOL, spread: float = 4.0
) -> tuple[Floats, Floats]:
    """Draw labels, and the probabilities that a calibrated model gives; a useless one gives them to the wrong items."""
    probability = special.expit(intercept + spread * rng.standard_normal(n))
    label = (rng.random(n) < probability).astype(np.float64)
    return label, probability if is_useful else rng.permutation(probability)


def all_estimates(rng: np.random.Generator, label: Floats, probability: Floats, n: int) -> dict[str, Estimate]:
    """Estimate the share in every way; the first five from one sample."""
    said = (probability > 0.5).astype(np.float64)
    strata = strata_of(said.astype(np.int64), np.maximum(probability, 1 - probability), n_bands=5 if n >= 200 else 3)
    chosen = rng.permutation(len(label))[:n]
    asked = answers(label, chosen)
    size = np.bincount(strata)
    spread = np.sqrt(np.bincount(strata, weights=probability * (1 - probability)) / size)
    stratified = answers(label, stratified_draw(strata, neyman_allocation(size, spread, n, mix=0.5), rng=rng))
    chance = inclusion_probabilities(np.sqrt(probability * (1 - probability)), n)
    active = answers(label, np.flatnonzero(poisson_draw(chance, rng=rng)))
    return {
        HUMAN: classical_mean(asked),
        UNTUNED: ppi_mean(asked, said, tuning=1.0),
        "PPI++, labels": ppi_mean(asked, said),
        "PPI++, probabilities": ppi_mean(asked, probability),
        "strata after the fact": stratified_mean(asked, strata, after_the_fact=True),
        "stratified, Neyman": stratified_mean(stratified, strata),
        "active": active_mean(active, probability, chance),
        "confidence-driven": confidence_driven(rng, label, probability, n),
    }


def confidence_driven(rng: np.random.Generator, label: Floats, probability: Floats, n: int) -> Estimate:
    """Ask in rounds, each led by what the earlier ones showed."""
    asked, chance = np.full(len(label), np.nan), np.ones(len(label))
    drawn_in = np.zeros(len(label), dtype=np.int64)
    for number, n_round in enumerate(round_sizes(n)):
        inclusion = confidence_driven_inclusion(probability, probability, asked, n_round)
        drawn = poisson_draw(inclusion, rng=rng)
        asked[drawn], chance[drawn], drawn_in[drawn] = label[drawn], inclusion[drawn], number
    return active_mean(asked, probability, chance, drawn_in=drawn_in)


def shares(*, repetitions: int, seed: int, processes: int = 1) -> list[Share]:
    """Every model, prevalence and number of labels."""
    cells = [(prevalence, n, repetitions, seed) for prevalence in PREVALENCES for n in SIZES]
    if processes == 1:
        parts = [_shares_of(*cell) for cell in cells]
    else:
        with ProcessPoolExecutor(processes) as pool:
            parts = list(pool.map(_shares_of, *zip(*cells, strict=True)))
    return sorted((row for part in parts for row in part), key=lambda row: row.model)


def _shares_of(prevalence: float, n: int, repetitions: int, seed: int) -> list[Share]:
    """Both models, one prevalence and number of labels."""
    intercept = intercept_for(prevalence, 4.0)
    scales = scales_of(
        lambda rng, is_useful: share_world(rng, intercept, is_useful=is_useful),
        lambda rng, world: all_estimates(rng, *world, n),
        prevalence=prevalence,
    )
    rows: list[Share] = []
    for is_useful in (True, False):
        rng = np.random.default_rng(seed)
        found: dict[str, list[tuple[float, float, float]]] = {}
        for _ in range(repetitions):
            label, probability = share_world(rng, intercept, is_useful=is_useful)
            truth = float(label.mean())
            for method, one in all_estimates(rng, label, probability, n).items():
                is_right = one.low <= truth <= one.high
                found.setdefault(method, []).append((is_right, one.high - one.low, (one.value - truth) ** 2))
        for method, values in found.items():
            cell = ("good" if is_useful else "useless", prevalence, n, method)
            rows.append(_share_row(cell, values, attainable(*(scales[model][method] for model in _pair(is_useful)))))
    return rows


def _pair(is_useful: bool) -> tuple[bool, bool]:  # noqa: FBT001
    return is_useful, not is_useful


def _share_row(cell: tuple[str, float, int, str], values: list[tuple[float, float, float]], best: Attainable) -> Share:
    _, prevalence, n, _ = cell
    coverage, width, squared_error = (float(x) for x in np.mean(values, axis=0))
    spread = prevalence * (1 - prevalence)
    worth = spread / (squared_error + spread / N_POOL) / n
    is_inside = abs(coverage - LEVEL) <= BAR
    return Share(*cell, coverage, width, worth, is_inside, best.is_attainable, best.below, best.above)


def answers(label: Floats, chosen: NDArray[np.int64]) -> Floats:
    """Give the labels of the chosen items; nan elsewhere."""
    asked = np.full(len(label), np.nan)
    asked[chosen] = label[chosen]
    return asked


def share_line(row: Share) -> str:
    """Write a row of the table."""
    figures = f"{row.coverage:>8.3f}{row.width:>8.4f}{row.worth:>7.2f}"
    figures += f"  {'yes' if row.is_inside else 'NO':<12}  {'yes' if row.is_attainable else 'no'}"
    figures += "" if row.is_attainable else f" ({row.below:.3f}, {row.above:.3f})"
    return f"{row.model:<9}{row.prevalence:>6.2f}{row.n_labels:>8}  {row.method:<24}{figures}"


def summarise(found: list[Share]) -> None:
    """Print how many coverages are within the bar, and which of the others could be."""
    used = [row for row in found if row.method != UNTUNED]
    low, high = (sum(not row.is_inside and sign * row.coverage > sign * LEVEL for row in used) for sign in (-1, 1))
    missed = [row for row in used if not row.is_inside and row.is_attainable]
    print(f"{len(used)} coverages: {len(used) - low - high} within ±{BAR:.4f} of {LEVEL}, {low} lower, {high} higher;")
    print(
        f"{sum(not row.is_attainable for row in used)} cannot be within by any width; {len(missed)} could, and are not:"
    )
    for row in missed:
        print("  ", share_line(row))
