"""Whether a card still says what the ledger says."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, cast

from labelwright.domain.canonical import Json
from labelwright.domain.ids import ProjectId
from labelwright.history.configuration import changes
from labelwright.ports.sinks import ExportedFile
from labelwright.ports.storage import Views
from labelwright.services.card.card import build_card, card_hash
from labelwright.services.projects.last_change import last_change


@dataclass(frozen=True, slots=True)
class Difference:
    """One figure that another look gives otherwise: its path in the card, what it said, what it says now."""

    path: str
    stated: Json
    now: Json


@dataclass(frozen=True, slots=True)
class CardCheck:
    """What a check found.

    changed_files: file → why it is not as it was written.  unnamed_files: those that no hash is known of.
    is_whole: the card's own hash fits what it says.
    is_in_ledger: the ledger holds the position the card was made from, under the hash it states; None = no workspace.
    has_moved_on: the ledger has changed since, so that a new card may say something else.
    differences: between the card and one made now.
    """

    project: str
    position: int
    changed_files: Mapping[str, str]
    is_whole: bool
    is_in_ledger: bool | None
    has_moved_on: bool | None
    differences: tuple[Difference, ...]
    unnamed_files: Sequence[str] = ()

    @property
    def holds(self) -> bool:
        """Whether nothing speaks against the card: what is different because work went on does not."""
        moved = bool(self.has_moved_on) or not self.differences
        return not self.changed_files and self.is_whole and self.is_in_ledger is not False and moved


def check_card(
    card: Mapping[str, Json], changed_files: Mapping[str, str], *, views: Views | None, project: ProjectId | None
) -> CardCheck:
    """Hold a card against itself, and against a workspace's ledger where there is one.

    What model calls cost is left out: the call ledger moves with every call, the ledger of events with every run.
    """
    hashes = cast("Mapping[str, Any]", card["hashes"])
    position, stated_hash = int(hashes["ledger"]["position"]), str(hashes["ledger"]["hash"])
    is_whole = card_hash(card) == card["hash"]
    name = str(card["project"])
    if views is None or project is None:
        return CardCheck(name, position, changed_files, is_whole, None, None, ())
    event = next(iter(views.events(after=position - 1, limit=1)), None) if position > 0 else None
    is_in_ledger = event is not None and event.position == position and event.hash == stated_hash
    files = {
        name: ExportedFile(str(one["sha256"]), int(one["bytes"]), int(one["rows"]))
        for name, one in cast("Mapping[str, Mapping[str, Any]]", card.get("files", {})).items()
    }
    now = build_card(views, project, files=files)
    found = changes(_by_name(card), _by_name(now))
    return CardCheck(
        project=name,
        position=position,
        changed_files=changed_files,
        is_whole=is_whole,
        is_in_ledger=is_in_ledger,
        has_moved_on=last_change(views).position != position,
        differences=tuple(
            Difference(path, before, after)
            for path, before, after in found
            if path != "hash" and ".cost" not in path and not path.startswith("hashes.ledger")
        ),
    )


def _by_name(card: Mapping[str, Json]) -> dict[str, Json]:
    """Write lists of named things as objects, so that a difference is told by name and not by place."""
    return {key: _named(value) for key, value in card.items()}


def _named(value: Json) -> Json:
    if isinstance(value, Mapping):
        return {key: _named(one) for key, one in value.items()}
    if isinstance(value, list | tuple):
        rows = cast("list[Json]", value)
        for name in ("name", "label", "origin"):
            if rows and all(isinstance(row, Mapping) and name in row for row in rows):
                named = cast("list[Mapping[str, Json]]", rows)
                return {str(row[name]): _named({k: v for k, v in row.items() if k != name}) for row in named}
    return value
