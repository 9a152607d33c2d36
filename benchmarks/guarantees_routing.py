"""How often each alternative to the method in use breaks its promise: losses of 0 and 1, graded ones, by group.

The second table of `guarantees.py`: the same three worlds, borderline on purpose (the pool's mean loss is .125, the
target .1).  What is promised with high confidence is judged by the share of draws that break it; what is promised on
average, by the average.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Literal, Protocol, TypeAlias

import numpy as np
from numpy.typing import NDArray

from labelwright.methods.routing import (
    certify_by_group,
    certify_loss,
    conformal_risk_control,
    prediction_sets,
    selective_guaranteed_risk,
)

Floats: TypeAlias = NDArray[np.float64]
Ints: TypeAlias = NDArray[np.int64]
Bools: TypeAlias = NDArray[np.bool_]
Promise: TypeAlias = Literal["high confidence", "on average", "none"]
N_POOL, N_CALIBRATION, TARGET, DELTA = 1_500, 300, 0.1, 0.05


@dataclass(frozen=True, slots=True)
class Pool:
    """One draw: everything is known.  group: three classes of shares .5, .4, .1, each as hard as the whole."""

    score: Floats
    loss: Floats
    group: Ints
    calibrated: Ints
    rng: np.random.Generator


@dataclass(frozen=True, slots=True)
class RoutingRow:
    """Shares over repetitions. broken: the accepted, or those of one group, lose more than the target on average.

    lost: by acceptance, per item outside the sample; se: of its mean over repetitions.
    """

    world: str
    loss: str
    method: str
    promise: Promise
    accepted_any: float
    broken: float
    coverage: float
    lost: float
    se: float


Chooser: TypeAlias = Callable[[Pool], list[Bools]]
"""What is accepted, in parts that are judged one by one."""


def looks_good(pool: Pool) -> list[Bools]:
    """Accept down to the lowest score at which the sample's mean loss is within the target: must break."""
    order = pool.calibrated[np.argsort(-pool.score[pool.calibrated], kind="stable")]
    mean = np.cumsum(pool.loss[order]) / np.arange(1, len(order) + 1)
    # A tie group is taken whole: judge where the next score differs.
    is_end = np.append(np.diff(pool.score[order]) != 0, True)
    fits = np.flatnonzero((mean <= TARGET) & is_end)
    accepted = pool.score >= pool.score[order[fits[-1]]] if fits.size else np.zeros(len(pool.score), dtype=np.bool_)
    accepted[pool.calibrated] = False
    return [accepted]


def _sequence(test: Literal["exact", "hoeffding-bentkus", "betting"], *, open_pool: bool = False) -> Chooser:
    def choose(pool: Pool) -> list[Bools]:
        loss = pool.loss[pool.calibrated]
        found = certify_loss(
            pool.score,
            pool.calibrated,
            loss,
            target_loss=TARGET,
            delta=DELTA,
            test=test,
            rng=pool.rng,
            open_pool=open_pool,
        )
        return [found.accepted]

    return choose


def _sgr(pool: Pool) -> list[Bools]:
    wrong = pool.loss[pool.calibrated] > 0
    return [selective_guaranteed_risk(pool.score, pool.calibrated, wrong, target_error=TARGET, delta=DELTA).accepted]


def _by_group(pool: Pool) -> list[Bools]:
    loss = pool.loss[pool.calibrated]
    found = certify_by_group(pool.score, pool.calibrated, loss, pool.group, target_loss=TARGET, delta=DELTA)
    return [cell.outcome.accepted for cell in found.cells]


def _average(pool: Pool) -> list[Bools]:
    # What it limits is the loss per item of the pool, so it is asked for half the target.
    loss = pool.loss[pool.calibrated]
    return [conformal_risk_control(pool.score, pool.calibrated, loss, target_loss=TARGET / 2).accepted]


def _sets(pool: Pool) -> list[Bools]:
    # Two options; the first is the prediction, the score its probability.
    low, high = float(pool.score.min()), float(pool.score.max())
    p = 0.4 + 0.6 * (pool.score - low) / max(high - low, 1e-9)
    truth = (pool.loss[pool.calibrated] > 0).astype(np.int64)
    found = prediction_sets(np.column_stack([p, 1 - p]), pool.calibrated, truth, target_error=TARGET / 2)
    return [found.outcome.accepted & (found.label == 0)]


