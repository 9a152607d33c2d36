"""Every flow from project.yaml to what is kept, over real sockets: on recordings, and with a model that answers."""

from __future__ import annotations

import json
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from labelwright.prompting.failures import QuotaSpent
from labelwright.prompting.flows.registry import flow_of
from labelwright.workspace import Workspace
from tests.replaying import replaying
from tests.story.recorded_project import LABELS, record, write_project
from tests.story.talking_model import (
    TalkingModel,
    asked_for,
    kept_signals,
    labels_of,
    mistaken,
    number_of,
    people_label,
    reconfigured,
    talking,
    texts_of,
    truth,
)

N = 20
FLOWS: dict[str, tuple[Any, int, dict[str, float]]] = {
    # name -> (as project.yaml has it, requests per item, signals of item 5, which the model gets wrong)
    "once": ("once", 1, {"verbalised": 0.55}),
    "repair": ("repair", 1, {"verbalised": 0.55}),
    "guesses": ({"name": "guesses", "guesses": 2}, 1, {"verbalised": 0.8}),
    # of three alike: (3 + .5) / (3 + 2 * .5)
    "self_consistency": ({"name": "self_consistency", "samples": 3}, 3, {"verbalised": 0.55, "consistency": 0.875}),
    "p_true": ("p_true", 2, {"verbalised": 0.55, "p_true": 0.25}),
    "reason": ("reason", 1, {"verbalised": 0.55}),
    "reflect": ("reflect", 2, {"verbalised": 0.55}),
    "judge": ("judge", 2, {"verbalised": 0.55, "judge": 0.25}),
}


def most_requests(flow: Any) -> int:  # noqa: ANN401 - JSON
    choice = {"name": flow} if isinstance(flow, str) else flow
    kind = flow_of(choice["name"])
    return kind.most_requests(kind.read({name: value for name, value in choice.items() if name != "name"}))


@pytest.mark.parametrize("name", FLOWS)
def test_a_flow_keeps_its_signals_and_asks_no_more_than_it_says(name: str, tmp_path: Path) -> None:
    flow, per_item, signals = FLOWS[name]
    model = TalkingModel()
    with talking(tmp_path, model, n=N, flow=flow) as (project, _):
        report = project.prelabel()
        assert (report.models[0].valid, report.models[0].calls) == (N, per_item * N)
        assert per_item <= most_requests(flow)
        kept = kept_signals(project)
        assert kept["i5"]["signals"] == pytest.approx(signals)
        said = {id: value for id, (_, value, _) in labels_of(project).items()}
        assert said == {f"i{n}": truth(n) if name == "reflect" else mistaken(n) for n in range(N)}
        assert project.prelabel().models[0].due == 0
    assert len(model.bodies) == per_item * N
    if name != "self_consistency":  # two labels have two orders: the third sample is the second once more
        assert len(set(model.bodies)) == per_item * N
    match name:
        case "reflect":
            assert (kept["i5"]["changed"], kept["i5"]["first_value"]) == (True, mistaken(5))
        case "judge":
            assert (kept["i5"]["judge"]["verdict"], kept["i1"]["judge"]["verdict"]) == ("disagree", "agree")
        case "reason":
            assert kept["i5"]["reasoning"] == "I see 5."
        case "guesses":
            assert kept["i1"]["distribution"] == {"good": 0.8, "bad": 0.2}
        case _:
            pass


@pytest.mark.parametrize("name", ["self_consistency", "p_true", "judge"])
def test_m1_a_run_that_ended_half_way_repeats_no_answered_call(name: str, tmp_path: Path) -> None:
    """M1, in conversations of several steps: what was answered is not asked again."""
    flow, per_item, _ = FLOWS[name]
    model = TalkingModel(fails_after=13)
    with talking(tmp_path, model, n=N, flow=flow) as (project, _):
        with pytest.raises(QuotaSpent):
            project.prelabel()
        assert len(model.bodies) == 13
        model.fails_after = None
        project.prelabel()
        assert labels_of(project)["i19"][0] == "valid"
    assert len(model.bodies) == per_item * N
    assert Counter(model.bodies).most_common(1)[0][1] == (2 if name == "self_consistency" else 1)


# ------------------------------------------------------------------------------------------------ recordings


@pytest.mark.parametrize("name", FLOWS)
def test_a_recording_ends_every_flow_with_its_labels_and_unknown_signals(name: str, tmp_path: Path) -> None:
    """What was not recorded is unknown: no item fails, and nothing is made up."""
    flow = FLOWS[name][0]
    folder = record(tmp_path / "recorded", N)
    with replaying(folder) as replay:
        write_project(tmp_path / "work", replay.url)
        with Workspace.create(tmp_path / "work") as workspace:
            workspace.apply()
            project = workspace.project()
            project.import_items(folder / "items.jsonl", id_field="id")
            reconfigured(project, flow=flow)
            report = project.prelabel()
            assert (report.models[0].valid, report.models[0].invalid, report.models[0].failed) == (N, 0, 0)
            assert report.models[0].calls == replay.stats()["requests"] <= N * most_requests(flow)
            kept, said = kept_signals(project, "first")["i4"], labels_of(project, "first")
            assert [said[f"i{n}"][1] for n in range(N)] == [LABELS[n % 3] for n in range(N)]
            assert kept["signals"]["verbalised"] == pytest.approx(0.54)
            assert not {"p_true", "judge", "consistency"} & set(kept["signals"])
            match name:
                case "p_true":
                    assert "p_true" in kept["unknown"]
                case "judge":
                    assert kept["judge"]["verdict"] is None
                case "reason" | "reflect":
                    assert (kept["reasoning"], kept["not_recorded"]) == ("", ["reasoning"])
                case "self_consistency":
                    assert (kept["samples_recorded"], kept["unknown"]) == (1, {"consistency": "1 of 3 were recorded"})
                case "guesses":
                    assert kept["not_recorded"] == ["further guesses"]
                case _:
                    assert "not_recorded" not in kept


