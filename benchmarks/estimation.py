"""Whether figures about a whole data set from few labels hold, and audits that are looked at all the time.

Worlds are drawn, so the truth is known.  Tables: how often an interval of an audit looked at every ten items is
ever wrong; how often intervals for a share are right, and how many plain labels each way of estimating is worth, with a
good model and with a useless one; the same for two parts drawn at different rates; what a regression on model labels
says, mended and not; what is recalled when an audit turns bad.

    python benchmarks/estimation.py [--repetitions 1000] [--seed 1]
"""

import argparse
import json
import sys
import time
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TypeAlias, TypeVar

import numpy as np
from numpy.typing import NDArray
from scipy import special

from labelwright.methods.auditing import (
    beta_mixture_interval,
    betting_sequence,
    error_rate_test,
    pool_mixture_interval,
    slices_to_recall,
)
from labelwright.methods.estimation import (
    Estimate,
    Interval,
    active_mean,
    classical_mean,
    clopper_pearson_interval,
    confidence_driven_inclusion,
    inclusion_probabilities,
    neyman_allocation,
    poisson_draw,
    ppi_mean,
    pseudo_outcomes,
    pseudo_regression,
    round_sizes,
    strata_of,
    stratified_draw,
    stratified_mean,
)

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from benchmarks.estimation_attainable import BAR, LEVEL, Attainable, attainable, scales_of  # noqa: E402

N_POOL = 5_000
SIZES = (50, 200, 1_000)
PREVALENCES = (0.02, 0.3)
UNTUNED = "PPI, λ = 1"
HUMAN = "people only"
RECALL_CASES = ((0.04, 600), (0.3, 300), (0.3, 600), (0.3, 1_200), (0.6, 600))

Floats: TypeAlias = NDArray[np.float64]
Row = TypeVar("Row")


# ---------------------------------------------------------------- looking all the time


@dataclass(frozen=True, slots=True)
class Peeking:
    """Share of audits of which some look was wrong, and the mean width at the last look (nan for tests)."""

    method: str
    error: float
    ever_wrong: float
    last_width: float


def peeking(*, error: float, repetitions: int, seed: int, n_audit: int = 2_000, n_pool: int = 4_000) -> list[Peeking]:
    """Look every ten items.  Betting intervals are tried on a grid that holds the truth, which is as strict."""
    rng = np.random.default_rng(seed)
    looks = np.arange(10, n_audit + 1, 10)
    pool = np.arange(n_pool) < round(error * n_pool)
    just_above, just_below = error, error - 1 / n_pool  # both claims are false, by as little as can be
    wrong: dict[str, list[bool]] = {}
    width: dict[str, list[float]] = {}

    def note(method: str, *, is_wrong: bool, last: float = float("nan")) -> None:
        wrong.setdefault(method, []).append(is_wrong)
        width.setdefault(method, []).append(last)

    def note_interval(method: str, found: Interval, *, strict: bool = False) -> None:
        out = (found.low >= error) | (found.high <= error) if strict else (found.low > error) | (found.high < error)
        note(method, is_wrong=bool(np.any(out)), last=float("nan") if strict else float(found.high[-1] - found.low[-1]))

    for _ in range(repetitions):
        independent, drawn = rng.random(n_audit) < error, rng.permutation(pool)[:n_audit]
        count, drawn_count = np.cumsum(independent)[looks - 1], np.cumsum(drawn)[looks - 1]
        note_interval("Clopper-Pearson at every look", clopper_pearson_interval(count, looks))
        note_interval("beta mixture", beta_mixture_interval(count, looks))
        note_interval("beta mixture, finite pool", pool_mixture_interval(drawn_count, looks, n_pool=n_pool))
        note_interval("betting", betting_sequence(independent, looks=[n_audit], n_grid=20), strict=True)
        finite = betting_sequence(drawn, looks=[n_audit], n_grid=20, n_pool=n_pool)
        note_interval("betting, finite pool", finite, strict=True)
        within = error_rate_test(independent, target_error=just_above, claim="within")
        note("test of 'within the target'", is_wrong=within.is_settled)
        finite_within = error_rate_test(drawn, target_error=just_below, claim="within", n_pool=n_pool)
        note("test of 'within', finite pool", is_wrong=finite_within.is_settled)
        above = error_rate_test(drawn, target_error=just_above, claim="above", n_pool=n_pool)
        note("alarm 'above', finite pool", is_wrong=above.is_settled)
    return [Peeking(name, error, float(np.mean(found)), float(np.mean(width[name]))) for name, found in wrong.items()]


