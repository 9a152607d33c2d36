"""Which embedders there are, by name: `hashed`, or one of its sizes, such as `hashed-2048`."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import cache
from importlib import import_module
from pkgutil import iter_modules

from labelwright.adapters import embedders as package
from labelwright.errors import InvalidValue, did_you_mean
from labelwright.ports.embedder import Embedder


@cache
def embedders() -> Mapping[str, Callable[[], Embedder]]:
    """Give what opens each embedder, by its name. A module of this package with `EMBEDDERS` has some."""
    found: dict[str, Callable[[], Embedder]] = {}
    for module in iter_modules(package.__path__):
        found |= getattr(import_module(f"{package.__name__}.{module.name}"), "EMBEDDERS", {})
    return found


def embedder_of(name: str) -> Embedder:
    """Open an embedder. Raises InvalidValue with the nearest choice."""
    known = embedders()
    if name not in known:
        raise InvalidValue("embedder", f"there is no embedder {name!r}", did_you_mean(name, known))
    return known[name]()
