"""A workspace whose models are a small recording, served by a real `labelwright replay`."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

LABELS = ["good", "bad", "mixed"]


def write_lines(file: Path, rows: Iterable[dict[str, Any]]) -> None:
    file.write_text("".join(json.dumps(row) + "\n" for row in rows))


def record(folder: Path, n: int, *, odd: Sequence[int] = (), missing: Sequence[int] = ()) -> Path:
    """Write a recorded folder of n items and three models.

    `first` answers with a stated confidence; outside the schema for the items in `odd`; not at all for `missing`.
    """
    folder.mkdir(parents=True, exist_ok=True)
    task = {"name": "small", "type": "classification", "labels": LABELS, "content_fields": ["text"]}
    (folder / "task.json").write_text(json.dumps(task))
    write_lines(folder / "items.jsonl", [{"id": f"i{i}", "text": f"Review number {i}: fine."} for i in range(n)])
    write_lines(folder / "gold.jsonl", [{"id": f"i{i}", "label": LABELS[i % 3]} for i in range(n)])
    answers: list[dict[str, Any]] = []
    for i in range(n):
        said = {"id": f"i{i}", "model": "first", "label": LABELS[i % 3], "confidence": 0.5 + (i % 50) / 100}
        if i in odd:
            said["label"] = "splendid"
        if i not in missing:
            answers.append({**said, "confidence_kind": "verbalised"})
        answers += [{"id": f"i{i}", "model": name, "label": LABELS[i % 2]} for name in ("second", "third")]
    write_lines(folder / "llm.jsonl", answers)
    return folder


def write_project(workspace: Path, url: str, *, confidence: str = "verbalised", key: str | None = None) -> None:
    """Write a project.yaml that names the three recorded models."""
    workspace.mkdir(parents=True, exist_ok=True)
    project: dict[str, Any] = {
        "name": "small",
        "content_fields": ["text"],
        "confidence": confidence,
        "recorded": True,
        "questions": [{"name": "label", "type": "classification", "labels": LABELS}],
        "models": [
            {"model": name, "base_url": url, "concurrency": 16, **({"api_key_env": key} if key else {})}
            for name in ("first", "second", "third")
        ],
    }
    project["models"][0] |= {"price_input": 0.1, "price_output": 0.5}
    (workspace / "project.yaml").write_text(json.dumps(project))  # JSON is YAML
