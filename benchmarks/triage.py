"""How much of real recorded labelling may be accepted unseen, and whether the promise holds.

For every recorded set meant for the demonstration: the most accurate recorded model labels the pool; its score is its
own recorded confidence where it has one, else the share of all *other* recorded answers (models, prompts, samples)
that equal its label.  min(300, N/3) items are drawn at random and compared with gold, 1,000 times over.  Then the same
labels with something learnt from part of them: a jury, a meta-calibrator, a panel.

    python benchmarks/triage.py [--data FOLDER] [--seeds 1000] [--learned 100] [--markdown docs/reference/triage.md]
"""

import argparse
import json
import os
import time
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np

from labelwright.adapters.formats.recorded_folder import RecordedFolder, read_recorded_folder
from labelwright.methods.calibration import auroc
from labelwright.methods.confidence import share_of_votes
from labelwright.methods.routing import default_calibration_size, draw_samples, oracle, rehearse

ROOT = Path(__file__).resolve().parent.parent
TARGETS = (0.05, 0.10, 0.15, 0.20, 0.30)
LEARNED_TARGETS = (0.05, 0.10, 0.20)
DELTA = 0.05
NAIVE_THRESHOLD = 0.95


@dataclass(frozen=True, slots=True)
class Pool:
    """One recorded set as arrays: score (N,) with nan = none, wrong (N,), and where the score comes from."""

    name: str
    model: str
    signal: str
    score: np.ndarray
    wrong: np.ndarray


@dataclass(frozen=True, slots=True)
class Row:
    """One set at one target; shares over draws, labels saved as a mean count of accepted items."""

    dataset: str
    model: str
    signal: str
    n_items: int
    n_calibration: int
    model_accuracy: float
    auroc: float | None
    target_error: float
    certified: float
    coverage: float
    oracle_coverage: float
    coverage_of_oracle: float | None
    violations: float
    violations_if_certified: float | None
    labels_saved: float
    labels_saved_share: float
    naive_coverage: float
    naive_error: float | None
    naive_breaks: bool


def read_pool(folder: RecordedFolder) -> Pool:
    """Put the most accurate recorded model, its score and its errors into arrays."""
    question = folder.questions[0]
    best = folder.best_variant()
    ids = [str(item["id"]) for item in folder.items if question.name in folder.gold.get(str(item["id"]), {})]
    codes = {label: code for code, label in enumerate(question.labels)}

    def said(variant: str) -> np.ndarray:
        rows = folder.answers[variant]
        return np.array([codes.get(str(rows[i].labels.get(question.name)), -1) if i in rows else -1 for i in ids])

    own = said(best)
    gold = np.array([codes[str(folder.gold[i][question.name])] for i in ids])
    rows = folder.answers[best]
    recorded = np.array([rows[i].confidence.get(question.name) if i in rows else None for i in ids], dtype=np.float64)
    others = [variant for variant in folder.answers if variant != best]
    if np.any(~np.isnan(recorded)):
        score, signal = np.where(own >= 0, recorded, np.nan), "own recorded confidence"
    else:
        score = share_of_votes(own, np.stack([said(variant) for variant in others], axis=1))
        signal = f"agreement of {len(others)} other answers"
    return Pool(folder.name, best, signal, score, own != gold)


def measure(pool: Pool, *, n_draws: int, seed: int) -> list[Row]:
    """Rehearse one set at every target, on the same draws."""
    n_items = len(pool.score)
    n_calibration = default_calibration_size(n_items)
    samples = draw_samples(n_items, n_calibration, n_draws=n_draws, rng=np.random.default_rng(seed))
    naive = pool.score >= NAIVE_THRESHOLD
    naive_error = float(pool.wrong[naive].mean()) if naive.any() else None
    ranking = auroc(pool.score, ~pool.wrong).value
    rows: list[Row] = []
    for target in TARGETS:
        outcome = rehearse(pool.score, pool.wrong, samples, target_error=target, delta=DELTA)
        best = oracle(pool.score, pool.wrong, target_error=target).coverage
        n_certified = int(outcome.is_certified.sum())
        rows.append(
            Row(
                dataset=pool.name,
                model=pool.model,
                signal=pool.signal,
                n_items=n_items,
                n_calibration=n_calibration,
                model_accuracy=float(1 - pool.wrong.mean()),
                auroc=None if np.isnan(ranking) else ranking,
                target_error=target,
                certified=n_certified / n_draws,
                coverage=float(outcome.coverage.mean()),
                oracle_coverage=best,
                coverage_of_oracle=float(outcome.coverage.mean()) / best if best else None,
                violations=float(outcome.is_broken.mean()),
                violations_if_certified=float(outcome.is_broken.sum() / n_certified) if n_certified else None,
                labels_saved=float(outcome.n_accepted.mean()),
                labels_saved_share=float(outcome.n_accepted.mean() / n_items),
                naive_coverage=float(naive.mean()),
                naive_error=naive_error,
                naive_breaks=naive_error is not None and naive_error > target,
            )
        )
    return rows


