"""The shell: exit statuses, plain errors, one JSON object, nothing slow, nothing secret."""

from __future__ import annotations

import io
import json
import resource
import shutil
import signal
import sqlite3
import subprocess
import sys
import time
from contextlib import redirect_stderr, redirect_stdout
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from labelwright.cli.commands.export import unbacked
from labelwright.cli.main import COMMANDS, run
from tools import cli_pages

DOCS = Path(__file__).resolve().parents[2] / "docs" / "reference" / "cli"


@dataclass(frozen=True)
class Said:
    """What a command line gave."""

    returncode: int
    stdout: str
    stderr: str


def shell(*words: str, cwd: Path, **environment: str) -> Said:
    """Run a command line in this process, which saves its start; `process` runs one for true."""
    out, err = io.StringIO(), io.StringIO()
    with pytest.MonkeyPatch.context() as patch, redirect_stdout(out), redirect_stderr(err):
        patch.chdir(cwd)
        patch.delenv("LABELWRIGHT_WORKSPACE", raising=False)
        for name, value in {"COLUMNS": "100", "TERM": "dumb", **environment}.items():
            patch.setenv(name, value)
        status = run(words)
    return Said(status, out.getvalue(), err.getvalue())


def process(*words: str, cwd: Path) -> Said:
    """Run a command line as its own process."""
    command = [sys.executable, "-m", "labelwright.cli", *words]
    found = subprocess.run(command, cwd=cwd, capture_output=True, text=True, timeout=180, check=False)
    return Said(found.returncode, found.stdout, found.stderr)


def answer(*words: str, cwd: Path) -> dict[str, Any]:
    """Run with --json: one object on stdout, whatever else is said on stderr."""
    found = shell(*words, "--json", cwd=cwd)
    assert found.returncode == 0, found.stderr
    return json.loads(found.stdout)


