from __future__ import annotations

from typing import Any, cast

import orjson

from labelwright.domain.ids import QuestionName
from labelwright.domain.project import Guideline, LabelSchema, ModelSource, Policy, ProjectConfig, Question
from labelwright.history.configuration import config_from_json, config_to_json

CONFIG = ProjectConfig(
    schema=LabelSchema(1, (Question(QuestionName("mood"), "labelwright/classification", {"labels": ["a", "b"]}),)),
    guideline=Guideline(1, "Be fair."),
    policy=Policy(),
    content_fields=("text",),
    models=(ModelSource("m", "http://h/v1", provider="anthropic"),),
)


def stored() -> dict[str, Any]:
    return orjson.loads(orjson.dumps(config_to_json(CONFIG)))


def test_a_configuration_comes_back_as_it_was() -> None:
    assert config_from_json(stored()) == CONFIG


def test_a_ledger_written_before_there_were_providers_means_openai() -> None:
    old = stored()
    del cast("dict[str, Any]", old["models"][0])["provider"]
    assert config_from_json(old).models[0].provider == "openai"
