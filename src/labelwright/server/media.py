"""Files of the workspace's media folder, sent piece by piece, whole or in part.

S8: only what the folder really holds is opened, links that lead out of it included; only kinds that can run nothing are
sent (`media_type`), and never to be run: the answer's own policy is a sandbox.
"""

from __future__ import annotations

import asyncio
import hashlib
import os
import re
import stat
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from starlette.requests import Request
from starlette.responses import Response, StreamingResponse
from starlette.types import Receive, Scope, Send

from labelwright.errors import LabelwrightError, NotFound
from labelwright.server import problems
from labelwright.server.media_type import HEAD_BYTES, media_type_of
from labelwright.services.people.item_media import FOLDER

PIECE_BYTES = 256 * 1024
KEPT_SECONDS = 600
"""How long a browser may keep a file without asking: an item that was fetched ahead is painted without a request."""
_RANGE = re.compile(r"bytes=(\d{0,18})-(\d{0,18})")


class UnshownKind(LabelwrightError):
    """A file that is there and is of no kind that is served (415)."""


@dataclass(frozen=True, slots=True)
class Medium:
    """An open file."""

    file: IO[bytes]
    size: int
    kind: str
    etag: str


async def answer_with(path: str, request: Request, *, workspace: Path | None, secret: str) -> Response:
    """Send a file, or the part of it that is asked for.

    path: from the workspace's folder, as an item has it.  secret: keys the entity tag, which else would tell a date.
    Raises NotFound.
    """
    if workspace is None:
        raise NotFound("this server was started without a workspace's folder, so that it has no files")
    try:
        medium = await asyncio.to_thread(_opened, path, workspace, secret)
    except UnshownKind as problem:
        return problems.problem(415, "Cannot be shown", str(problem), kind="UnshownKind")
    return _answer(medium, request)


def _answer(medium: Medium, request: Request) -> Response:
    headers = {
        "ETag": medium.etag,
        "Accept-Ranges": "bytes",
        "Cache-Control": f"private, max-age={KEPT_SECONDS}",
        "Vary": "Authorization, Cookie",
        "Content-Disposition": "inline",
        "Content-Security-Policy": "default-src 'none'; sandbox",
    }
    if medium.etag in _tags(request.headers.get("if-none-match", "")):
        medium.file.close()
        return Response(status_code=304, headers=headers)
    asked = request.headers.get("range")
    if asked is not None and request.headers.get("if-range", medium.etag) != medium.etag:
        asked = None  # the file has changed since the first part was sent
    try:
        part = _part(asked, medium.size)
    except ValueError:
        medium.file.close()
        headers = {"Content-Range": f"bytes */{medium.size}"}
        detail = f"the file has {medium.size} bytes, and the range lies behind its end"
        return problems.problem(416, "No such range", detail, kind="NoSuchRange", headers=headers)
    first, last = part or (0, medium.size - 1)
    if part is not None:
        headers["Content-Range"] = f"bytes {first}-{last}/{medium.size}"
    headers["Content-Length"] = str(last - first + 1)
    return _FileResponse(medium, first, last - first + 1, 206 if part else 200, headers)


class _FileResponse(StreamingResponse):
    """Reads as fast as it is taken, and closes the file whatever happens."""

    def __init__(self, medium: Medium, first: int, length: int, status: int, headers: dict[str, str]) -> None:
        super().__init__(_pieces(medium.file, first, length), status, headers, medium.kind)
        self._file = medium.file

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        try:
            await super().__call__(scope, receive, send)
        finally:
            self._file.close()


async def _pieces(file: IO[bytes], first: int, length: int) -> AsyncIterator[bytes]:
    await asyncio.to_thread(file.seek, first)
    while length > 0:
        piece = await asyncio.to_thread(file.read, min(length, PIECE_BYTES))
        if not piece:  # it was cut short meanwhile: the connection breaks, since less came than was said
            return
        length -= len(piece)
        yield piece


def _opened(path: str, workspace: Path, secret: str) -> Medium:
    opened = os.fdopen(_file(path, workspace), "rb", buffering=0)
    state = os.fstat(opened.fileno())
    kind = media_type_of(opened.read(HEAD_BYTES), path) if stat.S_ISREG(state.st_mode) else None
    if kind is None:
        opened.close()
        raise UnshownKind(
            f"{path!r} is of a kind that is not shown here; images (PNG, JPEG, GIF, WebP, AVIF, BMP), audio, video, "
            "PDF and plain text are"
        )
    told = f"{state.st_ino}/{state.st_mtime_ns}/{state.st_size}".encode()
    tag = hashlib.blake2b(told, key=secret.encode()[:64], digest_size=12).hexdigest()
    return Medium(opened, state.st_size, kind, f'"{tag}"')


def _file(path: str, workspace: Path) -> int:
    """Open a file that lies in the media folder, wherever links on the way lead. Raises NotFound."""
    try:
        root = (workspace / FOLDER).resolve(strict=True)
        found = (workspace / path).resolve(strict=True)
        if not found.is_relative_to(root) or not found.is_file():
            raise _missing(path)
        # Nothing on the way is a link any more; one that is put there meanwhile is not followed at the last step.
        return os.open(found, os.O_RDONLY | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0))
    except (OSError, ValueError, RuntimeError):
        raise _missing(path) from None


def _missing(path: str) -> NotFound:
    return NotFound(f"there is no file {path[:200]!r} in the workspace's {FOLDER} folder; copy it there")


def _tags(stated: str) -> set[str]:
    return {one.strip().removeprefix("W/") for one in stated.split(",")}


def _part(asked: str | None, size: int) -> tuple[int, int] | None:
    """Read a Range header: the first and last byte of the part; None = the whole. Raises ValueError: beyond the end.

    What cannot be read, and several parts at once, give the whole, as RFC 9110 (section 14.2) allows.

    >>> _part("bytes=2-", 10), _part("bytes=-3", 10), _part("bytes=0-99", 10), _part("bytes=0-1,4-5", 10)
    ((2, 9), (7, 9), (0, 9), None)
    """
    found = _RANGE.fullmatch((asked or "").replace(" ", ""))
    if found is None or found[0] == "bytes=-":
        return None
    if not found[1]:
        suffix = int(found[2])
        if suffix == 0 or size == 0:
            raise ValueError
        return max(0, size - suffix), size - 1
    first = int(found[1])
    if found[2] and int(found[2]) < first:
        return None
    if first >= size:
        raise ValueError
    return first, min(int(found[2]), size - 1) if found[2] else size - 1
