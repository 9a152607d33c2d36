"""One thing to be labelled."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from labelwright.domain.canonical import Json
from labelwright.domain.ids import ItemId, ItemKey


@dataclass(frozen=True, slots=True)
class NewItem:
    """An item as it comes in.

    content_hash: `digest(content)`.  salt: 16 random bytes that key every commitment about it.
    """

    id: ItemId
    content: Mapping[str, Json]
    metadata: Mapping[str, Json]
    content_hash: str
    salt: bytes


@dataclass(frozen=True, slots=True)
class Item:
    """An item as it is kept."""

    key: ItemKey
    id: ItemId
    content: Mapping[str, Json]
    metadata: Mapping[str, Json]
    content_hash: str