# ---------------------------------------------------------------- a share, from few labels


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
    asked = _answers(label, chosen)
    size = np.bincount(strata)
    spread = np.sqrt(np.bincount(strata, weights=probability * (1 - probability)) / size)
    stratified = _answers(label, stratified_draw(strata, neyman_allocation(size, spread, n, mix=0.5), rng=rng))
    chance = inclusion_probabilities(np.sqrt(probability * (1 - probability)), n)
    active = _answers(label, np.flatnonzero(poisson_draw(chance, rng=rng)))
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


def _answers(label: Floats, chosen: NDArray[np.int64]) -> Floats:
    asked = np.full(len(label), np.nan)
    asked[chosen] = label[chosen]
    return asked


# ---------------------------------------------------------------- parts drawn at different rates


@dataclass(frozen=True, slots=True)
class Rates:
    """A large part with few errors and a small one with many, each with a sample of its own, as a data-set card has."""

    n_items: tuple[int, int]
    error: tuple[float, float]
    n_drawn: tuple[int, int]
    coverage: float
    width: float


RATES = (
    ((900, 300), (0.03, 0.4), (30, 120)),
    ((900, 120), (0.05, 0.3), (30, 119)),
    ((900, 300), (0.1, 0.4), (30, 120)),
    ((1_500, 500), (0.02, 0.3), (60, 60)),
    ((4_000, 1_000), (0.01, 0.04), (400, 600)),
)


def rates(
    n_items: tuple[int, int], error: tuple[float, float], n_drawn: tuple[int, int], *, repetitions: int, seed: int
) -> Rates:
    """Estimate how many are right of both parts together."""
    rng, stratum = np.random.default_rng(seed), np.repeat([0, 1], n_items)
    found: list[tuple[bool, float]] = []
    for _ in range(repetitions):
        right = (rng.random(len(stratum)) >= np.array(error)[stratum]).astype(np.float64)
        chosen = stratified_draw(stratum, n_drawn, rng=rng)
        one = stratified_mean(_answers(right, chosen), stratum)
        found.append((one.low <= right.mean() <= one.high, one.high - one.low))
    coverage, width = (float(x) for x in np.mean(found, axis=0))
    return Rates(n_items, error, n_drawn, coverage, width)


# ---------------------------------------------------------------- a regression on model labels


@dataclass(frozen=True, slots=True)
class Slope:
    """The slope of a logistic regression.  bias in units of the slope, 1."""

    method: str
    coverage: float
    bias: float
    standard_error: float


def slopes(*, repetitions: int, seed: int, n: int = 2_000, n_labels: int = 400) -> list[Slope]:
    """Regress on x a label that the model gets right in 85%, and more often in one direction where x is high."""
    rng = np.random.default_rng(seed)
    found: dict[str, list[tuple[bool, float, float]]] = {}
    for _ in range(repetitions):
        x = rng.standard_normal(n)
        label = (rng.random(n) < special.expit(-0.5 + x)).astype(np.float64)
        flips = np.where(label == 1, 0.25 * special.expit(2 * x) * 2, 0.1)
        said = np.where(rng.random(n) < flips, 1 - label, label)
        columns = np.column_stack([np.ones(n), x])
        asked = _answers(label, rng.permutation(n)[:n_labels])
        known = ~np.isnan(asked)
        mended = pseudo_outcomes(asked, np.column_stack([said, x, said * x]), n_labels / n, rng=rng)
        fits = {
            "model's labels as they are": pseudo_regression(said, columns, link="logistic"),
            HUMAN: pseudo_regression(asked[known], columns[known], link="logistic"),
            "pseudo-outcomes": pseudo_regression(mended.outcome, columns, link="logistic", n_labelled=n_labels),
        }
        for method, fit in fits.items():
            is_right = bool(fit.low[1] <= 1.0 <= fit.high[1])
            found.setdefault(method, []).append(
                (is_right, float(fit.coefficients[1]) - 1, float(fit.standard_errors[1]))
            )
    return [Slope(method, *(float(x) for x in np.mean(values, axis=0))) for method, values in found.items()]


