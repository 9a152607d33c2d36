"""labelwright estimate: how often a class really occurs, from the file of predictions to the figure."""

from __future__ import annotations

import csv
import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from benchmarks.estimation_shares import intercept_for, share_world
from labelwright.cli.main import run
from labelwright.methods.estimation import DesignWorth, recommended_design
from labelwright.services.card.class_share import (
    AskedRound,
    SharePlan,
    class_probability,
    class_share,
    next_round,
    unanswered,
)

N = 1_500


class Predictions:
    """A folder with the file, its truth, and people who answer."""

    def __init__(self, folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
        self.folder, self.capsys = folder, capsys
        rng = np.random.default_rng(1)
        truth, self.probability = share_world(rng, intercept_for(0.05, 4.0), is_useful=True, n=N)
        self.truth = {f"i{row}": "spam" if one else "ham" for row, one in enumerate(truth.tolist())}
        self.share = float(truth.mean())
        with (folder / "predictions.csv").open("w", newline="") as stream:
            rows = csv.writer(stream)
            rows.writerow(["id", "text", "label", "confidence"])
            for row, p in enumerate(self.probability.tolist()):
                rows.writerow([f"i{row}", f"text {row}", "spam" if p > 0.5 else "ham", max(p, 1 - p)])

    def run(self, *words: str) -> tuple[int, str, str]:
        status = run(["estimate", str(self.folder / "predictions.csv"), *words])
        said = self.capsys.readouterr()
        return status, said.out, said.err

    def json(self, *words: str) -> dict[str, Any]:
        status, out, err = self.run(*words, "--json")
        assert status == 0, err
        return json.loads(out)

    def file(self, name: str) -> str:
        return str(self.folder / name)

    def answer(self, name: str, *, leave: int = 0) -> int:
        with (self.folder / name).open() as stream:
            ids = [row["id"] for row in csv.DictReader(stream)]
        with (self.folder / name).open("w", newline="") as stream:
            rows = csv.writer(stream)
            rows.writerow(["id", "label"])
            rows.writerows([one, self.truth[one] if at >= leave else ""] for at, one in enumerate(ids))
        return len(ids)


@pytest.fixture
def predictions(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Predictions:
    return Predictions(tmp_path, capsys)


def test_before_anybody_is_asked_it_says_which_way_of_drawing_tells_most(predictions: Predictions) -> None:
    status, out, _ = predictions.run("--of", "spam")
    assert status == 0
    assert "in rounds" in out
    assert "recommended" in out
    assert "--sample 200" in out
    ahead = predictions.json("--of", "spam")
    assert ahead["worth"]["rounds"] > ahead["worth"]["random"] > 1.0
    assert ahead["recommended"] in ("random", "rounds")
    assert not list(predictions.folder.glob("sample*"))


def test_rounds_are_recommended_where_they_pay() -> None:
    assert recommended_design(DesignWorth(random=1.5, rounds=2.3), 200) == "rounds"
    assert recommended_design(DesignWorth(random=2.6, rounds=2.8), 200) == "random"
    assert recommended_design(DesignWorth(random=1.0, rounds=2.0), 50) == "random"


def test_from_the_first_round_to_the_figure(predictions: Predictions) -> None:
    drawn = predictions.json("--of", "spam", "--sample", "120", "--design", "rounds", "--show", "text")
    assert drawn["design"] == "rounds"
    assert (predictions.folder / "sample.csv").read_text().splitlines()[0] == "id,text,label"
    files: list[str] = []
    for number, name in enumerate(("sample.csv", "sample-2.csv", "sample-3.csv"), start=1):
        assert predictions.answer(name) > 10
        files += ["--answers", predictions.file(name)]
        if number < 3:
            assert predictions.json(*files) == {
                "sample": predictions.file(f"sample-{number + 1}.csv"),
                "round": number + 1,
                "rounds": 3,
            }
    found = predictions.json(*files)
    assert found["low"] <= predictions.share <= found["high"]
    assert found["n_population"] == N
    assert 0 < found["naive"] < 1
    _, out, _ = predictions.run(*files)
    assert "items are 'spam'" in out
    assert "3 rounds" in out


def test_one_random_sample_is_enough_when_it_is_asked_for(predictions: Predictions) -> None:
    predictions.json("--of", "spam", "--sample", "100", "--design", "random")
    assert predictions.answer("sample.csv") == 100
    found = predictions.json("--answers", predictions.file("sample.csv"))
    assert found["low"] <= predictions.share <= found["high"]
    assert found["n_labelled"] == 100


def test_nothing_is_estimated_or_drawn_while_an_answer_is_missing(predictions: Predictions) -> None:
    predictions.json("--of", "spam", "--sample", "90", "--design", "rounds")
    predictions.answer("sample.csv", leave=3)
    status, _, err = predictions.run("--answers", predictions.file("sample.csv"))
    assert status == 1
    assert "3 of the " in err
    assert "have no label yet" in err
    assert not (predictions.folder / "sample-2.csv").exists()


def test_a_draw_that_was_killed_between_plan_and_sample_is_written_by_going_on(predictions: Predictions) -> None:
    predictions.json("--of", "spam", "--sample", "90", "--design", "rounds")
    file = predictions.folder / "sample.csv"
    drawn = file.read_text()
    file.unlink()
    status, _, err = predictions.run("--answers", str(file))
    assert (status, "have no label yet" in err) == (1, True)
    assert file.read_text() == drawn


def test_another_file_another_class_and_a_sample_in_the_way_are_told(predictions: Predictions) -> None:
    status, _, err = predictions.run("--of", "spma")
    assert status == 1
    assert "did you mean 'spam'?" in err
    predictions.json("--of", "spam", "--sample", "60", "--design", "random")
    status, _, err = predictions.run("--of", "spam", "--sample", "60", "--design", "random")
    assert status == 1
    assert "choose another --out" in err
    status, _, err = predictions.run("--of", "spam", "--show", "confidence", "--sample", "60", "--out", "other.csv")
    assert status == 1
    assert "must be blind" in err
    predictions.answer("sample.csv")
    file = predictions.folder / "predictions.csv"
    file.write_text(file.read_text().replace("text 7,", "text seven,"))
    status, _, err = predictions.run("--answers", predictions.file("sample.csv"))
    assert status == 1
    assert "is not the file" in err


def test_a_class_written_otherwise_is_refused_and_what_else_was_written_is_told(predictions: Predictions) -> None:
    predictions.json("--of", "spam", "--sample", "100", "--design", "random")
    predictions.answer("sample.csv")
    file = predictions.folder / "sample.csv"
    right = file.read_text()
    file.write_text(right.replace(",spam", ", SPAM "))
    status, out, err = predictions.run("--answers", str(file))
    assert (status, out) == (1, "")
    assert "is answered 'SPAM', and the class is 'spam'" in err
    file.write_text(right.replace(",ham", ",hamm", 3))
    status, _, err = predictions.run("--answers", str(file))
    assert status == 0
    assert "Counted as not 'spam', though no prediction says so: 'hamm' (3)." in err


def test_answers_about_items_that_were_not_drawn_move_neither_figure_nor_next_round(predictions: Predictions) -> None:
    predictions.json("--of", "spam", "--sample", "120", "--design", "rounds")
    predictions.answer("sample.csv")
    file, plan = predictions.folder / "sample.csv", predictions.folder / "sample.estimate.json"
    drawn, frozen = file.read_text(), plan.read_text()
    predictions.json("--answers", str(file))
    expected = plan.read_text()
    plan.write_text(frozen)
    asked = {line.split(",")[0] for line in drawn.splitlines()}
    others = [one for one in predictions.truth if one not in asked][:400]
    file.write_text(drawn + "".join(f"{one},spam\n" for one in others) + "elsewhere,spam\n")
    status, _, err = predictions.run("--answers", str(file))
    assert status == 0
    assert "401 answered items were not drawn and are left out" in err
    assert plan.read_text() == expected


def test_what_the_plan_froze_cannot_be_wished_otherwise_with_the_answers(predictions: Predictions) -> None:
    predictions.json("--of", "spam", "--sample", "100", "--design", "random")
    predictions.answer("sample.csv")
    answers = ("--answers", predictions.file("sample.csv"))
    for option, wished in (("--of", "ham"), ("--design", "rounds"), ("--confidence-level", "0.99")):
        status, out, err = predictions.run(*answers, option, wished)
        assert (status, out) == (1, ""), option
        assert f"error: {option}: is" in err
        assert "draw another sample" in err
    same = ("--of", "spam", "--design", "random", "--confidence-level", "0.95")
    assert predictions.json(*answers, *same) == predictions.json(*answers)


def test_rounds_that_could_come_out_empty_are_refused_and_asking_about_all_needs_no_design(
    predictions: Predictions,
) -> None:
    status, _, err = predictions.run("--of", "spam", "--sample", "29", "--design", "rounds")
    assert (status, "29 labels are too few for rounds" in err) == (1, True)
    assert predictions.run("--of", "spam", "--sample", "100", "--seed", "-1")[0] == 2, "numpy takes no such seed"
    status, _, err = predictions.run("--of", "spam", "--design", "roundz")
    assert (status, "did you mean 'rounds'?" in err) == (1, True)
    file = predictions.folder / "predictions.csv"
    file.write_text("\n".join(file.read_text().splitlines()[:41]) + "\n")
    ahead = predictions.json("--of", "ham")
    assert (ahead["n_labels"], ahead["worth"], ahead["recommended"]) == (40, None, "random")
    assert "That is every item" in predictions.run("--of", "ham")[1]


def test_no_share_is_below_nothing_though_the_sample_is_unlucky() -> None:
    ids = [f"i{row}" for row in range(1_000)]
    p = np.zeros(1_000)
    p[:10] = [0.5] * 5 + [1.0] * 5  # all of them drawn, by a chance of one in 10^23
    asked = AskedRound(tuple(ids[:10]), (0.01,) * 10)
    plan = SharePlan("f", "", "id", "label", "p", "spam", "random", 10, 0.95, 1, (asked,))
    answers = {one: float(at >= 5) for at, one in enumerate(asked.ids)}
    found = class_share(plan, ids, p > 0.5, p, answers).share
    # λ = 1, and the mean of p, .0075, plus what people found it to be off by in those ten, .5 − .75, is below nothing.
    assert 0 <= found.low <= found.value <= found.high <= 1


def test_a_file_without_confidence_is_drawn_at_random(predictions: Predictions) -> None:
    file = predictions.folder / "predictions.csv"
    with file.open() as stream:
        rows = [(row["id"], row["label"]) for row in csv.DictReader(stream)]
    file.write_text("id,label\n" + "".join(f"{one},{label}\n" for one, label in rows))
    ahead = predictions.json("--of", "spam")
    assert (ahead["worth"], ahead["recommended"]) == (None, "random")


def test_probability_is_the_labels_own_and_the_rest_is_spread() -> None:
    labels, score = ["a", "b", "c", None], np.array([0.8, 0.6, np.nan, np.nan])
    assert class_probability(labels, score, "a", has_score=True).tolist() == pytest.approx([0.8, 0.2, 0.0, 0.0])
    assert class_probability(labels, score * 100, "a", has_score=True).tolist() == [1.0, 0.0, 0.0, 0.0]


def test_the_figure_is_right_on_average_and_its_interval_holds_though_the_model_errs_in_one_direction() -> None:
    rng = np.random.default_rng(2)
    ids = [f"i{row}" for row in range(800)]
    p = rng.beta(0.4, 2, 800)
    truth = (rng.random(800) < np.minimum(p * 0.5, 1)).astype(float)  # twice too sure
    answers = {one: float(label) for one, label in zip(ids, truth, strict=True)}
    found = []
    for seed in range(150):
        plan = SharePlan("f", "", "id", "label", "p", "spam", "rounds", 90, 0.95, seed)
        while not plan.is_drawn_whole:
            told = {one: answers[one] for asked in plan.rounds for one in asked.ids}
            plan = next_round(plan, ids, p, told)
        assert unanswered(plan, answers) == [[], [], []]
        found.append(class_share(plan, ids, p > 0.5, p, answers).share)
    errors = np.array([one.value for one in found]) - truth.mean()
    assert abs(errors.mean()) < 4 * errors.std() / 150**0.5
    held = np.mean([one.low <= truth.mean() <= one.high for one in found])
    assert held >= 0.95 - 3 * (0.05 * 0.95 / 150) ** 0.5
