"""R4, R5, R6: whatever people do, in whatever order, the queue agrees with a model small enough to be seen right."""

from __future__ import annotations

from dataclasses import dataclass, field

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from labelwright.adapters.storage import open_storage
from labelwright.domain.annotation import Purpose
from labelwright.domain.ids import AnnotationId, AnnotatorId, EntryId, ItemKey
from labelwright.domain.queue import Lease
from labelwright.events import AnnotationRetracted, ItemSkipped
from labelwright.ports.storage import Transaction
from labelwright.testing.storage_build import PROJECT, PROVENANCE, QUESTION, answer, append, begin, entry, queued

PEOPLE = ("ann", "bob", "cleo")
SECONDS = 10.0
people = st.sampled_from(PEOPLE)


@dataclass
class Slot:
    item: int
    priority: float
    holder: str | None = None
    until: float = 0.0
    submission: str | None = None


@dataclass
class Model:
    slots: dict[int, Slot] = field(default_factory=dict[int, Slot])
    answered: set[tuple[str, int]] = field(default_factory=set[tuple[str, int]])
    skipped: set[tuple[str, int]] = field(default_factory=set[tuple[str, int]])

    def held_by(self, name: str) -> list[int]:
        mine = [e for e, s in self.slots.items() if s.holder == name and s.submission is None]
        return sorted(mine, key=lambda e: (-self.slots[e].priority, e))

    def next_for(self, name: str, now: float) -> int | None:
        """The most urgent slot that is free and on whose item this person has neither spoken nor sits."""
        taken = self.answered | self.skipped | {(name, self.slots[e].item) for e in self.held_by(name)}
        free = [
            e
            for e, s in self.slots.items()
            if s.submission is None and (s.holder is None or s.until <= now) and (name, s.item) not in taken
        ]
        return min(free, key=lambda e: (-self.slots[e].priority, e), default=None)


