"""What is no blind random sample never counts as one: recalls, second looks, and answers that something learnt from."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from labelwright.errors import NotReady
from labelwright.services.acceptance.certified import certified
from labelwright.services.acceptance.statement import beside_verdict
from labelwright.services.audits.audit_draws import Batch, Draw, audit_stream
from labelwright.services.audits.recall import recall
from labelwright.services.card.card import build_card
from labelwright.services.card.estimate import estimated
from labelwright.services.models.labeller import learnt_from
from labelwright.services.projects.report import build_report
from labelwright.services.soundness.slice_evidence import audited_labels
from tests.story import test_combine
from tests.story.accepting_project import Accepting


def card_of(made: Accepting) -> Any:  # noqa: ANN401 - JSON
    with made.small.storage.reading() as views:
        card: Any = build_card(views, made.small.id)
    return card["questions"][0]["card"]


def estimate_of(made: Accepting) -> Any:  # noqa: ANN401 - JSON
    with made.small.storage.reading() as views:
        return estimated(views, made.small.project, made.small.project.config.schema.questions[0])


def test_answers_that_led_to_a_recall_say_nothing_of_what_it_left() -> None:
    """A4P 5: the set that stays was chosen because of them; they count in the fresh sample's order, not before it."""
    made = Accepting(audit_share=0.3)
    made.answer(10**6)
    before = card_of(made)["accuracy"]
    assert before["accepted"]["value"] < 0.9
    made.recall("label=bad")
    with made.small.storage.reading() as views:
        in_force = certified(views, made.small.project, "tone")
    assert in_force is not None
    stream = in_force.audit
    assert 0 < np.count_nonzero(stream.drawn_before) < len(stream.drawn)
    assert card_of(made)["accuracy"]["accepted"] is None
    parts = {part["part"]: part for part in estimate_of(made)["parts"]}
    assert parts["accepted"]["n_sampled"] == 0
    asked = made.answer(20)
    assert {one["purpose"] for one in asked} == {"audit"}
    after = card_of(made)["accuracy"]["accepted"]
    # Twenty fresh answers, and the older ones that stand between them in the drawn order.
    older = np.count_nonzero(stream.drawn_before[: int(np.flatnonzero(~stream.drawn_before)[19])])
    assert after["n_drawn"] == 20 + older


def test_the_whole_is_measured_by_the_sample_from_before_the_recall() -> None:
    made = Accepting(audit_share=0.3)
    made.answer(10**6)
    before = card_of(made)
    made.recall("label=bad")
    again = card_of(made)
    assert again["accuracy"]["overall"] == before["accuracy"]["overall"]
    assert again["prevalence"] == before["prevalence"]
    made.answer(10**6)
    after = card_of(made)
    # What was taken back is mended; of the rest the answers of both samples are known, and no more.
    overall = after["accuracy"]["overall"]
    assert overall["low"] <= true_share(made) <= overall["high"]
    assert overall["value"] > before["accuracy"]["overall"]["value"]
    assert {row["origin"] for row in after["accuracy"]["by_origin"]} == {"people", "accepted"}


def true_share(made: Accepting) -> float:
    """Give the share of right labels of record: "good" is right, but where people agreed before they changed."""
    made.aggregate()
    with made.small.storage.reading() as views:
        kept = {int(r.item): r for r in views.resolutions(made.small.id)}
    return float(np.mean([kept[key].status != "auto-accepted" or made.said[key] == "good" for key in made.keys]))


def test_a_fresh_sample_counts_from_the_last_item_that_was_asked_for_it() -> None:
    accepted = np.arange(1, 11, dtype=np.int64)
    rest = np.arange(1, 9, dtype=np.int64)

    def draw(number: int, of: Any, *items: int) -> Draw:  # noqa: ANN401
        from labelwright.services.audits.audit_draws import _digest

        return Draw(number, "q", "", len(of), 0.5, (Batch(((0, int(of[-1])),), _digest(of), len(of)),), items)

    draws = [draw(0, accepted, 1, 3, 9), draw(1, rest, 3, 4, 1, 5)]
    whole, left = audit_stream(draws, accepted), audit_stream(draws, rest)
    # The rest is a run of keys, so that its digest fits when everything is back: nothing is in the sample twice.
    assert (accepted[whole.drawn].tolist(), len(whole.draws)) == ([1, 3, 9], 1)
    assert whole.heard(np.array([1, 9])).tolist() == [True, False, True]
    assert left.drawn_before.tolist() == [True, False, True, False]
    assert not left.heard(np.array([1, 3, 9])).any()
    assert left.heard(np.array([1, 3, 4])).tolist() == [True, True, False, False]
    assert left.heard(np.array([1, 3, 4, 5])).all()


def test_a_recall_that_is_undone_leaves_the_first_sample_and_no_item_in_it_twice() -> None:
    """What stays is a run of keys, as where one import was taken back."""
    made = Accepting(audit_share=0.3)
    made.answer(60)
    first = made.audit()
    with made.small.storage.reading() as views:
        in_force = certified(views, made.small.project, "tone")
    assert in_force is not None
    items = in_force.pool.item[in_force.accepted]
    small = made.small
    done = recall(small.id, storage=small.storage, world=small.world, items=items[-200:].tolist(), slice="the last")
    made.undo(done.recall)
    again = made.audit()
    assert {name: again[name] for name in ("n_drawn", "n_checked", "sequence")} == {
        name: first[name] for name in ("n_drawn", "n_checked", "sequence")
    }


def test_labels_that_the_score_was_learnt_from_do_not_say_where_it_is_wrong() -> None:
    """A4P 4, beyond the certificate: a fit is right more often on what it was fitted to."""
    project = test_combine.made(test_combine.config())
    test_combine.calibrated(project)
    project.work_queue(test_combine.answer)
    test_combine.combined(project)
    test_combine.calibrated(project)
    project.work_queue(test_combine.answer)
    current = project.project
    with project.storage.reading() as views:
        plan: Any = views.plan(project.id)
        found = audited_labels(views, current, current.config.schema.questions[0])
        learnt = learnt_from(views, current)
    assert len(learnt) == 100
    assert learnt.isdisjoint(found.item.tolist())
    assert set(found.item.tolist()) == set(plan["items"])
    assert np.allclose(found.inclusion, plan["frozen"]["n"] / plan["frozen"]["n_pool"])


def test_answers_under_an_older_guideline_do_not_say_where_the_model_is_wrong_now() -> None:
    made = Accepting()
    question = made.small.project.config.schema.questions[0]
    with made.small.storage.reading() as views:
        assert len(audited_labels(views, made.small.project, question).item) == 150
    config = made.small.project.config
    made.small.reconfigure(replace(config, guideline=replace(config.guideline, text="Good is what they like.")))
    made.small.predict(dict(made.said), dict.fromkeys(made.keys, 0.8))
    with made.small.storage.reading() as views, pytest.raises(NotReady, match="0 blind answers"):
        audited_labels(views, made.small.project, question)


def test_a_certificate_says_that_it_speaks_of_what_was_taken_back_too() -> None:
    made = Accepting()

    def told() -> Any:  # noqa: ANN401 - JSON
        with made.small.storage.reading() as views:
            report: Any = build_report(views, made.small.id)
        return report["questions"][0]["certificate"]

    assert told()["recalled"] is None
    named = made.recall("label=bad")
    n_left = len(made.accepted())
    assert f"of the {n_left:,} that are left their own audit speaks" in told()["recalled"]
    assert told()["recalled"] in beside_verdict(told())
    made.undo(named)
    assert told()["recalled"] is None