def noise_limit(n_draws: int) -> float:
    """δ and three standard errors of a share over the draws."""
    return DELTA + 3 * (DELTA * (1 - DELTA) / n_draws) ** 0.5


def percent(value: float | None, digits: int = 0) -> str:
    """Write a share for a table; a dash when there is none."""
    return "–" if value is None else f"{100 * value:.{digits}f}"


COLUMNS = (
    "set", "α %", "certified %", "coverage %", "oracle %", "of oracle %", "broken %", "broken if certified %",
    "labels saved", "saved %", "naive .95: accepts %", "wrong %", "breaks α",
)  # fmt: skip


def cells(row: Row) -> tuple[str, ...]:
    """One line of the table."""
    return (
        row.dataset,
        percent(row.target_error),
        percent(row.certified, 1),
        percent(row.coverage, 1),
        percent(row.oracle_coverage, 1),
        percent(row.coverage_of_oracle),
        percent(row.violations, 1),
        percent(row.violations_if_certified, 1),
        f"{row.labels_saved:.0f}",
        percent(row.labels_saved_share),
        percent(row.naive_coverage),
        percent(row.naive_error, 1),
        "yes" if row.naive_breaks else "no",
    )


def text_table(rows: list[Row]) -> str:
    """Align the table for a terminal."""
    lines = [COLUMNS, *(cells(row) for row in rows)]
    widths = [max(len(line[c]) for line in lines) for c in range(len(COLUMNS))]
    return "\n".join(
        "  ".join(
            cell.ljust(w) if c == 0 else cell.rjust(w) for c, (cell, w) in enumerate(zip(line, widths, strict=True))
        )
        for line in lines
    )


def markdown(rows: list[Row], learned: str, *, n_draws: int) -> str:
    """The page of the reference, as it comes out."""
    sets = list(dict.fromkeys(row.dataset for row in rows))
    first = {row.dataset: row for row in reversed(rows)}
    worst = max(rows, key=lambda row: row.violations)
    certified = {t: sum(row.certified >= 0.5 for row in rows if row.target_error == t) for t in TARGETS}
    summary = ", ".join(f"{count} of {len(sets)} at {percent(t)}%" for t, count in certified.items())
    tail_head = "| set | model | score | items | labelled | accuracy % | AUROC |\n|---|---|---|---:|---:|---:|---:|"
    about = "\n".join(
        f"| {r.dataset} | {r.model} | {r.signal} | {r.n_items} | {r.n_calibration} | {percent(r.model_accuracy, 1)} | "
        f"{'–' if r.auroc is None else f'{r.auroc:.2f}'} |"
        for r in (first[name] for name in sets)
    )
    head = "| " + " | ".join(COLUMNS) + " |\n|---|" + "---:|" * (len(COLUMNS) - 1)
    body = "\n".join("| " + " | ".join(cells(row)) + " |" for row in rows)
    return f"""# Triage on real recorded answers

Generated by `benchmarks/triage.py`; do not edit by hand.

For each set, the most accurate recorded model labels every item, and min(300, N/3) items are drawn at random and
compared with gold, {n_draws:,} times over. Confidence level 95% (δ = 5%). The table is published as it comes out: most
real tasks certify little at 5%. Sets certified in at least half of the draws: {summary}.

- **certified**: share of draws in which anything could be accepted. **coverage**: accepted, as a share of the items
  nobody labelled, averaged over *all* draws. **oracle**: what somebody who knows every error could accept with the
  same score.
- **broken**: share of all draws in which something was certified *and* more than α of it was wrong. This is the
  promise: at most 5%, here at most {percent(worst.violations, 1)}% ({worst.dataset} at {percent(worst.target_error)}%);
  three standard errors of {n_draws:,} draws reach to {percent(noise_limit(n_draws), 1)}%.
- **broken if certified**: the same among the draws that certified something. Where certifying is rare this can be
  far above 5%, because the few draws that certify are the lucky ones. It is shown because you will be looking at one.
- **labels saved**: items accepted without a person, on average; the labels spent on calibration are not among them.
- **naive .95**: accept everything whose score is at least 0.95, as many tools do: how much that accepts, how much of it
  is wrong, and whether that is more than α.

## The sets

{tail_head}
{about}

## The table

{head}
{body}

{learned}"""


