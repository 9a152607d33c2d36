"""Trouble in the middle of a run: what was paid for is kept, what was not asked stays due, and the next run goes on."""

from __future__ import annotations

import json
import sqlite3
import threading
import time
from collections.abc import Callable, Generator
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from labelwright.errors import BudgetSpent, ProviderRefused, StorageFailure
from labelwright.services.models.prelabel import PrelabelReport
from labelwright.testing.scripted_server import Reply, ScriptedServer, completion, error
from labelwright.workspace import ProjectHandle, Workspace
from tests.story.test_providers import speaking

N = 80
AFTER = 25


@dataclass
class Trouble:
    """A project whose model does `spoil` to a request, by its number, or answers it."""

    spoil: Callable[[int], Reply | None] = lambda _n: None
    seconds: float = 0.02
    afterwards: float = 0.02
    """The same once something was done in the middle of a run."""
    asked: list[int] = field(default_factory=list[int])
    answered: list[int] = field(default_factory=list[int])
    handle: ProjectHandle = field(init=False)
    path: Path = field(init=False)

    def answer(self, body: dict[str, Any]) -> Reply:
        number = int(str(body["messages"][1]["content"]).split("Review ")[1].split(".")[0])
        self.asked.append(number)
        spoilt = self.spoil(len(self.asked))
        if spoilt is not None:
            return spoilt
        self.answered.append(number)
        said = json.dumps({"label": "good", "confidence": {"label": 0.9}})
        return Reply(completion(said), seconds=self.seconds)

    def in_the_middle(self, act: Callable[[], None]) -> PrelabelReport:
        """Do something while the run is under way: from then on answers take so long that it cannot end meanwhile."""
        begun, is_done = threading.Event(), threading.Event()
        problems: list[Exception] = []

        def spoil(n: int) -> None:
            if n == AFTER:
                self.seconds = 1.0
                begun.set()
            if is_done.is_set():
                self.seconds = self.afterwards

        self.spoil = spoil

        def wait_and_act() -> None:
            begun.wait()
            try:
                act()
            except Exception as problem:  # noqa: BLE001 - told below
                problems.append(problem)

            is_done.set()

        beside = threading.Thread(target=wait_and_act, daemon=True)
        beside.start()
        report = self.handle.prelabel()
        beside.join()
        assert problems == []
        return report

    def statuses(self) -> list[str]:
        with self.handle.workspace.storage.reading() as views:
            return list(views.predictions(self.handle.id, "label", "m").status)

    def change(self, **settings: Any) -> None:  # noqa: ANN401 - JSON
        file = self.path / "project.yaml"
        file.write_text(json.dumps({**json.loads(file.read_text()), **settings}))
        with Workspace.open(self.path) as other:  # as another terminal does
            other.apply()


@pytest.fixture
def trouble(tmp_path: Path) -> Generator[Trouble]:
    made = Trouble()

    @contextmanager
    def opened(server: ScriptedServer) -> Generator[None]:
        project = {
            "name": "small",
            "content_fields": ["text"],
            "budget": 1,
            "questions": [{"name": "label", "type": "classification", "labels": ["good", "bad"]}],
            "models": [
                {
                    "model": "m",
                    "base_url": server.base_url,
                    "concurrency": 4,
                    "price_input": 1,
                    "price_output": 2,
                    "api_key_env": "TROUBLE_KEY",
                }
            ],
        }
        (tmp_path / "project.yaml").write_text(json.dumps(project))
        with Workspace.create(tmp_path) as workspace:
            workspace.apply()
            made.handle, made.path = workspace.project(), tmp_path
            made.handle.import_items([{"id": f"i{i}", "text": f"Review {i}."} for i in range(N)], id_field="id")
            yield

    with pytest.MonkeyPatch.context() as patch, speaking(made.answer, "/chat/completions") as server, opened(server):
        patch.setenv("TROUBLE_KEY", "sk-a-long-enough-secret")
        yield made


def spent(trouble: Trouble) -> tuple[int, int, int]:
    now: Any = trouble.handle.status().budget
    return now["spent_micro"], now["reserved_micro"], now["lost_micro"]


@pytest.mark.parametrize(
    "reply",
    [
        Reply(error("no such key", code="invalid_api_key"), 401),
        Reply(error("spent", code="insufficient_quota", kind="insufficient_quota"), 429),
        Reply(error("no such project"), 403),
    ],
    ids=["401", "quota", "403"],
)
def test_m6_m1_an_endpoint_that_begins_to_refuse_us_ends_the_run_and_the_next_goes_on(
    trouble: Trouble, reply: Reply
) -> None:
    """M6, M1, M3: at most what was in flight was asked in vain, and none of it is billed."""
    trouble.spoil = lambda n: reply if n > AFTER else None
    with pytest.raises(ProviderRefused):
        trouble.handle.prelabel()
    assert len(trouble.asked) <= AFTER + 4
    assert len(trouble.answered) == AFTER
    assert spent(trouble) == (AFTER * 30, 0, 0)
    trouble.spoil = lambda _n: None
    report = trouble.handle.prelabel()
    assert (report.models[0].valid + AFTER >= N, report.models[0].failed) == (True, 0)
    assert sorted(trouble.answered) == list(range(N))
    assert trouble.statuses() == ["valid"] * N
    assert spent(trouble) == (N * 30, 0, 0)


