"""The peer of benchmarks/prelabel.py: the openai package asks the same questions, keeping nothing.

Runs in a virtual environment of its own, without Labelwright: python prelabel_openai.py URL FOLDER N CONCURRENCY
"""

from __future__ import annotations

import asyncio
import json
import resource
import sys
import time
from pathlib import Path

import openai  # pyright: ignore[reportMissingImports]


async def ask(url: str, folder: Path, n: int, concurrency: int) -> None:
    """Ask about the first n items and print what it took."""
    lines = (folder / "items.jsonl").read_text().splitlines()[:n]
    items = iter([json.loads(line) for line in lines])
    labels = json.loads((folder / "task.json").read_text())["labels"]
    schema = {
        "type": "object",
        "properties": {"label": {"type": "string", "enum": labels}},
        "required": ["label"],
        "additionalProperties": False,
    }
    system = "Label what the review is mostly about.\n" * 40
    client = openai.AsyncOpenAI(base_url=url, api_key="none", max_retries=0)

    async def work() -> None:
        for item in items:
            block = f"<item>\n{item['text']}\n</item>"
            answer = await client.chat.completions.create(
                model="model",
                messages=[{"role": "system", "content": system}, {"role": "user", "content": block}],
                temperature=0,
                max_tokens=512,
                response_format={
                    "type": "json_schema",
                    "json_schema": {"name": "labels", "strict": True, "schema": schema},
                },
            )
            assert json.loads(answer.choices[0].message.content)["label"] in labels

    usage = resource.getrusage(resource.RUSAGE_SELF)
    before, started = usage.ru_utime + usage.ru_stime, time.perf_counter()
    await asyncio.gather(*(work() for _ in range(concurrency)))
    usage, seconds = resource.getrusage(resource.RUSAGE_SELF), time.perf_counter() - started
    figures = {
        "version": openai.__version__,
        "items": n,
        "cpu_ms_per_call": (usage.ru_utime + usage.ru_stime - before) / n * 1000,
        "calls_per_s": n / seconds,
    }
    print(json.dumps(figures))


if __name__ == "__main__":
    asyncio.run(ask(sys.argv[1], Path(sys.argv[2]), int(sys.argv[3]), int(sys.argv[4])))
