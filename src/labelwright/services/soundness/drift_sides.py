"""Which items are compared with which: by import, by date, by a metadata field, or by what a certificate speaks of."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import cast

import numpy as np
from numpy.typing import NDArray

from labelwright.domain.canonical import Json
from labelwright.domain.project import Project
from labelwright.errors import InvalidValue, NotFound, NotReady, did_you_mean
from labelwright.ports.project_reads import RunRow
from labelwright.ports.storage import Views
from labelwright.services.acceptance.groups import named

Ints = NDArray[np.int64]

MOST_BATCHES = 12
_READ = 2_000
_SHORT_ID = 4


@dataclass(frozen=True, slots=True, eq=False)
class Sides:
    """Two sets of items. before, after: their keys, ascending.  names: what people call each."""

    before: Ints
    after: Ints
    names: tuple[str, str]


def sides(views: Views, project: Project, *, since: str | None, batch: str | None) -> list[Sides]:
    """Give what is to be compared.

    since: an import's run or file, or a date: what came then or later against what was there.  batch: a metadata field:
    each of its values against all others.  Neither: what came after the certificate's sample was drawn against the pool
    it speaks of; else the newest import against those before it.
    Raises: NotFound, for a run or field that is none; NotReady, when there is nothing to compare.
    """
    keys = views.item_keys(project.id)
    if not len(keys):
        raise NotReady(f"project {project.name!r} has no items yet; run: labelwright import FILE")
    if batch is not None:
        return _by_field(views, project, keys, batch)
    if since is not None:
        return [_since(views, project, keys, since)]
    plan = views.plan(project.id)
    if plan is not None:
        last = cast("int", cast("Mapping[str, Json]", plan["frozen"])["last_item"])
        if (keys > last).any():
            return [Sides(keys[keys <= last], keys[keys > last], ("the pool of the sample", "items that came since"))]
    imports = _imports(views, project)
    if len(imports) < 2:
        raise NotReady(
            "all items came in one import: there is nothing earlier to compare with; import the new ones, name a "
            "metadata field (--batch FIELD), or compare two files: labelwright drift OLD NEW"
        )
    return [_from_run(views, project, keys, imports[-1], imports)]


def source_of(run: RunRow) -> str:
    """Name the file an import read."""
    return str(run.parameters.get("source", run.id))


def _imports(views: Views, project: Project) -> list[RunRow]:
    """Give the imports that brought something, oldest first."""
    brought = {run for run, n in views.import_parts(project.id) if n}
    return [run for run in views.runs(project.id) if run.kind == "import" and run.id in brought]


def _since(views: Views, project: Project, keys: Ints, since: str) -> Sides:
    imports = _imports(views, project)
    for run in reversed(imports):
        if since in (run.id, source_of(run)) or (len(since) >= _SHORT_ID and run.id.startswith(since)):
            return _from_run(views, project, keys, run, imports)
    moment = _moment(since)
    if moment is None:
        known = [name for run in imports for name in (run.id, source_of(run))]
        raise NotFound(
            f"--since: {since!r} is neither an import of this project nor a date such as 2026-01-31"
            f"{did_you_mean(since, known)}"
        )
    later = [run for run in imports if datetime.fromisoformat(run.started_at) >= moment]
    if not later:
        raise NotReady(f"nothing was imported since {since}; the last import was at {imports[-1].started_at[:16]}")
    found = _from_run(views, project, keys, later[0], imports)
    return Sides(found.before, found.after, (f"items from before {since}", f"items since {since}"))


def _moment(text: str) -> datetime | None:
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        return None
    return moment if moment.tzinfo is not None else moment.replace(tzinfo=UTC)


def _from_run(views: Views, project: Project, keys: Ints, first: RunRow, imports: Sequence[RunRow]) -> Sides:
    place = {run.id: at for at, run in enumerate(imports)}
    parts = [(place[run], n) for run, n in views.import_parts(project.id) if n]
    number = np.repeat([at for at, _ in parts], [n for _, n in parts])
    is_after = number >= place[first.id]
    if is_after.all():
        raise NotReady(f"nothing came in before {source_of(first)!r}: there is nothing earlier to compare with")
    names = ("the items imported before", f"the items of {source_of(first)}")
    if place[first.id] < len(imports) - 1:
        names = (names[0], f"{names[1]} and later imports")
    return Sides(keys[~is_after], keys[is_after], names)


def _by_field(views: Views, project: Project, keys: Ints, field: str) -> list[Sides]:
    value: dict[str, list[int]] = {}
    fields: dict[str, None] = {}
    for first in range(0, len(keys), _READ):
        for item in views.items_by_key(project.id, [int(key) for key in keys[first : first + _READ]]):
            fields |= dict.fromkeys(item.metadata)
            if item.metadata.get(field) is not None:
                value.setdefault(named(item.metadata[field]), []).append(int(item.key))
    if not value:
        raise NotFound(f"--batch: no item has a metadata field {field!r}{did_you_mean(field, fields)}")
    if len(value) > MOST_BATCHES:
        problem = f"{field!r} has {len(value):,} values; at most {MOST_BATCHES} are compared"
        raise InvalidValue("--batch", problem, "; name a field with fewer, such as a month or a source")
    if len(value) == 1:
        raise NotReady(f"every item has the same {field}: {next(iter(value))!r}; there is nothing to compare")
    parts = {name: np.array(sorted(items), dtype=np.int64) for name, items in value.items()}
    if len(parts) == 2:
        (one, early), (other, late) = parts.items()
        return [Sides(early, late, (f"{field} = {one}", f"{field} = {other}"))]
    everything = np.sort(np.concatenate(list(parts.values())))
    return [
        Sides(everything[~np.isin(everything, part)], part, (f"every other {field}", f"{field} = {name}"))
        for name, part in parts.items()
    ]
