"""Comparing ways of labelling by gold, over real sockets: right figures, nothing paid twice, nothing leaked."""

from __future__ import annotations

import itertools
import json
import math
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager, ExitStack
from fractions import Fraction
from pathlib import Path
from threading import Event
from typing import Any, cast

import pytest

from labelwright import bootstrap
from labelwright.adapters.embedders.registry import embedder_of
from labelwright.cli.main import run
from labelwright.domain.canonical import Json
from labelwright.errors import InvalidFile, InvalidInput, InvalidValue, NotReady
from labelwright.services.comparing.evaluate import evaluate, plan_evaluation
from labelwright.services.comparing.evaluate_gold import StatedGold
from labelwright.services.comparing.evaluate_run import examples_for
from labelwright.services.comparing.evaluate_variants import Wishes
from labelwright.workspace import ProjectHandle, Workspace
from tests.replaying import Replay, replaying
from tests.story.recorded_project import LABELS, record, write_lines, write_project
from tests.story.small_project import SmallProject

N = 60
Open = Callable[..., tuple[ProjectHandle, Replay]]
WORDS = ("screen", "battery", "price", "sound", "post", "colour", "weight", "cable", "box", "lens", "strap", "glass")


def varied(n: int) -> list[dict[str, str]]:
    """Give items with texts of their own; every tenth repeats the one before it."""
    texts = [" ".join(words) for words in itertools.islice(itertools.permutations(WORDS, 6), 0, n * 997, 997)]
    return [{"id": f"i{i}", "text": texts[i - (i % 10 == 9)]} for i in range(n)]


@pytest.fixture
def opened(tmp_path: Path) -> AbstractContextManager[Open]:
    stack = ExitStack()

    def make(
        *options: str, n: int = N, odd: Sequence[int] = (), is_varied: bool = False, **settings: object
    ) -> tuple[ProjectHandle, Replay]:
        folder = record(tmp_path / "recorded", n, odd=odd)
        if is_varied:
            write_lines(folder / "items.jsonl", varied(n))
        replay = stack.enter_context(replaying(folder, *options))
        write_project(tmp_path / "work", replay.url)
        file = tmp_path / "work" / "project.yaml"
        file.write_text(json.dumps(json.loads(file.read_text()) | settings))
        workspace = stack.enter_context(Workspace.create(tmp_path / "work"))
        workspace.apply()
        project = workspace.project()
        project.import_items(folder / "items.jsonl", id_field="id")
        return project, replay

    class Opened:
        def __enter__(self) -> Open:
            return make

        def __exit__(self, *_: object) -> None:
            stack.close()

    return Opened()


@pytest.fixture
def gold(tmp_path: Path) -> Path:
    file = tmp_path / "gold.jsonl"
    # One in six is not what the first model says.
    write_lines(file, [{"id": f"i{i}", "label": LABELS[(i + (i % 6 == 5)) % 3]} for i in range(N)])
    return file


def test_accuracy_is_what_a_direct_count_gives(opened: AbstractContextManager[Open], gold: Path) -> None:
    with opened as make:
        project, replay = make(odd=(0, 1))
        report = project.evaluate(gold, models=["first", "second"])
        truth = [json.loads(line)["label"] for line in gold.read_text().splitlines()]
        said = {
            "first": [None if i in (0, 1) else LABELS[i % 3] for i in range(N)],
            "second": [LABELS[i % 2] for i in range(N)],
        }
        for variant in report.variants:
            right = sum(a == b for a, b in zip(said[variant.name], truth, strict=True))
            (scores,) = variant.scores
            assert (scores.n, scores.n_right) == (N, right)
            assert scores.accuracy == right / N
            assert scores.low < scores.accuracy < scores.high
        assert report.variants[0].scores[0].invalid == pytest.approx(2 / N)
        assert replay.stats()["requests"] == 2 * N + 2


