"""A shard in the making: its lines go straight to a file, so that no more than one is in memory."""

from __future__ import annotations

import os
from pathlib import Path

from labelwright.ports.batches import ShardLimits, ShardLine

_BYTES_PER_TOKEN = 3


class ShardWriter:
    """Writes one shard. Close or discard it.

    limits: of lines and bytes.  tokens: estimated, that it may have; None = any number.
    money: the most its calls may cost at worst, in pico-USD; None = any amount.
    """

    def __init__(self, folder: Path, shard: str, limits: ShardLimits, *, tokens: int | None, money: int | None) -> None:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        self.id, self.file = shard, shard_file(folder, shard)
        self._limits, self._most_tokens, self._money = limits, tokens, money
        self._opened = self.file.open("wb")
        self._bytes = 0
        self.lines: list[ShardLine] = []
        self.tokens = 0
        self.worst = 0

    def lacks(self, line: bytes, worst: int) -> str | None:
        """Say what there is too little of for another line; None when it fits.

        One of "room" (lines or bytes), "tokens" and "money". worst: the most its call can cost.
        """
        if len(self.lines) + 1 > self._limits.lines or self._bytes + len(line) + 1 > self._limits.bytes:
            return "room"
        if self._most_tokens is not None and self.tokens + tokens_in(line) > self._most_tokens:
            return "tokens"
        if self._money is not None and self.worst + worst > self._money:
            return "money"
        return None

    def add(self, line: bytes, request: ShardLine, worst: int) -> None:
        """Write a line."""
        self._opened.write(line + b"\n")
        self._bytes += len(line) + 1
        self.tokens += tokens_in(line)
        self.worst += worst
        self.lines.append(request)

    def close(self) -> None:
        """Have all of it on disk."""
        self._opened.flush()
        os.fsync(self._opened.fileno())
        self._opened.close()

    def discard(self) -> None:
        """Remove the file."""
        self._opened.close()
        self.file.unlink(missing_ok=True)


def shard_file(folder: Path, shard: str) -> Path:
    """Give where a shard's lines are kept."""
    return folder / f"{shard}.jsonl"


def tokens_in(line: bytes) -> int:
    """Estimate a line's prompt tokens: one in three bytes, which is more than most texts have.

    A picture counts by its bytes too, which is far more than it has: then a shard is merely smaller.
    """
    return -(-len(line) // _BYTES_PER_TOKEN)
