"""project.yaml: what is wrong is named with its line, its value and the nearest valid choice."""

from __future__ import annotations

import contextlib
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from labelwright.adapters.chat.registry import check_models
from labelwright.domain.project import Assistant, AuditPolicy, ModelSource
from labelwright.errors import InvalidConfiguration, LabelwrightError
from labelwright.history.configuration import config_from_json, config_to_json
from labelwright.prompting.flows.registry import check_flow
from labelwright.services.models.project_prompt import project_prompt
from labelwright.settings import ProjectFile, read_project_file
from labelwright.settings.template import (
    GUIDELINE_FILE,
    new_guideline,
    new_project_file,
    project_file_of,
    short_project_file_of,
)

GOOD = """\
name: reviews
guideline: guideline.md
content_fields: [text]
questions:
  - name: sentiment
    labels: [positive, negative]
policy:
  target_error: 0.1
models:
  - base_url: https://models.example/v1
    model: small
    api_key_env: EXAMPLE_API_KEY
    price_input: 0.15
confidence: verbalised
"""
SECRET = "sk-proj-a1b2c3d4e5f6g7h8i9j0k1l2m3"


def read(tmp_path: Path, text: str | bytes) -> ProjectFile:
    (tmp_path / GUIDELINE_FILE).write_text("Say what you mean.", encoding="utf-8")
    path = tmp_path / "project.yaml"
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return read_project_file(path)


def problem(tmp_path: Path, text: str | bytes) -> InvalidConfiguration:
    with pytest.raises(InvalidConfiguration) as caught:
        read(tmp_path, text)
    return caught.value


def changed(old: str, new: str) -> str:
    assert old in GOOD
    return GOOD.replace(old, new)


def test_a_good_file_becomes_a_configuration(tmp_path: Path) -> None:
    found = read(tmp_path, GOOD)
    assert found.name == "reviews"
    assert found.config.guideline.text == "Say what you mean."
    assert found.config.schema.questions[0].settings == {"labels": ["positive", "negative"]}
    # 0.15 USD per million tokens = 150,000 micro-USD per million tokens
    expected = ModelSource(
        model="small", base_url="https://models.example/v1", api_key_env="EXAMPLE_API_KEY", price_input=150_000
    )
    assert found.config.models == (expected,)