def test_recorded_samples_become_consistency(tmp_path: Path) -> None:
    folder = record(tmp_path / "recorded", 6)
    samples = [
        {"id": f"i{i}", "model": "often", "sample": f"s{s}", "label": LABELS[0] if s <= i else LABELS[1]}
        for i in range(6)
        for s in range(1, 6)
    ]
    with (folder / "llm.jsonl").open("a") as file:
        file.writelines(json.dumps(row) + "\n" for row in samples)
    with replaying(folder) as replay:
        write_project(tmp_path / "work", replay.url, confidence="consistency")
        settings = json.loads((tmp_path / "work" / "project.yaml").read_text())
        settings |= {"flow": {"name": "self_consistency", "samples": 5}}
        settings["models"] = [{"model": "often", "base_url": replay.url}]
        (tmp_path / "work" / "project.yaml").write_text(json.dumps(settings))
        with Workspace.create(tmp_path / "work") as workspace:
            workspace.apply()
            project = workspace.project()
            project.import_items(folder / "items.jsonl", id_field="id")
            assert project.prelabel().models[0].valid == 6
            found = labels_of(project, "often")
            assert kept_signals(project, "often")["i2"]["samples_recorded"] == 5
    # i of five say "good": (n + .5) / (5 + 3 * .5)
    assert [found[f"i{i}"][1:] for i in range(6)] == [
        (LABELS[0] if i > 2 else LABELS[1], pytest.approx((max(i, 5 - i) + 0.5) / 6.5)) for i in range(6)
    ]


# ------------------------------------------------------------------------------------------------ examples


def shown_examples(body: dict[str, Any]) -> list[int]:
    """Give the numbers of the items that stand before the final block."""
    blocks = "\n".join(texts_of(body)[1:]).split("<item>")[1:-1]
    return [int(block.split("Review ")[1].split(".")[0]) for block in blocks]


@pytest.mark.parametrize("flow", ["explain", {"name": "explain", "check": False}, "repair"])
def test_each_example_is_explained_once_however_many_items_show_it(flow: Any, tmp_path: Path) -> None:  # noqa: ANN401
    model = TalkingModel()
    examples = {"choose": "nearest", "k": 3, "explain": flow == "repair"}
    with talking(tmp_path, model, n=60, policy={"calibration_size": 10}) as (project, _):
        project.prelabel()
        project.calibrate()
        people_label(project, lambda n, _: truth(n))
        # Another guideline: that sample no longer certifies, so that its labels may be shown.
        (tmp_path / "other.md").write_text("Good is good.")
        reconfigured(project, guideline="other.md", flow=flow, examples=examples)
        before, model.seconds = len(model.bodies), 0.05  # so that many conversations are held at once
        (foreseen,) = project.foresee().models
        report = project.prelabel()
        assert report.models[0].valid == 60
        doubted = {id: kept.get("doubted_examples", []) for id, kept in kept_signals(project).items()}
        asked = [json.loads(body) for body in model.bodies[before:]]
    assert len(model.bodies) == len(set(model.bodies))
    explained = [number_of(body) for body in asked if asked_for(body) == "explanation"]
    assert len(explained) == len(set(explained)) <= 10
    labelling = [body for body in asked if shown_examples(body)]
    assert len(labelling) == 60
    for body in labelling:
        examples_of = shown_examples(body)
        assert len(examples_of) == 3
        assert number_of(body) not in examples_of
        assert set(examples_of) <= set(explained)
        assert all(f"Because of {n}." in "\n".join(texts_of(body)) for n in examples_of)
    checks = flow == "explain"
    assert len(asked) == 60 + len(explained) * (2 if checks else 1)
    assert foreseen.calls == len(asked) <= foreseen.most_calls, "explanations are foreseen too"
    if checks:  # the model, asked blind, is wrong about every fifth item
        shown = {number_of(body): shown_examples(body) for body in labelling}
        for n, examples_of in shown.items():
            assert set(doubted.get(f"i{n}", [])) == {f"i{one}" for one in examples_of if one % 5 == 0}


def test_no_item_that_certifies_is_an_example(tmp_path: Path) -> None:
    """A4P, 4: what certifies a score must not have made it."""
    model = TalkingModel()
    with talking(tmp_path, model, n=60, policy={"calibration_size": 15}, examples={"choose": "nearest", "k": 3}) as (
        project,
        _,
    ):
        project.prelabel()
        project.calibrate()
        people_label(project, lambda n, _: truth(n))
        with project.workspace.storage.reading() as views:
            ids = views.item_ids(project.id)
            sample = {str(ids[int(a.item)]) for a in views.annotations(project.id)}
        assert len(sample) == 15
        project.calibrate()
        project.route()
        people_label(project, lambda n, _: truth(n), names=("bea",), most=12)
        before = len(model.bodies)
        project.import_items([{"id": f"i{n}", "text": f"Review {n}."} for n in range(60, 80)], id_field="id")
        project.prelabel()
        later = [json.loads(body) for body in model.bodies[before:]]
    assert len(later) == 20
    shown = {f"i{n}" for body in later for n in shown_examples(body)}
    assert shown
    assert not shown & sample
