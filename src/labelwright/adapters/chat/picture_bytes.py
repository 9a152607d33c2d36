"""What an image file is, by its own bytes, and the same image without what it says about where it was made.

A photograph's file holds the place and time it was taken, the camera's number, a small uncropped preview, an author's
name. None of that is the picture: a model is sent the picture. Kept are the pixels as they are, how they are to be
turned (JPEG's orientation), transparency, animation and the colour space.

Source: ITU-T T.81 (JPEG), Exif 2.32, W3C PNG (third edition), GIF89a, the WebP container specification.
"""

from __future__ import annotations

import struct
from collections.abc import Callable, Iterator

from labelwright.errors import InvalidValue

MEDIA_TYPES = ("image/png", "image/jpeg", "image/gif", "image/webp")

_PNG = b"\x89PNG\r\n\x1a\n"
_PNG_KEPT = frozenset(
    {b"IHDR", b"PLTE", b"IDAT", b"IEND", b"tRNS", b"gAMA", b"cHRM", b"sRGB", b"sBIT", b"bKGD", b"pHYs"}
    | {b"cICP", b"acTL", b"fcTL", b"fdAT"}
)
_WEBP_KEPT = frozenset({b"VP8 ", b"VP8L", b"VP8X", b"ALPH", b"ANIM", b"ANMF"})
_ORIENTATION = 0x0112


class _Broken(Exception):
    """The bytes end early, or are not what they began as."""


def media_type_of(content: bytes) -> str | None:
    """Tell the kind of image by its first bytes; None = it is none that models take."""
    if content.startswith(_PNG):
        return "image/png"
    if content.startswith(b"\xff\xd8\xff"):
        return "image/jpeg"
    if content[:6] in (b"GIF87a", b"GIF89a"):
        return "image/gif"
    if content[:4] == b"RIFF" and content[8:12] == b"WEBP":
        return "image/webp"
    return None


def without_metadata(content: bytes) -> tuple[str, bytes]:
    """Give an image's media type, and its bytes with nothing in them but the picture.

    Raises: InvalidValue, when these are not the bytes of a PNG, JPEG, GIF or WebP image, or of half of one.
    """
    kind = media_type_of(content)
    if kind is None:
        raise InvalidValue("", "this is no PNG, JPEG, GIF or WebP image", "; convert it to one of these")
    try:
        return kind, _CLEANED[kind](content)
    except (_Broken, struct.error, IndexError):
        raise InvalidValue("", f"this begins as {kind}, but is broken or not whole", "; save it anew") from None


def _png(content: bytes) -> bytes:
    kept, at, ended = [_PNG], len(_PNG), False
    while at + 12 <= len(content) and not ended:
        (length,) = struct.unpack_from(">I", content, at)
        name, end = content[at + 4 : at + 8], at + 12 + length
        if end > len(content):
            raise _Broken
        if name in _PNG_KEPT:
            kept.append(content[at:end])
        at, ended = end, name == b"IEND"
    if not ended:
        raise _Broken
    return b"".join(kept)


def _jpeg(content: bytes) -> bytes:
    kept, at = [b"\xff\xd8"], 2
    orientation = 1
    while True:
        while content[at] == 0xFF and content[at + 1] == 0xFF:  # fill bytes
            at += 1
        if content[at] != 0xFF:
            raise _Broken
        marker = content[at + 1]
        (length,) = struct.unpack_from(">H", content, at + 2)
        end = at + 2 + length
        if length < 2 or end > len(content):
            raise _Broken
        if marker == 0xE1 and content[at + 4 : at + 10] == b"Exif\0\0":
            orientation = _orientation(content[at + 10 : end])
        if marker == 0xDA:  # the picture itself, up to its end; what stands behind that is no part of it
            if 2 <= orientation <= 8:
                kept.insert(1, _turned(orientation))
            return b"".join([*kept, content[at : _end_of_jpeg(content, end)]])
        is_metadata = marker == 0xFE or (0xE1 <= marker <= 0xEF and marker != 0xEE)  # 0xEE: Adobe's colour transform
        if not is_metadata:
            kept.append(content[at:end])
        at = end


