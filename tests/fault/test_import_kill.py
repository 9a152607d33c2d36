"""R11 by force: an import is killed with SIGKILL at many moments and run again; the result is one clean run.

R1: what the killed import had committed is still there.
"""

from __future__ import annotations

import io
import json
import signal
import subprocess
import sys
import time
from contextlib import redirect_stdout
from pathlib import Path
from typing import Any

import pytest

from labelwright.cli.main import run

N_ROWS = 6_000


def labelwright(*words: str, cwd: Path) -> subprocess.Popen[bytes]:
    command = [sys.executable, "-m", "labelwright.cli", *words]
    return subprocess.Popen(command, cwd=cwd, stdout=subprocess.PIPE, stderr=subprocess.PIPE)


def answer(*words: str, cwd: Path) -> dict[str, Any]:
    """Run a command in this process, to its end."""
    out = io.StringIO()
    with pytest.MonkeyPatch.context() as patch, redirect_stdout(out):
        patch.chdir(cwd)
        assert run([*words, "--json"]) == 0
    return json.loads(out.getvalue())


def workspace(folder: Path) -> None:
    answer("init", cwd=folder)
    answer("apply", cwd=folder)


def write_rows(path: Path) -> None:
    """Nine good rows, then one of the same id and other content."""
    with path.open("w", encoding="utf-8") as stream:
        for number in range(N_ROWS):
            name = number - 1 if number % 10 == 9 else number
            stream.write(json.dumps({"id": name, "text": f"text {number}"}) + "\n")


def items(folder: Path) -> bytes:
    answer("export", "out", "--format", "items", cwd=folder)
    return (folder / "out" / "items.jsonl").read_bytes()


def wait_for_a_chunk(folder: Path, process: subprocess.Popen[bytes], size: int) -> None:
    """Wait until the database has grown past a size, which takes some commits, or the process is over."""
    log = folder / "labelwright.db-wal"
    while process.poll() is None and not (log.exists() and log.stat().st_size > size):
        time.sleep(0.002)


@pytest.mark.parametrize("grown", [40_000, 200_000, 500_000, 900_000])
def test_R1_R11_an_import_killed_at_any_moment_and_run_again_is_one_clean_run(tmp_path: Path, grown: int) -> None:
    clean, killed = tmp_path / "clean", tmp_path / "killed"
    for folder in (clean, killed):
        folder.mkdir()
        workspace(folder)
        write_rows(folder / "rows.jsonl")
    expected = answer("import", "rows.jsonl", cwd=clean)
    before = (killed / "labelwright.db-wal").stat().st_size if (killed / "labelwright.db-wal").exists() else 0

    process = labelwright("import", "rows.jsonl", "--json", cwd=killed)
    wait_for_a_chunk(killed, process, before + grown)
    process.send_signal(signal.SIGKILL)
    process.communicate()
    assert process.returncode in {-signal.SIGKILL, 0}
    answer("verify", cwd=killed)
    counted = answer("status", cwd=killed)["n_items"]

    again = answer("import", "rows.jsonl", cwd=killed)
    assert (counted == 0) == (again["resumed_after"] == 0) or again["was_complete"]
    if not again["was_complete"]:
        for name in ("rows", "accepted", "already_there", "rejected"):
            assert again[name] == expected[name], name
        assert again["rows"] == N_ROWS
    assert items(killed) == items(clean)
    report = Path("imports") / "rows.jsonl.rejected.jsonl"
    assert (killed / report).read_bytes() == (clean / report).read_bytes()
    answer("verify", cwd=killed)


def test_an_export_killed_leaves_the_last_one_whole(tmp_path: Path) -> None:
    workspace(tmp_path)
    write_rows(tmp_path / "rows.jsonl")
    answer("import", "rows.jsonl", cwd=tmp_path)
    answer("export", "out", cwd=tmp_path)
    for attempt in range(20):
        before = {path.name: path.read_bytes() for path in (tmp_path / "out").iterdir()}
        (tmp_path / "more.jsonl").write_text(json.dumps({"id": f"more {attempt}", "text": "more"}), encoding="utf-8")
        answer("import", "more.jsonl", cwd=tmp_path)  # so that the next export is another one
        process = labelwright("export", "out", "--json", cwd=tmp_path)
        while process.poll() is None and not list((tmp_path / "out").glob(".export-*")):
            time.sleep(0.001)
        process.send_signal(signal.SIGKILL)
        process.communicate()
        if process.returncode == -signal.SIGKILL:
            break  # else it was quicker than the kill: the next one
    else:
        raise AssertionError("the kill must hit a running export")
    after = {path.name: path.read_bytes() for path in (tmp_path / "out").iterdir() if path.is_file()}
    assert after == before
    answer("verify", "--head", "out", cwd=tmp_path)
    answer("export", "out", cwd=tmp_path)
    whole = {path.name: path.read_bytes() for path in (tmp_path / "out").iterdir()}
    assert set(whole) == set(before)
    assert b'"more ' in whole["data.jsonl"]
    answer("verify", "--head", "out", cwd=tmp_path)


def test_an_export_killed_while_it_put_its_files_in_place_can_be_made_again(tmp_path: Path) -> None:
    workspace(tmp_path)
    write_rows(tmp_path / "rows.jsonl")
    answer("import", "rows.jsonl", cwd=tmp_path)
    answer("export", "out", cwd=tmp_path)
    out = tmp_path / "out"
    before = {path.name: path.read_bytes() for path in out.iterdir()}
    # As a kill between two renames leaves it: one file in place, the rest and the manifest still aside.
    aside = out / ".export-killed"
    aside.mkdir()
    for name in ("data.csv", "manifest.json"):
        (out / name).rename(aside / name)
    answer("export", "out", cwd=tmp_path)
    assert {path.name: path.read_bytes() for path in out.iterdir()} == before
