"""Items come in, labelled data goes out; what came out can come in again."""

from __future__ import annotations

import csv
import io
import json
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from labelwright.adapters.formats.export_folder import ExportFolder
from labelwright.adapters.formats.items import RowsInMemory, open_items
from labelwright.adapters.formats.jsonl import JsonlSource
from labelwright.adapters.formats.rejections import RejectionFile
from labelwright.domain.annotation import Annotation, NewPrediction
from labelwright.domain.annotator import Annotator
from labelwright.domain.decision import Resolution
from labelwright.domain.ids import AnnotationId, AnnotatorId, ItemKey, QuestionName, RunId
from labelwright.errors import Conflict, InvalidFile, InvalidInput, InvalidValue, NotReady
from labelwright.events import AnnotationSubmitted, AnnotatorAdded, ItemsResolved, PredictionsRecorded, RunStarted
from labelwright.ports.sinks import ExportRecord
from labelwright.ports.sources import AnyRow, RowSource
from labelwright.ports.storage import Transaction
from labelwright.services.projects.export import ExportReport, export
from labelwright.services.projects.import_items import ImportReport, import_items
from labelwright.services.projects.item_rows import FieldMapping
from labelwright.workspace import Workspace
from tests.story.import_bench import Bench, bench, project_config

ROWS = [{"id": str(n), "text": f"text {n}", "source": "web", "stars": n} for n in range(1, 8)]


def bring_in(at: Bench, rows: list[dict[str, Any]] | RowSource, **options: Any) -> ImportReport:  # noqa: ANN401
    source = RowsInMemory(rows) if isinstance(rows, list) else rows
    return import_items(at.project, source, storage=at.storage, world=at.world, **options)


def take_out(at: Bench, folder: Path, **options: Any) -> ExportReport:  # noqa: ANN401
    return export(at.project, ExportFolder(folder, **options), storage=at.storage, world=at.world)


def contents(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in folder.iterdir()}


# ---------------------------------------------------------------- import


def test_columns_that_are_not_shown_become_metadata() -> None:
    at = bench(project_config(["text"]))
    bring_in(at, ROWS)
    with at.storage.reading() as views:
        first = views.items(at.project)[0]
    assert (first.id, first.content, first.metadata) == ("1", {"text": "text 1"}, {"source": "web", "stars": 1})


def test_fields_are_read_from_the_columns_they_are_mapped_to() -> None:
    at = bench(project_config(["text", "title"]))
    rows = [{"nr": 7, "body": "hello", "title": "", "x": None}]
    bring_in(at, rows, mapping=FieldMapping(id="nr", fields={"text": "body"}))
    with at.storage.reading() as views:
        (item,) = views.items(at.project)
    assert (item.id, item.content, item.metadata) == ("7", {"text": "hello", "title": ""}, {"x": None})


def test_a_mapping_to_a_field_that_is_not_shown_is_refused() -> None:
    at = bench(project_config(["text"]))
    with pytest.raises(InvalidValue, match="did you mean 'text'"):
        bring_in(at, ROWS, mapping=FieldMapping(fields={"txt": "body"}))


def test_a_mistyped_id_column_is_said_at_once_and_nothing_is_written() -> None:
    at = bench(project_config(["text"]))
    rows = [{"review_no": n, "text": f"text {n}"} for n in range(3)]
    with pytest.raises(InvalidFile, match="no row has a field 'review_nr'") as refused:
        bring_in(at, rows, mapping=FieldMapping(id="review_nr"))
    assert "did you mean 'review_no'" in str(refused.value)
    assert "--id NAME" in str(refused.value)
    with at.storage.reading() as views:
        assert views.items(at.project) == []
    report = bring_in(at, [*rows, {"text": "no number"}], mapping=FieldMapping(id="review_no"))
    assert (report.accepted, report.rejected) == (3, 1)


def test_a_file_that_is_in_stays_as_it_is() -> None:
    at = bench(project_config(["text"]))
    first = bring_in(at, ROWS)
    with at.storage.reading() as views:
        head = views.head()
    again = bring_in(at, ROWS)
    assert (first.accepted, again.accepted, again.already_there, again.was_complete) == (7, 0, 7, True)
    with at.storage.reading() as views:
        assert views.head() == head


