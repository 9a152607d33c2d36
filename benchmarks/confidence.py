"""What each confidence signal is worth on real recorded answers, and what they are worth together.

Signals: for each recorded set and variant (model, prompt, sample), how well each signal ranks right answers above wrong
ones (AUROC, AURC) and whether it is a probability (ECE, with what a perfect probability would show). `neighbours` and
`combined` (the meta-calibrator) use the human labels of min(200, N/3) items drawn at random; they are measured on the
others, mean over seeds.  Juries: `fit_weighed_jury`, which a project's `ensemble: jury` runs, on the same labels, with
the second opinions it has there; beside it the panel that `ensemble: first` runs, the best single voter, majority and
Dawid-Skene.  Prompts: the same model asked in two ways, on the same items.

    python benchmarks/confidence.py [--data FOLDER] [--seeds 20] [--all] [--juries]
"""

import argparse
import json
import os
import time
from pathlib import Path

import numpy as np
from confidence_figures import LABELS, Row, mean_of, measured, n_labels
from confidence_juries import measure_jury
from confidence_prompts import measure_orders, measure_prompts
from confidence_report import report, rounded, signal_line, summary, table
from confidence_sets import NO_LABEL, RecordedSet, read_set

from labelwright.adapters.embedders import HashedEmbedder
from labelwright.methods.acquisition import nearest_items, same_text
from labelwright.methods.calibration import fit_calibration
from labelwright.methods.confidence import (
    Signals,
    agreement_margin,
    fit_meta_calibrator,
    share_among,
    share_of_votes,
)

ROOT = Path(__file__).resolve().parent.parent


def label_free(one: RecordedSet, v: int) -> dict[str, np.ndarray]:
    """Signals of variant v that need no human label."""
    mine = one.variants[v]
    signals = {kind: table[:, v] for kind, table in one.recorded.items() if not np.isnan(table[:, v]).all()}
    others = [u for u, variant in enumerate(one.variants) if variant.model != mine.model]
    own = [u for u, variant in enumerate(one.variants) if variant.model == mine.model and u != v]
    for name, columns in (("agreement of other models", others), ("agreement of own variants", own)):
        if columns:
            signals[name] = share_of_votes(one.said[:, v], one.said[:, columns])
    return signals


def measure_signals(one: RecordedSet, *, n_seeds: int) -> list[Row]:
    """Every signal of every variant; one row each."""
    n = len(one.gold)
    size = n_labels(n)
    samples = [np.sort(np.random.default_rng(seed).choice(n, size, replace=False)) for seed in range(n_seeds)]
    found = [None] * n_seeds
    numbers: dict[str, np.ndarray] = {}
    if one.texts is not None:
        vectors, same = HashedEmbedder().embed(one.texts), same_text(one.texts)
        items = np.arange(n)
        found = [
            nearest_items(
                vectors, vectors[s], k=10, query_item=items, pool_item=items[s], query_text=same, pool_text=same[s]
            )
            for s in samples
        ]
        numbers["log length"] = np.log1p([len(text) for text in one.texts])
    right = one.right
    rows: list[Row] = []
    for v, variant in enumerate(one.variants):
        signals = label_free(one, v)
        others = [u for u, other in enumerate(one.variants) if other.model != variant.model]
        own_numbers = dict(numbers)
        if others and one.options:
            own_numbers["margin"] = agreement_margin(one.said[:, v], one.said[:, others])
        about: Row = {
            "dataset": one.name,
            "model": variant.model,
            "prompt": variant.prompt,
            "sample": variant.sample,
            "n_items": n,
            "n_labels": size,
            "accuracy": float(right[:, v].mean()),
        }
        rows += [{**about, "signal": name, **measured(score, right[:, v], seed=1)} for name, score in signals.items()]
        neighbours: list[Row] = []
        combined: list[Row] = []
        calibrated: list[Row] = []
        valid = one.said[:, v] >= 0
        for seed, sample in enumerate(samples):
            kept = np.ones(n, dtype=bool)
            kept[sample] = False
            with_share = dict(own_numbers)
            near = found[seed]
            if near is not None and one.options:
                share = share_among(one.said[:, v], one.gold[sample], near)
                with_share["neighbours"] = share
                neighbours.append(measured(np.where(kept, share, np.nan), right[:, v], seed=seed))
            if not signals and not with_share:
                continue
            # Where a code is a whole value, it says nothing as a label; it is valid or not.
            label = one.said[:, v] if one.options else np.where(valid, 0, NO_LABEL)
            table = Signals(signals, with_share, label, max(len(one.options), 1))
            fit = fit_meta_calibrator(table.rows(sample), right[sample, v], rng=np.random.default_rng(seed), n_folds=2)
            p = np.where(kept, fit.calibrator.predict(table), np.nan)
            combined.append(measured(p, right[:, v], seed=seed))
            if signals:
                first = next(iter(signals.values()))
                platt = fit_calibration(first[sample], right[sample, v])(first)
                calibrated.append(measured(np.where(kept, platt, np.nan), right[:, v], seed=seed))
        for name, some in (
            ("neighbours", neighbours),
            ("first signal, calibrated", calibrated),
            ("combined", combined),
        ):
            if some:
                rows.append({**about, "signal": name, **mean_of(some)})
    return rows


