"""Labels that two files write in different ways, which would all count as disagreement."""

from __future__ import annotations

from collections.abc import Set as AbstractSet

_MOST_LABELS = 50


def written_otherwise(said: AbstractSet[str], wanted: AbstractSet[str]) -> str | None:
    """Say how `said` writes what `wanted` writes otherwise; None where the labels are the same, or others altogether.

    >>> written_otherwise({"Spam", "ham"}, {"spam", "ham"})
    "'Spam' here is 'spam' there"
    >>> written_otherwise({"0", "1"}, {"ham", "spam"})
    "none is the same: '0', '1' here, 'ham', 'spam' there"
    >>> written_otherwise({"ham"}, {"ham", "spam"}) is None
    True
    """
    if len(said | wanted) > _MOST_LABELS:
        return None  # free text, rather than labels
    folded = {label.casefold(): label for label in sorted(wanted)}
    for label in sorted(said - wanted):
        if label.casefold() in folded:
            return f"{label!r} here is {folded[label.casefold()]!r} there"
    if said and wanted and not said & wanted:
        return f"none is the same: {_some(said)} here, {_some(wanted)} there"
    return None


def _some(labels: AbstractSet[str]) -> str:
    shown = [repr(label) for label in sorted(labels)[:3]]
    return ", ".join([*shown, "…"] if len(labels) > len(shown) else shown)
