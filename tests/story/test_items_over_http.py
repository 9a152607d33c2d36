"""What a model is shown of long items, of items with personal data, and of pictures: the bytes that arrive."""

from __future__ import annotations

import base64
import json
from pathlib import Path
from typing import Any

import pytest

from tests.story.talking_model import (
    TalkingModel,
    asked_for,
    kept_signals,
    labels_of,
    number_of,
    talking,
    texts_of,
)

LONG = "Review 7. " + "Nothing to see here, and so it goes on and on. " * 40 + "THE END."
SHORT = "Review 8. Short."
PICTURE = base64.b64encode(
    base64.b64decode("iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==")
).decode()


def long_items() -> list[dict[str, Any]]:
    return [{"id": "i7", "text": LONG}, {"id": "i8", "text": SHORT}]


def last_of(model: TalkingModel, n: int) -> list[str]:
    return [texts_of(body)[1] for body in map(json.loads, model.bodies) if number_of(body) == n]


def test_a_long_item_is_refused_cut_or_asked_about_in_parts(tmp_path: Path) -> None:
    for rule in ("refuse", "truncate", "chunk"):
        model = TalkingModel(label=lambda _: "good")
        rules = {"most_tokens": 200, "rule": rule}
        with talking(tmp_path / rule, _Everywhere(model), items=long_items(), long_items=rules) as (project, _):
            report = project.prelabel()
            said, kept = labels_of(project), kept_signals(project)["i7"]
            assert said["i8"][:2] == ("valid", "good")
            sent = [texts_of(body)[1] for body in map(json.loads, model.bodies)]
            long = [text for text in sent if "Short." not in text]
            match rule:
                case "refuse":
                    assert (said["i7"][0], report.models[0].held_back, long) == ("invalid", 1, [])
                case "truncate":
                    assert said["i7"][:2] == ("valid", "good")
                    assert len(long) == 1
                    assert "THE END." not in long[0]
                    assert len(long[0]) <= 4 * 200 + 50
                    assert "truncated" in json.dumps(kept)
                case _:
                    assert said["i7"][:2] == ("valid", "good")
                    assert len(long) > 1
                    assert "THE END." in long[-1]
                    assert kept["part_values"] == ["good"] * len(long)


class _Everywhere(TalkingModel):
    """Parts of an item do not all bear its number."""

    def __init__(self, model: TalkingModel) -> None:
        super().__init__(label=model.label, bodies=model.bodies)

    def said(self, body: Any) -> dict[str, Any]:  # noqa: ANN401 - JSON
        return {"label": self.label(0), "confidence": {"label": 0.75}}


@pytest.mark.parametrize("mode", ["redact", "pseudonymise"])
@pytest.mark.parametrize("flow", ["reason", "reflect", "p_true", "judge", {"name": "self_consistency", "samples": 2}])
def test_m7_personal_data_is_in_no_step_of_a_conversation(mode: str, flow: Any, tmp_path: Path) -> None:  # noqa: ANN401
    """M7: nor in what a model says of its own answer, and comes back only to us."""
    items = [{"id": f"i{n}", "text": f"Review {n}. Write to zoe{n}@example.org."} for n in range(4)]

    class Repeating(TalkingModel):
        def said(self, body: Any) -> dict[str, Any]:  # noqa: ANN401 - JSON
            stated: dict[str, Any] = super().said(body)
            if "reasoning" in stated:
                stated["reasoning"] = texts_of(body)[1].split("Write to ")[1].split(".\n")[0]
            return stated

    model = Repeating()
    with talking(tmp_path, model, items=items, flow=flow, privacy={"pii": mode}) as (project, _):
        assert project.prelabel().models[0].valid == 4
        kept = kept_signals(project)["i1"]
    assert "example.org" not in "".join(model.bodies)
    if mode == "pseudonymise" and flow in ("reason", "reflect"):
        assert kept["reasoning"] == "zoe1@example.org"


@pytest.mark.parametrize("flow", ["repair", "reflect", "judge"])
def test_a_picture_goes_along_as_a_data_url_in_every_step(flow: str, tmp_path: Path) -> None:
    items = [
        {"id": "i1", "text": "Review 1.", "photo": "a.png"},
        {"id": "i2", "text": "Review 2.", "photo": "../b.png"},
    ]
    model = TalkingModel()
    settings = {"content_fields": ["text", "photo"], "image_fields": ["photo"], "flow": flow}
    tmp_path.joinpath("a.png").write_bytes(base64.b64decode(PICTURE))
    with talking(tmp_path, model, items=items, **settings) as (project, _):
        report = project.prelabel()
        assert (report.models[0].valid, report.models[0].held_back) == (1, 1)
    assert len(model.bodies) == (1 if flow == "repair" else 2)
    for body in map(json.loads, model.bodies):
        assert number_of(body) == 1
        parts = [part for turn in body["messages"] if isinstance(turn["content"], list) for part in turn["content"]]
        urls = [part["image_url"]["url"] for part in parts if part["type"] == "image_url"]
        assert urls == [f"data:image/png;base64,{PICTURE}"], asked_for(body)
