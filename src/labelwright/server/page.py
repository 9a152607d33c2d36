"""The single page and its files."""

from __future__ import annotations

import html
from base64 import urlsafe_b64encode
from pathlib import Path
from secrets import token_bytes

from starlette.responses import FileResponse, HTMLResponse, Response

from labelwright.errors import NotFound
from labelwright.server.settings import ServerSettings

NONCE_PLACE = "__CSP_NONCE__"
_NOT_BUILT = """<!doctype html><html lang="en"><meta charset="utf-8"><title>Labelwright</title>
<h1>The page is not built</h1>
<p>The server runs, and its API works. To build the page, run <code>make web</code> in the repository
(Node 20 or later), then reload.</p>
<p>Looked in <code>{folder}</code>.</p></html>"""


def index(settings: ServerSettings) -> Response:
    """Give the page with a fresh nonce for its styles; a clear page where the bundle is not built."""
    try:
        text = (settings.static / "index.html").read_text("utf-8")
    except FileNotFoundError:
        folder = html.escape(f"{settings.static.parent.name}/{settings.static.name}")
        return HTMLResponse(_NOT_BUILT.format(folder=folder), 503)
    nonce = urlsafe_b64encode(token_bytes(16)).rstrip(b"=").decode()
    policy = csp(nonce)
    return HTMLResponse(text.replace(NONCE_PLACE, nonce), headers={"Content-Security-Policy": policy})


def csp(nonce: str = "") -> str:
    """Give the content security policy (S7): nothing but our own files; styles also by this nonce.

    Pictures and sound also come out of the item itself (data:) and out of what the page has decoded or drawn (blob:):
    neither can run anything or reach another machine. Workers are our own files.
    """
    styles = f"'self' 'nonce-{nonce}'" if nonce else "'self'"
    return (
        f"default-src 'none'; script-src 'self'; style-src {styles}; img-src 'self' data: blob:; "
        "media-src 'self' data: blob:; worker-src 'self'; connect-src 'self'; font-src 'self'; base-uri 'none'; "
        "form-action 'self'; frame-ancestors 'none'"
    )


def file(settings: ServerSettings, name: str, *, folder: str = "", forever: bool = False) -> Response:
    """Give a file of a folder of the bundle. Only what the folder really holds is served (S8). Raises NotFound."""
    path = _path((settings.static / folder).resolve(), name)
    if path is None:
        raise NotFound("there is no such file; reload the page")
    kept = "public, max-age=31536000, immutable" if forever else "public, max-age=3600"
    return FileResponse(path, headers={"Cache-Control": kept})


def _path(root: Path, name: str) -> Path | None:
    try:
        path = (root / name).resolve()
        return path if path.is_relative_to(root) and path.is_file() else None
    except (OSError, ValueError):  # a name no file can have
        return None
