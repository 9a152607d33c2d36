"""`labelwright alt-test` on plain files."""

import json
from pathlib import Path

import numpy as np
import pytest

from labelwright.cli.main import run


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
