"""What a panel is worth beside a logistic combination, on simulated juries that err together.

The tasks are those of `simulated_juries.py`. 100 labels teach; the other items are held out. Recorded sets are for
reporting; weights' priors, the odds at which a label is overturned and the share of labels to learn from are chosen
here.

    python benchmarks/simulated_panels.py [--tasks 60] [--labels 100]
"""

import argparse

import numpy as np
from simulated_juries import Task, draw_task

from labelwright.methods.calibration import auroc
from labelwright.methods.confidence import (
    PanelSignals,
    Signals,
    agreement_margin,
    fit_meta_calibrator,
    fit_panel,
    share_of_votes,
)
from labelwright.methods.routing import oracle

WAYS = ("logistic combination, first model's label", "panel, first model's label", "panel")
FIGURES = ("accuracy", "AUROC", "oracle accepts at 10%", "at 20%")


def measure(task: Task, *, n_labels: int, seed: int) -> list[list[float]]:
    """Give the figures of each way on the items that taught nothing; the most accurate voter is the first model."""
    rng = np.random.default_rng([6, seed])
    best = int(np.argmax((task.said == task.gold[:, None]).mean(axis=0)))
    votes = np.column_stack([task.said[:, best], np.delete(task.said, best, axis=1)])
    own, n = votes[:, 0], len(task.gold)
    sure = {} if task.sure is None else {"sure": task.sure[:, best, 0]}
    drawn = rng.choice(n, n_labels, replace=False)
    out = np.setdiff1d(np.arange(n), drawn)

    combined = Signals(
        {**sure, "agreement": share_of_votes(own, votes[:, 1:])},
        {"margin": agreement_margin(own, votes[:, 1:])},
        own,
        task.n_options,
    )
    fit = fit_meta_calibrator(combined.rows(drawn), (own == task.gold)[drawn], rng=rng)
    signals = PanelSignals(votes, task.n_options, sure)
    panel = fit_panel(signals, drawn, task.gold[drawn], rng=rng).panel
    kept, free = panel.read(signals, keep_first=True), panel.read(signals)
    ways = (
        (own, fit.calibrator.predict(combined)),
        (kept.label, kept.probability),
        (free.label, free.probability),
    )
    return [figures(score[out], (label != task.gold)[out]) for label, score in ways]


def figures(score: np.ndarray, wrong: np.ndarray) -> list[float]:
    """Accuracy, ranking, and how much somebody who knows every error could accept."""
    shares = [oracle(score, wrong, target_error=target).coverage for target in (0.1, 0.2)]
    return [float(1 - wrong.mean()), auroc(score, ~wrong).value, *shares]


def main() -> None:
    """Draw, measure, print."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n", maxsplit=1)[0])
    parser.add_argument("--tasks", type=int, default=60, help="simulated juries to draw")
    parser.add_argument("--labels", type=int, default=100, help="labels that teach")
    options = parser.parse_args()
    found = np.array([measure(draw_task(seed), n_labels=options.labels, seed=seed) for seed in range(options.tasks)])
    mean = np.nanmean(found, axis=0)
    print(f"{options.tasks} juries, {options.labels} labels: {', '.join(FIGURES)}")
    for way, row in zip(WAYS, mean, strict=True):
        print(f"{way:44s} {'  '.join(f'{value:.3f}' for value in row)}")
    gain = found[:, 1, 1] - found[:, 0, 1]
    known = gain[~np.isnan(gain)]
    print(f"AUROC of the panel above the combination's: {known.mean():+.4f} ± {known.std() / len(known) ** 0.5:.4f}")


if __name__ == "__main__":
    main()
