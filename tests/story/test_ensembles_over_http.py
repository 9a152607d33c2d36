"""Several models and several signals, over real sockets: a cascade's links, a jury's votes, a combined confidence."""

from __future__ import annotations

import json
from collections.abc import Generator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from labelwright.workspace import ProjectHandle, Workspace
from tests.replaying import Replay, replaying
from tests.story.recorded_project import write_lines
from tests.story.talking_model import labels_of, people_label, truth

N = 320


TWO = (("small", 0.75), ("large", 0.95))
THREE = (("small", 0.6), ("middle", 0.75), ("large", 0.97))


def write_recording(folder: Path, models: Sequence[tuple[str, float]]) -> Path:
    """Models with their accuracy; each is surer where it is right."""
    folder.mkdir(parents=True)
    task = {"name": "two", "type": "classification", "labels": ["good", "bad"], "content_fields": ["text"]}
    (folder / "task.json").write_text(json.dumps(task))
    write_lines(folder / "items.jsonl", [{"id": f"i{n}", "text": f"Review {n}."} for n in range(N)])
    write_lines(folder / "gold.jsonl", [{"id": f"i{n}", "label": truth(n)} for n in range(N)])
    rng = np.random.default_rng(4)
    rows: list[dict[str, Any]] = []
    for model, accuracy in models:
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
def recorded(
    tmp_path: Path,
    models: Sequence[tuple[str, float]] = TWO,
    **settings: Any,  # noqa: ANN401 - JSON
) -> Generator[tuple[ProjectHandle, Replay]]:
    folder = write_recording(tmp_path / "recorded", models)
    with replaying(folder) as replay:
        work = tmp_path / "work"
        work.mkdir()
        project: dict[str, Any] = {
            "name": "two",
            "content_fields": ["text"],
            "recorded": True,
            "questions": [{"name": "label", "type": "classification", "labels": ["good", "bad"]}],
            "models": [{"model": name, "base_url": replay.url} for name, _ in models],
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


def test_a_cascade_of_three_with_certified_links_asks_each_about_what_no_link_before_it_keeps(tmp_path: Path) -> None:
    """Over the whole project: `run` asks, waits for people, certifies link after link, routes and aggregates."""
    policy = {"calibration_size": 160, "target_error": 0.3}
    with recorded(tmp_path, THREE, ensemble="cascade", cascade={"keep": "certified"}, policy=policy) as (
        project,
        replay,
    ):
        waiting = project.run().waiting_for
        assert waiting is not None
        assert "160 blind labels" in waiting
        assert replay.stats()["requests"] == N  # nobody but the first, before people have labelled
        people_label(project, lambda n, _: truth(n))
        assert project.status().next.command == "labelwright calibrate"
        done = project.run().done
        assert done["calibrate"].state == "certified"  # type: ignore[attr-defined]
        first, second, third, said = (labels_of(project, name) for name in ("small", "middle", "large", "cascade"))
        assert len(first) == len(said) == N
        assert second.keys() > third.keys()
        assert N > len(second) > len(third) > 0
        assert replay.stats()["requests"] == N + len(second) + len(third)  # no answer is paid twice
        questions: Any = project.report()["questions"]
        certificate = questions[0]["certificate"]
        links = certificate["links"]
        assert [one["model"] for one in links] == ["small", "middle", "large"]
        assert [one["n_reached"] for one in links] == [N, len(second), len(third)]
        assert certificate["n_accepted"] == sum(one["n_accepted"] for one in links)
        with project.workspace.storage.reading() as views:
            ids = views.item_ids(project.id)
            accepted = {str(ids[int(d.item)]) for d in views.decisions(project.id) if d.route in ("accept", "audit")}
        assert len(accepted) == certificate["n_accepted"] > 0
        assert sum(said[id][1] != truth(int(id[1:])) for id in accepted) <= 0.3 * len(accepted)
        assert project.status().resolved["label"]["auto-accepted"] > 0
        project.run()
        assert replay.stats()["requests"] == N + len(second) + len(third)
        assert all(one.holds for one in project.check_certificates())


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
