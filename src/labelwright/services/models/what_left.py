"""What left this machine, from the log: every request by its size and hash, where it went, and the sums."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass, field

from labelwright.domain.ids import ProjectId
from labelwright.errors import NotFound, did_you_mean
from labelwright.ports.outbound import OutboundRecord
from labelwright.ports.storage import Views

_READ = 5_000


@dataclass(frozen=True, slots=True)
class SentRequest:
    """One request. item: its id as the user gave it; None = it was about no single item, such as a batch's file.

    sha256: of the exact bytes. The bytes themselves are not kept here.
    """

    at: str
    item: str | None
    host: str
    size: int
    sha256: str
    fields: tuple[str, ...]
    pii: str
    replaced: int
    run: str
    region: str | None


@dataclass(slots=True)
class HostTotal:
    """What one host was sent. replaced: pieces of personal data that were replaced before."""

    requests: int = 0
    bytes: int = 0
    items: int = 0
    replaced: int = 0
    first_at: str = ""
    last_at: str = ""


@dataclass(frozen=True, slots=True)
class WhatLeft:
    """The log in sum. requests: the newest ones that were asked for, oldest first."""

    project: str
    hosts: dict[str, HostTotal] = field(default_factory=dict[str, HostTotal])
    fields: tuple[str, ...] = ()
    pii: tuple[str, ...] = ()
    requests: tuple[SentRequest, ...] = ()


def what_left(views: Views, project: ProjectId, name: str, *, item: str | None = None, most: int = 20) -> WhatLeft:
    """Sum up a project's log.

    name: the project's.  item: count and show what was sent of this item alone, by the user's id for it.
    most: how many requests to list.
    Raises: NotFound, when there is no such item.
    """
    ids = {int(key): str(found) for key, found in views.item_ids(project).items()}
    if item is not None and item not in ids.values():
        raise NotFound(f"there is no item {item!r} in {name!r}{did_you_mean(item, list(ids.values())[:10_000])}")
    hosts: dict[str, HostTotal] = {}
    items: dict[str, set[int]] = {}
    fields: dict[str, None] = {}
    modes: dict[str, None] = {}
    newest: deque[SentRequest] = deque(maxlen=most)
    for row in _rows(views, project):
        of_item = None if row.item is None else ids.get(row.item)
        if item is not None and of_item != item:
            continue
        total = hosts.setdefault(row.host, HostTotal(first_at=row.at))
        total.requests += 1
        total.bytes += row.size
        total.replaced += row.replaced
        total.last_at = row.at
        if row.item is not None:
            items.setdefault(row.host, set()).add(row.item)
        fields |= dict.fromkeys(row.fields)
        modes[row.pii] = None
        newest.append(_shown(row, of_item))
    for host, total in hosts.items():
        total.items = len(items.get(host, ()))
    return WhatLeft(name, hosts, tuple(fields), tuple(modes), tuple(newest))


def _rows(views: Views, project: ProjectId) -> Iterator[OutboundRecord]:
    after = 0
    while found := views.outbound(project, after=after, limit=_READ):
        for _, row in found:
            yield row
        after = found[-1][0]


def _shown(row: OutboundRecord, item: str | None) -> SentRequest:
    return SentRequest(
        at=row.at,
        item=item,
        host=row.host,
        size=row.size,
        sha256=row.digest,
        fields=row.fields,
        pii=row.pii,
        replaced=row.replaced,
        run=row.run,
        region=row.region,
    )
