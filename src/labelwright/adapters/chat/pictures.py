"""Pictures for models: read from an item's field, and written as each protocol wants them.

A field holds a data URL, an https link (the provider fetches it, we do not), or the path of a file inside the
workspace's folder. What is sent of a file is the picture alone: no name, no path, no metadata.
"""

from __future__ import annotations

import base64
import binascii
import os
from collections.abc import Iterable
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from labelwright.adapters.chat.picture_bytes import MEDIA_TYPES, without_metadata
from labelwright.domain.canonical import Json
from labelwright.errors import InvalidValue
from labelwright.prompting.chat import ChatRequest, Image

LARGEST_PICTURE = 5_000_000
"""Bytes of one picture, before it is written as text: Anthropic's limit, the smallest of the providers'."""
LARGEST_REQUEST = 20_000_000
"""Bytes of all pictures of one request, as they are sent."""
MOST_PICTURES = 20
_LONGEST_LINK = 8_192


def read_picture(value: Json, *, folder: Path, item: str, field: str) -> Image:
    """Read an item's image field.

    folder: of the workspace; a path is taken from there, and must lead nowhere else, links included.
    Raises: InvalidValue, which names the item and the field.
    """
    try:
        return _read(value, folder)
    except InvalidValue as problem:
        raise InvalidValue(f"item {item!r}, field {field!r}", problem.problem, problem.hint) from None


def picture_of(content: bytes) -> Image:
    """Give an image file's bytes as a picture. Raises InvalidValue: too large, another kind of file, or broken."""
    if len(content) > LARGEST_PICTURE:
        raise _too_large(len(content))
    kind, picture = without_metadata(content)
    return Image(f"data:{kind};base64,{base64.b64encode(picture).decode()}")


def check_pictures(request: ChatRequest) -> None:
    """Check a request's pictures before it is sent. Raises InvalidValue, which names the item where it is known."""
    pictures = [image for message in request.messages for image in message.images]
    if not pictures:
        return
    item = request.metadata.get("item_id")
    path = "" if item is None else f"item {item!r}"
    if len(pictures) > MOST_PICTURES:
        raise InvalidValue(path, f"{len(pictures)} images in one request are more than {MOST_PICTURES}")
    size = sum(len(image.url) for image in pictures)
    if size > LARGEST_REQUEST:
        most = f"{LARGEST_REQUEST / 1e6:g} MB"
        raise InvalidValue(path, f"its images take {size / 1e6:.1f} MB, and {most} is the most", "; make them smaller")
    for image in pictures:
        kind = data_kind(image)
        if kind is None and urlsplit(image.url).scheme != "https":
            raise InvalidValue(path, "an image is neither a data URL nor an https link")
        if kind is not None and kind not in MEDIA_TYPES:
            raise InvalidValue(path, f"models take no {kind}", "; convert it to PNG, JPEG, GIF or WebP")
        if kind is not None and (len(base64_of(image)) * 3) // 4 > LARGEST_PICTURE + 2:
            raise InvalidValue(path, _too_large(len(base64_of(image)) * 3 // 4).problem, "; make it smaller")


def data_kind(image: Image) -> str | None:
    """Give the media type of a data URL; None = it is a link."""
    if not image.url.startswith("data:"):
        return None
    return image.url[5:].partition(",")[0].partition(";")[0]


def base64_of(image: Image) -> str:
    """Give the content of a data URL."""
    return image.url.partition(",")[2]


def openai_content(text: str, images: Iterable[Image]) -> str | list[dict[str, Any]]:
    """Write a message of chat completions: the text alone, or the pictures and then the text."""
    parts: list[dict[str, Any]] = [{"type": "image_url", "image_url": {"url": image.url}} for image in images]
    return [*parts, {"type": "text", "text": text}] if parts else text


def anthropic_content(text: str, images: Iterable[Image]) -> str | list[dict[str, Any]]:
    """Write a message of Anthropic's: a data URL as its base64 content, a link as it is."""
    blocks = [{"type": "image", "source": _anthropic_source(image)} for image in images]
    return [*blocks, {"type": "text", "text": text}] if blocks else text


def decisions_content(text: str, images: Iterable[Image]) -> str | list[dict[str, Any]]:
    """Write a message of decisions."""
    parts: list[dict[str, Any]] = [{"type": "input_image", "image_url": image.url} for image in images]
    return [*parts, {"type": "input_text", "text": text}] if parts else text


def _read(value: Json, folder: Path) -> Image:
    if not isinstance(value, str) or not value.strip():
        raise InvalidValue("", "there is no image", "; give a data URL, an https link, or a file of the workspace")
    stated = value.strip()
    if stated[:5].lower() == "data:":
        return picture_of(_decoded(stated))
    if "://" in stated[:16]:
        return Image(_checked_link(stated))
    return picture_of(_file_content(stated, folder))


def _anthropic_source(image: Image) -> dict[str, str]:
    kind = data_kind(image)
    if kind is None:
        return {"type": "url", "url": image.url}
    return {"type": "base64", "media_type": kind, "data": base64_of(image)}


def _decoded(url: str) -> bytes:
    head, comma, content = url.partition(",")
    if not comma or not head.lower().endswith(";base64"):
        raise InvalidValue("", "this data URL is not in base64", "; write it as data:image/png;base64,…")
    if len(content) > LARGEST_PICTURE * 3 // 2:  # before it is decoded; line breaks and padding allowed for
        raise _too_large(len(content) * 3 // 4)
    try:
        return base64.b64decode("".join(content.split()), validate=True)
    except binascii.Error:
        raise InvalidValue("", "this data URL is no base64 text", "; write it anew") from None


def _checked_link(link: str) -> str:
    try:
        parts = urlsplit(link)
        host, _ = parts.hostname, parts.port
    except ValueError as problem:
        raise InvalidValue("", f"{link[:80]!r} is no address ({problem})") from None
    if parts.scheme.lower() != "https" or not host:
        raise InvalidValue(
            "", f"{link[:80]!r} is no https link", "; providers fetch nothing else: put the file into the workspace"
        )
    if parts.username is not None or parts.password is not None:
        raise InvalidValue("", "a user or password stands in the link", "; every model provider would learn it")
    if len(link) > _LONGEST_LINK or not link.isprintable() or " " in link:
        raise InvalidValue("", f"the link holds spaces or is longer than {_LONGEST_LINK:,} characters")
    return link


def _file_content(name: str, folder: Path) -> bytes:
    if "\0" in name or len(name) > 1_000:
        raise InvalidValue("", "this is neither an image nor the path of one")
    root = folder.resolve()
    try:
        file = (root / name).resolve(strict=True)
    except (OSError, RuntimeError):
        raise InvalidValue("", f"there is no file {name!r} in the workspace", "; paths begin at its folder") from None
    if not file.is_relative_to(root) or not file.is_file():
        raise InvalidValue("", f"{name!r} is no file inside the workspace", "; copy it there, links are followed")
    try:
        # Nothing on the way is a link any more; one that is put there meanwhile is not followed at the last step.
        handle = os.open(file, os.O_RDONLY | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_BINARY", 0))
        with os.fdopen(handle, "rb") as opened:
            return opened.read(LARGEST_PICTURE + 1)
    except OSError as problem:
        raise InvalidValue("", f"{name!r} cannot be read ({problem.strerror})") from None


def _too_large(size: int) -> InvalidValue:
    return InvalidValue(
        "", f"the image takes {size / 1e6:.1f} MB, and {LARGEST_PICTURE / 1e6:g} MB is the most", "; make it smaller"
    )
