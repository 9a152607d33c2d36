"""Documentation that runs: the README, every page of docs/, and the examples in docstrings.

In Markdown, ```python blocks run, and so do ```console blocks marked `run`: each `$ labelwright ...` line is executed
in a temporary folder that the document's blocks share, must end well, and must print what follows it
(`...` stands for anything).
In parallel, run with `--dist loadfile`: the examples of one document build on each other.
"""

import doctest
import os
import re
import shlex
import subprocess
import sys
import tempfile
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from sybil import Document, Example, Region, Sybil
from sybil.parsers.doctest import DocTestParser
from sybil.parsers.markdown import PythonCodeBlockParser, SkipParser
from sybil.parsers.markdown.lexers import RawFencedCodeBlockLexer
from sybil.sybil import SybilCollection

OPTIONS = doctest.ELLIPSIS | doctest.NORMALIZE_WHITESPACE | doctest.IGNORE_EXCEPTION_DETAIL


def console_blocks(document: Document) -> Iterable[Region]:
    """Find the ```console run blocks of a document."""
    for region in RawFencedCodeBlockLexer(info_pattern=re.compile(r"console run *\n"))(document):
        yield Region(region.start, region.end, parsed=str(region.lexemes["source"]), evaluator=run_console)


def run_console(example: Example) -> str | None:
    """Run each command of a block. Returns what went wrong, or None."""
    for part in re.split(r"(?m)^\$ ", str(example.parsed))[1:]:
        command, _, expected = part.partition("\n")
        words = shlex.split(command)
        if words[0] != "labelwright":
            return f"only `labelwright` runs here, not {words[0]!r}"
        done = subprocess.run(
            [Path(sys.executable).with_name("labelwright"), *words[1:]],
            env={**os.environ, "COLUMNS": "100", "NO_COLOR": "1", "PYTHONUTF8": "1"},
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
        )
        if done.returncode != 0:
            return f"$ {command}\nended with status {done.returncode}\n{done.stdout}{done.stderr}"
        if expected.strip() and not doctest.OutputChecker().check_output(expected, done.stdout, OPTIONS):
            return f"$ {command}\nshould print\n{expected}\nand printed\n{done.stdout}"
    return None


def enter_folder(namespace: dict[str, Any]) -> None:
    """Work in a fresh folder while a document's examples run."""
    folder = tempfile.TemporaryDirectory()
    namespace["_folder"], namespace["_came_from"] = folder, Path.cwd()
    os.chdir(folder.name)


def leave_folder(namespace: dict[str, Any]) -> None:
    """Go back and clean up."""
    os.chdir(namespace["_came_from"])
    namespace["_folder"].cleanup()


def documents(*, path: str, pattern: str) -> Sybil:
    """Run the examples of Markdown files under a folder of the repository."""
    return Sybil(
        parsers=[SkipParser(), PythonCodeBlockParser(doctest_optionflags=OPTIONS), console_blocks],
        path=path,
        pattern=pattern,
        setup=enter_folder,
        teardown=leave_folder,
    )


readme = documents(path=".", pattern="README.md")
pages = documents(path="docs", pattern="*.md")
docstrings = Sybil(parsers=[DocTestParser(OPTIONS)], path="src/labelwright", pattern="*.py")

pytest_collect_file = SybilCollection([readme, pages, docstrings]).pytest()
