"""A configuration is put in force version by version; the status says what is due."""

from __future__ import annotations

from dataclasses import replace

from labelwright.adapters.formats.items import RowsInMemory
from labelwright.domain.ids import QuestionName
from labelwright.domain.project import CertifyRule, Guideline, LabelSchema, ModelSource, ProjectConfig, Question
from labelwright.services.acceptance.calibrate import calibrate
from labelwright.services.models.prelabel import PrelabelReport
from labelwright.services.people.aggregate import aggregate
from labelwright.services.projects.cycle import run_cycle
from labelwright.services.projects.import_items import import_items
from labelwright.services.projects.manage_project import ApplyReport, Change, apply_config
from labelwright.services.projects.status import StatusReport, status
from labelwright.tasks.registry import task_type
from tests.story.import_bench import Bench, bench, project_config
from tests.story.test_import_export import resolved


def apply(at: Bench, config: ProjectConfig, *, dry_run: bool = False) -> ApplyReport:
    return apply_config("p", config, storage=at.storage, world=at.world, dry_run=dry_run)


def look(at: Bench) -> StatusReport:
    with at.storage.reading() as views:
        return status(views, at.project)


def bring_in(at: Bench, n: int) -> None:
    rows = [{"id": str(i), "text": f"text {i}"} for i in range(n)]
    import_items(at.project, RowsInMemory(rows), storage=at.storage, world=at.world)


def with_labels(config: ProjectConfig, labels: list[str]) -> ProjectConfig:
    question = Question(QuestionName("label"), task_type("classification").name, {"labels": labels})
    return replace(config, schema=LabelSchema(1, (question,)))


def test_an_equal_configuration_appends_nothing() -> None:
    config = project_config(["text"])
    at = bench(config)
    with at.storage.reading() as views:
        head = views.head()
    assert apply(at, config).changes == ()
    with at.storage.reading() as views:
        assert views.head() == head


def test_a_dry_run_says_everything_and_appends_nothing() -> None:
    config = project_config(["text"])
    at = bench(config)
    wanted = replace(config, guideline=Guideline(1, "Say no."))
    trial = apply(at, wanted, dry_run=True)
    with at.storage.reading() as views:
        assert views.head().position == 2  # created and configured, nothing since
    real = apply(at, wanted)
    assert trial == replace(real, applied=False)
    assert real.changes == (Change("guideline.text", "Say yes.", "Say no."),)
    assert (real.version, real.schema_version, real.guideline_version) == (2, 1, 2)


def test_going_back_to_an_old_guideline_is_a_new_version() -> None:
    config = project_config(["text"])
    at = bench(config)
    apply(at, replace(config, guideline=Guideline(1, "Say no.")))
    assert apply(at, config).guideline_version == 3
    with at.storage.reading() as views:
        first = views.config(at.project, 1)
        current = views.project(at.project)
    assert first is not None
    assert current is not None
    assert first.guideline.text == current.config.guideline.text == "Say yes."


def test_a_change_names_the_one_label_list_that_changed() -> None:
    config = project_config(["text"], multilabel=True)
    at = bench(config)
    tags = replace(config.schema.questions[1], settings={"labels": ["a", "b", "c"]})
    changed = replace(config, schema=LabelSchema(1, (config.schema.questions[0], tags)))
    report = apply(at, changed)
    assert report.changes == (Change("questions.tags.labels", ["a", "b"], ["a", "b", "c"]),)
    assert report.schema_version == 2


def test_settings_of_the_calibration_that_do_nothing_are_named() -> None:
    config = project_config(["text"])
    at = bench(config)
    asked = replace(config.policy, calibration_draw="focused", calibration_coin=True, certify=CertifyRule(by="label"))
    warnings = apply(at, replace(config, policy=asked), dry_run=True).warnings
    assert [warning.split(" does nothing here")[0] for warning in warnings] == [
        "policy.calibration_draw: focused",
        "policy.calibration_coin",
    ]
    tossed = replace(config, policy=replace(config.policy, calibration_coin=True))
    assert apply(at, tossed, dry_run=True).warnings == ()


def test_a_second_project_comes_with_a_warning() -> None:
    at = bench(project_config(["text"]))
    report = apply_config("q", project_config(["text"]), storage=at.storage, world=at.world, dry_run=True)
    assert report.warnings == ("this makes a new project beside p",)


def test_labels_that_no_longer_fit_are_counted_before_they_stop_counting() -> None:
    config = project_config(["text"])
    at = bench(config)
    bring_in(at, 7)
    resolved(at)  # one person said "yes"
    kept = apply(at, with_labels(config, ["yes", "no", "maybe"]), dry_run=True)
    lost = apply(at, with_labels(config, ["good", "bad"]), dry_run=True)
    told = "1 label of 'label' given under schema version 1"
    assert kept.warnings == (f"{told}: all fit and still count",)
    (warning,) = lost.warnings
    assert warning.startswith(f"{told}: 1 will no longer count, not fitting version 2 (`labelwright labels` renames")


