"""policy.certify: which certificate a project asks for."""

from __future__ import annotations

import json
from pathlib import Path
from typing import cast

import pytest

from labelwright.domain.canonical import Json
from labelwright.errors import InvalidConfiguration
from labelwright.history.configuration import config_from_json, config_to_json
from labelwright.settings import ProjectFile, read_project_file
from labelwright.settings.template import GUIDELINE_FILE, project_file_of

GOOD = """\
name: reviews
guideline: guideline.md
content_fields: [text]
questions:
  - name: sentiment
    labels: [positive, negative]
policy:
  target_error: 0.1
  certify: RULE
"""


def read(tmp_path: Path, rule: str) -> ProjectFile:
    (tmp_path / GUIDELINE_FILE).write_text("Say what you mean.", encoding="utf-8")
    (tmp_path / "project.yaml").write_text(GOOD.replace("RULE", rule), encoding="utf-8")
    return read_project_file(tmp_path / "project.yaml")


def problem(tmp_path: Path, rule: str) -> InvalidConfiguration:
    with pytest.raises(InvalidConfiguration) as caught:
        read(tmp_path, rule)
    return caught.value


@pytest.mark.parametrize(
    "rule",
    [
        "{by: label}",
        "{by: language, split: each}",
        "{loss: distance, tolerance: 0.2}",
        "{loss: costs, costs: {positive: {negative: 5}, negative: {positive: 1}}}",
        "{method: sgr}",
        "{method: conformal}",
        "",
    ],
)
def test_another_way_to_certify_is_read_written_and_kept(tmp_path: Path, rule: str) -> None:
    found = read(tmp_path, rule)
    assert found.config.policy.certify.is_plain == (rule == "")
    (tmp_path / "project.yaml").write_text(project_file_of(found.name, found.config), encoding="utf-8")
    assert read_project_file(tmp_path / "project.yaml") == found
    kept = json.loads(json.dumps(config_to_json(found.config)))
    assert config_from_json(kept) == found.config


def test_a_ledger_from_before_there_was_a_choice_reads_as_the_guarantee(tmp_path: Path) -> None:
    config = read(tmp_path, "").config
    kept = config_to_json(config)
    del cast("dict[str, Json]", kept["policy"])["certify"]
    assert config_from_json(kept) == config


@pytest.mark.parametrize(
    ("rule", "said"),
    [
        ("{by: label, method: sgr}", "needs method: fixed_sequence"),
        ("{method: sgr, loss: distance}", "sgr knows right and wrong alone"),
        ("{loss: costs}", "a table of costs belong together"),
        ("{costs: {positive: {negative: 1}}}", "a table of costs belong together"),
        ("{loss: costs, costs: {positive: {negativ: 1}}}", "did you mean 'negative'"),
        ("{loss: costs, costs: {positive: {negative: 0}}}", "one at least is above 0"),
        ("{tolerance: 0.2}", "tolerance belongs to loss: distance"),
        ("{los: exact}", "did you mean 'loss'"),
    ],
)
def test_ways_to_certify_that_do_not_go_together_are_named(tmp_path: Path, rule: str, said: str) -> None:
    assert said in str(problem(tmp_path, rule))
