"""Whether a slice in which a model is wrong three times as often is found, and how often what is found is none.

Worlds are drawn, so the truth is known: items with metadata, labels, confidences and texts as vectors, 1,500 of them
audited.  Some metadata repeat one another, so that slices overlap.  In one slice of 3% of the items the model is wrong
three times as often; or in a cluster of similar texts; or where two fields meet; or in none.

A finding counts as the planted slice when their items overlap by more than half (Jaccard).  It is false when the model
is, by the truth of the world, wrong less than 1.2 times as often in it as outside it.  Beside the product's correction
stand Benjamini–Hochberg and Benjamini–Yekutieli, on slices of one condition alone, which makes it easier for them.

    python benchmarks/slices.py [--repetitions 300] [--seed 1]
"""

from __future__ import annotations

import argparse
import json
import time
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from labelwright.methods.slices import (
    Bands,
    Field,
    Finding,
    benjamini_hochberg,
    benjamini_yekutieli,
    find_slices,
    spherical_k_means,
)
from labelwright.methods.slices.search import slice_tests

ROOT = Path(__file__).resolve().parent.parent
N_AUDITED = 1_500
N_POOL = 6_000
SUPPORT = 0.03
TIMES = 3.0
Q = 0.1
PERMUTATIONS = 299
HARDLY = 1.2
LABELS = ("bug", "praise", "question", "other")
CLUSTERS = (10, 30)

Bools: TypeAlias = NDArray[np.bool_]
Floats: TypeAlias = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class World:
    """fields: over the pool.  planted: who is in the planted slice.  error: chance to be wrong.  audited: positions."""

    fields: list[Field]
    planted: Bools
    error: Floats
    wrong: Bools
    said: list[str]
    truth: list[str]
    audited: NDArray[np.int64]
    inclusion: Floats | None


def words(name: str, code: NDArray[np.int64], *, handicap: float = 1.0, group: str = "") -> Field:
    """Make a field of codes."""
    return Field(name, code, tuple(f"v{value}" for value in range(int(code.max()) + 1)), handicap, group)


