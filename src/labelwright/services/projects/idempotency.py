"""Do a write once, however often it is asked for (R3)."""

from __future__ import annotations

from collections.abc import Callable

from labelwright.domain.canonical import digest
from labelwright.domain.ids import AnnotatorId
from labelwright.errors import IdempotencyConflict, InvalidInput
from labelwright.ports.access import StoredResponse
from labelwright.ports.storage import Transaction


def once(
    tx: Transaction,
    key: str,
    annotator: AnnotatorId,
    *,
    request: object,
    now: float,
    act: Callable[[], tuple[int, bytes]],
) -> StoredResponse:
    """Act and remember the answer in the same transaction; give the remembered answer when the key comes again.

    request: what was asked, as JSON. act: gives status and body; what it raises is not remembered, so that a corrected
    request may use the same key.
    Raises: IdempotencyConflict, when the key came with another request before.
    """
    body_hash = fingerprint(request)
    known = tx.remembered(key, annotator)
    if known is not None:
        if known.body_hash != body_hash:
            raise IdempotencyConflict(key)
        return known
    status, body = act()
    response = StoredResponse(body_hash, status, body)
    tx.remember(key, annotator, response, now=now)
    return response


def fingerprint(request: object) -> str:
    """Name a request by its content. Raises InvalidInput for what cannot be written down (NaN, half a character)."""
    try:
        return digest(request)
    except (ValueError, TypeError, RecursionError) as error:  # UnicodeEncodeError is a ValueError
        problem = "half a character (a lone surrogate)" if isinstance(error, UnicodeEncodeError) else "not valid JSON"
        raise InvalidInput(f"the request holds a value that cannot be stored: {problem}; send plain JSON") from error
