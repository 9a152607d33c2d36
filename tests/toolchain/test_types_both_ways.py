"""Every kind of question is answered in a real browser by the keyboard alone, and by mouse; also the next new kind."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import pytest

from labelwright.tasks.registry import task_types

ROOT = Path(__file__).parents[2]
PAGE = ROOT / "docs" / "reference" / "page-tests.md"
HANDS = {
    "by_keyboard": re.compile(r"keyboard\.(press|type)\(|\b(press|keys)\("),
    "by_mouse": re.compile(r"\.(click|check|tap)\(|mouse\.|\b(drag|touch)\("),
}


class Way(NamedTuple):
    """A kind of question, answered in one way by one test."""

    kind: str
    way: str
    test: str


def marked() -> Iterator[tuple[Way, str]]:
    """Give what the tests in the browser say of themselves, and their code."""
    for file in sorted((ROOT / "tests" / "browser").glob("test_*.py")):
        source = file.read_text(encoding="utf-8")
        for node in ast.parse(source).body:
            if not isinstance(node, ast.FunctionDef):
                continue
            for one in node.decorator_list:
                if isinstance(one, ast.Call) and isinstance(one.func, ast.Name) and one.func.id in HANDS:
                    for kind in one.args:
                        assert isinstance(kind, ast.Constant)
                        way = Way(str(kind.value), one.func.id, f"tests/browser/{file.name}::{node.name}")
                        yield way, ast.get_source_segment(source, node) or ""


@pytest.mark.parametrize("way", HANDS)
@pytest.mark.parametrize("kind", [one.alias for one in task_types().values()])
def test_every_kind_of_question_is_answered_in_a_browser(kind: str, way: str) -> None:
    found = [(one, code) for one, code in marked() if (one.kind, one.way) == (kind, way)]
    assert found, f"no test of tests/browser answers {kind!r} {way}: write one and mark it @{way}({kind!r})"
    assert all(HANDS[way].search(code) for _, code in found)


def test_no_test_names_a_kind_that_there_is_not() -> None:
    assert {one.kind for one, _ in marked()} == {one.alias for one in task_types().values()}


def test_the_page_of_these_tests_lists_them_all_and_names_no_other() -> None:
    text = PAGE.read_text(encoding="utf-8")
    listed = set(re.findall(r"`(\w+::test_\w+)`", text))
    ours = {one.test.removeprefix("tests/browser/").replace(".py", "") for one, _ in marked()}
    assert ours <= listed, "docs/reference/page-tests.md lacks them"
    for name in listed:
        file, test = name.split("::")
        assert f"def {test}(" in (ROOT / "tests" / "browser" / f"{file}.py").read_text(encoding="utf-8"), name
