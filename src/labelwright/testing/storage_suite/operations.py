"""Budgets, jobs, and the log of what left."""

from __future__ import annotations

from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor

import numpy as np

from labelwright.domain.canonical import Json
from labelwright.domain.ids import ProjectId
from labelwright.events import PredictionsRecorded
from labelwright.ports.budget import BudgetHolder, BudgetState
from labelwright.ports.jobs import Job, JobCounts
from labelwright.ports.outbound import OutboundRecord
from labelwright.ports.storage import Storage
from labelwright.testing.storage_build import MODEL, PROJECT, append, begin, call, predicted, prediction

HOLDER = BudgetHolder(PROJECT, "run-1", "process-1")
OTHER = BudgetHolder(PROJECT, "run-2", "process-2")
NOW = 1000.0


def reserve(
    storage: Storage,
    amount: int,
    *,
    limit: int | None,
    at_least: int | None = None,
    holder: BudgetHolder = HOLDER,
    now: float = NOW,
) -> int:
    """Set money aside; all of it or nothing, unless `at_least` says less."""
    least = amount if at_least is None else at_least
    return storage.write(
        lambda t: t.reserve_budget(holder, amount, at_least=least, limit=limit, now=now, lost_before=now - 60.0)
    )


def settle(storage: Storage, *, spent: int, released: int, holder: BudgetHolder = HOLDER) -> None:
    """Book what calls cost."""
    storage.write(lambda t: t.settle_budget(holder, spent=spent, released=released, now=NOW))


def state(storage: Storage, limit: int | None = None) -> BudgetState:
    """Say where the budget stands."""
    with storage.reading() as views:
        return views.budget(PROJECT, limit=limit)


def seen(storage: Storage, now: float) -> BudgetState:
    """Say where the budget stands for somebody who looks at this time, with a limit of 100."""
    with storage.reading() as views:
        return views.budget(PROJECT, limit=100, now=now)


def a_job(id: str = "job-1", *, created_at: float = NOW, limit: int | None = None) -> Job:
    """Give a job that waits."""
    return Job(
        id=id,
        project=PROJECT,
        kind="prelabel",
        state="waiting",
        wish="run",
        counts=JobCounts(),
        created_at=created_at,
        started_at=None,
        beat_at=None,
        ended_at=None,
        worker=None,
        asked_by="id-ann",
        problem=None,
        limit=limit,
    )