def main() -> None:
    """Read, measure, print, write."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n", maxsplit=1)[0])
    shared = Path(os.environ.get("LABELWRIGHT_SHARED") or ROOT.parent / "shared")
    parser.add_argument("--data", type=Path, default=shared / "data" / "llm", help="folder of recorded sets")
    parser.add_argument("--seeds", type=int, default=20, help="samples of labelled items drawn per set")
    parser.add_argument("--first-seed", type=int, default=0, help="of the juries' samples: others than the ones kept")
    parser.add_argument("--only", nargs="*", default=None, help="names of sets")
    parser.add_argument("--all", action="store_true", help="also print each signal of each variant")
    parser.add_argument("--juries", action="store_true", help="only juries; the file's other figures stay")
    parser.add_argument("--out", type=Path, default=ROOT / "benchmarks" / "results" / "confidence.json")
    options = parser.parse_args()
    started = time.perf_counter()
    signals: list[Row] = []
    juries: list[Row] = []
    prompts: list[Row] = []
    orders: list[Row] = []
    names = sorted(path for path in options.data.iterdir() if (path / "task.json").is_file())
    for path in names:
        if options.only is not None and path.name not in options.only:
            continue
        began = time.perf_counter()
        one = read_set(path)
        signals += [] if options.juries else measure_signals(one, n_seeds=options.seeds)
        jury = measure_jury(one, n_seeds=options.seeds, first_seed=options.first_seed)
        juries += [] if jury is None else [jury]
        prompts += measure_prompts(one)
        orders += measure_orders(one)
        print(
            f"{one.name}: {len(one.gold)} items, {len(one.variants)} variants, {time.perf_counter() - began:.1f} s",
            flush=True,
        )
    if not signals and not juries:
        parser.error(f"{options.data} holds no recorded set")
    if options.all:
        head = ["set", "variant", "signal", "accuracy", "AUROC", "AURC", "ECE mass", "null", "ECE width"]
        print("\n" + table(head, [signal_line(row) for row in signals]))
    report(signals, juries, prompts, orders)
    seconds = time.perf_counter() - started
    passed = sum(row["is_accurate"] and row["is_calibrated"] for row in juries)
    print(f"\n{seconds:.0f} s; juries that keep accuracy and calibration: {passed} of {len(juries)}")
    result = {
        "seeds": options.seeds,
        "labels": LABELS,
        "seconds": round(seconds),
        "summary": rounded(summary(signals)),
        "juries": rounded(juries),
        "prompts": rounded(prompts),
        "orders": rounded(orders),
        "signals": rounded(signals),
    }
    if options.juries:
        result = json.loads(options.out.read_text(encoding="utf-8")) | {"juries": result["juries"]}
    options.out.parent.mkdir(parents=True, exist_ok=True)
    # A thousand rows: one line for each part keeps the file small.
    lines = [f"{json.dumps(name)}:{json.dumps(part, separators=(',', ':'))}" for name, part in result.items()]
    options.out.write_text("{" + ",\n".join(lines) + "}\n", encoding="utf-8")


if __name__ == "__main__":
    main()