def test_m1_evaluating_again_asks_nothing_and_says_the_same(opened: AbstractContextManager[Open], gold: Path) -> None:
    """M1: answers of an evaluation are found again by another, and by pre-labelling."""
    with opened as make:
        project, replay = make(odd=(3,))
        first = project.evaluate(gold)
        asked = replay.stats()["requests"]
        again = project.evaluate(gold)
        assert replay.stats()["requests"] == asked
        assert sum(variant.calls for variant in again.variants) == 0
        assert again.spent_micro in (0, None)
        for one, other in zip(first.variants, again.variants, strict=True):
            assert (one.scores, one.cost_micro, one.median_ms, one.p95_ms) == (
                other.scores,
                other.cost_micro,
                other.median_ms,
                other.p95_ms,
            )
        labelled = project.prelabel().models[0]
        assert (labelled.valid, labelled.invalid, labelled.calls, labelled.reused) == (N - 1, 1, 0, N + 1)
        assert replay.stats()["requests"] == asked


def test_m1_what_prelabelling_paid_for_is_not_asked_again(opened: AbstractContextManager[Open], gold: Path) -> None:
    """M1, the other way round; the cost per 1,000 is that of the answers, whoever bought them."""
    with opened as make:
        project, _ = make()
        project.prelabel()
        report = project.evaluate(gold, models=["first"])
        assert (report.variants[0].calls, report.variants[0].reused, report.spent_micro) == (0, N, 0)
        with project.workspace.storage.reading() as views:
            totals = views.call_totals(project.id)
        pico = totals.tokens_in * 100_000 + totals.tokens_out * 500_000
        assert report.variants[0].cost_micro == math.ceil(Fraction(pico * 1_000, N) / 1_000_000)


def test_the_cost_counts_repairs_and_is_unknown_without_a_price(
    opened: AbstractContextManager[Open], gold: Path
) -> None:
    with opened as make:
        project, _ = make(odd=range(30))
        report = project.evaluate(gold, models=["first", "second"])
        with project.workspace.storage.reading() as views:
            totals = views.call_totals(project.id)
        assert totals.cost_micro is None  # of the second
        first, second = report.variants
        assert (first.requests, second.requests, second.cost_micro) == (N + 30, N, None)
        assert report.spent_micro is None
        alone = project.evaluate(gold, models=["first"], flows=["once", "repair"]).variants
        once, repair = (variant.cost_micro for variant in alone)
        assert once is not None
        assert repair == first.cost_micro
        assert cast("int", repair) > once


def test_nothing_is_predicted_and_every_variant_is_in_the_history(
    opened: AbstractContextManager[Open], gold: Path
) -> None:
    with opened as make:
        project, _ = make(odd=(0,))
        report = project.evaluate(gold, models=["first"], flows=["once", "repair"])
        with project.workspace.storage.reading() as views:
            assert len(views.predictions(project.id, "label", "first").item) == 0
            runs = [one for one in views.runs(project.id) if one.kind == "evaluate"]
        assert [one.finished for one in runs] == [True, True]
        assert [cast("dict[str, Json]", one.parameters["flow"])["name"] for one in runs] == ["once", "repair"]
        for one, result in zip(runs, report.variants, strict=True):
            assert one.report is not None
            (kept,) = cast("list[dict[str, Any]]", one.report["scores"])
            assert kept["accuracy"] == result.scores[0].accuracy
            assert "splendid" not in json.dumps(one.report)  # what a model wrote is no part of the chain
        project.workspace.verify()


def test_the_paired_test_counts_the_items_that_tell_two_apart(opened: AbstractContextManager[Open], gold: Path) -> None:
    with opened as make:
        project, _ = make()
        report = project.evaluate(gold, models=["second", "first"], baseline="second")
        truth = [json.loads(line)["label"] for line in gold.read_text().splitlines()]
        first = [LABELS[i % 3] == truth[i] for i in range(N)]
        second = [LABELS[i % 2] == truth[i] for i in range(N)]
        (found,) = report.comparisons
        assert (found.first, found.second) == ("first", "second")
        assert found.only_first == sum(a and not b for a, b in zip(first, second, strict=True))
        assert found.only_second == sum(b and not a for a, b in zip(first, second, strict=True))
        assert found.difference == pytest.approx((sum(first) - sum(second)) / N)
        assert found.sentence.startswith("first is right on ")
        assert report.is_baseline_named