def test_the_same_file_read_another_way_is_another_import() -> None:
    at = bench(project_config(["text"]))
    bring_in(at, [{"id": "1", "nr": "2", "text": "a"}])
    again = bring_in(at, [{"id": "1", "nr": "2", "text": "a"}], mapping=FieldMapping(id="nr"))
    assert again.accepted == 1


def test_an_id_that_is_in_the_project_with_other_content_says_so() -> None:
    at = bench(project_config(["text"]))
    bring_in(at, ROWS[:1])
    report = bring_in(at, [{"id": "1", "text": "something else"}, {"id": "9", "text": "new"}])
    assert report.first_rejections[0].reason == "id '1' on line 1 is taken by other content in the project"


class Killed(Exception):
    """Stands for kill -9 between two chunks."""


class Interrupted(JsonlSource):
    """A file at which, before a line, something happens."""

    def __init__(self, path: Path, before: int, happens: Callable[[], object]) -> None:
        super().__init__(path)
        self.before, self.happens = before, happens

    def rows(self) -> Iterator[AnyRow]:
        for row in super().rows():
            if row.line == self.before:
                self.happens()
            yield row


def kill() -> None:
    raise Killed


def write_mixed(path: Path, n: int) -> None:
    """Rows of every fate: good, bad JSON, no text, twin ids, no id, blank lines."""
    with path.open("wb") as stream:
        for number in range(n):
            line = json.dumps({"id": str(number), "text": f"text {number}"})
            match number % 50:
                case 7:
                    line = '{"id":'
                case 11:
                    line = json.dumps({"id": str(number), "txt": "x"})
                case 13:
                    line = json.dumps({"id": str(number - 1), "text": f"text {number - 1}"})
                case 17:
                    line = json.dumps({"id": str(number - 2), "text": "another"})
                case 19:
                    line = json.dumps({"text": f"without id {number}"})
                case 23:
                    line = ""
                case _:
                    pass
            stream.write(line.encode() + b"\n")


@pytest.mark.parametrize("before", [2, 501, 700, 1599])
def test_R11_killed_and_run_again_is_one_clean_run(tmp_path: Path, before: int) -> None:
    path = tmp_path / "mixed.jsonl"
    write_mixed(path, 1600)
    clean, killed = bench(project_config(["text"])), bench(project_config(["text"]))
    expected = bring_in(clean, open_items(path), rejected=RejectionFile(tmp_path / "clean.jsonl"))
    interrupted = Interrupted(path, before, kill)
    with pytest.raises(Killed):
        bring_in(killed, interrupted, rejected=RejectionFile(tmp_path / "killed.jsonl"))
    with (tmp_path / "killed.jsonl").open("ab") as stream:
        stream.write(b'{"line":1599,"id":null,"rea')  # a kill in the middle of a write
    found = bring_in(killed, open_items(path), rejected=RejectionFile(tmp_path / "killed.jsonl"))
    assert found.rows == found.accepted + found.already_there + found.rejected == 1600 - 32
    for name in ("rows", "accepted", "already_there", "rejected", "generated_ids"):
        assert getattr(found, name) == getattr(expected, name), name
    assert (tmp_path / "killed.jsonl").read_bytes() == (tmp_path / "clean.jsonl").read_bytes()
    with clean.storage.reading() as a, killed.storage.reading() as b:
        ours, theirs = a.items(clean.project, limit=5000), b.items(killed.project, limit=5000)
    assert [(i.id, i.content, i.metadata) for i in ours] == [(i.id, i.content, i.metadata) for i in theirs]


def test_R11_two_processes_importing_one_file_do_not_double_it(tmp_path: Path) -> None:
    path = tmp_path / "a.jsonl"
    write_mixed(path, 1200)
    at = bench(project_config(["text"]))

    beside = Interrupted(path, 100, lambda: bring_in(at, open_items(path)))
    with pytest.raises(Conflict, match="another process is importing"):
        bring_in(at, beside)
    clean = bench(project_config(["text"]))
    expected = bring_in(clean, open_items(path))
    with at.storage.reading() as views:
        assert views.item_count(at.project) == expected.accepted


