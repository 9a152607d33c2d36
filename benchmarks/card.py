"""Whether every interval of a data-set card holds, in projects whose truth is known.

A project is drawn: three classes, a model that errs where it is less sure, a calibration sample that certifies (or does
not), a blind audit, a review of the least sure. Then the card is computed by the product's own services, and its
figures are held against the truth. The sample chooses the threshold, and people review what the model is unsure of:
what a card must withstand. The last line is what must not happen: reviewed items taken for a random sample.

    python benchmarks/card.py [--repetitions 300] [--seed 1]
"""

import argparse
import json
import time
from collections import defaultdict
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from labelwright.domain.annotation import Annotation
from labelwright.domain.canonical import Json
from labelwright.domain.ids import AnnotationId, AnnotatorId, ItemKey, QuestionName
from labelwright.domain.project import Question
from labelwright.methods.routing import certify
from labelwright.services.acceptance.certified import Certified
from labelwright.services.audits.audit_draws import AuditStream
from labelwright.services.card.card_classes import classes_of
from labelwright.services.card.card_evidence import CardEvidence, card_evidence
from labelwright.services.card.card_figures import (
    accepted_accuracy,
    by_class,
    by_origin,
    class_shares,
    confusion,
    effective_size,
    errors_left,
)
from labelwright.services.models.score import ScoredPool
from labelwright.services.people.consensus import consensus
from labelwright.tasks.registry import bind

ROOT = Path(__file__).resolve().parent.parent
LEVEL = 0.95
LABELS = ("common", "usual", "rare")
SHARES = (0.68, 0.3, 0.02)
QUESTION = Question(QuestionName("kind"), "classification", {"labels": list(LABELS)})

Floats: TypeAlias = NDArray[np.float64]
Ints: TypeAlias = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class World:
    """error: of the model, overall.  n_reviewed: of the least sure, after the audit."""

    name: str
    n_items: int
    n_calibration: int
    audit_share: float
    n_reviewed: int
    error: float
    target_error: float


WORLDS = (
    World("300 + audit, half reviewed", 2_000, 300, 0.1, 600, 0.12, 0.1),
    World("300 + audit, all reviewed", 2_000, 300, 0.1, 2_000, 0.12, 0.1),
    World("200 + audit, none reviewed", 2_000, 200, 0.1, 0, 0.12, 0.1),
    World("200, no audit", 2_000, 200, 0.0, 300, 0.12, 0.1),
    World("50, nothing certified", 1_000, 50, 0.05, 100, 0.25, 0.05),
)


@dataclass(frozen=True, slots=True)
class Row:
    """How often a figure's interval held, its mean width, and the mean of (figure − truth)."""

    world: str
    figure: str
    n: int
    coverage: float
    width: float
    bias: float