def test_equal_prompts_are_compared_once_and_others_by_name(
    opened: AbstractContextManager[Open], gold: Path, tmp_path: Path
) -> None:
    with opened as make:
        project, _ = make()
        stated = json.loads((tmp_path / "work" / "project.yaml").read_text())
        same, other, wrong = (tmp_path / f"{name}.yaml" for name in ("same", "terse", "wrong"))
        same.write_text(json.dumps(stated))
        other.write_text(json.dumps(stated | {"instruction": "Be terse.", "models": []}))
        wrong.write_text(json.dumps(stated | {"questions": [stated["questions"][0] | {"labels": ["good", "bad"]}]}))
        report = project.evaluate(gold, models=["first"], prompts=[same, other])
        assert [variant.name for variant in report.variants] == ["first · project", "first · terse"]
        assert len({str(variant.parameters["prompt_hash"]) for variant in report.variants}) == 2
        with pytest.raises(InvalidValue, match="wrong asks other questions"):
            project.evaluate(gold, prompts=[wrong])


def test_a_dry_run_sends_nothing_and_counts_what_is_paid(opened: AbstractContextManager[Open], gold: Path) -> None:
    with opened as make:
        project, replay = make()
        forecast = project.foresee_evaluation(gold, models=["first"])
        assert (forecast.variants[0].calls, forecast.variants[0].most_calls) == (N, 2 * N)
        assert replay.stats()["requests"] == 0
        report = project.evaluate(gold, models=["first"])
        about, most, cost = forecast.cost_micro, forecast.most_micro, report.spent_micro
        assert about is not None
        assert most is not None
        assert cost is not None
        assert cost <= most
        assert cost / 3 < about < 3 * cost
        after = project.foresee_evaluation(gold, models=["first"])
        assert (after.variants[0].paid, after.variants[0].calls, after.cost_micro) == (N, 0, 0)


WRONG: list[tuple[dict[str, Any], str]] = [
    ({"flows": ["once", "repare"]}, "no flow 'repare'; did you mean 'repair'"),
    ({"models": ["frist"]}, "no model 'frist'; did you mean 'first'"),
    ({"examples": ["nearst"]}, "'nearst' is no way to choose examples; did you mean 'nearest'"),
    ({"examples": ["fixed"]}, "names no fixed examples"),
    ({"embedders": ["hashed-513"]}, "no embedder 'hashed-513'; did you mean 'hashed-51"),
    ({"baseline": "thrid"}, "no variant 'thrid' here; did you mean 'third'"),
]


def test_a_wrong_name_is_told_before_anything_is_sent(opened: AbstractContextManager[Open], gold: Path) -> None:
    with opened as make:
        project, replay = make()
        for comparing, message in WRONG:
            with pytest.raises(InvalidValue, match=message):
                project.evaluate(gold, **cast("Any", comparing))
        assert replay.stats()["requests"] == 0


def test_gold_is_refused_by_the_line(opened: AbstractContextManager[Open], tmp_path: Path) -> None:
    with opened as make:
        project, _ = make(n=3)
        file = tmp_path / "bad.csv"
        file.write_text("id,label\ni0,good\ni1,splendid\n")
        with pytest.raises(InvalidFile, match=r"bad\.csv, line 3: label: .*'splendid' is not in the schema"):
            project.evaluate(file)
        file.write_text("id,label\ni0,good\ni0,bad\n")
        with pytest.raises(InvalidFile, match="line 3: item 'i0' has two different labels"):
            project.evaluate(file)
        file.write_text("id,lable\ni0,good\n")
        with pytest.raises(InvalidFile, match="no column 'label'; did you mean 'lable'"):
            project.evaluate(file)
        file.write_text("id,label\nx7,good\n")
        with pytest.raises(InvalidInput, match="none of its 1 ids is an item's, such as 'x7'"):
            project.evaluate(file)
        file.write_text("id,label\ni0,good\nx7,good\n")
        report = project.evaluate(file, models=["first"])
        assert report.n_items == 1
        assert any("1 ids of bad.csv are no items" in remark for remark in report.remarks)


