"""Fill in a form: read facts out of an item, field by field."""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from types import MappingProxyType
from typing import cast

import numpy as np

from labelwright.domain.canonical import Json, canonical_json
from labelwright.errors import InvalidValue, did_you_mean
from labelwright.tasks.answer_schema import strict_object
from labelwright.tasks.form_labels import ROOT, label_lists_of, labels_said, relabelled, with_list
from labelwright.tasks.label_list import Label, json_text, label_list_schema, label_names, read_labels
from labelwright.tasks.protocol import Ballots, Labels, Posterior, Shown
from labelwright.tasks.read_settings import check_known, list_of, object_of, read_flag, read_share, read_text, shown

MOST_FIELDS = 200
MOST_RECORDS = 1_000
_MOST_CHARACTERS = 10_000
_LARGEST = 2.0**53
_NO_LABELS: tuple[Label, ...] = ()


@dataclass(frozen=True, slots=True)
class Field:
    """One field of the form. labels: of a choice.  fields: of a record.  required: null (not stated) is refused."""

    key: str
    kind: str
    title: str
    description: str
    required: bool
    labels: tuple[Label, ...] = _NO_LABELS
    fields: tuple[Field, ...] = ()


@dataclass(frozen=True)
class FieldsTask:
    """Each field is a unit, whose options are what was said of it on this item; a value has every field, or null.

    `distance` is the share of fields that differ.
    """

    fields: tuple[Field, ...]
    tolerance: float = 0.0
    name: str = "labelwright/fields"

    @cached_property
    def _keys(self) -> tuple[str, ...]:
        return tuple(field.key for field in self.fields)

    def parse(self, raw: object) -> Mapping[str, Json]:
        return self._read(raw, lambda _field, one: one)

    def _read(self, raw: object, named: Callable[[Field, object], object]) -> Mapping[str, Json]:
        given = object_of(raw, self._keys, "", "form")
        return MappingProxyType({one.key: _read_field(one, named(one, given[one.key])) for one in self.fields})

    def check_item(self, value: Mapping[str, Json], content: Mapping[str, Json]) -> None:
        """Any fact may be any item's."""

    def dump(self, value: Mapping[str, Json]) -> Json:
        return dict(value)

    def answer_schema(self) -> dict[str, Json]:
        return _form_schema(self.fields)

    def read_answer(self, raw: object, shown: Shown) -> Mapping[str, Json]:
        return self._read(raw, _by_label)

    def write_answer(self, value: Mapping[str, Json], shown: Shown) -> Json:
        return dict(value)

    def describe(self) -> str:
        lines = [f"- {json_text(field.key)}: {_in_words(field)}" for field in self.fields]
        return "Fill in every field; null where the item does not say:\n" + "\n".join(lines)

    def decompose(self, values: Sequence[Mapping[str, Json]]) -> Ballots:
        said = [sorted({canonical_json(value[key]): value[key] for value in values}.items()) for key in self._keys]
        place = [{written: at for at, (written, _) in enumerate(options)} for options in said]
        unit = [u for u in range(len(self.fields)) for _ in values]
        annotator = [a for _ in self.fields for a in range(len(values))]
        option = [place[u][canonical_json(value[key])] for u, key in enumerate(self._keys) for value in values]
        width = max((len(options) for options in said), default=0)
        meaning = [[one for _, one in options] for options in said]
        return Ballots(unit, annotator, option, len(self.fields), max(width, 1), "local", meaning=meaning)

    def compose(self, posterior: Sequence[Posterior], ballots: Ballots) -> Mapping[str, Json]:
        options = cast("Sequence[Sequence[Json]]", ballots.meaning)
        return MappingProxyType(
            {
                key: said[int(np.argmax(np.asarray(p, dtype=float)[: len(said)]))]
                for key, said, p in zip(self._keys, options, posterior, strict=True)
            }
        )

    def distance(self, a: Mapping[str, Json], b: Mapping[str, Json]) -> float:
        return sum(not _same(a[key], b[key]) for key in self._keys) / len(self._keys)

    def logprob_labels(self) -> Mapping[str, str] | None:
        return None


def _same(a: Json, b: Json) -> bool:
    """True is not 1 here."""
    return canonical_json(a) == canonical_json(b)


def _by_label(field: Field, one: object) -> object:
    """Give what a model said of a field with titles and aliases as labels, in records too."""
    if isinstance(one, str):
        return label_names(field.labels).get(one, one)
    if field.kind == "records" and isinstance(one, list):
        return [_record_by_label(field, record) for record in cast("list[object]", one)]
    return one


