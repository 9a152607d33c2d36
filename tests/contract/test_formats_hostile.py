"""Files that mean no good, or were made by accident: each row comes in or is rejected with a reason.

R11: in = accepted + rejected + already there, for every one of them.
"""

from __future__ import annotations

import gzip
import json
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest

from labelwright.adapters.formats.items import open_items
from labelwright.adapters.formats.rejections import RejectionFile
from labelwright.errors import InvalidFile, InvalidInput
from labelwright.ports.sources import BadRow, Row
from labelwright.services.projects.import_items import ImportReport, import_items
from tests.story.import_bench import Bench, bench, project_config


@dataclass(frozen=True)
class Hostile:
    """A file, and what must become of it: (accepted, already there, rejected) and words of the first reason."""

    name: str
    content: bytes
    counts: tuple[int, int, int]
    said: str = ""


def good(id: object, text: str = "fine") -> bytes:
    return json.dumps({"id": id, "text": text}).encode() + b"\n"


DEEP = b'{"id":"d","text":"x","m":' + b"[" * 90 + b"]" * 90 + b"}\n"
DEEPER = b'{"id":"d","text":"x","m":' + b"[" * 100_000 + b"]" * 100_000 + b"}\n"
BIG = "x" * 1_000_000
BOMB = gzip.compress(b" " * 30_000_000)

