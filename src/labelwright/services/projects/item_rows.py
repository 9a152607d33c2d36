"""Read one row as an item: which column is the id, which are shown, and what cannot be an item."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import cast

from labelwright.domain.canonical import Json, digest
from labelwright.domain.project import ProjectConfig
from labelwright.errors import InvalidValue, did_you_mean
from labelwright.ports.sinks import Rejection
from labelwright.ports.sources import Row

MOST_ID_CHARACTERS = 500
_OWN_KEYS = frozenset({"id", "content", "metadata"})


@dataclass(frozen=True, slots=True)
class FieldMapping:
    """Where an item's parts stand in a row. id: its column; None = `id`, made from the content where there is none.

    fields: content field -> column; a field that is not named is read from the column of its own name.
    """

    id: str | None = None
    fields: Mapping[str, str] = field(default_factory=dict[str, str])


@dataclass(frozen=True, slots=True)
class Candidate:
    """A row that can be an item."""

    line: int
    id: str
    content: Mapping[str, Json]
    metadata: Mapping[str, Json]
    content_hash: str
    has_made_id: bool
    left_out: bool
    """It carried labels, which an import leaves out."""


@dataclass(frozen=True, slots=True)
class MissingField:
    """A row without a column that was named; `option` names another one, `keys` are what the row has."""

    rejection: Rejection
    option: str
    column: str
    keys: tuple[str, ...]


class RowReader:
    """Rows to items, for one project and one mapping."""

    def __init__(self, config: ProjectConfig, mapping: FieldMapping) -> None:
        for name in mapping.fields:
            if name not in config.content_fields:
                hint = did_you_mean(name, config.content_fields)
                raise InvalidValue("field", f"{name!r} is not in the project's content_fields", hint)
        self.id_column = mapping.id or "id"
        self._id_is_needed = mapping.id is not None
        self._columns = tuple((name, mapping.fields.get(name, name)) for name in config.content_fields)
        self._taken = frozenset([self.id_column, *(column for _, column in self._columns)])
        self._knows_own_form = "content" not in self._taken

    def signature(self) -> list[Json]:
        """Give what decides how a row is read."""
        return [self.id_column, self._id_is_needed, [list(pair) for pair in self._columns]]

    def read(self, row: Row) -> Candidate | Rejection | MissingField:
        """Give the row as an item, or say why not."""
        fields = row.fields
        if self._id_is_needed and self.id_column not in fields:
            return _missing(row, self.id_column, fields, "--id NAME")
        left_out = False
        if self._knows_own_form and isinstance(fields.get("content"), dict):
            content = cast("dict[str, Json]", fields["content"])
            metadata = fields.get("metadata") or {}
            if not isinstance(metadata, dict):
                return Rejection(row.line, None, "metadata is no object", 'write "metadata": {...}')
            left_out = not fields.keys() <= _OWN_KEYS
            columns = tuple((name, name) for name, _ in self._columns)
        else:
            content, metadata, columns = fields, None, self._columns
        is_blank = True
        shown: dict[str, Json] = {}
        for name, column in columns:
            if column not in content:
                return _missing(row, column, content, f"--text NAME, or --field {name}=NAME")
            value = content[column]
            shown[name] = value
            if value is not None and (not isinstance(value, str) or (value and not value.isspace())):
                is_blank = False
        if is_blank:
            names = " and ".join(repr(column) for _, column in columns)
            return Rejection(row.line, None, f"{names}: there is nothing to show", "leave the row out, or fill it")
        if metadata is None:
            metadata = {key: value for key, value in fields.items() if key not in self._taken}
        else:
            shown = content
        try:
            content_hash = digest(shown)
        except (ValueError, RecursionError):
            return Rejection(row.line, None, "holds a value that is no JSON", "leave it out, or write it as text")
        found = self._id(fields.get(self.id_column))
        if isinstance(found, Rejection):
            return Rejection(row.line, None, found.reason, found.hint)
        made = found is None
        name = f"sha256-{content_hash[:24]}" if found is None else found
        return Candidate(row.line, name, shown, metadata, content_hash, made, left_out)

    def _id(self, raw: Json) -> str | Rejection | None:
        if raw is None or raw == "":
            if self._id_is_needed:
                return Rejection(0, None, f"id {self.id_column!r} is missing", "fill it, or leave --id away")
            return None
        if isinstance(raw, int) and not isinstance(raw, bool):
            return str(raw)
        if not isinstance(raw, str):
            return Rejection(0, None, f"id {raw!r:.60} is neither text nor an integer", "write it in quotes")
        if len(raw) > MOST_ID_CHARACTERS:
            return Rejection(0, None, f"id is {len(raw):,} characters long", f"the most is {MOST_ID_CHARACTERS}")
        if not raw.isprintable() or raw.isspace():
            return Rejection(0, None, f"id {raw!r:.60} holds what cannot be printed", "remove it")
        return raw


def _missing(row: Row, column: str, keys: Mapping[str, Json], option: str) -> MissingField:
    hint = did_you_mean(column, list(keys)[:50]).removeprefix("; ")
    return MissingField(Rejection(row.line, None, f"field {column!r} is missing", hint), option, column, tuple(keys))
