"""Questions that depend on another's answer, and those that may be left open: asked, routed, settled."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any, cast

import orjson
import pytest

from labelwright.domain.canonical import Json
from labelwright.domain.ids import QuestionName
from labelwright.domain.project import Question, ShowWhen
from labelwright.errors import InvalidConfiguration, InvalidValue
from labelwright.history.configuration import config_from_json, config_to_json, schema_hash
from labelwright.ports.storage import Transaction
from labelwright.services.acceptance.asked_along import ARISES, ASKED_ALONG
from labelwright.services.acceptance.calibrate import calibrate
from labelwright.services.acceptance.route import route
from labelwright.services.people import annotate
from labelwright.services.people.aggregate import aggregate
from labelwright.settings.project_file import read_project_file
from labelwright.settings.template import project_file_of, short_project_file_of
from tests.story.small_project import TONE, SmallProject, configuration

WHY = Question(
    QuestionName("why"),
    "classification",
    {"labels": ["price", "quality"]},
    show_when=ShowWhen(QuestionName("tone"), ("bad",)),
)
NOTE = Question(QuestionName("note"), "text", {}, required=False)
QUESTIONS = (TONE, WHY, NOTE)


def submit(small: SmallProject, answers: dict[str, Json], *, key: str = "k") -> dict[str, Any]:
    """Take the next entry and answer it so."""
    person, project = small.people[0], small.project

    def work(tx: Transaction) -> dict[str, Any]:
        (card,) = annotate.lease_next(tx, project, person, count=1, world=small.world)
        made = annotate.submit(
            tx, project, person, lease=str(card["lease"]), answers=answers, seconds=1.0, key=key, world=small.world
        )
        return orjson.loads(made.body) | {"entry": card}

    return small.storage.write(work)


def without_model(n_items: int) -> SmallProject:
    small = SmallProject.made(replace(configuration(questions=QUESTIONS), models=()), n_items=n_items)
    route(small.id, storage=small.storage, world=small.world)
    return small


def labels(small: SmallProject) -> dict[tuple[int, str], tuple[Json, str]]:
    aggregate(small.id, storage=small.storage, world=small.world)
    with small.storage.reading() as views:
        return {(int(r.item), str(r.question)): (r.value, r.status) for r in views.resolutions(small.id)}


def test_a_hidden_question_has_no_answer_and_an_open_one_leaves_no_annotation() -> None:
    small = without_model(3)
    submit(small, {"tone": "good"}, key="1")
    submit(small, {"tone": "bad", "why": "price", "note": "dear"}, key="2")
    submit(small, {"tone": "bad", "why": "quality"}, key="3")
    with small.storage.reading() as views:
        said = [(str(a.question), a.value) for a in views.annotations(small.id)]
    assert sorted(said, key=repr) == sorted(
        [("tone", "good"), ("tone", "bad"), ("why", "price"), ("note", "dear"), ("tone", "bad"), ("why", "quality")],
        key=repr,
    )
    found = labels(small)
    first, second, third = small.keys()
    assert found[first, "why"] == (None, "not-applicable")
    assert found[second, "why"] == ("price", "human-verified")
    assert found[third, "note"] == (None, "unresolved")


def test_what_is_not_asked_is_not_answered_and_what_is_asked_is() -> None:
    small = without_model(1)
    with pytest.raises(InvalidValue, match="asked only where 'tone' is 'bad'"):
        submit(small, {"tone": "good", "why": "price"})
    with pytest.raises(InvalidValue, match="'why' has no answer"):
        submit(small, {"tone": "bad"})
    with pytest.raises(InvalidValue, match="'tone' has no answer"):
        submit(small, {"note": "?"})
    submit(small, {"tone": "bad", "why": "price"})


def test_what_was_submitted_in_part_is_taken_back_whole() -> None:
    small = without_model(1)
    made = submit(small, {"tone": "good"})
    person, project = small.people[0], small.project
    undone = small.storage.write(
        lambda tx: annotate.undo(tx, project, person, submission=made["submission"], key="undo", world=small.world)
    )
    again = orjson.loads(undone.body)
    assert again["answers"] == {"tone": "good"}
    assert again["entry"]["questions"] == ["tone", "why", "note"]


def certified_project() -> SmallProject:
    """A hundred items whose tone the model knows, a quarter of them bad; people have labelled the sample."""
    small = SmallProject.made(
        configuration(questions=QUESTIONS, calibration_size=60, target_error=0.2, audit_share=0.0), n_items=100
    )
    keys = small.keys()
    truth = {key: "bad" if place % 4 == 0 else "good" for place, key in enumerate(keys)}
    small.predict(truth, dict.fromkeys(keys, 0.9))
    small.predict(dict.fromkeys(keys, "price"), dict.fromkeys(keys, 0.9), question="why")
    small.predict(dict.fromkeys(keys, "hm"), dict.fromkeys(keys, 0.9), question="note")
    calibrate(small.id, storage=small.storage, world=small.world)
    by_id = {f"i{place:04d}": truth[key] for place, key in enumerate(keys)}
    person, project = small.people[0], small.project
    for turn in range(60):

        def work(tx: Transaction, turn: int = turn) -> None:
            (card,) = annotate.lease_next(tx, project, person, count=1, world=small.world)
            tone = by_id[cast("Any", card)["item"]["id"]]
            answers: dict[str, Json] = {"tone": tone, "why": "quality"} if tone == "bad" else {"tone": tone}
            annotate.submit(
                tx,
                project,
                person,
                lease=str(card["lease"]),
                answers=answers,
                seconds=1,
                key=f"c{turn}",
                world=small.world,
            )

        small.storage.write(work)
    return small


def test_no_certificate_speaks_of_a_question_that_is_not_asked_of_every_item() -> None:
    small = certified_project()
    report = calibrate(small.id, storage=small.storage, world=small.world)
    assert report.state == "certified"
    assert set(report.certificates) == {"tone"}
    assert report.n_labels_wanted == 60, "those of the tone; who gets a 'why' hangs on it"


def test_a_condition_that_an_accepted_label_meets_sends_the_question_to_people_and_no_other_does() -> None:
    small = certified_project()
    report = calibrate(small.id, storage=small.storage, world=small.world)
    assert report.certificates["tone"]["is_certified"], report.certificates["tone"]["reason"]
    route(small.id, storage=small.storage, world=small.world)
    with small.storage.reading() as views:
        decisions = {(int(d.item), str(d.question)): d for d in views.decisions(small.id)}
        asked = views.queued(small.id, "review")
    accepted = [item for (item, name), d in decisions.items() if name == "tone" and d.route == "accept"]
    bad = {key for place, key in enumerate(small.keys()) if place % 4 == 0}
    assert len(accepted) == 40
    for item in accepted:
        why = decisions.get((item, "why"))
        assert (why is not None) == (item in bad)
        if why is not None:
            assert (why.route, why.reason) == ("review", ARISES)
    assert asked >= {(item, "why") for item in accepted if item in bad}
    assert not {item for item, name in asked if name == "why"} - bad
    for (item, name), d in decisions.items():
        assert d.route != "accept" or name == "tone", (item, name)
        if name == "note":
            assert d.reason == ASKED_ALONG, "a note never sends an item to people"
    entry = submit(small, {"why": "price"})["entry"]
    assert "tone" not in entry["questions"], "its label is accepted: the condition is known to be met"
    again = route(small.id, storage=small.storage, world=small.world)
    assert again.n_routed == 0
    found = labels(small)
    assert {found[item, "why"][1] for item in accepted if item not in bad} == {"not-applicable"}


FILE = """\
name: reviews
content_fields: [text]
questions:
  - {name: tone, type: classification, labels: [good, bad]}
  - name: why
    type: multilabel
    labels: [price, quality]
    show_when: {question: tone, is: bad}
  - name: how_much
    type: rating
    required: false
    show_when: {question: why, is: [price, quality]}
