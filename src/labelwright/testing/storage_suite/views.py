"""What was appended can be read."""

from __future__ import annotations

import numpy as np
import pytest

from labelwright.domain.annotator import Annotator
from labelwright.domain.decision import Decision, Resolution
from labelwright.domain.ids import AnnotatorId, ItemKey, ProjectId
from labelwright.errors import (
    AlreadyExists,
)
from labelwright.events import (
    AuditReserved,
    CalibrationPlanned,
    CertificateIssued,
    Exported,
    ItemsResolved,
    ItemsRouted,
    ProjectCreated,
    RunFinished,
    RunStarted,
)
from labelwright.ports.storage import Storage
from labelwright.testing.storage_build import (
    MODEL,
    PROJECT,
    PROVENANCE,
    QUESTION,
    append,
    begin,
    call,
    configuration,
    configured,
    entry,
    imported,
    predicted,
    prediction,
    say,
)

ANN, BOB = AnnotatorId("id-ann"), AnnotatorId("id-bob")


class ViewsSuite:
    """What was appended can be read."""

    def test_projects_people_and_configurations(self, storage: Storage) -> None:
        begin(storage)
        append(storage, configured(configuration(2, text="Look twice.")))
        with storage.reading() as views:
            (project,) = views.projects()
            assert project == views.project(PROJECT) == views.project_by_name(f"name of {PROJECT}")
            assert project.config == configuration(2, text="Look twice.")
            assert project.created_at == PROVENANCE.at
            assert views.config(PROJECT, 1) == configuration(1)
            assert views.project(ProjectId("?")) is None
            assert views.project_by_name("?") is None
            assert views.annotators(PROJECT) == [
                Annotator(ANN, "ann", "human", "annotator"),
                Annotator(BOB, "bob", "human", "annotator"),
            ]

    def test_a_taken_name_is_refused(self, storage: Storage) -> None:
        begin(storage)
        with pytest.raises(AlreadyExists, match="choose another name"):
            append(storage, ProjectCreated(ProjectId("p2"), f"name of {PROJECT}"))

    def test_items_come_back_as_they_went_in(self, storage: Storage) -> None:
        begin(storage, items=5)
        begin(storage, items=3, project=ProjectId("p2"), people=())
        with storage.reading() as views:
            assert views.item_count(PROJECT) == 5
            items = views.items(PROJECT)
            assert [item.id for item in items] == [f"item-{n}" for n in range(1, 6)]
            assert items[0].content == {"text": f"text 1 of {PROJECT}"}
            assert items[0].metadata == {"n": 1}
            assert views.items(PROJECT, after=2, limit=2) == items[2:4]
            assert views.items_by_key(PROJECT, [4, 1, 99, 6]) == [items[3], items[0]]  # 6 is another project's
            np.testing.assert_array_equal(views.item_keys(PROJECT), [1, 2, 3, 4, 5])
            assert views.item_ids(ProjectId("p2")) == {6: "item-1", 7: "item-2", 8: "item-3"}
            taken = {"item-2": items[1].content_hash}
            assert views.known_ids(PROJECT, ["item-2", "item-9"]) == taken
            assert views.known_ids(PROJECT, []) == {}
            assert len(views.known_ids(PROJECT, [f"item-{n}" for n in range(700)])) == 5
            assert len(views.item_salt(ItemKey(1))) == 16

    def test_numbers_too_long_for_a_machine_word_survive(self, storage: Storage) -> None:
        begin(storage)
        say(storage, 1, "ann", 2**80 + 1, id="a1")
        with storage.reading() as views:
            assert views.annotations(PROJECT)[0].value == 2**80 + 1

    def test_R11_an_import_knows_how_far_it_came(self, storage: Storage) -> None:
        begin(storage, items=0)
        append(storage, imported([1, 2, 3], rejected=1))
        append(storage, imported([5, 6], rejected=2))
        with storage.reading() as views:
            assert views.import_progress(PROJECT, "0" * 64) == (6, 5, 3)
            assert views.import_progress(PROJECT, "1" * 64) == (0, 0, 0)
            runs = [event.body["run"] for event in views.events() if event.type == "items-imported"]
            assert views.import_parts(PROJECT) == [(runs[0], 3), (runs[1], 2)]
            assert views.import_parts(ProjectId("p2")) == []

    def test_a_chunk_with_a_taken_id_is_refused_whole(self, storage: Storage) -> None:
        begin(storage, items=3)
        with pytest.raises(AlreadyExists, match="lines 3 to 4"):
            append(storage, imported([3, 4]))
        with storage.reading() as views:
            assert views.item_count(PROJECT) == 3

    def test_the_newest_prediction_of_an_item_counts(self, storage: Storage) -> None:
        begin(storage)
        append(storage, predicted(prediction(2, confidence=0.9), prediction(1, "bad", confidence=None)))
        append(
            storage,
            predicted(prediction(3, status="failed", prompt="prompt-2"), prediction(2, "bad", prompt="prompt-2")),
        )
        append(storage, predicted(prediction(1, model="model-b")))
        with storage.reading() as views:
            columns = views.predictions(PROJECT, QUESTION, MODEL)
            np.testing.assert_array_equal(columns.item, [1, 2, 3])
            assert columns.value == ["bad", "bad", None]
            assert columns.status == ["valid", "valid", "failed"]
            np.testing.assert_array_equal(columns.confidence, [np.nan, 0.5, np.nan])
            assert columns.confidence_kind == ["verbalised", "verbalised", None]
            np.testing.assert_array_equal(views.predicted_items(PROJECT, MODEL, "prompt-1", QUESTION), [1])
            np.testing.assert_array_equal(views.predicted_items(PROJECT, MODEL, "prompt-2", QUESTION), [2])
            assert len(views.predictions(PROJECT, "?", MODEL).id) == 0

    def test_a_prediction_says_where_it_comes_from(self, storage: Storage) -> None:
        begin(storage)
        append(storage, predicted(prediction(2, confidence=0.9), prediction(1, status="invalid")))
        with storage.reading() as views:
            origins = views.prediction_origins(PROJECT, [1, 2, 99])
            assert set(origins) == {1, 2}
            sure, invalid = origins[1], origins[2]
            assert (sure.model, sure.run, sure.prompt_hash) == (MODEL, "prelabel-1", "prompt-1")
            assert (sure.schema_version, sure.guideline_version) == (1, 1)
            assert (sure.confidence, sure.confidence_kind, invalid.confidence) == (0.9, "verbalised", None)
            assert views.prediction_origins(ProjectId("?"), [1]) == {}

    def test_M4_invalid_output_is_kept_with_its_raw_text(self, storage: Storage) -> None:
        begin(storage)
        append(storage, predicted(prediction(1, status="invalid"), prediction(2)))
        with storage.reading() as views:
            row = {"item": "item-1", "question": QUESTION, "model": MODEL, "problem": "not a label", "raw": "banana"}
            assert views.prediction_raw(PROJECT, status="invalid") == [row]
            assert views.prediction_raw(PROJECT, status="failed") == []

    def test_a_suggestion_is_the_first_models_valid_prediction_with_the_decisions_probability(
        self, storage: Storage
    ) -> None:
        begin(storage)
        reasoned = prediction(1, signals={"reasoning": "because"})
        append(storage, predicted(reasoned, prediction(2, status="invalid")), predicted(prediction(3, model="model-b")))
        with storage.reading() as views:
            shown = views.suggestions(PROJECT, ItemKey(1), [QUESTION])[QUESTION]
            assert (shown.value, shown.probability, shown.model, shown.reasoning) == ("good", None, MODEL, "because")
            assert views.suggestions(PROJECT, ItemKey(2), [QUESTION]) == {}
            assert views.suggestions(PROJECT, ItemKey(3), [QUESTION]) == {}
        decision = Decision(ItemKey(1), QUESTION, "review", "unsure", 0.5, 0.8)
        append(storage, ItemsRouted(PROJECT, "route-1", 1, (decision,), ()))
        with storage.reading() as views:
            assert views.suggestions(PROJECT, ItemKey(1), [QUESTION])[QUESTION].probability == 0.8

    def test_plans_certificates_decisions_and_resolutions(self, storage: Storage) -> None:
        begin(storage)
        append(storage, CalibrationPlanned(PROJECT, "plan-1", {"n": 2}, (4, 2), (entry(4, purpose="calibration"),)))
        append(storage, CertificateIssued(PROJECT, "plan-1", QUESTION, {"threshold": None}, {"method": "platt"}))
        append(storage, CertificateIssued(PROJECT, "plan-1", QUESTION, {"threshold": 0.5}, {"method": "beta"}))
        old = Decision(ItemKey(1), QUESTION, "review", "unsure", 0.5, None)
        new = Decision(ItemKey(1), QUESTION, "accept", "sure", 0.9, 0.95)
        append(storage, ItemsRouted(PROJECT, "r1", 1, (old,), ()), ItemsRouted(PROJECT, "r2", 1, (new,), ()))
        append(storage, AuditReserved(PROJECT, "r2", 7, 10, 0.1, (entry(1, purpose="audit"),)))
        first = Resolution(ItemKey(1), QUESTION, "good", "auto-accepted", 0.9, "model", ("prediction:1",), {})
        final = Resolution(ItemKey(1), QUESTION, "bad", "human-verified", None, "majority", ("a", "b"), {"votes": 2})
        beside = Resolution(ItemKey(2), QUESTION, None, "unresolved", None, "none", (), {})
        append(storage, ItemsResolved(PROJECT, "g1", (first, beside)), ItemsResolved(PROJECT, "g2", (final,)))
        with storage.reading() as views:
            plan = views.plan(PROJECT)
            assert plan is not None
            assert (plan["plan"], plan["frozen"], plan["items"]) == ("plan-1", {"n": 2}, [4, 2])
            certificate = views.certificates(PROJECT)[QUESTION]
            assert certificate["certificate"] == {"threshold": 0.5}
            assert certificate["calibration"] == {"method": "beta"}
            assert views.decisions(PROJECT) == views.decisions(PROJECT, QUESTION) == [new]
            assert views.decisions(PROJECT, "?") == []
            assert list(views.resolutions(PROJECT)) == [final, beside]
            assert views.resolution_counts(PROJECT) == {QUESTION: {"human-verified": 1, "unresolved": 1}}
            assert views.queued(PROJECT, "audit") == {(1, QUESTION)}
        storage.verify()

    def test_runs_begin_and_end(self, storage: Storage) -> None:
        begin(storage)
        append(storage, RunStarted(PROJECT, "r1", "prelabel", {"limit": 3}), RunStarted(PROJECT, "r2", "route", {}))
        append(storage, RunFinished(PROJECT, "r1", {"n": 3}), Exported(PROJECT, "r3", 5, {"labels.jsonl": "0"}))
        with storage.reading() as views:
            one, two = views.runs(PROJECT)
            assert (one.id, one.kind, one.parameters, one.finished, one.report) == (
                "r1",
                "prelabel",
                {"limit": 3},
                True,
                {"n": 3},
            )
            assert (two.id, two.finished, two.report, two.started_at) == ("r2", False, None, PROVENANCE.at)
        with pytest.raises(AlreadyExists, match="has already begun"):
            append(storage, RunStarted(PROJECT, "r1", "prelabel", {}))

    def test_M1_M3_paid_answers_are_found_again_and_their_cost_is_exact(self, storage: Storage) -> None:
        begin(storage)
        rows = [
            call("k1", text=b"old", cost_pico=1),
            call("k1", text=b"new"),
            call("k2", status="error", cost_pico=None),
        ]
        storage.write(lambda t: t.record_calls(rows))
        storage.write(lambda t: t.record_calls([call("k3", status="truncated")]))
        with storage.reading() as views:
            assert views.answered_calls(["k1", "k2", "k3", "k4"]) == {"k1": b"new"}
            found = views.calls_of(["k1", "k2", "k3", "k4"])
            assert {key: (one.response, one.run, one.latency_ms) for key, one in found.items()} == {
                "k1": (b"new", rows[1].run, rows[1].latency_ms)
            }
            totals = views.call_totals(PROJECT)
            # 0.000001 + 1.5 + 1.5 µUSD = 3.000001 µUSD, rounded up once (to the nearest: 3; each by itself: 5)
            assert (totals.calls, totals.failed, totals.tokens_in, totals.cost_micro) == (4, 2, 40, 4)
        storage.write(lambda t: t.record_calls([call("k5", cost_pico=None)]))
        with storage.reading() as views:
            assert views.call_totals(PROJECT).cost_micro is None
            assert views.call_totals(ProjectId("?")).calls == 0
        storage.verify()
