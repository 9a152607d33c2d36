"""Labels renamed, merged and split in every kind of question that has some: trees, types of relations, forms, sides."""

from __future__ import annotations

from dataclasses import replace
from typing import Any, cast

import pytest

from labelwright.domain.canonical import Json
from labelwright.domain.ids import QuestionName
from labelwright.domain.project import Question, ShowWhen
from labelwright.errors import Conflict, InvalidValue, NotReady
from labelwright.ports.item_search import ItemFilter
from labelwright.services.acceptance.route import route
from labelwright.tasks.registry import relabels, task_types
from tests.story.small_project import TONE, SmallProject, configuration
from tests.story.test_label_changes import GOOD_BAD, change, everything, labelled, made, rebuilt, records, undo

KIND = "kind"
TREE = [
    {"value": "animal", "title": "Animals", "children": [{"value": "dog", "children": ["poodle", "pug"]}, "cat"]},
    "plant",
    "stone",
]
PLACES = Question(QuestionName(KIND), "taxonomy", {"tree": TREE})
PATHS: list[Json] = [["animal", "dog", "poodle"], ["animal", "cat"], ["plant"], ["stone"]]
RELATIONS = Question(
    QuestionName("who"),
    "relations",
    {
        "labels": ["person", "place"],
        "types": ["met", "saw", "lives in"],
        "between": {"met": {"head": ["person"], "tail": ["person"]}, "saw": {"head": ["person"], "tail": ["place"]}},
    },
)
FORM = Question(
    QuestionName("form"),
    "fields",
    {
        "fields": [
            {"name": "colour", "type": "choice", "labels": ["red", "blue", "green"]},
            {
                "name": "parts",
                "type": "records",
                "fields": [
                    {"name": "colour", "type": "choice", "labels": ["red", "blue"]},
                    {"name": "n", "type": "number"},
                ],
            },
        ]
    },
)


def settings(small: SmallProject, place: int = 0) -> Any:  # noqa: ANN401
    return small.project.config.schema.questions[place].settings


def values(small: SmallProject) -> list[Json]:
    return [value for value, _ in records(small).values()]


def placed() -> SmallProject:
    small = made(PLACES)
    labelled(small, lambda key, _q: PATHS[key - 1])
    return small


def test_every_kind_of_question_with_labels_takes_part() -> None:
    """A new one must say how its labels are renamed, or be named here."""
    without = {one.alias for one in task_types().values() if relabels(one.name) is None}
    assert without == {"rating", "text"}


def test_a_place_of_a_tree_is_renamed_with_what_is_below_it() -> None:
    small = placed()
    before = everything(small)
    done = change(small, "rename", ["animal > dog"], ["animal > hound"])
    assert (done.among, done.labels, done.records) == ("tree", 1, 1)
    assert values(small)[0] == ["animal", "hound", "poodle"]
    assert settings(small)["tree"][0] == {
        "value": "animal",
        "title": "Animals",
        "children": [{"value": "hound", "children": ["poodle", "pug"]}, "cat"],
    }
    change(small, "rename", ["animal"], ["beast"])
    assert values(small)[:2] == [["beast", "hound", "poodle"], ["beast", "cat"]]
    assert settings(small)["tree"][0]["title"] == "Animals"
    rebuilt(small)
    undo(small)
    undo(small)
    assert everything(small) == before


def test_a_place_of_a_tree_is_moved_and_merged() -> None:
    small = placed()
    before = everything(small)
    change(small, "rename", ["animal > dog"], ["dog"])
    assert values(small)[0] == ["dog", "poodle"]
    assert [name if isinstance(name, str) else name["value"] for name in settings(small)["tree"]][-1] == "dog"
    change(small, "merge", ["plant", "stone"], ["animal > thing"])
    change(small, "merge", ["dog", "animal > cat"], ["animal > pet"])
    assert settings(small)["tree"][0]["children"] == ["thing", {"value": "pet", "children": ["poodle", "pug"]}]
    assert values(small)[0] == ["animal", "pet", "poodle"]
    assert values(small)[2:] == [["animal", "thing"], ["animal", "thing"]]
    rebuilt(small)
    with small.storage.reading() as views:
        found = views.find_items(small.id, ItemFilter(QuestionName(KIND), label='["animal","pet","poodle"]'))
    assert len(found) == 1  # what was said as animal > dog > poodle is found under the name of today
    undo(small)
    undo(small)
    undo(small)
    assert everything(small) == before


def test_a_merge_that_leaves_answers_at_a_branch_says_how_many() -> None:
    small = placed()
    report = change(small, "merge", ["animal > dog", "stone"], ["animal > dog"], dry_run=True)
    assert "1 answer by people cannot be read so, and will no longer count" in report.warnings


