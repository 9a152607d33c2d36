"""The peers of benchmarks/engine.py, each in a virtual environment of its own and without Labelwright.

    python engine_peers.py NAME URL FOLDER N CONCURRENCY

Each puts the same guideline and the same delimited texts to the same server, the way its own documentation does, with
what it offers for speed. Prints one line of JSON: version, n, seconds and CPU seconds from the first call to the last
(its own start-up set apart), the rows that came back with a label, and the requests it kept in flight where it says.
"""

# Only one peer's packages are there at a time, and none of ours.
# ruff: noqa: PLC0415, ANN401
# pyright: reportMissingImports=false, reportArgumentType=false

from __future__ import annotations

import asyncio
import json
import os
import resource
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from importlib.metadata import version
from pathlib import Path
from typing import Any

GUIDELINE = "Label what the review is mostly about.\n" * 40

# No peer may look for a network, a key or a terminal.
os.environ |= {
    "OPENAI_API_KEY": "none",
    "TELEMETRY_ENABLED": "false",
    "ARGILLA_TELEMETRY": "0",
    "HF_HUB_OFFLINE": "1",
    "HF_DATASETS_OFFLINE": "1",
    "HF_HUB_DISABLE_TELEMETRY": "1",
    "LITELLM_LOCAL_MODEL_COST_MAP": "True",
    "CURATOR_DISABLE_RICH_DISPLAY": "1",
    "TQDM_DISABLE": "1",
}


class Stopwatch:
    """Wall and CPU seconds of this process and its children, from `start` on."""

    def __init__(self) -> None:
        self._wall, self._cpu = 0.0, 0.0

    def start(self) -> None:
        """Begin."""
        self._wall, self._cpu = time.perf_counter(), _cpu()

    def read(self) -> dict[str, float]:
        """Give both."""
        return {"seconds": time.perf_counter() - self._wall, "cpu_seconds": _cpu() - self._cpu}


def _cpu() -> float:
    used = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return sum(each.ru_utime + each.ru_stime for each in used)


def block(text: str) -> str:
    """Delimit an item."""
    return f"<item>\n{text}\n</item>"


def messages(text: str) -> list[dict[str, str]]:
    """Put an item to a chat model."""
    return [{"role": "system", "content": GUIDELINE}, {"role": "user", "content": block(text)}]


async def _each(texts: Sequence[str], concurrency: int, ask: Callable[[str], Any]) -> list[str | None]:
    """Ask about each text, so many at a time; None where that failed."""
    gate = asyncio.Semaphore(concurrency)

    async def one(text: str) -> str | None:
        async with gate:
            try:
                return await ask(text)
            except Exception:  # noqa: BLE001 - a row that the peer loses is counted, whatever the reason
                return None

    return await asyncio.gather(*(one(text) for text in texts))


def _without_vocabulary() -> None:
    """Two peers count tokens with a vocabulary that is downloaded, which is not to be had here: bytes stand in."""
    import types

    class Bytes:
        def encode(self, text: str, **_settings: object) -> bytes:
            return text.encode()

    words = types.ModuleType("tiktoken")
    words.Encoding = Bytes  # pyright: ignore[reportAttributeAccessIssue]
    words.encoding_for_model = words.get_encoding = lambda _name: Bytes()  # pyright: ignore[reportAttributeAccessIssue]
    words.encoding_name_for_model = lambda _name: "bytes"  # pyright: ignore[reportAttributeAccessIssue]
    sys.modules["tiktoken"] = words


def run_openai(url: str, texts: Sequence[str], labels: list[str], concurrency: int, watch: Stopwatch) -> Any:
    """The OpenAI package: its asynchronous client under a semaphore."""
    import openai

    schema = {
        "type": "object",
        "properties": {"label": {"type": "string", "enum": labels}},
        "required": ["label"],
        "additionalProperties": False,
    }
    named = {"type": "json_schema", "json_schema": {"name": "labels", "strict": True, "schema": schema}}

    async def work() -> list[str | None]:
        client = openai.AsyncOpenAI(base_url=url, api_key="none")

        async def ask(text: str) -> str:
            answer = await client.chat.completions.create(
                model="model", messages=messages(text), temperature=0, max_tokens=512, response_format=named
            )
            return json.loads(answer.choices[0].message.content)["label"]

        watch.start()
        return await _each(texts, concurrency, ask)

    return asyncio.run(work())


def _model(labels: list[str]) -> Any:
    from typing import Literal

    from pydantic import create_model

    return create_model("Labels", label=(Literal[tuple(labels)], ...))


def run_instructor(url: str, texts: Sequence[str], labels: list[str], concurrency: int, watch: Stopwatch) -> Any:
    """Instructor: the patched asynchronous client, in its default mode."""
    import instructor
    import openai

    async def work() -> list[str | None]:
        client = instructor.from_openai(openai.AsyncOpenAI(base_url=url, api_key="none"))
        form = _model(labels)

        async def ask(text: str) -> str:
            answer = await client.chat.completions.create(
                model="model", messages=messages(text), temperature=0, max_tokens=512, response_model=form
            )
            return answer.label

        watch.start()
        return await _each(texts, concurrency, ask)

    return asyncio.run(work())