class QueueMachine(RuleBasedStateMachine):
    def __init__(self) -> None:
        super().__init__()
        self.storage = open_storage("memory:")
        self.model = Model()
        self.now = 1000.0
        self.leases: list[tuple[str, Lease]] = []
        self.submitted: list[tuple[str, int, str]] = []
        self.number = 0

    @initialize(
        items=st.lists(st.tuples(st.integers(1, 3), st.sampled_from([0.0, 1.0, 2.0])), min_size=1, max_size=4),
        purpose=st.sampled_from(["review", "audit"]),
    )
    def fill(self, items: list[tuple[int, float]], purpose: Purpose) -> None:
        begin(self.storage, items=len(items), people=PEOPLE)
        slots = [
            entry(item, slot=slot, priority=priority, purpose=purpose)
            for item, (wanted, priority) in enumerate(items, 1)
            for slot in range(wanted)
        ]
        append(self.storage, queued(*slots))
        self.model.slots = {n: Slot(new.item, new.priority) for n, new in enumerate(slots, 1)}

    @rule(name=people, count=st.integers(1, 3))
    def claim(self, name: str, count: int) -> None:
        who = AnnotatorId(f"id-{name}")
        leases = self.storage.write(lambda t: t.claim(PROJECT, who, now=self.now, lease_seconds=SECONDS, count=count))
        expected = self.model.held_by(name)[:count]
        for slot in expected:
            self.model.slots[slot].until = self.now + SECONDS
        while len(expected) < count and (slot := self.model.next_for(name, self.now)) is not None:
            self.model.slots[slot].holder, self.model.slots[slot].until = name, self.now + SECONDS
            expected.append(slot)
        assert [lease.entry for lease in leases] == expected
        self.leases += [(name, lease) for lease in leases]

    @rule(seconds=st.sampled_from([1.0, 5.0, 11.0]))
    def wait(self, seconds: float) -> None:
        self.now += seconds

    def is_current(self, name: str, lease: Lease) -> bool:
        """Whether the model says that this claim still holds: nobody else has it, and it is the newest of its owner."""
        slot = self.model.slots[lease.entry]
        newest = max(other.fence for _, other in self.leases if other.entry == lease.entry)
        return slot.holder == name and slot.submission is None and lease.fence == newest

    @precondition(lambda self: self.leases)
    @rule(choice=st.randoms(use_true_random=False))
    def submit(self, choice: object) -> None:
        name, lease = choice.choice(self.leases)  # type: ignore[attr-defined]
        if (name, lease.item) in self.model.answered:
            return
        self.number += 1
        id = f"a{self.number}"
        who = AnnotatorId(f"id-{name}")

        def work(transaction: Transaction) -> bool:
            filled = transaction.finish_entry(lease.entry, lease.fence, who, f"of-{id}")
            status = "active" if filled else "surplus"
            transaction.append([answer(transaction, lease.item, name, id=id, status=status)], PROVENANCE)
            return filled

        expected = self.is_current(name, lease)
        assert self.storage.write(work) == expected
        self.model.answered.add((name, lease.item))
        if expected:
            self.model.slots[lease.entry].submission = f"of-{id}"
        self.submitted.append((name, lease.item, id))

    @precondition(lambda self: self.leases)
    @rule(choice=st.randoms(use_true_random=False))
    def release(self, choice: object) -> None:
        name, lease = choice.choice(self.leases)  # type: ignore[attr-defined]
        who = AnnotatorId(f"id-{name}")
        expected = self.is_current(name, lease)
        assert self.storage.write(lambda t: t.release_entry(lease.entry, lease.fence, who)) == expected
        if expected:
            self.model.slots[lease.entry].holder = None

    @precondition(lambda self: self.leases)
    @rule(choice=st.randoms(use_true_random=False))
    def skip(self, choice: object) -> None:
        name, lease = choice.choice(self.leases)  # type: ignore[attr-defined]
        who = AnnotatorId(f"id-{name}")
        expected = self.is_current(name, lease)

        def work(transaction: Transaction) -> bool:
            transaction.append([ItemSkipped(PROJECT, EntryId(lease.entry), lease.item, who, "unsure")], PROVENANCE)
            return transaction.release_entry(lease.entry, lease.fence, who)

        assert self.storage.write(work) == expected
        self.model.skipped.add((name, lease.item))
        if expected:
            self.model.slots[lease.entry].holder = None

    @precondition(lambda self: self.submitted)
    @rule()
    def undo(self) -> None:
        name, item, id = self.submitted.pop()
        who = AnnotatorId(f"id-{name}")
        slot = next((e for e, s in self.model.slots.items() if s.submission == f"of-{id}"), None)

        def work(transaction: Transaction) -> Lease | None:
            retraction = AnnotationRetracted(PROJECT, AnnotationId(id), ItemKey(item), QUESTION, "undo")
            transaction.append([retraction], PROVENANCE)
            return transaction.reopen_entry(f"of-{id}", annotator=who, now=self.now, lease_seconds=SECONDS)

        lease = self.storage.write(work)
        self.model.answered.discard((name, item))
        assert (None if lease is None else lease.entry) == slot
        if lease is not None and slot is not None:
            self.leases.append((name, lease))
            self.model.slots[slot].submission, self.model.slots[slot].until = None, self.now + SECONDS

    @invariant()
    def counts_agree(self) -> None:
        if not self.model.slots:
            return
        with self.storage.reading() as views:
            (counts,) = views.queue_counts(PROJECT)
            standing = views.annotations(PROJECT)
        slots = self.model.slots.values()
        done = sum(slot.submission is not None for slot in slots)
        leased = sum(slot.submission is None and slot.holder is not None for slot in slots)
        assert (counts.open, counts.leased, counts.done) == (len(slots) - done - leased, leased, done)
        assert {(a.annotator.removeprefix("id-"), a.item) for a in standing} == self.model.answered

    def teardown(self) -> None:
        self.storage.verify()
        self.storage.close()


TestQueue = QueueMachine.TestCase
TestQueue.settings = settings(max_examples=40, stateful_step_count=25, deadline=None)
