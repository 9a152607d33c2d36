"""labelwright slices --missing-label: what is shown."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, cast

from labelwright.cli.output import note, say


def tell_missing(found: Mapping[str, Any], texts: Mapping[str, str]) -> None:
    """Show the groups of items that fit no label."""
    for name, one in cast("Mapping[str, Mapping[str, Any]]", found["questions"]).items():
        say(
            f"{name}: {one['n_low']:,} of {one['n_items']:,} items fit poorly ({one['n_skipped']:,} of them skipped by "
            f"people); {one['n_groups']:,} groups of similar items looked at."
        )
        if not one["findings"]:
            say("They are spread over all groups: nothing suggests that a label is missing.")
        for row in one["findings"]:
            say()
            say(f"{row['sentence']} (q = {row['q']:.3f})")
            for reason, count in row["reasons"]:
                say(f"   {count} skipped: {reason}")
            for example in row["examples"]:
                say(f"   e.g. {example}: {texts.get(example, '')}".rstrip(": "))
        if one["findings"]:
            note("A group can be hard for other reasons: look at the examples before you add a label.")
