"""Label data with language models and people together, and prove how good the labels are."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

    from labelwright.workspace import Workspace

__version__ = "0.1.0"
__all__ = ["__version__", "open"]


def open(path: str | Path) -> Workspace:  # noqa: A001 - the verb users expect: labelwright.open(...)
    """Open the workspace in a folder; `Workspace.create` makes a new one.

    Raises: WorkspaceMissing, when there is none at `path`.
    """
    from labelwright.workspace import Workspace  # noqa: PLC0415 - keeps `import labelwright` light

    return Workspace.open(path)
