"""The report of rejected rows: JSON lines, made only when there is one to report."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import orjson

from labelwright.errors import InvalidFile
from labelwright.ports.sinks import Rejection

_BEGINNING = b'{"line":'


class RejectionFile:
    """`{"line", "id", "reason", "hint"}` per line, in the order of the file."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def keep_until(self, line: int) -> int:
        """Drop what a killed import noted after the last line the ledger covers."""
        if not self.path.exists():
            return 0
        content = self.path.read_bytes()
        if not content.startswith(_BEGINNING[: len(content)]):
            raise InvalidFile(self.path, "is there already and is no report of rejected rows")
        kept: list[bytes] = []
        for noted in content.splitlines():
            try:
                number = orjson.loads(noted)["line"]
            except orjson.JSONDecodeError:
                break  # the last line of a killed import may be half written
            if number <= line:
                kept.append(noted)
        if not kept:
            self.path.unlink()
            return 0
        self.path.write_bytes(b"\n".join(kept) + b"\n")
        return len(kept)

    def add(self, rejections: Sequence[Rejection]) -> None:
        """Append rows and hand them to the system."""
        if not rejections:
            return
        self.path.parent.mkdir(parents=True, exist_ok=True)
        with self.path.open("ab") as stream:
            stream.writelines(orjson.dumps(one, option=orjson.OPT_APPEND_NEWLINE) for one in rejections)
