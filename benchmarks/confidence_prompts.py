"""The same model asked in two ways on the same items, and pairs judged in both orders."""

import numpy as np
from confidence_figures import Row
from confidence_sets import RecordedSet, Variant

PLAIN = ("zero-shot", "Vanilla", "base", "baseline", "zero-shot, single")


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