def project(world: World, rng: np.random.Generator) -> tuple[CardEvidence, Ints, Ints, Ints]:
    """Draw a project and take it through the loop; give the evidence, the truth, what was said, who was reviewed."""
    n = world.n_items
    truth = rng.choice(len(LABELS), size=n, p=SHARES)
    difficulty = rng.random(n)
    is_wrong = rng.random(n) < np.minimum(2.5 * world.error * difficulty**1.5, 0.95)
    said = np.where(is_wrong, (truth + rng.integers(1, len(LABELS), n)) % len(LABELS), truth)
    score = np.round((1 - 0.5 * difficulty + 0.05 * rng.standard_normal(n)).clip(0.3, 1) * 20) / 20
    sample = rng.permutation(n)[: world.n_calibration].astype(np.int64)
    outcome = certify(score, sample, is_wrong[sample], target_error=world.target_error, delta=0.05)
    above = score >= (np.inf if outcome.threshold is None else outcome.threshold)
    accepted = above & ~np.isin(np.arange(n), sample)
    n_audit = min(int(accepted.sum()), max(30, round(world.audit_share * accepted.sum()))) if world.audit_share else 0
    audit = rng.permutation(np.flatnonzero(accepted))[:n_audit]
    waiting = np.flatnonzero(~accepted & ~np.isin(np.arange(n), sample))
    reviewed = waiting[np.argsort(score[waiting], kind="stable")][: world.n_reviewed]
    answers = [
        _answer(place, LABELS[truth[place]], purpose)
        for purpose, places in (("calibration", sample), ("audit", audit), ("review", reviewed))
        for place in places.tolist()
    ]
    values: list[Json] = [LABELS[code] for code in said.tolist()]
    everybody = np.ones(n, dtype=np.bool_)
    pool = ScoredPool("kind", "m", "p", "verbalised", np.arange(n), everybody, values, np.ones(n, np.int64), score, 1)
    drawn = AuditStream(
        accepted=np.flatnonzero(accepted),
        batch=np.zeros(int(accepted.sum()), dtype=np.int64),
        drawn=np.searchsorted(np.flatnonzero(accepted), audit),
        drawn_before=np.zeros(len(audit), dtype=np.bool_),
        draws=(),
        drawn_ever=np.isin(np.flatnonzero(accepted), audit),
    )
    in_force = Certified(
        plan={"plan": "p", "frozen": {"round": 0, "seed": [1, 0]}},
        certificate={"threshold": outcome.threshold},
        calibration={},
        pool=pool,
        sample=sample,
        threshold=np.full(n, outcome.threshold or np.nan),
        above=above,
        covered=accepted,
        accepted=accepted,
        audit=drawn,
        first_audit=drawn,
    )
    task = bind(QUESTION)
    return card_evidence(task, in_force, pool, answers, consensus(task, answers)), truth, said, reviewed


def _answer(place: int, value: str, purpose: str) -> Annotation:
    return Annotation(
        id=AnnotationId(f"a{place}"),
        item=ItemKey(place),
        question=QuestionName("kind"),
        annotator=AnnotatorId("ann"),
        round=0,
        purpose=purpose,  # pyright: ignore[reportArgumentType]
        value=value,
        schema_version=1,
        guideline_version=1,
        seconds=1.0,
        suggestion_shown=purpose == "review",
        status="active",
        created_at="2026-01-01T00:00:00.000Z",
        submission=f"s{place}",
    )


Held: TypeAlias = dict[str, list[tuple[float, float, float, float]]]


def measure(world: World, *, repetitions: int, seed: int) -> tuple[list[Row], float]:
    """Hold every figure against the truth; give also the median worth of the sample per drawn label."""
    rng = np.random.default_rng(seed)
    held: Held = defaultdict(list)
    worth: list[float] = []
    for _ in range(repetitions):
        e, truth, said, reviewed = project(world, rng)
        classes = classes_of(bind(QUESTION), list(LABELS))
        assert classes is not None
        members = classes.members(e.said)
        record = np.where(e.by_people, truth, said)
        is_right = record == truth
        _note_intervals(held, e, is_right, said == truth)
        for row in by_class(e, classes, members):
            assert isinstance(row, dict)
            here = record == LABELS.index(str(row["label"]))
            _note(held, f"accuracy of '{row['label']}'", row["accuracy"], float(is_right[here].mean()))
        shares = class_shares(e, classes, members)
        for code, label in enumerate(LABELS):
            figures = (shares.value[code], shares.low[code], shares.high[code], float((truth == code).mean()))
            held[f"share of '{label}'"].append(tuple(float(x) for x in figures))  # pyright: ignore[reportArgumentType]
        for cell in confusion(e, classes, members):
            assert isinstance(cell, dict)
            a, b = LABELS.index(str(cell["said"])), LABELS.index(str(cell["truth"]))
            really = float((truth[said == a] == b).mean())
            figures = (cell["share"], cell["low"], cell["high"], really)
            held["confusion, diagonal" if a == b else "confusion, off it"].append(figures)  # pyright: ignore[reportArgumentType]
        worth.append((effective_size(shares, world.n_items) or 0.0) / max(int(e.drawn.sum()), 1))
        if len(reviewed):
            wrong = (said != truth)[reviewed]
            p, n = 1 - float(wrong.mean()), len(reviewed)
            half = 1.96 * (p * (1 - p) / n) ** 0.5
            held["(reviewed as if random)"].append((p, p - half, p + half, float((said == truth).mean())))
    return [_row(world.name, figure, values) for figure, values in held.items()], float(np.median(worth))


