"""A card in a folder: written beside an export, and held against the hashes it states."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, cast

import orjson

from labelwright.adapters.formats.card_files import CARD, CARD_FILES, card_files, check_formats, exported, read_card
from labelwright.adapters.formats.croissant import CROISSANT, Publication
from labelwright.adapters.formats.manifest import (
    CARD_FOLDER,
    MANIFEST,
    changed_files,
    file_sha256,
    manifest_bytes,
    read_manifest,
)
from labelwright.domain.canonical import Json
from labelwright.errors import Conflict, InvalidInput
from labelwright.ports.sinks import ExportedFile


@dataclass(frozen=True, slots=True)
class CardFolder:
    """A folder's card, and what is not as it was written: file → why.

    unnamed: files of a card that no hash is known of, so that nothing can be said of them.
    """

    card: Mapping[str, Json]
    changed: Mapping[str, str]
    unnamed: Sequence[str] = ()


def write_card(
    build: Callable[[Mapping[str, ExportedFile]], dict[str, Json]],
    folder: Path,
    *,
    formats: Sequence[str] | None = None,
    about: Publication | None = None,
) -> dict[str, ExportedFile]:
    """Write a card's files, and their hashes into the folder's manifest; give them by name.

    build: makes the card of the files that are described.  formats: None = all, but `croissant` only beside an export.
    Raises: Conflict, where the folder holds an export of another position of the ledger: its card would not be of it.
    """
    check_formats(formats or ())
    if folder.exists() and not folder.is_dir():
        raise InvalidInput(f"{folder}: is a file; name a folder to write the card to")
    beside = _exported(folder)
    wanted = tuple(formats or [name for name in CARD_FILES if beside or name != "croissant"])
    if "croissant" in wanted and not beside:
        raise InvalidInput(
            f"--format croissant: {folder} holds no export, and Croissant describes files; run: labelwright export "
            f"{folder}, which writes {CROISSANT} too"
        )
    card = build(beside)
    hashes = cast("Mapping[str, Mapping[str, Json]]", card["hashes"])
    if beside and read_manifest(folder).head.hash != hashes["ledger"]["hash"]:
        raise Conflict(
            f"{folder} holds an export of ledger position {read_manifest(folder).head.position}, and the card is of "
            f"position {hashes['ledger']['position']}; export again, or name another folder"
        )
    folder.mkdir(parents=True, exist_ok=True)
    written = card_files(card, beside, formats=wanted, about=about)
    for name, text in written.items():
        _put(folder / name, text)
    described = {name: exported(text) for name, text in written.items()}
    _put(folder / MANIFEST, manifest_bytes(_manifest(folder, card, described, about or Publication())))
    return described


def _manifest(
    folder: Path, card: Mapping[str, Json], written: Mapping[str, ExportedFile], about: Publication
) -> dict[str, Json]:
    """Give the manifest with what was written: the export's, or one of the card's own, which knows no older card."""
    hashes = cast("Mapping[str, Mapping[str, Json]]", card["hashes"])
    found: dict[str, Any] = {}
    if (folder / MANIFEST).is_file() and read_manifest(folder).head.hash == hashes["ledger"]["hash"]:
        found = orjson.loads((folder / MANIFEST).read_bytes())
    if not found:
        named = {"project": card["project"], "project_id": card["project_id"]}
        found = {"format": CARD_FOLDER, **named, "ledger": hashes["ledger"], "files": {}}
    if "options" in found:
        stated = {name: value for name, value in asdict(about).items() if value is not None}
        kept = {name: value for name, value in found["options"].items() if name not in asdict(about)}
        found["options"] = kept | stated
    files = found["files"] | {name: asdict(file) for name, file in written.items()}
    return cast("dict[str, Json]", found | {"files": dict(sorted(files.items()))})


def read_card_folder(folder: Path) -> CardFolder:
    """Read a card, and hold every file that it, the manifest or the Croissant names against its hash."""
    card = read_card(folder)
    folder = folder if folder.is_dir() else folder.parent
    changed: dict[str, str] = {}
    named = {CARD}
    for name, stated in cast("Mapping[str, Mapping[str, str]]", card.get("files", {})).items():
        _hold(folder, name, stated["sha256"], CARD, changed)
    if (folder / MANIFEST).is_file():
        manifest = read_manifest(folder)
        named |= set(manifest.sha256)
        for name in changed_files(manifest):
            changed.setdefault(name, f"is not as {MANIFEST} says")
    if (folder / CROISSANT).is_file():
        try:
            described = cast("dict[str, Any]", orjson.loads((folder / CROISSANT).read_bytes()))
            for one in described["distribution"]:
                _hold(folder, str(one["contentUrl"]), str(one["sha256"]), CROISSANT, changed)
        except (orjson.JSONDecodeError, KeyError, TypeError):
            changed.setdefault(CROISSANT, "cannot be read")
    unnamed = [name for name in CARD_FILES.values() if name not in named and (folder / name).is_file()]
    return CardFolder(card, changed, unnamed)


def _hold(folder: Path, name: str, sha256: str, who: str, changed: dict[str, str]) -> None:
    beside = folder / Path(name).name
    if not beside.is_file():
        changed.setdefault(name, f"is missing, though {who} names it")
    elif file_sha256(beside) != sha256:
        changed.setdefault(name, f"is not as {who} says")


def _exported(folder: Path) -> dict[str, ExportedFile]:
    """Give the exported data files of a folder, those of a card apart; none where there is no export."""
    if not (folder / MANIFEST).is_file():
        return {}
    read_manifest(folder)
    stated = cast("dict[str, Any]", orjson.loads((folder / MANIFEST).read_bytes()))["files"]
    return {
        name: ExportedFile(str(one["sha256"]), int(one["bytes"]), int(one["rows"]))
        for name, one in stated.items()
        if name not in CARD_FILES.values()
    }


def _put(file: Path, text: bytes) -> None:
    """Write a file whole or not at all."""
    handle, aside = tempfile.mkstemp(prefix=".card-", dir=file.parent)
    with os.fdopen(handle, "wb") as stream:
        stream.write(text)
        stream.flush()
        os.fsync(stream.fileno())
    Path(aside).chmod(0o644)
    Path(aside).replace(file)
