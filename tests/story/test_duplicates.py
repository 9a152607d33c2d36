"""`labelwright duplicates`: near copies, where they leak, where their labels differ, and splits they do not cross."""

from __future__ import annotations

import csv
import json
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from labelwright import bootstrap
from labelwright.bootstrap.soundness import duplicates, duplicates_in_files
from labelwright.cli.main import run
from labelwright.domain.canonical import Json
from labelwright.domain.project import ExamplePolicy, Guideline
from labelwright.errors import InvalidFile, InvalidInput, InvalidValue, NotReady
from labelwright.services.acceptance.calibrate import calibrate
from labelwright.services.acceptance.route import route
from labelwright.services.people.aggregate import aggregate
from labelwright.services.projects.report import build_report
from labelwright.services.soundness.duplicates import Duplicates, split_of
from tests.story.small_project import SmallProject, configuration

WORDS = ("river", "stone", "market", "window", "garden", "letter", "bridge", "candle", "winter", "orange", "silver")
COMPLAINT = "The parcel arrived two weeks late, the box was open, and nobody at the counter wanted to help me at all."
NEARLY = "The parcel arrived two weeks late, the box was open, and nobody at the counter wanted to help us at all!"


def texts(seed: int, n: int) -> list[str]:
    rng = np.random.default_rng(seed)
    return [" ".join(rng.choice(WORDS, rng.integers(12, 20))) for _ in range(n)]


def project_of(rows: Sequence[dict[str, Any]], **policy: Any) -> SmallProject:  # noqa: ANN401
    made = SmallProject.made(configuration(**policy), n_items=0)
    bootstrap.import_items(made.id, rows, storage=made.storage, world=made.world)
    return made


def looked(made: SmallProject, **how: Any) -> Duplicates:  # noqa: ANN401
    return duplicates(made.project, storage=made.storage, world=made.world, **how)


def reported(made: SmallProject) -> dict[str, Any]:
    with made.storage.reading() as views:
        return build_report(views, made.id)


def numbered(every: Sequence[str], **metadata: Sequence[Json]) -> list[dict[str, Any]]:
    return [
        {"id": f"i{at}", "text": text} | {name: values[at] for name, values in metadata.items()}
        for at, text in enumerate(every)
    ]


def test_near_copies_are_grouped_and_the_report_keeps_them() -> None:
    made = project_of(numbered([*texts(1, 40), COMPLAINT, NEARLY, COMPLAINT.upper(), *texts(2, 20)]))
    assert reported(made)["duplicates"] is None
    found = looked(made)
    assert (found.n_groups, found.n_items, found.n_same) == (1, 3, 1)
    kept = reported(made)["duplicates"]
    assert kept["largest"] == [{"n": 3, "items": ["i40", "i41", "i42"]}]
    assert kept["leaks"] == []
    assert "3 of the 63 texts nearly repeat another, in one group." in kept["sentence"]
    assert kept["n_items_since"] == 0
    assert "parcel" not in json.dumps(kept)  # no word of an item in the ledger
    made.storage.verify()
    assert looked(project_of(numbered(texts(1, 30)))).sentence == "None of the 30 texts nearly repeats another."


def test_a_copy_on_both_sides_of_a_split_is_a_leak() -> None:
    sides = ["train"] * 30 + ["test"] * 10
    every = [*texts(1, 29), COMPLAINT, NEARLY, *texts(2, 9)]
    found = looked(project_of(numbered(every, split=sides)))
    (leak,) = found.leaks
    assert (leak.between, leak.n, leak.of, leak.examples) == ("train and test", 1, 10, (("i29", "i30"),))
    assert "1 of the 10 items of 'test' nearly repeat one of 'train'" in found.sentence


