"""How much more a protocol certifies than a raw score, with the same number of human labels.

For every recorded set meant for the demonstration, min(300, N/3) human labels are spent in several ways, many times
over: all of them to certify on the raw score (A4P); or a third of them to learn whom to believe and where to start, the
rest to certify what was learnt (`methods.protocols`, which `confidence: combined` runs): drawn from all other items, or
from the surest where that is expected to pay, and without or with a coin that brings the tests nearer to δ. Beside it
the ceiling: what somebody would accept who knew all the truth.  Then how accurate the labels are
after any number of human labels, against a random order; and, on simulated pools, whether the promise holds where it is
hardest to keep, and breaks where the labels that certify were used to fit or to choose the start.

    python benchmarks/certified_coverage.py [--data FOLDER] [--seeds 200] [--worlds 1000]
"""

import argparse
import json
import os
import time
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np
from certified_page import page
from certified_sets import SignalledSet, demo_folders, signalled
from certified_worlds import WorldRow, worlds
from review_curves import SHARES, Curve, curve_of, least_sure_first, random_accuracy, raw_curve

from labelwright.methods.calibration import auroc
from labelwright.methods.protocols import (
    Learned,
    ProtocolOutcome,
    certify_learned,
    draw_and_certify,
    learn,
    learning_size,
)
from labelwright.methods.routing import certify, default_calibration_size, draw_samples, oracle, rehearse

ROOT = Path(__file__).resolve().parent.parent
TARGETS = (0.10, 0.20)
DELTA = 0.05


WAYS = ("uniform", "uniform, coin", "focused", "focused, coin")
BEST = len(WAYS) - 1


@dataclass(frozen=True, slots=True)
class Way:
    """One way of certifying what was learnt.  share: certified, of the unlabelled items, mean over all draws; se: its.

    certified, broken: shares of all draws in which anything was certified, and in which that broke the target.
    """

    name: str
    share: float
    se: float
    certified: float
    broken: float


@dataclass(frozen=True, slots=True)
class Cell:
    """One set at one target.  raw, raw_coin: certified share of the unlabelled items by the raw score.

    ways: by what was learnt; `best`, `best_se`, `certified` and `broken` are those of the last.
    focused: share of all draws in which the sample was drawn from a part.
    ceiling, ceiling_raw: the share of a threshold chosen knowing all the truth, by the learnt and by the raw score.
    """

    target: float
    raw: float
    raw_coin: float
    raw_broken: float
    best: float
    best_se: float
    certified: float
    broken: float
    ways: tuple[Way, ...]
    focused: float
    ceiling: float
    ceiling_raw: float


@dataclass(frozen=True, slots=True)
class Row:
    """One set.  accuracy: of the first variant, and of the labels after learning.  auroc: of each one's score.

    area: mean over the whole curve of accuracy above a random order, for the product's order with a certificate's
    sample, without one, and for the raw score's order.  least, least_se: the lowest point of the first, with its se.
    at_30: accuracy once people have labelled 30%.  labels_for_98: share they must label for 98%.
    """

    dataset: str
    model: str
    raw_signal: str
    n_items: int
    n_labels: int
    accuracy: float
    accuracy_learned: float
    auroc_raw: float | None
    auroc_learned: float | None
    cells: tuple[Cell, ...]
    area: float
    area_without: float
    area_raw: float
    least: float
    least_se: float
    at_30: float
    at_30_raw: float
    at_30_random: float
    labels_for_98: float
    labels_for_98_raw: float


def measure(one: SignalledSet, *, n_draws: int, seed: int) -> Row:
    """Spend the labels `n_draws` times, both ways, on the same kind of draws."""
    n = len(one.gold)
    n_labels = default_calibration_size(n)
    n_learning = learning_size(n_labels)
    samples = draw_samples(n, n_labels, n_draws=n_draws, rng=np.random.default_rng(seed))
    accepted = np.zeros((len(TARGETS), len(WAYS), n_draws))
    wrong = np.zeros((len(TARGETS), len(WAYS), n_draws))
    focused, ceiling = np.zeros((2, len(TARGETS), n_draws))
    curves = np.zeros((2, n_draws, len(SHARES)))
    after = np.zeros((2, n_draws))
    for draw, sample in enumerate(samples):
        rng = np.random.default_rng([seed, draw])
        fitted_on, tested_on = sample[:n_learning], sample[n_learning:]
        learned = learn(one.taught_by(fitted_on), fitted_on, one.gold[fitted_on], rng=rng)
        is_wrong = learned.label != one.gold
        others = np.setdiff1d(np.arange(n), fitted_on)
        for t, target in enumerate(TARGETS):
            coin = 1 - rng.random()
            for way, mask in enumerate(_accepted(one, learned, tested_on, target=target, coin=coin, rng=rng)):
                accepted[t, way, draw], wrong[t, way, draw] = mask[0].sum(), (mask[0] & is_wrong).sum()
                focused[t, draw] = mask[1]
            ceiling[t, draw] = oracle(learned.score[others], is_wrong[others], target_error=target).coverage
        queue = least_sure_first(learned.score)
        curves[0, draw] = curve_of(one, learned, sample, queue).accuracy
        curves[1, draw] = curve_of(one, learned, fitted_on, queue).accuracy
        after[:, draw] = 1 - is_wrong[others].mean(), auroc(learned.score[others], ~is_wrong[others]).value
    cells = tuple(
        _cell(one, samples, target, accepted[t], wrong[t], focused=float(focused[t].mean()), ceiling=ceiling[t].mean())
        for t, target in enumerate(TARGETS)
    )
    return _row(one, n_labels, cells, curves, after)