@pytest.mark.parametrize(
    ("old", "new", "line", "said"),
    [
        ("    model: small", "    modle: small", 11, "did you mean 'model'"),
        ("  - name: sentiment", "  - nmae: sentiment", 5, "there is no 'nmae' here; did you mean 'name'?"),
        ("confidence: verbalised", "confidence: verbalized", 14, "did you mean 'verbalised'"),
        ("  target_error: 0.1", "  target_error: 10", 8, "did you mean 0.1?"),
        ("  target_error: 0.1", "  target_error: 10%", 8, "did you mean 0.1?"),
        ("  target_error: 0.1", "  target_error: 0", 8, "0 is not between 0 and 1"),
        ("  target_error: 0.1", "  target_eror: 0.1", 8, "did you mean 'target_error'"),
        ("  target_error: 0.1", "  confidence_level: 95", 8, "did you mean 0.95?"),
        ("  target_error: 0.1", "  calibration_votes: three", 8, "'three' does not fit"),
        ("    labels: [positive, negative]", "    labels: [yes, no]", 6, 'put the label in quotes: "yes"'),
        ("    labels: [positive, negative]", "    labels: [positive]", 6, "1 label leaves nothing to decide"),
        ("    labels: [positive, negative]", "    labels: [a, b, a]", 6, "label 'a' is there twice"),
        ("    labels: [positive, negative]", "    lables: [a, b]", 6, "did you mean 'labels'"),
        ("    labels: [positive, negative]", "    type: clasification\n    labels: [a, b]", 6, "'classification'"),
        ("guideline: guideline.md", "guideline: guidline.md", 2, "did you mean 'guideline.md'"),
        ("guideline: guideline.md", "guideline: ../../etc/passwd", 2, "outside the project's folder"),
        ("guideline: guideline.md", "guidelines: guideline.md", 2, "did you mean 'guideline'"),
        ("content_fields: [text]", "content_fields: []", 3, "content_fields: [text]"),
        ("content_fields: [text]", "content_fields: [text, text]", 3, "'text' is there twice"),
        ("  - name: sentiment", "  - name: confidence", 5, "kept for the model's confidence"),
        ("  - name: sentiment", "  - name: what is it?", 5, "no name of a question"),
        ("name: reviews", "name: ../reviews", 1, "no name of a project"),
        ("name: reviews", "name: reviews\nname: other", 2, "first on line 1"),
        ("https://models.example/v1", "models.example", 10, "no http(s) URL"),
        ("models.example/v1", "models.example/v1/chat/completions/", 10, "https://models.example/v1 is the base"),
        ("confidence: verbalised", "confidence: agreement", 14, "agreement takes two models or more"),
        ("    model: small", "    model:", 11, "nothing is written here; add the name the provider knows it by"),
        ("https://models.example/v1", "ftp://models.example/v1", 10, "no http(s) URL"),
        ("name: reviews", "name: reviews\nassistant: {model: smal}", 2, "not among models; did you mean 'small'?"),
        ("name: reviews", "name: reviews\nassistant: {modle: small}", 2, "did you mean 'model'?"),
        (
            "name: reviews",
            "name: reviews\nassistant: {model: small, max_questions_per_item: 0}",
            2,
            "it must be 1 or more",
        ),
        ("confidence: verbalised", "confidence: decisions\nassistant: {model: small}", 15, "decisions weigh labels"),
    ],
)
def test_an_error_names_line_value_and_nearest_choice(tmp_path: Path, old: str, new: str, line: int, said: str) -> None:
    found = problem(tmp_path, changed(old, new))
    assert said in str(found)
    assert found.line == line


@pytest.mark.parametrize(
    ("old", "new", "line", "said"),
    [
        ("    model: small", "    model: small\n    provider: openia", 12, "did you mean 'openai'?"),
        ("    model: small", f"    model: small\n    provider: {SECRET}", 12, "looks like a key"),
    ],
)
def test_what_a_provider_cannot_do_is_told_with_its_line(
    tmp_path: Path, old: str, new: str, line: int, said: str
) -> None:
    (tmp_path / "guideline.md").write_text("Say what you mean.")
    path = tmp_path / "project.yaml"
    path.write_text(changed(old, new))
    with pytest.raises(InvalidConfiguration) as caught:
        read_project_file(path, check=check_models)
    assert said in str(caught.value)
    assert caught.value.line == line
    assert SECRET not in str(caught.value)


@pytest.mark.parametrize(
    ("added", "said"),
    [
        ("flow: [once]", "write a flow's name, such as: flow: repair"),
        ("examples: nearest", "such as: examples: {choose: nearest, k: 5}"),
        ("examples: {choose: nearst}", "did you mean 'nearest'?"),
        ("examples: {choose: fixed}", "choose: fixed takes the ids of the items to show"),
        ("examples: {items: ['1']}", "choose: none does not show them; write choose: fixed"),
        ("examples: {choose: nearest, k: 0}", "examples.k: 0 does not fit; it must be 1 or more"),
        ("long_items: {rule: chunk}", "add most_tokens: 4000"),
        ("privacy: redact", "such as: privacy: {pii: redact}"),
        ("privacy: {pii: redacted}", "did you mean 'redact'?"),
        ("privacy: {never_leaves: [txt]}", "'txt' is not among content_fields; did you mean 'text'?"),
        ("privacy: {local_only: yes please}", "it must be true or false"),
        ("budget: 5 USD", "write US dollars as a number, such as: budget: 25"),
        ("budget: 0", "it must be more than 0"),
        ("signals: verbalised", "it must be a list"),
        ("signals: [agreement]", "agreement takes two models or more"),
    ],
)
def test_a_mistake_in_what_the_engine_is_told_is_named_with_what_to_write(
    tmp_path: Path, added: str, said: str
) -> None:
    found = problem(tmp_path, GOOD + added + "\n")
    assert said in str(found)
    assert found.line == 15