def with_people(project: ProjectHandle) -> list[int]:
    """Have the sample drawn and labelled by somebody; give its items."""
    project.prelabel()
    project.calibrate()
    workspace = project.workspace
    people = SmallProject(workspace.storage, workspace.world, project.id, [project.invite("somebody").annotator])
    done = people.work_queue(lambda key, _question, _person: LABELS[key % 3])
    return [card["item_key"] for card in done]


def reworded(project: ProjectHandle) -> None:
    """Put another guideline in force: what was drawn certifies nothing any more."""
    folder = project.workspace.path
    (folder / "guideline.md").write_text("Irony: read what is meant.")
    file = folder / "project.yaml"
    file.write_text(json.dumps(json.loads(file.read_text()) | {"guideline": "guideline.md"}))
    project.workspace.apply()


def test_a4p_6_labels_that_certify_are_not_looked_at_unasked(opened: AbstractContextManager[Open], gold: Path) -> None:
    """A4P 6: whoever chooses a prompt by the sample that certifies has spent it."""
    with opened as make:
        project, _ = make(policy={"calibration_size": 20})
        sample = with_people(project)
        assert len(sample) == 20
        with pytest.raises(NotReady, match="all 20 items with gold belong to the sample that certifies"):
            project.evaluate(models=["first"])
        by_file = project.evaluate(gold, models=["first"])
        assert by_file.n_items == N - 20
        assert any("20 items of the sample that certifies are left out" in remark for remark in by_file.remarks)
        spent = project.evaluate(models=["first"], spends_calibration=True)
        assert (spent.n_items, spent.spends_calibration) == (20, 20)
        assert any("must be certified by a new sample" in remark for remark in spent.remarks)
        with project.workspace.storage.reading() as views:
            runs = [one for one in views.runs(project.id) if one.kind == "evaluate"]
        assert [one.parameters["spends_calibration"] for one in runs] == [0, 20]


def test_no_example_is_gold_nor_repeats_it_nor_certifies(opened: AbstractContextManager[Open]) -> None:
    """The leak test: what a variant is judged by stands in none of its prompts."""
    with opened as make:
        project, _ = make(n=120, is_varied=True, policy={"calibration_size": 50})
        earlier = with_people(project)
        reworded(project)
        sample = with_people(project)
        assert not set(earlier) & set(sample)
        workspace, config = project.workspace, project.config
        around = bootstrap.surroundings(
            config, workspace.path, storage=workspace.storage, world=workspace.world, stop=Event()
        )
        wishes = Wishes(models=("first",), examples=("nearest", "balanced"), k=(4,), embedders=("hashed", "hashed-128"))
        plan = plan_evaluation(config, wishes, around, None, embedder=embedder_of)
        judged = set(plan.gold.items)
        assert judged < set(earlier)
        assert len(judged) == len(earlier) // 2
        assert len(plan.variants) == 4
        with workspace.storage.reading() as views:
            items = views.items_by_key(config.id, sorted(judged))
            ids = {str(id): key for key, id in views.item_ids(config.id).items()}
            texts = {str(item.id): item.content["text"] for item in views.items(config.id)}
        given: set[int] = set()
        for variant in plan.variants:
            for item, examples in zip(items, examples_for(variant, plan.gold, around, embedder_of)(items), strict=True):
                shown = {ids[one.item_id] for one in examples}
                assert not shown & judged
                assert not shown & set(sample)
                assert item.content["text"] not in [texts[one.item_id] for one in examples]
                given |= shown
        assert given
        assert given <= set(earlier) - judged


def test_examples_embedders_and_their_number_are_crossed(opened: AbstractContextManager[Open]) -> None:
    with opened as make:
        project, _ = make(n=120, is_varied=True, policy={"calibration_size": 50})
        with_people(project)
        reworded(project)
        report = project.evaluate(models=["first"], k=[0, 3], embedders=["hashed", "hashed-2048"])
        assert [variant.name for variant in report.variants] == [
            "first · no examples",
            "first · nearest 3 · hashed",
            "first · nearest 3 · hashed-2048",
        ]
        assert report.n_items == 25  # half of what people labelled is left for examples
        with pytest.raises(NotReady, match="nothing to show as examples"):
            project.evaluate(models=["first"], k=[3], limit=50)


