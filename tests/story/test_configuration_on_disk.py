"""What is in force, and the project.yaml that says it: neither silently overwrites the other."""

from dataclasses import replace
from pathlib import Path

import pytest

from labelwright.cli.main import run
from labelwright.domain.project import Guideline
from labelwright.errors import Conflict
from labelwright.services.projects.manage_project import apply_config
from labelwright.settings import read_project_file
from labelwright.settings.template import short_project_file_of
from labelwright.workspace import Workspace

FILE = """\
name: reviews
guideline: guideline.md
content_fields: [text]
questions:
  - name: tone
    labels: [good, bad]
audit: {level: 0.99, on_alarm: recall}
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "project.yaml").write_text(FILE)
    (tmp_path / "guideline.md").write_text("Good is good.\n")
    with Workspace.create(tmp_path) as workspace:
        workspace.apply()
    return tmp_path


def on_the_page(folder: Path, text: str) -> None:
    """A manager changes the guideline on the page."""
    with Workspace.open(folder, via="server") as workspace:
        config = workspace.project().config.config
        changed = replace(config, guideline=Guideline(1, text))
        apply_config("reviews", changed, storage=workspace.storage, world=workspace.world)


def test_a_file_that_is_older_than_what_is_in_force_is_refused_with_what_it_would_take_back(folder: Path) -> None:
    on_the_page(folder, "Good is very good.\n")
    with Workspace.open(folder) as workspace:
        with pytest.raises(Conflict, match=r"project\.yaml is older than what is in force: version 2") as refused:
            workspace.apply()
        assert "-Good is very good." in str(refused.value)
        (first, *_) = workspace.apply(dry_run=True).warnings
        assert "project.yaml is older" in first
        assert workspace.project().config.config.version == 2


def test_what_is_in_force_is_written_changed_and_applied(folder: Path) -> None:
    on_the_page(folder, "Good is very good.\n")
    assert run(["config", "export", "-w", str(folder)]) == 0
    assert (folder / "guideline.md").read_text() == "Good is very good.\n"
    (folder / "guideline.md").write_text("Good is the best.\n")
    with Workspace.open(folder) as workspace:
        report = workspace.apply()
        assert (report.applied, report.version) == (True, 3)
        assert not workspace.apply().applied
    on_the_page(folder, "Later still.\n")
    with Workspace.open(folder) as workspace, pytest.raises(Conflict, match="version 4"):
        workspace.apply()
    assert run(["apply", "-w", str(folder), "--over-newer"]) == 0
    with Workspace.open(folder) as workspace:
        assert workspace.project().config.config.guideline.text == "Good is the best.\n"


def test_what_is_written_short_is_read_back_the_same(folder: Path) -> None:
    read = read_project_file(folder / "project.yaml")
    short = short_project_file_of(read.name, read.config)
    assert "lease_seconds" not in short
    (folder / "again.yaml").write_text(short)
    assert read_project_file(folder / "again.yaml").config == read.config


def test_versions_are_listed_shown_and_compared(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    on_the_page(folder, "Good is very good.\n")
    assert run(["config", "versions", "-w", str(folder)]) == 0
    listed = capsys.readouterr().out
    assert "on the page  (in force)\n  the guideline\nversion 1" in listed
    assert run(["config", "diff", "1", "2", "-w", str(folder)]) == 0
    assert "-Good is good.\n    +Good is very good." in capsys.readouterr().out
    assert run(["config", "show", "1", "-w", str(folder)]) == 0
    assert "Good is good." in capsys.readouterr().out
    assert run(["config", "show", "9", "-w", str(folder)]) == 1
    assert "there is no version 9 of 'reviews'" in capsys.readouterr().err


def test_two_who_apply_at_once_do_not_overwrite_each_other(folder: Path) -> None:
    with Workspace.open(folder) as workspace:
        config = workspace.project().config.config
        for text, expected in (("one", 1), ("two", 1)):
            changed = replace(config, guideline=Guideline(1, text))
            if text == "two":
                with pytest.raises(Conflict, match="version 2 came into force"):
                    apply_config(
                        "reviews", changed, storage=workspace.storage, world=workspace.world, expected=expected
                    )
            else:
                apply_config("reviews", changed, storage=workspace.storage, world=workspace.world, expected=expected)
        assert workspace.project().config.config.guideline.text == "one"