HOSTILE = [
    Hostile("byte-order-mark.jsonl", b"\xef\xbb\xbf" + good(1) + good(2), (2, 0, 0)),
    Hostile("windows-lines.jsonl", good(1).replace(b"\n", b"\r\n") + good(2), (2, 0, 0)),
    Hostile("blank-lines.jsonl", b"\n\n" + good(1) + b"   \n" + good(2) + b"\n", (2, 0, 0)),
    Hostile("no-last-line-end.jsonl", good(1) + good(2).rstrip(), (2, 0, 0)),
    Hostile(
        "latin1.jsonl", good(1) + b'{"id":"2","text":"caf\xe9"}\n', (1, 0, 1), "byte 22 of the line (0xe9) is not UTF-8"
    ),
    Hostile("overlong-utf8.jsonl", good(1) + b'{"id":"2","text":"\xc0\xaf"}\n', (1, 0, 1), "is not UTF-8"),
    Hostile("raw-surrogate.jsonl", good(1) + b'{"id":"2","text":"\xed\xa0\x80"}\n', (1, 0, 1), "is not UTF-8"),
    Hostile("lone-surrogate.jsonl", good(1) + b'{"id":"2","text":"\\ud800"}\n', (1, 0, 1), "half a character"),
    Hostile("raw-nul.jsonl", good(1) + b'{"id":"2","text":"a\x00b"}\n', (1, 0, 1), "no JSON"),
    Hostile("escaped-nul.jsonl", good(1) + b'{"id":"2","text":"a\\u0000b"}\n', (1, 0, 1), "NUL character"),
    Hostile("spelt-nul.jsonl", b'{"id":"2","text":"a\\\\u0000b"}\n', (1, 0, 0)),
    Hostile("nul-in-key.jsonl", good(1) + b'{"id":"2","text":"a","b\\u0000":1}\n', (1, 0, 1), "NUL character"),
    Hostile("truncated.jsonl", good(1) + b'{"id":"2","te', (1, 0, 1), "no JSON"),
    Hostile("two-in-a-line.jsonl", good(1) + good(2).rstrip() + good(3), (1, 0, 1), "no JSON"),
    Hostile("not-objects.jsonl", good(1) + b'"text"\n7\nnull\n[1]\n', (1, 0, 4), "an object is needed"),
    Hostile("nan.jsonl", good(1) + b'{"id":"2","text":"x","score":NaN}\n', (1, 0, 1), "no JSON"),
    Hostile("infinity.jsonl", good(1) + b'{"id":"2","text":"x","score":1e999}\n', (1, 0, 1), "no JSON"),
    Hostile("deep.jsonl", good(1) + DEEP, (1, 0, 1), "nested more than 64 deep"),
    Hostile("deeper.jsonl", good(1) + DEEPER, (1, 0, 1), ""),
    Hostile("twin-keys.jsonl", good(1) + b'{"id":"2","text":"a","text":"b"}\n', (1, 0, 1), "key 'text' is there twice"),
    Hostile(
        "twin-keys-inside.jsonl",
        good(1) + b'{"id":"2","text":"a","m":{"k":1,"k":2}}\n',
        (1, 0, 1),
        "key 'k' is there twice",
    ),
    Hostile("long-number.jsonl", b'{"id":123456789012345678901234567890,"text":"x"}\n', (1, 0, 0)),
    Hostile(
        "endless-number.jsonl",
        good(1) + b'{"id":' + b"9" * 5000 + b',"text":"x"}\n',
        (1, 0, 1),
        "no JSON",
    ),
    Hostile("twin-ids-equal.jsonl", good(1) + good(1), (1, 1, 0)),
    Hostile(
        "twin-ids-other.jsonl",
        good(1) + good(1, "other"),
        (1, 0, 1),
        "id '1' on line 2 is taken by other content in line 1",
    ),
    Hostile("number-and-text-id.jsonl", good(1) + good("1", "other"), (1, 0, 1), "taken by other content in line 1"),
    Hostile("no-ids.jsonl", b'{"text":"a"}\n{"text":"b"}\n{"text":"a"}\n', (2, 1, 0)),
    Hostile(
        "odd-ids.jsonl", good(1) + good(1.5) + good(True) + good(["x"]) + good("a\nb") + good(" "), (1, 0, 5), "id 1.5"
    ),
    Hostile("long-id.jsonl", good(1) + good("x" * 501), (1, 0, 1), "501 characters long"),
    Hostile("missing-field.jsonl", good(1) + b'{"id":"2","txt":"x"}\n', (1, 0, 1), "field 'text' is missing"),
    Hostile(
        "empty-text.jsonl",
        good(1) + good(2, "") + good(3, " \t") + b'{"id":4,"text":null}\n',
        (1, 0, 3),
        "nothing to show",
    ),
    Hostile("one-megabyte.jsonl", good(1, BIG), (1, 0, 0)),
    Hostile(
        "five-megabytes.jsonl",
        good(1) + good(2, BIG * 5) + good(3),
        (2, 0, 1),
        "bytes long",
    ),
    Hostile(
        "many-keys.jsonl",
        good(1) + json.dumps({str(n): n for n in range(20_000)}).encode() + b"\n",
        (1, 0, 1),
        "20,000 keys",
    ),
    Hostile("bomb.jsonl.gz", gzip.compress(good(1)) + BOMB + gzip.compress(b"\n" + good(2)), (2, 0, 1), "bytes long"),
    Hostile("two-members.jsonl.gz", gzip.compress(good(1)) + gzip.compress(good(2)), (2, 0, 0)),
    Hostile("prototype.jsonl", b'{"id":"__proto__","text":"x","__proto__":{"a":1},"constructor":1}\n', (1, 0, 0)),
    Hostile("traversal-id.jsonl", good("../../etc/passwd"), (1, 0, 0)),
    Hostile("sql.jsonl", good("1'); DROP TABLE item;--", "'; DELETE FROM ledger; --"), (1, 0, 0)),
    Hostile("script.jsonl", good("<script>alert(1)</script>", "<img src=x onerror=alert(1)>"), (1, 0, 0)),
    Hostile("plain.csv", b"id,text\n1,a\n2,b\n", (2, 0, 0)),
    Hostile("mark.csv", b"\xef\xbb\xbfid,text\r\n1,a\r\n", (1, 0, 0)),
    Hostile("quoted-line-end.csv", b'id,text\n1,"a\nb"\n2,"c ""d"""\n', (2, 0, 0)),
    Hostile("open-quote.csv", b'id,text\n1,a\n2,"never closed\n3,c\n', (1, 0, 1), "never closed"),
    Hostile("after-quote.csv", b'id,text\n1,a\n2,"b"c\n3,d\n', (2, 0, 1), "text follows a closing quote"),
    Hostile("ragged.csv", b"id,text\n1,a,extra\n2\n3,c\n", (1, 0, 2), "3 cells where the header has 2"),
    Hostile("latin1.csv", b"id,text\n1,caf\xe9\n2,b\n", (1, 0, 1), "byte 6 of the line (0xe9) is not UTF-8"),
    Hostile("nul.csv", b"id,text\n1,a\x00b\n2,b\n", (1, 0, 1), "NUL character"),
    Hostile("formulas.csv", b'id,text\n1,=1+1\n2,@SUM(A1)\n3,"=HYPERLINK(""http://evil"")"\n', (3, 0, 0)),
    Hostile("megabyte.csv", b"id,text\n1," + BIG.encode() + b"\n", (1, 0, 0)),
    Hostile("too-long.csv", b"id,text\n1," + BIG.encode() * 5 + b"\n2,b\n", (1, 0, 1), "bytes long"),
    Hostile("tabs.tsv", b"id\ttext\n1\ta,b\n", (1, 0, 0)),
]

REFUSED: list[tuple[str, bytes, str]] = [
    ("empty.jsonl", b"", "is empty"),
    ("blank.jsonl", b"\n  \n", "holds only blank lines"),
    ("array.jsonl", b'[{"id":"1","text":"x"}]\n', "one JSON array"),
    ("pretty-array.jsonl", b'[\n  {"id":"1","text":"x"}\n]\n', "one JSON array"),
    ("utf16.jsonl", '{"id":"1","text":"x"}\n'.encode("utf-16"), "is UTF-16"),
    ("other-form.jsonl", b'{"id":"1","txt":"x"}\n{"id":"2","txt":"y"}\n', "did you mean 'txt'"),
    ("cut.jsonl.gz", gzip.compress(good(1) * 500)[:-20], "no whole gzip file"),
    ("not-gzip.jsonl.gz", good(1), "no whole gzip file"),
    ("empty.csv", b"", "is empty"),
    ("blank.csv", b"\n\n", "holds only blank lines"),
    ("semicolons.csv", b"id;text\n1;a\n", "semicolon"),
    ("unnamed.csv", b"id,,text\n1,2,3\n", "column 2 has no name"),
    ("twins.csv", b"id,text,text\n1,2,3\n", "column 'text' is there twice"),
    ("wide.csv", b",".join(b"c%d" % n for n in range(20_000)) + b"\n", "20,000 columns"),
    ("other-form.csv", b"id,txt\n1,a\n", "did you mean 'txt'"),
    ("latin1-header.csv", b"id,text,caf\xe9\n1,a,b\n", "the header"),
    ("who-knows.dat", b"id,text\n", "--format"),
]


