"""Write requirements.lock (the product) and requirements-dev.lock (the product and its tools): `make lock`.

The files hold versions and hashes and no address, so they install behind any mirror. Needs `uv` on the PATH.
"""

import os
import re
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
EXPORT = ["uv", "export", "--no-config", "--quiet", "--frozen", "--no-emit-project", "--no-header", "--no-annotate"]
HEADER = "# Written by `make lock` from pyproject.toml; every package with the hashes of its files.\n"


def without_index_settings(environment: dict[str, str]) -> dict[str, str]:
    """Give the environment less every variable that names an index, since uv would write it down."""
    return {name: value for name, value in environment.items() if not re.match(r"(UV|PIP)_", name)}


def main() -> int:
    """Resolve in a folder of its own (uv.lock names hosts and is never kept) and export twice."""
    environment = without_index_settings(dict(os.environ))
    with tempfile.TemporaryDirectory() as folder:
        place = Path(folder)
        (place / "pyproject.toml").write_bytes((ROOT / "pyproject.toml").read_bytes())
        subprocess.run(["uv", "lock", "--no-config", "--quiet"], cwd=place, env=environment, check=True)
        for name, options in {"requirements.lock": ["--no-dev"], "requirements-dev.lock": []}.items():
            exported = subprocess.run(
                [*EXPORT, *options], cwd=place, env=environment, check=True, capture_output=True, text=True
            ).stdout
            if "://" in exported:
                print(f"{name}: the export names an address; nothing was written", file=sys.stderr)
                return 1
            (ROOT / name).write_text(HEADER + exported, encoding="utf-8")
            print(f"{name}: {len(re.findall(r'(?m)^[a-z0-9]', exported))} packages")
    return 0


if __name__ == "__main__":
    sys.exit(main())
