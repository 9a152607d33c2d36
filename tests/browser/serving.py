"""`labelwright serve` for tests, quickly: each in a process of its own, forked from one that has imported it already.

What runs is the command's own code, in a process that can be killed; only the second that Python takes to import it is
spent once per run of tests instead of once per test.
"""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
import traceback
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from functools import cache
from importlib import import_module
from pathlib import Path
from typing import Any, NoReturn

ROOT = Path(__file__).resolve().parents[2]
IMPORTED = ("uvloop", "labelwright.adapters.storage", "labelwright.server.run", "labelwright.cli.commands.serve")
ENDS_WITHIN = 60.0


@contextmanager
def serving(workspace: Path, *, link: bool = False) -> Iterator[dict[str, Any]]:
    """Serve a workspace; gives what `labelwright serve --json` prints, `url` and `links`, and the server's `pid`.

    link: whether every project gets a new link, and not only those that nobody manages.
    """
    pid, told = _begun(workspace, link)
    try:
        yield {**told, "pid": pid}
    finally:
        _end(pid)


def _begun(workspace: Path, link: bool) -> tuple[int, dict[str, Any]]:
    origin = _origin()
    assert origin.stdin is not None
    assert origin.stdout is not None
    origin.stdin.write(json.dumps({"workspace": str(workspace.resolve()), "link": link}) + "\n")
    origin.stdin.flush()
    pid, said = int(origin.stdout.readline()), ""
    for line in origin.stdout:
        said += line
        if line.startswith("}") or line.rstrip().endswith("}}"):
            return pid, json.loads(said)
    raise AssertionError(f"the server ended before it listened: {said!r}")


def _end(pid: int) -> None:
    os.kill(pid, signal.SIGTERM)
    until = time.monotonic() + ENDS_WITHIN
    while _lives(pid):
        if time.monotonic() > until:
            os.kill(pid, signal.SIGKILL)
            raise AssertionError("the server did not end by SIGTERM")
        time.sleep(0.01)


def _lives(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True


@cache
def _origin() -> subprocess.Popen[str]:
    """Start what all are forked from; it ends with this process, whose end of the pipe it reads."""
    pipe = subprocess.PIPE
    return subprocess.Popen(
        [sys.executable, "-m", "tests.browser.serving"], stdin=pipe, stdout=pipe, text=True, cwd=ROOT
    )


def main() -> None:
    """Fork a server for each line on stdin, which says its number on stdout, and where it listens."""
    command = [import_module(name) for name in IMPORTED][-1].command
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)  # those that end need not be waited for
    for line in sys.stdin:
        if os.fork() == 0:
            signal.signal(signal.SIGCHLD, signal.SIG_DFL)
            print(os.getpid(), flush=True)
            _serve(command, json.loads(line))


def _serve(command: Callable[..., None], wanted: Mapping[str, Any]) -> NoReturn:
    folder, status = Path(wanted["workspace"]), 1
    os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
    os.chdir(folder)
    try:
        command(workspace=folder, host="127.0.0.1", port=0, host_name=None, link=wanted["link"], json=True)
        status = 0
    finally:
        if status:
            traceback.print_exc()
            print("}", flush=True)  # whoever waits for an address reads the end of nothing
        os._exit(status)


if __name__ == "__main__":
    main()
