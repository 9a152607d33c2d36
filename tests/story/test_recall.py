"""A slice of what was accepted turns out bad: the audit's alarm, the recall, its undoing, and what everybody sees."""

from __future__ import annotations

from dataclasses import replace
from typing import Any, cast

import pytest

from labelwright.domain.ids import ItemKey, QuestionName
from labelwright.domain.project import AuditPolicy
from labelwright.domain.queue import NewEntry
from labelwright.errors import Conflict, InvalidValue, NotFound, NotReady
from labelwright.events import AuditReserved
from labelwright.services.acceptance.certified import certified
from labelwright.services.audits.recall import preview_recall, recall, recall_on_alarm, settle_recalls
from labelwright.services.audits.recalled import recalls_in_force
from labelwright.services.people.annotate import undo
from labelwright.services.projects.report import build_report
from tests.story.accepting_project import Accepting
from tests.story.small_project import configuration


@pytest.fixture
def accepting() -> Accepting:
    return Accepting(audit_share=0.25)


def test_the_alarm_names_the_slice_and_a_recall_takes_it_back(accepting: Accepting) -> None:
    n_drawn = accepting.audit()["n_drawn"]
    accepting.answer(n_drawn)
    accepting.aggregate()
    found = accepting.audit()
    assert found["alarm"]["lower_bound"] > found["target_error"] == 0.1
    assert found["breaks_target"]
    assert "ALARM" in found["sentence"]
    worst = found["slices"][0]
    assert (worst["slice"], worst["alarm"], worst["n"]) == ("label=bad", True, worst["n_wrong"])
    assert found["proposal"]["slices"] == ["label=bad"]

    with accepting.small.storage.reading() as views:
        preview = preview_recall(views, accepting.small.id, slice="label=bad")
    bad = {item for item in accepting.accepted() if accepting.said[item] == "bad"}
    assert preview.n_items == len(bad)
    assert preview.n_labels == preview.n_items - preview.n_answered > 0
    assert (preview.n_audited, preview.n_wrong) == (worst["n"], worst["n"])

    named = accepting.recall()
    decisions = accepting.decisions()
    assert {item for item, d in decisions.items() if d.reason == "recalled: people disagree"} == bad
    assert all(decisions[item].route == "review" for item in bad)
    assert accepting.accepted().isdisjoint(bad)
    assert accepting.open_reviews() == preview.n_labels

    accepting.aggregate()
    assert accepting.statuses()["unverified"] == preview.n_labels
    with accepting.small.storage.reading() as views:
        (question,) = cast("list[dict[str, Any]]", build_report(views, accepting.small.id)["questions"])
    statuses = accepting.status_by_item()
    by_people = sum(statuses[item] == "human-verified" for item in accepting.accepted())
    assert question["resolved"]["auto-accepted"] == len(accepting.accepted()) - by_people
    assert question["audit"]["recalled"] == {"n_items": len(bad), "reason": "people disagree", "recall": named}
    parts = {one["part"]: one for one in question["estimate"]["parts"]}
    assert (parts["recalled"]["n"], parts["recalled"]["n_sampled"]) == (preview.n_labels, 0)
    # What is left has no fresh audit yet, so nothing tells the two apart.
    assert parts["accepted"]["n_sampled"] == 0
    assert parts["accepted"]["error"] == pytest.approx(parts["recalled"]["error"])


