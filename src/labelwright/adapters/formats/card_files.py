"""The files that a data-set card is: for programs, for people, for catalogues."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Final, cast

import orjson

from labelwright.adapters.formats.croissant import CROISSANT, Publication, croissant
from labelwright.adapters.formats.datasheet import DATASHEET, datasheet
from labelwright.adapters.formats.manifest import manifest_bytes
from labelwright.domain.canonical import Json
from labelwright.errors import InvalidFile, InvalidInput, did_you_mean
from labelwright.ports.sinks import ExportedFile

CARD: Final = "card.json"
CARD_FILES: Final[Mapping[str, str]] = {
    "json": CARD,
    "html": "card.html",
    "croissant": CROISSANT,
    "datasheet": DATASHEET,
}
"""Format → file."""


def card_files(
    card: Mapping[str, Json],
    files: Mapping[str, ExportedFile],
    *,
    formats: Sequence[str] = tuple(CARD_FILES),
    about: Publication | None = None,
) -> dict[str, bytes]:
    """Write a card in each format. The same card and files give the same bytes.

    files: what was exported with it. Without any there is nothing that Croissant could describe.
    Raises: InvalidInput, for a format that there is not.
    """
    check_formats(formats)
    about, files = about or Publication(), dict(sorted(files.items()))
    read = cast("Mapping[str, Any]", card)
    written = {CARD: manifest_bytes(card)}
    if "html" in formats:
        from labelwright.adapters.report.card_page import card_page  # noqa: PLC0415 - draws only when asked

        written["card.html"] = card_page(read).encode()
    if "croissant" in formats:
        described = {**files, CARD: exported(written[CARD])}
        written[CROISSANT] = manifest_bytes(croissant(read, described, about))
    if "datasheet" in formats:
        written[DATASHEET] = datasheet(read, files, about).encode()
    return {name: text for name, text in written.items() if name != CARD or "json" in formats}


def check_formats(formats: Sequence[str]) -> None:
    """Raise InvalidInput for a format that there is not."""
    for name in formats:
        if name not in CARD_FILES:
            raise InvalidInput(f"--format: there is no card format {name!r}{did_you_mean(name, CARD_FILES)}")


def exported(text: bytes) -> ExportedFile:
    """Describe a file of the card; it has no rows of items."""
    return ExportedFile(hashlib.sha256(text).hexdigest(), len(text), 0)


def read_card(path: Path) -> dict[str, Json]:
    """Read a card.json, or the one in a folder. Raises InvalidFile."""
    file = path / CARD if path.is_dir() else path
    try:
        found = orjson.loads(file.read_bytes())
    except FileNotFoundError:
        raise InvalidFile(file, "there is no such file", hint="; `labelwright export` writes one") from None
    except orjson.JSONDecodeError:
        raise InvalidFile(file, "is no data-set card") from None
    if not isinstance(found, dict) or "hash" not in found or "hashes" not in found:
        raise InvalidFile(file, "is no data-set card")
    return cast("dict[str, Json]", found)
