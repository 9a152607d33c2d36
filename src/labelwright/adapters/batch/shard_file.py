"""A shard's file on its way to a provider, and the names of its lines."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from labelwright.adapters.chat.endpoint import Upload

_PIECE = 256 * 1024
_KEY_LENGTH = 32
_BOUNDARY = "labelwright-4f0c7a52e1"
"""Of a multipart body. No line holds it: JSON has no line break within, and a boundary stands on a line of its own."""


def name_of(shard: str, key: str) -> str:
    """Name a line so that everybody can tell whose it is: at most 64 of `a-z0-9-`, as Anthropic asks."""
    return f"{shard}-{key}"


def key_in(shard: str, name: object) -> str | None:
    """Read a request's key from a line's name; None when the name is not of this shard."""
    if not isinstance(name, str) or not name.startswith(f"{shard}-"):
        return None
    key = name[len(shard) + 1 :]
    return key if len(key) == _KEY_LENGTH else None


def as_form(file: Path, *, name: str) -> Upload:
    """Give a file as the field `file` of a form, beside `purpose=batch`."""
    dashes = f"--{_BOUNDARY}\r\nContent-Disposition: form-data; "
    head = f'{dashes}name="purpose"\r\n\r\nbatch\r\n{dashes}name="file"; filename="{name}.jsonl"\r\n'
    before = (head + "Content-Type: application/jsonl\r\n\r\n").encode()
    after = f"\r\n--{_BOUNDARY}--\r\n".encode()

    def pieces() -> Iterator[bytes]:
        yield before
        yield from _pieces_of(file)
        yield after

    length = len(before) + file.stat().st_size + len(after)
    return Upload(pieces, length, f"multipart/form-data; boundary={_BOUNDARY}")


def as_list(file: Path, *, key: str) -> Upload:
    """Give a file of lines as a JSON object of one key, with a list of them."""
    before, after = f'{{"{key}":['.encode(), b"]}"

    def pieces() -> Iterator[bytes]:
        yield before
        left = file.stat().st_size - 1
        for piece in _pieces_of(file):
            # A line's end becomes a comma, but for the last: within a line there is none.
            yield (piece[:left] if len(piece) > left else piece).replace(b"\n", b",")
            left -= len(piece)
        yield after

    return Upload(pieces, len(before) + file.stat().st_size - 1 + len(after))


def _pieces_of(file: Path) -> Iterator[bytes]:
    with file.open("rb") as opened:
        while piece := opened.read(_PIECE):
            yield piece
