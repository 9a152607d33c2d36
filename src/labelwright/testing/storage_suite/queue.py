"""Claiming, filling and giving back slots."""

from __future__ import annotations

from collections import Counter
from concurrent.futures import ThreadPoolExecutor

from labelwright.domain.ids import AnnotatorId, EntryId, ItemKey, QuestionName
from labelwright.events import (
    ItemSkipped,
)
from labelwright.ports.storage import Storage, Transaction
from labelwright.testing.storage_build import (
    PROJECT,
    PROVENANCE,
    QUESTION,
    answer,
    append,
    begin,
    entry,
    queued,
    say,
)

ANN, BOB = AnnotatorId("id-ann"), AnnotatorId("id-bob")


class QueueSuite:
    """Claiming, filling and giving back slots."""

    def claim(
        self, storage: Storage, who: AnnotatorId, *, now: float = 1000.0, seconds: float = 60.0, count: int = 1
    ) -> list[tuple[EntryId, int, int]]:
        """Claim, and give (entry, fence, item)."""
        leases = storage.write(lambda t: t.claim(PROJECT, who, now=now, lease_seconds=seconds, count=count))
        return [(lease.entry, lease.fence, lease.item) for lease in leases]

    def test_the_most_urgent_slot_comes_first_and_equals_by_age(self, storage: Storage) -> None:
        begin(storage)
        append(
            storage, queued(entry(1, priority=1), entry(2, priority=9), entry(3, priority=9), entry(4, priority=0.5))
        )
        assert [item for _, _, item in self.claim(storage, ANN, count=9)] == [2, 3, 1, 4]

    def test_a_lease_says_what_to_do(self, storage: Storage) -> None:
        begin(storage)
        append(storage, queued(entry(3, purpose="audit", in_round=2)))
        (lease,) = storage.write(lambda t: t.claim(PROJECT, ANN, now=1000.0, lease_seconds=60.0))
        assert (lease.item, lease.questions, lease.purpose, lease.round) == (3, (QUESTION,), "audit", 2)
        assert (lease.blind, lease.reason, lease.expires_at, lease.fence) == (True, "because", 1060.0, 1)

    def test_a_reload_gives_the_same_slot_back_under_the_same_fence(self, storage: Storage) -> None:
        begin(storage)
        append(storage, queued(entry(1), entry(2)))
        (first,) = self.claim(storage, ANN)
        assert self.claim(storage, ANN, now=1010.0) == [first]
        assert self.claim(storage, ANN, now=1010.0, count=2)[0] == first

    def test_R4_a_slot_is_held_by_one_person(self, storage: Storage) -> None:
        begin(storage)
        append(storage, queued(entry(1)))
        assert len(self.claim(storage, ANN)) == 1
        assert self.claim(storage, BOB) == []

    def test_R6_a_lease_that_has_run_out_is_offered_to_others_and_fenced(self, storage: Storage) -> None:
        begin(storage)
        append(storage, queued(entry(1)))
        ((slot, fence, _),) = self.claim(storage, ANN, now=1000.0, seconds=60.0)
        assert self.claim(storage, BOB, now=1059.9) == []
        assert self.claim(storage, BOB, now=1060.0) == [(slot, fence + 1, 1)]
        with storage.reading() as views:
            held = views.held(PROJECT, slot)
            assert held is not None
            assert held[1:] == (BOB, "leased")

    def test_R5_a_late_answer_does_not_take_the_slot_from_its_new_holder(self, storage: Storage) -> None:
        begin(storage)
        append(storage, queued(entry(1)))
        ((slot, old, _),) = self.claim(storage, ANN, now=1000.0)
        ((_, new, _),) = self.claim(storage, BOB, now=2000.0)
        assert not storage.write(lambda t: t.finish_entry(slot, old, ANN, "s1"))
        assert not storage.write(lambda t: t.finish_entry(slot, new, ANN, "s1"))
        assert not storage.write(lambda t: t.release_entry(slot, old, ANN))
        assert not storage.write(lambda t: t.renew_entry(slot, old, ANN, now=2000.0, lease_seconds=60.0))
        assert storage.write(lambda t: t.finish_entry(slot, new, BOB, "s2"))
        assert not storage.write(lambda t: t.finish_entry(slot, new, BOB, "s3"))

    def test_R5_a_late_answer_fills_a_slot_that_nobody_took(self, storage: Storage) -> None:
        begin(storage)
        append(storage, queued(entry(1)))
        ((slot, fence, _),) = self.claim(storage, ANN, now=1000.0)
        assert storage.write(lambda t: t.renew_entry(slot, fence, ANN, now=5000.0, lease_seconds=60.0))
        assert self.claim(storage, BOB, now=5059.0) == []
        assert storage.write(lambda t: t.finish_entry(slot, fence, ANN, "s1"))

    def test_nobody_gets_two_slots_of_one_item(self, storage: Storage) -> None:
        begin(storage, items=1)
        append(storage, queued(entry(1, slot=0), entry(1, slot=1), entry(1, slot=2)))
        ((slot, fence, _),) = self.claim(storage, ANN, count=3)
        storage.write(lambda t: t.append([answer(t, 1, "ann", id="a1", submission="s1")], PROVENANCE))
        assert storage.write(lambda t: t.finish_entry(slot, fence, ANN, "s1"))
        assert self.claim(storage, ANN, count=3) == []
        assert len(self.claim(storage, BOB, count=3)) == 1

    def test_an_item_answered_for_one_question_is_still_offered_for_another(self, storage: Storage) -> None:
        begin(storage, items=1)
        say(storage, 1, "ann", id="a1")
        append(storage, queued(entry(1)))
        assert self.claim(storage, ANN) == []
        storage.write(lambda t: t.append([answer(t, 1, "bob", id="a2", question=QuestionName("moo"))], PROVENANCE))
        assert len(self.claim(storage, BOB)) == 1

    def test_a_skipped_item_goes_to_somebody_else(self, storage: Storage) -> None:
        begin(storage, items=1)
        append(storage, queued(entry(1)))
        ((slot, fence, _),) = self.claim(storage, ANN)
        skipped = ItemSkipped(PROJECT, slot, ItemKey(1), ANN, "I know the author")

        def skip(transaction: Transaction) -> bool:
            transaction.append([skipped], PROVENANCE)
            return transaction.release_entry(slot, fence, ANN)

        assert storage.write(skip)
        assert self.claim(storage, ANN) == []
        assert len(self.claim(storage, BOB)) == 1

    def test_undo_gives_the_slot_back(self, storage: Storage) -> None:
        begin(storage)
        append(storage, queued(entry(1)))
        ((slot, fence, _),) = self.claim(storage, ANN)
        storage.write(lambda t: t.finish_entry(slot, fence, ANN, "s1"))
        assert storage.write(lambda t: t.reopen_entry("s1", annotator=BOB, now=1000.0, lease_seconds=60.0)) is None
        lease = storage.write(lambda t: t.reopen_entry("s1", annotator=ANN, now=1000.0, lease_seconds=60.0))
        assert lease is not None
        assert (lease.entry, lease.fence, lease.expires_at) == (slot, fence + 1, 1060.0)
        assert storage.write(lambda t: t.reopen_entry("s1", annotator=ANN, now=1000.0, lease_seconds=60.0)) is None
        with storage.reading() as views:
            (counts,) = views.queue_counts(PROJECT)
            assert (counts.open, counts.leased, counts.done) == (0, 1, 0)

    def test_counts_follow_every_move(self, storage: Storage) -> None:
        begin(storage)
        append(storage, queued(entry(1), entry(2), entry(3)), queued(entry(4, purpose="audit"), run="r2"))
        ((slot, fence, _), *_) = self.claim(storage, ANN, count=2)
        storage.write(lambda t: t.finish_entry(slot, fence, ANN, "s1"))
        with storage.reading() as views:
            counts = {c.purpose: (c.open, c.leased, c.done) for c in views.queue_counts(PROJECT)}
            assert counts == {"review": (1, 1, 1), "audit": (1, 0, 0)}
            assert views.queued(PROJECT, "review") == {(1, QUESTION), (2, QUESTION), (3, QUESTION)}
        assert storage.write(lambda t: t.close_entries(PROJECT, "review")) == 1
        with storage.reading() as views:
            counts = {c.purpose: (c.open, c.leased, c.done) for c in views.queue_counts(PROJECT)}
            assert counts == {"review": (0, 1, 1), "audit": (1, 0, 0)}
            assert views.held(PROJECT, EntryId(999)) is None

    def test_open_entries_are_closed_by_the_number_of_their_slot(self, storage: Storage) -> None:
        begin(storage)
        append(storage, queued(entry(1), entry(1, slot=100), entry(2, slot=100), entry(3, slot=200)))
        assert storage.write(lambda t: t.close_entries(PROJECT, "review", slots=(100, 200))) == 2
        with storage.reading() as views:
            (counts,) = views.queue_counts(PROJECT)
            assert (counts.purpose, counts.open) == ("review", 2)
            assert views.queued(PROJECT, "review") == {(1, QUESTION), (3, QUESTION)}

    def test_routing_again_changes_open_slots_and_leaves_held_and_filled_ones(self, storage: Storage) -> None:
        begin(storage)
        append(storage, queued(entry(1, priority=3), entry(2, priority=2), entry(3, priority=1)))
        ((done, fence, _),) = self.claim(storage, ANN)
        storage.write(lambda t: t.finish_entry(done, fence, ANN, "s1"))
        ((held, _, _),) = self.claim(storage, BOB)
        append(storage, queued(*(entry(n, priority=9) for n in range(1, 5)), run="route-2"))
        with storage.reading() as views:
            (counts,) = views.queue_counts(PROJECT)
            assert (counts.open, counts.leased, counts.done) == (2, 1, 1)
        assert [item for _, _, item in self.claim(storage, ANN, count=9)] == [3, 4]
        assert [slot for slot, _, _ in self.claim(storage, BOB)] == [held]

    def test_R4_many_threads_never_hold_the_same_slot(self, storage: Storage) -> None:
        begin(storage, items=60, people=[f"w{n}" for n in range(8)])
        append(storage, queued(*(entry(n) for n in range(1, 61))))
        taken: list[EntryId] = []

        def work(name: str) -> None:
            who = AnnotatorId(f"id-{name}")
            while leases := self.claim(storage, who):
                ((slot, fence, item),) = leases
                taken.append(slot)

                def submit(t: Transaction, slot: EntryId = slot, fence: int = fence, item: int = item) -> bool:
                    t.append([answer(t, item, name, id=f"{name}-{item}", submission=f"s-{item}")], PROVENANCE)
                    return t.finish_entry(slot, fence, who, f"s-{item}")

                assert storage.write(submit)

        with ThreadPoolExecutor(8) as pool:
            list(pool.map(work, [f"w{n}" for n in range(8)]))
        assert Counter(taken) == Counter(set(taken))
        assert len(taken) == 60
