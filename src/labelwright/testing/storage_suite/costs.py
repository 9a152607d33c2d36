"""Sums of what was spent add up, and people's time is counted once."""

from __future__ import annotations

from dataclasses import replace

from labelwright.ports.storage import Storage, Transaction
from labelwright.testing.storage_build import PROJECT, PROVENANCE, answer, append, begin, call, predicted
from labelwright.testing.storage_build import prediction as said


class CostsSuite:
    """What `labelwright costs` reads."""

    def test_call_sums_add_up_to_what_the_budget_says_was_paid(self, storage: Storage) -> None:
        begin(storage)
        calls = [
            call("a", cost_pico=1_500_000),
            call("b", cost_pico=7),
            replace(call("c", cost_pico=11), created_at="2026-12-01T00:00:00.000Z"),
            replace(call("d", cost_pico=None), model="model-b"),
            call("e", status="error", cost_pico=None),
        ]
        storage.write(lambda t: t.record_calls(calls))
        with storage.reading() as views:
            sums = views.call_costs(PROJECT)
            assert sum(one.cost_pico for one in sums) == 1_500_018 == views.budget(PROJECT, limit=None).spent
            found = {(one.model, one.month): (one.n_calls, one.n_failed, one.n_unknown) for one in sums}
            assert found == {
                ("model-a", "2026-11"): (3, 1, 0),  # an error without a price is no unknown price
                ("model-a", "2026-12"): (1, 0, 0),
                ("model-b", "2026-11"): (1, 0, 1),
            }
            assert [one.model for one in views.unpriced_calls(PROJECT)] == ["model-b"]

    def test_the_time_of_a_submission_counts_once_and_also_when_it_was_taken_back(self, storage: Storage) -> None:
        begin(storage)

        def say(id: str, item: int, name: str, submission: str, seconds: float) -> None:
            def work(t: Transaction) -> None:
                event = answer(t, item, name, id=id, submission=submission)
                t.append([replace(event, annotation=replace(event.annotation, seconds=seconds))], PROVENANCE)

            storage.write(work)

        say("1", 1, "ann", "s1", 3.5)
        say("2", 2, "ann", "s1", 3.5)  # another answer of the same submission
        say("3", 3, "ann", "s2", 0.0)
        say("4", 4, "bob", "s3", 1.25)
        with storage.reading() as views:
            found = {one.annotator: one for one in views.answer_times(PROJECT)}
        ann, bob = found["id-ann"], found["id-bob"]
        assert (ann.n_submissions, ann.n_answers, ann.n_unknown, ann.milliseconds) == (2, 3, 1, 3500)
        assert (bob.n_submissions, bob.milliseconds, bob.month) == (1, 1250, "2026-11")

    def test_a_run_is_known_by_prompt_and_guideline(self, storage: Storage) -> None:
        begin(storage)
        append(storage, predicted(said(1), said(2)))
        with storage.reading() as views:
            (one,) = views.run_versions(PROJECT)
            assert (one.run, one.prompt_hash, one.guideline_version) == ("prelabel-1", "prompt-1", 1)
            assert views.issued_certificates(PROJECT) == []