def metadata(rng: np.random.Generator, n: int) -> tuple[list[Field], NDArray[np.int64], Floats]:
    """Draw seven fields; two repeat another for four items of five.  Gives also the products and the confidences."""
    share = np.array([0.2, 0.18, 0.15, 0.12, 0.1, 0.08, 0.06, 0.05, 0.03, 0.03])
    product = rng.choice(10, n, p=share)
    source = rng.choice(6, n, p=[0.35, 0.25, 0.15, 0.12, 0.08, 0.05])
    brand = np.where(rng.random(n) < 0.8, product // 2, rng.integers(0, 5, n))
    channel = np.where(rng.random(n) < 0.8, source // 2, rng.integers(0, 4, n))
    confidence = rng.beta(6, 1.5, n)
    fields = [
        words("product", product),
        words("source", source),
        words("brand", brand),
        words("channel", channel),
        words("language", rng.choice(5, n, p=[0.7, 0.12, 0.08, 0.06, 0.04])),
        Bands.fitted("year", rng.integers(2010, 2026, n)).field(rng.integers(2010, 2026, n)),
        Bands.fitted("length", length := rng.lognormal(4, 1, n)).field(length),
        Bands.fitted("confidence", confidence).field(confidence),
    ]
    return fields, product, confidence


def clustered(rng: np.random.Generator, n: int, *, planted: Bools | None) -> list[Field]:
    """Draw texts as directions around 24 themes, the planted items around one of their own, and cluster them."""
    themes = rng.standard_normal((25, 48))
    theme = rng.integers(0, 24, n)
    if planted is not None:
        theme[planted] = 24
    vectors = (themes[theme] + 0.8 * rng.standard_normal((n, 48))).astype(np.float32)
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
    found: list[Field] = []
    for k in CLUSTERS:
        centre = spherical_k_means(vectors[: n // 2], k, rng=rng)
        code = np.argmax(vectors @ centre.T, axis=1).astype(np.int64)
        found.append(words(f"words of {k}", code, handicap=2.0, group="words"))
    return found


def draw(rng: np.random.Generator, kind: str, base: float) -> World:
    """Draw a world of a kind, the model being wrong in a share `base` of the items that are not planted."""
    fields, product, confidence = metadata(rng, N_POOL)
    planted = np.zeros(N_POOL, dtype=np.bool_)
    if kind in ("value", "weighted"):
        planted = product == 9
    elif kind == "two fields":
        planted = (fields[1].code == 1) & (fields[4].code == 1)  # .25 × .12
    elif kind == "cluster":
        planted = rng.random(N_POOL) < SUPPORT
    fields += clustered(rng, N_POOL, planted=planted if kind == "cluster" else None)
    error = np.where(planted, TIMES * base, base)
    if kind in ("weighted", "weighted, nothing"):
        # The unsure are wrong more often, and the sure, accepted, are audited at another rate.
        error *= np.where(confidence < 0.85, 1.3, 0.7)
        fields = [field for field in fields if field.name != "confidence"]
    wrong = rng.random(N_POOL) < error
    truth = rng.integers(0, 4, N_POOL)
    said = np.where(wrong, (truth + rng.integers(1, 4, N_POOL)) % 4, truth)
    fields.append(Field("said", said, LABELS))
    audited, inclusion = rng.permutation(N_POOL)[:N_AUDITED], None
    if kind.startswith("weighted"):
        chance = np.where(confidence < 0.85, 0.15, 0.35)
        chance *= N_AUDITED / chance.sum()
        audited = np.flatnonzero(rng.random(N_POOL) < chance)
        inclusion = chance[audited]
    return World(
        fields, planted, error, wrong, [LABELS[x] for x in said], [LABELS[x] for x in truth], audited, inclusion
    )


def seen(world: World) -> list[Field]:
    """Give the fields over the audited items."""
    return [Field(f.name, f.code[world.audited], f.values, f.handicap, f.group) for f in world.fields]


@dataclass(frozen=True, slots=True)
class Row:
    """Over repetitions.  found: share in which the planted slice was found.  fdr: mean share of false findings.

    any_false: share with any false one.  findings: mean number.
    bh, by: found by Benjamini–Hochberg and –Yekutieli, in slices of one condition alone; *_fdr: theirs.
    """

    world: str
    error: float
    repetitions: int
    found: float | None
    fdr: float
    any_false: float
    findings: float
    bh: float | None
    bh_fdr: float
    by: float | None
    by_fdr: float


def is_planted(member: Bools, planted: Bools) -> bool:
    """Whether two sets of items overlap by more than half."""
    either = member | planted
    return bool(either.any()) and float((member & planted).sum() / either.sum()) > 0.5


def true_ratio(world: World, member: Bools, cell: tuple[str, str] | None) -> float:
    """Give the ratio of the chance to be wrong in a slice and outside it; of one confusion, among the items said so.

    Which labels are confused does not depend on the slice in these worlds, so that what holds of errors holds of each.
    """
    among = np.ones(len(member), dtype=np.bool_) if cell is None else np.array(world.said) == cell[0]
    inside, outside = member & among, ~member & among
    if not inside.any() or not outside.any():
        return 1.0
    # "said" is part of what happened, so that in slices by it the rate that came about is the truth.
    return float(_rate(world, inside) / max(_rate(world, outside), 1e-12))


def _rate(world: World, where: Bools) -> float:
    return float(world.error[where].mean())


def members(world: World, finding: Finding) -> Bools:
    """Give the items of the pool that a finding is about."""
    mask = np.ones(N_POOL, dtype=np.bool_)
    for place, code in finding.conditions:
        mask &= world.fields[place].code == code
    return mask


def by_other_corrections(world: World, fields: list[Field], rng: np.random.Generator) -> dict[str, list[Bools]]:
    """Correct the tests of all slices of one condition by Benjamini–Hochberg and Benjamini–Yekutieli."""
    rows = [(place, code) for place, field in enumerate(fields) for code in range(len(field.values))]
    member = np.array([fields[place].code == code for place, code in rows])
    enough = member.sum(axis=1) >= 20
    rows = [row for row, keep in zip(rows, enough, strict=True) if keep]
    tests = slice_tests(
        member[enough], world.wrong[world.audited], rng=rng, inclusion=world.inclusion, n_permutations=0
    )
    found: dict[str, list[Bools]] = {}
    for name, correct in (("bh", benjamini_hochberg), ("by", benjamini_yekutieli)):
        good = (correct(tests.p) <= Q) & (tests.ratio >= 1.5)
        found[name] = [world.fields[rows[at][0]].code == rows[at][1] for at in np.flatnonzero(good)]
    return found


def measure(kind: str, base: float, *, repetitions: int, seed: int) -> Row:
    """Draw a kind of world again and again."""
    has_planted = kind not in ("nothing", "weighted, nothing")
    found: list[bool] = []
    false: list[float] = []
    counts: list[int] = []
    others: dict[str, tuple[list[bool], list[float]]] = {"bh": ([], []), "by": ([], [])}
    for repetition in range(repetitions):
        rng = np.random.default_rng([seed, repetition])
        world = draw(rng, kind, base)
        fields, at = seen(world), world.audited
        search = find_slices(
            fields,
            world.wrong[at],
            rng=rng,
            inclusion=world.inclusion,
            said=[world.said[i] for i in at],
            truth=[world.truth[i] for i in at],
            said_field="said",
            q=Q,
            n_permutations=PERMUTATIONS,
        )
        masks = [(members(world, one), one.cell if one.is_of_cell else None) for one in search.findings]
        ratios = [true_ratio(world, *one) for one in masks]
        found.append(any(is_planted(mask, world.planted) for mask, _ in masks))
        false.append(_mean_of([ratio < HARDLY for ratio in ratios]))
        counts.append(len(masks))
        for name, slices in by_other_corrections(world, fields, rng).items():
            others[name][0].append(any(is_planted(mask, world.planted) for mask in slices))
            others[name][1].append(_mean_of([true_ratio(world, mask, None) < HARDLY for mask in slices]))
    return Row(
        world=kind,
        error=base,
        repetitions=repetitions,
        found=float(np.mean(found)) if has_planted else None,
        fdr=float(np.mean(false)),
        any_false=float(np.mean([share > 0 for share in false])),
        findings=float(np.mean(counts)),
        bh=float(np.mean(others["bh"][0])) if has_planted else None,
        bh_fdr=float(np.mean(others["bh"][1])),
        by=float(np.mean(others["by"][0])) if has_planted else None,
        by_fdr=float(np.mean(others["by"][1])),
    )


def _mean_of(marks: list[bool]) -> float:
    return float(np.mean(marks)) if marks else 0.0


CASES: tuple[tuple[str, float], ...] = (
    ("value", 0.125),
    ("value", 0.08),
    ("value", 0.2),
    ("weighted", 0.125),
    ("two fields", 0.125),
    ("cluster", 0.125),
    ("nothing", 0.125),
    ("weighted, nothing", 0.125),
)


FULL = (("value", 0.125), ("nothing", 0.125))
"""Drawn as often as asked for; the others a third of that."""


def show(share: float | None) -> str:
    """Write a share; a dash where there is none."""
    return "–" if share is None else f"{share:.3f}"


def main() -> None:
    """Run all worlds, print the table, write the figures."""
    reader = argparse.ArgumentParser(description=(__doc__ or "").split("\n", maxsplit=1)[0])
    reader.add_argument("--repetitions", type=int, default=300)
    reader.add_argument("--seed", type=int, default=1)
    reader.add_argument("--out", type=Path, default=ROOT / "benchmarks" / "results" / "slices.json")
    chosen = reader.parse_args()
    started = time.process_time()
    rows: list[Row] = []
    print(f"{'world':<18} error  found    fdr  any false | BH found  fdr  | BY found  fdr")
    for kind, base in CASES:
        fewer = 1 if (kind, base) in FULL else 3
        row = measure(kind, base, repetitions=max(1, chosen.repetitions // fewer), seed=chosen.seed)
        rows.append(row)
        print(
            f"{kind:<18} {base:.3f}  {show(row.found):>5}  {row.fdr:.3f}  {row.any_false:.3f}     |"
            f" {show(row.bh):>5}     {row.bh_fdr:.3f} | {show(row.by):>5}     {row.by_fdr:.3f}",
            flush=True,
        )
    figures = {
        "n_audited": N_AUDITED,
        "support": SUPPORT,
        "times": TIMES,
        "q": Q,
        "seed": chosen.seed,
        "cpu_seconds": round(time.process_time() - started, 1),
        "rows": [asdict(row) for row in rows],
    }
    chosen.out.parent.mkdir(exist_ok=True)
    chosen.out.write_text(json.dumps(figures, indent=2) + "\n")


if __name__ == "__main__":
    main()