def _record_by_label(field: Field, record: object) -> object:
    if not isinstance(record, dict):
        return record
    given = cast("dict[str, object]", record)
    own = {part.key: part for part in field.fields}
    return {key: _by_label(own[key], one) if key in own else one for key, one in given.items()}


def _read_field(field: Field, raw: object) -> Json:
    path = f".{field.key}"
    if raw is None:
        if field.required:
            raise InvalidValue(path, "null, but this field is required", "")
        return None
    return _KINDS[field.kind].read(field, raw, path)


def _read_text(_field: Field, raw: object, path: str) -> str:
    if not isinstance(raw, str) or not raw.strip():
        raise InvalidValue(path, f"{shown(raw)} is no text", "; null when it is not stated")
    try:
        raw.encode()
    except UnicodeEncodeError:
        raise InvalidValue(path, "the text holds half a character (a lone surrogate)", "; send whole ones") from None
    if len(raw) > _MOST_CHARACTERS:
        raise InvalidValue(path, f"the text has {len(raw):,} characters", f"; the most is {_MOST_CHARACTERS:,}")
    return raw.strip()


def _read_number(_field: Field, raw: object, path: str) -> float | int:
    if isinstance(raw, bool) or not isinstance(raw, int | float):
        raise InvalidValue(path, f"{shown(raw)} is no number", "; write digits only, without a unit")
    if not -_LARGEST <= raw <= _LARGEST or math.isnan(raw):
        raise InvalidValue(path, f"{shown(raw)} is no number that can be kept exactly", "")
    # 3.0 and 3 are one number and must be one value.
    return int(raw) if raw == int(raw) else raw


def _read_boolean(_field: Field, raw: object, path: str) -> bool:
    if not isinstance(raw, bool):
        raise InvalidValue(path, f"{shown(raw)} is neither true nor false", "")
    return raw


def _read_choice(field: Field, raw: object, path: str) -> str:
    values = [label.value for label in field.labels]
    if not isinstance(raw, str) or raw not in values:
        raise InvalidValue(path, f"{shown(raw)} is none of the choices", did_you_mean(raw, values))
    return raw


def _read_date(_field: Field, raw: object, path: str) -> str:
    try:
        day = dt.date.fromisoformat(raw) if isinstance(raw, str) else None
    except ValueError:
        day = None
    if day is None or day.isoformat() != raw:
        raise InvalidValue(path, f"{shown(raw)} is no date", "; write YYYY-MM-DD")
    return day.isoformat()


def _read_records(field: Field, raw: object, path: str) -> list[Json]:
    records: list[Json] = []
    for place, one in enumerate(list_of(raw, "records", path=path, most=MOST_RECORDS)):
        given = object_of(one, [part.key for part in field.fields], f"{path}[{place}]", "record")
        record: dict[str, Json] = {}
        for part in field.fields:
            try:
                record[part.key] = _read_field(part, given[part.key])
            except InvalidValue as error:
                raise InvalidValue(f"{path}[{place}]{error.path}", error.problem, error.hint) from error
        records.append(record)
    return records


@dataclass(frozen=True, slots=True)
class _Kind:
    """A kind of field: how it is read, its JSON type, and how a model is told of it."""

    read: Callable[[Field, object, str], Json]
    json_type: str
    words: str


_KINDS: Mapping[str, _Kind] = {
    "text": _Kind(_read_text, "string", "text"),
    "number": _Kind(_read_number, "number", "a number"),
    "boolean": _Kind(_read_boolean, "boolean", "true or false"),
    "choice": _Kind(_read_choice, "string", "one of"),
    "date": _Kind(_read_date, "string", "a date as YYYY-MM-DD"),
    "records": _Kind(_read_records, "array", "a list of records"),
}


def _schema(field: Field) -> dict[str, Json]:
    kind = _KINDS[field.kind]
    plain: dict[str, Json] = {"type": kind.json_type}
    if field.labels:
        plain["enum"] = [label.value for label in field.labels]
    if field.fields:
        plain["items"] = _form_schema(field.fields)
    if field.required:
        return plain
    if field.labels or field.fields:
        return {"anyOf": [plain, {"type": "null"}]}
    return {"type": [kind.json_type, "null"]}


def _form_schema(fields: Sequence[Field]) -> dict[str, Json]:
    return strict_object({field.key: _schema(field) for field in fields})


def _in_words(field: Field) -> str:
    kind = _KINDS[field.kind].words
    listed = " " + ", ".join(json_text(label.value) for label in field.labels) if field.labels else ""
    need = "" if field.required else ", or null"
    about = f" – {field.title}" if field.title != field.key else ""
    more = f" – {field.description}" if field.description else ""
    parts = "".join(f"\n  - {json_text(part.key)}: {_in_words(part)}" for part in field.fields)
    return f"{kind}{listed}{need}{about}{more}{parts}"


