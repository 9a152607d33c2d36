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
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from confidence_sets import NO_LABEL, RecordedSet, Variant, read_set, yes_no_units
from scipy import special

from labelwright.adapters.embedders import HashedEmbedder
from labelwright.adapters.students.hashed_logistic import HashedLogistic
from labelwright.methods.acquisition import nearest_items, same_text
from labelwright.methods.aggregation import dawid_skene, majority, votes
from labelwright.methods.calibration import (
    area_under_risk_coverage,
    auroc,
    expected_calibration_error,
    fit_calibration,
)
from labelwright.methods.calibration.logit_map import fit_logistic
from labelwright.methods.calibration.metrics import Binning, bin_of
from labelwright.methods.confidence import (
    PanelSignals,
    Signals,
    agreement_margin,
    fit_meta_calibrator,
    fit_weighed_jury,
    share_among,
    share_of_votes,
)
from labelwright.methods.protocols import learn
from labelwright.services.models.opinions import opinions, taught_opinion

ROOT = Path(__file__).resolve().parent.parent
LABELS = 200
BINNINGS: tuple[Binning, ...] = ("width", "mass")
MARGIN = 0.015
LARGE, LARGE_ERROR = 1_000, 0.06
Row = dict[str, Any]


def n_labels(n_items: int) -> int:
    """200 human labels, or a third of a small set."""
    return min(LABELS, n_items // 3)


def measured(score: np.ndarray, right: np.ndarray, *, seed: int) -> Row:
    """Ranking and calibration of one score; None where it cannot be said."""
    known = ~np.isnan(score)
    p, y = score[known], right[known]
    ranking = auroc(p, y).value
    found: Row = {
        "n": int(known.sum()),
        "auroc": None if np.isnan(ranking) else ranking,
        "aurc": area_under_risk_coverage(p, y) if len(p) else None,
    }
    upper = null_upper(p, seed=seed) if len(p) else (None, None)
    for binning, null in zip(BINNINGS, upper, strict=True):
        found[f"ece_{binning}"] = expected_calibration_error(p, y, binning=binning) if len(p) else None
        found[f"ece_{binning}_null"] = null
    return found


def null_upper(p: np.ndarray, *, seed: int, n_null: int = 200, n_bins: int = 15) -> list[float]:
    """`calibration_error_null` for both binnings from the same drawn outcomes: thousands of rows need it."""
    uniform = np.random.default_rng(seed).random((n_null, len(p)), dtype=np.float32)
    drawn = (uniform < p.astype(np.float32)).astype(np.float32)
    upper: list[float] = []
    for binning in BINNINGS:
        bins = bin_of(p, n_bins, binning)
        is_in = np.zeros((len(p), n_bins), dtype=np.float32)
        is_in[np.arange(len(p)), bins] = 1
        stated = np.bincount(bins, weights=p, minlength=n_bins)
        upper.append(float(np.quantile(np.abs(drawn @ is_in - stated).sum(axis=1) / len(p), 0.95)))
    return upper


def fitted_floor(p: np.ndarray, right: np.ndarray, *, n_labels: int, seed: int, n_draws: int = 10) -> float:
    """Give the calibration error of a score that lacks two numbers alone: slope and level, fitted to n labels.

    A perfect probability is made of the score by the held-out items themselves; labels and outcomes are drawn from it.
    No jury that learns from as many labels can be expected to lie below.
    """
    rng = np.random.default_rng([seed, 9])
    logit = special.logit(np.clip(p, 1e-4, 1 - 1e-4))
    features = np.column_stack([logit, np.ones(len(p))])
    free, start = np.full(2, 1e-6), np.array([1.0, 0.0])
    z = features @ fit_logistic(features, right.astype(float), penalty=free, prior=start)
    errors: list[float] = []
    for _ in range(n_draws):
        drawn = rng.integers(0, len(z), n_labels)
        labels = (rng.random(n_labels) < special.expit(z[drawn])).astype(float)
        told = fit_logistic(np.column_stack([z[drawn], np.ones(n_labels)]), labels, penalty=free, prior=start)
        outcome = rng.random(len(z)) < special.expit(z)
        errors.append(expected_calibration_error(special.expit(told[0] * z + told[1]), outcome, binning="mass"))
    return float(np.mean(errors))


def mean_of(rows: Sequence[Row]) -> Row:
    """Mean of each figure over seeds, over those where it could be said."""
    out: Row = {}
    for name in rows[0] if rows else ():
        values = [row[name] for row in rows if row[name] is not None]
        out[name] = float(np.mean(values)) if values else None
    return out


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


def measure_jury(one: RecordedSet, *, n_seeds: int, first_seed: int = 0) -> Row | None:
    """A jury at the labels of a random sample beside what needs none; None with a single voter or whole values."""
    owner = np.arange(len(one.gold))
    said, gold, options, unit = one.said, one.gold, one.options, "item"
    if one.type == "multilabel":
        owner, said, gold = yes_no_units(one)
        options, unit = ("no", "yes"), "yes/no unit"
    if said.shape[1] < 2 or not options:
        return None
    n_items = len(one.gold)
    kinds = [kind for kind in one.recorded if unit == "item"]
    second, numbers = second_opinions(one) if unit == "item" else ({}, {})
    rows, column = np.nonzero(said >= 0)
    table = votes(
        rows, column, said[rows, column], n_units=len(gold), n_annotators=said.shape[1], n_options=len(options)
    )
    by_majority, by_skene = majority(table), dawid_skene(table).posterior
    shares = share_of_votes(np.nan_to_num(by_majority, nan=0.0).argmax(axis=1), said)
    best = int((said == gold[:, None]).mean(axis=0).argmax())
    seeds: list[Row] = []
    beside = PanelSignals(said, len(options), {kind: one.recorded[kind] for kind in kinds}, second, numbers)
    for seed in range(first_seed, first_seed + n_seeds):
        rng = np.random.default_rng(seed)
        drawn = rng.choice(n_items, n_labels(n_items), replace=False)
        is_labelled = np.isin(owner, drawn)
        out, at = ~is_labelled, np.flatnonzero(is_labelled)
        taught = {}
        if unit == "item" and one.texts is not None:
            taught = taught_opinion(one.texts, at, gold[at], len(options), student=HashedLogistic())
        told = beside.and_opinions(taught)
        fit = fit_weighed_jury(told, at, gold[at], rng=rng)
        posterior = fit.jury.posterior(told.rows(out))
        # Nobody voted: no label, which is not right.
        sure, label = posterior.max(axis=1), np.nan_to_num(posterior, nan=-1.0).argmax(axis=1)
        right = (label == gold[out]) & ~np.isnan(sure)
        known = ~np.isnan(sure)
        skene = by_skene[out]
        weighed = measured(sure, right, seed=seed)
        panel = learn(told.led_by(best), at, gold[at], rng=rng)
        panel_right = panel.label[out] == gold[out]
        panelled = measured(panel.score[out], panel_right, seed=seed)
        is_large = int(out.sum()) >= LARGE
        skene_error = expected_calibration_error(skene.max(axis=1), skene.argmax(axis=1) == gold[out])
        vote = np.nan_to_num(by_majority[out], nan=0.0)
        majority_error = expected_calibration_error(shares[out], vote.argmax(axis=1) == gold[out])
        seeds.append(
            {
                "n_held_out": int(out.sum()),
                "best_single": float((said[out, best] == gold[out]).mean()),
                "best_by_labels": float((said[out, fit.jury.leader] == gold[out]).mean()),
                "majority": float(np.nan_to_num(by_majority[out, :])[np.arange(out.sum()), gold[out]].mean()),
                "dawid_skene": float((skene.argmax(axis=1) == gold[out]).mean()),
                "jury": float(right.mean()),
                "jury_ece": weighed["ece_mass"],
                "jury_ece_null": weighed["ece_mass_null"],
                "floor": fitted_floor(sure[known], right[known], n_labels=int(is_labelled.sum()), seed=seed),
                "jury_ece_width": weighed["ece_width"],
                "jury_ece_width_null": weighed["ece_width_null"],
                "jury_auroc": weighed["auroc"],
                "dawid_skene_ece": skene_error,
                "majority_ece": majority_error,
                "in_band": float(weighed["ece_mass"] <= weighed["ece_mass_null"]),
                "meets": float(
                    weighed["ece_mass"] <= weighed["ece_mass_null"] or (is_large and weighed["ece_mass"] <= LARGE_ERROR)
                ),
                "panel": float(panel_right.mean()),
                "panel_ece": panelled["ece_mass"],
                "panel_ece_null": panelled["ece_mass_null"],
                "panel_auroc": panelled["auroc"],
                "slope": fit.jury.panel.top[0],
            }
        )
    mean = mean_of(seeds)
    is_calibrated = mean["jury_ece"] <= mean["jury_ece_null"] or (
        mean["n_held_out"] >= LARGE and mean["jury_ece"] <= LARGE_ERROR
    )
    is_accurate = mean["jury"] >= mean["best_single"] - MARGIN
    return {
        "dataset": one.name,
        "unit": unit,
        "n_voters": said.shape[1],
        "n_options": len(options),
        "n_labels": n_labels(n_items),
        "best_voter": one.variants[best].name,
        **mean,
        "is_accurate": bool(is_accurate),
        "is_calibrated": bool(is_calibrated),
    }


def second_opinions(one: RecordedSet) -> tuple[Mapping[str, np.ndarray], Mapping[str, np.ndarray]]:
    """Give what a project's jury has beside the models' answers: opinions, and numbers; nothing without texts."""
    if one.texts is None:
        return {}, {}
    vectors = HashedEmbedder().embed(one.texts)
    found = opinions(one.said, len(one.options), texts=one.texts, vectors=vectors, student=HashedLogistic())
    return found, {"log_length": np.log1p(np.array([len(text) for text in one.texts], dtype=np.float64))}


def measure_prompts(one: RecordedSet) -> list[Row]:
    """The same model asked in two ways, paired on the items both answered; the first recorded prompt is the base."""
    rows: list[Row] = []
    for model in dict.fromkeys(variant.model for variant in one.variants):
        mine = [(v, variant) for v, variant in enumerate(one.variants) if variant.model == model]
        base = next(((v, it) for v, it in mine if it.prompt in PLAIN), mine[0])
        for v, variant in mine:
            if variant.prompt == base[1].prompt or not _same_sample(variant, base[1]):
                continue
            both = (one.said[:, base[0]] >= 0) & (one.said[:, v] >= 0)
            a, b = one.right[both, base[0]].astype(float), one.right[both, v].astype(float)
            if len(a) < 2:
                continue
            rows.append(
                {
                    "dataset": one.name,
                    "model": model,
                    "base": base[1].prompt,
                    "other": variant.prompt,
                    "n": int(both.sum()),
                    "base_accuracy": float(a.mean()),
                    "other_accuracy": float(b.mean()),
                    "difference": float((b - a).mean()),
                    "standard_error": float(np.std(b - a, ddof=1) / np.sqrt(len(a))),
                }
            )
    return rows


PLAIN = ("zero-shot", "Vanilla", "base", "baseline", "zero-shot, single")


def _same_sample(one: Variant, other: Variant) -> bool:
    return one.sample == other.sample


def measure_orders(one: RecordedSet) -> list[Row]:
    """Pairs judged in both orders: how often the verdict stays, and how right it is where it stays and where not."""
    rows: list[Row] = []
    place = {(it.model, it.prompt, it.sample): v for v, it in enumerate(one.variants)}
    for (model, prompt, sample), v in place.items():
        u = place.get((model, prompt, "order_swapped"))
        if sample != "order_normal" or u is None:
            continue
        both = (one.said[:, v] >= 0) & (one.said[:, u] >= 0)
        stays = one.said[both, v] == one.said[both, u]
        right = one.right[both, v]
        rows.append(
            {
                "dataset": one.name,
                "model": model,
                "prompt": prompt,
                "n": int(both.sum()),
                "consistent": float(stays.mean()),
                "accuracy": float(np.mean([right.mean(), one.right[both, u].mean()])),
                "accuracy_where_consistent": float(right[stays].mean()) if stays.any() else None,
            }
        )
    return rows


def table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """Align a table for a terminal: words left, figures right."""
    lines = [head, *rows]
    widths = [max(len(line[c]) for line in lines) for c in range(len(head))]

    def is_words(c: int) -> bool:
        return any(row[c][:1].isalpha() for row in rows)

    return "\n".join(
        "  ".join(
            cell.ljust(w) if is_words(c) else cell.rjust(w)
            for c, (cell, w) in enumerate(zip(line, widths, strict=True))
        ).rstrip()
        for line in lines
    )


def figure(value: float | None) -> str:
    """Write a share with three digits; a dash when there is none."""
    return "–" if value is None else f"{value:.3f}".replace("0.", ".", 1)


def signal_line(row: Row) -> list[str]:
    """One line of the table of signals."""
    name = "/".join(str(row[part]) for part in ("model", "prompt", "sample") if row[part] is not None)
    return [
        row["dataset"],
        name[:44],
        row["signal"],
        *(figure(row[name]) for name in ("accuracy", "auroc", "aurc", "ece_mass", "ece_mass_null", "ece_width")),
    ]


def summary(rows: Sequence[Row]) -> list[Row]:
    """Per signal: over the variants that have it, medians, and how often `combined` ranks better than it."""
    combined = {_key(row): row for row in rows if row["signal"] == "combined"}
    out: list[Row] = []
    for signal in dict.fromkeys(row["signal"] for row in rows):
        some = [row for row in rows if row["signal"] == signal and row["auroc"] is not None]
        pairs = [(row["auroc"], combined[_key(row)]["auroc"]) for row in some if _key(row) in combined]
        gains = [b - a for a, b in pairs if b is not None]
        out.append(
            {
                "signal": signal,
                "n_sets": len({row["dataset"] for row in some}),
                "n_variants": len(some),
                "auroc_median": float(np.median([row["auroc"] for row in some])),
                "auroc_by_set": _mean_by_set(some, "auroc"),
                "aurc_by_set": _mean_by_set(some, "aurc"),
                "ece_by_set": _mean_by_set(some, "ece_mass"),
                "ece_null_by_set": _mean_by_set(some, "ece_mass_null"),
                "in_band": float(np.mean([row["ece_mass"] <= row["ece_mass_null"] for row in some])),
                "combined_gain": float(np.mean(gains)) if gains else None,
                "combined_better": float(np.mean([gain > 0 for gain in gains])) if gains else None,
            }
        )
    return out


def _key(row: Mapping[str, Any]) -> tuple[Any, ...]:
    return tuple(row[name] for name in ("dataset", "model", "prompt", "sample"))


def _mean_by_set(rows: Sequence[Row], name: str) -> float:
    """Mean over sets of the mean over a set's variants: a set with fifty variants counts once."""
    by_set: dict[str, list[float]] = {}
    for row in rows:
        by_set.setdefault(row["dataset"], []).append(row[name])
    return float(np.mean([np.mean(values) for values in by_set.values()]))


def report(signals: Sequence[Row], juries: Sequence[Row], prompts: Sequence[Row], orders: Sequence[Row]) -> None:
    """Print what is worth a look; the file holds all."""
    print("\nSignals (means over sets; a set counts once)")
    head = ["signal", "sets", "variants", "AUROC", "AURC", "ECE", "null", "in band", "combined gains", "better in"]
    print(
        table(
            head,
            [
                [row["signal"], str(row["n_sets"]), str(row["n_variants"])]
                + [figure(row[n]) for n in ("auroc_by_set", "aurc_by_set", "ece_by_set", "ece_null_by_set", "in_band")]
                + [figure(row["combined_gain"]), figure(row["combined_better"])]
                for row in summary(signals)
            ],
        )
    )
    print("\nJuries, on held-out items, mean over seeds")
    names = ("best_single", "best_by_labels", "majority", "dawid_skene", "jury")
    errors = ("majority_ece", "dawid_skene_ece", "jury_ece", "jury_ece_null", "floor", "meets")
    names = (*names, "panel")
    errors = (*errors, "panel_ece", "panel_ece_null")
    print(
        table(
            ["set", "voters", "K", "labels", "held out", *names, *errors, "accurate", "calibrated"],
            [
                [
                    *(str(row[n]) for n in ("dataset", "n_voters", "n_options", "n_labels")),
                    f"{row['n_held_out']:.0f}",
                    *(figure(row[n]) for n in (*names, *errors)),
                    "yes" if row["is_accurate"] else "NO",
                    "yes" if row["is_calibrated"] else "NO",
                ]
                for row in juries
            ],
        )
    )
    print("\nThe same model asked in two ways (paired)")
    groups = dict.fromkeys((row["dataset"], row["base"], row["other"]) for row in prompts)
    lines: list[list[str]] = []
    for group in groups:
        some = [row for row in prompts if (row["dataset"], row["base"], row["other"]) == group]
        gains = [row["difference"] for row in some]
        better = sum(row["difference"] > 2 * row["standard_error"] for row in some)
        worse = sum(row["difference"] < -2 * row["standard_error"] for row in some)
        lines.append(
            [
                *(str(part)[:40] for part in group),
                str(len(some)),
                figure(float(np.mean(gains))),
                str(better),
                str(worse),
            ]
        )
    print(table(["set", "base", "other", "pairs", "mean difference", "better by 2 se", "worse by 2 se"], lines))
    print("\nPairs judged in both orders")
    print(
        table(
            ["model", "prompt", "consistent", "accuracy", "where consistent"],
            [
                [row["model"], str(row["prompt"])]
                + [figure(row[n]) for n in ("consistent", "accuracy", "accuracy_where_consistent")]
                for row in orders
            ],
        )
    )


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


def rounded(rows: Sequence[Row]) -> list[Row]:
    """Keep four digits: more would be noise, and a file that changes at each run."""
    return [
        {name: round(value, 4) if isinstance(value, float) else value for name, value in row.items()} for row in rows
    ]


if __name__ == "__main__":
    main()
