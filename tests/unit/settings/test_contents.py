"""content_fields: what is shown, as what, beside what; and an older file means what it meant."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from labelwright.domain.contents import CONTENTS, ShownField
from labelwright.history.configuration import config_from_json, config_to_json
from labelwright.settings import read_project_file
from labelwright.settings.template import GUIDELINE_FILE, project_file_of
from tests.unit.settings.test_project_file import changed, problem, read

RICH = """content_fields:
  - text
  - {field: body, as: markdown, title: The letter}
  - {field: answer_a, beside: answer_b}
  - field: talk
    as: conversation
    markdown: true
  - {field: scan, as: image}
  - {field: rows, as: table, columns: [name, price]}"""


def test_each_field_says_how_it_is_shown(tmp_path: Path) -> None:
    config = read(tmp_path, changed("content_fields: [text]", RICH)).config
    assert config.content_fields == ("text", "body", "answer_a", "answer_b", "talk", "scan", "rows")
    assert config.contents == (
        ShownField("body", "markdown", title="The letter"),
        ShownField("answer_a", beside="answer_b"),
        ShownField("talk", "conversation", settings={"markdown": True}),
        ShownField("scan", "image"),
        ShownField("rows", "table", settings={"columns": ["name", "price"]}),
    )
    # A model would be sent a path else, where there is a picture.
    assert config.image_fields == ("scan",)


def test_an_older_file_says_nothing_of_contents(tmp_path: Path) -> None:
    assert read(tmp_path, changed("[text]", "[text, notes]")).config.contents == ()
    plain = config_to_json(read(tmp_path, changed("[text]", "[text]")).config)
    plain.pop("contents")
    assert config_from_json(plain).contents == ()


def test_it_survives_the_ledger_and_the_file_written_from_it(tmp_path: Path) -> None:
    config = read(tmp_path, changed("content_fields: [text]", RICH)).config
    assert config_from_json(config_to_json(config)) == config
    (tmp_path / GUIDELINE_FILE).write_text(config.guideline.text)
    written = tmp_path / "written.yaml"
    written.write_text(project_file_of("reviews", config))
    again = read_project_file(written).config
    assert (again.content_fields, again.contents) == (config.content_fields, config.contents)


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ("[{field: body, as: markdwon}]", "'markdwon' is no content; did you mean 'markdown'?"),
        ("[{field: body, as: slides}]", ", ".join(CONTENTS)),
        ("[{field: talk, as: conversation, markdwon: true}]", "did you mean 'markdown'"),
        ("[{field: talk, as: conversation, markdown: 7}]", "markdown: 7 does not fit; it must be true or false"),
        ("[{field: scan, as: image, beside: other}]", "'image' cannot stand beside another field"),
        ("[{as: markdown}]", "'content_fields[0].field' is missing"),
        ("[text, {field: a, beside: text}]", "'text' is there twice"),
        ("[{field: a, beside: a}]", "'a' is there twice"),
        ("[7]", "content_fields[0]: 7 does not fit"),
    ],
)
def test_what_is_wrong_is_said_with_its_line(tmp_path: Path, fields: str, said: str) -> None:
    wrong = problem(tmp_path, changed("[text]", fields))
    assert said in str(wrong)
    assert wrong.line == 3


def test_every_example_of_the_documentation_is_accepted(tmp_path: Path, repository: Path) -> None:
    page = (repository / "docs" / "howto" / "contents.md").read_text(encoding="utf-8")
    examples = re.findall(r"```yaml\n(.*?)```", page, re.DOTALL)
    assert len(examples) >= 3
    for example in examples:
        assert read(tmp_path, changed("content_fields: [text]\n", example)).config.contents
    assert {f"`{name}`" for name in CONTENTS} <= set(re.findall(r"`\w+`", page))