def _accepted(
    one: SignalledSet,
    learned: Learned,
    tested_on: np.ndarray,
    *,
    target: float,
    coin: float,
    rng: np.random.Generator,
) -> Iterator[tuple[np.ndarray, bool]]:
    """Certify in each of the ways, each coin on the same sample: (N,) masks, and whether a part was drawn from."""

    def asked(at: np.ndarray) -> np.ndarray:
        return one.gold[at]

    found = certify_learned(learned, tested_on, asked, target_error=target, delta=DELTA, rng=rng)
    yield found.accepted, False
    yield _tossed(one, found, target=target, coin=coin), False
    found = draw_and_certify(
        learned, asked, n_labels=len(tested_on), target_error=target, delta=DELTA, rng=rng, may_focus=True
    )
    is_focused = found.draw is not None and found.draw.is_focused
    yield found.accepted, is_focused
    yield _tossed(one, found, target=target, coin=coin), is_focused


def _tossed(one: SignalledSet, found: ProtocolOutcome, *, target: float, coin: float) -> np.ndarray:
    """Certify again by the same labels, with a coin."""
    learned = found.learned
    pool = np.setdiff1d(np.arange(len(one.gold)), learned.fitted_on)
    if found.draw is not None:
        pool = pool[found.draw.inside(learned.score[pool])]
    again = certify(
        learned.score[pool],
        np.searchsorted(pool, found.tested_on),
        learned.label[found.tested_on] != one.gold[found.tested_on],
        target_error=target,
        delta=DELTA,
        first_threshold=found.start.first_threshold,
        coin=coin,
    )
    accepted = np.zeros(len(one.gold), dtype=np.bool_)
    accepted[pool] = again.accepted
    return accepted


def _cell(
    one: SignalledSet,
    samples: np.ndarray,
    target: float,
    accepted: np.ndarray,
    wrong: np.ndarray,
    *,
    focused: float,
    ceiling: float,
) -> Cell:
    raw = rehearse(one.raw, one.wrong, samples, target_error=target, delta=DELTA)
    coin = 1 - np.random.default_rng(len(samples)).random(len(samples))
    tossed = rehearse(one.raw, one.wrong, samples, target_error=target, delta=DELTA, coin_S=coin)
    n_others = len(one.gold) - samples.shape[1]
    ways = tuple(_way(name, accepted[way], wrong[way], target, n_others) for way, name in enumerate(WAYS))
    return Cell(
        target=target,
        raw=float(raw.coverage.mean()),
        raw_coin=float(tossed.coverage.mean()),
        raw_broken=float(raw.is_broken.mean()),
        best=ways[BEST].share,
        best_se=ways[BEST].se,
        certified=ways[BEST].certified,
        broken=ways[BEST].broken,
        ways=ways,
        focused=focused,
        ceiling=float(ceiling),
        ceiling_raw=oracle(one.raw, one.wrong, target_error=target).coverage,
    )


def _way(name: str, accepted: np.ndarray, wrong: np.ndarray, target: float, n_others: int) -> Way:
    share = accepted / n_others
    return Way(
        name=name,
        share=float(share.mean()),
        se=float(share.std() / len(share) ** 0.5),
        certified=float((accepted > 0).mean()),
        broken=float(((accepted > 0) & (wrong > target * accepted + 1e-9)).mean()),
    )


def _row(one: SignalledSet, n_labels: int, cells: tuple[Cell, ...], curves: np.ndarray, after: np.ndarray) -> Row:
    raw, chance = raw_curve(one), random_accuracy(one)
    gap = curves - chance
    lowest = int(gap[0].mean(axis=0).argmin())
    mean = Curve(curves[0].mean(axis=0))
    ranking = auroc(one.raw, ~one.wrong).value
    return Row(
        dataset=one.name,
        model=one.model,
        raw_signal=one.raw_signal,
        n_items=len(one.gold),
        n_labels=n_labels,
        accuracy=float(1 - one.wrong.mean()),
        accuracy_learned=float(after[0].mean()),
        auroc_raw=None if np.isnan(ranking) else ranking,
        auroc_learned=float(np.nanmean(after[1])),
        cells=cells,
        area=float(gap[0].mean()),
        area_without=float(gap[1].mean()),
        area_raw=float((raw.accuracy - chance).mean()),
        least=float(gap[0].mean(axis=0)[lowest]),
        least_se=float(gap[0][:, lowest].std() / len(gap[0]) ** 0.5),
        at_30=mean.at(0.3),
        at_30_raw=raw.at(0.3),
        at_30_random=float(np.interp(0.3, SHARES, chance)),
        labels_for_98=mean.labels_for(0.98),
        labels_for_98_raw=raw.labels_for(0.98),
    )


