"""manifest.json: what an export holds, from where in the ledger, and the hash of every file."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, cast

import orjson

from labelwright.domain.canonical import Json
from labelwright.errors import InvalidFile
from labelwright.ports.ledger_reads import Head

MANIFEST = "manifest.json"
CARD_FOLDER = "labelwright-card-folder/1"
"""The format of a manifest that names a card's files and no export."""
_BLOCK = 1 << 20


@dataclass(frozen=True, slots=True)
class Manifest:
    """What `verify` reads of a manifest: the end of the ledger, and sha256 by file."""

    path: Path
    head: Head
    sha256: Mapping[str, str]


def manifest_bytes(manifest: Mapping[str, Json]) -> bytes:
    """Write a manifest, for people to read."""
    return orjson.dumps(manifest, option=orjson.OPT_INDENT_2 | orjson.OPT_APPEND_NEWLINE)


def read_manifest(path: Path) -> Manifest:
    """Read a manifest, or the one in a folder. Raises InvalidFile."""
    file = path / MANIFEST if path.is_dir() else path
    try:
        found = cast("dict[str, Any]", orjson.loads(file.read_bytes()))
        at, files = found["ledger"], found.get("files", {})
        head = Head(int(at["position"]), str(at["hash"]))
        return Manifest(file, head, {str(name): str(one["sha256"]) for name, one in files.items()})
    except FileNotFoundError:
        raise InvalidFile(file, "there is no such file", hint="; `labelwright export` writes one") from None
    except (orjson.JSONDecodeError, KeyError, TypeError, ValueError, AttributeError):
        raise InvalidFile(file, "is no manifest of an export") from None


def card_only(folder: Path) -> set[str] | None:
    """Give the files that a card's own manifest names; None where the folder holds an export's manifest, or none."""
    try:
        found = cast("dict[str, Any]", orjson.loads((folder / MANIFEST).read_bytes()))
        return set(found["files"]) if found["format"] == CARD_FOLDER else None
    except (OSError, orjson.JSONDecodeError, KeyError, TypeError):
        return None


def changed_files(manifest: Manifest) -> list[str]:
    """Give the files beside the manifest that are missing or not as they were written."""
    changed: list[str] = []
    for name, sha256 in manifest.sha256.items():
        beside = manifest.path.parent / Path(name).name
        if not beside.is_file() or file_sha256(beside) != sha256:
            changed.append(name)
    return changed


def file_sha256(path: Path) -> str:
    """Hash a file, a block at a time."""
    digest = hashlib.sha256()
    with path.open("rb") as stream:
        while block := stream.read(_BLOCK):
            digest.update(block)
    return digest.hexdigest()