def main() -> None:
    """Read, rehearse, print, write."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n", maxsplit=1)[0])
    shared = Path(os.environ.get("LABELWRIGHT_SHARED") or ROOT.parent / "shared")
    parser.add_argument("--data", type=Path, default=shared / "data" / "llm", help="folder of recorded sets")
    parser.add_argument("--seeds", type=int, default=1_000, help="calibration samples drawn per set")
    parser.add_argument("--learned", type=int, default=100, help="draws per set for what is learnt; 0 leaves it out")
    parser.add_argument("--out", type=Path, default=ROOT / "benchmarks" / "results" / "triage.json")
    parser.add_argument("--markdown", type=Path, default=None, help="also write the table as a page of the reference")
    options = parser.parse_args()
    started = time.perf_counter()
    from certified_sets import signalled  # noqa: PLC0415 - the tests read this file, and take only the raw score's rows
    from triage_learned import EffortRow, LearnedRow, learned_rows, section  # noqa: PLC0415

    rows: list[Row] = []
    learned: list[LearnedRow] = []
    efforts: list[EffortRow] = []
    for folder in sorted(path for path in options.data.iterdir() if (path / "task.json").is_file()):
        task: dict[str, Any] = json.loads((folder / "task.json").read_text(encoding="utf-8"))
        if task.get("demo"):
            rows += measure(read_pool(read_recorded_folder(folder)), n_draws=options.seeds, seed=1)
            if options.learned and task.get("type") == "classification":
                some, effort = learned_rows(signalled(folder), LEARNED_TARGETS, n_draws=options.learned, seed=1)
                learned += some
                efforts.append(effort)
    if not rows:
        parser.error(f'{options.data} holds no recorded set whose task.json says "demo": true')
    for row in rows[:: len(TARGETS)]:
        print(f"{row.dataset}: {row.model}, accuracy {percent(row.model_accuracy, 1)}%, score = {row.signal}")
    print()
    print(text_table(rows))
    limit = noise_limit(options.seeds)
    above = [row for row in rows if row.violations > limit]
    seconds = time.perf_counter() - started
    raw = {(row.dataset, row.target_error): (row.coverage, row.violations) for row in rows}
    told = section(raw, learned, efforts, n_draws=options.learned) if learned else ""
    print(f"\n{told}")
    print(
        f"\n{options.seeds:,} draws per set, {seconds:.1f} s; "
        f"broken in more than {percent(limit, 1)}% of draws: {len(above)} of {len(rows)} rows"
    )
    options.out.parent.mkdir(parents=True, exist_ok=True)
    result = {
        "seeds": options.seeds,
        "delta": DELTA,
        "noise_limit": limit,
        "seconds": round(seconds, 1),
        "rows": [asdict(row) for row in rows],
        "learned_seeds": options.learned,
        "learned": [asdict(row) for row in learned],
        "effort": [{**asdict(row), "is_so": row.is_so} for row in efforts],
    }
    options.out.write_text(json.dumps(result, indent=1) + "\n", encoding="utf-8")
    if options.markdown is not None:
        text = markdown(rows, told, n_draws=options.seeds)
        options.markdown.write_text(text, encoding="utf-8")
    if above:
        raise SystemExit(1)


if __name__ == "__main__":
    main()
