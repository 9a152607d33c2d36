"""Write openapi.json from the server's routes: `make openapi`; with --check, fail when the committed file is stale."""

import json
import sys
from pathlib import Path

FILE = Path(__file__).resolve().parent.parent / "openapi.json"


def document() -> str:
    """Give the server's description as it is committed: sorted keys, so that a difference is a difference."""
    from labelwright.server.app import openapi_document  # noqa: PLC0415 - after the arguments are known to be right

    return json.dumps(openapi_document(), indent=2, sort_keys=True, ensure_ascii=False) + "\n"


def main(arguments: list[str]) -> int:
    """Write or check; stale is exit status 1 and one sentence that says what to do."""
    if arguments not in ([], ["--check"]):
        print(f"error: usage: openapi.py [--check], not {' '.join(arguments)}", file=sys.stderr)
        return 2
    if not arguments:
        FILE.write_text(document(), encoding="utf-8")
        return 0
    if not FILE.is_file() or FILE.read_text(encoding="utf-8") != document():
        print("error: openapi.json is not what the server's routes say; run `make openapi`", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