def test_off_is_off_although_yaml_reads_it_as_false(tmp_path: Path) -> None:
    assert read(tmp_path, GOOD + "privacy: {pii: off}\n").config.privacy.pii == "off"


def test_a_field_that_is_not_shown_may_be_said_to_never_leave(tmp_path: Path) -> None:
    assert read(tmp_path, GOOD + "privacy: {never_leaves: [customer]}\n").config.privacy.never_leaves == ("customer",)


def test_two_models_of_one_name_are_refused_because_answers_are_kept_by_it(tmp_path: Path) -> None:
    twin = "  - {model: small, base_url: https://other.example/v1}\nconfidence: verbalised"
    assert "models: 'small' is there twice" in str(problem(tmp_path, changed("confidence: verbalised", twin)))


@pytest.mark.parametrize(
    ("written", "said"),
    [
        ("0", "models[0].timeout_seconds: 0 does not fit; it must be more than 0"),
        ("-5", "it must be more than 0"),
        ("3601", "models[0].timeout_seconds: 3601 does not fit; it must be at most 3600"),
        (".inf", "does not fit; "),
        (".nan", "does not fit; "),
        ("2m", "'2m' does not fit; write seconds as a number from above 0 to 3600, such as: timeout_seconds: 300"),
        ("true", "write seconds as a number"),
        ("", "timeout_seconds: nothing is written here; write seconds as a number"),
    ],
)
def test_a_time_out_that_is_none_is_refused_with_its_line_and_what_to_write(
    tmp_path: Path, written: str, said: str
) -> None:
    found = problem(tmp_path, changed("    model: small", f"    model: small\n    timeout_seconds: {written}"))
    assert said in str(found)
    assert found.line == 12


def test_a_misspelt_time_out_is_told_the_key_that_was_meant(tmp_path: Path) -> None:
    found = problem(tmp_path, changed("    model: small", "    model: small\n    timeout: 300"))
    assert "there is no 'timeout' here; did you mean 'timeout_seconds'?" in str(found)


@pytest.mark.parametrize(("written", "seconds"), [("300", 300.0), ("2.5", 2.5), ("3600", 3600.0), ("0.2", 0.2)])
def test_a_models_time_out_is_read_written_and_kept(tmp_path: Path, written: str, seconds: float) -> None:
    before = read(tmp_path, changed("    model: small", f"    model: small\n    timeout_seconds: {written}"))
    (model,) = before.config.models
    assert model.timeout_seconds == seconds
    assert config_from_json(config_to_json(before.config)) == before.config
    for written_out in (project_file_of, short_project_file_of):
        (tmp_path / "project.yaml").write_text(written_out(before.name, before.config), encoding="utf-8")
        assert read_project_file(tmp_path / "project.yaml") == before


def test_a_models_time_out_is_two_minutes_where_nothing_is_said_also_in_what_older_versions_kept(
    tmp_path: Path,
) -> None:
    found = read(tmp_path, GOOD)
    assert found.config.models[0].timeout_seconds == 120
    assert "timeout_seconds" not in short_project_file_of(found.name, found.config)
    kept: Any = config_to_json(found.config)
    del kept["models"][0]["timeout_seconds"]
    assert config_from_json(kept) == found.config


def test_a_setting_of_another_flow_says_which_flow_has_it(tmp_path: Path) -> None:
    (tmp_path / "guideline.md").write_text("Say what you mean.")
    path = tmp_path / "project.yaml"
    path.write_text(GOOD + "flow: {samples: 5}\n")
    with pytest.raises(InvalidConfiguration, match=r"'repair' has no setting 'samples'; .* add name: self_consistency"):
        read_project_file(path, check=check_flow)


