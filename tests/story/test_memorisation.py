"""`labelwright memorisation`: a model that knows the data by heart is found out, one that does not is left alone."""

from __future__ import annotations

import json
from collections.abc import Callable, Generator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from labelwright.cli.main import run
from labelwright.errors import NotFound, NotReady
from labelwright.methods.duplicates import Recited
from labelwright.services.soundness.memorisation_report import LabelRecall, MemorisationReport
from labelwright.testing.scripted_server import Reply, completion
from labelwright.workspace import ProjectHandle, Workspace
from tests.story.test_providers import speaking

LETTERS = tuple("abcdefghijklmnopqrstuvwxyz")
WORDS = ["".join(np.random.default_rng(at).choice(LETTERS, 4 + at % 5)) for at in range(200)]


def texts(n: int, seed: int = 1) -> list[str]:
    rng = np.random.default_rng(seed)
    return [" ".join(rng.choice(WORDS, 30)) for _ in range(n)]


@dataclass
class Reader:
    """A model that knows some texts by heart, and the labels of some names."""

    knows: Sequence[str] = ()
    labels: Mapping[str, str] = field(default_factory=dict[str, str])
    continues: Callable[[str], str] | None = None
    bodies: list[dict[str, Any]] = field(default_factory=list[dict[str, Any]])

    def answer(self, body: dict[str, Any]) -> Reply:
        self.bodies.append(body)
        asked = body["messages"][-1]["content"]
        if "Name of the entry" in asked:
            said = {"label": self.labels.get(asked.split(": ")[1].strip(), "good")}
            return Reply(completion(json.dumps(said)))
        opening = asked.removeprefix("<item>\n").removesuffix("\n</item>")
        if self.continues is not None:
            return Reply(completion(json.dumps({"continuation": self.continues(opening)})))
        known = next((text for text in self.knows if text.startswith(opening)), None)
        rest = "and so it went on and on, as such things do, until nobody listened any more at all"
        return Reply(completion(json.dumps({"continuation": known[len(opening) :] if known else rest})))


@contextmanager
def project_of(
    folder: Path,
    model: Reader,
    every: Sequence[str],
    **settings: Any,  # noqa: ANN401 - JSON
) -> Generator[ProjectHandle]:
    with speaking(model.answer, "/chat/completions") as server:
        project: dict[str, Any] = {
            "name": "reviews",
            "content_fields": ["text"],
            "questions": [{"name": "label", "type": "classification", "labels": ["good", "bad"]}],
            "models": [{"model": "m", "base_url": server.base_url, "price_input": 1, "price_output": 2}],
            **settings,
        }
        (folder / "project.yaml").write_text(json.dumps(project))
        with Workspace.create(folder) as workspace:
            workspace.apply()
            handle = workspace.project()
            handle.import_items([{"id": f"i{at}", "text": text} for at, text in enumerate(every)], id_field="id")
            yield handle


def test_texts_known_by_heart_are_found_and_the_warning_says_what_that_means(tmp_path: Path) -> None:
    every = texts(30)
    with project_of(tmp_path, Reader(knows=every[:12]), every) as project:
        report = project.memorisation(limit=30)
        assert (report.found.n, report.found.n_near, report.found.n_exact) == (30, 12, 12)
        assert report.found.p_value < 0.001
        assert report.is_suspected
        assert {item for item, alike in report.items if alike > 0.9} == {f"i{at}" for at in range(12)}
        assert "m completes 12 of 30 items verbatim or all but" in report.sentence
        kept: Any = project.report()["memorisation"]
        assert kept["n_near"] == 12
        assert kept["is_suspected"]
        assert not set(WORDS) & set(json.dumps(kept).replace('"', " ").split())  # no word of an item in the ledger
        project.workspace.verify()


def test_a_model_that_only_writes_in_the_same_manner_is_not_suspected(tmp_path: Path) -> None:
    rng = np.random.default_rng(9)
    alike = Reader(continues=lambda _: " ".join(rng.choice(WORDS, 12)))
    with project_of(tmp_path, alike, texts(30)) as project:
        report = project.memorisation(limit=30)
        assert report.found.n_near == 0
        assert report.found.p_value == 1.0
        assert not report.is_suspected
        assert "no sign that it knows the texts by heart" in report.sentence
        assert "up to 10% of them" in report.sentence  # 1 - .05^(1/30)


def test_a_verbatim_hit_among_few_items_is_called_undecided_and_labels_speak_where_no_text_came() -> None:
    few = Recited(n=10, n_exact=1, n_near=1, p_value=0.1, mean_own=0.3, mean_other=0.2, p_related=0.1)
    none = Recited(n=0, n_exact=0, n_near=0, p_value=1.0, mean_own=np.nan, mean_other=np.nan, p_related=1.0)
    label = LabelRecall("tone", 40, 40, 20.0, 0.0001)

    def told(found: Recited, *labels: LabelRecall) -> MemorisationReport:
        return MemorisationReport("m", "d", 0, 0, found, labels, (), 1, 0, 0, stopped=False, problem="it refuses")

    assert "no sign" not in told(few).sentence
    assert "cannot tell that from chance" in told(few).sentence
    assert told(none, label).is_suspected
    assert "nothing can be said of its texts. For example: it refuses" in told(none, label).sentence
    assert "it knows the labels" in told(none, label).sentence


def test_what_a_text_makes_likely_is_told_from_what_is_known(tmp_path: Path) -> None:
    """A continuation that repeats words of its own beginning is likelier its own ending, and still no memory."""
    with project_of(tmp_path, Reader(continues=lambda opening: opening[-100:]), texts(20)) as project:
        assert not project.memorisation(limit=20).is_suspected


