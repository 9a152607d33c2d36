from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest

from labelwright.domain.canonical import Json
from labelwright.domain.project import ExamplePolicy, FlowChoice, Guideline, LabelSchema, Policy, ProjectConfig
from labelwright.errors import InvalidValue
from labelwright.prompting.chat import ChatRequest
from labelwright.prompting.flows.registry import check_flow, flow_of, flows
from labelwright.prompting.render import Demonstration
from tests.unit.prompting.conftest import ITEM, MOOD, TOPICS, asking, fitting, held, prompt_of

EXAMPLES = (
    Demonstration({"text": "Good."}, {"mood": "good", "topics": []}, item_id="x"),
    Demonstration({"text": "Bad."}, {"mood": "bad", "topics": []}, item_id="y"),
)
SETTINGS: list[tuple[str, dict[str, Any]]] = [
    *((name, {}) for name in flows()),
    *((name, {"repairs": 3}) for name in flows() if name != "once"),
    *((name, {"repairs": 0}) for name in flows() if name != "once"),
    ("self_consistency", {"samples": 3, "repairs": 2}),
    ("explain", {"check": False}),
]


class Clumsy:
    """A model that answers every question wrongly until nothing more may be repaired, and then well."""

    def __init__(self, repairs: int) -> None:
        self._repairs, self._corrected = repairs, 0

    def __call__(self, request: ChatRequest) -> str:
        is_correction = request.messages[-1].content.startswith("This answer cannot be used")
        self._corrected = self._corrected + 1 if is_correction else 0
        return fitting(request) if self._corrected == self._repairs else "rubbish"


def test_the_flows_are_those_of_the_package() -> None:
    assert list(flows()) == [
        *("explain", "guesses", "judge", "once", "p_true", "reason", "reflect", "repair", "self_consistency"),
    ]


@pytest.mark.parametrize(("name", "settings"), SETTINGS)
def test_no_item_takes_more_requests_than_the_budget_was_told_and_the_worst_takes_all(
    name: str, settings: Mapping[str, Json]
) -> None:
    kind = flow_of(name)
    how = asking(name, **dict(settings))
    repairs = how.settings.get("repairs", 0)
    assert isinstance(repairs, int)
    prompt = prompt_of(MOOD, TOPICS)
    _, plain = held(kind.hold(prompt, ITEM, how), Clumsy(repairs))
    assert len(plain) == kind.most_requests(how.settings)
    with_examples = type(how)(how.model, how.sampling, how.settings, EXAMPLES)
    _, shown = held(kind.hold(prompt, ITEM, with_examples), Clumsy(repairs))
    assert len(shown) == len(plain) + len(EXAMPLES) * kind.most_per_example(how.settings)


@pytest.mark.parametrize("name", list(flows()))
def test_every_flow_asks_about_the_item_last_and_keeps_the_static_part_the_same(name: str) -> None:
    """Byte for byte: providers cache the beginning of a prompt."""
    prompt = prompt_of(MOOD, flow=FlowChoice(name))
    beginnings: list[list[str]] = []
    for item_id in ("a", "b"):
        item = type(ITEM)(item_id, {"text": f"Text of {item_id}."})
        _, requests = held(flow_of(name).hold(prompt, item, asking(name)), fitting)
        beginnings.append([request.messages[0].content for request in requests])
        for request in requests:
            assert f"<item>\nText of {item_id}.\n</item>" in request.messages[1].content
    assert beginnings[0] == beginnings[1]


def test_an_unknown_flow_is_answered_with_the_nearest() -> None:
    with pytest.raises(InvalidValue, match="there is no flow 'repare'; did you mean 'repair'"):
        flow_of("repare")


@pytest.mark.parametrize(
    ("flow", "message"),
    [
        (FlowChoice("repair", {"repair": 1}), "flow.repair: this flow has no setting 'repair'; did you mean 'repairs'"),
        (FlowChoice("once", {"repairs": 1}), "the flow 'once' has no setting 'repairs'; leave it out"),
        (FlowChoice("repair", {"repairs": 9}), "flow.repairs: 9 is no whole number from 0 to 5"),
        (FlowChoice("repair", {"repairs": True}), "True is no whole number"),
        (FlowChoice("self_consistency", {"temperature": "hot"}), "'hot' is no number from 0 to 2"),
        (FlowChoice("self_consistency", {"samples": 1}), "1 is no whole number from 2 to 40"),
        (FlowChoice("explain", {"check": 1}), "1 is neither true nor false"),
    ],
)
def test_a_setting_that_cannot_be_is_named(flow: FlowChoice, message: str) -> None:
    with pytest.raises(InvalidValue) as problem:
        check_flow(flow)
    assert message in str(problem.value)


def test_a_flow_that_explains_examples_is_refused_where_none_are_shown() -> None:
    def config(flow: str, examples: ExamplePolicy) -> ProjectConfig:
        schema = LabelSchema(1, (MOOD,))
        return ProjectConfig(schema, Guideline(1, ""), Policy(), ("text",), flow=FlowChoice(flow), examples=examples)

    for flow in flows():
        check_flow(config(flow, ExamplePolicy("nearest")))
        if flow != "explain":
            check_flow(config(flow, ExamplePolicy()))
    with pytest.raises(InvalidValue, match="flow: 'explain' has the examples explained, and the project shows none"):
        check_flow(config("explain", ExamplePolicy()))


def test_a_signal_that_only_another_flow_gives_is_refused_with_that_flow() -> None:
    def config(flow: str, **more: Any) -> ProjectConfig:  # noqa: ANN401
        schema = LabelSchema(1, (MOOD,))
        return ProjectConfig(schema, Guideline(1, ""), Policy(), ("text",), flow=FlowChoice(flow), **more)

    check_flow(config("p_true", confidence="p_true"))
    check_flow(config("once"))
    with pytest.raises(InvalidValue, match="confidence: 'p_true' comes from the flow p_true, not from 'once'"):
        check_flow(config("once", confidence="p_true"))
    with pytest.raises(InvalidValue, match="signals: 'consistency' comes from the flow self_consistency"):
        check_flow(config("p_true", signals=("consistency",)))


def test_decisions_are_asked_for_labels_and_nothing_else() -> None:
    schema = LabelSchema(1, (MOOD,))
    for name in ("once", "repair"):
        check_flow(ProjectConfig(schema, Guideline(1, ""), Policy(), ("text",), (), "decisions", flow=FlowChoice(name)))
    with pytest.raises(InvalidValue, match=r"'reason' asks for more than labels, .* write flow: repair or once"):
        check_flow(
            ProjectConfig(schema, Guideline(1, ""), Policy(), ("text",), (), "decisions", flow=FlowChoice("reason"))
        )
