"""docs/reference/promises.md stays true: every test it names exists, and says which promise it proves."""

from __future__ import annotations

import ast
import re
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
PAGE = ROOT / "docs" / "reference" / "promises.md"
PROMISES = (
    *("R1", "R3", "R4", "R5", "R6", "R7", "R9", "R10", "R11", "R12"),
    *("M1", "M2", "M3", "M4", "M5", "M6", "M7", "M8", "A4P", "B1"),
    *("S1", "S3", "S5", "S6", "S7", "S8"),
)
TESTS = ("tests", "src/labelwright/testing")


def sections() -> dict[str, str]:
    """Give the page's text by promise."""
    parts = re.split(r"^## (\w+): ", PAGE.read_text(encoding="utf-8"), flags=re.MULTILINE)
    return dict(zip(parts[1::2], parts[2::2], strict=True))


def named(section: str) -> list[tuple[str, str]]:
    """Give (file, test) of every test a section lists."""
    return re.findall(r"^- `([\w/.]+)::(\w+)`", section, flags=re.MULTILINE)


@cache
def written(file: Path) -> dict[str, str]:
    """Give the docstring of every function and class of a file, by name."""
    tree = ast.parse(file.read_text(encoding="utf-8"))
    nodes = [node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef)]
    return {node.name: ast.get_docstring(node) or "" for node in nodes} | {"": ast.get_docstring(tree) or ""}


def test_every_promise_of_the_software_is_on_the_page() -> None:
    assert tuple(sections()) == PROMISES


@pytest.mark.parametrize("promise", PROMISES)
def test_the_tests_of_a_promise_exist_and_name_one(promise: str) -> None:
    section = sections()[promise]
    tests = named(section)
    assert len(tests) >= 2
    proving = 0
    for file, test in tests:
        assert (ROOT / file).is_file(), file
        assert test in written(ROOT / file), f"{file} has no {test}"
        said = f"{test} {written(ROOT / file)[test]} {written(ROOT / file)['']}".upper().replace("_", " ")
        proving += re.search(rf"\b{promise}\b", said) is not None
    assert proving >= 2, f"{promise} must be named in the tests that prove it"


@pytest.mark.parametrize("promise", PROMISES)
def test_each_promise_was_shown_to_be_able_to_fail(promise: str) -> None:
    rows = re.findall(r"^\| (?!mutant|---)(.+) \| (.+) \|$", sections()[promise], flags=re.MULTILINE)
    assert rows
    everywhere = {name for place in TESTS for file in (ROOT / place).rglob("*.py") for name in written(file)}
    for mutant, turned_red in rows:
        tests = re.findall(r"`(\w+)`", turned_red)
        assert tests, mutant
        assert set(tests) <= everywhere, mutant