def test_labels_known_by_name_are_found_and_guessing_the_common_one_is_not(tmp_path: Path) -> None:
    every = texts(40)
    truth = {f"i{at}": "bad" if at % 3 == 0 else "good" for at in range(40)}
    gold = tmp_path / "gold.jsonl"
    gold.write_text("\n".join(json.dumps({"id": id, "label": label}) for id, label in truth.items()))
    (tmp_path / "knows").mkdir()
    (tmp_path / "guesses").mkdir()
    with project_of(tmp_path / "knows", Reader(labels=truth), every) as project:
        report = project.memorisation(limit=40, gold=gold, dataset="Public Reviews")
        (labels,) = report.labels
        assert (labels.n, labels.n_right) == (40, 40)
        assert report.knows_labels
        assert "it knows the labels" in report.sentence
    with project_of(tmp_path / "guesses", Reader(), every) as project:
        report = project.memorisation(limit=40, gold=gold)
        assert report.labels[0].n_right == sum(label == "good" for label in truth.values())
        assert report.labels[0].p_value == 1.0
        assert not report.is_suspected


def test_the_data_set_is_named_and_only_the_beginning_is_shown(tmp_path: Path) -> None:
    every, model = texts(10), Reader()
    with project_of(tmp_path, model, every) as project:
        project.memorisation(limit=10, dataset="Public Reviews")
    assert len(model.bodies) == 10
    for body in model.bodies:
        shown = json.dumps(body)
        assert "Public Reviews" in shown
        opening = body["messages"][-1]["content"].removeprefix("<item>\n").removesuffix("\n</item>")
        (text,) = (one for one in every if one.startswith(opening))
        assert 0.5 < len(opening) / len(text) < 0.65
        assert text[len(opening) :] not in shown


def test_the_same_probe_is_paid_once_and_goes_through_the_ledger_and_the_outbound_log(tmp_path: Path) -> None:
    model = Reader()
    with project_of(tmp_path, model, texts(10)) as project:
        foreseen = project.foresee_memorisation(limit=10)
        assert (foreseen.calls, foreseen.paid, foreseen.most_calls) == (10, 0, 20)
        first = project.memorisation(limit=10)
        asked = len(model.bodies)
        second = project.memorisation(limit=10)
        assert len(model.bodies) == asked == 10
        assert (first.calls, second.calls, second.reused) == (10, 0, 10)
        assert first.cost_micro is not None
        assert foreseen.most_micro is not None
        assert 0 < first.cost_micro <= foreseen.most_micro
        assert project.foresee_memorisation(limit=10).paid == 10
        with project.workspace.storage.reading() as views:
            assert len(views.outbound(project.id)) == 10
            assert views.call_totals(project.id).calls == 10


def test_personal_data_does_not_leave_and_its_pseudonyms_are_no_failure(tmp_path: Path) -> None:
    every = [f"Write to anna{at}.berg@example.org about it. {text}" for at, text in enumerate(texts(8))]
    model = Reader()
    with project_of(tmp_path, model, every, privacy={"pii": "redact"}) as project:
        assert project.memorisation(limit=8).found.n == 8
    assert "@example.org" not in json.dumps(model.bodies)


def test_endings_like_anothers_and_short_texts_do_not_serve(tmp_path: Path) -> None:
    same = " Kind regards from all of us at the shop, and see you very soon again, we hope."
    every = [f"{text[:100]}{same}" for text in texts(6)] + ["too short"] * 1 + texts(4, seed=3)
    with project_of(tmp_path, Reader(), every) as project:
        report = project.memorisation(limit=20)
        assert report.found.n == 5  # four of their own, one of the six that end alike
        assert report.n_unfit == 6
    empty = tmp_path / "empty"
    empty.mkdir()
    with project_of(empty, Reader(), ["too short", "short as well"]) as project:
        with pytest.raises(NotReady, match="none of 2 items can be probed with"):
            project.memorisation()
        with pytest.raises(NotFound, match="no model 'n'"):
            project.memorisation(model="n")


def test_recordings_cannot_be_probed(tmp_path: Path) -> None:
    with (
        project_of(tmp_path, Reader(), texts(5), recorded=True) as project,
        pytest.raises(NotReady, match="recordings"),
    ):
        project.memorisation()


def test_gold_that_a_model_knows_is_not_used_without_a_warning(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    every = texts(12)
    gold = tmp_path / "gold.jsonl"
    gold.write_text("\n".join(json.dumps({"id": f"i{at}", "label": "good"}) for at in range(12)))
    evaluate = ["evaluate", str(gold), "--workspace", str(tmp_path), "--yes"]
    with project_of(tmp_path, Reader(knows=every), every) as project:
        run(evaluate)
        assert "if this gold is public, models may know it by heart" in capsys.readouterr().err
        assert project.known_by_heart() == []
        sentence = project.memorisation(limit=12).sentence
        assert project.known_by_heart() == [sentence]
        run(evaluate)
        told = capsys.readouterr().err
    assert f"warning: a probe said: {sentence}" in told
    assert "if this gold is public" not in told


def test_the_command_says_it_all(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    every = texts(12)
    with project_of(tmp_path, Reader(knows=every), every):
        options = ["--workspace", str(tmp_path), "--limit", "12"]
        assert run(["memorisation", *options, "--dry-run", "--json"]) == 0
        assert json.loads(capsys.readouterr().out)["calls"] == 12
        assert run(["memorisation", *options, "--dry-run"]) == 0
        assert "12, at most 24" in capsys.readouterr().out
        assert run(["memorisation", *options, "--json"]) == 0
        told = json.loads(capsys.readouterr().out)
        assert told["is_suspected"]
        assert told["n_exact"] == 12
        assert run(["memorisation", *options]) == 0
        assert "it has seen this data" in capsys.readouterr().out