def test_A4P_6_what_is_left_after_a_recall_gets_a_fresh_audit_and_the_old_one_no_longer_counts(
    accepting: Accepting,
) -> None:
    accepting.answer(accepting.audit()["n_drawn"])
    accepting.recall()
    fresh = accepting.audit()
    assert fresh["alarm"] is None
    assert fresh["n_population"] == len(accepting.accepted())
    assert fresh["inclusion"]["n_not_drawn_from"] == 0
    assert fresh["n_drawn"] == -(-fresh["n_population"] // 4)  # a quarter of what is left
    # Those drawn by chance that were answered before serve again; nobody is asked twice.
    with accepting.small.storage.reading() as views:
        asked = views.queued(accepting.small.id, "audit")
    assert len(asked) < 2 * fresh["n_drawn"] + 100
    accepting.answer(10**6, honest=True)
    assert accepting.audit()["n_checked"] == fresh["n_drawn"]
    assert accepting.audit()["n_wrong"] == 0


def test_an_undone_recall_gives_back_all_but_what_people_have_answered(accepting: Accepting) -> None:
    accepting.answer(accepting.audit()["n_drawn"])
    accepting.aggregate()
    before, audit_before = accepting.decisions(), accepting.audit()
    auto_before = {item for item, status in accepting.status_by_item().items() if status == "auto-accepted"}
    named = accepting.recall()
    # One of the recalled is answered before the recall is undone: the audit of what is left comes first.
    with accepting.small.storage.reading() as views:
        first = sum(one.open for one in views.queue_counts(accepting.small.id) if one.purpose == "audit")
    done = accepting.answer(first + 1)
    answered = int(done[-1]["item_key"])
    assert (done[-1]["purpose"], before[answered].route) == ("review", "accept")
    accepting.aggregate()
    assert accepting.status_by_item()[answered] == "human-verified"

    accepting.undo(named)
    after = accepting.decisions()
    assert {item: d for item, d in after.items() if d.route != "audit"} == {
        item: d for item, d in before.items() if after[item].route != "audit"
    }
    assert accepting.open_reviews() == 0
    accepting.aggregate()
    assert accepting.status_by_item()[answered] == "human-verified"
    audited_since = {int(card["item_key"]) for card in done}
    statuses = accepting.status_by_item()
    assert {item for item in auto_before if statuses[item] != "auto-accepted"} == audited_since & auto_before
    # The old set is back, and its sample with it, alarm included.
    again = accepting.audit()
    assert {k: again[k] for k in ("n_drawn", "n_checked", "low", "high")} == {
        k: audit_before[k] for k in ("n_drawn", "n_checked", "low", "high")
    }
    assert again["recalled"]["n_items"] == 0
    assert [one["undone_at"] is not None for one in again["recalls"]] == [True]


def test_recalling_routing_and_aggregating_again_changes_nothing(accepting: Accepting) -> None:
    accepting.recall()
    accepting.route()
    accepting.aggregate()
    head, decisions = accepting.head(), accepting.decisions()
    accepting.route()
    accepting.aggregate()
    settle_recalls(accepting.small.id, storage=accepting.small.storage, world=accepting.small.world)
    assert accepting.head() == head
    assert accepting.decisions() == decisions
    with pytest.raises(InvalidValue, match=r"no accepted items are called 'label=bad'"):
        accepting.recall()


def test_recalls_are_apart_and_everything_can_follow_a_slice(accepting: Accepting) -> None:
    first = accepting.recall()
    second = accepting.recall(None, "start over")
    assert accepting.accepted() == set()
    with pytest.raises(NotReady, match="nothing is accepted"):
        accepting.recall(None)
    audit = accepting.audit()
    assert (audit["n_population"], audit["low"], audit["error"]) == (0, None, None)
    assert "everything was recalled" in audit["sentence"]
    accepting.undo(second)
    assert {accepting.said[item] for item in accepting.accepted()} == {"good"}
    accepting.undo(first)
    assert {accepting.said[item] for item in accepting.accepted()} == {"good", "bad"}
    assert accepting.open_reviews() == 0


def test_one_request_recalls_once(accepting: Accepting) -> None:
    def ask() -> str:
        made = recall(
            accepting.small.id, storage=accepting.small.storage, world=accepting.small.world, request="r1", slice=None
        )
        return made.recall

    assert ask() == ask()
    with accepting.small.storage.reading() as views:
        assert len([run for run in views.runs(accepting.small.id) if run.kind == "recall"]) == 1


def test_a_recall_that_is_not_there_cannot_be_undone_and_one_of_an_older_certificate_neither(
    accepting: Accepting,
) -> None:
    named = accepting.recall()
    with pytest.raises(NotFound, match="there is no recall 'x'"):
        accepting.undo("x")
    accepting.small.reconfigure(configuration(audit_share=0.25, target_error=0.2))
    accepting.calibrate()
    with pytest.raises(Conflict, match="an older certificate"):
        accepting.undo(named)
    with accepting.small.storage.reading() as views:
        plan = views.plan(accepting.small.id)
        assert plan is not None
        assert recalls_in_force(views, accepting.small.id, str(plan["plan"])) == []


def test_an_alarm_recalls_by_itself_where_the_project_says_so() -> None:
    accepting = Accepting(audit_share=0.25)
    small = accepting.small
    accepting.answer(accepting.audit()["n_drawn"])
    assert recall_on_alarm(small.id, storage=small.storage, world=small.world) == []
    small.reconfigure(replace(configuration(audit_share=0.25), audit=AuditPolicy(on_alarm="recall")))
    (made,) = recall_on_alarm(small.id, storage=small.storage, world=small.world)
    assert made.slice == "label=bad"
    assert "the audit's alarm" in made.reason
    assert recall_on_alarm(small.id, storage=small.storage, world=small.world) == []


def test_a_larger_sample_is_one_draw_more_and_every_chance_is_on_record(accepting: Accepting) -> None:
    n, size = accepting.audit()["n_drawn"], accepting.audit()["n_population"]
    accepting.answer(n, honest=True)
    accepting.draw(50)
    found = accepting.audit()
    assert (found["n_drawn"], found["n_checked"]) == (n + 50, n)
    assert found["inclusion"]["probability"] == (n + 50) / size
    assert [(d["n"], d["n_eligible"]) for d in found["inclusion"]["draws"]] == [(n, size), (50, size - n)]
    assert [d["probability"] for d in found["inclusion"]["draws"]] == [n / size, 50 / (size - n)]
    assert found["inclusion"]["design"] == "simple random, without replacement"
    accepting.answer(50, honest=True)
    later = accepting.audit()
    assert later["n_checked"] == n + 50
    assert later["high"] <= found["high"]
    assert sum(d.route == "audit" for d in accepting.decisions().values()) == n + 50
    with pytest.raises(InvalidValue, match="at least 1"):
        accepting.draw(0)
    accepting.draw(10**6)
    assert accepting.audit()["n_drawn"] == size
    with pytest.raises(NotReady, match="in the sample already"):
        accepting.draw(1)


def test_the_sequence_runs_in_drawn_order_and_a_missing_answer_counts_against_both_ends(accepting: Accepting) -> None:
    """Whoever answers the easy ones first does not make the labels look good."""
    small = accepting.small
    with small.storage.reading() as views:
        found = certified(views, small.project, "tone")
    assert found is not None
    drawn = [int(i) for i in found.audit.accepted[found.audit.drawn]]
    served = accepting.answer(40)
    assert [int(card["item_key"]) for card in served] == drawn[:40]  # people are asked in the drawn order
    # The first three are taken back: what they were is open again.
    before = accepting.audit()
    for key in drawn[:3]:
        with small.storage.reading() as views:
            answer = next(a for a in views.annotations(small.id, purpose="audit") if a.item == key)
        person, project = next(p for p in small.people if p.id == answer.annotator), small.project
        small.storage.write(
            lambda tx, p=person, s=answer.submission, at=project: undo(
                tx, at, p, submission=s, key=small.world.new_id(), world=small.world
            )
        )
    after = accepting.audit()
    assert after["n_checked"] == 37
    assert after["low"] <= before["low"]
    assert after["high"] >= before["high"]
    assert [point["n"] for point in after["sequence"]] == list(range(1, 38))


def test_F3_A4P_items_that_people_reviewed_never_enter_the_audit() -> None:
    accepting = Accepting()
    n = accepting.audit()["n_drawn"]
    accepting.answer(n, honest=True)
    named = accepting.recall("label=bad")
    accepting.answer(10**6)
    accepting.undo(named)
    found = accepting.audit()
    assert (found["n_checked"], found["n_wrong"]) == (n, 0)


def test_an_audit_reserved_by_an_older_version_is_found_again() -> None:
    """Before draws were runs, the sample stood in the queue alone."""
    accepting = Accepting(routed=False)
    small = accepting.small
    chosen = sorted(accepting.accepted())[::9][:40]
    entries = tuple(
        NewEntry(ItemKey(item), (QuestionName("tone"),), "audit", 0, 2.0 - place / 100, blind=True, reason="", round=0)
        for place, item in enumerate(chosen)
    )
    old = AuditReserved(small.id, "route-1", 1, len(accepting.accepted()), 40 / len(accepting.accepted()), entries)
    small.storage.write(lambda tx: tx.append([old], small.world.provenance()))
    accepting.route()
    assert sum(d.route == "audit" for d in accepting.decisions().values()) == 40
    accepting.answer(40, honest=True)
    found = accepting.audit()
    assert (found["n_drawn"], found["n_checked"]) == (40, 40)
    accepting.draw(10)
    assert accepting.audit()["n_drawn"] == 50
