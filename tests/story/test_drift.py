"""`labelwright drift`: what has changed rings, what has not is silent, and the certificate says of what it speaks."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any, cast

import numpy as np
import pytest

from labelwright import bootstrap
from labelwright.adapters.embedders import HashedEmbedder
from labelwright.bootstrap.soundness import drift, drift_of_files
from labelwright.cli.main import run
from labelwright.domain.canonical import Json
from labelwright.domain.project import Guideline
from labelwright.errors import InvalidValue, NotFound, NotReady
from labelwright.services.acceptance.calibrate import calibrate
from labelwright.services.projects.report import build_report
from labelwright.services.soundness.drift import compare_texts, find_drift
from tests.story.small_project import SmallProject, configuration

KITCHEN = ["soup", "bread", "waiter", "table", "fresh", "cold", "warm", "salad", "dessert", "window", "kind", "late"]
PHONES = ["battery", "screen", "charger", "cable", "broken", "update", "camera", "slow", "memory", "case", "button"]


def texts(seed: int, n: int, words: list[str]) -> list[str]:
    rng = np.random.default_rng(seed)
    return [" ".join(rng.choice(words, rng.integers(8, 16))) for _ in range(n)]


def rows(seed: int, n: int, words: list[str], *, prefix: str, **metadata: Any) -> list[dict[str, Any]]:  # noqa: ANN401
    return [{"id": f"{prefix}{at}", "text": text, **metadata} for at, text in enumerate(texts(seed, n, words))]


def project_of_batches(*batches: list[dict[str, Any]], **policy: Any) -> SmallProject:  # noqa: ANN401
    made = SmallProject.made(configuration(**policy), n_items=0)
    for batch in batches:
        bootstrap.import_items(made.id, batch, storage=made.storage, world=made.world)
    return made


def looked(made: SmallProject, **how: str) -> dict[str, Json]:
    return drift(made.id, storage=made.storage, world=made.world, **how)  # type: ignore[arg-type]


def reported(made: SmallProject) -> dict[str, Any]:
    with made.storage.reading() as views:
        return build_report(views, made.id)


def test_a_batch_with_other_words_rings_and_one_of_the_same_source_is_silent() -> None:
    early = rows(1, 150, KITCHEN, prefix="a")
    same = project_of_batches(early, rows(2, 120, KITCHEN, prefix="b"))
    found = looked(same)
    assert not found["drifted"]
    assert "No difference of the texts was found." in str(found["sentence"])
    assert (found["n_before"], found["n_after"]) == (150, 120)

    other = project_of_batches(early, rows(3, 120, [*KITCHEN, *PHONES], prefix="b"))
    found = looked(other)
    assert found["drifted"]
    assert "a small classifier tells new from old" in str(found["sentence"])
    inputs: Any = found["inputs"]
    assert {one["test"] for one in inputs if one["drifted"]} >= {"mmd", "classifier"}


def test_the_look_is_kept_and_the_report_shows_it_and_what_came_since() -> None:
    made = project_of_batches(rows(1, 60, KITCHEN, prefix="a"), rows(2, 60, PHONES, prefix="b"))
    assert reported(made)["drift"] is None
    found = looked(made)
    kept = reported(made)["drift"]
    assert kept["sentence"] == found["sentence"]
    assert kept["n_items_since"] == 0
    made.add_items(7)
    assert reported(made)["drift"]["n_items_since"] == 7
    with made.storage.reading() as views:
        assert [one.kind for one in views.runs(made.id)].count("drift") == 1
    assert not set(KITCHEN) & set(json.dumps(kept).replace('"', " ").split())  # no word of an item in the ledger
    made.storage.verify()


def test_the_certificate_speaks_of_the_frozen_pool_alone() -> None:
    made = project_of_batches(rows(1, 120, KITCHEN, prefix="a"), calibration_size=40)
    keys = made.keys()
    made.predict(dict.fromkeys(keys, "good"), dict(zip(keys, np.linspace(0.5, 0.99, len(keys)), strict=True)))
    calibrate(made.id, storage=made.storage, world=made.world)
    with pytest.raises(NotReady, match="all items came in one import"):
        looked(made)
    bootstrap.import_items(made.id, rows(5, 80, KITCHEN, prefix="n"), storage=made.storage, world=made.world)
    found: Any = looked(made)
    assert not found["drifted"]
    assert found["certificate"] | {"sentence": ""} == {
        "is_issued": False,
        "n_pool": 120,
        "n_outside": 80,
        "covers_all": False,
        "sentence": "",
    }
    assert "80 items came since: of them it says nothing, drift or no drift" in found["sentence"]
    assert found["before"] == "the pool of the sample"


def labelled(seed: int, *, n_new: int, share_bad: float) -> SmallProject:
    """A model that errs in a fifth of cases on 300 items, half of them bad, and new ones of which `share_bad` are."""
    rng = np.random.default_rng(seed)
    made = project_of_batches(rows(seed, 300, KITCHEN, prefix="a"), calibration_size=100)
    old = made.keys()
    truth = {key: "bad" if at % 2 else "good" for at, key in enumerate(old)}

    def predict(keys: list[int]) -> None:
        other = {"good": "bad", "bad": "good"}
        said: dict[int, Json] = {key: truth[key] if rng.random() < 0.8 else other[truth[key]] for key in keys}
        made.predict(said, {key: float(rng.uniform(0.5, 1)) for key in keys})

    predict(old)
    calibrate(made.id, storage=made.storage, world=made.world)
    made.work_queue(lambda item, _question, _person: truth[item])
    bootstrap.import_items(made.id, rows(seed + 1, n_new, KITCHEN, prefix="n"), storage=made.storage, world=made.world)
    new = sorted(set(made.keys()) - set(truth))
    truth |= {key: "bad" if rng.random() < share_bad else "good" for key in new}
    predict(new)
    return made


def test_labels_that_shift_are_seen_through_the_models_mistakes() -> None:
    made = labelled(3, n_new=300, share_bad=0.97)
    found: Any = looked(made)
    of_tone = found["labels"]["tone"]
    assert of_tone["predicted"]["drifted"]
    assert not any(one["drifted"] for one in found["inputs"])
    assert "The model gives labels in other shares" in found["sentence"]
    corrected = {one["label"]: one for one in of_tone["corrected"]["shares"]}
    # The model says "bad" of about .97·.8 + .03·.2 = .78; what lies behind is .97.
    assert corrected["bad"]["low"] <= 0.97 <= corrected["bad"]["high"]
    assert corrected["bad"]["has_moved"]
    assert corrected["bad"]["after"] > 0.85


def test_labels_that_do_not_shift_are_left_alone() -> None:
    found: Any = looked(labelled(8, n_new=300, share_bad=0.5))
    tests = [found["labels"]["tone"][name] for name in ("predicted", "confidence", "people_over_time")]
    assert [one["drifted"] for one in tests] == [False] * 3
    assert not any(one["has_moved"] for one in found["labels"]["tone"]["corrected"]["shares"])
    assert "The labels show no more change than chance" in found["sentence"]


def test_what_was_said_under_another_guideline_is_no_drift_of_the_items() -> None:
    made = labelled(3, n_new=300, share_bad=0.5)
    of_tone = cast("dict[str, Any]", looked(made)["labels"])["tone"]
    assert of_tone["predicted"] is not None
    assert of_tone["corrected"] is not None
    made.reconfigure(replace(made.project.config, guideline=Guideline(2, "Nothing but praise is good.")))
    new = made.keys()[300:]
    made.predict(dict.fromkeys(new, "bad"), dict.fromkeys(new, 0.9))  # by the new guideline; the old items wait
    found: Any = looked(made)
    of_tone = found["labels"]["tone"]
    assert [of_tone[name] for name in ("predicted", "confidence", "given", "corrected")] == [None] * 4
    assert not found["drifted"]


def test_people_who_change_are_told_from_items_that_do() -> None:
    made = project_of_batches(rows(1, 200, KITCHEN, prefix="a"), rows(2, 60, KITCHEN, prefix="b"), calibration_size=100)
    keys = made.keys()
    made.predict(dict.fromkeys(keys, "good"), dict.fromkeys(keys, 0.7))
    calibrate(made.id, storage=made.storage, world=made.world)
    asked: list[int] = []

    def tiring(item: int, _question: str, _person: int) -> Json:
        asked.append(item)
        return "good" if len(asked) > 50 else ["good", "bad"][len(asked) % 2]

    made.work_queue(tiring)
    found: Any = looked(made, since="rows")
    assert found["labels"]["tone"]["people_over_time"]["drifted"]
    assert "the people changed, not the items" in found["sentence"]


def test_batches_are_named_by_metadata_and_the_odd_one_stands_first() -> None:
    months = [(f"2026-0{month}", PHONES if month == 3 else KITCHEN) for month in range(1, 5)]
    every = [
        row for at, (month, words) in enumerate(months) for row in rows(at, 60, words, prefix=f"m{at}-", month=month)
    ]
    made = project_of_batches(every)
    found: Any = looked(made, batch="month")
    assert len(found["comparisons"]) == 4
    assert found["after"] == "month = 2026-03"
    with pytest.raises(NotFound, match="no item has a metadata field 'mnth'; did you mean 'month'"):
        looked(made, batch="mnth")
    each = project_of_batches([{**row, "serial": at} for at, row in enumerate(every)])
    with pytest.raises(InvalidValue, match="has 240 values; at most 12"):
        looked(each, batch="serial")


def test_what_came_since_an_import_or_a_date() -> None:
    made = project_of_batches(rows(1, 60, KITCHEN, prefix="a"), rows(2, 50, KITCHEN, prefix="b"))
    with made.storage.reading() as views:
        newest = [one for one in views.runs(made.id) if one.kind == "import"][-1]
    assert looked(made, since=newest.id)["n_after"] == 50
    with pytest.raises(NotReady, match="nothing came in before"):
        looked(made, since="2020-01-01")
    with pytest.raises(NotReady, match="nothing was imported since 2030-01-01"):
        looked(made, since="2030-01-01")
    with pytest.raises(NotFound, match="neither an import of this project nor a date"):
        looked(made, since="yesterday")


def test_too_few_items_say_nothing() -> None:
    made = project_of_batches(rows(1, 60, KITCHEN, prefix="a"), rows(2, 5, KITCHEN, prefix="b"))
    with pytest.raises(NotReady, match="5 items are too few to see a drift by; 20 are needed"):
        looked(made)


def test_an_unchanged_source_rings_in_few_looks() -> None:
    rings = 0
    for seed in range(12):
        made = project_of_batches(rows(2 * seed, 40, KITCHEN, prefix="a"), rows(2 * seed + 1, 40, KITCHEN, prefix="b"))
        rings += bool(
            find_drift(made.id, storage=made.storage, world=made.world, embedder=HashedEmbedder(128))["drifted"]
        )
    assert rings <= 12 * 0.05 + 3 * (12 * 0.05 * 0.95) ** 0.5


def test_new_items_without_any_text_are_a_drift() -> None:
    found = compare_texts(("old", texts(1, 60, KITCHEN), None), ("new", [""] * 60, None), HashedEmbedder())
    assert found["drifted"]
    nothing = compare_texts(("old", [""] * 60, None), ("new", [""] * 60, None), HashedEmbedder())
    assert "too little text to compare" in str(nothing["sentence"])
    assert not nothing["drifted"]


def test_two_plain_files_need_no_project(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for name, words in (("old", KITCHEN), ("new", KITCHEN), ("other", PHONES)):
        lines = [
            json.dumps({"id": row["id"], "text": row["text"], "label": "a"})
            for row in rows(len(name), 80, words, prefix=name)
        ]
        (tmp_path / f"{name}.jsonl").write_text("\n".join(lines))
    assert not drift_of_files(tmp_path / "old.jsonl", tmp_path / "new.jsonl")["drifted"]
    assert run(["drift", str(tmp_path / "old.jsonl"), str(tmp_path / "other.jsonl"), "--json"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert found["drifted"]
    assert found["labels"]["label"]["given"]["value"] == 0
    assert run(["drift", str(tmp_path / "old.jsonl"), str(tmp_path / "other.jsonl")]) == 0
    assert "The texts differ" in capsys.readouterr().out
    assert run(["drift", str(tmp_path / "old.jsonl")]) == 1
    assert "name two files" in capsys.readouterr().err
