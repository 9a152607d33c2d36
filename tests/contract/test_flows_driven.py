"""Every flow through the real driver and a real socket: what it costs, what is paid once, what is kept."""

from __future__ import annotations

import asyncio
import json
import threading
from collections.abc import Callable, Sequence
from typing import Any

import pytest

from labelwright.adapters.chat.openai_compatible import OpenAICompatible
from labelwright.adapters.execution.threaded import ThreadedRunner
from labelwright.domain.ids import QuestionName
from labelwright.domain.project import ExamplePolicy, FlowChoice, Question
from labelwright.ports.calls import CallRecord
from labelwright.ports.chat import Finished, RunScope, Work
from labelwright.prompting.build import build_prompt
from labelwright.prompting.flows.flow import Asking
from labelwright.prompting.flows.registry import flow_of, flows
from labelwright.prompting.parse import Labelled
from labelwright.prompting.render import AskedQuestion, Demonstration, ItemToLabel, Sampling
from labelwright.tasks.registry import bind
from labelwright.testing.scripted_server import Reply, completion, scripted_server

MOOD = Question(QuestionName("mood"), "classification", {"labels": ["good", "bad"]})
EXAMPLE = Demonstration({"text": "Awful."}, {"mood": "bad"}, item_id="x")
SCOPE = RunScope("project", "run", None)
N_ITEMS = 12


class Ledger:
    """A call ledger in memory."""

    def __init__(self) -> None:
        self.rows: list[CallRecord] = []
        self._lock = threading.Lock()

    def find(self, keys: Sequence[str]) -> dict[str, bytes]:
        with self._lock:
            return {
                r.key: r.response for r in self.rows if r.status == "ok" and r.key in keys and r.response is not None
            }

    def commit(self, rows: Sequence[CallRecord]) -> None:
        with self._lock:
            self.rows.extend(rows)


def fitting(schema: dict[str, Any]) -> Any:  # noqa: ANN401 - JSON
    """Give an answer that fits a schema."""
    if "enum" in schema:
        return schema["enum"][0]
    kind = schema["type"][0] if isinstance(schema["type"], list) else schema["type"]
    plain: dict[str, Any] = {
        "array": [{"answer": "good", "percent": 60}],
        "string": "because",
        "number": 0.5,
        "integer": 3,
    }
    return {k: fitting(v) for k, v in schema["properties"].items()} if kind == "object" else plain[kind]


def polite(body: dict[str, Any]) -> Reply:
    return Reply(completion(json.dumps(fitting(body["response_format"]["json_schema"]["schema"]))))


def clumsy(body: dict[str, Any]) -> Reply:
    """Answer out of form, unless the last turn is a correction."""
    corrected = body["messages"][-1]["content"].startswith("This answer cannot be used")
    return polite(body) if corrected else Reply(completion("Sure! Here you are."))


async def label(
    flow: str, answer: Callable[[dict[str, Any]], Reply], ledger: Ledger, *, concurrency: int = 4
) -> tuple[list[Finished[Labelled]], int]:
    """Label the items by a flow; give what came of it and how many requests the server saw."""
    kind = flow_of(flow)
    prompt = build_prompt(
        [AskedQuestion(MOOD.name, bind(MOOD))],
        guideline="Be fair.",
        content_fields=["text"],
        confidence="verbalised",
        flow=FlowChoice(flow),
        examples=ExamplePolicy("nearest", k=1),
    )
    asking = Asking("m", Sampling(), kind.read({}), (EXAMPLE,))
    items = [ItemToLabel(f"i{n}", {"text": f"Text {n}."}) for n in range(N_ITEMS)]
    async with scripted_server(answer=answer) as server:
        runner = ThreadedRunner(OpenAICompatible(server.base_url), ledger, concurrency=concurrency)
        work = [Work(n, item.id, kind.hold(prompt, item, asking)) for n, item in enumerate(items)]
        done = await asyncio.to_thread(lambda: [one for chunk in runner.run(iter(work), SCOPE) for one in chunk])
        return done, len(server.requests)


@pytest.mark.parametrize("flow", list(flows()))
async def test_every_item_is_labelled_and_no_more_is_asked_than_was_reckoned_with(flow: str) -> None:
    ledger = Ledger()
    done, n_requests = await label(flow, clumsy, ledger)
    kind = flow_of(flow)
    settings = kind.read({})
    assert sorted(one.item for one in done) == list(range(N_ITEMS))
    assert all(one.problem is None for one in done)
    answers = [one.outcome.answers[0].value for one in done if one.outcome is not None]
    assert set(answers) == ({None} if flow == "once" else {"good"})
    assert n_requests == len(ledger.rows)
    # Items that begin at the same time each explain the example; it is paid for at most once per worker.
    most = N_ITEMS * kind.most_requests(settings) + 4 * kind.most_per_example(settings)
    assert n_requests <= most


async def test_an_example_is_explained_once_for_all_items_one_after_the_other() -> None:
    done, n_requests = await label("explain", polite, Ledger(), concurrency=1)
    assert n_requests == N_ITEMS + 2
    assert sum(one.reused for one in done) == 2 * (N_ITEMS - 1)


async def test_an_example_whose_explanation_is_cut_off_is_not_paid_for_again_with_every_item() -> None:
    """M1: what was cut off is never found paid, so the run itself keeps in mind that it is not to be had."""

    def rambling(body: dict[str, Any]) -> Reply:
        if "explanation" in body["response_format"]["json_schema"]["schema"]["properties"]:
            message = {"role": "assistant", "content": '{"explanation": "because because'}
            return Reply(completion(choices=[{"index": 0, "message": message, "finish_reason": "length"}]))
        return polite(body)

    done, n_requests = await label("explain", rambling, Ledger(), concurrency=1)
    assert all(one.outcome is not None and one.outcome.answers[0].value == "good" for one in done)
    assert n_requests == N_ITEMS + 1 + 2  # the example's blind answer; its explanation, and that again
