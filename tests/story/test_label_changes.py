"""Labels renamed, merged and split, and all of it taken back."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from labelwright.domain.canonical import Json
from labelwright.domain.ids import QuestionName
from labelwright.domain.project import Question, ShowWhen
from labelwright.errors import Conflict, InvalidValue, NotFound, NotReady
from labelwright.services.people.aggregate import aggregate
from labelwright.services.projects.label_changes import change_labels, undo_labels
from tests.story.small_project import TONE, TOPICS, SmallProject, configuration

SPANS = Question(QuestionName("names"), "spans", {"labels": ["PER", "LOC"]})


def made(*questions: Question, n_items: int = 4, **policy: Any) -> SmallProject:  # noqa: ANN401
    config = replace(configuration(questions=questions, **policy), models=())
    small = SmallProject.made(config, n_items=n_items)
    from labelwright.services.acceptance.route import route

    route(small.id, storage=small.storage, world=small.world)
    return small


def labelled(small: SmallProject, answer: Callable[[int, str], Json]) -> None:
    small.work_queue(lambda key, question, _person: answer(key, question))
    aggregate(small.id, storage=small.storage, world=small.world)


def records(small: SmallProject) -> dict[tuple[int, str], tuple[Json, str]]:
    aggregate(small.id, storage=small.storage, world=small.world)
    with small.storage.reading() as views:
        return {(int(r.item), str(r.question)): (r.value, r.status) for r in views.resolutions(small.id)}


def change(small: SmallProject, kind: Any, old: list[str], new: list[str], **more: Any) -> Any:  # noqa: ANN401
    return change_labels(small.id, kind, old, new, storage=small.storage, world=small.world, **more)


def undo(small: SmallProject) -> Any:  # noqa: ANN401
    return undo_labels(small.id, storage=small.storage, world=small.world)


def everything(small: SmallProject) -> Any:  # noqa: ANN401
    """All that is read of a project's labels."""
    with small.storage.reading() as views:
        return (
            records(small),
            [(a.id, a.value) for a in views.annotations(small.id)],
            [question.settings for question in small.project.config.schema.questions],
            small.project.config.schema.version,
        )


def rebuilt(small: SmallProject) -> None:
    """What is shown is made anew from the ledger, and is the same; the ledger holds."""
    before = everything(small)
    small.storage.rebuild()
    assert everything(small) == before
    small.storage.verify()


GOOD_BAD = ["good", "bad", "good", "bad"]


def test_a_rename_is_read_everywhere_and_the_ledger_keeps_the_old_name() -> None:
    small = made(TONE)
    labelled(small, lambda key, _q: GOOD_BAD[key - 1])
    preview = change(small, "rename", ["good"], ["great"], dry_run=True)
    assert (preview.labels, preview.records, preview.applied, preview.queued) == (2, 2, False, 0)
    assert small.project.config.version == 1
    done = change(small, "rename", ["good"], ["great"])
    assert (done.version, done.labels) == (2, 2)
    assert small.project.config.schema.questions[0].settings["labels"] == ["great", "bad"]
    assert [value for value, _ in records(small).values()] == ["great", "bad", "great", "bad"]
    rebuilt(small)
    row = small.storage.write(lambda tx: tx.database.connection.execute("SELECT value FROM annotation").fetchall())  # type: ignore[attr-defined]
    assert [value for (value,) in row].count('"good"') == 2


def test_a_rename_taken_back_leaves_everything_as_it_was() -> None:
    small = made(TONE, n_items=6)
    labelled(small, lambda key, _q: GOOD_BAD[key % 2])
    before = everything(small)
    change(small, "rename", ["good"], ["great"])
    assert everything(small) != before
    assert undo(small).undone
    assert everything(small) == before  # the schema's version included
    rebuilt(small)
    with pytest.raises(NotFound, match="no rename, merge or split"):
        undo(small)


def test_what_was_said_under_the_new_name_is_read_under_the_old_one_after_undoing() -> None:
    small = made(TONE, n_items=4)
    small.work_queue(lambda _key, _question, _person: "good", most=2)
    change(small, "rename", ["good"], ["great"])
    small.work_queue(lambda _key, _question, _person: "great", most=2)
    assert len(records(small)) == 4
    assert all(value == "great" for value, _ in records(small).values())
    undo(small)
    assert all(value == "good" for value, _ in records(small).values())
    rebuilt(small)


def test_a_merge_reads_several_labels_as_one_and_is_taken_back() -> None:
    small = made(TOPICS)
    labelled(small, lambda key, _q: [["price"], ["screen"], ["price", "screen"], []][key - 1])
    before = everything(small)
    change(small, "merge", ["price", "screen"], ["parts"])
    assert small.project.config.schema.questions[0].settings["labels"] == ["parts"]
    assert [value for value, _ in records(small).values()] == [["parts"], ["parts"], ["parts"], []]
    rebuilt(small)
    undo(small)
    assert everything(small) == before