def test_a_leaf_is_split_into_places_below_it_and_its_items_go_back_to_people() -> None:
    small = placed()
    before = everything(small)
    done = change(small, "split", ["plant"], ["plant > tree", "plant > herb"])
    assert done.queued == 1
    assert settings(small)["tree"][1] == {"value": "plant", "children": ["tree", "herb"]}
    assert records(small)[3, KIND][1] == "unresolved"
    small.work_queue(lambda _key, _question, _person: ["plant", "herb"], most=1)
    assert records(small)[3, KIND][0] == ["plant", "herb"]
    rebuilt(small)
    undo(small)
    assert everything(small)[0] == before[0]
    assert settings(small)["tree"] == TREE


@pytest.mark.parametrize(
    ("kind", "old", "new", "said"),
    [
        ("rename", ["animal > dgo"], ["x"], "did you mean 'animal > dog'"),
        ("rename", ["animal"], ["animal > dog > animal"], "cannot go below itself"),
        ("rename", ["stone"], ["mineral > stone"], "no place 'mineral'"),
        ("rename", ["stone"], ["plant"], "merge the two instead"),
        ("split", ["animal"], ["a", "b"], "has others below it"),
        ("split", ["stone"], ["stone", "rock"], "name of its own"),
    ],
)
def test_what_makes_no_sense_of_a_tree_is_refused(kind: str, old: list[str], new: list[str], said: str) -> None:
    small = made(PLACES)
    with pytest.raises(InvalidValue, match=said):
        change(small, kind, old, new)
    assert small.project.config.version == 1


def test_a_tree_that_was_edited_since_is_not_torn_by_an_undo() -> None:
    small = placed()
    change(small, "merge", ["plant", "stone"], ["thing"])
    change(small, "rename", ["animal > cat"], ["animal > feline"])
    undo(small)
    changed = Question(QuestionName(KIND), "taxonomy", {"tree": [*settings(small)["tree"], "water"]})
    config = small.project.config
    small.reconfigure(replace(config, schema=replace(config.schema, questions=(changed,))))
    with pytest.raises(Conflict, match="changed since"):
        undo(small)


def test_a_condition_follows_the_place_it_names() -> None:
    why = Question(
        QuestionName("why"), "text", {}, show_when=ShowWhen(QuestionName(KIND), ("stone", ["animal", "cat"], "pug"))
    )
    small = made(PLACES, why)
    change(small, "rename", ["stone"], ["animal > stone"], question=KIND)
    change(small, "rename", ["animal"], ["beast"], question=KIND)
    change(small, "rename", ["beast > dog > pug"], ["beast > dog > mops"], question=KIND)
    when = small.project.config.schema.questions[1].show_when
    assert when is not None
    assert list(when.values) == ["beast > stone", ["beast", "cat"], "mops"]


@pytest.mark.parametrize(
    ("kind", "old", "new", "told"),
    [
        ("rename", ["stone"], ["pug"], "'pug' could be each of 'animal > dog > pug', 'pug'"),
        ("split", ["animal > dog > pug"], ["animal > dog > old", "animal > dog > new"], "'pug' is no place"),
        ("split", ["animal > cat"], ["animal > lion", "animal > lynx"], "'kind' is such a label"),
    ],
)
def test_a_change_that_leaves_a_condition_without_one_meaning_is_refused(
    kind: str, old: list[str], new: list[str], told: str
) -> None:
    why = Question(QuestionName("why"), "text", {}, show_when=ShowWhen(QuestionName(KIND), ("pug", "animal > cat")))
    small = made(PLACES, why)
    with pytest.raises(NotReady) as caught:
        change(small, kind, old, new, question=KIND)
    assert told in str(caught.value)


SPANS = [{"start": 0, "end": 2, "label": "person"}, {"start": 3, "end": 5, "label": "person"}]


def related(*kinds: str) -> Json:
    return {"spans": SPANS, "relations": [{"head": 0, "tail": 1, "type": kind} for kind in kinds]}


def test_types_of_relations_are_renamed_and_merged_with_what_they_may_join() -> None:
    small = made(RELATIONS, n_items=2)
    labelled(small, lambda key, _q: [related("met"), related("met", "lives in")][key - 1])
    before = everything(small)
    done = change(small, "rename", ["met"], ["knows"])
    assert (done.among, done.labels) == ("types", 2)
    assert settings(small)["between"]["knows"] == {"head": ["person"], "tail": ["person"]}
    assert values(small)[0] == related("knows")
    change(small, "merge", ["knows", "saw"], ["has seen"])
    assert settings(small)["between"] == {"has seen": {"head": ["person"], "tail": ["person", "place"]}}
    assert values(small)[0] == related("has seen")
    change(small, "merge", ["has seen", "lives in"], ["is with"])
    assert values(small) == [related("is with"), related("is with")]  # two that become one are there once
    assert settings(small)["between"] == {}  # one of them could join any
    rebuilt(small)
    for _ in range(3):
        undo(small)
    assert everything(small) == before


