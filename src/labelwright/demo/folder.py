"""The demonstration's own folder: made new each time, and never anything else's."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

from labelwright.errors import AlreadyExists

MARK = ".labelwright-demo"
DEFAULT = "labelwright-demo"


def take_folder(path: Path) -> Path:
    """Make an empty folder for a workspace; one that an earlier demonstration made is replaced.

    Raises: AlreadyExists, when something else is there, or that demonstration still runs.
    """
    mark = path / MARK
    if mark.is_file():
        owner = mark.read_text(encoding="utf-8").strip()
        if owner.isdigit() and int(owner) != os.getpid() and _is_running(int(owner)):
            raise AlreadyExists(
                f"{path} is used by another demonstration (process {owner}); stop it, or choose --workspace FOLDER"
            )
        shutil.rmtree(path)
    elif path.exists() and (not path.is_dir() or any(path.iterdir())):
        raise AlreadyExists(f"{path} exists and no demonstration made it; choose another with --workspace FOLDER")
    path.mkdir(parents=True, exist_ok=True)
    mark.write_text(f"{os.getpid()}\n", encoding="utf-8")
    return path


def _is_running(process: int) -> bool:
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True
