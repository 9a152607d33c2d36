"""What a model is shown of an item: what may leave, without personal data, with its pictures, made to fit."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TypeAlias, cast

from labelwright.domain.canonical import Json
from labelwright.domain.item import Item
from labelwright.domain.project import ProjectConfig
from labelwright.errors import InvalidValue
from labelwright.prompting.chat import Image
from labelwright.prompting.long_items import fit
from labelwright.prompting.privacy.protect import Protected, may_leave, protect
from labelwright.prompting.render import ItemToLabel
from labelwright.prompting.suspicion import suspicion
from labelwright.tasks.protocol import NeedsToSee
from labelwright.tasks.registry import bind

ReadPicture: TypeAlias = "Callable[[Json, str, str], Image]"
"""(value, item id, field) -> the picture. Raises InvalidValue."""

_RECORDING = re.compile(
    r"[^\s?#]{1,500}\.(?:wav|mp3|ogg|oga|opus|flac|m4a|aac|mp4|m4v|webm|ogv|mov|mkv|avi)", re.IGNORECASE
)


@dataclass(frozen=True, slots=True)
class HeldBack:
    """An item of which no model is shown anything. It goes to people, for this reason."""

    reason: str
    notes: Mapping[str, Json]


@dataclass(frozen=True, slots=True)
class ShownItem:
    """An item on its way to a model: in one part, or in several where it is long.

    fields: what is shown.  protected: how what a model writes is given its personal data back.
    """

    parts: tuple[ItemToLabel, ...]
    fields: tuple[str, ...]
    protected: Protected

    @property
    def n_replaced(self) -> int:
        """Count the pieces of personal data that were replaced."""
        return len(self.protected.found)


class Showing:
    """The project's rules on privacy, pictures and length, ready to be applied to one item after the other.

    picture: reads the image fields; None where no image is needed (a project without image fields).
    """

    def __init__(self, config: ProjectConfig, *, picture: ReadPicture | None) -> None:
        self._config, self._picture = config, picture
        self._fields = may_leave(config.content_fields, config.privacy)
        self._images = tuple(name for name in self._fields if name in config.image_fields)
        self._texts = tuple(name for name in self._fields if name not in self._images)
        self._protected = tuple(name for name in config.content_fields if name not in self._images)
        tasks = ((question.name, bind(question)) for question in config.schema.questions)
        self._choosy = tuple((name, task) for name, task in tasks if isinstance(task, NeedsToSee))

    def of(self, item: Item) -> ShownItem | HeldBack:
        """Apply them to an item."""
        config = self._config
        content = {name: None if _is_recording(value) else value for name, value in item.content.items()}
        protected = protect(content, config.privacy, fields=self._protected, key=b"")
        notes: dict[str, Json] = {}
        families = suspicion(item.content, self._texts)
        if families:
            notes["suspicious"] = list(families)
        if protected.reason is not None and (protected.found or not self._images):
            return HeldBack(protected.reason, notes)
        if protected.found:
            notes["personal_data"] = _kinds(protected)
        try:
            pictures = _pictures(item, self._images, self._picture) if self._images else ()
        except InvalidValue as problem:
            return HeldBack(str(problem), notes)
        if content != item.content and not self._images and not any(protected.shown.texts.values()):
            return HeldBack("it is a recording, and models here read texts and see pictures only", notes)
        for name, task in self._choosy:
            why = task.out_of_reach(protected.shown)
            if why is not None:
                return HeldBack(f"a model cannot answer {name!r}: {why}", notes)
        fitted = fit(protected.content, self._texts, config.long_items, base=protected.shown)
        if fitted.refused is not None:
            return HeldBack(fitted.refused, {**notes, **fitted.notes})
        notes |= fitted.notes
        parts = tuple(
            [
                ItemToLabel(item.id, content, pictures, shown, notes)
                for content, shown in zip(fitted.parts, fitted.shown, strict=True)
            ]
        )
        return ShownItem(parts, self._fields, protected)


def _is_recording(value: Json) -> bool:
    """Sound and film, as data URLs or as names of files, are no texts: models would be billed for what says nothing."""
    if not isinstance(value, str):
        return False
    return value.startswith(("data:audio/", "data:video/")) or _RECORDING.fullmatch(value) is not None


def show_item(item: Item, config: ProjectConfig, *, picture: ReadPicture | None) -> ShownItem | HeldBack:
    """Apply the project's rules on privacy, pictures and length to one item alone."""
    return Showing(config, picture=picture).of(item)


def show_whole(item: Item, config: ProjectConfig, *, picture: ReadPicture | None) -> ShownItem | HeldBack:
    """As `show_item`, where it must be all there is in one piece."""
    shown = show_item(item, config, picture=picture)
    if isinstance(shown, HeldBack) or len(shown.parts) == 1:
        return shown
    return HeldBack("too long to be judged in one piece", {})


def _pictures(item: Item, fields: tuple[str, ...], picture: ReadPicture | None) -> tuple[Image, ...]:
    found: list[Image] = []
    for name in fields:
        value = item.content.get(name)
        if value in (None, ""):
            continue
        if picture is None:
            raise InvalidValue(f"item {item.id!r}", f"nothing reads the picture in {name!r} here", "")
        several = list(value) if isinstance(value, Sequence) and not isinstance(value, str) else [value]
        found += [picture(one, item.id, name) for one in several]
    return tuple(found)


def _kinds(protected: Protected) -> dict[str, Json]:
    counts: dict[str, Json] = {}
    for datum in protected.found:
        counts[datum.kind] = cast("int", counts.get(datum.kind, 0)) + 1
    return counts


def item_text(config: ProjectConfig, content: Mapping[str, Json]) -> str:
    """Give what an item is compared with others by: its texts, as they stand in the project's fields."""
    texts = [content.get(name) for name in config.content_fields if name not in config.image_fields]
    return "\n".join(text for text in texts if isinstance(text, str))