def test_a_report_of_rejections_never_overwrites_another_file(tmp_path: Path) -> None:
    mine = tmp_path / "mine.txt"
    mine.write_text("my notes\n", encoding="utf-8")
    at = bench(project_config(["text"]))
    with pytest.raises(InvalidFile, match="no report of rejected rows"):
        bring_in(at, [*ROWS, {"id": "x"}], rejected=RejectionFile(mine))
    assert mine.read_text(encoding="utf-8") == "my notes\n"


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=6,
)
any_rows = st.lists(
    st.fixed_dictionaries(
        {}, optional={"id": st.text(max_size=4) | st.integers(0, 5), "text": json_values, "m": json_values}
    ),
    min_size=1,
    max_size=30,
)


@given(any_rows)
def test_R11_whatever_the_rows_they_are_conserved_and_R10_come_out_as_they_went_in(rows: list[dict[str, Any]]) -> None:
    at, other = bench(project_config(["text"])), bench(project_config(["text"]))
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        path = folder / "rows.jsonl"
        path.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
        try:
            report = bring_in(at, open_items(path))
        except InvalidFile:
            assert all("text" not in row for row in rows)
            return
        assert report.rows == len(rows) == report.accepted + report.already_there + report.rejected
        if not report.accepted:
            return
        take_out(at, folder / "one", formats=["items"])
        bring_in(other, open_items(folder / "one" / "items.jsonl"))
        take_out(other, folder / "two", formats=["items"])
        assert (folder / "one" / "items.jsonl").read_bytes() == (folder / "two" / "items.jsonl").read_bytes()


# ---------------------------------------------------------------- export


def resolved(at: Bench) -> None:
    """Give the first three items a label: by a person, by a model under a certificate, and none."""
    no_model: Any = {"confidence_kind": "verbalised", "signals": {}, "problem": None, "raw": None, "call_key": None}
    prediction = NewPrediction(
        item=ItemKey(2),
        question=QuestionName("label"),
        model="small",
        status="valid",
        value="no",
        confidence=0.9,
        run=RunId("r"),
        schema_version=1,
        guideline_version=1,
        prompt_hash="f00",
        **no_model,
    )
    annotation = Annotation(
        id=AnnotationId("a1"),
        item=ItemKey(1),
        question=QuestionName("label"),
        annotator=AnnotatorId("ann"),
        round=0,
        purpose="review",
        value="yes",
        schema_version=1,
        guideline_version=1,
        seconds=2.5,
        suggestion_shown=False,
        status="active",
        created_at="2026-01-01T00:00:00.000Z",
        submission="s1",
    )

    def work(tx: Transaction) -> None:
        from labelwright.domain.canonical import commitment

        sealed = commitment(tx.item_salt(ItemKey(1)), "yes")
        tx.append(
            [
                AnnotatorAdded(at.project, Annotator(AnnotatorId("ann"), "Ann", "human", "annotator")),
                RunStarted(at.project, "r", "prelabel", {}),
                PredictionsRecorded(at.project, "r", "small", "f00", (prediction,)),
                AnnotationSubmitted(at.project, annotation, sealed),
            ],
            at.world.provenance(),
        )

    at.storage.write(work)
    with at.storage.reading() as views:
        number = int(views.predictions(at.project, "label", "small").id[0])
    rows = (
        Resolution(ItemKey(1), QuestionName("label"), "yes", "human-verified", None, "majority", ("a1",), {}),
        Resolution(
            ItemKey(2),
            QuestionName("label"),
            "no",
            "auto-accepted",
            0.95,
            "certified acceptance",
            (f"prediction:{number}",),
            {"certificate": "plan/label"},
        ),
        Resolution(ItemKey(3), QuestionName("label"), None, "unresolved", None, "none", (), {}),
    )
    provenance = at.world.provenance(run="r")
    at.storage.write(lambda tx: tx.append([ItemsResolved(at.project, "r", rows)], provenance))


@pytest.fixture
def at_work() -> Bench:
    at = bench(project_config(["text"]))
    bring_in(at, ROWS)
    resolved(at)
    return at