@pytest.fixture
def at_work() -> Bench:
    return bench(project_config(["text"]))


def bring_in(at_work: Bench, path: Path, rejected: Path | None = None) -> ImportReport:
    return import_items(
        at_work.project,
        open_items(path),
        storage=at_work.storage,
        world=at_work.world,
        rejected=None if rejected is None else RejectionFile(rejected),
    )


@pytest.mark.parametrize("hostile", HOSTILE, ids=lambda hostile: hostile.name)
def test_R11_every_row_of_a_hostile_file_is_accounted_for(tmp_path: Path, at_work: Bench, hostile: Hostile) -> None:
    path = tmp_path / hostile.name
    path.write_bytes(hostile.content)
    report = bring_in(at_work, path, tmp_path / "rejected.jsonl")
    assert (report.accepted, report.already_there, report.rejected) == hostile.counts
    assert report.rows == sum(hostile.counts)
    with at_work.storage.reading() as views:
        assert views.item_count(at_work.project) == report.accepted
    noted = tmp_path / "rejected.jsonl"
    lines = [json.loads(line) for line in noted.read_bytes().splitlines()] if noted.exists() else []
    assert len(lines) == report.rejected
    assert all(line["line"] > 0 and line["reason"] for line in lines)
    if lines:
        assert hostile.said in lines[0]["reason"]
    at_work.storage.verify()


@pytest.mark.parametrize(("name", "content", "said"), REFUSED, ids=[name for name, _, _ in REFUSED])
def test_a_file_that_is_wrong_as_a_whole_is_a_clear_error_and_nothing_half_done(
    tmp_path: Path, at_work: Bench, name: str, content: bytes, said: str
) -> None:
    path = tmp_path / name
    path.write_bytes(content)
    with at_work.storage.reading() as views:
        before = views.head()
    with pytest.raises(InvalidFile) as caught:
        bring_in(at_work, path)
    assert said in str(caught.value)
    assert name in str(caught.value)
    with at_work.storage.reading() as views:
        assert views.head() == before


def test_a_missing_file_is_named_with_its_nearest_neighbour(tmp_path: Path) -> None:
    (tmp_path / "reviews.jsonl").write_bytes(good(1))
    with pytest.raises(InvalidFile, match=r"did you mean 'reviews\.jsonl'"):
        open_items(tmp_path / "reviws.jsonl")
    with pytest.raises(InvalidFile, match="is a folder"):
        open_items(tmp_path, format="jsonl")


@pytest.mark.parametrize(
    ("option", "said"),
    [
        (lambda path: open_items(path, format="jsonnl"), "did you mean 'jsonl'"),
        (lambda path: open_items(path, encoding="utf9"), "there is no encoding 'utf9'"),
        (lambda path: open_items(path, encoding="utf-16"), "iconv"),
        (lambda path: open_items(path, encoding="rot13"), "there is no encoding"),
        (lambda path: open_items(path, format="csv", delimiter=";;"), "is not one character"),
    ],
)
def test_an_option_that_is_none_is_a_clear_error(tmp_path: Path, option: Callable[[Path], object], said: str) -> None:
    path = tmp_path / "a.jsonl"
    path.write_bytes(good(1))
    with pytest.raises(InvalidInput) as caught:
        option(path)
    assert said in str(caught.value)


def test_another_encoding_is_read_when_it_is_named(tmp_path: Path) -> None:
    for name, content in (("a.jsonl", b'{"id":"1","text":"caf\xe9"}\n'), ("a.csv", b"id,text\n1,caf\xe9\n")):
        (tmp_path / name).write_bytes(content)
        rows = list(open_items(tmp_path / name, encoding="latin-1").rows())
        assert [row.fields for row in rows if isinstance(row, Row)] == [{"id": "1", "text": "café"}]


def test_a_bad_row_knows_the_lines_it_spans(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_bytes(b'id,text\n1,"a\nb\nc"\n2,x,y\n')
    first, second = open_items(tmp_path / "a.csv").rows()
    assert isinstance(first, Row)
    assert (first.line, first.last_line) == (2, 4)
    assert isinstance(second, BadRow)
    assert (second.line, second.last_line) == (5, 5)


def test_a_file_that_changes_while_it_is_read_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "a.jsonl"
    path.write_bytes(good(1) * 3)
    rows = open_items(path).rows()
    next(rows)
    with path.open("ab") as stream:
        stream.write(good(2))
    with pytest.raises(InvalidFile, match="changed while it was read"):
        list(rows)
