"""M8: a model's vote, whatever made it, is never counted as a person's: status, report, aggregate, export."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from tests.story.talking_model import TalkingModel, people_label, talking, truth, what_is_settled

N = 40
ENSEMBLES: dict[str, dict[str, Any]] = {
    "one": {},
    "agreement": {"confidence": "agreement"},
    "jury": {"ensemble": "jury", "confidence": "combined"},
    "cascade": {"ensemble": "cascade"},
}


@pytest.mark.parametrize("name", ENSEMBLES)
def test_m8_predictions_are_no_votes(name: str, tmp_path: Path) -> None:
    """M8: however many models answer, nobody has labelled anything until a person has."""
    model = TalkingModel()
    with talking(tmp_path, model, n=N, names=("m", "other", "third"), **ENSEMBLES[name]) as (project, _):
        assert all(one.valid == N for one in project.prelabel().models[:1])
        status, report = project.status(), project.report()
        assert (status.n_labels, status.n_answered, report["n_human_labels"]) == (0, 0, 0)
        project.aggregate()
        assert project.status().resolved["label"].keys() <= {"unverified", "unresolved"}
        with project.workspace.storage.reading() as views:
            assert views.annotations(project.id) == []
            assert {one.kind for one in views.annotators(project.id)} <= {"human"}


def test_m8_what_people_said_alone_is_the_consensus_and_the_export_tells_them_apart(tmp_path: Path) -> None:
    """M8: three models against one person, and a judge beside; the person's label is the label of record."""
    model = TalkingModel(label=lambda n: {"good": "bad", "bad": "good"}[truth(n)])  # wrong about everything
    settings: dict[str, Any] = {"policy": {"calibration_size": N}, "confidence": "agreement"}
    with talking(tmp_path, model, n=N, names=("m", "other", "third"), **settings) as (project, _):
        project.prelabel()
        project.calibrate()
        people_label(project, lambda n, _: truth(n), most=15)
        project.aggregate()
        assert project.judge().by_question["label"]["agree"] == 15
        assert project.judge("predictions").by_question["label"]["disagree"] == N - 15
        project.judge("pairs")
        settled = what_is_settled(project)
        project.aggregate()
        assert what_is_settled(project) == settled
        assert (project.status().n_labels, project.status().n_answered) == (15, 15)
        with project.workspace.storage.reading() as views:
            people = {one.id for one in views.annotators(project.id)}
            votes = {a.id: a.annotator for a in views.annotations(project.id)}
            ids = views.item_ids(project.id)
            records = list(views.resolutions(project.id))
        said = [one for one in records if one.status == "human-verified"]
        assert (len(said), len(records)) == (15, N)
        assert all(one.value == truth(int(str(ids[int(one.item)])[1:])) for one in said)
        assert all(set(one.voters) <= votes.keys() for one in said)
        assert {one.status for one in records if one not in said} == {"unverified"}
        assert set(votes.values()) <= people
        project.export(tmp_path / "out", formats=("jsonl",))
        lines = (tmp_path / "out" / "data.jsonl").read_text().splitlines()
    rows = [json.loads(line)["labels"]["label"] for line in lines]
    kinds = [(row["status"], {vote["kind"] for vote in row["votes"]}) for row in rows]
    assert kinds.count(("human-verified", {"human"})) == 15
    assert kinds.count(("unverified", {"llm"})) == N - 15
