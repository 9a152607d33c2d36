"""`labelwright judge`: a model reviews labels, and nothing changes by it."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from labelwright.cli.main import run
from labelwright.errors import NotFound, NotReady
from labelwright.services.comparing.judge_report import JudgeReport
from tests.story.talking_model import TalkingModel, mistaken, people_label, talking, texts_of, truth, what_is_settled

OTHER = {"good": "bad", "bad": "good"}


def careless(n: int, person: int) -> str:
    """The second of three people is wrong about every fourth item."""
    return OTHER[truth(n)] if person == 1 and n % 4 == 0 else truth(n)


def rulings(report: JudgeReport) -> dict[str, str | None]:
    return {one.item: one.ruling for one in report.findings}


def test_people_are_reviewed_and_the_judge_itself_is_measured(tmp_path: Path) -> None:
    model = TalkingModel()
    policy = {"calibration_size": 20, "calibration_votes": 3}
    with talking(tmp_path, model, n=30, policy=policy) as (project, _):
        project.prelabel()
        project.calibrate()
        people_label(project, careless, names=("ann", "bea", "cyd"))
        report = project.judge()
        assert (report.due, report.failed, report.not_shown) == (20, 0, 0)
        wrong = {one for one in report.findings if one.case.given.value != truth(int(one.item[1:]))}
        assert wrong
        assert {(one.item, one.ruling) for one in wrong} == {(one.item, "disagree") for one in report.disagreements}
        assert report.by_annotator["bea"]["disagree"] == len(wrong)
        assert "disagree" not in report.by_annotator["ann"]
        assert report.by_question["label"] == {
            "agree": len(report.findings) - len(wrong),
            "disagree": len(wrong),
            "unsure": 0,
        }
        assert report.kappa is not None
        assert (report.kappa.coefficient, report.standard) == (1.0, "at least two other people, who agree")
        assert all((one.evidence, one.misquoted) == (("Review",), ("not in it",)) for one in report.findings)


def test_m8_a_verdict_is_no_vote_and_changes_no_label(tmp_path: Path) -> None:
    """M8: neither the votes, nor the labels of record, nor what is due, nor the export."""
    model = TalkingModel()
    with talking(tmp_path, model, n=30, policy={"calibration_size": 20}) as (project, _):
        project.prelabel()
        project.calibrate()
        people_label(project, lambda n, _: mistaken(n))
        project.aggregate()

        before = what_is_settled(project)
        assert project.judge().disagreements
        assert project.judge("predictions").findings
        assert what_is_settled(project) == before
        project.aggregate()
        assert what_is_settled(project) == before
        project.workspace.verify()
        with project.workspace.storage.reading() as views:
            kinds = [run.kind for run in views.runs(project.id)]
            kept = [run.report for run in views.runs(project.id) if run.kind == "judge"]
            people = {a.id for a in views.annotators(project.id)}
        assert kinds.count("judge") == 2
        for report in kept:
            assert report is not None
            assert not {"good", "bad"} & set(json.dumps(report["verdicts"]).split('"'))  # no label in an event
            assert all(set(row[5]) <= people for row in report["verdicts"])  # type: ignore[union-attr]


def test_the_same_question_is_paid_once(tmp_path: Path) -> None:
    model = TalkingModel()
    with talking(tmp_path, model, n=12, policy={"calibration_size": 12}) as (project, _):
        project.prelabel()
        project.calibrate()
        people_label(project, lambda n, _: mistaken(n))
        first = project.judge()
        asked = len(model.bodies)
        second = project.judge()
        assert len(model.bodies) == asked
        assert (second.calls, second.reused) == (0, first.calls)
        assert rulings(second) == rulings(first)


def test_predictions_are_those_of_items_nobody_has_seen_and_self_preference_is_said(tmp_path: Path) -> None:
    model = TalkingModel()
    with talking(tmp_path, model, n=30, names=("m", "other"), policy={"calibration_size": 10}) as (project, _):
        project.prelabel()
        with pytest.raises(NotReady, match="people have labelled none"):
            project.judge()
        project.calibrate()
        people_label(project, lambda n, _: truth(n))
        own, others = project.judge("predictions"), project.judge("predictions", model="other")
        with project.workspace.storage.reading() as views:
            ids = views.item_ids(project.id)
            seen = {str(ids[int(a.item)]) for a in views.annotations(project.id)}
        assert {one.item for one in own.findings} == {f"i{n}" for n in range(30)} - seen
        assert (own.same_model, others.same_model) == (True, False)
        assert rulings(own) == {
            f"i{n}": "agree" if mistaken(n) == truth(n) else "disagree" for n in range(30) if f"i{n}" not in seen
        }
        with pytest.raises(NotFound, match="no model 'othr'; did you mean 'other'"):
            project.judge(model="othr")


def first_is_better(body: Mapping[str, Any]) -> str:
    """Prefer the right label, but of items under ten always what comes first."""
    text = texts_of(body)[-1]
    n = int(text.split("Review ")[1].split(".")[0])
    return "1" if n < 10 or json.loads(text.split("Answers 1:\n\n")[1].split("\n")[0])["label"] == truth(n) else "2"


def test_a_pair_is_asked_in_both_orders_and_what_depends_on_the_order_is_no_verdict(tmp_path: Path) -> None:
    model = TalkingModel(says=first_is_better)
    with talking(tmp_path, model, n=40, policy={"calibration_size": 40}) as (project, _):
        project.prelabel()
        project.calibrate()
        people_label(project, lambda n, _: truth(n))
        report = project.judge("pairs")
        assert rulings(report) == {f"i{n}": None if n < 10 else "first" for n in range(0, 40, 5)}
        assert len(model.asked("comparison")) == 2 * 8
        assert report.consistency is not None
        # Wilson, 6 of 8: .409 to .929
        assert (report.consistency.n_consistent, report.consistency.n_pairs) == (6, 8)
        assert (report.consistency.low, report.consistency.high) == (
            pytest.approx(0.409, abs=1e-3),
            pytest.approx(0.929, abs=1e-3),
        )
        assert report.by_annotator == {
            "ann": {"better": 6, "depends on the order": 2},
            "m": {"depends on the order": 2, "worse": 6},
        }


def test_limit_draws_at_random_by_the_seed_and_ids_name(tmp_path: Path) -> None:
    model = TalkingModel()
    with talking(tmp_path, model, n=30) as (project, _):
        project.prelabel()
        forecast = project.foresee_judging("predictions", limit=10)
        assert (forecast.items, forecast.cases, forecast.calls, forecast.most_calls) == (10, 10, 10, 20)
        assert forecast.cost_micro is not None
        assert forecast.most_micro is not None
        assert not model.asked("review")
        drawn = [one.item for one in project.judge("predictions", limit=10).findings]
        assert len(drawn) == 10
        assert drawn != [f"i{n}" for n in range(10)]
        assert [one.item for one in project.judge("predictions", limit=10).findings] == drawn
        assert [one.item for one in project.judge("predictions", ids=["i3"]).findings] == ["i3"]
        with pytest.raises(NotFound, match="no item 'i300'"):
            project.judge("predictions", ids=["i300"])


def test_what_is_not_shown_to_models_is_not_shown_to_a_judge(tmp_path: Path) -> None:
    """M7: personal data neither of the item nor of the label."""
    items = [{"id": "i0", "text": "Review 0. Write to ann@example.org."}, {"id": "i1", "text": "Review 1."}]
    model = TalkingModel()
    with talking(tmp_path, model, items=items, privacy={"pii": "block"}) as (project, _):
        project.prelabel()
        report = project.judge("predictions")
        assert rulings(report) == {"i1": "agree"}
    assert "example.org" not in "".join(model.bodies)


def test_the_command_shows_counts_and_what_to_look_at(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    model = TalkingModel()
    with talking(tmp_path, model, n=30) as (project, _):
        project.prelabel()
        gold = tmp_path / "gold.csv"
        gold.write_text("id,label\n" + "".join(f"i{n},{truth(n)}\n" for n in range(30)))
        here = ["-w", str(tmp_path)]
        assert run(["judge", *here, "--predictions", "--dry-run"]) == 0
        assert "self" not in capsys.readouterr().err
        assert not model.asked("review")
        assert run(["judge", *here, "--predictions", "--gold", str(gold)]) == 0
        shown = capsys.readouterr().out
        assert "kappa 1.00 with gold" in shown
        assert "models prefer what they wrote" in shown
        assert "Rule 5." in shown
        assert run(["judge", *here, "--predictions", "--json"]) == 0
        told = json.loads(capsys.readouterr().out)
        assert told["by_question"] == {"label": {"agree": 24, "disagree": 6, "unsure": 0}}
        assert told["findings"][0]["label"] == {"value": "good", "by": ["m"]}
        assert run(["judge", *here, "--predictions", "--pairs"]) == 2