# ---------------------------------------------------------------- recall


@dataclass(frozen=True, slots=True)
class Recalled:
    """One of ten slices is wrong in `bad_error`, the others in 4%; the target is 8%."""

    bad_error: float
    n_audit: int
    found: float
    wrongly_recalled: float
    error_before: float
    error_after: float


def recalls(bad_error: float, n_audit: int, *, repetitions: int, seed: int, n: int = 10_000) -> Recalled:
    """Audit, recall what speaks against the target, and look at what stays accepted."""
    rng = np.random.default_rng(seed)
    outcomes: list[tuple[float, float, float, float]] = []
    for _ in range(repetitions):
        part = rng.integers(0, 10, n)
        wrong = rng.random(n) < np.where(part == 0, bad_error, 0.04)
        audited = rng.permutation(n)[:n_audit]
        recall = slices_to_recall({"part": part}, audited, wrong[audited], target_error=0.08)
        named = {one.value for one in recall.slices}
        left = ~recall.items
        left[audited] = False
        after = float(wrong[left].mean()) if left.any() else 0.0
        is_found = recall.is_everything or 0 in named
        outcomes.append((is_found, recall.is_everything or bool(named - {0}), float(wrong.mean()), after))
    return Recalled(bad_error, n_audit, *(float(x) for x in np.mean(outcomes, axis=0)))


# ---------------------------------------------------------------- the tables


def noise(repetitions: int) -> float:
    """Give the standard error of a share of .95 over the repetitions."""
    return (LEVEL * (1 - LEVEL) / repetitions) ** 0.5


def broken_promises(
    looked: list[Peeking], found: list[Share], apart: list[Rates], fitted: list[Slope], repetitions: int
) -> list[str]:
    """Name what does not hold.

    Of a hundred coverages about two lie two standard errors too low by chance, so three are allowed to each.
    """
    limit, lowest = 1 - LEVEL + 2 * noise(repetitions), LEVEL - 3 * noise(repetitions)
    bad = [
        f"{row.method}: ever wrong {row.ever_wrong}"
        for row in looked
        if "Clopper" not in row.method and row.ever_wrong > limit
    ]
    bad += [f"{row}" for row in (*found, *apart) if row.coverage < lowest]
    at_200 = [row for row in found if (row.prevalence, row.n_labels) == (0.3, 200)]
    good = {row.method: row.worth for row in at_200 if row.model == "good"}
    bad += [
        f"{name}: worth {good[name]:.2f}" for name in ("PPI++, probabilities", "confidence-driven") if good[name] < 2
    ]
    useless = [row for row in found if row.model == "useless" and row.method.startswith(("PPI++", "confidence"))]
    bad += [f"{row}" for row in useless if row.worth < 0.8]
    mended = next(row for row in fitted if row.method == "pseudo-outcomes")
    return bad + ([f"{mended}"] if mended.coverage < lowest else [])


_SHARES_HEAD = (
    f"{'model':<9}{'share':>6}{'labels':>8}  {'method':<24}{'covers':>8}{'width':>8}{'worth':>7}  "
    "within ±2 se  attainable (nearest)"
)


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
        print("  ", _share_line(row))


def again(path: Path, repetitions: int, seed: int, processes: int) -> None:
    """Measure the shares alone and write them beside the tables that the results have already."""
    kept = json.loads(path.read_text(encoding="utf-8"))
    found = shares(repetitions=repetitions, seed=seed, processes=processes)
    _print(_SHARES_HEAD, found, _share_line)
    summarise(found)
    rows = [_rounded(asdict(row)) for row in found]
    path.write_text(
        json.dumps({**kept, "share_repetitions": repetitions, "shares": rows}, indent=1) + "\n", encoding="utf-8"
    )


