"""How many pixels an image has, upright, read from its first bytes: PNG, JPEG (with EXIF), GIF, WebP, BMP."""

from __future__ import annotations

import base64
import binascii
import re
from pathlib import Path
from typing import NamedTuple
from urllib.parse import unquote_to_bytes

from labelwright.domain.canonical import Json

_DATA = re.compile(r"data:image/[a-z0-9.+-]+(;[^,]*)?,", re.IGNORECASE)
_TURNED = range(5, 9)
"""EXIF orientations that lie on their side: people see the height as the width."""


class ImageSize(NamedTuple):
    """Pixels as people see the image: after the turning that its camera wrote down."""

    width: int
    height: int


def image_size(value: Json, folder: Path | None) -> ImageSize | None:
    """Give the size of an image in a data URL, or in a file under `folder`; None where it cannot be told."""
    if not isinstance(value, str):
        return None
    found = _DATA.match(value[:200])
    if found:
        body = value[found.end() :]
        try:
            is_base64 = (found.group(1) or "").lower().endswith(";base64")
            return size_of_bytes(base64.b64decode(body) if is_base64 else unquote_to_bytes(body))
        except (binascii.Error, ValueError):
            return None
    if folder is None or len(value) > 1000 or "\0" in value:
        return None
    path = (folder / value).resolve()
    # Nothing outside of the folder is looked at.
    return size_of_bytes(path.read_bytes()) if path.is_relative_to(folder.resolve()) and path.is_file() else None


def size_of_bytes(image: bytes) -> ImageSize | None:
    """Give the size by the file's own head; None for other kinds and for broken files."""
    try:
        if image.startswith(b"\x89PNG\r\n\x1a\n"):
            return _size(image[16:20], image[20:24], "big")
        if image[:6] in (b"GIF87a", b"GIF89a"):
            return _size(image[6:8], image[8:10], "little")
        if image.startswith(b"BM"):
            height = abs(int.from_bytes(image[22:26], "little", signed=True))
            return ImageSize(int.from_bytes(image[18:22], "little"), height)
        if image[:4] == b"RIFF" and image[8:12] == b"WEBP":
            return _webp(image)
        return _jpeg(image) if image.startswith(b"\xff\xd8") else None
    except IndexError:
        return None


def _size(width: bytes, height: bytes, order: str) -> ImageSize:
    little = order == "little"
    return ImageSize(
        int.from_bytes(width, "little" if little else "big"), int.from_bytes(height, "little" if little else "big")
    )


def _webp(image: bytes) -> ImageSize | None:
    kind = image[12:16]
    if kind == b"VP8X":
        return ImageSize(
            1 + int.from_bytes(image[24:27], "little"),
            1 + int.from_bytes(image[27:30], "little"),
        )
    if kind == b"VP8L":
        bits = int.from_bytes(image[21:25], "little")
        return ImageSize(1 + (bits & 0x3FFF), 1 + (bits >> 14 & 0x3FFF))
    if kind == b"VP8 ":
        return ImageSize(
            int.from_bytes(image[26:28], "little") & 0x3FFF, int.from_bytes(image[28:30], "little") & 0x3FFF
        )
    return None


def _jpeg(image: bytes) -> ImageSize | None:
    at, orientation = 2, 1
    while at + 9 < len(image) and image[at] == 0xFF:
        marker, length = image[at + 1], int.from_bytes(image[at + 2 : at + 4], "big")
        if marker == 0xE1 and image[at + 4 : at + 10] == b"Exif\0\0":
            orientation = _orientation(image[at + 10 : at + 2 + length])
        # Start of frame: all but the tables (C4), the extension (C8) and the arithmetic conditioning (CC).
        if 0xC0 <= marker <= 0xCF and marker not in (0xC4, 0xC8, 0xCC):
            height, width = int.from_bytes(image[at + 5 : at + 7], "big"), int.from_bytes(image[at + 7 : at + 9], "big")
            return ImageSize(height, width) if orientation in _TURNED else ImageSize(width, height)
        at += 2 + length
    return None


def _orientation(tiff: bytes) -> int:
    order = "little" if tiff[:2] == b"II" else "big"

    def number(start: int, length: int) -> int:
        return int.from_bytes(tiff[start : start + length], "little" if order == "little" else "big")

    first = number(4, 4)
    for entry in range(number(first, 2)):
        at = first + 2 + 12 * entry
        if number(at, 2) == 0x0112:
            return number(at + 8, 2)
    return 1
