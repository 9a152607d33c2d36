"""openapi.json, from which the page's types are made.

`python -m labelwright.server.openapi` writes it at the repository's root; `--check` only says whether it is fresh.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import cast

from labelwright.ports.storage import Storage
from labelwright.ports.world import World
from labelwright.server.app import create_app

FILE = Path(__file__).parents[3] / "openapi.json"


def document() -> str:
    """Give the text of openapi.json."""
    world = World(now=lambda: 0.0, new_id=lambda: "", random_bytes=bytes)
    app = create_app(cast("Storage", None), world)  # no request is served, so no storage is asked
    return json.dumps(app.openapi(), indent=2, ensure_ascii=False) + "\n"


def main(arguments: list[str]) -> int:
    """Write the file, or check it; give the exit status."""
    fresh = document()
    if arguments != ["--check"]:
        FILE.write_text(fresh, "utf-8")
    elif not FILE.exists() or FILE.read_text("utf-8") != fresh:
        sys.stderr.write("openapi.json is stale: run python -m labelwright.server.openapi and commit it\n")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
