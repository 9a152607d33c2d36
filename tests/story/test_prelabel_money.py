"""Money, as somebody meets it who pays: said before, asked about, kept to, and shown afterwards."""

from __future__ import annotations

import io
import json
import sys
from collections.abc import Callable, Generator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from labelwright.cli.main import run
from labelwright.errors import BudgetSpent, NotReady
from labelwright.ports.budget import BudgetHolder
from labelwright.services.models.foresee import Forecast
from labelwright.services.models.jobs import shown_jobs
from labelwright.services.projects.dashboard import dashboard
from labelwright.testing.scripted_server import Reply, ScriptedServer, completion
from labelwright.workspace import ProjectHandle, Workspace
from tests.story.test_providers import speaking

N = 30
COST = 90
"""micro-USD of one call: 60 tokens in at 1 USD per million, 15 out at 2."""
USAGE = {"prompt_tokens": 60, "completion_tokens": 15, "total_tokens": 75}
PRICES = {"price_input": 1, "price_output": 2}


@dataclass
class Shop:
    """A project, and the provider that bills for it. odd: every so many-th first answer is outside the schema."""

    handle: ProjectHandle
    server: ScriptedServer
    path: Path

    @property
    def billed(self) -> int:
        """What the provider asks for, in micro-USD."""
        return COST * len(self.server.requests)

    def change(self, **settings: Any) -> None:  # noqa: ANN401 - JSON
        """Put other settings in force; None takes one out."""
        file = self.path / "project.yaml"
        changed = {**json.loads(file.read_text()), **settings}
        file.write_text(json.dumps({name: value for name, value in changed.items() if value is not None}))
        self.handle.workspace.apply()

    def cli(self, *words: str) -> int:
        return run([*words, "--workspace", str(self.path)])

    def budget(self) -> dict[str, Any]:
        return self.handle.status().budget

    def job(self) -> dict[str, Any]:
        with self.handle.workspace.storage.reading() as views:
            shown: Any = shown_jobs(views, self.handle.config, now=self.handle.workspace.world.now())
        return shown["jobs"][0]


@contextmanager
def shop(
    folder: Path,
    *,
    odd: int = 0,
    models: tuple[str, ...] = ("m",),
    prices: dict[str, Any] = PRICES,
    model: dict[str, Any] | None = None,
    fails: bool = False,
    tells_usage: Callable[[], bool] = lambda: True,
    **settings: Any,  # noqa: ANN401 - JSON
) -> Generator[Shop]:
    def answer(body: dict[str, Any]) -> Reply:
        if fails:
            return Reply(b'{"error": {"message": "no such thing"}}', 400)
        first = len(body["messages"]) == 2
        number = int(str(body["messages"][1]["content"]).split("Review ")[1].split(".")[0])
        label = "splendid" if odd and first and number % odd == 0 else "good"
        said = json.dumps({"label": label, "confidence": {"label": 0.5 + number / 100}})
        return Reply(completion(said, usage=USAGE if tells_usage() else None))

    with speaking(answer, "/chat/completions") as server:
        project = {
            "name": "small",
            "content_fields": ["text"],
            "questions": [{"name": "label", "type": "classification", "labels": ["good", "bad"]}],
            "models": [
                {"model": name, "base_url": server.base_url, "concurrency": 4, **prices, **(model or {})}
                for name in models
            ],
            **settings,
        }
        folder.mkdir(parents=True, exist_ok=True)
        (folder / "project.yaml").write_text(json.dumps(project))
        with Workspace.create(folder) as workspace:
            workspace.apply()
            handle = workspace.project()
            handle.import_items([{"id": f"i{i}", "text": f"Review {i}."} for i in range(N)], id_field="id")
            yield Shop(handle, server, folder)


class Keyboard(io.StringIO):
    """Somebody at a terminal."""

    def isatty(self) -> bool:
        return True


@pytest.mark.parametrize("odd", [0, 1, 4])
def test_what_is_done_is_within_what_the_dry_run_said(tmp_path: Path, odd: int) -> None:
    with shop(tmp_path, odd=odd) as here:
        assert here.cli("prelabel", "--dry-run") == 0
        said: Forecast = here.handle.foresee()
        assert here.server.requests == [], "a dry run sends nothing"
        (foreseen,) = said.models
        assert (foreseen.items, foreseen.sampled, foreseen.calls) == (N, N, N)
        (done,) = here.handle.prelabel().models
        assert foreseen.calls <= done.calls <= foreseen.most_calls
        assert done.cost_micro == here.billed
        assert said.most_micro is not None
        assert here.billed <= said.most_micro
        assert here.handle.foresee().models[0].items == 0


