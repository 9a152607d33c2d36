"""The real server as a process: started as users start it, ended as faults end it."""

from __future__ import annotations

import json
import secrets
import signal
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from labelwright.domain.annotator import Annotator
from labelwright.domain.ids import AnnotatorId
from labelwright.domain.project import Project
from labelwright.events import AnnotatorAdded
from labelwright.ports.storage import Transaction
from labelwright.services.people.manage_people import token_hash
from tests.contract.serving import Setting

LABELWRIGHT = Path(sys.executable).with_name("labelwright")


@dataclass
class Server:
    """A running `labelwright serve`."""

    process: subprocess.Popen[str]
    url: str
    links: dict[str, str]

    def kill(self) -> None:
        """End it as a power cut to the process would: kill -9."""
        self.process.kill()
        self._reap()

    def stop(self) -> int:
        """Ask it to end; give its exit status."""
        self.process.send_signal(signal.SIGTERM)
        return self._reap()

    def _reap(self) -> int:
        status = self.process.wait(60)
        for pipe in (self.process.stdout, self.process.stderr):
            if pipe is not None:
                pipe.close()
        return status


def start(folder: Path, *options: str, port: int = 0) -> Server:
    """Start the server and wait until it says where it is."""
    words = [str(LABELWRIGHT), "serve", "-w", str(folder), "--port", str(port), "--json", *options]
    process = subprocess.Popen(words, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
    assert process.stdout is not None
    said, line = "", ""
    while line != "}\n":
        line = process.stdout.readline()
        assert line, f"the server ended with status {process.wait()} before it was ready"
        said += line
    found = json.loads(said)
    return Server(process, found["url"], found["links"])


def refused_start(folder: Path, *options: str) -> tuple[int, str]:
    """Start a server that cannot run; give its status and what it said."""
    words: Sequence[str] = [str(LABELWRIGHT), "serve", "-w", str(folder), *options]
    done = subprocess.run(words, capture_output=True, text=True, timeout=120, check=False)
    return done.returncode, done.stderr


def tokens_for(setting: Setting, project: Project, names: Sequence[str]) -> list[str]:
    """Add people who are signed in already; give their tokens."""
    tokens = [secrets.token_urlsafe(16) for _ in names]

    def work(tx: Transaction) -> None:
        for name, token in zip(names, tokens, strict=True):
            annotator = Annotator(AnnotatorId(name), name, "human", "annotator")
            tx.append([AnnotatorAdded(project.id, annotator)], setting.world.provenance())
            tx.add_session(token_hash(token), project.id, annotator.id, expires_at=9e9)

    setting.storage.write(work)
    return tokens
