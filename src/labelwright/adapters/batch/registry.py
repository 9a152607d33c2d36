"""Which providers have a batch API."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from importlib import import_module
from pkgutil import iter_modules

from labelwright.adapters import batch
from labelwright.adapters.batch.kind import BatchKind
from labelwright.errors import InvalidValue


@cache
def batch_kinds() -> Mapping[str, BatchKind]:
    """Give every batch API by its provider's name. A module of this package with a `BATCH` is one."""
    found: dict[str, BatchKind] = {}
    for module in iter_modules(batch.__path__):
        stated = getattr(import_module(f"{batch.__name__}.{module.name}"), "BATCH", None)
        if isinstance(stated, BatchKind):
            found[stated.provider] = stated
    return found


def batch_of(provider: str) -> BatchKind:
    """Find a provider's batch API. Raises InvalidValue, when it has none."""
    found = batch_kinds().get(provider)
    if found is None:
        have = ", ".join(repr(name) for name in sorted(batch_kinds()))
        raise InvalidValue("delivery", f"provider {provider!r} has no batch API", f"; {have} have one: or say live")
    return found
