"""Which fields of an item are files of the workspace's media folder, and where the page fetches them.

A field holds the path of a file as text (`media/scan.png`), or a list of such paths. The path stays in the content as
it is; beside it stands an address under the lease, which opens that field of that item to that person and nothing else,
or under the item, for those who may look at it.
Nothing here looks at a disk: whether the file is there is said when it is fetched.
"""

from __future__ import annotations

from collections.abc import Mapping
from urllib.parse import quote

from labelwright.domain.annotator import Annotator
from labelwright.domain.canonical import Json
from labelwright.domain.item import Item
from labelwright.domain.project import Project
from labelwright.errors import NotFound
from labelwright.ports.storage import Views
from labelwright.services.people.entry_content import shown_content
from labelwright.services.people.item_at_hand import item_at_hand
from labelwright.services.people.lease_token import unseal

FOLDER = "media"
"""In the workspace's folder. Nothing beside it is served."""
MOST_PER_FIELD = 100
_LONGEST = 1_000

_TYPES = {
    "png": "image/png",
    "jpg": "image/jpeg",
    "jpeg": "image/jpeg",
    "gif": "image/gif",
    "webp": "image/webp",
    "avif": "image/avif",
    "bmp": "image/bmp",
    "mp3": "audio/mpeg",
    "wav": "audio/wav",
    "ogg": "audio/ogg",
    "oga": "audio/ogg",
    "opus": "audio/ogg",
    "flac": "audio/flac",
    "m4a": "audio/mp4",
    "aac": "audio/aac",
    "mp4": "video/mp4",
    "m4v": "video/mp4",
    "mov": "video/quicktime",
    "webm": "video/webm",
    "ogv": "video/ogg",
    "pdf": "application/pdf",
    "csv": "text/plain",
    "tsv": "text/plain",
    "json": "text/plain",
    "jsonl": "text/plain",
    "txt": "text/plain",
    "md": "text/plain",
    "vtt": "text/plain",
}


def is_media_path(value: Json) -> bool:
    """Say whether a value reads as the path of a file of the media folder.

    >>> is_media_path("media/scans/page 1.png"), is_media_path("https://x.org/media/a.png"), is_media_path("media/")
    (True, False, False)
    """
    if not isinstance(value, str) or not value.startswith(f"{FOLDER}/") or len(value) > _LONGEST:
        return False
    return len(value) > len(FOLDER) + 1 and value.isprintable()


def media_type(path: str) -> str | None:
    """Give what a file is by its name; the page chooses by it how to show it. None = the name does not say.

    >>> media_type("media/Scan.PNG"), media_type("media/scan")
    ('image/png', None)
    """
    _, dot, extension = path.rpartition(".")
    return _TYPES.get(extension.lower()) if dot else None


def media_of_lease(project: Project, lease: str, content: Mapping[str, Json]) -> dict[str, Json]:
    """Give, for each field with files, the list of them: {url, type}, None where a list's entry is no file."""
    return _shown_media(content, f"/api/v1/projects/{quote(project.name, safe='')}/media/{lease}")


def media_of_item(project: Project, item: Item, content: Mapping[str, Json]) -> dict[str, Json]:
    """Give the same by addresses that hold for everybody who may look at the item."""
    address = f"/api/v1/projects/{quote(project.name, safe='')}/items/{quote(item.id, safe='')}/media"
    return _shown_media(content, address)


def file_of_lease(views: Views, project: Project, annotator: Annotator, lease: str, *, field: str, place: int) -> str:
    """Give the path of a file that an entry of this person shows them, as the item has it. Raises NotFound."""
    claim = unseal(project.id, annotator.id, lease)
    found = views.held(project.id, claim.entry) if claim is not None else None
    items = views.items_by_key(project.id, [found[0].item]) if found is not None else []
    if not items:
        raise NotFound("there is no such lease of yours here; take the next entry")
    return _file(shown_content(project, items[0]), field, place)


def file_of_item(views: Views, project: Project, viewer: Annotator, item: str, *, field: str, place: int) -> str:
    """Give the path of a file of an item that this person may look at. Raises NotFound."""
    return _file(shown_content(project, item_at_hand(views, project, viewer, item).item), field, place)


def _file(content: Mapping[str, Json], field: str, place: int) -> str:
    several = _several(content.get(field))
    value = several[place] if 0 <= place < len(several) else None
    if not isinstance(value, str) or not is_media_path(value):
        raise NotFound(f"field {field[:100]!r} of this item has no file at place {place}")
    return value


def _shown_media(content: Mapping[str, Json], address: str) -> dict[str, Json]:
    found: dict[str, Json] = {}
    for field, value in content.items():
        listed = [_shown(address, field, place, one) for place, one in enumerate(_several(value))]
        if any(one is not None for one in listed):
            found[field] = listed
    return found


def _several(value: Json) -> list[Json]:
    if isinstance(value, list | tuple):
        return list(value)[:MOST_PER_FIELD]
    return [value]


def _shown(address: str, field: str, place: int, value: Json) -> Json:
    if not isinstance(value, str) or not is_media_path(value):
        return None
    return {"url": f"{address}?field={quote(field, safe='')}&place={place}", "type": media_type(value)}
