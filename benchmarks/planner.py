"""Whether the planner's allocation beats the textbook's, and whether what it predicts comes true.

$5,000 for 100,000 items: the model costs half a cent an item, a person's answer ten cents.  The textbook buys 10,000
gold labels and reviews the 35,000 least sure; the planner buys 1,000 and decides for itself.  Labels are drawn, not
expected: each item of each draw is right or wrong.  The planner is given either the world's true figures, or only what
1,000 gold labels and 300 answers of people with known truth show, with their intervals.

Then whole projects are rehearsed (`labelwright simulate`) in four worlds and twelve seeds that were fixed before any of
them was run, and held against what the planner expects beforehand and for the numbers of answers that came.

The intervals were settled while looking at seed 1 (their tails from too few draws, and a part of chance left out, had
covered 90.5% from measured figures), so what is published is seed 2, which was run once and after that.

    python benchmarks/planner.py [--draws 40] [--seed 2] [--no-rehearsals]
"""

import argparse
import json
import time
from dataclasses import asdict, dataclass
from pathlib import Path
from statistics import fmean
from typing import Any, cast

import numpy as np
from numpy.typing import NDArray

from labelwright.bootstrap.rehearsal import temporary_storage
from labelwright.domain.canonical import Json
from labelwright.domain.project import Policy
from labelwright.methods.calibration import auroc
from labelwright.methods.economics import Known, KnownWorld, Shop, World, accuracy_bands, beta_items, counted
from labelwright.methods.economics.allocation import Allocation
from labelwright.services.money.simulate_report import rehearse
from labelwright.services.money.simulate_world import Crew, SimulatedWorld

ROOT = Path(__file__).resolve().parent.parent
N, BUDGET, MODEL_PRICE, HUMAN_PRICE = 100_000, 5_000.0, 0.005, 0.10
TEXTBOOK_GOLD, PLANNER_GOLD, KNOWN_ANSWERS = 10_000, 1_000, 300
WORLDS = [(0.82, sharp, human) for sharp in (0.87, 0.78, 0.64) for human in (0.95, 0.99)]
FURTHER = [(0.82, 0.5, 0.95), (0.90, 0.91, 0.95), (0.90, 0.91, 0.99), (0.70, 0.75, 0.95)]
THEIRS = {
    (0.82, 0.87, 0.95): (0.954, 0.959),
    (0.82, 0.87, 0.99): (0.972, 0.977),
    (0.82, 0.78, 0.95): (0.934, 0.940),
    (0.82, 0.78, 0.99): (0.952, 0.958),
    (0.82, 0.64, 0.95): (0.904, 0.907),
    (0.82, 0.64, 0.99): (0.922, 0.925),
    (0.82, 0.5, 0.95): (0.878, 0.878),
    (0.90, 0.91, 0.95): (0.9733, 0.9758),
}
"""What the specification measured in one draw of its own: textbook, planner."""
REHEARSED = (
    SimulatedWorld(1_500, 0.86, 0.80, MODEL_PRICE, Crew(accuracy=0.99)),
    SimulatedWorld(1_500, 0.75, 0.90, MODEL_PRICE, Crew(accuracy=0.97)),
    SimulatedWorld(1_000, 0.93, 0.85, MODEL_PRICE, Crew(accuracy=0.96, adopt=0.3)),
    SimulatedWorld(1_500, 0.85, 0.85, MODEL_PRICE, Crew(accuracy=0.98), budget=60.0),
)
REHEARSAL_SEEDS = range(101, 113)


@dataclass(frozen=True, slots=True)
class Result:
    """Means over draws. beats: draws in which the planner's labels were more often right than the textbook's.

    low, high: of the mean difference (95%, paired).  covered: draws inside the interval the planner predicted from true
    figures; covered_measured: from figures that were measured in the same draw.
    """

    model: float
    auroc: float
    human: float
    textbook: float
    planner: float
    predicted: float
    difference: float
    low: float
    high: float
    beats: int
    cost: float
    covered: int
    covered_measured: int
    draws: int
    theirs_textbook: float | None
    theirs_planner: float | None


def world_of(model: float, sharp: float, human: float) -> World:
    """Give the exercise's world."""
    return World(N, model, sharp, human, MODEL_PRICE, HUMAN_PRICE)


def planned(known: KnownWorld) -> Allocation:
    """Plan with what is known."""
    return Shop.of(known.world, PLANNER_GOLD).buy(BUDGET)


def realised(
    right: NDArray[np.bool_], by_people: NDArray[np.bool_], *, n_gold: int, n_reviewed: int, rng: np.random.Generator
) -> float:
    """Label: gold at random, then the least sure of the rest (the items are in that order), the rest by the model."""
    person = np.zeros(N, dtype=np.bool_)
    person[rng.choice(N, n_gold, replace=False)] = True
    rest = np.flatnonzero(~person)
    person[rest[:n_reviewed]] = True
    return float(np.where(person, by_people, right).mean())


