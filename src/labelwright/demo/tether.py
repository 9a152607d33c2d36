"""Run a `labelwright` command that ends when whoever started it goes away, even by kill -9.

The starter keeps the other end of this process's standard input; when it closes, this process leaves.
"""

from __future__ import annotations

import os
import signal
import sys
import threading
import time

GRACE_SECONDS = 5.0


def main() -> None:
    """Run `labelwright` with this process's arguments, tethered."""
    threading.Thread(target=_watch, name="tether", daemon=True).start()
    from labelwright.cli.main import main as command_line  # noqa: PLC0415 - the tether holds from the first moment

    command_line(sys.argv[1:])


def _watch() -> None:
    while os.read(0, 4096):
        pass
    os.kill(os.getpid(), signal.SIGTERM)
    time.sleep(GRACE_SECONDS)
    os._exit(1)


if __name__ == "__main__":
    main()