def run_curator(url: str, texts: Sequence[str], labels: list[str], concurrency: int, watch: Stopwatch) -> Any:  # noqa: ARG001 - see below
    """Bespoke Curator: its online processor with so many concurrent requests.

    Plain text is asked for: to see whether a schema is understood it asks about no item, which a recording refuses.
    """
    _without_vocabulary()
    from bespokelabs import curator
    from datasets import Dataset

    class Labeller(curator.LLM):
        def prompt(self, row: dict[str, Any]) -> Any:
            return messages(row["text"])

        def parse(self, row: dict[str, Any], response: Any) -> Any:
            return {"text": row["text"], "label": response}

    with tempfile.TemporaryDirectory() as folder:
        llm = Labeller(
            model_name="model",
            backend="openai",
            backend_params={
                "base_url": url,
                "max_concurrent_requests": concurrency,
                "max_requests_per_minute": 10_000_000,
                "max_tokens_per_minute": 10_000_000_000,
            },
            generation_params={"temperature": 0, "max_tokens": 512},
        )
        watch.start()
        done = llm(Dataset.from_dict({"text": list(texts)}), working_dir=folder)
        rows = getattr(done, "dataset", done)
        found = dict(zip(rows["text"], rows["label"], strict=True))
    return [found.get(text) for text in texts]


def run_distilabel(url: str, texts: Sequence[str], labels: list[str], concurrency: int, watch: Stopwatch) -> Any:  # noqa: ARG001 - plain text is what its documentation shows
    """distilabel: a pipeline whose one task gets batches of that size, each asked about at once."""
    from distilabel.models.llms import OpenAILLM
    from distilabel.pipeline import Pipeline
    from distilabel.steps import LoadDataFromDicts
    from distilabel.steps.tasks import TextGeneration

    with tempfile.TemporaryDirectory() as folder:
        with Pipeline(name="labels", cache_dir=folder) as pipeline:
            load = LoadDataFromDicts(
                data=[{"instruction": block(text), "text": text} for text in texts], batch_size=concurrency
            )
            label = TextGeneration(
                llm=OpenAILLM(
                    model="model",
                    base_url=url,
                    api_key="none",
                    generation_kwargs={"temperature": 0.0, "max_new_tokens": 512},
                ),
                system_prompt=GUIDELINE,
                input_batch_size=concurrency,
            )
            load >> label  # pyright: ignore[reportUnusedExpression]
        watch.start()
        rows = pipeline.run(use_cache=False)["default"]["train"]
        found = dict(zip(rows["text"], rows["generation"], strict=True))
    return [found.get(text) for text in texts]


def run_autolabel(url: str, texts: Sequence[str], labels: list[str], concurrency: int, watch: Stopwatch) -> Any:  # noqa: ARG001 - it has no such setting
    """Autolabel: a labelling agent; it asks one request at a time."""
    _without_vocabulary()
    os.environ["OPENAI_API_BASE"] = url

    import pandas as pd
    from autolabel import AutolabelDataset, LabelingAgent

    config = {
        "task_name": "bench",
        "task_type": "classification",
        "dataset": {"label_column": "label", "delimiter": ","},
        "model": {"provider": "openai", "name": "gpt-3.5-turbo", "params": {"temperature": 0, "max_tokens": 512}},
        "prompt": {
            "task_guidelines": GUIDELINE,
            "labels": labels,
            "example_template": "<item>\n{text}\n</item>\n{label}",
        },
    }
    with tempfile.TemporaryDirectory() as folder:
        os.chdir(folder)
        agent = LabelingAgent(config=config, cache=False)
        frame = pd.DataFrame({"text": list(texts), "label": [labels[0]] * len(texts)})
        dataset = AutolabelDataset(frame, config=config)
        watch.start()
        done = agent.run(dataset, skip_eval=True)
    column = next(name for name in done.df.columns if name.endswith("_label"))
    return list(done.df[column])


PEERS: dict[str, tuple[str, Callable[..., Any]]] = {
    "openai": ("openai", run_openai),
    "instructor": ("instructor", run_instructor),
    "curator": ("bespokelabs-curator", run_curator),
    "distilabel": ("distilabel", run_distilabel),
    "autolabel": ("refuel-autolabel", run_autolabel),
}


def main() -> None:
    """Label the first n texts and say what it took."""
    name, url, folder, n, concurrency = sys.argv[1], sys.argv[2], Path(sys.argv[3]), int(sys.argv[4]), int(sys.argv[5])
    package, run = PEERS[name]
    texts = [json.loads(line)["text"] for line in (folder / "items.jsonl").read_text().splitlines()[:n]]
    labels = json.loads((folder / "task.json").read_text())["labels"]
    watch = Stopwatch()
    stdout, sys.stdout = sys.stdout, sys.stderr  # peers print
    found = run(url, texts, labels, concurrency, watch)
    took = watch.read()
    sys.stdout = stdout
    labelled = sum(label in labels for label in found)
    print(json.dumps({"version": version(package), "n": n, **took, "labelled": labelled}))


if __name__ == "__main__":
    main()
