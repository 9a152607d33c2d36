"""What a look for drift found, in plain words."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from labelwright.services.soundness.drift_tests import Finding


def drift_words(
    names: tuple[str, str],
    n: tuple[int, int],
    inputs: Sequence[Finding],
    labels: Mapping[str, Sequence[Finding]],
) -> str:
    """Say what was compared, and whether texts and labels differ."""
    said = [f"Compared: {names[1]} ({n[1]:,} items) with {names[0]} ({n[0]:,} items)."]
    said += [_texts(inputs)]
    ringing = [(question, one) for question, some in labels.items() for one in some if one.drifted]
    said += [_label(question if len(labels) > 1 else None, one) for question, one in ringing]
    if any(labels.values()) and not ringing:
        said.append("The labels show no more change than chance, or one too small to matter.")
    return " ".join(said)


def certificate_words(n_pool: int, n_outside: int, *, is_issued: bool) -> str:
    """Say whether the certificate, or the sample it will rest on, speaks of all items."""
    what = "The certificate" if is_issued else "The sample that is to certify"
    speaks = f"{what} speaks of the {n_pool:,} items that were frozen when it was drawn"
    if not n_outside:
        return f"{speaks}; no item came since, so drift does not touch it."
    verb = "item came" if n_outside == 1 else "items came"
    return (
        f"{speaks}. {n_outside:,} {verb} since: of them it says nothing, drift or no drift. They go to people, or need "
        "a calibration of their own."
    )


def _texts(inputs: Sequence[Finding]) -> str:
    if not inputs:
        return "The items have too little text to compare."
    told = next(one for one in inputs if one.test == "classifier")
    if told.drifted:
        return (
            f"The texts differ: a small classifier tells new from old in {told.value:.0%} of pairs "
            f"(at least {told.low:.0%}; 50% would be guessing)."
        )
    others = {"length": "their lengths differ", "wording": "their wording differs"}
    said = [others[one.about] for one in inputs if one.drifted]
    if said:
        return f"The texts differ: {' and '.join(said)}, though a classifier hardly tells new from old."
    return "No difference of the texts was found."


def _label(question: str | None, one: Finding) -> str:
    of = f" of {question!r}" if question is not None else ""
    match one.about:
        case "predicted":
            return f"The model gives labels{of} in other shares (stability index {one.value:.2f}, limit {one.limit})."
        case "confidence":
            return (
                f"How sure the model says it is{of} has changed (stability index {one.value:.2f}, limit {one.limit})."
            )
        case "people over time":
            return (
                f"People's labels{of} moved between the first and the second half of the random sample, whose order is "
                "random: the people changed, not the items."
            )
        case "labels":
            return f"The labels have other shares (stability index {one.value:.2f}, limit {one.limit})."
        case _:
            return f"People give labels{of} in other shares (stability index {one.value:.2f}, limit {one.limit})."
