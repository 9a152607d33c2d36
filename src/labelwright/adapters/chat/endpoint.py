"""The address of a provider, the key to it, and all that may go wrong on the way there and back.

Redirects and proxies of the environment are never followed, every address is checked before it is connected to, bodies
are of bounded size, and the key never appears in an error.
"""

from __future__ import annotations

import hashlib
from collections.abc import AsyncGenerator, AsyncIterator, Callable, Iterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from urllib.parse import urlsplit

import aiohttp
import orjson

from labelwright.adapters.chat.outbound_guard import AddressRefused, OutboundGuard
from labelwright.adapters.chat.outbound_watch import tell_sent, tell_streamed
from labelwright.domain.project import ModelSource
from labelwright.errors import InvalidValue
from labelwright.prompting.failures import (
    CallTimedOut,
    ConnectionFailed,
    ConnectTimedOut,
    KeyRefused,
    MalformedAnswer,
)

LARGEST_BODY = 8_000_000
_JSON = "application/json"
_KEPT = 20_000
_CONNECT_SECONDS = 10.0
_ONE_PIECE = 1_000_000
_SHORTEST_SECRET = 12


@dataclass(frozen=True, slots=True)
class HttpAnswer:
    """What came back."""

    status: int
    headers: Mapping[str, str]
    body: bytes


@dataclass(frozen=True, slots=True)
class Upload:
    """A body that is read while it is sent. pieces: begins it anew.  length: of all of them, in bytes."""

    pieces: Callable[[], Iterator[bytes]]
    length: int
    content_type: str = _JSON


class HttpProblem(Exception):
    """A body was asked for line by line, and another status than 200 came."""

    def __init__(self, answer: HttpAnswer) -> None:
        super().__init__(f"status {answer.status}")
        self.answer = answer


class Endpoint:
    """One path under a base URL, to which JSON is posted.

    api_key: taken out of every text that may be shown.  headers: sent with each request; the key's own among them.
    seconds: how long one attempt may take, connecting included.
    guard: decides where calls may go; None = anywhere but where nothing ever may.
    Raises: InvalidValue, when the address or the key cannot be used at all.
    """

    def __init__(
        self,
        base_url: str,
        path: str,
        *,
        api_key: str | None,
        headers: Mapping[str, str],
        seconds: float,
        guard: OutboundGuard | None = None,
    ) -> None:
        self.base_url = checked_base_url(base_url)
        self._guard = guard or OutboundGuard()
        self._guard.check(self.base_url)
        self._url = self.base_url + path
        self._host = urlsplit(self.base_url).netloc
        self._api_key = _checked_key(api_key)
        self._headers = {"Content-Type": _JSON, "Accept": _JSON, **headers}
        self._timeout = aiohttp.ClientTimeout(total=seconds, sock_connect=min(seconds / 2, _CONNECT_SECONDS))
        self._session: aiohttp.ClientSession | None = None

    async def post(self, content: Mapping[str, object]) -> HttpAnswer:
        """Send one request. Raises CallTimedOut, ConnectionFailed, MalformedAnswer, AddressRefused, InvalidValue."""
        try:
            body = orjson.dumps(content)
        except TypeError as problem:
            raise InvalidValue("", f"the request cannot be written as JSON ({problem})") from None
        may_have_left = True
        try:
            reply = await self._opened().post(self._url, data=body, allow_redirects=False)
            try:
                return HttpAnswer(reply.status, reply.headers, self._without_key(await _read(reply)))
            finally:
                reply.release()  # what was not read to its end is dropped with its connection
        except aiohttp.ConnectionTimeoutError:
            may_have_left = False
            raise self._not_taken() from None
        except aiohttp.ClientConnectorError as problem:
            may_have_left = False
            raise ConnectionFailed(self._scrubbed(f"{self.base_url}: {problem}"), is_sent=False) from None
        except AddressRefused:
            may_have_left = False
            raise
        except TimeoutError:
            raise CallTimedOut(
                f"{self.base_url} gave no answer within {self._timeout.total:g} s (timeout_seconds in project.yaml)"
            ) from None
        except aiohttp.ClientError as problem:
            raise ConnectionFailed(self._scrubbed(f"{self.base_url}: {problem or type(problem).__name__}")) from None
        finally:
            if may_have_left:
                tell_sent(self._host, body)

    async def send(self, method: str, path: str, *, upload: Upload | None = None) -> HttpAnswer:
        """Send a request of any method to a path below the base URL. Raises as `post` does."""
        async with self._exchange(method, path, upload) as reply:
            return HttpAnswer(reply.status, reply.headers, self._without_key(await _read(reply)))

    async def lines(self, path: str) -> AsyncGenerator[bytes]:
        """Give the lines of a body of any length. Raises as `post` does, and HttpProblem for another status than 200.

        A line longer than `LARGEST_BODY` is given as its first bytes: no reader understands it.
        """
        async with self._exchange("GET", path, None) as reply:
            if reply.status != 200:
                raise HttpProblem(HttpAnswer(reply.status, reply.headers, self._without_key(await _read(reply))))
            rest = b""
            async for part in reply.content.iter_any():
                *whole, rest = (rest + part).split(b"\n")
                for line in whole:
                    yield self._without_key(line)
                if len(rest) > LARGEST_BODY:
                    rest = rest[:LARGEST_BODY]
            if rest.strip():
                yield self._without_key(rest)

    @asynccontextmanager
    async def _exchange(self, method: str, path: str, upload: Upload | None) -> AsyncGenerator[aiohttp.ClientResponse]:
        sent = _Hashed(upload)
        headers = {} if upload is None else {"Content-Type": upload.content_type, "Content-Length": str(upload.length)}
        try:
            async with self._opened().request(
                method,
                self.base_url + path,
                data=sent.body(),
                headers=headers,
                allow_redirects=False,
            ) as reply:
                yield reply
        except aiohttp.ConnectionTimeoutError:
            raise self._not_taken() from None
        except TimeoutError:
            raise CallTimedOut(f"{self.base_url}{path} gave no answer within {self._timeout.total:g} s") from None
        except aiohttp.ClientError as problem:
            raise ConnectionFailed(self._scrubbed(f"{self.base_url}: {problem or type(problem).__name__}")) from None
        finally:
            if sent.size:
                tell_streamed(self._host, bytes_sent=sent.size, sha256=sent.sha256)

    def text_of(self, answer: HttpAnswer) -> str:
        """Give the start of an error's body as text, without the key."""
        return self._scrubbed(answer.body[:_KEPT].decode("utf-8", "replace"))

    async def close(self) -> None:
        """Close all connections."""
        if self._session is not None:
            await self._session.close()
            self._session = None

    def _not_taken(self) -> ConnectTimedOut:
        return ConnectTimedOut(
            f"{self.base_url} took no connection within {self._timeout.sock_connect:g} s (it is down, or a firewall "
            f"drops what is sent to it)",
            is_sent=False,
        )

    def _opened(self) -> aiohttp.ClientSession:
        if self._session is None:
            self._session = aiohttp.ClientSession(
                connector=self._guard.connector(),
                trust_env=False,  # a proxy of the environment would see every item
                cookie_jar=aiohttp.DummyCookieJar(),
                timeout=self._timeout,
                headers=self._headers,
            )
        return self._session

    def _without_key(self, body: bytes) -> bytes:
        # A gateway that repeats what it was sent must not bring the key into the database by way of an answer. Local
        # servers are given placeholders (`EMPTY`, `none`, `ollama`), which are no secrets and may well be labels.
        if self._api_key is None or len(self._api_key) < _SHORTEST_SECRET:
            return body
        return body.replace(self._api_key.encode(), b"[key]")

    def _scrubbed(self, text: str) -> str:
        return text if self._api_key is None else text.replace(self._api_key, "[key]")