"""


def test_conditions_survive_the_file_the_ledger_and_the_file_again(tmp_path: Path) -> None:
    (tmp_path / "project.yaml").write_text(FILE)
    config = read_project_file(tmp_path / "project.yaml").config
    _, why, much = config.schema.questions
    assert why.show_when == ShowWhen(QuestionName("tone"), ("bad",))
    assert (much.required, much.show_when) == (False, ShowWhen(QuestionName("why"), ("price", "quality")))
    assert config_from_json(orjson.loads(orjson.dumps(config_to_json(config)))) == config
    (tmp_path / "guideline.md").write_text("")
    (tmp_path / "again.yaml").write_text(project_file_of("reviews", config))
    again = read_project_file(tmp_path / "again.yaml").config
    assert again.schema == config.schema


def test_a_schema_without_conditions_keeps_the_name_it_always_had() -> None:
    """Certificates name the schema by its hash."""
    plain = config_to_json(configuration())
    (question,) = cast("Any", plain["schema"])["questions"]
    assert set(question) == {"name", "type", "settings", "title", "help"}
    assert schema_hash(configuration().schema) != schema_hash(configuration(questions=QUESTIONS).schema)


MODELS = "{model: m, base_url: 'http://h/v1'}, {model: n, base_url: 'http://h/v1'}"


@pytest.mark.parametrize(
    ("change", "told"),
    [
        (("question: tone, is: bad", "question: tonne, is: bad"), "did you mean 'tone'"),
        (("question: tone, is: bad", "question: why, is: price"), "no question before it"),
        (("question: tone, is: bad", "question: tone, is: awful"), "'awful' is not in the schema"),
        (("question: tone, is: bad", "question: tone, is: []"), "is empty"),
        (("is: [price, quality]", "is: [price, size]"), "'size' is not in the schema"),
        (("is: [price, quality]", "iss: [price]"), "there is no 'iss' here"),
        (("labels: [good, bad]}", "labels: [good, bad], required: false}"), "no question is asked of every item"),
        (
            ("name: reviews", f"name: reviews\nmodels: [{MODELS}]\nensemble: cascade"),
            "asks about every item",
        ),
    ],
)
def test_a_condition_that_could_not_be_kept_is_refused_with_its_line(
    tmp_path: Path, change: tuple[str, str], told: str
) -> None:
    (tmp_path / "project.yaml").write_text(FILE.replace(*change))
    with pytest.raises(InvalidConfiguration) as caught:
        read_project_file(tmp_path / "project.yaml")
    assert told in str(caught.value)
    assert caught.value.line is not None


PLACES = """\
name: reviews
content_fields: [text]
questions:
  - name: kind
    type: taxonomy
    tree:
      - {value: animal, children: [{value: dog, children: [pug, other]}, other]}
      - {value: plant, children: [moss]}
      - {value: moss, children: [stone]}
  - {name: tags, type: multilabel, labels: [a, b, a > b, b > c]}
  - name: more
    type: text
    show_when: {question: kind, is: IS}
