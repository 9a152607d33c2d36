"""The page on kinds of questions names every type and every setting there is."""

from __future__ import annotations

from pathlib import Path
from typing import Any, cast

import pytest

from labelwright.tasks.registry import task_types

PAGE = Path(__file__).parents[3] / "docs" / "reference" / "task-types.md"


@pytest.mark.parametrize("kind", task_types().values(), ids=lambda kind: kind.alias)
def test_every_type_has_a_section_that_names_its_settings(kind: Any) -> None:  # noqa: ANN401  a task type
    page = PAGE.read_text("utf-8")
    assert f"| `{kind.alias}` |" in page
    _, found, section = page.partition(f"\n## {kind.alias}\n")
    assert found
    section = section.split("\n## ")[0]
    settings = cast("dict[str, Any]", kind.settings_schema()["properties"])
    assert [name for name in settings if f"`{name}`" not in section and f"{name}:" not in section] == []