class Fields:
    """The task type."""

    name = "labelwright/fields"
    alias = "fields"

    def label_lists(self, settings: Mapping[str, Json]) -> Mapping[str, Labels]:
        return label_lists_of(settings.get(ROOT), ROOT)

    def with_labels(
        self, settings: Mapping[str, Json], among: str, written: Sequence[Json], moved: Mapping[str, Sequence[str]]
    ) -> dict[str, Json]:
        return {**settings, ROOT: with_list(settings.get(ROOT), ROOT, among, written)}

    def relabel(self, value: Json, names: Mapping[str, str], among: str = ROOT) -> Json:
        return relabelled(value, ROOT, among, names)

    def labels_in(self, value: Json, among: str = ROOT) -> frozenset[str]:
        return frozenset(labels_said(value, ROOT, among))

    def bind(self, settings: Mapping[str, Json]) -> FieldsTask:
        check_known(settings, ("fields", "tolerance"))
        stated = settings.get("fields")
        example = ", such as fields: [{name: total, type: number}]"
        if stated is None:
            raise InvalidValue("fields", "a list of fields is needed", example)
        listed = list_of(stated, "fields", path="fields", most=MOST_FIELDS)
        if not listed:
            raise InvalidValue("fields", "there is no field to fill in", example)
        return FieldsTask(_form(listed), read_share(settings, "tolerance", 0.0))

    def settings_schema(self) -> dict[str, Json]:
        field: dict[str, Json] = {
            "type": "object",
            "properties": {
                "name": {"type": "string"},
                "type": {"enum": list(_KINDS)},
                "title": {"type": "string"},
                "description": {"type": "string"},
                "required": {"type": "boolean"},
                "labels": label_list_schema(2),
            },
            "required": ["name", "type"],
            "additionalProperties": False,
        }
        parts: dict[str, Json] = {"type": "array", "items": field, "minItems": 1, "maxItems": MOST_FIELDS}
        field = {**field, "properties": {**cast("dict[str, Json]", field["properties"]), "fields": parts}}
        return {
            "type": "object",
            "properties": {
                "fields": {"type": "array", "items": field, "minItems": 1, "maxItems": MOST_FIELDS},
                "tolerance": {"type": "number", "minimum": 0, "exclusiveMaximum": 1},
            },
            "required": ["fields"],
            "additionalProperties": False,
        }


def _form(listed: Sequence[object], *, are_parts: bool = False) -> tuple[Field, ...]:
    fields = tuple(_field(one, f"fields[{place}]") for place, one in enumerate(listed))
    seen: set[str] = set()
    for place, field in enumerate(fields):
        if field.key in seen:
            raise InvalidValue(f"fields[{place}]", f"field {field.key!r} is there twice", "; rename one")
        if are_parts and field.kind == "records":
            raise InvalidValue(f"fields[{place}].type", "records inside records", "; a record has plain fields only")
        seen.add(field.key)
    return fields


def _field(raw: object, path: str) -> Field:
    if not isinstance(raw, Mapping):
        raise InvalidValue(path, f"{shown(raw)} is no field", "; give {name, type, title, description, required}")
    try:
        return _described(cast("Mapping[str, Json]", raw))
    except InvalidValue as error:
        raise InvalidValue(f"{path}.{error.path}", error.problem, error.hint) from error


def _described(given: Mapping[str, Json]) -> Field:
    check_known(given, ("name", "type", "title", "description", "required", "labels", "fields"))
    key = read_text(given, "name")
    if key is None or key != key.strip():
        raise InvalidValue("name", "a field needs a name without spaces around it", "")
    kind = given.get("type")
    if not isinstance(kind, str) or kind not in _KINDS:
        raise InvalidValue("type", f"{shown(kind)} is no type of field", did_you_mean(kind, _KINDS))
    if kind != "choice" and "labels" in given:
        raise InvalidValue("labels", f"a {kind} field has no labels", "; type: choice has")
    parts = list_of(given.get("fields", []), "fields", path="fields", most=MOST_FIELDS)
    if (kind == "records") != bool(parts):
        hint = "; give the fields of a record" if kind == "records" else "; type: records has"
        raise InvalidValue("fields", f"a {kind} field has {'no' if kind == 'records' else 'these'} fields", hint)
    return Field(
        key=key,
        kind=kind,
        title=read_text(given, "title", key) or key,
        description=read_text(given, "description", "") or "",
        required=read_flag(given, "required", default=False),
        labels=read_labels({"labels": given.get("labels")}, at_least=2) if kind == "choice" else (),
        fields=_form(parts, are_parts=True),
    )


TASK_TYPE = Fields()
