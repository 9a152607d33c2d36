"""JSON lines: one object per item, labels with all their provenance; or the items alone, as `import` reads them."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

import orjson

from labelwright.ports.sinks import ExportRecord, LabelRecord


class JsonlWriter:
    """`data.jsonl`: {"id", "content", "metadata", "labels": {question: {"value", "status", ...}}}."""

    file = "data.jsonl"

    def __init__(self, content_fields: Sequence[str], questions: Sequence[str]) -> None:
        del content_fields, questions

    def head(self) -> bytes:
        """Begin the file."""
        return b""

    def lines(self, records: Sequence[ExportRecord]) -> bytes:
        """Write records, a line each."""
        return b"".join(json_line({**_item(one), "labels": _labels(one.labels)}) for one in records)

    def tail(self) -> bytes:
        """End the file."""
        return b""


class ItemsWriter:
    """`items.jsonl`: {"id", "content", "metadata"}: import and export again, and the bytes are the same."""

    file = "items.jsonl"

    def __init__(self, content_fields: Sequence[str], questions: Sequence[str]) -> None:
        del content_fields, questions

    def head(self) -> bytes:
        """Begin the file."""
        return b""

    def lines(self, records: Sequence[ExportRecord]) -> bytes:
        """Write records, a line each."""
        return b"".join(json_line(_item(one)) for one in records)

    def tail(self) -> bytes:
        """End the file."""
        return b""


def _item(record: ExportRecord) -> dict[str, Any]:
    return {"id": record.id, "content": record.content, "metadata": record.metadata}


def _labels(labels: Mapping[str, LabelRecord]) -> dict[str, Any]:
    return {
        name: {
            "value": label.value,
            "status": label.status,
            "probability": label.probability,
            "method": label.method,
            "certificate": label.certificate,
            "votes": label.votes,
        }
        for name, label in labels.items()
    }


def json_line(plain: Mapping[str, Any]) -> bytes:
    """Write one JSON object and a line end."""
    try:
        return orjson.dumps(plain, option=orjson.OPT_APPEND_NEWLINE)
    except TypeError:
        # An integer of more than 64 bits: only Python's own writer knows it.
        return json.dumps(plain, ensure_ascii=False, separators=(",", ":")).encode() + b"\n"
