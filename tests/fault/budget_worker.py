"""A process that labels under a shared budget: `python budget_worker.py PATH NAME LIMIT N SECONDS`.

Holds N conversations with 64 workers, with the budget and the call ledger of the workspace's database at PATH. What
the provider bills goes, before each answer, into the file `paid` beside it. At the end, prints `answered N` or
`spent N`.
"""

from __future__ import annotations

import asyncio
import os
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from random import Random

from labelwright.adapters.execution.budget_gate import most_prompt_tokens, worst_case
from labelwright.adapters.execution.stored_calls import StoredCalls
from labelwright.adapters.execution.threaded import ThreadedRunner
from labelwright.adapters.jobs.stored_budget import StoredBudget
from labelwright.adapters.storage import open_storage
from labelwright.errors import BudgetSpent
from labelwright.ports.chat import RunScope, Work
from labelwright.prompting.chat import ChatRequest, ChatResponse, Flow, Message
from labelwright.prompting.price import Price
from labelwright.prompting.usage import Usage
from labelwright.testing.storage_build import PROJECT

PRICE = Price(input=100_000, output=500_000)
MOST = 200


class Provider:
    """Bills up to the worst case, now and then exactly that."""

    provider = "http://scripted/v1"

    def __init__(self, seed: int, seconds: float, paid: Path) -> None:
        self._rng, self._seconds = Random(seed), seconds
        self._paid = os.open(paid, os.O_WRONLY | os.O_APPEND | os.O_CREAT)

    async def complete(self, request: ChatRequest) -> ChatResponse:
        share = self._rng.choice((0.1, 0.5, 1.0))
        prompt = int(share * most_prompt_tokens(request, schema_bytes=0))
        usage = Usage(prompt, int(share * MOST), 0, prompt)
        os.write(self._paid, f"{PRICE.cost_pico(usage)}\n".encode())
        await asyncio.sleep(self._rng.random() * self._seconds)
        return ChatResponse("ok", "stop", usage, "m")

    def written(self, request: ChatRequest) -> bytes:
        return request.messages[-1].content.encode()

    async def close(self) -> None:
        os.close(self._paid)


def ask(name: str) -> Flow[str]:
    """Put one request."""
    response = yield ChatRequest("m", (Message("user", name),), max_tokens=MOST, metadata={"item_id": name})
    return response.text


def worst() -> int:
    """Give the most one of these calls costs."""
    return worst_case(PRICE, most_prompt_tokens(next(ask("one-0000")), schema_bytes=0), MOST)


def main(path: Path, name: str, limit: int, n: int, seconds: float) -> None:
    """Label until everything is answered or nothing is left to spend."""
    storage = open_storage(path)
    budget = StoredBudget(storage, PROJECT, limit, process=f"{name}-{os.getpid()}", now=time.time)
    model = Provider(len(name), seconds, path.with_name("paid"))
    runner = ThreadedRunner(model, StoredCalls(storage), concurrency=64)

    def work() -> Iterator[Work[str]]:
        for i in range(n):
            yield Work(i + 1, f"{name}-{i:04}", ask(f"{name}-{i:04}"))

    done = 0
    try:
        for chunk in runner.run(work(), RunScope(PROJECT, f"run-{name}", PRICE, budget=budget)):
            done += len(chunk)
    except BudgetSpent:
        print(f"spent {done}")
    else:
        print(f"answered {done}")
    finally:
        budget.close()
        storage.close()


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2], int(sys.argv[3]), int(sys.argv[4]), float(sys.argv[5]))
