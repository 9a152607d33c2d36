"""A card in a folder: how it is bound to the ledger, and how what was changed is found."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from labelwright import bootstrap
from labelwright.adapters.formats.croissant import Publication
from labelwright.errors import Conflict, InvalidInput
from labelwright.services.card.card import card_hash
from labelwright.services.people.aggregate import aggregate
from tests.story.card_project import checked, exported, project_with_everything, the_project
from tests.story.test_cli import shell


def test_R10_the_card_of_an_export_is_the_same_byte_for_byte(tmp_path: Path) -> None:
    small, _ = the_project()
    reports = [exported(small, tmp_path / name, weights=True) for name in ("one", "two")]
    assert reports[0] == reports[1]
    names = {path.name for path in (tmp_path / "one").iterdir()}
    assert names == {
        "data.jsonl",
        "data.csv",
        "weights.jsonl",
        "card.json",
        "card.html",
        "croissant.json",
        "DATASHEET.md",
        "manifest.json",
    }
    for name in names:
        assert (tmp_path / "one" / name).read_bytes() == (tmp_path / "two" / name).read_bytes()
    card = json.loads((tmp_path / "one" / "card.json").read_bytes())
    assert card["hash"] == card_hash(card)
    assert card["files"]["data.jsonl"]["sha256"] == reports[0].files["data.jsonl"].sha256
    assert card["hashes"]["ledger"] == {"position": reports[0].position, "hash": reports[0].hash}


def test_a_card_that_fits_is_said_to_fit_and_any_change_is_named(tmp_path: Path) -> None:
    small, _ = the_project()
    exported(small, tmp_path)
    found = checked(small, tmp_path)
    assert (found.holds, found.is_whole, found.is_in_ledger, found.has_moved_on) == (True, True, True, False)
    assert (found.differences, found.changed_files) == ((), {})
    (tmp_path / "data.csv").write_bytes((tmp_path / "data.csv").read_bytes().replace(b"good", b"bad!", 1))
    found = checked(small, tmp_path)
    assert (found.holds, set(found.changed_files)) == (False, {"data.csv"})
    (tmp_path / "data.csv").unlink()
    assert "missing" in checked(small, tmp_path).changed_files["data.csv"]


def test_a_figure_that_was_edited_is_found_with_and_without_the_workspace(tmp_path: Path) -> None:
    small, _ = the_project()
    exported(small, tmp_path)
    card = json.loads((tmp_path / "card.json").read_bytes())
    card["questions"][0]["card"]["accuracy"]["overall"]["value"] = 0.999
    (tmp_path / "card.json").write_text(json.dumps(card))
    alone = bootstrap.check_card(tmp_path)
    assert (alone.holds, alone.is_whole, alone.is_in_ledger) == (False, False, None)
    assert set(alone.changed_files) == {"card.json"}
    # Whoever mends the hash as well, and the files that name it, is found by the ledger.
    card["hash"] = card_hash(card)
    (tmp_path / "card.json").write_text(json.dumps(card))
    for name in ("manifest.json", "croissant.json"):
        (tmp_path / name).unlink()
    assert bootstrap.check_card(tmp_path).holds
    found = checked(small, tmp_path)
    assert (found.holds, found.is_whole) == (False, True)
    assert [one.path for one in found.differences] == ["questions.tone.card.accuracy.overall.value"]


def test_a_ledger_that_moved_on_is_no_fault_and_the_differences_are_told(tmp_path: Path) -> None:
    small, truth = project_with_everything()
    exported(small, tmp_path)
    small.work_queue(lambda item, _q, _n: truth[item], most=5)
    aggregate(small.id, storage=small.storage, world=small.world)
    found = checked(small, tmp_path)
    assert (found.holds, found.is_in_ledger, found.has_moved_on) == (True, True, True)
    assert "questions.tone.card.n_by_people" in {one.path for one in found.differences}


def test_another_workspaces_ledger_does_not_vouch_for_a_card(tmp_path: Path) -> None:
    small, _ = the_project()
    other, _ = project_with_everything(7)
    exported(small, tmp_path)
    found = bootstrap.check_card(tmp_path, storage=other.storage, project=other.id)
    assert (found.holds, found.is_in_ledger) == (False, False)


def test_a_card_is_not_written_over_an_export_of_another_moment(tmp_path: Path) -> None:
    small, truth = project_with_everything()
    with pytest.raises(InvalidInput, match="holds no export"):
        bootstrap.write_card(small.id, tmp_path, storage=small.storage, formats=["croissant"])
    with pytest.raises(InvalidInput, match="did you mean 'html'"):
        bootstrap.write_card(small.id, tmp_path, storage=small.storage, formats=["htm"])
    alone = bootstrap.write_card(small.id, tmp_path / "alone", storage=small.storage)
    assert set(alone) == {"card.json", "card.html", "DATASHEET.md"}
    exported(small, tmp_path)
    before = (tmp_path / "card.json").read_bytes()
    assert "croissant.json" in bootstrap.write_card(small.id, tmp_path, storage=small.storage)
    assert (tmp_path / "card.json").read_bytes() == before
    small.work_queue(lambda item, _q, _n: truth[item], most=1)
    with pytest.raises(Conflict, match="export again"):
        bootstrap.write_card(small.id, tmp_path, storage=small.storage)


def test_a_card_by_itself_names_its_files_too_and_what_no_hash_is_known_of_is_told(tmp_path: Path) -> None:
    small, _ = the_project()
    bootstrap.write_card(small.id, tmp_path, storage=small.storage)
    assert checked(small, tmp_path).holds
    page = (tmp_path / "card.html").read_text()
    (tmp_path / "card.html").write_text(page.replace("%", " %", 1))
    for found in (checked(small, tmp_path), bootstrap.check_card(tmp_path)):
        assert (found.holds, set(found.changed_files)) == (False, {"card.html"})
    (tmp_path / "manifest.json").unlink()
    found = checked(small, tmp_path)
    assert (found.changed_files, list(found.unnamed_files)) == ({}, ["card.html", "DATASHEET.md"])
    bootstrap.write_card(small.id, tmp_path, storage=small.storage, formats=["html"])
    found = checked(small, tmp_path)
    assert (found.holds, list(found.unnamed_files)) == (True, ["DATASHEET.md"])


def test_a_card_written_beside_an_export_with_a_licence_fits_the_exports_manifest(tmp_path: Path) -> None:
    small, _ = the_project()
    exported(small, tmp_path / "out")
    exported(small, tmp_path / "licensed", about=Publication(license="MIT"))
    bootstrap.write_card(small.id, tmp_path / "out", storage=small.storage, about=Publication(license="MIT"))
    assert checked(small, tmp_path / "out").holds
    for name in ("manifest.json", "croissant.json", "DATASHEET.md"):
        assert (tmp_path / "out" / name).read_bytes() == (tmp_path / "licensed" / name).read_bytes(), name


def test_an_export_takes_the_place_of_a_card_and_of_nobody_elses_file(tmp_path: Path) -> None:
    small, _ = the_project()
    bootstrap.write_card(small.id, tmp_path, storage=small.storage)
    (tmp_path / "data.csv").write_text("mine")
    with pytest.raises(InvalidInput, match=r"data\.csv that is no export of ours"):
        exported(small, tmp_path)
    (tmp_path / "data.csv").unlink()
    exported(small, tmp_path)
    assert checked(small, tmp_path).holds


def test_the_shell_checks_a_folder_without_a_workspace_and_ends_with_1_when_something_was_changed(
    tmp_path: Path,
) -> None:
    small, _ = the_project()
    exported(small, tmp_path / "out")
    said = shell("card", "--check", "out", cwd=tmp_path)
    assert (said.returncode, said.stderr) == (0, "")
    assert "as they were written. Not held against the ledger: there is no workspace here" in said.stdout
    (tmp_path / "out" / "DATASHEET.md").write_text("All is well.")
    said = shell("card", "--check", "out", cwd=tmp_path)
    assert (said.returncode, said.stdout) == (1, "")
    assert "DATASHEET.md is not as manifest.json says" in said.stderr
    told = shell("card", "--check", "out", "--json", cwd=tmp_path)
    assert json.loads(told.stdout)["changed_files"] == {"DATASHEET.md": "is not as manifest.json says"}
    missing = shell("card", "--check", "nowhere", cwd=tmp_path)
    assert (missing.returncode, "there is no such file" in missing.stderr) == (1, True)
