"""Several models and several signals, over real sockets: a cascade's links, a jury's votes, a combined confidence."""

from __future__ import annotations

import json
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from labelwright.workspace import ProjectHandle, Workspace
from tests.story.recorded_project import Replay, replaying, write_lines
from tests.story.talking_model import labels_of, people_label, truth

N = 320


def write_recording(folder: Path) -> Path:
    """Two models: `small`, right in 75%, and `large`, in 95%; each surer where it is right."""
    folder.mkdir(parents=True)
    task = {"name": "two", "type": "classification", "labels": ["good", "bad"], "content_fields": ["text"]}
    (folder / "task.json").write_text(json.dumps(task))
    write_lines(folder / "items.jsonl", [{"id": f"i{n}", "text": f"Review {n}."} for n in range(N)])
    write_lines(folder / "gold.jsonl", [{"id": f"i{n}", "label": truth(n)} for n in range(N)])
    rng = np.random.default_rng(4)
    rows: list[dict[str, Any]] = []
    for model, accuracy in (("small", 0.75), ("large", 0.95)):
        right = rng.random(N) < accuracy
        sure = np.clip(0.6 + 0.25 * right + rng.normal(0, 0.08, N), 0.01, 0.99)
        rows += [
            {
                "id": f"i{n}",
                "model": model,
                "label": truth(n) if right[n] else {"good": "bad", "bad": "good"}[truth(n)],
                "confidence": round(float(sure[n]), 4),
                "confidence_kind": "verbalised",
            }
            for n in range(N)
        ]
    write_lines(folder / "llm.jsonl", rows)
    return folder


@contextmanager
def recorded(tmp_path: Path, **settings: Any) -> Generator[tuple[ProjectHandle, Replay]]:  # noqa: ANN401 - JSON
    folder = write_recording(tmp_path / "recorded")
    with replaying(folder) as replay:
        work = tmp_path / "work"
        work.mkdir()
        project: dict[str, Any] = {
            "name": "two",
            "content_fields": ["text"],
            "recorded": True,
            "questions": [{"name": "label", "type": "classification", "labels": ["good", "bad"]}],
            "models": [{"model": name, "base_url": replay.url} for name in ("small", "large")],
            "policy": {"calibration_size": 100, "target_error": 0.15},
            **settings,
        }
        (work / "project.yaml").write_text(json.dumps(project))
        with Workspace.create(work) as workspace:
            workspace.apply()
            handle = workspace.project()
            handle.import_items(folder / "items.jsonl", id_field="id")
            yield handle, replay


def certified(project: ProjectHandle) -> dict[str, Any]:
    """Have people label the sample; give the question's part of the report."""
    project.calibrate()
    people_label(project, lambda n, _: truth(n))
    project.calibrate()
    questions: Any = project.report()["questions"]
    return questions[0]


def test_a_cascade_asks_the_second_link_about_what_the_first_is_unsure_of_and_certifies(tmp_path: Path) -> None:
    """The first link keeps half (of two links); ranks are the score; no answer is paid twice."""
    with recorded(tmp_path, ensemble="cascade") as (project, replay):
        report = project.prelabel()
        small, large = report.models
        assert small.due == N
        assert large.due == pytest.approx(N / 2, abs=3)  # equals are kept together
        assert replay.stats()["requests"] == N + large.due
        first, second, said = (labels_of(project, name) for name in ("small", "large", "cascade"))
        assert len(said) == N
        kept = first.keys() - second.keys()
        assert min(first[id][2] for id in kept) >= max(first[id][2] for id in second)
        assert all(0 <= sure <= 1 for _, _, sure in said.values())
        right = sum(said[f"i{n}"][1] == truth(n) for n in range(N)) / N
        alone = sum(first[f"i{n}"][1] == truth(n) for n in range(N)) / N
        assert right > alone
        assert project.prelabel().models[0].due == 0
        assert replay.stats()["requests"] == N + large.due
        assert certified(project)["certificate"]["is_certified"] is True
        project.route()
        project.aggregate()
        assert project.status().resolved["label"]["auto-accepted"] > 0


def test_combined_confidence_is_learnt_certified_and_routed(tmp_path: Path) -> None:
    policy = {"calibration_size": 120, "target_error": 0.25}
    with recorded(tmp_path, confidence="combined", signals=["verbalised", "agreement"], policy=policy) as (
        project,
        replay,
    ):
        report = project.prelabel()
        assert [one.valid for one in report.models] == [N, N]
        assert project.combine().state == "waiting"
        project.calibrate()
        people_label(project, lambda n, _: truth(n))  # the sample that is learnt from
        fitted = project.combine()
        assert (fitted.state, fitted.n_recorded) == ("fitted", N)
        with project.workspace.storage.reading() as views:
            learnt = {int(a.item) for a in views.annotations(project.id)}
        assert fitted.n_labels == len(learnt) > 0
        project.calibrate()
        people_label(project, lambda n, _: truth(n), names=("bea",))
        with project.workspace.storage.reading() as views:
            certifying = {int(item) for item in views.plan(project.id)["items"]}  # type: ignore[index, union-attr]
        assert not learnt & certifying
        project.calibrate()
        project.route()
        project.aggregate()
        with project.workspace.storage.reading() as views:
            accepted = [d for d in views.decisions(project.id) if d.route == "accept"]
            ids = views.item_ids(project.id)
        assert accepted
        said = labels_of(project, "combined")
        wrong = sum(said[str(ids[int(d.item)])][1] != truth(int(str(ids[int(d.item)])[1:])) for d in accepted)
        assert wrong / len(accepted) <= 0.25
        assert replay.stats()["requests"] == 2 * N
