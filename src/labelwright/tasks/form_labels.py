"""The names in a form that can be changed: of its fields, of a choice's labels, of a record's parts.

`fields` is the list of the fields' names, `fields.colour` what the field `colour` has: the labels of a choice, or the
parts of a record, and so on.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import cast

from labelwright.domain.canonical import Json
from labelwright.tasks.protocol import Labels
from labelwright.tasks.renaming import RENAME_ONLY, FlatLabels

ROOT = "fields"
_CHOICES = "labels"


def label_lists_of(fields: Json, at: str) -> dict[str, Labels]:
    """Give the lists of a form by their names.  at: the name of the list of these fields."""
    found: dict[str, Labels] = {at: FlatLabels(tuple(_fields(fields)), RENAME_ONLY, key="name")}
    for field in _fields(fields):
        here = f"{at}.{field['name']}"
        if isinstance(labels := field.get(_CHOICES), list | tuple):
            found.setdefault(here, FlatLabels(tuple(cast("Sequence[Json]", labels))))
        elif field.get(ROOT):
            for name, one in label_lists_of(field.get(ROOT), here).items():
                found.setdefault(name, one)
    return found


def with_list(fields: Json, at: str, among: str, written: Sequence[Json]) -> Json:
    """Give the form with one list in place of the one there."""
    if at == among:
        return list(written)
    changed: list[Json] = []
    for field in _fields(fields):
        here, one = f"{at}.{field['name']}", dict(field)
        if here == among and _CHOICES in field:
            one[_CHOICES] = list(written)
        elif field.get(ROOT) and (here == among or among.startswith(here + ".")):
            one[ROOT] = with_list(field.get(ROOT), here, among, written)
        changed.append(one)
    return changed


def relabelled(value: Json, at: str, among: str, names: Mapping[str, str]) -> Json:
    """Give what was filled in under other names: an object's keys where they are meant, else what they hold."""
    if isinstance(value, list | tuple):
        return [relabelled(one, at, among, names) for one in cast("Sequence[Json]", value)]
    if not isinstance(value, Mapping):
        return names.get(value, value) if isinstance(value, str) and at == among else value
    if at == among:
        return {names.get(key, key): one for key, one in value.items()}
    return {
        key: relabelled(one, f"{at}.{key}", among, names) if _leads(f"{at}.{key}", among) else one
        for key, one in value.items()
    }


def labels_said(value: Json, at: str, among: str) -> Iterator[str]:
    """Give the names of a list that a stored form holds."""
    if isinstance(value, list | tuple):
        for one in cast("Sequence[Json]", value):
            yield from labels_said(one, at, among)
    elif isinstance(value, Mapping):
        for key, one in value.items():
            if at == among:
                yield key
            elif _leads(f"{at}.{key}", among):
                yield from labels_said(one, f"{at}.{key}", among)
    elif isinstance(value, str) and at == among:
        yield value


def _leads(here: str, among: str) -> bool:
    return here == among or among.startswith(here + ".")


def _fields(fields: Json) -> list[Mapping[str, Json]]:
    stated = fields if isinstance(fields, list | tuple) else ()
    return [one for one in cast("Sequence[Json]", stated) if isinstance(one, Mapping)]