def test_every_label_says_who_when_why_and_under_which_versions(tmp_path: Path, at_work: Bench) -> None:
    take_out(at_work, tmp_path)
    lines = [json.loads(line) for line in (tmp_path / "data.jsonl").read_bytes().splitlines()]
    by_person, by_model, none, pending = (line["labels"]["label"] for line in lines[:4])
    assert (by_person["value"], by_person["status"]) == ("yes", "human-verified")
    assert by_person["votes"][0] == {
        "vote": "a1",
        "kind": "human",
        "annotator": "ann",
        "value": "yes",
        "purpose": "review",
        "suggestion_shown": False,
        "at": "2026-01-01T00:00:00.000Z",
        "seconds": 2.5,
        "schema_version": 1,
        "guideline_version": 1,
    }
    assert (by_model["value"], by_model["certificate"], by_model["probability"]) == ("no", "plan/label", 0.95)
    vote = by_model["votes"][0]
    assert (vote["kind"], vote["model"], vote["prompt_hash"], vote["run"]) == ("llm", "small", "f00", "r")
    assert (vote["schema_version"], vote["guideline_version"], vote["at"]) == (1, 1, at_work.world.timestamp())
    assert (none["value"], none["status"], pending["value"], pending["status"]) == (None, "unresolved", None, "pending")


def test_csv_is_flat_and_reads_back(tmp_path: Path, at_work: Bench) -> None:
    take_out(at_work, tmp_path)
    rows = list(csv.DictReader(io.StringIO((tmp_path / "data.csv").read_text(encoding="utf-8"))))
    assert list(rows[0]) == [
        "id",
        "text",
        "label",
        "label.status",
        "label.probability",
        "label.method",
        "label.votes",
        "metadata",
    ]
    assert (rows[0]["text"], rows[0]["label"], rows[1]["label.probability"]) == ("text 1", "yes", "0.95")
    assert json.loads(rows[0]["metadata"]) == {"source": "web", "stars": 1}


def test_R10_an_export_made_again_is_the_same_byte_for_byte(tmp_path: Path, at_work: Bench) -> None:
    first = take_out(at_work, tmp_path / "one", formats=["jsonl", "csv", "items"])
    second = take_out(at_work, tmp_path / "two", formats=["jsonl", "csv", "items"])
    assert first == second
    assert contents(tmp_path / "one") == contents(tmp_path / "two")
    with at_work.storage.reading() as views:
        # The two exports are one event: the same bytes of the same position left.
        assert [event.type for event in views.events(after=first.position)] == ["exported"]
    at_work.storage.verify()


def test_R10_what_happens_beside_an_export_is_not_in_it(tmp_path: Path, at_work: Bench) -> None:
    """Mutant: an export outside one transaction. Items come in and labels change while it writes."""
    take_out(at_work, tmp_path / "before")
    late = [{"id": f"late {number}", "text": "late"} for number in range(3)]
    changed = Resolution(ItemKey(1), QuestionName("label"), "no", "human-verified", None, "majority", ("a1",), {})

    class Meanwhile(ExportFolder):
        def begin(self, content_fields: Sequence[str], questions: Sequence[str]) -> None:
            super().begin(content_fields, questions)
            event = ItemsResolved(at_work.project, "r", (changed,))
            at_work.storage.write(lambda tx: tx.append([event], at_work.world.provenance(run="r")))

        def write(self, records: Sequence[ExportRecord]) -> None:
            super().write(records)
            bring_in(at_work, late)

    during = export(at_work.project, Meanwhile(tmp_path / "during"), storage=at_work.storage, world=at_work.world)
    assert contents(tmp_path / "during") == contents(tmp_path / "before")
    assert during.n_items == sum(during.counts["label"].values()) == len(ROWS)
    after = take_out(at_work, tmp_path / "after")
    assert (after.n_items, after.position > during.position) == (len(ROWS) + len(late), True)
    assert contents(tmp_path / "after") != contents(tmp_path / "before")


def test_R10_counts_equal_the_pages_and_a_later_label_moves_the_position(tmp_path: Path, at_work: Bench) -> None:
    first = take_out(at_work, tmp_path / "one")
    with at_work.storage.reading() as views:
        page = views.resolution_counts(at_work.project)["label"]
    assert {status: n for status, n in first.counts["label"].items() if status != "pending"} == page
    assert sum(first.counts["label"].values()) == first.n_items == len(ROWS)
    bring_in(at_work, [{"id": "new", "text": "new"}])
    second = take_out(at_work, tmp_path / "two")
    assert second.position > first.position
    assert contents(tmp_path / "one")["data.jsonl"] in contents(tmp_path / "two")["data.jsonl"]