class _Hashed:
    """An upload's pieces, counted and hashed on their way."""

    def __init__(self, upload: Upload | None) -> None:
        self._upload, self._hash, self.size = upload, hashlib.sha256(), 0

    @property
    def sha256(self) -> str:
        return self._hash.hexdigest()

    def body(self) -> bytes | AsyncIterator[bytes] | None:
        """Give what aiohttp sends: a short body in one piece, so that it leaves with its headers."""
        if self._upload is None or self._upload.length > _ONE_PIECE:
            return None if self._upload is None else self._pieces()
        whole = b"".join(self._upload.pieces())
        self._hash.update(whole)
        self.size = len(whole)
        return whole

    async def _pieces(self) -> AsyncIterator[bytes]:
        for piece in () if self._upload is None else self._upload.pieces():
            self._hash.update(piece)
            self.size += len(piece)
            yield piece


def key_of(source: ModelSource, environment: Mapping[str, str]) -> str | None:
    """Give a model's key from the environment variable it names; None when it names none.

    Raises: KeyRefused, when the variable is not set: nothing would be answered.
    """
    if source.api_key_env is None:
        return None
    api_key = environment.get(source.api_key_env, "")
    if not api_key:
        raise KeyRefused(
            f"environment variable {source.api_key_env!r} is not set; it must hold the key for {source.base_url}"
            f" (or leave api_key_env out of project.yaml, if no key is needed)"
        )
    return api_key


def checked_base_url(base_url: str) -> str:
    """Check an address before anything is sent to it. Raises InvalidValue."""
    try:
        parts = urlsplit(base_url)
        host, _ = parts.hostname, parts.port
    except ValueError as problem:
        raise InvalidValue("base_url", f"{base_url!r} is no address ({problem})") from None
    if parts.scheme not in ("http", "https") or not host:
        raise InvalidValue("base_url", f"{base_url!r} is no http(s) address", ", such as https://api.openai.com/v1")
    if parts.username is not None or parts.password is not None:
        raise InvalidValue("base_url", "a key or password stands in the address", "; use api_key_env instead")
    if parts.query or parts.fragment:
        raise InvalidValue("base_url", f"{base_url!r} has a query or fragment", "; end it at /v1")
    return base_url.rstrip("/")


def _checked_key(api_key: str | None) -> str | None:
    if api_key is not None and (not api_key.isascii() or not api_key.isprintable() or " " in api_key):
        raise InvalidValue(
            "api_key_env", "the key holds spaces, line breaks or non-ASCII characters", "; copy it again"
        )
    return api_key


async def _read(reply: aiohttp.ClientResponse) -> bytes:
    """Read a body of bounded size. What is too long is not read to its end: the connection is dropped."""
    length = reply.content_length
    if length is not None and length <= LARGEST_BODY and "Content-Encoding" not in reply.headers:
        return await reply.read()
    parts: list[bytes] = []
    size = 0
    async for part in reply.content.iter_any():
        size += len(part)
        if size > LARGEST_BODY:
            reply.close()
            raise MalformedAnswer(f"the answer is longer than {LARGEST_BODY:,} bytes", http_status=reply.status)
        parts.append(part)
    return b"".join(parts)