def test_a_change_that_voids_the_drawn_sample_says_so_and_another_does_not() -> None:
    model = ModelSource(model="small", base_url="http://127.0.0.1:1/v1")
    config = replace(project_config(["text"]), models=(model,))
    at = bench(config)
    bring_in(at, 7)
    predicted(at, 7)
    calibrate(at.project, storage=at.storage, world=at.world)
    cheaper = replace(config, models=(replace(model, concurrency=4, timeout_seconds=600),))
    assert apply(at, cheaper, dry_run=True).warnings == ()
    stricter = replace(config, policy=replace(config.policy, target_error=0.05))
    (warning,) = apply(at, stricter, dry_run=True).warnings
    assert "the calibration sample that is drawn no longer holds" in warning
    assert look(at).calibration == "planned"
    apply(at, stricter)
    assert look(at).calibration == "void"
    assert look(at).next.command == "labelwright calibrate"


def predicted(at: Bench, n: int) -> None:
    """Let the model have said "yes" to the first n items, surer and surer."""
    from labelwright.domain.annotation import NewPrediction
    from labelwright.domain.ids import ItemKey, RunId
    from labelwright.events import PredictionsRecorded, RunStarted
    from labelwright.services.models.project_prompt import project_prompt
    from labelwright.services.projects.project_of import project_of

    with at.storage.reading() as views:
        prompt_hash = project_prompt(project_of(views, at.project).config).hash
        keys = views.item_keys(at.project).tolist()
    rows = tuple(
        NewPrediction(
            item=ItemKey(key),
            question=QuestionName("label"),
            model="small",
            status="valid",
            value="yes",
            confidence=(place + 1) / (n + 1),
            confidence_kind="verbalised",
            signals={},
            problem=None,
            raw=None,
            call_key=None,
            run=RunId("run"),
            schema_version=1,
            guideline_version=1,
            prompt_hash=prompt_hash,
        )
        for place, key in enumerate(keys[:n])
    )
    events = (
        RunStarted(at.project, "run", "prelabel", {}),
        PredictionsRecorded(at.project, "run", "small", prompt_hash, rows),
    )
    at.storage.write(lambda tx: tx.append(events, at.world.provenance()))


def test_the_next_step_follows_the_items_through_the_stages() -> None:
    model = ModelSource(model="small", base_url="http://127.0.0.1:1/v1")
    at = bench(replace(project_config(["text"]), models=(model,)))
    assert look(at).next.command == "labelwright import FILE"
    bring_in(at, 6)
    found = look(at)
    assert (found.n_items, found.prelabelled, found.next.command) == (6, {"small": 0}, "labelwright prelabel")
    predicted(at, 6)
    found = look(at)
    assert (found.prelabelled, found.calibration, found.next.command) == ({"small": 6}, "none", "labelwright calibrate")
    calibrate(at.project, storage=at.storage, world=at.world)
    found = look(at)
    assert (found.calibration, found.next.command) == ("planned", "labelwright serve")
    assert "calibration sample" in found.next.why


def test_without_a_model_everything_is_to_be_routed_to_people() -> None:
    at = bench(project_config(["text"]))
    bring_in(at, 4)
    found = look(at)
    assert found.next.command == "labelwright route"
    assert "everything goes to people" in found.next.why


def test_votes_that_no_label_of_record_takes_account_of_are_due() -> None:
    at = bench(project_config(["text"]))
    bring_in(at, 7)
    resolved(at)
    found = look(at)
    assert (found.n_labels, found.n_answered) == (1, 1)
    assert found.resolved["label"] == {"auto-accepted": 1, "human-verified": 1, "unresolved": 1}
    aggregate(at.project, storage=at.storage, world=at.world)
    assert sum(look(at).resolved["label"].values()) == found.n_pairs == 7


def test_a_cycle_that_was_stopped_among_the_models_answers_draws_no_sample() -> None:
    stopped = PrelabelReport((), stopped=True, cost_is_estimated=False, problem=None)
    called: list[str] = []
    report = run_cycle({"prelabel": lambda: stopped, "calibrate": lambda: called.append("calibrate")})
    assert called == []
    assert report.waiting_for is not None
    assert "it was stopped" in report.waiting_for


def test_a_content_field_that_no_item_has_is_said_before_models_see_nothing() -> None:
    config = project_config(["text"])
    at = bench(config)
    bring_in(at, 3)
    (warning,) = [said for said in apply(at, replace(config, content_fields=("txt",))).warnings if "txt" in said]
    assert warning.startswith("no item has 'txt' of content_fields; did you mean 'text'?")
    assert not [said for said in apply(at, config).warnings if "content_fields" in said]
