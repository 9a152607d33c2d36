"""Which test answers which kind of question, and how: read by tests/toolchain/test_types_both_ways.py."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

Test = TypeVar("Test", bound=Callable[..., object])


def by_keyboard(*types: str) -> Callable[[Test], Test]:
    """Say that a test answers these kinds of questions by the keyboard alone, and reads what the server has of it."""
    return _as_it_is


def by_mouse(*types: str) -> Callable[[Test], Test]:
    """Say that a test answers these kinds of questions by mouse or finger (words are still typed)."""
    return _as_it_is


def _as_it_is(test: Test) -> Test:
    return test
