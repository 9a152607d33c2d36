"""The browser that the other tests rely on: found in the promised order, or a clear failure."""

from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Page

from tests.browser import chromium


def program(path: Path) -> Path:
    path.write_text("#!/bin/sh\nexit 0\n", encoding="ascii")
    path.chmod(0o755)
    return path


def test_the_named_browser_comes_before_the_systems_own(tmp_path: Path) -> None:
    named, system = program(tmp_path / "mine"), program(tmp_path / "chromium")
    assert chromium.find({"PATH": str(tmp_path)}) == system
    assert chromium.find({"PATH": str(tmp_path), "LABELWRIGHT_CHROMIUM": str(named)}) == named


def test_a_named_browser_that_cannot_be_started_is_an_error_and_not_a_fallback(tmp_path: Path) -> None:
    program(tmp_path / "chromium")
    with pytest.raises(chromium.NoChromiumError, match="LABELWRIGHT_CHROMIUM is '/no/such/browser'"):
        chromium.find({"PATH": str(tmp_path), "LABELWRIGHT_CHROMIUM": "/no/such/browser"})


def test_the_browser_renders_a_page(page: Page) -> None:
    page.goto("data:text/html,<title>Hello</title><h1>Hello</h1>")
    assert page.title() == "Hello"
    assert page.get_by_role("heading").inner_text() == "Hello"


def test_an_unnamed_button_is_a_problem_and_a_named_one_is_not(
    page: Page, accessibility_problems: Callable[[Page], list[str]]
) -> None:
    document = "data:text/html,<html lang=en><title>Hello</title><main><h1>Hello</h1><button>{}</button></main>"
    page.goto(document.format("Save"))
    assert accessibility_problems(page) == []
    page.goto(document.format(""))
    assert [problem.split(":")[0] for problem in accessibility_problems(page)] == ["button-name"]
