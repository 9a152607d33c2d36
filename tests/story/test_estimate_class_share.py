"""labelwright estimate: how often a class really occurs, from the file of predictions to the figure."""

from __future__ import annotations

import csv
import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from benchmarks.estimation import intercept_for, share_world
from labelwright.cli.main import run
from labelwright.methods.estimation import DesignWorth, recommended_design
from labelwright.services.card.class_share import SharePlan, class_probability, class_share, next_round, unanswered

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
