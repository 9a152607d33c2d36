"""How probable an answer is, from the probabilities of its labels."""

from __future__ import annotations

from collections.abc import Mapping
from typing import cast

from labelwright.domain.canonical import Json


def probability_of(value: Json, weighed: Mapping[str, float]) -> float | None:
    """Give the probability of an answer; None when it holds a label that was not weighed.

    A label: its own.  A list of labels: that those apply and no other does, taken as independent; the certificate's
    loss is the exact set, so one doubtful label makes the whole answer doubtful.

    >>> probability_of("good", {"good": 0.75, "bad": 0.25})
    0.75
    >>> probability_of(["price"], {"price": 0.75, "screen": 0.5})
    0.375
    """
    if isinstance(value, str):
        return weighed.get(value)
    if not isinstance(value, list) or not all(isinstance(label, str) and label in weighed for label in value):
        return None
    chosen = cast("list[str]", value)
    probability = 1.0
    for label, p in weighed.items():
        probability *= p if label in chosen else 1.0 - p
    return probability
