"""Errors as `application/problem+json` (RFC 9457): what was wrong, where, what to do; never a secret or a traceback."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import orjson
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from labelwright import errors

MOST_DETAIL = 600
RETRY_SECONDS = 1

# The first class that an error is an instance of decides.
_STATUS: tuple[tuple[type[errors.LabelwrightError], int, str], ...] = (
    (errors.NotSignedIn, 401, "Not signed in"),
    (errors.NotAllowed, 403, "Not allowed"),
    (errors.NotFound, 404, "Not found"),
    (errors.IdempotencyConflict, 422, "Idempotency key used twice"),
    (errors.LeaseLost, 409, "Lease lost"),
    (errors.Conflict, 409, "Conflict"),
    (errors.InvalidValue, 422, "Invalid value"),
    (errors.InvalidInput, 422, "Invalid input"),
    (errors.NotReady, 409, "Not ready"),
    (errors.StorageFailure, 503, "Storage is not available"),
)


class ProblemResponse(Response):
    """One problem."""

    media_type = "application/problem+json"


def problem(
    status: int,
    title: str,
    detail: str,
    *,
    kind: str,
    path: str | None = None,
    hint: str | None = None,
    headers: Mapping[str, str] | None = None,
) -> ProblemResponse:
    """Write a problem."""
    body: dict[str, Any] = {"type": f"labelwright:{kind}", "title": title, "status": status, "detail": detail}
    if path:
        body["path"] = path
    if hint:
        body["hint"] = hint
    written = {name: _shortened(value) if isinstance(value, str) else value for name, value in body.items()}
    return ProblemResponse(orjson.dumps(written), status, dict(headers or {}))


def of_error(error: errors.LabelwrightError) -> ProblemResponse:
    """Write one of our own errors as a problem."""
    status, title = next(((s, t) for c, s, t in _STATUS if isinstance(error, c)), (400, "Cannot be done"))
    kind = type(error).__name__
    headers: dict[str, str] = {}
    if status == 503:
        headers["Retry-After"] = str(RETRY_SECONDS)
    if status == 401:
        headers["WWW-Authenticate"] = "Bearer"
    if isinstance(error, errors.InvalidValue):
        hint = error.hint.lstrip(";, ") or None
        return problem(status, title, error.problem, kind=kind, path=error.path, hint=hint, headers=headers)
    return problem(status, title, str(error), kind=kind, headers=headers)


async def on_labelwright_error(_request: Request, error: Exception) -> Response:
    """Answer for our own errors."""
    assert isinstance(error, errors.LabelwrightError)  # noqa: S101 - registered for that class alone
    return of_error(error)


async def on_http_exception(_request: Request, error: Exception) -> Response:
    """Answer for what the framework refuses: no such route, another method, a body that is no JSON."""
    assert isinstance(error, HTTPException)  # noqa: S101 - registered for that class alone
    details = {404: "there is nothing at this address", 405: "this address does not take that method"}
    detail = details.get(error.status_code, str(error.detail))
    return problem(error.status_code, str(error.detail), detail, kind="http", headers=error.headers)


def of_validation(found: Sequence[Mapping[str, Any]]) -> ProblemResponse:
    """Write what is wrong with a request's shape; the first place, and how many more."""
    first = found[0]
    place = [str(part) for part in first.get("loc", ())]
    path = ".".join(place[1:] if place[:1] == ["body"] else place)
    more = f" (and {len(found) - 1} more)" if len(found) > 1 else ""
    return problem(422, "Invalid request", f"{first.get('msg', 'invalid')}{more}", kind="InvalidRequest", path=path)


def _shortened(value: str) -> str:
    sound = value.encode("utf-8", "replace").decode()
    return sound if len(sound) <= MOST_DETAIL else sound[:MOST_DETAIL] + "…"