def test_a_missing_key_is_named_with_an_example(tmp_path: Path) -> None:
    assert "'content_fields' is missing" in str(problem(tmp_path, changed("content_fields: [text]\n", "")))


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("api_key_env: EXAMPLE_API_KEY", f"api_key_env: {SECRET}"),
        ("api_key_env: EXAMPLE_API_KEY", "api_key_env: AIzaSyA1b2C3d4E5f6G7h8I9j0K1l2M3n4"),
        ("api_key_env: EXAMPLE_API_KEY", "api_key_env: 0123456789abcdef0123456789abcdef"),
        ("api_key_env: EXAMPLE_API_KEY", f"api_key: {SECRET}"),
        ("api_key_env: EXAMPLE_API_KEY", f"{SECRET}: x"),
        ("https://models.example/v1", f"https://me:{SECRET}@models.example/v1"),
        ("https://models.example/v1", f"https://models.example/v1?key={SECRET}"),
        ("confidence: verbalised", f"confidence: {SECRET}"),
        ("name: reviews", f"name: {SECRET} x"),
        ("guideline: guideline.md", f"guideline: {SECRET}"),
        ("  target_error: 0.1", f"  target_error: {SECRET}"),
        ("    labels: [positive, negative]", f"    type: {SECRET}\n    labels: [a, b]"),
        ("    model: small", f"    model: small: {SECRET}"),
    ],
)
def test_S3_what_looks_like_a_key_is_refused_and_never_shown(tmp_path: Path, old: str, new: str) -> None:
    said = str(problem(tmp_path, changed(old, new)))
    assert SECRET not in said
    assert "AIzaSy" not in said
    assert "0123456789abcdef" not in said


@pytest.mark.parametrize(
    "text",
    [
        'a: &a ["x","x"]\nb: &b [*a,*a,*a,*a]\nc: [*b,*b,*b,*b]\n',
        "a: &self [*self]\n",
        "a: !!python/object/apply:os.system ['true']\n",
        "a: !include /etc/passwd\n",
        "a: " + "[" * 60 + "]" * 60,
        "[" * 100_000,
    ],
)
def test_S11_S12_aliases_tags_and_depth_are_refused(tmp_path: Path, text: str) -> None:
    said = str(problem(tmp_path, GOOD + text))
    assert any(word in said for word in ("aliases", "tags", "deep", "no YAML"))


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"# only a comment\n",
        b"just text",
        b"- a\n- b\n",
        b"a: b: c\n",
        b"\xff\xfea\x00",
        b"name: \x00",
        b"a: 'x",
        b"? {a: b}\n: c\n",
    ],
)
def test_what_is_no_project_file_is_a_clear_error(tmp_path: Path, content: bytes) -> None:
    assert str(tmp_path / "project.yaml") in str(problem(tmp_path, content))


def test_labels_stay_the_text_they_are_written_as(tmp_path: Path) -> None:
    found = read(tmp_path, changed("[positive, negative]", "[007, 1.0, 2020-01-01, 12:30, '', x]".replace("'', ", "")))
    assert found.config.schema.questions[0].settings["labels"] == ["007", "1.0", "2020-01-01", "12:30", "x"]


def test_the_file_that_init_writes_is_good(tmp_path: Path) -> None:
    (tmp_path / GUIDELINE_FILE).write_text(new_guideline(["yes", "no"]), encoding="utf-8")
    (tmp_path / "project.yaml").write_text(new_project_file("no", labels=["yes", "no", "a: b"]), encoding="utf-8")
    found = read_project_file(tmp_path / "project.yaml")
    assert found.name == "no"
    assert found.config.schema.questions[0].settings["labels"] == ["yes", "no", "a: b"]
    assert found.config.models == ()