def test_the_dry_run_of_a_part_is_of_that_part_and_learns_from_what_was_paid(tmp_path: Path) -> None:
    with shop(tmp_path) as here:
        before = here.handle.foresee(limit=25)
        assert before.models[0].calls == 25
        assert here.handle.prelabel(limit=25).models[0].calls == 25
        after = here.handle.foresee()
        assert after.models[0].calls == N - 25
        assert "this project's calls" in after.tokens_out_from
        assert after.models[0].tokens_out == 15 * (N - 25), "as long as those that came"


def test_a_dear_run_asks_first_and_where_nobody_answers_it_does_not_begin(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    with shop(tmp_path, confirm_above=0.001) as here:
        monkeypatch.setattr(sys, "stdin", io.StringIO())
        for command in ("prelabel", "run"):
            assert here.cli(command) == 1
            said = capsys.readouterr().err
            assert "This costs about $" in said
            assert "--yes" in said
            assert "about 30 calls, at most" in said
        monkeypatch.setattr(sys, "stdin", Keyboard("n\n"))
        assert here.cli("prelabel") == 1
        assert here.server.requests == []
        monkeypatch.setattr(sys, "stdin", Keyboard("y\n"))
        assert here.cli("prelabel", "--limit", "5") == 0
        assert len(here.server.requests) == 5
        monkeypatch.setattr(sys, "stdin", io.StringIO())
        assert here.cli("prelabel", "--yes") == 0
        assert len(here.server.requests) == N


def test_without_a_limit_of_ones_own_a_run_of_more_than_five_dollars_asks(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "stdin", io.StringIO())
    with shop(tmp_path, prices={"price_input": 5_000, "price_output": 5_000}) as here:
        assert here.cli("prelabel") == 1
        assert "This costs about $" in capsys.readouterr().err
        here.change(confirm_above=1_000)
        assert here.cli("prelabel") == 0


def test_a_price_nobody_knows_is_said_to_be_unknown_and_never_taken_for_nothing(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "stdin", io.StringIO())
    with shop(tmp_path, prices={}) as here:
        assert here.handle.foresee().most_micro is None
        assert here.cli("prelabel", "--dry-run") == 0
        assert "Cost: unknown" in capsys.readouterr().out
        here.change(confirm_above=1)
        assert here.cli("prelabel") == 1, "it cannot be said to be less"
        assert "Nobody knows what this costs" in capsys.readouterr().err
        assert here.server.requests == []
        here.change(confirm_above=None)
        assert here.cli("prelabel") == 0
        assert "unknown (no price is known" in capsys.readouterr().out
        assert here.handle.report()["calls"]["cost_micro"] is None  # type: ignore[index,call-overload]


def test_m2_a_budget_without_a_price_is_refused_before_any_model_is_paid(tmp_path: Path) -> None:
    """M2: also when only the second model's price is not known."""
    with shop(tmp_path, models=("m", "other"), ensemble="jury", confidence="combined", budget=1) as here:
        project = json.loads((tmp_path / "project.yaml").read_text())
        del project["models"][1]["price_input"], project["models"][1]["price_output"]
        here.change(models=project["models"])
        with pytest.raises(NotReady, match="the price of 'other' is not known"):
            here.handle.prelabel()
        assert here.server.requests == []


def price_list(path: Path, **row: str) -> None:
    row = {"model": "m", "effective_from": "2020-01-01", "input": "3", "output": "6", **row}
    (path / "prices.json").write_text(json.dumps({"prices": [row]}))


def test_a_price_list_in_the_workspace_goes_before_the_built_in_one(tmp_path: Path) -> None:
    with shop(tmp_path, models=("gpt-4o-mini",), prices={}) as here:
        built_in = here.handle.foresee().most_micro
        assert built_in is not None
        price_list(tmp_path, model="gpt-4o-mini", input="300", output="600")
        own = here.handle.foresee().most_micro
        assert own is not None
        assert own > 100 * built_in
        price_list(tmp_path, model="gpt-4o-mini", effective_from="2999-01-01")
        assert here.handle.foresee().most_micro == built_in, "not in force yet"
        price_list(tmp_path, model="gpt-4o-mini")
        assert here.handle.prelabel().models[0].cost_micro == 3 * here.billed


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("{", "not valid JSON"),
        ("[]", "it needs {"),
        ('{"prices": [{"model": "m"}]}', "effective_from"),
        ('{"prices": [{"model": "m", "effective_from": "2020-01-01", "input": 3, "output": "6"}]}', "is not text"),
        ('{"prices": [{"model": "m", "effective_from": "2020-01-01", "input": "-3", "output": "6"}]}', "'-3'"),
        ('{"prices": [{"model": "m", "effective_from": "soon", "input": "3", "output": "6"}]}', "soon"),
        ('{"prices": [{"model": "m", "effective_from": "2020-01-01", "inputs": "3", "output": "6"}]}', "'inputs'"),
        ("\ufeff\x00", "not valid JSON"),
    ],
)
def test_a_malformed_price_list_is_named_and_nothing_is_sent(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], text: str, said: str
) -> None:
    with shop(tmp_path, prices={}) as here:
        (tmp_path / "prices.json").write_text(text)
        for words in (("prelabel",), ("prelabel", "--dry-run")):
            assert here.cli(*words) == 1
            problem = capsys.readouterr().err
            assert "prices.json" in problem
            assert said in problem
        assert here.server.requests == []


