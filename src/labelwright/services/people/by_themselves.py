"""Which answers somebody gave about the item by itself."""

from __future__ import annotations

from collections.abc import Iterable

from labelwright.domain.annotation import Annotation


def individual(annotations: Iterable[Annotation]) -> list[Annotation]:
    """Leave out what was taken over in bulk: it is the model's label still, which nobody has checked by itself."""
    return [one for one in annotations if one.purpose != "bulk"]