def rows(folder: Path, n: int, name: str = "rows.jsonl") -> None:
    lines = [json.dumps({"id": str(i), "text": f"text {i}"}) for i in range(n)]
    (folder / name).write_text("\n".join(lines) + "\n", encoding="utf-8")


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A workspace with a project and twenty items, made once; tests that change it take a copy."""
    folder = tmp_path_factory.mktemp("made")
    answer("init", cwd=folder)
    answer("apply", cwd=folder)
    rows(folder, 20)
    answer("import", "rows.jsonl", cwd=folder)
    return folder


@pytest.fixture
def workspace(made: Path, tmp_path: Path) -> Path:
    shutil.copytree(made, tmp_path / "ws")
    return tmp_path / "ws"


# ---------------------------------------------------------------- every command


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_has_help_json_and_a_page(name: str, tmp_path: Path) -> None:
    found = shell(name, "--help", cwd=tmp_path)
    assert found.returncode == 0, found.stderr
    assert "--json" in found.stdout
    page = (DOCS / f"{name}.md").read_text(encoding="utf-8")
    assert page.startswith(f"# labelwright {name}\n")
    assert "--json" in page


@pytest.mark.parametrize("name", COMMANDS)
def test_every_commands_page_says_what_its_help_says(name: str) -> None:
    path = DOCS / f"{name}.md"
    fresh = cli_pages.page(name, cli_pages.kept(path))
    assert path.read_text(encoding="utf-8") == fresh, "run: .venv/bin/python tools/cli_pages.py"


def test_help_lists_every_command_and_loads_none(tmp_path: Path) -> None:
    found = process("--help", cwd=tmp_path)
    assert found.returncode == 0
    assert all(f"  {name} " in found.stdout for name in COMMANDS)
    program = "import sys, labelwright.cli.main as m; m.run(['--help']); print(*sorted(sys.modules), file=sys.stderr)"
    loaded = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True).stderr.split()
    assert not {"typer", "rich", "numpy", "sqlalchemy", "pydantic"} & set(loaded)


def test_help_takes_at_most_0_4_seconds_of_the_machine(tmp_path: Path) -> None:
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    process("--help", cwd=tmp_path)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    assert after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime <= 0.4


def test_exit_statuses_and_streams_are_those_of_a_process(workspace: Path) -> None:
    done = process("status", "--json", cwd=workspace)
    assert (done.returncode, done.stderr, json.loads(done.stdout)["n_items"]) == (0, "", 20)
    failed = process("status", "-p", "revews", cwd=workspace)
    assert (failed.returncode, failed.stdout) == (1, "")
    assert failed.stderr.startswith("error: there is no project 'revews'")
    assert process("improt", cwd=workspace).returncode == 2


def test_version_is_told(tmp_path: Path) -> None:
    assert shell("--version", cwd=tmp_path).stdout.startswith("labelwright 0.")


# ---------------------------------------------------------------- used wrongly


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["improt"], "did you mean 'import'"),
        (["--json", "status"], "must come after a command"),
        (["status", "--jsno"], "--json"),
        (["import"], "FILE"),
    ],
)
def test_wrong_use_is_status_2_and_says_what_is_right(tmp_path: Path, words: list[str], said: str) -> None:
    found = shell(*words, cwd=tmp_path)
    assert found.returncode == 2
    assert said in found.stderr
    assert found.stdout == ""


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["status", "-w", "nowhere"], "make one with: labelwright init nowhere"),
        (["status", "-p", "revews"], "did you mean 'reviews'"),
        (["import", "row.jsonl"], "did you mean 'rows.jsonl'"),
        (["import", "rows.jsonl", "--field", "text"], "--field: 'text' is no pair"),
        (["import", "rows.jsonl", "--text", "txt"], "did you mean 'text'"),
        (["import", "rows.jsonl", "--field", "txt=text"], "did you mean 'text'"),
        (["apply", "projct.yaml"], "did you mean 'project.yaml'"),
        (["export", "rows.jsonl"], "is a file"),
        (["export", "out", "--format", "jason"], "did you mean 'jsonl'"),
        (["verify", "--head", "nothing.json"], "`labelwright export` writes one"),
        (["verify", "--head", "rows.jsonl"], "is no manifest"),
        (["init", "rows.jsonl"], "is a file"),
        (["init", "new", "--labels", "one"], "at least two are needed"),
        (["init", "new", "--name", "a b"], "no name of a project"),
    ],
)
def test_an_error_is_one_plain_line_and_status_1(workspace: Path, words: list[str], said: str) -> None:
    found = shell(*words, cwd=workspace)
    assert found.returncode == 1
    assert found.stderr.startswith("error: ")
    assert said in found.stderr
    assert "Traceback" not in found.stderr
    assert found.stdout == ""


def test_a_file_that_is_no_database_is_said(workspace: Path) -> None:
    for name in ("labelwright.db-wal", "labelwright.db-shm"):
        (workspace / name).unlink(missing_ok=True)
    (workspace / "labelwright.db").write_bytes(b"this is text, " * 100)
    found = shell("status", cwd=workspace)
    assert found.returncode == 1
    assert found.stderr.startswith("error: ")
    assert "Traceback" not in found.stderr


# ---------------------------------------------------------------- init and apply


def test_init_may_be_run_again_and_keeps_what_is_there(tmp_path: Path) -> None:
    first = answer("init", "ws", "--name", "mail", "--labels", "spam, ham", cwd=tmp_path)
    assert sorted(first["made"]) == ["guideline.md", "labelwright.db", "project.yaml"]
    (tmp_path / "ws" / "guideline.md").write_text("mine", encoding="utf-8")
    assert answer("init", "ws", cwd=tmp_path)["made"] == []
    assert (tmp_path / "ws" / "guideline.md").read_text(encoding="utf-8") == "mine"
    applied = answer("apply", "-w", "ws", cwd=tmp_path)
    assert (applied["name"], applied["is_new"], applied["version"]) == ("mail", True, 1)


def test_apply_shows_what_changes_and_counts_versions_where_they_change(workspace: Path) -> None:
    file = workspace / "project.yaml"
    assert answer("apply", cwd=workspace)["changes"] == []

    file.write_text(
        file.read_text(encoding="utf-8").replace("target_error: 0.1 ", "target_error: 0.2 "), encoding="utf-8"
    )
    expected = [{"path": "policy.target_error", "old": 0.1, "new": 0.2}]
    trial = answer("apply", "--dry-run", cwd=workspace)
    assert (trial["applied"], trial["changes"]) == (False, expected)
    real = answer("apply", cwd=workspace)
    assert (real["applied"], real["changes"]) == (True, expected)
    assert (real["version"], real["schema_version"], real["guideline_version"]) == (2, 1, 1)

    (workspace / "guideline.md").write_text("Another guideline.", encoding="utf-8")
    assert [answer("apply", cwd=workspace)[name] for name in ("version", "schema_version", "guideline_version")] == [
        3,
        1,
        2,
    ]
    file.write_text(file.read_text(encoding="utf-8").replace("[positive, negative]", "[good, bad]"), encoding="utf-8")
    shown = shell("apply", cwd=workspace)
    assert "questions" in shown.stdout
    assert "version 4 (schema 2, guideline 2)" in shown.stdout
    assert "questions.label.labels: positive, negative → good, bad" in shown.stdout
    assert "nothing to do; version 4" in shell("apply", cwd=workspace).stdout


def test_apply_shows_a_new_model_key_by_key_and_a_guideline_line_by_line(workspace: Path) -> None:
    file, guideline = workspace / "project.yaml", workspace / "guideline.md"
    model = "models:\n  - base_url: http://127.0.0.1:9/v1\n    model: reader"
    file.write_text(file.read_text(encoding="utf-8").replace("models: []", model), encoding="utf-8")
    guideline.write_text(guideline.read_text(encoding="utf-8") + "\n- **irony**: counts as meant.\n", encoding="utf-8")
    shown = shell("apply", "--dry-run", cwd=workspace)
    assert "  models in order: none → reader\n" in shown.stdout
    assert "  models.reader: added\n    base_url: http://127.0.0.1:9/v1\n" in shown.stdout
    assert "    +- **irony**: counts as meant.\n" in shown.stdout


def test_apply_warns_where_the_guideline_is_not_written(tmp_path: Path) -> None:
    answer("init", cwd=tmp_path)
    assert "the guideline still says `when ...` of 2 labels" in shell("apply", "--dry-run", cwd=tmp_path).stderr
    (tmp_path / "guideline.md").write_text("", encoding="utf-8")
    assert "the guideline is empty" in shell("apply", cwd=tmp_path).stderr
    (tmp_path / "guideline.md").write_text("Say what the writer feels.", encoding="utf-8")
    assert shell("apply", cwd=tmp_path).stderr == ""


def test_S3_a_key_in_the_project_file_is_refused_and_shown_nowhere(workspace: Path) -> None:
    secret = "sk-proj-a1b2c3d4e5f6g7h8i9j0"
    models = f"models:\n  - base_url: https://x.example/v1\n    model: m\n    api_key_env: {secret}\n"
    file = workspace / "project.yaml"
    file.write_text(file.read_text(encoding="utf-8").replace("models: []\n", models), encoding="utf-8")
    found = shell("apply", cwd=workspace)
    assert found.returncode == 1
    assert "environment variable" in found.stderr
    assert secret not in found.stderr + found.stdout
    with sqlite3.connect(workspace / "labelwright.db") as database:
        assert not [row for row in database.iterdump() if secret in row]
    database.close()


# ---------------------------------------------------------------- import, status, export, verify


def test_a_rejected_row_is_reported_and_only_all_rejected_is_status_1(workspace: Path) -> None:
    (workspace / "half.jsonl").write_text('{"id":"a","text":"x"}\n{"id":\n', encoding="utf-8")
    found = answer("import", "half.jsonl", cwd=workspace)
    assert (found["rows"], found["accepted"], found["rejected"]) == (2, 1, 1)
    noted = json.loads((workspace / found["rejected_file"]).read_text(encoding="utf-8"))
    assert (noted["line"], noted["hint"]) == (2, "each line must be one whole JSON object")
    (workspace / "bad.jsonl").write_text("{\n{\n", encoding="utf-8")
    assert shell("import", "bad.jsonl", cwd=workspace).returncode == 1


def test_a_file_of_other_columns_is_met_with_the_option_that_would_fit(workspace: Path) -> None:
    (workspace / "other.csv").write_text("id,review\n1,good\n", encoding="utf-8")
    found = shell("import", "other.csv", "--text", "reviw", cwd=workspace)
    assert "did you mean 'review'?; name the column: --text NAME, or --field text=NAME" in found.stderr


def test_progress_goes_to_stderr_and_only_when_asked_for(workspace: Path) -> None:
    rows(workspace, 1200, "many.jsonl")
    found = shell("import", "many.jsonl", "--progress", "--json", cwd=workspace)
    assert "import many.jsonl: 100%" in found.stderr
    assert json.loads(found.stdout)["accepted"] == 1180
    assert shell("import", "many.jsonl", cwd=workspace).stderr == ""


def test_stages_with_nothing_to_do_say_what_to_do_instead(tmp_path: Path) -> None:
    answer("init", cwd=tmp_path)
    answer("apply", cwd=tmp_path)
    for stage in ("route", "aggregate"):
        assert shell(stage, cwd=tmp_path).stdout.endswith("yet. Next: labelwright import FILE\n")
    assert "Next: labelwright import FILE" in shell("run", cwd=tmp_path).stdout


def test_the_report_of_a_project_without_a_model_says_so(workspace: Path) -> None:
    said = shell("report", "--html", "report.html", cwd=workspace).stdout
    assert "not certified: project.yaml names no model, so everything goes to people" in said
    assert "target error       10%" in said
    assert "names no model" in (workspace / "report.html").read_text(encoding="utf-8")


def test_run_ends_by_saying_who_must_act_next(workspace: Path) -> None:
    said = shell("run", cwd=workspace).stdout
    assert "Done: route, aggregate.\nNext: labelwright serve   (20 entries of the queue wait for people)" in said


def test_the_table_of_settled_labels_breaks_no_word_at_80_columns(workspace: Path) -> None:
    shell("route", cwd=workspace)
    said = shell("aggregate", cwd=workspace, COLUMNS="80").stdout
    assert "verified" in said
    assert "accepted" in said


def test_route_says_of_every_count_what_it_counts_in_whole_words_at_80_columns(workspace: Path) -> None:
    said = shell("route", cwd=workspace, COLUMNS="80").stdout
    for word in ("unseen", "audited", "calibration", "answered", "already", "yet", "20"):
        assert word in said.split(), word
    assert said.splitlines()[0].endswith("┓"), "the last column's edge is there"
    assert answer("route", cwd=workspace)["answered"] == {"label": 0}


def test_export_warns_of_labels_whose_certificate_no_longer_holds() -> None:
    counts = {"tone": {"auto-accepted": 3, "unverified": 1}, "topics": {"unverified": 4}}
    assert unbacked(counts, "certified") == []
    (said,) = unbacked(counts, "void")
    assert "3 labels of 'tone' were accepted by a certificate that no longer holds" in said


def test_status_says_what_is_due_next(workspace: Path, tmp_path: Path) -> None:
    found = answer("status", cwd=workspace)
    assert (found["n_items"], found["next"]["command"]) == (20, "labelwright route")
    answer("init", "new", cwd=tmp_path)
    assert answer("status", "-w", "new", cwd=tmp_path) == {"projects": [], "next": {"command": "labelwright apply"}}
    answer("apply", "-w", "new", cwd=tmp_path)
    assert answer("status", "-w", "new", cwd=tmp_path)["next"]["command"] == "labelwright import FILE"
    assert "Next: labelwright route" in shell("status", cwd=workspace).stdout


def test_the_workspace_may_be_named_in_the_environment(workspace: Path, tmp_path: Path) -> None:
    found = shell("status", "--json", cwd=tmp_path, LABELWRIGHT_WORKSPACE=str(workspace))
    assert json.loads(found.stdout)["project"] == "reviews"


def test_R9_verify_names_the_first_broken_position(workspace: Path) -> None:
    answer("export", "out", cwd=workspace)
    found = answer("verify", "--head", "out", cwd=workspace)
    assert found["holds"] is True
    database = sqlite3.connect(workspace / "labelwright.db")
    database.execute("DROP TRIGGER IF EXISTS ledger_is_append_only")
    with database:
        database.execute("UPDATE ledger SET body = replace(body, 'rows.jsonl', 'lies.jsonl') WHERE position = 3")
    database.close()
    found = shell("verify", "--json", cwd=workspace)
    assert found.returncode == 1
    assert json.loads(found.stdout)["broken_at"] == 3
    assert "error: the ledger is broken at position 3" in found.stderr


def test_R9_verify_sees_a_tail_cut_off_and_a_changed_file_against_a_manifest(workspace: Path) -> None:
    shutil.copytree(workspace, workspace.parent / "older")
    (workspace / "more.jsonl").write_text('{"id":"z","text":"more"}\n', encoding="utf-8")
    answer("import", "more.jsonl", cwd=workspace)
    answer("export", "out", cwd=workspace)
    cut = shell("verify", "--head", str(workspace / "out"), cwd=workspace.parent / "older")
    assert cut.returncode == 1
    assert shell("verify", cwd=workspace.parent / "older").returncode == 0
    with (workspace / "out" / "data.csv").open("a", encoding="utf-8") as stream:
        stream.write("one more\n")
    found = shell("verify", "--head", "out", "--json", cwd=workspace)
    assert found.returncode == 1
    assert json.loads(found.stdout)["changed_files"] == ["data.csv"]


def test_tables_show_data_as_it_is_and_take_nothing_for_markup(tmp_path: Path) -> None:
    answer("init", cwd=tmp_path)
    file = tmp_path / "project.yaml"
    file.write_text(
        file.read_text(encoding="utf-8").replace("  - name: label", "  - name: label\n    title: '[red]x'"),
        encoding="utf-8",
    )
    answer("apply", cwd=tmp_path)
    file.write_text(file.read_text(encoding="utf-8").replace("[red]x", "[bold]y[/bold]"), encoding="utf-8")
    shown = shell("apply", cwd=tmp_path, COLUMNS="200").stdout
    assert "questions.label.title" in shown
    assert "[red]x" in shown
    assert "[bold]y[/bold]" in shown


def test_ctrl_c_is_status_130_and_says_what_to_run_to_go_on(workspace: Path) -> None:
    rows(workspace, 60_000, "many.jsonl")
    command = [sys.executable, "-m", "labelwright.cli", "import", "many.jsonl", "--progress"]
    process = subprocess.Popen(command, cwd=workspace, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    log = workspace / "labelwright.db-wal"
    begun = time.monotonic()
    while not (log.exists() and log.stat().st_size > 500_000) and time.monotonic() - begun < 120:
        time.sleep(0.005)
    process.send_signal(signal.SIGINT)
    _, err = process.communicate(timeout=120)
    assert process.returncode == 130, err
    assert "labelwright import many.jsonl --progress" in err
    assert "Traceback" not in err
    again = answer("import", "many.jsonl", cwd=workspace)
    assert again["rows"] == 60_000 == again["accepted"] + again["already_there"]
    assert again["resumed_after"] > 0


def test_serve_names_the_folder_and_the_url_that_invitations_need(workspace: Path) -> None:
    command = [sys.executable, "-m", "labelwright.cli", "serve", "--port", "0"]
    with subprocess.Popen(command, cwd=workspace, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as server:
        assert server.stdout is not None
        assert server.stderr is not None
        noted = server.stderr.readline()
        server.terminate()
        said = server.stdout.read()
    url = said.split()[3]
    assert said.startswith(f"Serving {workspace.name} at http://127.0.0.1:")
    assert noted.endswith(f"labelwright invite NAME --url {url}\n")


def test_a_closed_pipe_is_no_error(workspace: Path) -> None:
    program = f"{sys.executable} -m labelwright.cli status --json | true"
    found = subprocess.run(["bash", "-c", program], cwd=workspace, capture_output=True, text=True, check=False)
    assert "Traceback" not in found.stderr