class OperationsSuite:
    """Budgets, jobs, and the log of what left: rows that are no events, and survive a rebuild untouched."""

    def test_M2_a_reservation_is_the_whole_or_what_is_left_or_nothing(self, storage: Storage) -> None:
        begin(storage)
        assert reserve(storage, 60, limit=100) == 60
        assert reserve(storage, 60, limit=100) == 0  # 40 are left, and nothing less would do
        assert reserve(storage, 60, limit=100, at_least=41) == 0
        assert reserve(storage, 60, limit=100, at_least=40) == 40
        assert state(storage, 100) == BudgetState(limit=100, spent=0, reserved=100, lost=0)
        settle(storage, spent=7, released=60)
        assert state(storage, 100) == BudgetState(limit=100, spent=7, reserved=40, lost=0)
        assert reserve(storage, 53, limit=100) == 53
        assert reserve(storage, 1, limit=100) == 0
        assert reserve(storage, 1, limit=101) == 1  # a limit that was raised holds at once
        assert reserve(storage, 10**15, limit=None) == 10**15

    def test_M2_256_threads_never_pass_the_limit(self, storage: Storage) -> None:
        """Mutants: check, then add; a reservation that is never given back."""
        begin(storage)
        limit = 100

        def call_once(_: int) -> int:
            granted = reserve(storage, 3, limit=limit)
            if granted:
                stands = state(storage, limit)
                assert stands.spent + stands.reserved + stands.lost <= limit
                settle(storage, spent=1, released=granted)
            return granted

        with ThreadPoolExecutor(256) as pool:
            granted = list(pool.map(call_once, range(400)))
        # 98 calls of 1 leave 2, which is less than the worst case of one more.
        stands = state(storage, limit)
        assert stands.reserved == 0
        assert stands.spent == sum(1 for one in granted if one) <= 98
        while reserve(storage, 3, limit=limit):
            settle(storage, spent=1, released=3)
        assert state(storage, limit) == BudgetState(limit=limit, spent=98, reserved=0, lost=0)

    def test_M2_what_a_dead_process_held_is_lost_and_counts_as_spent(self, storage: Storage) -> None:
        begin(storage)
        assert reserve(storage, 70, limit=100, holder=OTHER) == 70
        assert reserve(storage, 40, limit=100, now=NOW + 60.0) == 0
        assert state(storage).lost == 0
        assert reserve(storage, 30, limit=100, now=NOW + 60.1) == 30
        assert state(storage) == BudgetState(None, spent=0, reserved=30, lost=70)
        assert reserve(storage, 1, limit=100, now=NOW + 999.0) == 0

    def test_R14_M2_what_a_dead_process_held_is_lost_too_where_the_clock_was_set_back(self, storage: Storage) -> None:
        begin(storage)
        reserve(storage, 70, limit=100, holder=OTHER)
        assert reserve(storage, 40, limit=100, now=NOW - 60.0) == 0
        assert reserve(storage, 30, limit=100, now=NOW - 3_600.0) == 30
        assert state(storage) == BudgetState(None, spent=0, reserved=30, lost=70)

    def test_M2_a_process_that_was_taken_for_dead_settles_what_was_taken_for_lost(self, storage: Storage) -> None:
        begin(storage)
        reserve(storage, 70, limit=100, holder=OTHER)
        reserve(storage, 10, limit=100, now=NOW + 61.0)
        reserve(storage, 20, limit=100, holder=OTHER, now=NOW + 62.0)
        settle(storage, spent=5, released=85, holder=OTHER)  # 20 of it are reserved, 65 of 70 lost
        assert state(storage) == BudgetState(None, spent=5, reserved=10, lost=5)

    def test_M2_looking_tells_what_a_dead_process_held_as_lost_and_frees_nothing(self, storage: Storage) -> None:
        begin(storage)
        reserve(storage, 70, limit=100, holder=OTHER)
        reserve(storage, 10, limit=100, now=NOW + 50.0)
        assert seen(storage, NOW + 60.0) == BudgetState(100, spent=0, reserved=80, lost=0)
        assert seen(storage, NOW + 60.1) == BudgetState(100, spent=0, reserved=10, lost=70)
        assert seen(storage, NOW - 60.0).lost == 10, "its word is from far in the future: the clock was set back"
        assert state(storage, 100) == BudgetState(100, spent=0, reserved=80, lost=0), "reading never writes"
        assert reserve(storage, 21, limit=100, now=NOW + 60.1) == 0, "what may have been billed is not given out again"
        settle(storage, spent=5, released=70, holder=OTHER)  # it only slept
        assert seen(storage, NOW + 60.1) == BudgetState(100, spent=5, reserved=10, lost=0)

    def test_a_process_that_says_that_it_lives_keeps_what_it_holds(self, storage: Storage) -> None:
        begin(storage)
        reserve(storage, 70, limit=100, holder=OTHER)
        storage.write(lambda t: t.touch_budget(OTHER, now=NOW + 50.0))
        reserve(storage, 10, limit=100, now=NOW + 100.0)
        assert state(storage).lost == 0

    def test_calls_that_were_paid_before_the_first_reservation_count(self, storage: Storage) -> None:
        begin(storage)
        storage.write(lambda t: t.record_calls([call("k1", cost_pico=30), call("k2", cost_pico=None)]))
        assert state(storage, 100).spent == 30
        assert reserve(storage, 71, limit=100) == 0
        assert reserve(storage, 70, limit=100) == 70
        assert state(storage, 100) == BudgetState(100, spent=30, reserved=70, lost=0)

    def test_calls_that_were_paid_without_a_budget_count_for_the_next_run_that_has_one(self, storage: Storage) -> None:
        begin(storage)
        reserve(storage, 10, limit=100)
        storage.write(lambda t: t.record_calls([call("k1", cost_pico=8, run=HOLDER.run)]))
        settle(storage, spent=8, released=10)
        storage.write(lambda t: t.record_calls([call("k2", cost_pico=50)]))  # the limit was taken away meanwhile
        assert state(storage, 100).spent == 58
        assert reserve(storage, 43, limit=100, holder=OTHER) == 0
        assert reserve(storage, 42, limit=100, holder=OTHER) == 42
        storage.write(lambda t: t.record_calls([call("k3", cost_pico=7, run=OTHER.run)]))
        settle(storage, spent=7, released=42, holder=OTHER)
        assert state(storage, 100) == BudgetState(100, spent=65, reserved=0, lost=0)

    def test_M2_a_call_of_unknown_cost_hides_no_other_and_counts_as_its_most(self, storage: Storage) -> None:
        begin(storage)
        reserve(storage, 10, limit=100)
        storage.write(lambda t: t.record_calls([call("k1", cost_pico=None, most_pico=10, run=HOLDER.run)]))
        settle(storage, spent=10, released=10)  # as its worst case
        assert state(storage).spent == 10
        storage.write(lambda t: t.record_calls([call("k2", cost_pico=4), call("k3", cost_pico=None, most_pico=6)]))
        assert state(storage).spent == 20
        reserve(storage, 5, limit=100, holder=OTHER)
        assert state(storage) == BudgetState(None, spent=20, reserved=5, lost=0)

    def test_M2_what_one_process_set_aside_for_a_run_another_gives_back(self, storage: Storage) -> None:
        begin(storage)
        reserve(storage, 70, limit=100)
        reserve(storage, 30, limit=100, now=NOW + 61.0, holder=OTHER)  # the first is taken for dead
        assert state(storage) == BudgetState(None, spent=0, reserved=30, lost=70)
        settle(storage, spent=5, released=70, holder=BudgetHolder(PROJECT, HOLDER.run, "process-3"))
        assert state(storage) == BudgetState(None, spent=5, reserved=30, lost=0)

    def test_a_job_is_taken_by_one_worker_and_the_oldest_first(self, storage: Storage) -> None:
        begin(storage)
        for name in ("job-1", "job-2"):
            storage.write(lambda t, n=name: t.add_job(a_job(n)))

        def take(number: int) -> Job | None:
            return storage.write(lambda t: t.take_job(f"w{number}", now=NOW))

        with ThreadPoolExecutor(8) as pool:
            taken = list(pool.map(take, range(8)))
        found = [job for job in taken if job is not None]
        assert [job.id for job in found] in (["job-1", "job-2"], ["job-2", "job-1"])
        assert all((job.state, job.fence) == ("running", 1) for job in found)
        with storage.reading() as views:
            assert not views.has_waiting_job()
            assert {job.id: job.worker for job in views.jobs(PROJECT)} == {job.id: job.worker for job in found}
            assert [job.id for job in views.jobs(PROJECT)] == ["job-2", "job-1"]
            assert views.jobs(ProjectId("p2")) == []
            assert views.job(ProjectId("p2"), "job-1") is None

    def test_a_worker_reports_and_hears_what_is_wished(self, storage: Storage) -> None:
        begin(storage)
        storage.write(lambda t: t.add_job(a_job(limit=9)))
        job = storage.write(lambda t: t.take_job("w1", now=NOW))
        assert job is not None
        counts = JobCounts(total=9, done=2, cost_pico=None, per_second=0.5)
        assert storage.write(lambda t: t.beat_job(job.id, 1, counts, state="running", now=NOW + 1)) == "run"
        assert storage.write(lambda t: t.move_job(job, state="pausing", wish="pause", now=NOW + 1))
        assert not storage.write(lambda t: t.move_job(job, state="done", wish="run", now=NOW + 1))  # it is not running
        assert storage.write(lambda t: t.beat_job(job.id, 1, counts, state="running", now=NOW + 2)) == "pause"
        with storage.reading() as views:
            shown = views.job(PROJECT, job.id)
        assert shown is not None
        assert (shown.state, shown.counts, shown.beat_at, shown.limit) == ("pausing", counts, NOW + 2, 9)
        assert storage.write(lambda t: t.beat_job(job.id, 1, counts, state="paused", now=NOW + 3)) == "pause"
        assert storage.write(lambda t: t.end_job(job.id, 1, counts, state="paused", now=NOW + 4))
        assert storage.write(lambda t: t.beat_job(job.id, 1, counts, state="running", now=NOW + 5)) is None

    def test_a_worker_whose_job_was_taken_over_is_not_heard(self, storage: Storage) -> None:
        """Mutant: no fence check."""
        begin(storage)
        storage.write(lambda t: t.add_job(a_job()))
        job = storage.write(lambda t: t.take_job("w1", now=NOW))
        assert job is not None
        assert storage.write(lambda t: t.move_job(job, state="waiting", wish="run", now=NOW + 31))
        again = storage.write(lambda t: t.take_job("w2", now=NOW + 32))
        assert again is not None
        assert (again.fence, again.started_at) == (2, NOW)
        assert storage.write(lambda t: t.beat_job(job.id, 1, JobCounts(), state="running", now=NOW + 33)) is None
        assert not storage.write(lambda t: t.end_job(job.id, 1, JobCounts(), state="done", now=NOW + 33))
        assert storage.write(lambda t: t.end_job(job.id, 2, JobCounts(), state="failed", now=NOW, problem="why"))
        with storage.reading() as views:
            shown = views.job(PROJECT, job.id)
        assert shown is not None
        assert (shown.state, shown.problem, shown.ended_at, shown.worker) == ("failed", "why", NOW, None)

    def test_what_left_is_logged_in_order_and_per_project(self, storage: Storage) -> None:
        begin(storage)
        rows = [
            OutboundRecord(
                at="2026-11-21T12:00:00.000Z",
                project=PROJECT,
                run="run",
                item=item,
                digest="0" * 64,
                size=123,
                host="api.example.org",
                region=None,
                fields=("title", "text"),
                pii="redact",
                replaced=2,
            )
            for item in (1, 2, None)
        ]
        storage.write(lambda t: t.record_outbound(rows))
        with storage.reading() as views:
            found = views.outbound(PROJECT)
            assert [row for _, row in found] == rows
            assert [row for _, row in views.outbound(PROJECT, after=found[0][0], limit=1)] == [rows[1]]
            assert views.outbound(ProjectId("p2")) == []

    def test_all_signals_come_as_columns_beside_the_predictions(self, storage: Storage) -> None:
        begin(storage)
        append(storage, signalled({"logprob": 0.5}, None, {"logprob": 1, "verbalised": 0.25, "odd": "x"}))
        append(storage, signalled({"p_true": 0.75}))  # newer, for the first item
        with storage.reading() as views:
            found = views.signals(PROJECT, "mood", MODEL)
            assert found.item.tolist() == views.predictions(PROJECT, "mood", MODEL).item.tolist()
        nan = np.nan
        np.testing.assert_equal(
            found.signals,
            {"logprob": [nan, nan, 1.0], "p_true": [0.75, nan, nan], "verbalised": [nan, nan, 0.25]},
        )
        with storage.reading() as views:
            assert views.signals(PROJECT, "mood", "nobody").signals == {}

    def test_a_rebuild_leaves_jobs_and_budgets_alone(self, storage: Storage) -> None:
        begin(storage)
        storage.write(lambda t: t.add_job(a_job()))
        reserve(storage, 5, limit=None)
        storage.rebuild()
        with storage.reading() as views:
            assert views.jobs(PROJECT) == [a_job()]
        assert state(storage).reserved == 5


def signalled(*signals: Mapping[str, Json] | None) -> PredictionsRecorded:
    """Give an event with one prediction each, for the items from the first on."""
    return predicted(
        *(
            prediction(item, signals={} if kept is None else {"signals": dict(kept)})
            for item, kept in enumerate(signals, 1)
        )
    )
