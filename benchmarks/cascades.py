"""What a cascade by ranks and cascades with a certificate at each link accept, and cost, on simulated models.

Run it: .venv/bin/python -m benchmarks.cascades   (20 seconds of CPU; the figures of docs/explain/cascade.md)
"""

from __future__ import annotations

import sys
from collections import defaultdict
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from labelwright.methods.routing import certify
from labelwright.methods.routing.chain import backward_pass, forward_pass, ranks
from labelwright.methods.routing.chain_on_one_sample import chain_on_one_sample
from labelwright.services.acceptance.certify_chain import ChainPlan, LinkLabels, certify_round, draw_round

Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]

N_ITEMS, N_LABELS, N_DRAWS = 10_000, 600, 200
TARGET, DELTA = 0.1, 0.05
PRICES = (1.0, 20.0)


@dataclass(frozen=True, slots=True)
class Task:
    """Two models. cheap, dear: log-odds of being right on an item of middling ease.  shared: correlation of ease."""

    name: str
    cheap: float
    dear: float
    shared: float

    def draw(self, rng: np.random.Generator) -> tuple[Floats, Bools]:
        """(N, 2) confidences and errors."""
        common, own = rng.normal(0, 1, (N_ITEMS, 1)), rng.normal(0, 1, (N_ITEMS, 2))
        ease = self.shared * common + (1 - self.shared**2) ** 0.5 * own
        right = 1 / (1 + np.exp(-(np.array([self.cheap, self.dear]) + 2.2 * ease)))
        sure = 1 / (1 + np.exp(-1.5 * (ease + rng.normal(0, 0.5, (N_ITEMS, 2)))))
        return sure, rng.random((N_ITEMS, 2)) > right


TASKS = (
    Task("weak cheap, strong dear, err alike", 2.0, 3.6, 0.9),
    Task("weak cheap, strong dear, err apart", 2.0, 3.6, 0.3),
    Task("two weak, err apart", 2.0, 2.0, 0.3),
    Task("good cheap, strong dear, err alike", 3.4, 5.0, 0.9),
)


@dataclass(frozen=True, slots=True)
class Taken:
    """What one way accepted in one draw."""

    n_accepted: int
    n_wrong: int
    cost: float


def alone(score: Floats, wrong: Bools, sample: NDArray[np.int64], cost: float) -> Taken:
    """Certify one column of labels by one sample."""
    found = certify(score, sample, wrong[sample], target_error=TARGET, delta=DELTA)
    return Taken(found.n_accepted, int(wrong[found.accepted].sum()), cost)


def by_ranks(score: Floats, wrong: Bools, sample: NDArray[np.int64]) -> Taken:
    """Label by the paper's two passes, then certify the ranks."""
    passed = forward_pass(score)
    asked = np.where(passed.has_seen, score, np.nan)
    link, rows = backward_pass(asked, passed), np.arange(N_ITEMS)
    cost = float(passed.has_seen.sum(axis=0) @ np.array(PRICES))
    return alone(ranks(asked, passed)[rows, link], wrong[rows, link], sample, cost)


def by_one_sample(score: Floats, wrong: Bools, sample: NDArray[np.int64]) -> Taken:
    """Certify link by link, all on one sample, as a project does."""
    found = chain_on_one_sample(score, sample, wrong[sample], target_error=TARGET, delta=DELTA)
    kept = np.flatnonzero(found.kept_by >= 0)
    cost = float(np.dot(found.asked, PRICES))
    return Taken(len(kept), int(wrong[kept, found.kept_by[kept]].sum()), cost)


def by_certificates(score: Floats, wrong: Bools, seed: int) -> Taken:
    """Certify link by link; half of the labels for each."""
    plan = ChainPlan(("cheap", "dear"), TARGET, 1 - DELTA, seed, "")
    reached, samples = np.arange(N_ITEMS), list[NDArray[np.int64]]()
    n_accepted, n_wrong, cost = 0, 0, 0.0
    for link in range(2):
        samples.append(draw_round(reached, N_LABELS // 2, seed=seed, link=link))
        found = certify_round(
            plan,
            LinkLabels([None] * N_ITEMS, score[:, link]),
            reached=reached,
            samples=samples,
            wrong=wrong[samples[-1], link],
            price=PRICES[link],
        )
        n_accepted, n_wrong = n_accepted + len(found.accepted), n_wrong + int(wrong[found.accepted, link].sum())
        cost, reached = cost + found.cost, found.forwarded
    return Taken(n_accepted, n_wrong, cost)


def main() -> None:
    """Print one table per task."""
    for task in TASKS:
        rng = np.random.default_rng(41)
        taken: dict[str, list[Taken]] = defaultdict(list)
        errors: list[Floats] = []
        for seed in range(N_DRAWS):
            score, wrong = task.draw(rng)
            errors.append(wrong.mean(axis=0))
            sample = rng.permutation(N_ITEMS)[:N_LABELS]
            taken["cheap model alone"].append(alone(score[:, 0], wrong[:, 0], sample, N_ITEMS * PRICES[0]))
            taken["dear model alone"].append(alone(score[:, 1], wrong[:, 1], sample, N_ITEMS * PRICES[1]))
            taken["cascade by ranks"].append(by_ranks(score, wrong, sample))
            taken["links certified, one sample"].append(by_one_sample(score, wrong, sample))
            taken["links certified, in rounds"].append(by_certificates(score, wrong, seed))
        accuracy = " and ".join(f"{share:.2f}" for share in 1 - np.mean(errors, axis=0))
        sys.stdout.write(f"\n{task.name} (right in {accuracy})\n")
        for name, found in taken.items():
            accepted = np.mean([one.n_accepted for one in found]) / N_ITEMS
            certified = np.mean([one.n_accepted > 0 for one in found])
            broken = np.mean([one.n_wrong > TARGET * one.n_accepted for one in found])
            cost = np.mean([one.cost for one in found]) / N_ITEMS
            right = np.mean([1 - one.n_wrong / one.n_accepted for one in found if one.n_accepted])
            sys.stdout.write(
                f"  {name:27} accepts {accepted:.2f}, {right:.3f} of it right, certifies in {certified:.2f} of the "
                f"draws, broken in {broken:.3f}, calls cost {cost:.1f} an item\n"
            )


if __name__ == "__main__":
    main()
