"""What the signals could certify at most: taught by all labels, tested by as many others, planned knowing all errors.

`certified_coverage.py` spends N labels on teaching and testing. Here N labels teach, N further ones test, and the part
that is drawn from and the threshold where the tests start are those that certify most on average, which nobody can
know beforehand. No protocol that learns in the same way from N labels in all can be expected to certify more.

    python benchmarks/certified_attainable.py [--data FOLDER] [--lessons 2] [--draws 20]
"""

import argparse
import json
import os
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
from certified_sets import SignalledSet, demo_folders, signalled

from labelwright.methods.protocols import learn
from labelwright.methods.routing import certify, default_calibration_size, draw_samples, rehearse

ROOT = Path(__file__).resolve().parent.parent
TARGETS = (0.10, 0.20)
DELTA = 0.05
PARTS = (0.05, 0.1, 0.17, 0.25, 0.35, 0.5, 0.65, 0.8, 1.0)
STARTS = (0.2, 0.4, 0.6, 0.8, 1.0)
_AT_LEAST = 1.05
_RAW_DRAWS = 60


def measure(one: SignalledSet, *, n_lessons: int, n_draws: int) -> dict[str, Any]:
    """Give the certified share by the raw score, and the most that what all labels teach could certify."""
    n = len(one.gold)
    n_labels = default_calibration_size(n)
    samples = draw_samples(n, n_labels, n_draws=_RAW_DRAWS, rng=np.random.default_rng(1))
    raw = [
        float(rehearse(one.raw, one.wrong, samples, target_error=target, delta=DELTA).coverage.mean())
        for target in TARGETS
    ]
    found = np.zeros((n_lessons, len(TARGETS)))
    for lesson, sample in enumerate(draw_samples(n, n_labels, n_draws=n_lessons, rng=np.random.default_rng(7))):
        learned = learn(one.taught_by(sample), sample, one.gold[sample], rng=np.random.default_rng(lesson))
        others = np.setdiff1d(np.arange(n), sample)
        score, wrong = np.nan_to_num(learned.score[others], nan=0.0), (learned.label != one.gold)[others]
        for t, target in enumerate(TARGETS):
            found[lesson, t] = max(_shares(score, wrong, n_labels, target=target, n_draws=n_draws))
    return {"dataset": one.name, "raw": raw, "attainable": found.mean(axis=0).tolist()}


def _shares(score: np.ndarray, wrong: np.ndarray, n_labels: int, *, target: float, n_draws: int) -> Iterator[float]:
    """Give the mean certified share for each part and start."""
    n = len(score)
    order = np.argsort(-score, kind="stable")
    rng = np.random.default_rng(3)
    coins = 1 - rng.random(n_draws)
    for part in PARTS:
        size = min(n, max(round(part * n), int(n_labels * _AT_LEAST) + 1))
        inside = order[:size]
        tested = [np.sort(rng.choice(size, min(n_labels, size - 1), replace=False)) for _ in coins]
        for start in STARTS:
            first = float(score[inside][max(0, round(start * size) - 1)])
            accepted = [
                certify(
                    score[inside],
                    at,
                    wrong[inside][at],
                    target_error=target,
                    delta=DELTA,
                    first_threshold=first,
                    coin=float(coin),
                ).accepted.sum()
                for at, coin in zip(tested, coins, strict=True)
            ]
            yield float(np.mean(accepted)) / (n - n_labels)


def main() -> None:
    """Measure, print, write."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n", maxsplit=1)[0])
    shared = Path(os.environ.get("LABELWRIGHT_SHARED") or ROOT.parent / "shared")
    parser.add_argument("--data", type=Path, default=shared / "data" / "llm", help="folder of recorded sets")
    parser.add_argument("--lessons", type=int, default=2, help="samples that teach, per set")
    parser.add_argument("--draws", type=int, default=20, help="samples that test, per part and start")
    parser.add_argument("--out", type=Path, default=ROOT / "benchmarks" / "results" / "certified_attainable.json")
    options = parser.parse_args()
    started = time.perf_counter()
    rows: list[dict[str, Any]] = []
    for folder in demo_folders(options.data):
        rows.append(measure(signalled(folder), n_lessons=options.lessons, n_draws=options.draws))
        print(rows[-1], flush=True)
    if not rows:
        parser.error(f'{options.data} holds no recorded classification set whose task.json says "demo": true')
    raw, most = (np.mean([row[name] for row in rows], axis=0) for name in ("raw", "attainable"))
    summary = {
        "raw": raw.tolist(),
        "attainable": most.tolist(),
        "ratio": float(most.mean() / raw.mean()),
        "seconds": round(time.perf_counter() - started, 1),
    }
    print(json.dumps(summary, indent=1))
    options.out.write_text(json.dumps({**summary, "rows": rows}, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