def test_the_prompt_of_what_init_writes_has_each_heading_once(tmp_path: Path) -> None:
    (tmp_path / GUIDELINE_FILE).write_text(new_guideline(["yes", "no"]), encoding="utf-8")
    (tmp_path / "project.yaml").write_text(new_project_file("no", labels=["yes", "no"]), encoding="utf-8")
    written = project_prompt(read_project_file(tmp_path / "project.yaml").config).static.content
    headings = [line for line in written.splitlines() if line.startswith("#")]
    assert headings.count("# Guideline") == 1
    assert len(headings) == len(set(headings))


CONDITIONAL = """\
name: reviews
content_fields: [text]
questions:
  - name: sentiment
    labels: [negative, mixed, positive]
  - name: why
    labels: [price, quality]
    show_when:
      question: sentiment
      is: IS
"""


@pytest.mark.parametrize(
    ("written", "said"),
    [
        ("[[negative, mixed]]", ["is[0]: ['negative', 'mixed'] is a list inside the list", "list: negative, mixed;"]),
        ("[[negative, mixed]]", ["where a place of a taxonomy is meant", "as one text: negative > mixed"]),
        ("[negative, [mixed]]", ["is[1]: ['mixed'] is a list", "without brackets of its own: mixed"]),
        ("[[[negative]]]", ["side by side in one list", "is: [negative, mixed]"]),
        (f"[[negative, {SECRET}]]", ["side by side in one list", "is: [negative, mixed]"]),
        ("[[]]", ["is[0]: [] is a list inside the list", "is: [negative, mixed]"]),
        ("{negative: true}", ["show_when.is: {'negative': True} is no answer", "is: negative"]),
        ("null", ["show_when.is: no answer is written here", "is: negative"]),
        ("[negative, null]", ["is[1]: no answer is written here"]),
    ],
)
def test_a_condition_s_answer_that_is_none_is_named_with_what_to_write(
    tmp_path: Path, written: str, said: list[str]
) -> None:
    found = str(problem(tmp_path, CONDITIONAL.replace("IS", written)))
    assert "line 10: questions[1].show_when.is" in found
    for words in said:
        assert words in found
    assert "true or false" not in found
    assert SECRET not in found


def test_a_list_inside_a_condition_s_list_is_named_by_its_own_line(tmp_path: Path) -> None:
    block = "\n        - negative\n        - - mixed\n          - positive"
    found = str(problem(tmp_path, CONDITIONAL.replace(" IS", block)))
    assert "line 12: questions[1].show_when.is[1]" in found
    assert "list: mixed, positive;" in found


@pytest.mark.parametrize(
    ("written", "values"), [("negative", ("negative",)), ("[negative, mixed]", ("negative", "mixed"))]
)
def test_a_condition_names_one_answer_or_several(tmp_path: Path, written: str, values: tuple[str, ...]) -> None:
    when = read(tmp_path, CONDITIONAL.replace("IS", written)).config.schema.questions[1].show_when
    assert when is not None
    assert when.values == values


def test_a_configuration_written_as_a_file_is_read_back_the_same(tmp_path: Path) -> None:
    before = read(tmp_path, GOOD)
    (tmp_path / "project.yaml").write_text(project_file_of(before.name, before.config), encoding="utf-8")
    assert read_project_file(tmp_path / "project.yaml") == before


@given(st.binary(max_size=300) | st.text(max_size=300).map(str.encode))
def test_whatever_the_bytes_it_is_a_configuration_or_a_clear_error(
    tmp_path_factory: pytest.TempPathFactory, content: bytes
) -> None:
    path = tmp_path_factory.mktemp("any") / "project.yaml"
    path.write_bytes(content)
    with pytest.raises(LabelwrightError):
        read_project_file(path)


@given(st.integers(0, len(GOOD) - 1), st.text(max_size=3))
def test_a_good_file_with_a_slip_is_good_or_a_clear_error(
    tmp_path_factory: pytest.TempPathFactory, place: int, typed: str
) -> None:
    folder = tmp_path_factory.mktemp("slip")
    slipped = (GOOD[:place] + typed + GOOD[place + 1 :]).encode("utf-8", "surrogatepass")
    with contextlib.suppress(InvalidConfiguration):
        read(folder, slipped)


