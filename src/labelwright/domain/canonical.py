"""One way to write a value as bytes, so that hashes of equal values are equal."""

from __future__ import annotations

import hashlib
import hmac
import json
from collections.abc import Iterable, Mapping, Sequence
from typing import TypeAlias

Json: TypeAlias = "bool | int | float | str | Sequence[Json] | Mapping[str, Json] | None"

_encode = json.JSONEncoder(sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False).encode


def canonical_json(value: object) -> bytes:
    r"""Write JSON with sorted keys, no spaces and UTF-8; refuses NaN.

    >>> canonical_json({"b": 1, "a": "é"})
    b'{"a":"\xc3\xa9","b":1}'
    """
    return _encode(value).encode()


def digest(value: object) -> str:
    """Give the SHA-256 of the canonical JSON, in hex."""
    return hashlib.sha256(canonical_json(value)).hexdigest()


def commitment(salt: bytes, value: object) -> str:
    """Bind to a value without showing it: HMAC-SHA256 under the item's own salt.

    Destroying the salt and the value leaves the ledger whole and the value unknowable.
    """
    return hmac.new(salt, canonical_json(value), hashlib.sha256).hexdigest()


def merkle_root(leaves: Iterable[bytes]) -> str:
    """Give the root of a binary hash tree over the leaves, in order; the root of no leaves is the hash of nothing.

    Leaves and nodes are hashed under different prefixes (RFC 6962, section 2.1); an odd node is carried up.
    """
    level = [hashlib.sha256(b"\0" + leaf).digest() for leaf in leaves]
    if not level:
        return hashlib.sha256(b"").hexdigest()
    while len(level) > 1:
        pairs = [hashlib.sha256(b"\1" + level[i] + level[i + 1]).digest() for i in range(0, len(level) - 1, 2)]
        level = pairs + level[len(level) - len(level) % 2 :]
    return level[0].hex()