def _note_intervals(held: Held, e: CardEvidence, is_right: NDArray[np.bool_], model_right: NDArray[np.bool_]) -> None:
    _note(held, "accuracy overall", errors_left(e).accuracy(), float(is_right.mean()))
    if e.accepted.any():
        _note(held, "accuracy of the accepted", accepted_accuracy(e), float(model_right[e.accepted].mean()))
    masks = {"accepted": e.left & e.accepted, "unverified": e.left & ~e.accepted}
    for row in by_origin(e):
        assert isinstance(row, dict)
        if row["origin"] in masks:
            really = float(is_right[masks[str(row["origin"])]].mean())
            _note(held, f"accuracy of origin '{row['origin']}'", row["accuracy"], really)


def _note(held: Held, figure: str, found: Json, truth: float) -> None:
    if isinstance(found, dict):
        value, low, high = (float(found[name]) for name in ("value", "low", "high"))  # pyright: ignore[reportArgumentType]
        held[figure].append((value, low, high, truth))


def _row(world: str, figure: str, values: list[tuple[float, float, float, float]]) -> Row:
    value, low, high, truth = np.array(values).T
    inside = (low <= truth + 1e-12) & (truth <= high + 1e-12)
    return Row(
        world, figure, len(values), float(inside.mean()), float((high - low).mean()), float((value - truth).mean())
    )


def gap_in_noise(row: Row) -> float:
    """Coverage above (+) or below (−) what is stated, in standard errors of the repetitions."""
    return (row.coverage - LEVEL) / (LEVEL * (1 - LEVEL) / row.n) ** 0.5


def main() -> None:
    """Measure, print, write the results; exit 1 when an interval holds less often than it says."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n", maxsplit=1)[0])
    parser.add_argument("--repetitions", type=int, default=300)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--out", type=Path, default=ROOT / "benchmarks" / "results" / "card.json")
    options = parser.parse_args()
    cpu_started = time.process_time()
    rows: list[Row] = []
    worth: dict[str, float] = {}
    for world in WORLDS:
        found, worth[world.name] = measure(world, repetitions=options.repetitions, seed=options.seed)
        rows += found
        print(f"{world.name:<34}{'projects':>9}{'covers':>8}{'width':>8}{'bias':>8}")
        for row in found:
            print(f"  {row.figure:<32}{row.n:>9}{row.coverage:>8.3f}{row.width:>8.3f}{row.bias:>+8.3f}")
        print(f"  a drawn label is worth {worth[world.name]:.2f} plain ones, for class shares\n")
    told = [row for row in rows if not row.figure.startswith("(") and row.n >= 50]
    low = [row for row in told if gap_in_noise(row) < -2]
    broken = [row for row in told if gap_in_noise(row) < -3]
    cpu = time.process_time() - cpu_started
    print(
        f"{len(told)} figures; {len(low)} hold less often than 95% by more than 2 standard errors, {len(broken)} by 3"
    )
    print(f"{options.repetitions} projects per world, {cpu:.0f} s of one processor")
    result = {
        "repetitions": options.repetitions,
        "seed": options.seed,
        "processor_seconds": round(cpu, 1),
        "worth": worth,
    }
    options.out.parent.mkdir(parents=True, exist_ok=True)
    plain = [{k: round(v, 5) if isinstance(v, float) else v for k, v in asdict(row).items()} for row in rows]
    options.out.write_text(json.dumps({**result, "rows": plain}, indent=1) + "\n", encoding="utf-8")
    for row in broken:
        print("does not hold:", row)
    if broken:
        raise SystemExit(1)


if __name__ == "__main__":
    main()