SPANS = GOOD.replace("content_fields: [text]", "content_fields: [text, notes]").replace(
    "    labels: [positive, negative]", "    type: spans\n    labels: [PER, LOC]"
)


def test_a_question_that_points_into_one_of_several_fields_must_say_which(tmp_path: Path) -> None:
    found = problem(tmp_path, SPANS)
    assert "line 5" in str(found)
    assert "points into one field, and text, notes are shown; say which, such as field: text" in str(found)
    wrong = problem(tmp_path, SPANS.replace("type: spans", "type: spans\n    field: note"))
    assert "'note' is not among content_fields; did you mean 'notes'" in str(wrong)
    read(tmp_path, SPANS.replace("type: spans", "type: spans\n    field: notes"))


def test_the_audit_has_a_level_and_an_answer_to_its_alarm(tmp_path: Path) -> None:
    assert read(tmp_path, GOOD).config.audit == AuditPolicy(0.95, "tell")
    assert read(tmp_path, GOOD + "audit: {level: 0.99, on_alarm: recall}\n").config.audit == AuditPolicy(0.99, "recall")
    assert read(tmp_path, GOOD + "audit:\n").config.audit == AuditPolicy()
    with pytest.raises(InvalidConfiguration, match=r"95 is no share between 0 and 1; did you mean 0.95"):
        read(tmp_path, GOOD + "audit: {level: 95}\n")
    with pytest.raises(InvalidConfiguration, match="did you mean 'recall'"):
        read(tmp_path, GOOD + "audit: {on_alarm: recal}\n")


def test_an_assistant_is_off_until_it_is_named_and_is_written_as_it_was_read(tmp_path: Path) -> None:
    assert read(tmp_path, changed("name: reviews", "name: reviews")).config.assistant is None
    found = read(tmp_path, changed("name: reviews", "name: reviews\nassistant: {model: small}")).config
    assert found.assistant == Assistant("small", 5)
    assert config_from_json(config_to_json(found)) == found


CASCADE = """
name: two
content_fields: [text]
questions: [{name: label, type: classification, labels: [a, b]}]
models: [{model: small, base_url: "http://127.0.0.1:1/v1"}, {model: large, base_url: "http://127.0.0.1:1/v1"}]
"""


def test_a_cascade_may_have_certified_links(tmp_path: Path) -> None:
    config = read(tmp_path, CASCADE + "ensemble: cascade\ncascade: {keep: certified}\n").config
    assert config.certifies_links
    assert config_from_json(config_to_json(config)) == config


@pytest.mark.parametrize(
    ("lines", "said"),
    [
        ("cascade: {keep: certified}\n", "ensemble: cascade"),
        ("ensemble: cascade\ncascade: {keep: certified}\npolicy: {certify: {by: label}}\n", "leave policy.certify out"),
        ("ensemble: cascade\ncascade: {keep: sure}\n", "ranks"),
    ],
)
def test_certified_links_are_refused_where_they_cannot_be_kept(tmp_path: Path, lines: str, said: str) -> None:
    assert said in str(problem(tmp_path, CASCADE + lines))


@pytest.mark.parametrize(
    ("wrong", "cause"),
    [
        (
            "models: []  # none yet\n# an example\n  - model: small",
            "what belongs to 'models' stands below it, so take the []",
        ),
        ("policy:\n\ttarget_error: 0.1", "it is indented by a tab: use spaces"),
    ],
)
def test_what_usually_breaks_a_file_is_named_beside_what_yaml_says(tmp_path: Path, wrong: str, cause: str) -> None:
    with pytest.raises(InvalidConfiguration, match="this is no YAML") as raised:
        read(tmp_path, GOOD.partition("policy:")[0] + wrong + "\n")
    assert cause in str(raised.value)