def test_spans_that_become_the_same_are_there_once() -> None:
    small = made(SPANS, n_items=1)
    place = {"start": 0, "end": 4}
    labelled(small, lambda _k, _q: [{**place, "label": "PER"}, {**place, "label": "LOC"}])
    change(small, "merge", ["PER"], ["LOC"])
    assert records(small)[1, "names"][0] == [{**place, "label": "LOC"}]
    rebuilt(small)


def test_a_split_sends_its_labels_back_to_people_blind_and_is_taken_back() -> None:
    small = made(TONE)
    labelled(small, lambda key, _q: GOOD_BAD[key - 1])
    before = everything(small)
    done = change(small, "split", ["good"], ["fine", "great"])
    assert done.queued == 2
    assert small.project.config.schema.questions[0].settings["labels"] == ["fine", "great", "bad"]
    assert [status for _, status in records(small).values()].count("unresolved") == 2
    cards = small.work_queue(lambda _key, _question, _person: "fine", most=1)
    assert [(card["suggestions"], card["reason"]) for card in cards] == [(None, None)]
    assert [value for value, _ in records(small).values()].count("fine") == 1
    rebuilt(small)
    undo(small)
    assert everything(small)[0] == before[0]  # the answer given meanwhile is kept, and does not count
    with small.storage.reading() as views:
        assert sum(one.open for one in views.queue_counts(small.id)) == 0
    rebuilt(small)


def test_changes_stand_upon_each_other_and_go_back_one_by_one() -> None:
    small = made(TONE)
    labelled(small, lambda key, _q: GOOD_BAD[key - 1])
    seen = [everything(small)]
    for kind, old, new in (
        ("rename", ["good"], ["great"]),
        ("rename", ["great"], ["good"]),
        ("rename", ["bad"], ["great"]),
    ):
        change(small, kind, old, new)
        seen.append(everything(small))
    assert {value for value, _ in seen[-1][0].values()} == {"good", "great"}
    for before in reversed(seen[:-1]):
        undo(small)
        assert everything(small) == before


def test_what_names_the_label_elsewhere_is_renamed_too() -> None:
    why = Question(QuestionName("why"), "text", {}, show_when=ShowWhen(QuestionName("tone"), ("bad",)))
    small = made(TONE, why)
    change(small, "rename", ["bad"], ["poor"])
    when = small.project.config.schema.questions[1].show_when
    assert when is not None
    assert when.values == ("poor",)
    with pytest.raises(NotReady, match="'why' is shown when 'tone' is such a label"):
        change(small, "split", ["poor"], ["weak", "broken"], question="tone")


@pytest.mark.parametrize(
    ("kind", "old", "new", "said"),
    [
        ("rename", ["goood"], ["x"], "did you mean 'good'"),
        ("rename", ["good"], ["bad"], "merge the two instead"),
        ("merge", ["good"], ["good"], "two labels or more"),
        ("merge", ["good", "bad"], ["all"], "at least 2 are needed"),
        ("split", ["good"], ["good", "great"], "name of its own"),
        ("split", ["good"], ["great"], "two others or more"),
        ("rename", ["good"], [" "], "spaces around it"),
    ],
)
def test_what_makes_no_sense_is_refused(kind: str, old: list[str], new: list[str], said: str) -> None:
    small = made(TONE)
    with pytest.raises(InvalidValue, match=said):
        change(small, kind, old, new)
    assert small.project.config.version == 1


def test_a_change_decided_on_an_older_version_is_refused() -> None:
    small = made(TONE)
    change(small, "rename", ["good"], ["great"], expected=1)
    with pytest.raises(Conflict, match="version 2 came into force"):
        change(small, "rename", ["bad"], ["poor"], expected=1)


def test_an_undo_after_the_labels_were_edited_keeps_the_edit_or_says_that_it_cannot() -> None:
    small = made(TONE)
    change(small, "rename", ["good"], ["great"])
    config = small.project.config
    more = replace(config.schema.questions[0], settings={"labels": ["great", "bad", "mixed"]})
    small.reconfigure(replace(config, schema=replace(config.schema, questions=(more,))))
    undo(small)
    assert small.project.config.schema.questions[0].settings["labels"] == ["good", "bad", "mixed"]
    assert small.project.config.schema.version == 4  # a schema that none of the three before was
    change(small, "rename", ["good"], ["great"])
    config = small.project.config
    gone = replace(config.schema.questions[0], settings={"labels": ["bad", "mixed"]})
    small.reconfigure(replace(config, schema=replace(config.schema, questions=(gone,))))
    with pytest.raises(Conflict, match="'great'"):
        undo(small)
