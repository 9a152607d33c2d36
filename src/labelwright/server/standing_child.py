"""A process that stands by: `python -m labelwright.server.standing_child WORKSPACE MODULE …`, these modules imported.

It reads a line of JSON for each thing to do and answers with a line, `STATUS LENGTH`, and so many bytes; it ends when
its stdin does, as when the server is killed.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from importlib import import_module
from pathlib import Path

import orjson

from labelwright.server.child import done
from labelwright.server.standing import FAILED


def main(workspace: Path, soon_needed: Sequence[str]) -> None:
    """Do what is asked on stdin until it ends."""
    os.closerange(3, 1_024)  # what the server had open is not ours: its port would stay taken after it
    answers = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)  # what a library prints is not an answer
    for name in soon_needed:
        import_module(name)
    for line in sys.stdin.buffer:
        asked = orjson.loads(line)
        try:
            status, body = done(asked, import_module(asked["module"]).act, workspace=workspace)
        except Exception:  # noqa: BLE001 - what a traceback says may be anything; it goes nowhere (S3)
            status, body = FAILED, b""
        answers.write(b"%d %d\n" % (status, len(body)) + body)
        answers.flush()


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2:])