def _end_of_jpeg(content: bytes, start: int) -> int:
    """Give where the picture ends: a progressive one has several scans, with tables between."""
    at = start
    while (at := content.find(b"\xff", at)) >= 0 and at + 1 < len(content):
        marker = content[at + 1]
        if marker == 0xD9:
            return at + 2
        if marker in (0x00, 0x01, 0xFF) or 0xD0 <= marker <= 0xD7:
            at += 1 if marker == 0xFF else 2
        else:
            (length,) = struct.unpack_from(">H", content, at + 2)
            at += 2 + length
    raise _Broken


def _orientation(tiff: bytes) -> int:
    """Read how the picture is to be turned; 1 (not at all) where that is not said."""
    order = {b"II": "<", b"MM": ">"}.get(tiff[:2])
    if order is None or len(tiff) < 10:
        return 1
    (start,) = struct.unpack_from(order + "I", tiff, 4)
    if start + 2 > len(tiff):
        return 1
    (count,) = struct.unpack_from(order + "H", tiff, start)
    for place in range(start + 2, min(start + 2 + 12 * count, len(tiff) - 11), 12):
        tag, kind = struct.unpack_from(order + "HH", tiff, place)
        if tag == _ORIENTATION and kind == 3:
            return int(struct.unpack_from(order + "H", tiff, place + 8)[0])
    return 1


def _turned(orientation: int) -> bytes:
    """Write an Exif segment that says nothing but this."""
    tiff = b"MM\0*" + struct.pack(">IHHHIHHI", 8, 1, _ORIENTATION, 3, 1, orientation, 0, 0)
    return b"\xff\xe1" + struct.pack(">H", 2 + 6 + len(tiff)) + b"Exif\0\0" + tiff


def _gif(content: bytes) -> bytes:
    """Drop comments, texts and foreign extensions; NETSCAPE2.0 says how often an animation runs."""
    at = 13 + _table(content[10])
    kept = [content[:at]]
    while True:
        start, kind = at, content[at]
        if kind == 0x3B:
            return b"".join([*kept, b"\x3b"])
        if kind == 0x2C:
            at = _past_blocks(content, at + 11 + _table(content[at + 9]))
            is_kept = True
        elif kind == 0x21:
            at = _past_blocks(content, at + 2)
            label = content[start + 1]
            is_kept = label == 0xF9 or (label == 0xFF and content[start + 3 : start + 14] == b"NETSCAPE2.0")
        else:
            raise _Broken
        if is_kept:
            kept.append(content[start:at])


def _table(flags: int) -> int:
    return 3 << ((flags & 7) + 1) if flags & 0x80 else 0


def _past_blocks(content: bytes, at: int) -> int:
    while content[at]:
        at += 1 + content[at]
    return at + 1


def _webp(content: bytes) -> bytes:
    kept = b"".join(_webp_chunks(content))
    return b"RIFF" + struct.pack("<I", 4 + len(kept)) + b"WEBP" + kept


def _webp_chunks(content: bytes) -> Iterator[bytes]:
    (stated,) = struct.unpack_from("<I", content, 4)
    end_of_all = 8 + stated
    if end_of_all > len(content) + 1:  # some writers leave the last padding byte out
        raise _Broken
    at, n_pictures = 12, 0
    while at + 8 <= min(end_of_all, len(content)):
        name = content[at : at + 4]
        (length,) = struct.unpack_from("<I", content, at + 4)
        end = at + 8 + length
        if end > len(content):
            raise _Broken
        if name == b"VP8X":
            flags = content[at + 8] & ~(0x20 | 0x08 | 0x04)  # no colour profile, Exif or XMP follows any more
            yield content[at : at + 8] + bytes([flags]) + content[at + 9 : end]
        elif name in _WEBP_KEPT:
            n_pictures += name != b"ANIM"
            yield content[at:end] + b"\0" * (length % 2)
        at = end + length % 2
    if not n_pictures:
        raise _Broken


_CLEANED: dict[str, Callable[[bytes], bytes]] = {
    "image/png": _png,
    "image/jpeg": _jpeg,
    "image/gif": _gif,
    "image/webp": _webp,
}
