"""Build the page into src/labelwright/server/static, unless what is there is fresh.

`python tools/web_bundle.py` builds; `python tools/web_bundle.py install` only installs the npm packages.
Fresh: the folder's stamp is the hash of the lock file, the configuration and web/src. Standard library only, because
it runs before anything is installed (from `make` and from the wheel's build hook).
"""

import hashlib
import re
import shutil
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
OLDEST_NODE = (20, 19)  # what Vite asks for


class CannotBuildError(Exception):
    """The bundle cannot be built here; the message says what is missing."""


def fingerprint(files: list[Path], *, root: Path) -> str:
    """Hash the names and bytes of files, independent of their order and of where the tree stands."""
    digest = hashlib.sha256()
    for file in sorted(files):
        body = file.read_bytes()
        digest.update(f"{file.relative_to(root).as_posix()}\0{len(body)}\0".encode())
        digest.update(body)
    return digest.hexdigest()


def sources(web: Path) -> list[Path]:
    """Every file that can change the bundle: lock file, configuration, web/src."""
    beside = [path for path in web.iterdir() if path.is_file()]
    return beside + [path for path in (web / "src").rglob("*") if path.is_file()]


def is_fresh(stamp: Path, expected: str) -> bool:
    """Say whether a stamp file holds the expected hash."""
    return stamp.is_file() and stamp.read_text(encoding="ascii") == expected


def find_npm() -> str:
    """Give the path of npm, or say what is missing."""
    node, npm = shutil.which("node"), shutil.which("npm")
    if node is None or npm is None:
        missing = "node" if node is None else "npm"
        raise CannotBuildError(
            f"the page must be built, and {missing} was not found on the PATH: "
            "install Node.js 20.19 or newer (with npm), then run `make setup` again"
        )
    said = subprocess.run([node, "--version"], check=True, capture_output=True, text=True).stdout
    version = tuple(int(part) for part in re.findall(r"\d+", said)[:2])
    if version < OLDEST_NODE:
        raise CannotBuildError(f"the page needs Node.js 20.19 or newer to build; {node} is {said.strip()}")
    return npm


def run_npm(*arguments: str, web: Path) -> None:
    """Run npm in web/, its words on our standard error."""
    subprocess.run([find_npm(), *arguments], cwd=web, check=True, stdout=sys.stderr)


def install(root: Path) -> None:
    """Install exactly what the lock file says, unless that is what is there."""
    web = root / "web"
    stamp = web / "node_modules" / ".labelwright-stamp"
    wanted = fingerprint([web / "package.json", web / "package-lock.json", web / ".npmrc"], root=root)
    if not is_fresh(stamp, wanted):
        run_npm("ci", "--no-fund", "--no-audit", web=web)
        stamp.write_text(wanted, encoding="ascii")


def build(root: Path) -> bool:
    """Build the bundle unless it is fresh. Returns whether it was built."""
    web, static = root / "web", root / "src" / "labelwright" / "server" / "static"
    stamp = static / ".stamp"
    wanted = fingerprint(sources(web), root=root)
    if is_fresh(stamp, wanted):
        return False
    install(root)
    run_npm("run", "build", web=web)
    stamp.write_text(wanted, encoding="ascii")
    return True


def main(arguments: list[str]) -> int:
    """Build or install; an error is one sentence on standard error and exit status 1."""
    try:
        if arguments == ["install"]:
            install(ROOT)
        else:
            print("web bundle: built" if build(ROOT) else "web bundle: fresh")
    except CannotBuildError as error:
        print(f"error: {error}", file=sys.stderr)
        return 1
    except subprocess.CalledProcessError as error:
        print(f"error: {' '.join(error.cmd)} ended with status {error.returncode}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
