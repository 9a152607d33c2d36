"""Errors on the wire."""

from __future__ import annotations

from typing import Any

from pydantic import BaseModel


class Problem(BaseModel):
    """What went wrong (application/problem+json)."""

    type: str
    title: str
    status: int
    detail: str
    path: str | None = None
    hint: str | None = None


def refusals(*statuses: int) -> dict[int | str, dict[str, Any]]:
    """Declare which problems a route may answer with, besides 401."""
    content = {"application/problem+json": {"schema": {"$ref": "#/components/schemas/Problem"}}}
    words = {
        401: "Not signed in",
        403: "Not allowed",
        404: "Not found",
        409: "Conflict",
        415: "Of a kind that is not shown",
        416: "No such range",
        422: "Invalid",
        503: "Storage is not available; retry",
    }
    return {status: {"description": words[status], "content": content} for status in (401, *statuses)}