def test_R10_export_import_export_gives_the_same_items(tmp_path: Path, at_work: Bench) -> None:
    take_out(at_work, tmp_path / "one", formats=["items", "jsonl"])
    for name, left_out in (("items.jsonl", 0), ("data.jsonl", len(ROWS))):
        other = bench(project_config(["text"]))
        report = bring_in(other, open_items(tmp_path / "one" / name))
        assert (report.accepted, report.left_out) == (len(ROWS), left_out)
        take_out(other, tmp_path / name, formats=["items"])
        assert contents(tmp_path / name)["items.jsonl"] == contents(tmp_path / "one")["items.jsonl"]


def test_an_export_that_breaks_leaves_what_was_there(tmp_path: Path, at_work: Bench) -> None:
    take_out(at_work, tmp_path)
    before = contents(tmp_path)

    class Breaking(ExportFolder):
        def write(self, records: Sequence[ExportRecord]) -> None:
            super().write(records)
            raise Killed

    with pytest.raises(Killed):
        export(at_work.project, Breaking(tmp_path), storage=at_work.storage, world=at_work.world)
    assert contents(tmp_path) == before


def test_a_folder_with_somebody_elses_files_is_refused(tmp_path: Path, at_work: Bench) -> None:
    (tmp_path / "data.csv").write_text("mine", encoding="utf-8")
    with pytest.raises(InvalidInput, match="no export of ours"):
        take_out(at_work, tmp_path)
    assert contents(tmp_path) == {"data.csv": b"mine"}
    with pytest.raises(InvalidInput, match="did you mean 'jsonl'"):
        take_out(at_work, tmp_path, formats=["json"])
    with pytest.raises(InvalidInput, match="is a file"):
        take_out(at_work, tmp_path / "data.csv")


_EXPORT = """
import sys
from labelwright.workspace import Workspace
with Workspace.open(sys.argv[1]) as workspace:
    workspace.project().export(sys.argv[1] + "/out")
print(*sorted({"scipy", "sklearn", "pandas"} & set(sys.modules)))
"""


def test_an_export_without_a_certificate_loads_no_statistics(tmp_path: Path) -> None:
    """In a process of its own: loading them takes longer than writing ten thousand labels."""
    question = "{name: topic, type: classification, labels: [a, b]}"
    (tmp_path / "project.yaml").write_text(
        f"name: p\ncontent_fields: [text]\nguideline: g.md\nquestions: [{question}]\nmodels: []\n"
    )
    (tmp_path / "g.md").write_text("Choose.\n")
    with Workspace.create(tmp_path) as workspace:
        workspace.apply()
        workspace.project().import_items([{"id": "1", "text": "one"}])
    done = subprocess.run(
        [sys.executable, "-c", _EXPORT, str(tmp_path)], capture_output=True, text=True, check=False, timeout=120
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout.strip() == ""
    assert {"card.json", "card.html", "data.csv"} <= {path.name for path in (tmp_path / "out").iterdir()}


def test_nothing_to_export_is_said(tmp_path: Path) -> None:
    with pytest.raises(NotReady, match="labelwright import"):
        take_out(bench(project_config(["text"])), tmp_path)


FORMULAS = ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1"]


def test_formulas_are_guarded_in_csv_when_asked_for_and_exact_otherwise(tmp_path: Path) -> None:
    at = bench(project_config(["text"]))
    bring_in(at, [{"id": str(n), "text": text} for n, text in enumerate(FORMULAS)])
    take_out(at, tmp_path / "exact")
    take_out(at, tmp_path / "guarded", guard_formulas=True)

    def texts(folder: str) -> list[str]:
        with (tmp_path / folder / "data.csv").open(encoding="utf-8", newline="") as stream:
            return [row["text"] for row in csv.DictReader(stream)]

    assert texts("exact") == FORMULAS
    assert texts("guarded") == [f"'{text}" for text in FORMULAS]
