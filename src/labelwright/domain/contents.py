"""How a field of an item is shown to people: as what, beside which other one, under which heading."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

from labelwright.domain.canonical import Json

CONTENTS: Mapping[str, Mapping[str, type]] = MappingProxyType(
    {
        "text": {},
        "markdown": {},
        "conversation": {"markdown": bool},
        "pair": {"markdown": bool},
        "table": {"columns": list},
        "json": {},
        "image": {},
        "audio": {},
        "video": {},
        "series": {"time": str, "columns": list, "rate": float},
        "pdf": {},
        "html": {},
    }
)
"""Every content the page knows, each with its own settings."""


@dataclass(frozen=True, slots=True)
class ShownField:
    """How one field is shown.

    kind: a name of CONTENTS; None = as its value looks.  beside: the field that stands next to it, shown as the same.
    title: the heading; "" = the field's name.  settings: those of the kind.
    """

    name: str
    kind: str | None = None
    beside: str | None = None
    title: str = ""
    settings: Mapping[str, Json] = field(default_factory=dict[str, Json])

    @property
    def fields(self) -> tuple[str, ...]:
        """The fields that are shown by it."""
        return (self.name,) if self.beside is None else (self.name, self.beside)

    @property
    def is_plain(self) -> bool:
        """Nothing is said but the field's name."""
        return self == ShownField(self.name)
