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
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TypeVar

import numpy as np
from scipy import special

from labelwright.methods.estimation import pseudo_outcomes, pseudo_regression, stratified_draw, stratified_mean

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from benchmarks.estimation_attainable import LEVEL  # noqa: E402
from benchmarks.estimation_audits import RECALL_CASES, Peeking, peeking, peeking_line, recall_line, recalls  # noqa: E402
from benchmarks.estimation_shares import HUMAN, SHARES_HEAD, Share, answers, share_line, shares, summarise  # noqa: E402

Row = TypeVar("Row")


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
        one = stratified_mean(answers(right, chosen), stratum)
        found.append((one.low <= right.mean() <= one.high, one.high - one.low))
    coverage, width = (float(x) for x in np.mean(found, axis=0))
    return Rates(n_items, error, n_drawn, coverage, width)


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
        asked = answers(label, rng.permutation(n)[:n_labels])
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


def again(path: Path, repetitions: int, seed: int, processes: int) -> None:
    """Measure the shares alone and write them beside the tables that the results have already."""
    kept = json.loads(path.read_text(encoding="utf-8"))
    found = shares(repetitions=repetitions, seed=seed, processes=processes)
    _print(SHARES_HEAD, found, share_line)
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
    _print(f"{'looked at every ten items':<34}{'ever wrong':>12}{'last width':>12}", looked, peeking_line)
    _print(
        SHARES_HEAD,
        found,
        share_line,
    )
    _print(f"{'two parts, drawn at two rates':<58}{'covers':>8}{'width':>8}", apart, _rates_line)
    _print(f"{'slope of a regression':<34}{'covers':>8}{'bias':>8}{'se':>8}", fitted, _slope_line)
    _print(
        f"{'recall: slice wrong in':<24}{'audits':>8}{'found':>8}{'others':>8}{'before':>8}{'after':>8}",
        taken_back,
        recall_line,
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


def _rates_line(row: Rates) -> str:
    parts = " and ".join(
        f"{drawn} of {n:,}, {100 * error:.0f}% wrong"
        for drawn, n, error in zip(row.n_drawn, row.n_items, row.error, strict=True)
    )
    return f"{parts:<58}{row.coverage:>8.3f}{row.width:>8.4f}"


def _slope_line(row: Slope) -> str:
    return f"{row.method:<34}{row.coverage:>8.3f}{row.bias:>8.3f}{row.standard_error:>8.3f}"


if __name__ == "__main__":
    main()