def test_a_fixed_example_is_not_judged_by(opened: AbstractContextManager[Open], gold: Path) -> None:
    with opened as make:
        project, _ = make(is_varied=True, policy={"calibration_size": 20})
        shown = with_people(project)[0]
        reworded(project)
        with project.workspace.storage.reading() as views:
            id = str(views.item_ids(project.id)[shown])
        file = project.workspace.path / "project.yaml"
        file.write_text(json.dumps(json.loads(file.read_text()) | {"examples": {"choose": "fixed", "items": [id]}}))
        project.workspace.apply()
        report = project.evaluate(gold, models=["first"], examples=["none", "fixed"])
        assert [variant.name for variant in report.variants] == ["first · no examples", "first · fixed"]
        assert {variant.scores[0].n for variant in report.variants} == {N - 1}


def test_a_project_that_labels_in_batches_is_told_the_price_of_batches(
    opened: AbstractContextManager[Open], gold: Path
) -> None:
    with opened as make:
        project, _ = make()
        live = project.evaluate(gold, models=["first"]).variants[0]
        file = project.workspace.path / "project.yaml"
        stated = json.loads(file.read_text())
        stated["models"][0]["delivery"] = "batch"
        file.write_text(json.dumps(stated))
        project.workspace.apply()
        batched = project.evaluate(gold, models=["first"]).variants[0]
        assert live.cost_micro is not None
        assert batched.cost_micro is not None
        assert (batched.calls, batched.reused) == (0, N)
        assert abs(batched.cost_micro - live.cost_micro / 2) <= 1


def test_a_comparison_that_is_stopped_has_no_figures_and_goes_on_where_it_was(
    opened: AbstractContextManager[Open], gold: Path
) -> None:
    with opened as make:
        project, replay = make("--latency-ms", "20")
        workspace, stop = project.workspace, Event()
        around = bootstrap.surroundings(
            project.config, workspace.path, storage=workspace.storage, world=workspace.world, stop=stop
        )
        stated = StatedGold("gold", "", {"label": {f"i{i}": "good" for i in range(N)}})
        plan = plan_evaluation(project.config, Wishes(), around, stated, embedder=embedder_of)
        report = evaluate(
            project.config, plan, around, embedder=embedder_of, progress=lambda done, _: stop.set() if done else None
        )
        assert report.stopped
        assert not report.variants
        asked = replay.stats()["requests"]
        assert 0 < asked < 3 * N
        again = project.evaluate(gold)
        assert sum(variant.calls for variant in again.variants) == 3 * N - asked
        assert replay.stats()["repeated"] == 0


def test_the_command_tells_draws_and_refuses(
    opened: AbstractContextManager[Open], gold: Path, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    with opened as make:
        _, replay = make(odd=(1,))
        work, page = str(tmp_path / "work"), tmp_path / "compared.html"
        assert run(["evaluate", str(gold), "-w", work, "--dry-run"]) == 0
        assert "60 items of gold.jsonl, 3 variants" in capfd.readouterr().out
        assert replay.stats()["requests"] == 0
        options = ["--models", "first,second", "--limit", "40", "--html", str(page)]
        assert run(["evaluate", str(gold), "-w", work, *options]) == 0
        told = capfd.readouterr().out
        assert "first is right on" in told
        assert "Exact McNemar tests against first, the best here" in told
        drawn = page.read_text()
        for title in ("Right answers against what they cost", "How far confidence can be believed", "F1 per class"):
            assert f"<title>{title}" in drawn or f"{title}</title>" in drawn
        assert "prefers-color-scheme:dark" in drawn
        assert "<script" not in drawn
        assert run(["evaluate", str(gold), "-w", work, "--models", "first", "--limit", "40", "--json"]) == 0
        report = json.loads(capfd.readouterr().out)
        assert report["n_items"] == 40
        assert report["variants"][0]["calls"] == 0
        assert report["variants"][0]["scores"][0]["calibration"]["ece"] > 0
        assert run(["evaluate", str(gold), "-w", work, "--flows", "selfconsistency"]) == 1
        assert "did you mean 'self_consistency'?" in capfd.readouterr().err
        assert run(["evaluate", str(gold), "-w", work, "--k", "three"]) == 1
        assert "'three' is no number of examples" in capfd.readouterr().err
