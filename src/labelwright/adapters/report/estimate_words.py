"""How accurate the labels are, in words: for the page and the terminal."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

_PARTS = {
    "people": "given by people",
    "accepted": "accepted by the certificate, nobody looked",
    "unverified": "a model's, under the threshold, nobody looked",
    "not sampled": "a model's, from outside the sampled pool",
}
COLUMNS = ("labels of record", "number", "about wrong", "between", "known from")


def estimate_sentences(estimate: Mapping[str, Any]) -> list[str]:
    """Say the figure, its interval, and what it leaves out."""
    about, low, high = (_percent(estimate[name]) for name in ("accuracy", "accuracy_low", "accuracy_high"))
    level = _percent(estimate["confidence_level"])
    labels = f"{estimate['n_labelled']:,} labels"
    said = [f"About {about} of the {labels} agree with what people say: {low} to {high} at {level} confidence."]
    modelled = [part for part in estimate["parts"] if part["n"] and part["part"] != "people"]
    if any(part["method"] != estimate["method"] for part in modelled):
        said.append(
            "The whole is told by all samples together, each part below by its own, so the parts need not add up to it."
        )
    if estimate["error_of_people"] is not None:
        one, several = _percent(estimate["one_persons_error"]), _percent(estimate["consensus_error"])
        said.append(
            f"People err too: one alone in about {one}, who gave {estimate['n_by_one_person']:,} of the labels, and "
            f"the consensus in about {several}. Where the truth is the measure, about "
            f"{_percent(estimate['error_of_people'])} of all labels more are wrong."
        )
    else:
        said.append("How often the people themselves are wrong is not in it, since it is not known.")
    if estimate.get("n_unanswered"):
        said.append(
            f"{estimate['n_unanswered']:,} drawn items were never answered: the interval counts them as right at one "
            "end and as wrong at the other."
        )
    if estimate["n_unresolved"]:
        said.append(f"{estimate['n_unresolved']:,} items have no label at all.")
    return said


def estimate_rows(estimate: Mapping[str, Any]) -> list[list[str]]:
    """One row per origin, as texts; `COLUMNS` are their heads."""
    return [
        [
            _PARTS.get(part["part"], str(part["part"])),
            f"{part['n']:,}",
            _percent(part["error"]),
            f"{_percent(part['error_low'])} to {_percent(part['error_high'])}",
            part["basis"] + (f" ({part['n_wrong']} of {part['n_sampled']} wrong)" if part["n_sampled"] else ""),
        ]
        for part in estimate["parts"]
        if part["n"]
    ]


def _percent(share: float) -> str:
    return f"{100 * share:.1f}%".replace(".0%", "%")
