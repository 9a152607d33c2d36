"""A file that cannot be written whole is not written at all, and what was there stays."""

from __future__ import annotations

import errno
import os
from pathlib import Path

import pytest

from labelwright.adapters.formats.text_table import write_whole
from labelwright.cli.main import run
from labelwright.errors import InvalidFile


def test_a_disk_that_is_full_leaves_the_earlier_file_and_nothing_half_written(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "report.html"
    write_whole(file, b"earlier")

    def full(_descriptor: int) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(InvalidFile, match=r"report\.html: cannot be written: No space left on device"):
        write_whole(file, b"later")
    assert file.read_bytes() == b"earlier"
    assert [one.name for one in tmp_path.iterdir()] == ["report.html"]


def test_a_page_for_a_folder_that_is_not_there_is_refused_in_words(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    figures = (
        "--items 1000 --model-price 0.01 --model-accuracy 0.85 --auroc 0.7 --human-price 0.1 --human-accuracy 0.95"
    )
    status = run(["plan", *figures.split(), "--budget", "50", "--html", str(tmp_path / "nowhere" / "plan.html")])
    assert status == 1
    assert "cannot be written: there is no folder" in capsys.readouterr().err