def test_m1_a_key_that_is_gone_is_told_before_anything_is_sent(
    trouble: Trouble, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("TROUBLE_KEY")
    with pytest.raises(ProviderRefused, match="TROUBLE_KEY"):
        trouble.handle.prelabel()
    assert trouble.asked == []


@pytest.mark.parametrize(
    "down", [Reply(b"busy", 503), Reply(cut=True), Reply(b"<html>gateway</html>", 502)], ids=["503", "cut", "502"]
)
def test_a_provider_that_is_down_for_a_while_costs_time_and_nothing_else(trouble: Trouble, down: Reply) -> None:
    since: list[float] = []

    def spoil(n: int) -> Reply | None:
        if n <= AFTER:
            return None
        since.append(time.monotonic())
        return down if since[-1] - since[0] < 1.0 else None

    trouble.spoil = spoil
    report = trouble.handle.prelabel()
    assert (report.models[0].valid, report.models[0].failed) == (N, 0)
    assert sorted(trouble.answered) == list(range(N)), "no answer was asked for twice"
    assert len(trouble.asked) < 2 * N
    booked, reserved, lost = spent(trouble)
    assert (reserved, lost) == (0, 0)
    assert booked >= N * 30, "a connection that breaks may have been billed: it counts at its worst case"


def test_M4_a_project_that_changes_in_the_middle_is_labelled_under_the_version_the_run_began_with(
    trouble: Trouble,
) -> None:
    """M4: every row names the prompt and schema its answer was asked under; the new prompt has everything due."""
    old = trouble.handle.foresee()
    assert old.preview is not None
    labels = [{"name": "label", "type": "classification", "labels": ["good", "bad", "mixed"]}]
    report = trouble.in_the_middle(lambda: trouble.change(questions=labels))
    assert report.models[0].valid == N
    with trouble.handle.workspace.storage.reading() as views:
        columns = views.predictions(trouble.handle.id, "label", "m")
        origins = views.prediction_origins(trouble.handle.id, [int(id) for id in columns.id])
        asked = views.predicted_items(trouble.handle.id, "m", old.preview.prompt_hash, "label")
    assert {origin.schema_version for origin in origins.values()} == {1}
    assert len(asked) == N
    now = trouble.handle.foresee()
    assert (now.models[0].items, now.models[0].paid) == (N, 0)
    assert trouble.handle.prelabel().models[0].valid == N
    trouble.handle.workspace.verify()


def test_m2_a_budget_that_is_lowered_in_the_middle_counts_at_once(trouble: Trouble) -> None:
    """M2: who sees money run away can stop it within a second; what was answered is kept."""
    trouble.afterwards = 0.5
    with pytest.raises(BudgetSpent, match=r"budget of \$0\.0001"):
        trouble.in_the_middle(lambda: trouble.change(budget=0.0001))
    assert AFTER <= len(trouble.asked) < N
    trouble.seconds = 0.0
    trouble.change(budget=1)
    trouble.spoil = lambda _n: None
    assert trouble.handle.prelabel().models[0].failed == 0
    assert sorted(trouble.answered) == list(range(N))
    assert spent(trouble) == (N * 30, 0, 0)


def test_items_that_come_in_the_middle_are_due_next(trouble: Trouble) -> None:
    def bring() -> None:
        with Workspace.open(trouble.path) as other:
            more = [{"id": f"i{i}", "text": f"Review {i}."} for i in range(N, N + 20)]
            other.project().import_items(more, id_field="id")

    report = trouble.in_the_middle(bring)
    assert (report.models[0].due, report.models[0].valid) == (N, N)
    assert trouble.handle.prelabel().models[0].due == 20
    assert sorted(trouble.answered) == list(range(N + 20))


def test_R15_a_database_that_somebody_else_writes_to_is_waited_for(trouble: Trouble) -> None:
    """R15: a foreign writer holds the lock for longer than heartbeats, bookings and commits are apart."""

    def lock() -> None:
        with closing(sqlite3.connect(trouble.path / "labelwright.db", timeout=30, isolation_level=None)) as other:
            other.execute("BEGIN IMMEDIATE")
            time.sleep(2)
            other.execute("ROLLBACK")

    report = trouble.in_the_middle(lock)
    assert (report.models[0].valid, report.models[0].failed) == (N, 0)
    assert sorted(trouble.answered) == list(range(N))
    assert spent(trouble) == (N * 30, 0, 0)


def pages(trouble: Trouble, most: int) -> None:
    """Let the database grow to so many pages, and no further: as a disk that is full."""

    def limit(tx: Any) -> None:  # noqa: ANN401 - the connection that writes is behind the port
        tx.database.connection.execute(f"PRAGMA max_page_count = {most}")

    trouble.handle.workspace.storage.write(limit)


def test_R15_m1_a_full_disk_ends_the_run_and_the_next_goes_on_once_there_is_room(trouble: Trouble) -> None:
    """R15, M1, M2: nothing is taken for done; what was in flight is asked again, and no more."""
    with pytest.raises(StorageFailure, match="the disk is full"):
        trouble.in_the_middle(lambda: pages(trouble, 1))
    asked = len(trouble.asked)
    with closing(sqlite3.connect(trouble.path / "labelwright.db")) as other:
        (kept,) = other.execute("SELECT count(*) FROM call WHERE status = 'ok'").fetchone()
    assert AFTER - 4 <= kept < N
    assert asked - kept <= 8
    pages(trouble, 1_000_000)
    trouble.spoil = lambda _n: None
    assert trouble.handle.prelabel().models[0].failed == 0, (
        "the run that could not be put down does not stand in the way"
    )
    assert trouble.statuses() == ["valid"] * N
    assert len(trouble.asked) - asked == N - kept
    trouble.handle.workspace.verify()


def test_a_provider_that_never_mends_ends_the_run_with_an_error_that_says_so(trouble: Trouble) -> None:
    trouble.spoil = lambda _n: Reply(b"\xff\xfe", 418)
    trouble.handle.prelabel()
    with trouble.handle.workspace.storage.reading() as views:
        (job,) = views.jobs(trouble.handle.id)
    assert job.state == "failed"
    assert "80 of 80 items got no answer" in str(job.problem)
