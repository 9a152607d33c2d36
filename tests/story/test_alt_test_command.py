"""`labelwright alt-test` on plain files."""

import json
from pathlib import Path

import numpy as np
import pytest

from labelwright.cli.main import run
from labelwright.methods.replacement import Comparison, alt_test


def _files(folder: Path, *, model_right: float) -> tuple[str, str]:
    rng = np.random.default_rng(6)
    truth = rng.integers(0, 3, 120)

    def said(right: float) -> list[int]:
        return np.where(rng.random(120) < right, truth, (truth + 1) % 3).tolist()

    people = {name: said(0.9) for name in ("ann", "bob", "cy")}
    votes = [f"{i},{who},{labels[i]},{'en' if i < 60 else 'de'}" for who, labels in people.items() for i in range(120)]
    (folder / "votes.csv").write_text("\n".join(["id,annotator,label,language", *votes]))
    model = [f"{i},{label}" for i, label in enumerate(said(model_right))]
    (folder / "model.csv").write_text("\n".join(["id,label", *model]))
    return str(folder / "votes.csv"), str(folder / "model.csv")


def test_a_model_as_good_as_the_people_may_take_their_place(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["alt-test", *_files(tmp_path, model_right=0.95), "--by", "language", "--json"]) == 0
    [found] = json.loads(capsys.readouterr().out)["questions"]
    assert found["may_replace"] is True
    assert {one["slice"] for one in found["slices"]} == {"language = en", "language = de"}


def test_a_worse_one_may_not_and_the_exit_status_says_so(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["alt-test", *_files(tmp_path, model_right=0.4)]) == 1
    assert "may not take the annotators' place" in capsys.readouterr().out


def test_what_is_missing_is_named(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    votes, model = _files(tmp_path, model_right=0.9)
    assert run(["alt-test", votes, model, "--by", "langage"]) == 1
    assert "did you mean 'language'" in capsys.readouterr().err
    (tmp_path / "one.csv").write_text("id,annotator,label\n1,ann,a\n2,ann,b")
    assert run(["alt-test", str(tmp_path / "one.csv"), model]) == 1
    assert "label some items twice" in capsys.readouterr().err
    assert run(["alt-test", votes]) == 2


@pytest.mark.parametrize(
    ("rows", "problem"),
    [
        (["0,1", "1,1", "0,2"], "line 4: item '0' has a second label; it has another in line 2"),
        (["x0,1", "x1,1"], "has no item of votes.csv: ids here are such as 'x0', there '0'"),
        (
            [f"{i},{'yes' if i % 2 else 'no'}" for i in range(120)],
            "has other labels than votes.csv: none is the same: 'no', 'yes' here",
        ),
    ],
)
def test_answers_that_cannot_be_compared_are_no_finding(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], rows: list[str], problem: str
) -> None:
    votes, model = _files(tmp_path, model_right=0.9)
    Path(model).write_text("\n".join(["id,label", *rows]))
    assert run(["alt-test", votes, model]) == 1
    assert problem in capsys.readouterr().err


def test_labels_that_differ_in_case_alone_are_named_and_an_answer_given_twice_alike_counts_once(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    votes = [f"{i},{who},{'Yes' if i % 3 else 'unknown'}" for who in ("ann", "bob", "cy") for i in range(40)]
    (tmp_path / "votes.csv").write_text("\n".join(["id,annotator,label", *votes]))
    files = [str(tmp_path / "votes.csv"), str(tmp_path / "model.csv")]

    def said(yes: str) -> list[str]:
        return [f"{i},{yes if i % 3 else 'unknown'}" for i in range(40)]

    (tmp_path / "model.csv").write_text("\n".join(["id,label", *said("yes")]))
    assert run(["alt-test", *files]) == 1
    assert "has other labels than votes.csv: 'yes' here is 'Yes' there; write labels alike" in capsys.readouterr().err
    (tmp_path / "model.csv").write_text("\n".join(["id,label", *said("Yes"), *said("Yes")]))
    assert run(["alt-test", *files]) == 0


def test_five_items_on_which_all_agree_are_not_certain() -> None:
    rows = [Comparison(person, 1.0, 1.0) for person in "abc" for _ in range(5)]
    (found,) = alt_test(rows, epsilon=0.15, least_items=5)
    assert all(0.005 < person.p_value < 0.05 for person in found.people)


def test_items_whose_slice_nobody_gave_are_a_slice_with_a_name(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    votes, model = _files(tmp_path, model_right=0.95)
    Path(votes).write_text(Path(votes).read_text().replace(",de", ","))
    assert run(["alt-test", votes, model, "--by", "language", "--json"]) == 0
    [found] = json.loads(capsys.readouterr().out)["questions"]
    assert {one["slice"] for one in found["slices"]} == {"language = en", "not given"}