def test_a_new_split_is_crossed_by_no_copy_and_keeps_the_labels_shares(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    rng = np.random.default_rng(5)
    every: list[str] = []
    for text in texts(1, 100):
        every += [text] if rng.random() < 0.6 else [text, text + "!", text.title()]
    rows = [{**row, "label": "good" if at % 4 else "bad"} for at, row in enumerate(numbered(every))]
    (tmp_path / "all.jsonl").write_text("\n".join(map(json.dumps, rows)))
    out = tmp_path / "split.csv"
    assert run(["duplicates", str(tmp_path / "all.jsonl"), "--split", str(out), "--test-share", "0.25", "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    written = list(csv.DictReader(out.read_text().splitlines()))
    by_group: dict[str, set[str]] = {}
    for row in written:
        by_group.setdefault(row["group"], set()).add(row["split"])
    assert all(len(sides) == 1 for sides in by_group.values())
    assert told["n_groups"] == sum(1 for text in set(by_group) if [r["group"] for r in written].count(text) > 1)
    is_test = {row["id"]: row["split"] == "test" for row in written}
    for label in ("good", "bad"):
        share = np.mean([is_test[row["id"]] for row in rows if row["label"] == label])
        assert share == pytest.approx(0.25, abs=0.06)


def labelled_by_people(made: SmallProject, answer: dict[str, str]) -> None:
    """Have people label everything: without a model each item goes to them."""
    with made.storage.reading() as views:
        ids = {key: str(id) for key, id in views.item_ids(made.id).items()}
    route(made.id, storage=made.storage, world=made.world)
    made.work_queue(lambda item, _question, _person: answer.get(ids[item], "good"))
    aggregate(made.id, storage=made.storage, world=made.world)


def test_copies_with_different_labels_are_listed_and_their_labels_are_not_kept() -> None:
    made = project_of(numbered([*texts(1, 10), COMPLAINT, NEARLY]))
    made.reconfigure(replace(configuration(), models=()))
    labelled_by_people(made, {"i10": "bad"})
    found = looked(made)
    (conflict,) = found.conflicts
    assert dict(zip(conflict.items, conflict.labels, strict=True)) == {"i10": "bad", "i11": "good"}
    assert not conflict.in_same_words  # “us” for “me” may be what decides
    kept = reported(made)["duplicates"]
    assert kept["conflicts"] == [{"question": "tone", "items": ["i10", "i11"]}]
    assert "One group has labels that differ. Where copies differ in a word or two, look" in kept["sentence"]
    assert "wrong" not in kept["sentence"]
    sides = split_of(found, test_share=0.3, seed=1)
    assert sides[10] == sides[11]


def test_an_example_that_repeats_an_item_of_the_sample_is_found() -> None:
    """The prompt shows i0, and the sample that certifies holds its near copy."""
    made = project_of(numbered([COMPLAINT, *texts(1, 60)]), calibration_size=40)
    made.reconfigure(replace(configuration(calibration_size=40), models=()))
    labelled_by_people(made, {"i0": "bad"})
    examples = ExamplePolicy(choose="fixed", items=("i0",))
    bootstrap.import_items(
        made.id,
        [{"id": f"n{at}", "text": text} for at, text in enumerate([*[NEARLY] * 3, *texts(3, 47)])],
        storage=made.storage,
        world=made.world,
    )
    made.reconfigure(replace(configuration(calibration_size=50), examples=examples))
    keys = made.keys()
    made.predict(dict.fromkeys(keys, "good"), dict.fromkeys(keys, 0.8))
    calibrate(made.id, storage=made.storage, world=made.world)
    found = looked(made)
    (leak,) = found.leaks
    assert (leak.between, leak.n, leak.of) == ("examples and the sample that certifies", 3, 50)
    assert {one for one, _ in leak.examples} == {"i0"}
    assert {other for _, other in leak.examples} == {"n0", "n1", "n2"}
    assert "nearly repeat an example that models may be shown" in found.sentence
    assert "Expect a model to do worse on items it was shown no copy of" in found.sentence
    assert found.sample == (50, 3)


def test_gold_that_stands_in_the_guideline_is_found(tmp_path: Path) -> None:
    config = replace(configuration(), guideline=Guideline(2, f"Good is good. For example: “{COMPLAINT}” is bad."))
    made = project_of(numbered([*texts(1, 20), NEARLY]))
    made.reconfigure(config)
    gold = tmp_path / "gold.jsonl"
    gold.write_text("\n".join(json.dumps({"id": f"i{at}", "label": "bad"}) for at in (3, 20)))
    (leak,) = looked(made, gold=gold).leaks
    assert (leak.between, leak.n, leak.examples) == ("prompt and gold.jsonl", 1, (("i20",),))
    assert looked(made).leaks == ()


def test_files_are_sides_and_ids_say_which(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "a.csv").write_text("text,label\n" + "\n".join(f'"{t}",x' for t in [*texts(1, 5), COMPLAINT]))
    (tmp_path / "b.csv").write_text("text,label\n" + "\n".join(f'"{t}",y' for t in [NEARLY, *texts(2, 3)]))
    files = [str(tmp_path / "a.csv"), str(tmp_path / "b.csv")]
    assert run(["duplicates", *files, "--json", "--conflicts"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert told["leaks"][0]["between"] == "a.csv and b.csv"
    assert told["leaks"][0]["examples"] == [["a.csv:line 7", "b.csv:line 2"]]
    assert told["conflicts"][0]["labels"] == ["x", "y"]
    assert run(["duplicates", *files]) == 0
    assert "See them with --conflicts." in capsys.readouterr().out
    assert run(["duplicates", *files, "--runs", "wrds"]) == 1
    assert "did you mean 'words'" in capsys.readouterr().err


def test_the_very_same_words_with_two_labels_are_told_apart_from_near_copies(tmp_path: Path) -> None:
    every = [(COMPLAINT, "x"), (COMPLAINT.upper(), "y"), *((text, "x") for text in texts(1, 5))]
    (tmp_path / "a.csv").write_text("text,label\n" + "\n".join(f'"{text}",{label}' for text, label in every))
    found = duplicates_in_files([tmp_path / "a.csv"])
    assert [one.in_same_words for one in found.conflicts] == [True]
    assert "There the very same words have two labels, of which one is likely wrong." in found.sentence
    assert "look whether these decide" not in found.sentence


def test_files_of_one_name_in_two_folders_are_two_sides(tmp_path: Path) -> None:
    files = [tmp_path / folder / "data.csv" for folder in ("train", "test")]
    for file, seed in zip(files, (1, 2), strict=True):
        file.parent.mkdir()
        file.write_text("text\n" + "\n".join(f'"{text}"' for text in [*texts(seed, 5), COMPLAINT]))
    (leak,) = duplicates_in_files(files).leaks
    assert (leak.n, leak.between) == (1, f"{files[0]} and {files[1]}")
    (leak,) = duplicates_in_files(files[::-1]).leaks
    assert leak.between == f"{files[0]} and {files[1]}"  # what tests loses by the leak, whichever is named first
    with pytest.raises(InvalidInput, match="is named twice"):
        duplicates_in_files([files[0], files[0]])


def test_a_field_that_no_item_has_is_not_taken_for_one_without_a_leak(tmp_path: Path) -> None:
    with pytest.raises(InvalidValue, match="did you mean 'part'"):
        looked(project_of(numbered(texts(1, 4), part=["train"] * 4)), field="pat")
    (tmp_path / "a.csv").write_text("text,part\none text,train\nother text,test\n")
    with pytest.raises(InvalidFile, match="did you mean 'part'"):
        duplicates_in_files([tmp_path / "a.csv"], field="pat")
    with pytest.raises(InvalidInput, match="each is a side"):
        duplicates_in_files([tmp_path / "a.csv", tmp_path / "b.csv"], field="part")


def test_an_empty_project_says_what_to_do() -> None:
    with pytest.raises(NotReady, match="labelwright import FILE"):
        looked(project_of([]))


def test_a_leak_into_the_test_side_is_found_however_many_sides_there_are(tmp_path: Path) -> None:
    sides = [f"fold {at}" for at in range(14) for _ in range(3)] + ["test"]
    every = [*texts(1, 41), COMPLAINT, NEARLY]
    sides[41] = "fold 13"
    rows = [f'"{text}","{side}"' for text, side in zip(every, sides, strict=True)]
    (tmp_path / "a.csv").write_text("\n".join(["text,split", *rows]))
    found = duplicates_in_files([tmp_path / "a.csv"])
    assert "Only the 12 largest of the 15 sides were compared" in found.sentence
    few = [f'"{text}","{side}"' for text, side in zip(every[-10:], sides[-10:], strict=True)]
    (tmp_path / "b.csv").write_text("\n".join(["text,split", *few]))
    (leak,) = duplicates_in_files([tmp_path / "b.csv"]).leaks
    assert leak.between == "fold 13 and test"
    eight = [f'"{text}","fold {at}"' for at, text in enumerate([*texts(1, 7), COMPLAINT])]
    (tmp_path / "c.csv").write_text("\n".join(["text,split", *eight, f'"{NEARLY}","fold 8"']))
    assert duplicates_in_files([tmp_path / "c.csv"]).leaks