def main() -> None:
    """Measure, print, write the results; exit 1 when a promise is broken."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n", maxsplit=1)[0])
    parser.add_argument("--repetitions", type=int, default=1_000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--out", type=Path, default=ROOT / "benchmarks" / "results" / "estimation.json")
    parser.add_argument("--processes", type=int, default=1)
    parser.add_argument("--only-shares", action="store_true", help="keep the other tables as the results have them")
    options = parser.parse_args()
    if options.only_shares:
        again(options.out, options.repetitions, options.seed, options.processes)
        return
    started, cpu_started = time.perf_counter(), time.process_time()
    repetitions, seed = options.repetitions, options.seed
    looked = peeking(error=0.1, repetitions=repetitions, seed=seed)
    found = shares(repetitions=repetitions, seed=seed, processes=options.processes)
    apart = [rates(*world, repetitions=repetitions, seed=seed) for world in RATES]
    fitted = slopes(repetitions=repetitions, seed=seed)
    taken_back = [recalls(error, n, repetitions=max(repetitions // 5, 1), seed=seed) for error, n in RECALL_CASES]
    _print(f"{'looked at every ten items':<34}{'ever wrong':>12}{'last width':>12}", looked, _peeking_line)
    _print(
        _SHARES_HEAD,
        found,
        _share_line,
    )
    _print(f"{'two parts, drawn at two rates':<58}{'covers':>8}{'width':>8}", apart, _rates_line)
    _print(f"{'slope of a regression':<34}{'covers':>8}{'bias':>8}{'se':>8}", fitted, _slope_line)
    _print(
        f"{'recall: slice wrong in':<24}{'audits':>8}{'found':>8}{'others':>8}{'before':>8}{'after':>8}",
        taken_back,
        _recall_line,
    )
    seconds, cpu_seconds = time.perf_counter() - started, time.process_time() - cpu_started
    bad = broken_promises(looked, found, apart, fitted, repetitions)
    print(f"{repetitions:,} repetitions, {seconds:.0f} s ({cpu_seconds:.0f} s of one processor)")
    summarise(found)
    result = {
        "repetitions": repetitions,
        "seed": seed,
        "standard_error_of_coverage": round(noise(repetitions), 5),
        "seconds": round(seconds, 1),
        "processor_seconds": round(cpu_seconds, 1),
    }
    tables = {"peeking": looked, "shares": found, "rates": apart, "slopes": fitted, "recalls": taken_back}
    rows = {name: [_rounded(asdict(row)) for row in table] for name, table in tables.items()}
    options.out.parent.mkdir(parents=True, exist_ok=True)
    options.out.write_text(json.dumps({**result, **rows}, indent=1) + "\n", encoding="utf-8")
    for line in bad:
        print("does not hold:", line)
    if bad:
        raise SystemExit(1)


def _rounded(row: dict[str, object]) -> dict[str, object]:
    return {
        name: (None if np.isnan(value) else round(value, 5)) if isinstance(value, float) else value
        for name, value in row.items()
    }


def _print(head: str, rows: list[Row], line: Callable[[Row], str]) -> None:
    print(head)
    for row in rows:
        print(line(row))
    print()


def _peeking_line(row: Peeking) -> str:
    return f"{row.method:<34}{row.ever_wrong:>12.3f}{row.last_width:>12.4f}"


def _share_line(row: Share) -> str:
    figures = f"{row.coverage:>8.3f}{row.width:>8.4f}{row.worth:>7.2f}"
    figures += f"  {'yes' if row.is_inside else 'NO':<12}  {'yes' if row.is_attainable else 'no'}"
    figures += "" if row.is_attainable else f" ({row.below:.3f}, {row.above:.3f})"
    return f"{row.model:<9}{row.prevalence:>6.2f}{row.n_labels:>8}  {row.method:<24}{figures}"


def _rates_line(row: Rates) -> str:
    parts = " and ".join(
        f"{drawn} of {n:,}, {100 * error:.0f}% wrong"
        for drawn, n, error in zip(row.n_drawn, row.n_items, row.error, strict=True)
    )
    return f"{parts:<58}{row.coverage:>8.3f}{row.width:>8.4f}"


def _slope_line(row: Slope) -> str:
    return f"{row.method:<34}{row.coverage:>8.3f}{row.bias:>8.3f}{row.standard_error:>8.3f}"


def _recall_line(row: Recalled) -> str:
    figures = f"{row.found:>8.2f}{row.wrongly_recalled:>8.2f}{row.error_before:>8.3f}{row.error_after:>8.3f}"
    return f"{row.bad_error:<24.2f}{row.n_audit:>8}{figures}"


if __name__ == "__main__":
    main()
