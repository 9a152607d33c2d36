"""What a weighed jury is worth beside its best voter, on simulated juries that err together.

Recorded sets are for reporting; penalties and spreads are chosen here. Each task draws its own number of options (2 to
20) and voters (3 to 20), families of voters, shared difficulty, lures that most fall for, people who fall for them too,
votes that are missing, and confidences of varying worth. 200, 150 or 100 labels; the other items are held out.

    python benchmarks/simulated_juries.py [--tasks 60]
"""

import argparse
from dataclasses import dataclass

import numpy as np
from scipy import special

from labelwright.methods.calibration import calibration_error_null, expected_calibration_error
from labelwright.methods.confidence import PanelSignals, fit_weighed_jury

N_ITEMS = 1_500


@dataclass(frozen=True, slots=True)
class Task:
    """said: (N, M) codes, −1 = none.  gold: (N,) what people say.  sure: (N, M, 1) or None.  n_labels: learned from."""

    n_options: int
    said: np.ndarray
    gold: np.ndarray
    sure: np.ndarray | None
    n_labels: int


def draw_task(seed: int) -> Task:
    """Draw one jury and its items."""
    rng = np.random.default_rng([77, seed])
    k, m, n = int(rng.choice([2, 2, 2, 3, 3, 4, 5, 6, 8, 12, 20])), int(rng.integers(3, 21)), N_ITEMS
    truth = rng.choice(k, n, p=0.9 * rng.dirichlet(np.full(k, rng.choice([1.5, 5.0]))) + 0.1 / k)
    common = wrong_options(rng, k)
    lure = pick(rng, common, truth)
    difficulty = rng.normal(size=n)
    n_families = int(rng.integers(1, max(2, m // 2) + 1))
    family = rng.integers(0, n_families, m)
    skill = rng.uniform(-0.3, 5) + rng.normal(0, rng.uniform(0.2, 1), m)
    skill[0] += rng.uniform(0, 1.5)  # one stands out
    by_option = rng.normal(0, rng.uniform(0, 0.6), (m, k))
    knows = skill + by_option.T[truth] - rng.uniform(2, 5) * difficulty[:, None]
    knows += rng.uniform(0.3, 1) * rng.normal(size=(n, n_families))[:, family]
    is_right = rng.random((n, m)) < special.expit(knows)
    own = np.stack([pick(rng, 0.85 * common + 0.15 * wrong_options(rng, k), truth) for _ in range(n_families)], axis=1)
    is_lured = rng.random((n, m)) < rng.uniform(0.8, 1)
    said = np.where(is_right, truth[:, None], np.where(is_lured, lure[:, None], own[:, family]))
    fooled = rng.random(n) < 2 * rng.choice([0, 0.05, 0.15, 0.3]) * special.expit(1.5 * difficulty - 0.5)
    if rng.random() < 0.3:
        said[rng.random(said.shape) < rng.uniform(0.01, 0.15)] = -1
    sure = None
    if rng.random() < 0.35:
        worth = 0.5 * rng.choice([0, 0.5, 1.5], m) * (np.where(is_right, 1, -1) - difficulty[:, None])
        stated = special.expit(rng.normal(1.5, 0.7, m) + worth + rng.normal(0, 1, (n, m)))
        sure = np.where(said >= 0, np.round(stated * 20) / 20, np.nan)[:, :, None]
    return Task(k, said, np.where(fooled, lure, truth), sure, int(rng.choice([200, 200, 200, 150, 100])))


def wrong_options(rng: np.random.Generator, k: int) -> np.ndarray:
    """(K, K) which wrong option each true one is taken for."""
    share = rng.dirichlet(np.full(k, 0.6), size=k) + 1e-3
    share[np.arange(k), np.arange(k)] = 0
    return share / share.sum(axis=1, keepdims=True)


def pick(rng: np.random.Generator, share: np.ndarray, truth: np.ndarray) -> np.ndarray:
    """Draw one option for each item from its truth's row."""
    below = np.cumsum(share, axis=1)[truth] < 0.999999 * rng.random((len(truth), 1))
    return np.minimum(below.sum(axis=1), share.shape[1] - 1)


def measure(task: Task, seed: int) -> list[float]:
    """Log loss, accuracy above the best single voter's, calibration error, and what chance gives."""
    rng = np.random.default_rng([5, seed])
    drawn = rng.choice(N_ITEMS, task.n_labels, replace=False)
    out = np.setdiff1d(np.arange(N_ITEMS), drawn)
    out = out[(task.said[out] >= 0).any(axis=1)]
    gold, best = task.gold[out], (task.said[out] == task.gold[out, None]).mean(axis=0).max()
    signals = PanelSignals(task.said, task.n_options, {} if task.sure is None else {"sure": task.sure[:, :, 0]})
    posterior = fit_weighed_jury(signals, drawn, task.gold[drawn], rng=rng).jury.posterior(signals.rows(out))
    top, is_right = posterior.max(axis=1), posterior.argmax(axis=1) == gold
    loss = -np.log(np.maximum(posterior[np.arange(len(gold)), gold], 1e-12)).mean()
    band = calibration_error_null(top, rng=np.random.default_rng(seed), n_null=100).upper
    return [loss, is_right.mean() - best, expected_calibration_error(top, is_right), band]


def main() -> None:
    """Draw, measure, print."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n", maxsplit=1)[0])
    parser.add_argument("--tasks", type=int, default=60, help="simulated juries to draw")
    n_tasks = parser.parse_args().tasks
    loss, gain, error, band = np.array([measure(draw_task(seed), seed) for seed in range(n_tasks)]).T
    print(
        f"{n_tasks} juries: log loss {loss.mean():.4f} ± {loss.std() / n_tasks**0.5:.4f}"
        f"; accuracy above the best voter's {gain.mean():+.4f} (≥ −.015 in {np.mean(gain >= -0.015):.0%})"
        f"; ECE {error.mean():.4f}, null {band.mean():.4f} (inside {np.mean(error <= band):.0%})"
    )


if __name__ == "__main__":
    main()
