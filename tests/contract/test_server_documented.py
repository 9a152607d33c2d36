"""The reference names every route there is, and no other."""

import json
import re
from pathlib import Path

from labelwright.server.openapi import FILE

PAGE = Path(__file__).parents[2] / "docs" / "reference" / "http.md"


def test_every_route_is_documented_and_no_other() -> None:
    described = {
        (method.upper(), path) for path, methods in json.loads(FILE.read_text())["paths"].items() for method in methods
    }
    written = set(re.findall(r"^\| `([A-Z]+) (\S+)` \|", PAGE.read_text(), re.MULTILINE))
    assert written == described