METHODS: dict[str, dict[str, tuple[Promise, Chooser]]] = {
    "0/1": {
        "exact tests (in use)": ("high confidence", _sequence("exact")),
        "SGR": ("high confidence", _sgr),
        "betting": ("high confidence", _sequence("betting")),
        "betting, open pool": ("high confidence", _sequence("betting", open_pool=True)),
        "Hoeffding-Bentkus": ("high confidence", _sequence("hoeffding-bentkus")),
        "exact, three groups": ("high confidence", _by_group),
        "conformal risk, .05": ("on average", _average),
        "prediction sets, .05": ("on average", _sets),
        "looks good": ("none", looks_good),
    },
    "graded": {
        "betting": ("high confidence", _sequence("betting")),
        "Hoeffding-Bentkus": ("high confidence", _sequence("hoeffding-bentkus")),
        "conformal risk, .05": ("on average", _average),
        "looks good": ("none", looks_good),
    },
}


class Draw(Protocol):
    """Draw a pool of n: scores, and which are wrong; the error rises to `worst` at the lowest scores."""

    def __call__(self, rng: np.random.Generator, *, n: int, worst: float) -> tuple[Floats, Bools]: ...


def routing_rows(worlds: Mapping[str, Draw], *, repetitions: int, seed: int) -> list[RoutingRow]:
    """Measure every method in every world."""
    return [
        row
        for name, draw in worlds.items()
        for loss in METHODS
        for row in measure_routing(name, draw, loss, repetitions=repetitions, seed=seed)
    ]


def measure_routing(
    name: str,
    draw: Draw,
    loss_name: str,
    *,
    repetitions: int,
    seed: int,
) -> list[RoutingRow]:
    """Try every method on the same draws."""
    rng = np.random.default_rng(seed)
    outcomes: dict[str, list[tuple[bool, bool, float, float]]] = {method: [] for method in METHODS[loss_name]}
    for _ in range(repetitions):
        score, wrong = draw(rng, n=N_POOL, worst=0.25 if loss_name == "0/1" else 0.375)
        loss = wrong.astype(np.float64)
        if loss_name == "graded":
            loss = loss * np.sqrt(rng.random(len(loss)))  # 2/3 on average
        group = rng.choice(3, len(score), p=[0.5, 0.4, 0.1])
        pool = Pool(score, loss, group, rng.permutation(len(score))[:N_CALIBRATION], rng)
        for method, (_, choose) in METHODS[loss_name].items():
            parts = [part for part in choose(pool) if part.any()]
            n_accepted = sum(int(part.sum()) for part in parts)
            is_broken = any(loss[part].mean() > TARGET + 1e-9 for part in parts)
            n_others = len(score) - N_CALIBRATION
            lost = sum(float(loss[part].sum()) for part in parts) / n_others
            outcomes[method].append((bool(parts), is_broken, n_accepted / n_others, lost))
    rows: list[RoutingRow] = []
    for method, found in outcomes.items():
        accepted_any, broken, coverage, lost = (float(x) for x in np.mean(found, axis=0))
        se = float(np.std([one[3] for one in found])) / repetitions**0.5
        promise = METHODS[loss_name][method][0]
        rows.append(RoutingRow(name, loss_name, method, promise, accepted_any, broken, coverage, lost, se))
    return rows


def keeps_its_promise(row: RoutingRow, noise_limit: float) -> bool:
    """Judge a row by what it promises; the one without must break often where scores are smooth, or it is too easy."""
    if row.promise == "high confidence":
        return row.broken <= noise_limit
    if row.promise == "on average":
        return row.lost <= TARGET / 2 + 3 * row.se
    return row.world != "smooth" or row.broken > 0.35


def print_routing(rows: list[RoutingRow]) -> None:
    """Print the second table."""
    print(f"\n{'world':<22}{'loss':<8}{'method':<24}{'accepts':>9}{'broken':>9}{'coverage':>10}{'lost':>8}")
    for row in rows:
        print(
            f"{row.world:<22}{row.loss:<8}{row.method:<24}{row.accepted_any:>9.3f}{row.broken:>9.3f}"
            f"{row.coverage:>10.3f}{row.lost:>8.4f}"
        )
