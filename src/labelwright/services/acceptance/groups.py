"""Which group every item is in, where a certificate has a threshold for each: by predicted label, or by metadata."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence

import numpy as np

from labelwright.domain.canonical import Json, canonical_json
from labelwright.domain.ids import ProjectId
from labelwright.domain.project import CertifyRule
from labelwright.ports.storage import Views
from labelwright.services.acceptance.certify_rule import Groups
from labelwright.services.models.score import BY_LINK, ScoredPool
from labelwright.services.projects.project_of import project_of

BY_LABEL = "label"
_READ = 2_000


def groups_of(views: Views, project: ProjectId, pool: ScoredPool, rule: CertifyRule) -> Groups | None:
    """Give each item of a pool its group; None where the rule has one threshold for all.

    Where a cascade's links are certified, the group is the model whose label the item has.

    In no group: an item without a valid label, or without the metadata field. It is never accepted.
    """
    if pool.kind.endswith(BY_LINK):
        return _by_link(views, project, pool)
    if rule.by is None:
        return None
    if rule.by == BY_LABEL:
        return groups_by_name(
            [named(value) if ok else None for value, ok in zip(pool.value, pool.is_valid, strict=True)]
        )
    field = rule.by
    found: dict[int, str] = {}
    for first in range(0, len(pool.item), _READ):
        for item in views.items_by_key(project, [int(key) for key in pool.item[first : first + _READ]]):
            if item.metadata.get(field) is not None:
                found[int(item.key)] = f"{field} = {named(item.metadata[field])}"
    return groups_by_name(
        [found.get(int(key)) if ok else None for key, ok in zip(pool.item, pool.is_valid, strict=True)]
    )


def _by_link(views: Views, project: ProjectId, pool: ScoredPool) -> Groups:
    models = tuple(source.model for source in project_of(views, project).config.models)
    columns = views.signals(project, pool.question, pool.model)
    link = columns.signals.get("link", np.full(len(columns.item), np.nan))
    code = np.full(len(pool.item), -1, dtype=np.int64)
    here = np.isin(pool.item, columns.item)
    code[here] = np.nan_to_num(link[np.searchsorted(columns.item, pool.item[here])], nan=-1.0).astype(np.int64)
    return Groups(np.where(pool.is_valid, code, -1), models)


def groups_by_name(name: Sequence[str | None]) -> Groups:
    """Number groups by their names in order; None = in no group."""
    names = sorted({one for one in name if one is not None})
    code = {one: place for place, one in enumerate(names)}
    return Groups(np.array([-1 if one is None else code[one] for one in name], dtype=np.int64), tuple(names))


def named(value: Json) -> str:
    """Write a label or a metadata value as people read it."""
    return value if isinstance(value, str) else canonical_json(value).decode()


def groups_hash(groups: Groups | None) -> str | None:
    """Name who is in which group."""
    if groups is None:
        return None
    seen = hashlib.sha256(canonical_json(list(groups.names)))
    seen.update(groups.code.tobytes())
    return seen.hexdigest()
