"""Certificates of a project by label, by slice, by distance, by cost and by other tests; and what voids them."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from html import escape
from typing import Any, cast

import numpy as np
import pytest

from labelwright import bootstrap
from labelwright.adapters.report.project_page import project_page
from labelwright.domain.canonical import Json
from labelwright.domain.decision import Decision
from labelwright.domain.ids import QuestionName
from labelwright.domain.project import CertifyRule, Guideline, ModelSource, ProjectConfig, Question
from labelwright.errors import NotCalibrated, NotReady
from labelwright.methods.calibration import LogitMap, calibrator_to_json
from labelwright.methods.routing import certify_by_group, certify_loss
from labelwright.services.acceptance.calibrate import calibrate
from labelwright.services.acceptance.certified import Certified, allowed_share_wrong, certified
from labelwright.services.acceptance.route import route
from labelwright.services.acceptance.shown_probability import shown_probability
from labelwright.services.people.aggregate import aggregate
from labelwright.services.projects.report import build_report
from labelwright.services.projects.status import status
from tests.story.small_project import TONE, SmallProject, configuration, is_json

N = 900
RANKED = Question(QuestionName("order"), "ranking", {"labels": ["a", "b", "c", "d"]})
Answer = Callable[[int, str, int], Json]


def ruled(rule: CertifyRule, *, question: Question = TONE, **policy: object) -> ProjectConfig:
    return configuration(questions=(question,), certify=rule, **policy)


def made(config: ProjectConfig, *, n: int = N, n_people: int = 1) -> SmallProject:
    """Import n items, every second of them German, by their metadata."""
    small = SmallProject.made(config, n_items=0, n_people=n_people)
    rows = [{"id": f"i{i:04d}", "text": f"text {i}", "language": ("en", "de")[i % 2]} for i in range(n)]
    bootstrap.import_items(small.id, rows, storage=small.storage, world=small.world)
    return small


def certified_whole(small: SmallProject, answer: Answer) -> dict[str, Any]:
    calibrate(small.id, storage=small.storage, world=small.world)
    small.work_queue(answer)
    report = calibrate(small.id, storage=small.storage, world=small.world)
    assert report.state == "certified"
    return dict(next(iter(report.certificates.values())))


def routed(small: SmallProject) -> dict[int, Decision]:
    route(small.id, storage=small.storage, world=small.world)
    with small.storage.reading() as views:
        return {int(d.item): d for d in views.decisions(small.id)}


def in_force(small: SmallProject, question: str = "tone") -> Certified:
    with small.storage.reading() as views:
        found = certified(views, small.project, question)
    assert found is not None
    return found


def reported(small: SmallProject) -> dict[str, Any]:
    with small.storage.reading() as views:
        found = build_report(views, small.id)
    assert is_json(found)
    return cast("dict[str, Any]", found)


def good_is_easy(small: SmallProject, *, seed: int = 3) -> dict[int, Json]:
    """Predict: where the model says "good" it is nearly always right, where it says "bad" every fourth is wrong."""
    rng = np.random.default_rng(seed)
    keys = small.keys()
    said: dict[int, Json] = {key: "good" if i % 3 else "bad" for i, key in enumerate(keys)}
    sure: dict[int, float | None] = {key: round(float(rng.uniform(0.5, 1.0)), 3) for key in keys}
    small.predict(said, sure)
    turned = {"good": "bad", "bad": "good"}
    odds = {"good": 0.01, "bad": 0.25}
    return {key: turned[str(v)] if rng.random() < odds[str(v)] else v for key, v in said.items()}


def test_each_predicted_label_has_its_threshold_and_its_sentence() -> None:
    small = made(ruled(CertifyRule(by="label"), calibration_size=400))
    truth = good_is_easy(small)
    certificate = certified_whole(small, lambda item, _q, _n: truth[item])
    by_group = {tuple(one["groups"]): one for one in certificate["thresholds"]}
    assert by_group["good",]["threshold"] is not None
    assert by_group["bad",]["threshold"] is None
    assert certificate["threshold"] is None  # there is no one threshold
    assert certificate["rule"]["by"] == "label"
    # δ = .05 over two labels that have enough of the sample
    assert [one["delta"] for one in certificate["thresholds"]] == [0.025, 0.025]
    assert "of every predicted label, each by a threshold of its own" in certificate["statement"]
    decisions = routed(small)
    found = in_force(small)
    said = {int(key): value for key, value in zip(found.pool.item, found.pool.value, strict=True)}
    taken = {item for item, d in decisions.items() if d.route in ("accept", "audit")}
    assert taken == {int(key) for key in found.pool.item[found.accepted]}
    assert len(taken) == certificate["n_accepted"] > 100
    assert all(said[item] == "good" for item in taken)
    reasons = {d.reason for item, d in decisions.items() if said[item] == "bad"} - {"drawn at random for calibration"}
    assert reasons == {"nothing could be certified for its group"}
    aggregate(small.id, storage=small.storage, world=small.world)
    question = reported(small)["questions"][0]
    assert question["resolved"]["auto-accepted"] == len(taken)
    assert (
        question["estimate"]["accuracy_low"] < question["estimate"]["accuracy"] <= question["estimate"]["accuracy_high"]
    )
    frozen = next(rung for rung in question["ladder"] if rung["is_frozen"])
    assert (frozen["is_certified"], frozen["n_accepted"]) == (True, len(taken))


def test_what_is_accepted_by_group_is_what_the_method_accepts() -> None:
    small = made(ruled(CertifyRule(by="language"), calibration_size=300))
    rng = np.random.default_rng(5)
    keys = small.keys()
    small.predict(dict.fromkeys(keys, "good"), {key: round(float(rng.random()), 2) for key in keys})
    # German is hard: a third is wrong.
    truth = {key: "bad" if rng.random() < (0.02, 0.33)[i % 2] else "good" for i, key in enumerate(keys)}
    certificate = certified_whole(small, lambda item, _q, _n: truth[item])
    found = in_force(small)
    code = np.array([i % 2 for i in range(N)])  # en, de in the order of import
    wrong = np.array([truth[int(found.pool.item[i])] == "bad" for i in found.sample])
    expected = certify_by_group(
        found.pool.score, found.sample, wrong.astype(float), 1 - code, target_loss=0.1, delta=0.05
    )
    assert found.accepted.tolist() == expected.accepted.tolist()
    assert {tuple(one["groups"]): one["threshold"] is None for one in certificate["thresholds"]} == {
        ("language = de",): True,
        ("language = en",): False,
    }
    assert "every value of language" in certificate["promise"]


def test_an_item_without_the_field_is_in_no_group_and_never_accepted() -> None:
    small = made(ruled(CertifyRule(by="language")))
    with_language = set(small.keys())
    small.add_items(100, prefix="without")
    keys = small.keys()
    small.predict(dict.fromkeys(keys, "good"), dict.fromkeys(keys, 0.9))
    assert certified_whole(small, lambda _i, _q, _n: "good")["is_certified"]
    accepted = {key for key, decision in routed(small).items() if decision.route in {"accept", "audit"}}
    assert accepted
    assert accepted < with_language


def test_a_field_that_no_item_has_is_refused_before_people_label_a_sample_for_it() -> None:
    small = made(ruled(CertifyRule(by="langauge")))
    keys = small.keys()
    small.predict(dict.fromkeys(keys, "good"), dict.fromkeys(keys, 0.9))
    with pytest.raises(NotReady, match=r"no item has a metadata field 'langauge'.*did you mean 'language'"):
        calibrate(small.id, storage=small.storage, world=small.world)
    assert not small.work_queue(lambda _i, _q, _n: "good")


def orders(rng: np.random.Generator, keys: list[int], *, share: float) -> tuple[dict[int, Json], dict[int, Json]]:
    """Rankings where two neighbours of four stand the other way round in a share of items: one pair of six."""
    said: dict[int, Json] = {key: ["a", "b", "c", "d"] for key in keys}
    truth: dict[int, Json] = {
        key: ["a", "c", "b", "d"] if rng.random() < share else ["a", "b", "c", "d"] for key in keys
    }
    return said, truth


def test_a_distance_certifies_where_right_and_wrong_cannot() -> None:
    rng = np.random.default_rng(8)
    certificates: dict[str, dict[str, Any]] = {}
    for loss in ("exact", "distance"):
        small = made(ruled(CertifyRule(loss=loss), question=RANKED, calibration_size=300))  # pyright: ignore[reportArgumentType]
        keys = small.keys()
        said, truth = orders(rng, keys, share=0.3)
        small.predict(said, {key: round(float(rng.random()), 2) for key in keys}, question="order")
        certificates[loss] = certified_whole(small, lambda item, _q, _n, t=truth: t[item])
        if loss == "distance":
            found = in_force(small, "order")
            turned = np.array([truth[int(found.pool.item[i])] != said[int(found.pool.item[i])] for i in found.sample])
            seed = found.plan["frozen"]["seed"]
            expected = certify_loss(
                found.pool.score,
                found.sample,
                turned / 6,  # Kendall's distance of one pair of six
                target_loss=0.1,
                rng=np.random.default_rng([*seed, 5]),
            )
            assert found.accepted.tolist() == expected.accepted.tolist()
    assert not certificates["exact"]["is_certified"]  # three in ten differ somewhere
    assert certificates["distance"]["is_certified"]  # by a twentieth on average
    assert "mean distance to people's labels of at most 10%" in certificates["distance"]["statement"]


def test_a_tolerated_distance_counts_as_the_same() -> None:
    small = made(ruled(CertifyRule(loss="distance", tolerance=0.2), question=RANKED, target_error=0.05))
    rng = np.random.default_rng(9)
    keys = small.keys()
    said, truth = orders(rng, keys, share=0.9)
    small.predict(said, dict.fromkeys(keys, 0.9), question="order")
    certificate = certified_whole(small, lambda item, _q, _n: truth[item])
    assert certificate["is_certified"]
    assert certificate["thresholds"][0]["calibrated_loss"] == 0.0  # a sixth is within .2
    assert "up to 0.2 counting as the same" in certificate["promise"]


@pytest.mark.parametrize(("cheap_mistake", "accepts"), [(1.0, True), (10.0, False)])
def test_costs_decide_what_may_be_accepted(cheap_mistake: float, accepts: bool) -> None:
    costs = {"good": {"bad": cheap_mistake}, "bad": {"good": 10.0}}
    small = made(ruled(CertifyRule(loss="costs", costs=costs), calibration_size=300))
    rng = np.random.default_rng(4)
    keys = small.keys()
    small.predict(dict.fromkeys(keys, "good"), {key: round(float(rng.random()), 2) for key in keys})
    truth = {key: "bad" if rng.random() < 0.25 else "good" for key in keys}  # said good, is bad: a quarter
    certificate = certified_whole(small, lambda item, _q, _n: truth[item])
    assert certificate["is_certified"] is accepts
    if accepts:
        assert "at most 10% of the dearest mistake" in certificate["statement"]


def test_another_method_says_what_it_promises_and_no_more() -> None:
    statements: dict[str, dict[str, Any]] = {}
    for method in ("fixed_sequence", "sgr", "conformal"):
        small = made(ruled(CertifyRule(method=method), calibration_size=300))  # pyright: ignore[reportArgumentType]
        rng = np.random.default_rng(6)
        keys = small.keys()
        small.predict(
            dict.fromkeys(keys, "good"), {key: float(s) for key, s in zip(keys, np.linspace(1, 0, N), strict=True)}
        )
        truth = {key: "bad" if rng.random() < 0.4 * i / N else "good" for i, key in enumerate(keys)}
        calibrate(small.id, storage=small.storage, world=small.world)
        with small.storage.reading() as views:
            plan = cast("Any", views.plan(small.id))
        # 3·n0 labels to start; SGR may pass with n0, all of them right; (0 + 1)/(9 + 1) ≤ α takes nine.
        assert plan["frozen"]["n_start"] == {"fixed_sequence": 87, "sgr": 29, "conformal": 9}[method]
        statements[method] = certified_whole(small, lambda item, _q, _n, t=truth: t[item])
        assert (
            len([d for d in routed(small).values() if d.route in ("accept", "audit")])
            == statements[method]["n_accepted"]
        )
        page = project_page(reported(small), at="2026-01-01T00:00:00Z")
        assert ("breaks the limit is at most 5%" in page) == (method == "fixed_sequence")
        assert (escape(statements[method]["promise"]) in page) == (method != "fixed_sequence")
    assert "provided that surer labels are not wrong more often" in statements["sgr"]["promise"]
    assert "not with high confidence" in statements["conformal"]["promise"]
    assert "at most 10% of all items are accepted and wrong" in statements["conformal"]["promise"]
    assert statements["conformal"]["thresholds"][0]["delta"] is None
    n = {method: one["n_accepted"] for method, one in statements.items()}
    assert n["sgr"] <= n["fixed_sequence"] < n["conformal"]


def test_A4P_6_another_rule_after_the_draw_voids_the_sample() -> None:
    small = made(ruled(CertifyRule()))
    truth = good_is_easy(small)
    certified_whole(small, lambda item, _q, _n: truth[item])
    small.reconfigure(ruled(CertifyRule(by="label")))
    with pytest.raises(
        NotCalibrated, match=r"what the certificate is to promise is another \(by: none before, label now"
    ):
        routed(small)
    (why,) = reported(small)["questions"][0]["void_because"]
    assert "by: none before, label now" in why
    assert calibrate(small.id, storage=small.storage, world=small.world).state == "planned"


CHANGES: dict[str, tuple[Callable[[ProjectConfig], ProjectConfig], str]] = {
    "model": (
        lambda c: replace(c, models=(ModelSource("writer", c.models[0].base_url),)),
        "the model was reader and is",
    ),
    "provider": (
        lambda c: replace(c, models=(replace(c.models[0], base_url="http://elsewhere.example/v1"),)),
        "the provider was openai at 127.0.0.1 and is openai at elsewhere.example now",
    ),
    "prompt": (lambda c: replace(c, instruction="Be brief."), "the prompt is another: "),
    "guideline": (
        lambda c: replace(c, guideline=Guideline(1, "Bad is bad.")),
        "the guideline, by version, was 1 and is 2 now",
    ),
    "schema": (
        lambda c: replace(c, schema=replace(c.schema, questions=(replace(TONE, title="Tone?"),))),
        "the label schema, by version, was 1 and is 2 now",
    ),
    "target": (
        lambda c: replace(c, policy=replace(c.policy, target_error=0.2)),
        "the target error was 0.1 and is 0.2 now",
    ),
    "level": (
        lambda c: replace(c, policy=replace(c.policy, confidence_level=0.9)),
        "the confidence level was 0.95 and is 0.9 now",
    ),
    "score": (lambda c: replace(c, confidence="logprob"), "the score was verbalised and is logprob now"),
}


@pytest.mark.parametrize("name", CHANGES)
def test_a_certificate_says_what_voided_it_from_what_to_what(name: str) -> None:
    change, said = CHANGES[name]
    small = made(ruled(CertifyRule()))
    truth = good_is_easy(small)
    certified_whole(small, lambda item, _q, _n: truth[item])
    assert reported(small)["questions"][0]["void_because"] == []
    small.reconfigure(change(small.project.config))
    told = reported(small)
    assert any(said in why for why in told["questions"][0]["void_because"])
    assert any(said in why for why in told["void_because"])
    with small.storage.reading() as views:
        stands = status(views, small.id)
    assert stands.calibration == "void"
    assert any(said in why for why in stands.void_because)


def test_scores_that_are_no_longer_those_that_were_frozen_are_named() -> None:
    small = made(ruled(CertifyRule()))
    truth = good_is_easy(small)
    certified_whole(small, lambda item, _q, _n: truth[item])
    keys = small.keys()
    small.predict(dict.fromkeys(keys, "bad"), dict.fromkeys(keys, 0.5))
    (why,) = reported(small)["questions"][0]["void_because"]
    assert why.startswith("the predicted labels and the scores of 'tone' are no longer those that were frozen")


def test_a_certificate_names_what_it_is_about_by_hash() -> None:
    small = made(ruled(CertifyRule()))
    truth = good_is_easy(small)
    names = certified_whole(small, lambda item, _q, _n: truth[item])["names"]
    assert set(names) == {"data", "model", "prompt", "guideline", "schema", "pool", "scorer"}
    assert all(len(value) >= 16 for value in names.values())
    other = made(ruled(CertifyRule()), n=N - 3)
    truth = good_is_easy(other)
    theirs = certified_whole(other, lambda item, _q, _n: truth[item])["names"]
    assert theirs["data"] != names["data"]
    assert {name for name in names if names[name] == theirs[name]} == {
        "model",
        "prompt",
        "guideline",
        "schema",
        "scorer",
    }


def test_gold_noise_stands_in_the_statement_or_is_said_to_be_unknown() -> None:
    alone = made(ruled(CertifyRule()))
    keys = alone.keys()
    alone.predict(dict.fromkeys(keys, "good"), dict.fromkeys(keys, 0.9))
    said = certified_whole(alone, lambda _i, _q, _n: "good")
    assert "how often they err themselves is not known" in said["statement"]
    assert said["stated_error"] is None
    three = made(ruled(CertifyRule(), calibration_votes=3), n_people=3)
    keys = three.keys()
    three.predict(dict.fromkeys(keys, "good"), dict.fromkeys(keys, 0.9))
    rng = np.random.default_rng(2)
    noisy = certified_whole(three, lambda _i, _q, _n: "bad" if rng.random() < 0.05 else "good")
    eta = noisy["noise"]["consensus_error"]
    assert noisy["stated_error"] == pytest.approx(0.1 + eta)
    assert f"so against the truth read 10% + {100 * eta:.3g}%" in noisy["statement"]


def test_where_nothing_can_be_accepted_status_does_not_say_certified() -> None:
    small = made(ruled(CertifyRule()))
    keys = small.keys()
    small.predict(dict.fromkeys(keys, "good"), dict.fromkeys(keys, 0.9))
    certified_whole(small, lambda item, _q, _n: "bad" if item % 2 else "good")
    with small.storage.reading() as views:
        stands = status(views, small.id)
    assert stands.calibration == "nothing certified"
    assert stands.certified == {"tone": False}
    assert "not with this score" in stands.not_certified["tone"]
    assert stands.next.command == "labelwright route"


def test_the_probability_shown_goes_by_label_where_there_are_labels_enough() -> None:
    small = made(ruled(CertifyRule(), calibration_size=300))
    truth = good_is_easy(small)
    certified_whole(small, lambda item, _q, _n: truth[item])
    found = in_force(small)
    assert found.calibration["method"] == "class-wise"
    assert found.calibration["labels"] == ["bad", "good"]
    assert json.loads(json.dumps(found.calibration)) == found.calibration
    decisions = routed(small)
    said = {int(key): value for key, value in zip(found.pool.item, found.pool.value, strict=True)}
    mean = {
        label: np.mean([d.probability or np.nan for item, d in decisions.items() if said[item] == label])
        for label in ("good", "bad")
    }
    assert mean["good"] > 0.9
    assert mean["bad"] < 0.85
    section = reported(small)["questions"][0]["calibration"]
    assert [one["label"] for one in section["by_label"]] == ["bad", "good"]
    for figures in (section["raw"], section["shown"]):
        assert figures["n"] == 300
        for name in ("ece_width", "ece_mass"):
            assert 0 < figures[name]["null_mean"] < figures[name]["null_upper"]
        brier = figures["brier"]
        parts = brier["reliability"] - brier["resolution"] + brier["uncertainty"] + brier["within_bins"]
        assert brier["score"] == pytest.approx(parts)
        assert figures["nll"] > 0
        assert figures["e_aurc"] < figures["aurc"]
    # Right nine times in ten where it says three in four: what is shown is nearer.
    assert section["ece_shown"] == section["shown"]["ece_mass"]["value"] < section["ece_raw"]
    assert section["shown"]["auroc"] > section["raw"]["auroc"]  # by label it orders better
    assert section["reliability"][0].keys() == section["reliability_shown"][0].keys()


def test_what_an_older_certificate_kept_is_shown_as_it_was() -> None:
    old = {"method": "platt", "a": 1.3, "b": 1.3, "c": -0.4, "n_labels": 200}
    scores = np.array([0.2, 0.9, np.nan])
    shown = shown_probability(old, scores, ["good", "bad", None])
    assert shown[:2].tolist() == LogitMap("platt", 1.3, 1.3, -0.4, 200)(scores[:2]).tolist()
    assert np.isnan(shown[2])
    assert calibrator_to_json(LogitMap("platt", 1.3, 1.3, -0.4, 200)) == old
    none = {"method": "none", "a": 1.0, "b": 1.0, "c": 0.0, "n_labels": 20}
    assert np.isnan(shown_probability(none, scores, ["good", "bad", None])).all()


def test_an_audit_of_distances_or_averages_rings_no_alarm_for_what_was_not_promised() -> None:
    small = made(ruled(CertifyRule(loss="distance"), question=RANKED, calibration_size=300, audit_share=0.3))
    rng = np.random.default_rng(8)
    keys = small.keys()
    said, truth = orders(rng, keys, share=0.3)  # three in ten are not quite right, by a sixth each
    small.predict(said, {key: round(float(rng.random()), 2) for key in keys}, question="order")
    assert certified_whole(small, lambda item, _q, _n: truth[item])["is_certified"]
    routed(small)
    small.work_queue(lambda item, _q, _n: truth[item])
    audit = reported(small)["questions"][0]["audit"]
    assert audit["n_checked"] > 50
    assert audit["low"] > 0.12  # more than a tenth are wrong, and nobody said they were not
    assert (audit["alarm"], audit["breaks_target"], audit["proposal"]) == (None, False, None)
    assert audit["sentence"].endswith("The certificate limits what errors weigh, not how many there are.")


def test_what_holds_on_average_over_all_items_allows_more_among_fewer() -> None:
    certificate = {"target_error": 0.1, "coverage": 0.5, "rule": {"method": "conformal", "loss": "exact"}}
    assert allowed_share_wrong(certificate) == 0.2
    assert allowed_share_wrong({**certificate, "rule": {"method": "sgr", "loss": "exact"}}) == 0.1
    assert allowed_share_wrong({"target_error": 0.1, "coverage": 0.5}) == 0.1  # as older ones are