def measure(world: World, *, draws: int, seed: int) -> Result:
    """Draw the world many times; textbook and planner label the same items."""
    truly = KnownWorld(world)
    plan = planned(truly)
    (band,) = accuracy_bands(truly, [plan], rng=np.random.default_rng(seed))
    chances = beta_items(world.accuracy, world.auroc, n_bins=5_000).right
    rows: list[tuple[float, float]] = []
    covered, covered_measured = 0, 0
    for draw in range(draws):
        rng = np.random.default_rng([seed, draw, round(1000 * world.auroc)])
        p = np.sort(rng.choice(chances, N))
        right, by_people = rng.random(N) < p, rng.random(N) < world.human_accuracy
        textbook = realised(right, by_people, n_gold=TEXTBOOK_GOLD, n_reviewed=35_000, rng=rng)
        ours = realised(right, by_people, n_gold=PLANNER_GOLD, n_reviewed=round(plan.reviewed), rng=rng)
        rows.append((textbook, ours))
        covered += int(band.low <= ours <= band.high)
        covered_measured += _measured_holds(world, p, right, by_people, rng=rng, draw=draw)
    theirs, mine = np.array(rows).T
    difference = mine - theirs
    half = 1.96 * float(difference.std(ddof=1)) / np.sqrt(draws)
    printed = THEIRS.get((world.accuracy, world.auroc, world.human_accuracy), (None, None))
    return Result(
        model=world.accuracy,
        auroc=world.auroc,
        human=world.human_accuracy,
        textbook=float(theirs.mean()),
        planner=float(mine.mean()),
        predicted=plan.accuracy,
        difference=float(difference.mean()),
        low=float(difference.mean()) - half,
        high=float(difference.mean()) + half,
        beats=int((difference > 0).sum()),
        cost=plan.cost,
        covered=int(covered),
        covered_measured=int(covered_measured),
        draws=draws,
        theirs_textbook=printed[0],
        theirs_planner=printed[1],
    )


def _measured_holds(
    world: World,
    p: NDArray[np.float64],
    right: NDArray[np.bool_],
    by_people: NDArray[np.bool_],
    *,
    rng: np.random.Generator,
    draw: int,
) -> bool:
    """Measure everything on samples, plan with that, and see whether the labels lie in the interval it gives."""
    sample = rng.choice(N, PLANNER_GOLD, replace=False)
    accuracy = counted(int(right[sample].sum()), PLANNER_GOLD)
    ranked = auroc(p[sample], right[sample])
    sharp = Known(max(0.5, ranked.value), max(0.5, ranked.low), min(0.9999, max(0.5, ranked.high)))
    human = counted(rng.binomial(KNOWN_ANSWERS, world.human_accuracy), KNOWN_ANSWERS)
    seen = World(N, accuracy.value, sharp.value, human.value, MODEL_PRICE, HUMAN_PRICE)
    known = KnownWorld(seen, {"accuracy": accuracy, "auroc": sharp, "human_accuracy": human})
    plan = planned(known)
    (band,) = accuracy_bands(known, [plan], rng=np.random.default_rng(draw), n_draws=200)
    truth = realised(right, by_people, n_gold=PLANNER_GOLD, n_reviewed=round(plan.reviewed), rng=rng)
    return bool(band.low <= truth <= band.high)


def rehearsals() -> list[dict[str, Json]]:
    """Rehearse whole projects, and keep what the planner had said beside what came."""
    rows: list[dict[str, Json]] = []
    for world in REHEARSED:
        report = cast(
            "dict[str, Any]", rehearse(world, Policy(), seeds=REHEARSAL_SEEDS, make_storage=temporary_storage)
        )
        told = {key: report[key] for key in ("world", "n_rehearsals", "n_certified", "n_broken", "expected", "planner")}
        rows.append(told)
        before, given, came = report["planner"]["before"], report["planner"]["given_counts"], report["expected"]
        print(
            f"rehearsed: model {world.model_accuracy}, AUROC {world.auroc}, people {world.crew.accuracy}: certified "
            f"{before['certified_share']:.3f} expected, {came['certified_share']['mean']:.3f} came; right "
            f"{before['accuracy']:.4f} beforehand, {given['accuracy']:.4f} for the counts, "
            f"{came['accuracy']['mean']:.4f} came; {given['n_inside']} of {report['n_rehearsals']} in the interval; "
            f"promise broken in {report['n_broken']}"
        )
    return rows


def main() -> None:
    """Print the table and write the JSON."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--draws", type=int, default=40)
    parser.add_argument("--seed", type=int, default=2)
    parser.add_argument("--no-rehearsals", action="store_true")
    parser.add_argument("--out", type=Path, default=ROOT / "benchmarks" / "results" / "planner.json")
    asked = parser.parse_args()
    started = time.monotonic()
    results = [measure(world_of(*one), draws=asked.draws, seed=asked.seed) for one in (*WORLDS, *FURTHER)]
    print("model  AUROC  people  textbook  planner  predicted  difference (95%)        better in    cost   in interval")
    for one in results:
        print(
            f"{one.model:.2f}   {one.auroc:.2f}   {one.human:.2f}    {one.textbook:.4f}   {one.planner:.4f}   "
            f"{one.predicted:.4f}   {one.difference:+.4f} ({one.low:+.4f} to {one.high:+.4f})  {one.beats:3d} of "
            f"{one.draws}  ${one.cost:,.0f}   {one.covered}, measured {one.covered_measured}"
        )
    six = results[: len(WORLDS)]
    summary = {
        "n_worlds_better": sum(int(one.low > 0) for one in six),
        "n_worlds": len(six),
        "mean_gain": fmean(one.difference for one in six),
        "coverage_true_figures": fmean(one.covered / one.draws for one in results),
        "coverage_measured_figures": fmean(one.covered_measured / one.draws for one in results),
        "largest_gap_to_specification": max(
            max(abs(one.textbook - (one.theirs_textbook or 0)), abs(one.planner - (one.theirs_planner or 0)))
            for one in results
            if one.theirs_textbook is not None
        ),
    }
    for name, value in summary.items():
        print(f"  {name}: {value:.4g}")
    rehearsed = [] if asked.no_rehearsals else rehearsals()
    payload: dict[str, object] = {
        "draws": asked.draws,
        "seed": asked.seed,
        "seconds": round(time.monotonic() - started, 1),
        "summary": summary,
        "worlds": [asdict(one) for one in results],
        "rehearsals": rehearsed,
    }
    asked.out.write_text(json.dumps(payload, indent=2, default=float) + "\n")


if __name__ == "__main__":
    main()