def test_a_batch_is_foreseen_at_its_price(tmp_path: Path) -> None:
    with shop(tmp_path, model={"provider": "openai"}) as here:
        live = here.handle.foresee()
        models = json.loads((tmp_path / "project.yaml").read_text())["models"]
        here.change(models=[{**models[0], "delivery": "batch"}])
        batch = here.handle.foresee()
        assert live.cost_micro is not None
        assert live.most_micro is not None
        assert batch.most_micro == pytest.approx(live.most_micro / 2, abs=1)
        assert batch.cost_micro == pytest.approx(live.cost_micro / 2, abs=1)


def test_m2_when_the_budget_is_spent_the_run_ends_with_its_own_status_and_goes_on_once_it_is_raised(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """M2, M1: nothing is over, nothing is asked twice, and everybody is told how to go on."""
    with shop(tmp_path, budget=0.004) as here:
        assert here.cli("prelabel") == 3
        said = capsys.readouterr().err
        assert "raise `budget` in project.yaml" in said
        assert "labelwright apply" in said
        assert 0 < here.billed <= 4_000
        assert here.job()["state"] == "failed"
        assert here.job()["actions"] == ["resume"]
        assert "raise `budget`" in here.job()["problem"]
        assert here.cli("jobs") == 0
        assert "of a budget of $0.0040" in capsys.readouterr().out
        spent = here.billed
        assert here.budget() == {"limit_micro": 4_000, "spent_micro": spent, "reserved_micro": 0, "lost_micro": 0}
        here.change(budget=1)
        assert here.cli("run") == 0
        assert len(here.server.requests) == N, "what was answered was not asked again"
        assert here.budget()["spent_micro"] == here.billed == N * COST
        capsys.readouterr()
        assert here.cli("status") == 0
        told = capsys.readouterr().out
        assert "$0.0027 of a budget of $1.0000" in told
        assert "$0.9973" in told


def test_m2_what_a_killed_run_set_aside_is_told_as_spent_once_it_is_known_for_dead(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """M2: status, jobs and report agree, looking writes nothing, and none of it is free for the next run."""
    with shop(tmp_path, budget=1) as here:
        storage, now = here.handle.workspace.storage, here.handle.workspace.world.now()

        def set_aside(run: str, micro: int, *, at: float) -> None:
            holder, amount = BudgetHolder(here.handle.id, run, run), micro * 1_000_000
            storage.write(
                lambda tx: tx.reserve_budget(holder, amount, at_least=1, limit=None, now=at, lost_before=at - 60.0)
            )

        set_aside("killed", 300_000, at=now - 61.0)
        storage.write(lambda tx: tx.touch_budget(BudgetHolder(here.handle.id, "killed", "killed"), now=now - 61.0))
        set_aside("alive", 200_000, at=now - 61.0)
        storage.write(lambda tx: tx.touch_budget(BudgetHolder(here.handle.id, "alive", "alive"), now=now))
        expected = {"limit_micro": 1_000_000, "spent_micro": 0, "reserved_micro": 200_000, "lost_micro": 300_000}
        assert here.budget() == expected
        assert here.handle.report()["budget"] == expected
        with storage.reading() as views:
            assert shown_jobs(views, here.handle.config, now=now)["budget"] == expected
            assert dashboard(views, here.handle.id, now=now)["budget"] == expected
            assert views.budget(here.handle.id, limit=None).lost == 0, "looking books nothing"
        capsys.readouterr()
        assert here.cli("status") == 0
        told = " ".join(capsys.readouterr().out.split())
        assert "of it unknown $0.3000: calls of a run that was killed" in told
        assert "set aside $0.2000: for calls that are out" in told
        assert "left $0.5000" in told


def test_m2_the_worker_s_run_fails_for_want_of_money_and_can_be_resumed(tmp_path: Path) -> None:
    """M2: the same on the jobs page."""
    with shop(tmp_path, budget=0.004) as here:
        assert here.cli("jobs", "start") == 0
        assert here.cli("worker", "--until-idle", "0") == 0
        job = here.job()
        assert (job["state"], job["actions"]) == ("failed", ["resume"])
        assert "resume it" in job["problem"]
        here.change(budget=1)
        assert here.cli("jobs", "resume", job["id"]) == 0
        assert here.cli("worker", "--until-idle", "0") == 0
        assert (here.job()["state"], here.job()["done"], len(here.server.requests)) == ("done", N, N)


def test_m2_a_budget_that_comes_later_or_goes_and_comes_again_knows_what_was_spent(tmp_path: Path) -> None:
    """M2, over every change of project.yaml."""
    with shop(tmp_path) as here:
        here.handle.prelabel(limit=10)
        assert here.budget()["spent_micro"] == 10 * COST
        here.change(budget=0.0005)  # less than is spent
        with pytest.raises(BudgetSpent):
            here.handle.prelabel()
        assert len(here.server.requests) == 10
        here.change(budget=0.01)
        here.handle.prelabel(limit=5)
        here.change(budget=None)
        here.handle.prelabel(limit=5)
        here.change(budget=0.002)
        with pytest.raises(BudgetSpent, match=r"\$0\.0018 are spent"):
            here.handle.prelabel()
        assert here.budget()["spent_micro"] == 20 * COST == here.billed


def test_m2_what_was_called_between_two_budgets_counts_beside_what_nobody_knows_the_cost_of(tmp_path: Path) -> None:
    """M2: a call of unknown cost counts as its worst case, with a budget and without; and it hides no other."""
    usage = True
    with shop(tmp_path, tells_usage=lambda: usage, budget=1) as here:
        usage = False
        here.handle.prelabel(limit=1)
        worst = here.budget()["spent_micro"]
        assert worst > 6 * COST
        usage = True
        here.change(budget=None)
        here.handle.prelabel(limit=5)  # less than the one call may have cost
        here.change(budget=1)
        assert here.budget()["spent_micro"] == worst + 5 * COST
        here.change(budget=None)
        usage = False
        here.handle.prelabel(limit=1)
        here.change(budget=1)
        assert here.budget()["spent_micro"] == 2 * worst + 5 * COST
        usage = True
        here.handle.prelabel(limit=5)
        assert here.budget()["spent_micro"] == 2 * worst + 10 * COST


def test_what_is_spent_beyond_a_lowered_budget_is_said(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with shop(tmp_path) as here:
        here.handle.prelabel(limit=10)
        here.change(budget=0.0005)
        for command in ("status", "report", "jobs"):
            assert here.cli(command) == 0
            assert "more is spent than the budget by $0.0004" in capsys.readouterr().out
        html = here.handle.report_html()
        assert "of it used" in html


@pytest.mark.parametrize(
    "settings", [{"ensemble": "jury", "confidence": "combined"}, {"ensemble": "cascade"}], ids=["jury", "cascade"]
)
def test_m2_several_models_share_one_budget(tmp_path: Path, settings: dict[str, Any]) -> None:
    """M2: what the first model spends is not there for the second; raised, the rest is asked, each once."""
    with shop(tmp_path, models=("m", "other"), **settings, budget=0.004) as here:
        with pytest.raises(BudgetSpent):
            here.handle.prelabel()
        assert 0 < here.billed <= 4_000
        here.change(budget=1)
        here.handle.prelabel()
        sent = [(body["model"], str(body["messages"][-1]["content"])) for body in here.server.requests]
        assert len(sent) == len(set(sent)), "nothing is asked twice"
        assert {model for model, _ in sent} == {"m", "other"}
        assert here.budget()["spent_micro"] == here.billed


def test_a_run_of_which_nothing_came_says_so(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A run in which every item failed is not done."""
    with shop(tmp_path, fails=True) as here:
        assert here.cli("prelabel") == 1
        job = here.job()
        assert (job["state"], job["failed"]) == ("failed", N)
        assert "30 of 30 items got no answer and stay due (for example item 'i" in job["problem"]
        capsys.readouterr()
        here.cli("jobs")
        assert "30 of 30 items got no answer" in " ".join(capsys.readouterr().out.split())
