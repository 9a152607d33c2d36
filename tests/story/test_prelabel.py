"""Pre-labelling through the public verbs, over real sockets, into a real database."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager, ExitStack
from pathlib import Path

import pytest

from labelwright.cli.main import run
from labelwright.errors import NotReady
from labelwright.prompting.failures import KeyRefused, ModelUnknown, QuotaSpent
from labelwright.workspace import ProjectHandle, Workspace
from tests.replaying import Replay, replaying
from tests.story.recorded_project import record, write_project

N = 60
Open = Callable[..., tuple[ProjectHandle, Replay]]


@pytest.fixture
def opened(tmp_path: Path) -> AbstractContextManager[Open]:
    stack = ExitStack()

    def make(
        *options: str,
        n: int = N,
        confidence: str = "verbalised",
        odd: Sequence[int] = (),
        missing: Sequence[int] = (),
    ) -> tuple[ProjectHandle, Replay]:
        folder = record(tmp_path / "recorded", n, odd=odd, missing=missing)
        replay = stack.enter_context(replaying(folder, *options))
        write_project(tmp_path / "work", replay.url, confidence=confidence)
        workspace = stack.enter_context(Workspace.create(tmp_path / "work"))
        workspace.apply()
        project = workspace.project()
        project.import_items(folder / "items.jsonl", id_field="id")
        return project, replay

    class Opened:
        def __enter__(self) -> Open:
            return make

        def __exit__(self, *_: object) -> None:
            stack.close()

    return Opened()


def labels(project: ProjectHandle, model: str = "first") -> tuple[Sequence[str], Sequence[object]]:
    with project.workspace.storage.reading() as views:
        columns = views.predictions(project.id, "label", model)
    return columns.status, columns.value


def test_every_item_gets_the_recorded_answer_once(opened: AbstractContextManager[Open]) -> None:
    with opened as make:
        project, replay = make()
        report = project.prelabel()
        assert (report.models[0].valid, report.models[0].calls, report.stopped) == (N, N, False)
        status, values = labels(project)
        assert status == ["valid"] * N
        assert values == [("good", "bad", "mixed")[i % 3] for i in range(N)]
        again = project.prelabel()
        assert (again.models[0].due, again.models[0].calls) == (0, 0)
        assert replay.stats()["requests"] == N
        project.workspace.verify()


def test_m3_the_ledgers_sums_are_the_providers(opened: AbstractContextManager[Open]) -> None:
    """M3, under faults: requests, tokens and cost as the server counts and states them."""
    with opened as make:
        options = ("--rate-429", "0.2", "--retry-after", "0.01", "--rate-500", "0.05", "--rate-truncated", "0.1")
        project, replay = make(*options)
        report = project.prelabel()
        with project.workspace.storage.reading() as views:
            totals = views.call_totals(project.id)
        counted = replay.stats()
        assert report.models[0].valid + report.models[0].invalid == N
        assert totals.calls == counted["requests"] == report.models[0].calls
        assert totals.tokens_in == report.models[0].tokens_in > 0
        exact = totals.tokens_in * 100_000 + totals.tokens_out * 500_000  # pico-USD
        assert totals.cost_micro is not None
        assert abs(totals.cost_micro - exact / 1e6) < 1


def test_m4_an_answer_outside_the_schema_is_quarantined_and_not_asked_for_again(
    opened: AbstractContextManager[Open],
) -> None:
    """M4: kept with its text, after one repair that did not help."""
    with opened as make:
        project, replay = make(odd=(3, 7))
        report = project.prelabel()
        assert (report.models[0].valid, report.models[0].invalid) == (N - 2, 2)
        assert "label 'splendid' is not in the schema" in str(report.problem)
        with project.workspace.storage.reading() as views:
            kept = views.prediction_raw(project.id, status="invalid")
        assert len(kept) == 2
        assert all('"splendid"' in str(row["raw"]) for row in kept)
        assert replay.stats()["requests"] == N + 2
        assert project.prelabel().models[0].due == 0


def test_m4_each_label_names_the_schema_and_guideline_it_was_asked_under(
    opened: AbstractContextManager[Open], tmp_path: Path
) -> None:
    """M4, when the schema grows between two runs."""
    with opened as make:
        project, _ = make(n=6)

        def prelabelled() -> tuple[list[object], set[tuple[int, int]]]:
            assert project.prelabel().models[0].valid == 6
            with project.workspace.storage.reading() as views:
                columns = views.predictions(project.id, "label", "first")
                origins = views.prediction_origins(project.id, [int(id) for id in columns.id])
            return list(columns.id), {(one.schema_version, one.guideline_version) for one in origins.values()}

        before, versions = prelabelled()
        assert versions == {(1, 1)}
        file = tmp_path / "work" / "project.yaml"
        settings = json.loads(file.read_text())
        settings["questions"][0]["labels"].append("splendid")
        file.write_text(json.dumps(settings))
        project.workspace.apply()
        after, versions = prelabelled()
        assert versions == {(2, 1)}
        assert set(before).isdisjoint(after)


def test_an_item_without_answer_fails_alone_and_is_tried_again_without_new_rows(
    opened: AbstractContextManager[Open],
) -> None:
    with opened as make:
        project, _ = make(missing=(5,))
        first = project.prelabel()
        assert (first.models[0].valid, first.models[0].failed) == (N - 1, 1)
        again = project.prelabel()
        assert (again.models[0].due, again.models[0].failed, again.models[0].calls) == (1, 1, 1)
        with project.workspace.storage.reading() as views:
            assert len(views.prediction_raw(project.id, status="failed")) == 1


def test_agreement_has_every_other_model_answer_too_and_all_are_billed(opened: AbstractContextManager[Open]) -> None:
    with opened as make:
        project, replay = make(confidence="agreement")
        report = project.prelabel()
        assert [m.valid for m in report.models] == [N, N, N]
        assert replay.stats()["requests"] == 3 * N
        with project.workspace.storage.reading() as views:
            assert views.call_totals(project.id).calls == 3 * N


def test_without_agreement_only_the_first_model_is_paid(opened: AbstractContextManager[Open]) -> None:
    with opened as make:
        project, replay = make()
        assert len(project.prelabel().models) == 1
        assert replay.stats()["requests"] == N


def test_a_changed_guideline_makes_every_item_due_again(opened: AbstractContextManager[Open]) -> None:
    with opened as make:
        project, _ = make()
        project.prelabel()
        file = project.workspace.path / "project.yaml"
        (project.workspace.path / "guideline.md").write_text("Irony: read what is meant.")
        file.write_text(file.read_text().replace('"name": "small"', '"name": "small", "guideline": "guideline.md"', 1))
        project.workspace.apply()
        assert project.prelabel().models[0].calls == N


def test_a_limit_tries_the_prompt_out_and_the_rest_stays_due(opened: AbstractContextManager[Open]) -> None:
    with opened as make:
        project, _ = make()
        seen: list[tuple[int, int]] = []
        assert project.prelabel(limit=10, progress=lambda done, total: seen.append((done, total))).models[0].valid == 10
        assert seen[-1] == (10, 10)
        assert project.prelabel().models[0].due == N - 10


def test_m1_a_spent_quota_stops_the_run_and_what_was_answered_is_kept(opened: AbstractContextManager[Open]) -> None:
    """M1 and M6: the next run asks only for the rest."""
    with opened as make:
        project, replay = make("--quota", "25")
        with pytest.raises(QuotaSpent, match="add credit"):
            project.prelabel()
        assert labels(project)[0] == ["valid"] * 25
        with pytest.raises(QuotaSpent):
            project.prelabel()
        assert replay.stats()["repeated"] == 0


def test_predictions_say_that_they_are_recorded(opened: AbstractContextManager[Open]) -> None:
    with opened as make:
        project, _ = make(n=3)
        assert project.prelabel().cost_is_estimated
        assert "estimated: the answers are recordings" in str(project.prelabel().facts()["cost"])


def test_a_missing_key_and_an_unknown_model_are_told_at_once(tmp_path: Path) -> None:
    folder = record(tmp_path / "recorded", 3)
    with replaying(folder) as replay, Workspace.create(tmp_path / "work") as workspace:
        write_project(workspace.path, replay.url, key="LABELWRIGHT_TEST_NO_SUCH_KEY")
        workspace.apply()
        project = workspace.project()
        project.import_items(folder / "items.jsonl", id_field="id")
        with pytest.raises(KeyRefused, match="LABELWRIGHT_TEST_NO_SUCH_KEY"):
            project.prelabel()
        write_project(workspace.path, replay.url)
        file = workspace.path / "project.yaml"
        file.write_text(file.read_text().replace('"first"', '"frist"'))
        workspace.apply()
        with pytest.raises(ModelUnknown, match="did you mean 'first'"):
            project.prelabel()
        assert replay.stats()["answers"] == 0


def test_a_project_without_a_model_says_what_to_do(tmp_path: Path) -> None:
    with Workspace.create(tmp_path) as workspace:
        write_project(tmp_path, "http://127.0.0.1:1/v1")
        file = tmp_path / "project.yaml"
        head, _, _ = file.read_text().partition(', "models"')
        file.write_text(head + "}")
        workspace.apply()
        with pytest.raises(NotReady, match="names no model"):
            workspace.project().prelabel()


def test_a_command_that_got_no_answer_at_all_is_no_success(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    folder = record(tmp_path / "recorded", 4, odd=range(4))
    with replaying(folder) as replay:
        write_project(tmp_path / "work", replay.url)
        with Workspace.create(tmp_path / "work") as workspace:
            workspace.apply()
            workspace.project().import_items(folder / "items.jsonl", id_field="id")
        assert run(["prelabel", "--workspace", str(tmp_path / "work"), "--json"]) == 1
    said = capsys.readouterr()
    assert json.loads(said.out)["models"][0]["invalid"] == 4
    assert "error: no item got an answer that fits; for example item" in said.err
