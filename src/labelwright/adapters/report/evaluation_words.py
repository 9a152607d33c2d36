"""A comparison's figures in words and cells: for the terminal and the page."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

RIGHT_COLUMNS = ("variant", "items", "right", "between", "no valid answer", "macro-F1")
SURE_COLUMNS = ("variant", "judged", "ECE", "if perfect", "Brier", "AUROC")
EFFORT_COLUMNS = ("variant", "cost per 1,000", "median", "95% within", "calls now", "reused")


def right_row(name: str, scores: Mapping[str, Any]) -> list[str]:
    """How often a variant is right on one question."""
    return [
        name,
        f"{scores['n']:,}",
        percent(scores["accuracy"]),
        f"{percent(scores['low'])} to {percent(scores['high'])}",
        percent(scores["invalid"]),
        decimal(scores["macro_f1"]),
    ]


def sure_row(name: str, scores: Mapping[str, Any]) -> list[str]:
    """How far its confidence can be believed, beside what a perfect one would show on so few items."""
    found = scores["calibration"]
    if found is None:
        return [name, "gives no confidence", "–", "–", "–", "–"]
    return [
        name,
        f"{found['signal']}, {found['n']:,} answers",
        decimal(found["ece"]) + ("" if found["is_in_band"] else " (off)"),
        f"up to {decimal(found['null_upper'])}",
        decimal(found["brier"]),
        decimal(found["auroc"]),
    ]


def effort_row(result: Mapping[str, Any], *, estimated: bool) -> list[str]:
    """What labelling so costs and takes."""
    return [
        result["name"],
        dollars(result["cost_micro"]) + (" (estimated)" if estimated and result["cost_micro"] is not None else ""),
        seconds(result["median_ms"]),
        seconds(result["p95_ms"]),
        f"{result['calls']:,}",
        f"{result['reused']:,}",
    ]


def corrected_words(report: Mapping[str, Any]) -> str:
    """Say what the p-values are corrected for; empty where nothing was compared."""
    compared = report["comparisons"]
    if not compared:
        return ""
    pairs = compared[0]["n_pairs"]
    if report["is_baseline_named"]:
        how = f"against {report['baseline']}, which was named beforehand"
    else:
        how = f"against {report['baseline']}, the best here (so over all pairs)"
    over = f", corrected for {pairs} comparisons (Holm)" if pairs > 1 else ""
    return f"Exact McNemar tests {how}{over}; intervals of each difference by itself, at 95%."


def no_classes_words(scores: Mapping[str, Any]) -> str:
    """Say why there is no F1 per class; empty where there is."""
    if scores["classes"]:
        return ""
    return (
        f"{scores['question']}: its answers have no classes, so there is no F1 per class; "
        "the mean distance to the gold stands for it"
    )


def percent(share: float) -> str:
    """Write a share.

    >>> percent(0.8333), percent(1.0)
    ('83.3%', '100%')
    """
    return f"{100 * share:.1f}%".replace(".0%", "%")


def decimal(value: float | None) -> str:
    """Write a figure between 0 and 1.

    >>> decimal(0.0512), decimal(1.0), decimal(None)
    ('.051', '1', '–')
    """
    if value is None:
        return "–"
    written = f"{value:.3f}"
    return written[1:] if written.startswith("0") else f"{value:.3g}"


def dollars(micro: int | None) -> str:
    """Write micro-USD.

    >>> dollars(23_884), dollars(2_500_000), dollars(None)
    ('$0.0239', '$2.50', 'unknown')
    """
    if micro is None:
        return "unknown"
    return f"${micro / 1e6:,.2f}" if micro >= 1_000_000 else f"${micro / 1e6:,.4f}"


def seconds(milliseconds: float | None) -> str:
    """Write a latency.

    >>> seconds(4.97), seconds(2310.0), seconds(None)
    ('5 ms', '2.3 s', '–')
    """
    if milliseconds is None:
        return "–"
    return f"{milliseconds:.0f} ms" if milliseconds < 1_000 else f"{milliseconds / 1_000:.1f} s"
