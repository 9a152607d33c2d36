"""The build hook: a wheel and a source distribution carry the page's bundle, so that installing one needs no Node."""

import sys
from pathlib import Path
from typing import Any

# hatchling is there while a wheel is built, in an environment of pip's own, and nowhere else.
from hatchling.builders.hooks.plugin.interface import BuildHookInterface  # pyright: ignore[reportMissingImports]


class WebBundleHook(BuildHookInterface[Any]):
    """Builds the page before files are gathered, unless its stamp is fresh."""

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:  # noqa: ARG002 - hatchling's signature
        """Build the bundle; an editable install without Node goes on without it, a wheel does not."""
        root = Path(self.root)
        sys.path.insert(0, str(root / "tools"))
        import web_bundle  # noqa: PLC0415 - stands beside this file, which hatchling loads by path

        try:
            web_bundle.build(root)
        except web_bundle.CannotBuildError as error:
            if version != "editable":
                raise
            self.app.display_warning(f"{error} (the package works, its page does not)")
