"""`labelwright certify` with another promise: by label or column, by cost or distance, by another method."""

from __future__ import annotations

import csv
import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from labelwright.cli.main import run


@dataclass(frozen=True)
class Case:
    folder: Path
    capsys: pytest.CaptureFixture[str]
    truth: dict[str, str]

    def certify(self, *words: str) -> tuple[int, str, str]:
        self.capsys.readouterr()
        status = run(["certify", str(self.folder / "predictions.csv"), *words])
        said = self.capsys.readouterr()
        return status, said.out, said.err

    def draw(self, *words: str, n: int = 400) -> Path:
        out = self.folder / "sample.csv"
        status, _, error = self.certify("--sample", str(n), "--out", str(out), *words)
        assert status == 0, error
        with out.open(newline="") as stream:
            ids = [row["id"] for row in csv.DictReader(stream)]
        with out.open("w", newline="") as stream:
            csv.writer(stream).writerows([["id", "label"], *([i, self.truth[i]] for i in ids)])
        return out

    def judged(self, *words: str, n: int = 400) -> tuple[int, dict[str, Any]]:
        answers = self.draw(*words, n=n)
        status, out, error = self.certify("--answers", str(answers), "--json")
        assert status in (0, 3), error
        return status, json.loads(out)


@pytest.fixture
def case(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Case:
    """3,000 predictions: "ham" nearly always right, "spam" wrong in a quarter; German as good as English."""
    rng = np.random.default_rng(3)
    rows: list[list[object]] = []
    truth: dict[str, str] = {}
    for n in range(3_000):
        said = "ham" if rng.random() < 0.6 else "spam"
        is_wrong = rng.random() < (0.01 if said == "ham" else 0.25)
        truth[f"i{n}"] = {"ham": "spam", "spam": "ham"}[said] if is_wrong else said
        rows.append([f"i{n}", said, round(float(rng.random()), 3), ("en", "de")[n % 2]])
    with (tmp_path / "predictions.csv").open("w", newline="") as stream:
        csv.writer(stream).writerows([["id", "label", "confidence", "language"], *rows])
    return Case(tmp_path, capsys, truth)


def test_each_label_gets_its_threshold_and_the_plan_freezes_it(case: Case) -> None:
    plain, _ = case.judged()
    assert plain == 3  # 11% are wrong in all, and the score knows nothing
    (case.folder / "sample.csv").unlink()
    (case.folder / "sample.plan.json").unlink()
    answers = case.draw("--by", "label")
    frozen = json.loads((case.folder / "sample.plan.json").read_text())
    assert frozen["rule"]["by"] == "label"
    status, out, error = case.certify("--answers", str(answers), "--accepted", str(case.folder / "accepted.csv"))
    assert status == 0, error
    assert "of every predicted label, each by a threshold of its own" in " ".join(out.split())
    with (case.folder / "accepted.csv").open(newline="") as stream:
        accepted = list(csv.DictReader(stream))
    assert {row["label"] for row in accepted} == {"ham"}
    assert np.mean([case.truth[row["id"]] != row["label"] for row in accepted]) < 0.1
    status, _, error = case.certify("--answers", str(answers), "--by", "language")
    assert status == 1
    assert "what the certificate promises" in error
    status, out, _ = case.certify("--answers", str(answers), "--json", "--html", str(case.folder / "page.html"))
    found = json.loads(out)
    assert [one["threshold"] is None for one in found["thresholds"]] == [False, True]  # ham, spam
    assert found["certified"]
    assert "by a threshold of its own" in (case.folder / "page.html").read_text()


def test_a_column_may_have_a_threshold_for_each_of_its_values(case: Case) -> None:
    _, found = case.judged("--by", "language", "--target-error", "0.3")
    assert [one["groups"] for one in found["thresholds"]] == [["language = de"], ["language = en"]]
    assert found["certified"]
    status, _, error = case.certify("--sample", "100", "--by", "langauge", "--out", str(case.folder / "other.csv"))
    assert status == 1
    assert "did you mean 'language'" in error


def test_before_the_groups_are_counted_their_number_is_not_guessed(case: Case) -> None:
    said = case.certify("--sample", "300", "--by", "language", "--split", "each", "--target-error", "0.3")[1]
    assert "Each is a statement of its own, and their chances of being wrong add up" in said


@pytest.mark.parametrize(
    ("words", "least"),
    [
        (["--by", "label"], 58),  # 2·n0, all in one group
        (["--method", "conformal"], 9),  # (0 + 1) / (9 + 1) ≤ 0.1
        (["--method", "sgr"], 29),  # n0
        (["--loss", "costs", "--costs", "costs.yaml"], 87),  # 3·n0
    ],
)
def test_a_sample_that_can_accept_nothing_is_refused_by_every_rule(
    case: Case, monkeypatch: pytest.MonkeyPatch, words: list[str], least: int
) -> None:
    monkeypatch.chdir(case.folder)
    (case.folder / "costs.yaml").write_text("spam: {ham: 1}\nham: {spam: 10}\n")
    status, _, error = case.certify("--sample", str(least - 1), *words)
    assert (status, f"at least {least} accepted ones" in error) == (1, True)
    assert not (case.folder / "sample.csv").exists()
    assert case.certify("--sample", str(least), *words)[0] == 0


def test_planning_with_another_rule_says_what_that_rule_needs(case: Case) -> None:
    out = " ".join(case.certify("--by", "label")[1].split())
    # n0 at 0.05 / 2 is 36: three times and twice that; 2 · 29 to have a threshold of its own.
    assert "Of 2 groups each needs labels of its own: at 10% by its share of the risk 108 accepted ones" in out
    assert "72 in a small group; groups with fewer than 58 share a threshold" in out
    assert "--sample 300 --by label" in out
    assert json.loads(case.certify("--method", "conformal", "--json")[1])["least_sample"] == 9
    status, _, error = case.certify("--by", "langauge")
    assert (status, "did you mean 'language'" in error) == (1, True)


def test_a_high_confidence_level_is_not_rounded_to_certainty(case: Case) -> None:
    words = ["--sample", "300", "--by", "language", "--confidence-level", "0.9999", "--target-error", "0.3"]
    assert "Frozen: At 99.99% confidence" in case.certify(*words)[1]


def test_costs_make_cheap_mistakes_acceptable(case: Case) -> None:
    costs = case.folder / "costs.yaml"
    costs.write_text("spam: {ham: 1}\nham: {spam: 10}\n")  # to say spam of ham is cheap
    status, found = case.judged("--costs", str(costs))
    assert status == 0
    assert found["rule"]["loss"] == "costs"
    assert "at most 10% of the dearest mistake" in found["promise"]
    assert found["certified_error_upper"] is None  # it is no share of wrong labels
    costs.write_text("spam: [1]\n")
    status, _, error = case.certify("--sample", "100", "--costs", str(costs), "--out", str(case.folder / "o.csv"))
    assert status == 1
    assert "costs.yaml" in error


def test_conformal_promises_less_and_says_so(case: Case) -> None:
    status, found = case.judged("--method", "conformal")
    assert status == 0
    assert "not with high confidence in this one" in found["statement"]
    assert found["n_accepted"] > 2_000  # a tenth of all may be wrong, and an eighth is
    assert found["certified_error_upper"] is None


def test_sgr_certifies_right_and_wrong(case: Case) -> None:
    _, found = case.judged("--method", "sgr", "--target-error", "0.2")
    assert found["certified"]
    assert "provided that surer labels are not wrong more often" in found["promise"]
    assert len(found["ladder"]) == 7


def test_a_distance_needs_the_question_whose_distance_it_is(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    rng = np.random.default_rng(1)
    truth = {f"i{n}": json.dumps(["a", "c", "b"] if rng.random() < 0.1 else ["a", "b", "c"]) for n in range(2_000)}
    rows = [[i, json.dumps(["a", "b", "c"]), round(float(rng.random()), 3)] for i in truth]
    with (tmp_path / "predictions.csv").open("w", newline="") as stream:
        csv.writer(stream).writerows([["id", "label", "confidence"], *rows])
    ranked = Case(tmp_path, capsys, truth)
    task = tmp_path / "question.yaml"
    task.write_text("type: ranking\nlabels: [a, b, c]\n")
    status, _, error = ranked.certify("--sample", "300", "--loss", "distance")
    assert status == 2
    assert "--task" in error
    status, found = ranked.judged("--loss", "distance", "--task", str(task), n=300)
    assert status == 0
    # one pair of three turned in a tenth: a thirtieth on average
    assert 0.01 < found["thresholds"][0]["calibrated_loss"] / 300 < 0.06
    assert "mean distance" in found["promise"]
    task.write_text("type: rankin\nlabels: [a, b, c]\n")
    status, _, error = ranked.certify("--sample", "300", "--loss", "distance", "--task", str(task))
    assert status == 1
    assert "question.yaml" in error


@pytest.mark.parametrize(
    "words",
    [("--method", "sgr", "--by", "label"), ("--loss", "costs"), ("--tolerance", "0.1"), ("--method", "magic")],
)
def test_promises_that_do_not_go_together_are_refused(case: Case, words: tuple[str, ...]) -> None:
    status, _, error = case.certify("--sample", "300", *words)
    assert status in (1, 2)
    assert error


def test_a_plan_from_before_there_was_a_choice_is_the_guarantee(case: Case) -> None:
    answers = case.draw("--target-error", "0.3")
    before = case.certify("--answers", str(answers), "--json")
    file = case.folder / "sample.plan.json"
    plan = json.loads(file.read_text())
    del plan["rule"], plan["task"]
    file.write_text(json.dumps(plan))
    assert case.certify("--answers", str(answers), "--json") == before
    assert json.loads(before[1])["rule"]["method"] == "fixed_sequence"


def test_every_figure_of_calibration_stands_beside_its_bias(case: Case) -> None:
    _, found = case.judged("--target-error", "0.2")
    for figures in (found["calibration"]["raw"], found["calibration"]["shown"]):
        assert figures["ece_mass"]["null_upper"] > figures["ece_mass"]["null_mean"] > 0
    assert found["calibration"]["display_method"] == "class-wise"
    assert found["calibration"]["shown"]["auroc"] > found["calibration"]["raw"]["auroc"]
