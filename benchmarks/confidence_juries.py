"""A jury on one recorded set: beside its best voter, majority, Dawid–Skene, and the panel that keeps a first label."""

from collections.abc import Mapping

import numpy as np
from confidence_figures import Row, fitted_floor, mean_of, measured, n_labels
from confidence_sets import RecordedSet, yes_no_units

from labelwright.adapters.embedders import HashedEmbedder
from labelwright.adapters.students.hashed_logistic import HashedLogistic
from labelwright.methods.aggregation import dawid_skene, majority, votes
from labelwright.methods.calibration import expected_calibration_error
from labelwright.methods.confidence import PanelSignals, fit_weighed_jury, share_of_votes
from labelwright.methods.protocols import learn
from labelwright.services.models.opinions import opinions, taught_opinion

MARGIN = 0.015
LARGE, LARGE_ERROR = 1_000, 0.06


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
