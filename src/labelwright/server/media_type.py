"""What a media file is, by its own first bytes: only kinds that a browser shows and that can run nothing.

A name says nothing here, but for plain text, which has no mark of its own and is served as text and never as anything
else. Not among them, on purpose: HTML, SVG and XML, which can run scripts.

Source: the WHATWG's MIME Sniffing standard, sections 6.1 to 6.3; ISO 14496-12 (brands); RFC 9559 (Matroska).
"""

from __future__ import annotations

import codecs

HEAD_BYTES = 4_096
"""How much of a file's beginning is looked at."""

_TEXTS = frozenset({"txt", "md", "csv", "tsv", "json", "jsonl", "vtt"})
_STARTS: tuple[tuple[bytes, str], ...] = (
    (b"\x89PNG\r\n\x1a\n", "image/png"),
    (b"\xff\xd8\xff", "image/jpeg"),
    (b"GIF87a", "image/gif"),
    (b"GIF89a", "image/gif"),
    (b"%PDF-", "application/pdf"),
    (b"fLaC", "audio/flac"),
    (b"ID3", "audio/mpeg"),
)
_RIFF = {b"WEBP": "image/webp", b"WAVE": "audio/wav"}
_BRANDS = {
    b"avif": "image/avif",
    b"avis": "image/avif",
    b"M4A ": "audio/mp4",
    b"M4B ": "audio/mp4",
    b"qt  ": "video/quicktime",
}
_MP4_BRANDS = (b"iso", b"mp4", b"avc", b"M4V", b"dash", b"mmp4", b"MSNV")


def media_type_of(head: bytes, name: str) -> str | None:
    """Tell a file's content type by its first bytes; None = it is of no kind that is served.

    >>> media_type_of(b"GIF89a...", "cat.txt"), media_type_of(b"<svg onload='x()'>", "cat.png")
    ('image/gif', None)
    """
    for start, kind in _STARTS:
        if head.startswith(start):
            return kind
    if head[:4] == b"RIFF":
        return _RIFF.get(head[8:12])
    if head[4:8] == b"ftyp":
        return _of_brand(head[8:12])
    if head.startswith(b"OggS"):
        return "video/ogg" if b"\x80theora" in head else "audio/ogg"
    if head.startswith(b"\x1aE\xdf\xa3"):
        return "video/webm" if b"webm" in head[:64] else None
    if head.startswith(b"BM") and head[6:10] == b"\0\0\0\0":
        return "image/bmp"
    if len(head) > 2 and head[0] == 0xFF and head[1] & 0xE0 == 0xE0:
        return _of_frame(head[1])
    return "text/plain; charset=utf-8" if _is_text(head, name) else None


def _of_brand(brand: bytes) -> str | None:
    if brand in _BRANDS:
        return _BRANDS[brand]
    return "video/mp4" if brand.startswith(_MP4_BRANDS) else None


def _of_frame(second: int) -> str | None:
    """Tell MPEG audio from ADTS by the layer bits of a frame's second byte."""
    if second in {0xF1, 0xF9}:
        return "audio/aac"
    is_layer_3, is_reserved = second & 0x06 == 0x02, second & 0x18 == 0x08
    return "audio/mpeg" if is_layer_3 and not is_reserved else None


def _is_text(head: bytes, name: str) -> bool:
    if name.rpartition(".")[2].lower() not in _TEXTS or b"\0" in head:
        return False
    try:
        codecs.getincrementaldecoder("utf-8")().decode(head)  # a character may be cut off at the end
    except UnicodeDecodeError:
        return False
    return True
