"""The gate every request passes: host, origin, size, who it is, and what every answer carries.

Deny by default (S1): a request that is not on the public list needs a session *before* any route is looked at, so a new
route cannot be open by mistake. Sessions are read from storage per request: ending one works at once (S9).
"""

from __future__ import annotations

import logging
import traceback
from dataclasses import dataclass
from http.cookies import CookieError, SimpleCookie
from urllib.parse import urlsplit

from starlette.datastructures import Headers, MutableHeaders
from starlette.exceptions import HTTPException
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from labelwright.domain.annotator import Annotator
from labelwright.domain.project import Project
from labelwright.errors import LabelwrightError, NotAllowed, NotSignedIn
from labelwright.ports.storage import Storage
from labelwright.ports.world import World
from labelwright.server import page, problems
from labelwright.server.settings import ServerSettings
from labelwright.services.people.manage_people import token_hash

COOKIE = "labelwright_session"
API = "/api/"
SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})

# All that is open, for everybody, without credentials. Nothing of a project is behind any of these.
PUBLIC_READS = frozenset({"/", "/join", "/health", "/openapi.json", "/favicon.svg"})
PUBLIC_READ_FOLDERS = ("/assets/", "/p/")
PUBLIC_WRITES = frozenset({("POST", "/api/v1/sessions")})

_HEADERS = {
    "content-security-policy": page.csp(),
    "x-content-type-options": "nosniff",
    "referrer-policy": "no-referrer",
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
    "cache-control": "no-store",
}

_log = logging.getLogger("labelwright.server")


@dataclass(frozen=True, slots=True)
class Caller:
    """Who asks, for which project, by which token (hashed)."""

    annotator: Annotator
    project: Project
    token_hash: str


class Guard:
    """The middleware."""

    def __init__(self, app: ASGIApp, *, storage: Storage, world: World, settings: ServerSettings) -> None:
        self._app, self._storage, self._world, self._settings = app, storage, world, settings

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "lifespan":
            await self._app(scope, receive, send)
        elif scope["type"] == "http":
            await self._answer(scope, receive, send)
        else:  # no route speaks WebSocket
            await send({"type": "websocket.close", "code": 1008})

    async def _answer(self, scope: Scope, receive: Receive, send: Send) -> None:
        started = False

        async def send_with_headers(message: Message) -> None:
            nonlocal started
            if message["type"] == "http.response.start":
                started = True
                headers = MutableHeaders(scope=message)
                for name, value in _HEADERS.items():
                    headers.setdefault(name, value)
            await send(message)

        try:
            headers = Headers(scope=scope)
            self._check_origin(scope, headers)
            if is_page(scope, headers):
                await page.index(self._settings)(scope, receive, send_with_headers)
                return
            if not is_public(scope["method"], scope["path"]):
                scope["labelwright.caller"] = self._caller(scope, headers)
            limited = self._limited(headers, receive)
            await self._app(scope, limited, send_with_headers)
        except LabelwrightError as error:
            await problems.of_error(error)(scope, receive, send_with_headers)
        except HTTPException as error:
            answer = problems.problem(error.status_code, error.detail, error.detail, kind="http")
            await answer(scope, receive, send_with_headers)
        except Exception as error:  # noqa: BLE001 - the last resort: an id for the person, the place for the log
            number = self._world.new_id()
            _log.error("error %s: %s in %s\n%s", number, type(error).__name__, _route(scope), _places(error))
            if not started:
                detail = f"something went wrong on the server; its log has it under {number}"
                answer = problems.problem(500, "Internal error", detail, kind="InternalError")
                await answer(scope, receive, send_with_headers)

    def _check_origin(self, scope: Scope, headers: Headers) -> None:
        hosts = headers.getlist("host")
        if len(hosts) > 1:  # a proxy may have looked at the other one
            raise HTTPException(400, "a request names one host")
        host = hosts[0] if hosts else ""
        if _host_name(host) not in self._settings.allowed_hosts:
            detail = "this host name is not served here; start the server with --host-name NAME to allow it"
            raise HTTPException(421, detail)
        origin = headers.get("origin")
        if scope["method"] not in SAFE_METHODS and origin is not None and not _same_origin(origin, host):
            raise NotAllowed("a page of another site may not write here")

    def _caller(self, scope: Scope, headers: Headers) -> Caller:
        token, by_cookie = _token(headers)
        if token is None:
            raise NotSignedIn("sign in with your invite link, or send a token: Authorization: Bearer <token>")
        hashed = token_hash(token)
        with self._storage.reading() as views:
            session = views.session(hashed, now=self._world.now())
            project = views.project(session.project) if session else None
        if session is None or project is None:
            raise NotSignedIn("this session is unknown, ended or expired; open a new invite link")
        if by_cookie and scope["method"] not in SAFE_METHODS and headers.get("x-labelwright") != "1":
            raise NotAllowed("a write with a cookie needs the header X-Labelwright: 1")
        return Caller(session.annotator, project, hashed)

    def _limited(self, headers: Headers, receive: Receive) -> Receive:
        most = self._settings.body_bytes
        too_large = f"a request may have {most:,} bytes; send less at a time"
        length = headers.get("content-length", "")
        if length.isdecimal() and int(length) > most:
            raise HTTPException(413, too_large)
        seen = 0

        async def receive_limited() -> Message:
            nonlocal seen
            message = await receive()
            seen += len(message.get("body", b""))
            if seen > most:
                raise HTTPException(413, too_large)
            return message

        return receive_limited


def is_public(method: str, path: str) -> bool:
    """Say whether a request needs no session."""
    if method in {"GET", "HEAD"}:
        return path in PUBLIC_READS or path.startswith(PUBLIC_READ_FOLDERS)
    return (method, path) in PUBLIC_WRITES


def is_page(scope: Scope, headers: Headers) -> bool:
    """Say whether a browser asks for a page by any other address: it gets the index, which says so itself."""
    path: str = scope["path"]
    if scope["method"] not in {"GET", "HEAD"} or path.startswith(API) or is_public(scope["method"], path):
        return False
    return "text/html" in headers.get("accept", "")


def _token(headers: Headers) -> tuple[str | None, bool]:
    scheme, _, token = headers.get("authorization", "").partition(" ")
    if scheme.lower() in {"bearer", "token"} and token.strip():
        return token.strip(), False
    try:
        morsel = SimpleCookie(headers.get("cookie", "")).get(COOKIE)
    except CookieError:
        return None, False
    return (morsel.value, True) if morsel and morsel.value else (None, False)


def _host_name(host: str) -> str:
    name = host.lower()
    if name.startswith("["):
        return name.partition("]")[0] + "]"
    return name.partition(":")[0]


def _same_origin(origin: str, host: str) -> bool:
    try:
        parts = urlsplit(origin)
    except ValueError:  # such as http://[::1
        return False
    return parts.scheme in {"http", "https"} and parts.netloc.lower() == host.lower()


def _route(scope: Scope) -> str:
    # The route's pattern, never the address: ids and names stay out of the log.
    pattern = getattr(scope.get("route"), "path", "no route")
    return f"{scope['method']} {pattern}"


def _places(error: BaseException) -> str:
    # Where it happened, without messages: a message may quote a label, a token or a row.
    frames = traceback.extract_tb(error.__traceback__)
    return "\n".join(f"  {frame.filename}:{frame.lineno} {frame.name}" for frame in frames)