def summary(rows: list[Row], simulated: list[WorldRow], *, n_draws: int) -> dict[str, object]:
    """Sum up: the shares over sets and targets, their ratio, and the worst of each promise."""
    raw = float(np.mean([cell.raw for row in rows for cell in row.cells]))
    raw_coin = float(np.mean([cell.raw_coin for row in rows for cell in row.cells]))
    best = float(np.mean([cell.best for row in rows for cell in row.cells]))
    return {
        "raw": raw,
        "best": best,
        "ratio": best / raw if raw else None,
        "ratio_with_a_coin_for_raw": best / raw_coin if raw_coin else None,
        "ways": {
            name: float(np.mean([cell.ways[way].share for row in rows for cell in row.cells]))
            for way, name in enumerate(WAYS)
        },
        "ceiling": float(np.mean([cell.ceiling for row in rows for cell in row.cells])),
        "ceiling_raw": float(np.mean([cell.ceiling_raw for row in rows for cell in row.cells])),
        "worst_broken": max(way.broken for row in rows for cell in row.cells for way in cell.ways),
        "limit": DELTA + 3 * (DELTA * (1 - DELTA) / n_draws) ** 0.5,
        "nothing_helps": [row.dataset for row in rows if all(cell.best < 0.01 for cell in row.cells)],
        "below_raw": [
            f"{row.dataset} at {cell.target}" for row in rows for cell in row.cells if cell.best < cell.raw - 0.01
        ],
        "area": float(np.mean([row.area for row in rows])),
        "area_without": float(np.mean([row.area_without for row in rows])),
        "area_raw": float(np.mean([row.area_raw for row in rows])),
        "below_random": [row.dataset for row in rows if row.least < -3 * row.least_se - 1e-9],
        "worlds": [asdict(row) for row in simulated],
    }


def _measured(folder: Path, n_draws: int) -> Row:
    return measure(signalled(folder), n_draws=n_draws, seed=1)


def _tell(row: Row) -> None:
    told = "  ".join(f"{cell.raw:.3f} -> {cell.best:.3f} ({cell.broken:.3f} broken)" for cell in row.cells)
    print(f"{row.dataset:24s} {told}  area {row.area:+.4f}", flush=True)


def main() -> None:
    """Read, spend, print, write."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n", maxsplit=1)[0])
    shared = Path(os.environ.get("LABELWRIGHT_SHARED") or ROOT.parent / "shared")
    parser.add_argument("--data", type=Path, default=shared / "data" / "llm", help="folder of recorded sets")
    parser.add_argument("--seeds", type=int, default=200, help="draws per set")
    parser.add_argument("--worlds", type=int, default=1_000, help="draws per simulated pool")
    parser.add_argument("--processes", type=int, default=1, help="sets measured side by side")
    parser.add_argument("--out", type=Path, default=ROOT / "benchmarks" / "results" / "certified_coverage.json")
    parser.add_argument("--markdown", type=Path, default=ROOT / "docs" / "reference" / "certified-coverage.md")
    options = parser.parse_args()
    started = time.perf_counter()
    rows: list[Row] = []
    folders = list(demo_folders(options.data))
    with ProcessPoolExecutor(options.processes) as pool:
        measured = pool.map(_measured, folders, [options.seeds] * len(folders))
        for row in measured:
            _tell(row)
            rows.append(row)
    if not rows:
        parser.error(f'{options.data} holds no recorded classification set whose task.json says "demo": true')
    simulated = worlds(options.worlds)
    for world in simulated:
        print(f"{world.name}: certified {world.certified:.3f}, broken {world.broken:.3f}")
    found = summary(rows, simulated, n_draws=options.seeds)
    seconds = round(time.perf_counter() - started, 1)
    print(json.dumps({**found, "worlds": len(simulated), "seconds": seconds}, indent=1))
    result = {"seeds": options.seeds, "seconds": seconds, "summary": found, "rows": [asdict(row) for row in rows]}
    options.out.write_text(json.dumps(result, indent=1) + "\n", encoding="utf-8")
    options.markdown.write_text(page(result), encoding="utf-8")
    limit = float(str(found["limit"]))
    if any(way.broken > limit for row in rows for cell in row.cells for way in cell.ways) or any(
        not world.as_it_must for world in simulated
    ):
        raise SystemExit(1)


if __name__ == "__main__":
    main()