def test_labels_of_related_spans_are_renamed_where_types_say_what_they_join() -> None:
    small = made(RELATIONS, n_items=1)
    labelled(small, lambda _key, _q: related("met"))
    change(small, "rename", ["person"], ["human"])
    assert settings(small)["between"]["met"] == {"head": ["human"], "tail": ["human"]}
    assert isinstance(value := values(small)[0], dict)
    assert [span["label"] for span in value["spans"]] == ["human", "human"]  # type: ignore[index, call-overload]
    change(small, "split", ["saw"], ["glimpsed", "watched"])
    assert set(settings(small)["between"]) == {"met", "glimpsed", "watched"}


def test_a_forms_choices_and_fields_are_renamed_each_in_its_list() -> None:
    small = made(FORM, n_items=2)
    filled: Json = {"colour": "red", "parts": [{"colour": "red", "n": 2}]}
    labelled(small, lambda _key, _q: filled)
    before = everything(small)
    with pytest.raises(InvalidValue, match="stands in several lists"):
        change(small, "rename", ["red"], ["crimson"])
    with pytest.raises(InvalidValue, match=r"no list 'fields.color'; did you mean 'fields.colour'"):
        change(small, "rename", ["red"], ["crimson"], among="fields.color")
    change(small, "rename", ["red"], ["crimson"], among="fields.colour")
    assert values(small)[0] == {"colour": "crimson", "parts": [{"colour": "red", "n": 2}]}
    change(small, "rename", ["n"], ["pieces"])
    change(small, "rename", ["parts"], ["bits"])
    change(small, "merge", ["crimson", "blue"], ["dyed"])
    assert values(small)[0] == {"colour": "dyed", "bits": [{"colour": "red", "pieces": 2}]}
    with pytest.raises(InvalidValue, match="can only be renamed"):
        change(small, "merge", ["colour", "bits"], ["all"])
    rebuilt(small)
    for _ in range(4):
        undo(small)
    assert everything(small) == before


def test_the_sides_of_a_comparison_its_tie_and_its_strengths_are_renamed() -> None:
    asked = Question(
        QuestionName("better"),
        "preference",
        {"labels": ["A", "B"], "tie": "alike", "strengths": ["a bit", "clearly", "much"]},
    )
    small = made(asked, n_items=2)
    labelled(
        small,
        lambda key, _q: {"choice": "A", "strength": "much"} if key == 1 else {"choice": "alike", "strength": None},
    )
    before = everything(small)
    change(small, "rename", ["A"], ["left"])
    change(small, "rename", ["alike"], ["tie"])
    change(small, "merge", ["clearly", "much"], ["strongly"])
    assert values(small) == [{"choice": "left", "strength": "strongly"}, {"choice": "tie", "strength": None}]
    with pytest.raises(InvalidValue, match="can only be renamed"):
        change(small, "merge", ["left", "B"], ["both"])
    for _ in range(3):
        undo(small)
    assert everything(small) == before


def test_the_name_of_a_label_that_was_split_is_not_given_to_another() -> None:
    small = made(TONE)
    labelled(small, lambda key, _q: GOOD_BAD[key - 1])
    change(small, "split", ["good"], ["fine", "great"])
    with pytest.raises(InvalidValue, match="'good' was split"):
        change(small, "rename", ["bad"], ["good"])


def test_answers_that_differ_by_a_former_name_alone_do_not_differ() -> None:
    """Explore compares what answers say today."""
    config = replace(configuration(questions=(TONE,), review_votes=2), models=())
    small = SmallProject.made(config, n_items=4, n_people=2)
    route(small.id, storage=small.storage, world=small.world)
    small.work_queue(lambda key, _question, person: "good" if key < 3 or person == 0 else "bad", most=4)
    change(small, "rename", ["good"], ["great"])
    small.work_queue(lambda key, _question, _person: "great" if key < 4 else "bad")
    with small.storage.reading() as views:
        votes: dict[int, set[str]] = {}
        for one in views.annotations(small.id):
            votes.setdefault(int(one.item), set()).add(str(one.value))
        found = views.find_items(small.id, ItemFilter(TONE.name, differing="people"))
    assert {int(one.item.key) for one in found} == {key for key, given in votes.items() if len(given) > 1}
    rows = small.storage.write(
        lambda tx: cast("Any", tx).database.connection.execute("SELECT DISTINCT value FROM annotation").fetchall()
    )
    assert {'"good"', '"great"'} <= {value for (value,) in rows}
    assert any(given == {"great"} for given in votes.values())