"""


@pytest.mark.parametrize(
    ("written", "values"),
    [
        ("dog", ("dog",)),
        ("animal", ("animal",)),
        ("[pug, animal > other]", ("pug", "animal > other")),
        ("animal > dog", ("animal > dog",)),
        ("plant > moss", ("plant > moss",)),
    ],
)
def test_a_condition_names_any_place_of_a_taxonomy(tmp_path: Path, written: str, values: tuple[Json, ...]) -> None:
    (tmp_path / "project.yaml").write_text(PLACES.replace("IS", written))
    when = read_project_file(tmp_path / "project.yaml").config.schema.questions[2].show_when
    assert when == ShowWhen(QuestionName("kind"), values)


@pytest.mark.parametrize(
    ("written", "told"),
    [
        ("other", "'other' could be each of 'animal > dog > other', 'animal > other'; write the path that is meant"),
        (
            "moss",
            "'moss' could be each of 'plant > moss', 'moss'; write the path that is meant; for the one at the top",
        ),
        ("dogg", "did you mean 'dog'"),
        ("animal > pug", "'animal > pug' is no path of the taxonomy; did you mean 'animal > dog > pug'"),
        ("3", "choose one of 'animal'"),
    ],
)
def test_a_condition_that_could_mean_several_places_or_none_is_refused(tmp_path: Path, written: str, told: str) -> None:
    (tmp_path / "project.yaml").write_text(PLACES.replace("IS", written))
    with pytest.raises(InvalidConfiguration) as caught:
        read_project_file(tmp_path / "project.yaml")
    assert told in str(caught.value)
    assert caught.value.line is not None


@pytest.mark.parametrize(("written", "told"), [("b > c", None), ("a > b", "could be a and b too")])
def test_a_label_that_reads_as_two_others_is_no_condition(tmp_path: Path, written: str, told: str | None) -> None:
    (tmp_path / "project.yaml").write_text(PLACES.replace("kind, is: IS", f"tags, is: {written}"))
    if told is None:
        read_project_file(tmp_path / "project.yaml")
        return
    with pytest.raises(InvalidConfiguration, match=told):
        read_project_file(tmp_path / "project.yaml")


def test_what_is_learnt_needs_no_label_of_every_item(tmp_path: Path) -> None:
    told = f"name: reviews\nmodels: [{MODELS}]\nensemble: jury\nconfidence: combined"
    (tmp_path / "project.yaml").write_text(FILE.replace("name: reviews", told))
    assert read_project_file(tmp_path / "project.yaml").config.confidence == "combined"


def test_the_short_file_that_the_editor_shows_is_read_as_the_same_schema(tmp_path: Path) -> None:
    (tmp_path / "project.yaml").write_text(FILE)
    config = read_project_file(tmp_path / "project.yaml").config
    (tmp_path / "short.yaml").write_text(short_project_file_of("reviews", config))
    assert read_project_file(tmp_path / "short.yaml").config.schema == config.schema
