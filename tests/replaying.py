"""A real `labelwright replay` on a real socket."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx


@dataclass(frozen=True)
class Replay:
    """A running one. models: the recorded variants."""

    url: str
    models: list[str]
    process: subprocess.Popen[str]
    client: httpx.Client

    def ask(self, model: str, content: str, **more: object) -> httpx.Response:
        body = {"model": model, "messages": [{"role": "user", "content": content}], **more}
        return self.client.post(self.url + "/chat/completions", json=body)

    def stats(self) -> dict[str, Any]:
        """What the server counted: requests, answers, distinct, repeated, by_item."""
        return self.client.get(self.url.removesuffix("/v1") + "/stats?detail=1").json()


@contextmanager
def replaying(folder: Path, *options: str) -> Generator[Replay]:
    """Serve a folder of recorded answers."""
    command = [sys.executable, "-m", "labelwright.cli", "replay", str(folder), "--json", *options]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        try:
            line = json.loads(process.stdout.readline())
            with httpx.Client(verify=False) as client:  # plain HTTP: certificates need not be read
                yield Replay(line["url"], line["models"], process, client)
        finally:
            process.terminate()
            process.wait(timeout=60)
