"""The tables that confidence.py prints, and the means over sets that it writes."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from confidence_figures import Row


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


def rounded(rows: Sequence[Row]) -> list[Row]:
    """Keep four digits: more would be noise, and a file that changes at each run."""
    return [
        {name: round(value, 4) if isinstance(value, float) else value for name, value in row.items()} for row in rows
    ]


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
