"""What benchmarks/engine.py measures of Labelwright alone."""

from __future__ import annotations

import asyncio
import json
import random
import signal
import sqlite3
import subprocess
import sys
import time
import urllib.request
from collections.abc import Generator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from typing import Any

import aiohttp
from engine_watch import Spent, cpu_seconds_of, run

from labelwright.testing.fault_run import stats
from labelwright.workspace import Workspace

LABELWRIGHT = [sys.executable, "-m", "labelwright.cli"]
LABELS = ["battery", "screen", "price", "service"]
WORDS = ["the", "a", "very", "never", "battery", "screen", "price", "shop", "light", "fine", "broke", "lasts", "costs"]
GUIDELINE = "Label what the review is mostly about.\n" * 40
MODELS = ("model", "gpt-3.5-turbo")
"""The second is the only name of the recording's one model that autolabel puts to a chat endpoint."""


@dataclass(frozen=True, slots=True)
class Served:
    """A running `labelwright replay`."""

    url: str
    pid: int


@contextmanager
def serving(folder: Path, *options: str) -> Generator[Served]:
    """Serve the recording."""
    command = [*LABELWRIGHT, "replay", str(folder), "--json", *options]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        try:
            yield Served(json.loads(process.stdout.readline())["url"], process.pid)
        finally:
            process.terminate()


def write_recording(folder: Path, n: int) -> Path:
    """Write n short texts and one model's answers to them."""
    rng = random.Random(0)
    folder.mkdir()
    texts = [" ".join(rng.choices(WORDS, k=25)) + f" ({i})" for i in range(n)]
    labels = [rng.choice(LABELS) for _ in range(n)]
    task = {"name": "bench", "type": "classification", "labels": LABELS, "content_fields": ["text"]}
    (folder / "task.json").write_text(json.dumps(task))
    said = [(model, i, label) for model in MODELS for i, label in enumerate(labels)]
    rows = {
        "items": [{"id": f"i{i}", "text": text} for i, text in enumerate(texts)],
        "gold": [{"id": f"i{i}", "label": label} for i, label in enumerate(labels)],
        "llm": [{"id": f"i{i}", "model": model, "label": label, "confidence": 0.9} for model, i, label in said],
    }
    for stem, lines in rows.items():
        (folder / f"{stem}.jsonl").write_text("".join(json.dumps(line) + "\n" for line in lines))
    return folder


def new_workspace(folder: Path, recorded: Path, url: str, concurrency: int, **more: object) -> Path:
    """Make a workspace with the items in, and the model named. more: of the model's settings."""
    folder.mkdir()
    model = {"model": "model", "base_url": url, "concurrency": concurrency, "price_input": 0.1, "price_output": 0.5}
    model |= more
    project = {
        "name": "bench",
        "content_fields": ["text"],
        "recorded": True,
        "guideline": "guideline.md",
        "questions": [{"name": "label", "type": "classification", "labels": LABELS}],
        "models": [model],
    }
    (folder / "guideline.md").write_text(GUIDELINE)
    (folder / "project.yaml").write_text(json.dumps(project))  # JSON is YAML
    with Workspace.create(folder) as workspace:
        workspace.apply()
        workspace.project().import_items(recorded / "items.jsonl", id_field="id")
    return folder


def prelabel(workspace: Path, *options: str) -> Spent:
    """Run the command to its end."""
    spent = run([*LABELWRIGHT, "prelabel", "-w", str(workspace), "--json", *options])
    if spent.status:
        raise RuntimeError(f"prelabel ended with status {spent.status}: {spent.stderr[-2000:]}")
    return spent


def speed(folder: Path, recorded: Path, n: int, concurrency: int, *options: str, runs: int = 3) -> dict[str, float]:
    """Measure the rate, the CPU and the memory; the median of several runs, each from nothing.

    Start-up is that of a command that finds nothing due, and is taken off; the whole command is told beside it.
    """
    found: list[dict[str, float]] = []
    for number in range(runs):
        with serving(recorded, *options) as server:
            workspace = new_workspace(folder / f"run{number}", recorded, server.url, concurrency)
            before = cpu_seconds_of(server.pid)
            spent = prelabel(workspace)
            served = cpu_seconds_of(server.pid) - before
            idle = prelabel(workspace)
            labelled = n_labelled(workspace)
        found.append(
            {
                "items_per_s": n / (spent.seconds - idle.seconds),
                "cpu_ms_per_call": (spent.cpu_seconds - idle.cpu_seconds) / n * 1000,
                "cpu_ms_per_call_with_start": spent.cpu_seconds / n * 1000,
                "rss_mb": spent.rss_mb,
                "rows_lost": n - labelled,
                "server_cpu_ms_per_call": served / n * 1000,
            }
        )
    return {name: median(each[name] for each in found) for name in found[0]} | {"n": n, "runs": runs}


def memory(folder: Path, rows: int, concurrency: int) -> dict[str, float]:
    """Measure the memory of a long run."""
    recorded = write_recording(folder / f"recorded{rows}", rows)
    with serving(recorded) as server:
        workspace = new_workspace(folder / f"rows{rows}", recorded, server.url, concurrency)
        spent = prelabel(workspace)
        labelled = n_labelled(workspace)
    return {
        "rows": rows,
        "rss_mb_at_rows": spent.rss_mb,
        "items_per_s_at_rows": rows / spent.seconds,
        "rows_lost_at_rows": rows - labelled,
    }


def malformed(folder: Path, recorded: Path, n: int, concurrency: int) -> dict[str, float]:
    """Count what 2% of answers that are no chat completion cost."""
    with serving(recorded, "--rate-malformed", "0.02") as server:
        workspace = new_workspace(folder / "malformed", recorded, server.url, concurrency)
        prelabel(workspace)
        counted, labelled = stats(server.url), n_labelled(workspace)
    bad, extra = sum(counted["faults"].values()), counted["requests"] - n
    return {
        "malformed_share": bad / counted["requests"],
        "extra_calls_share": extra / n,
        "extra_calls_per_malformed": extra / bad,
        "rows_lost_at_malformed": n - labelled,
    }


def limited(folder: Path, recorded: Path, n: int, concurrency: int, latency_ms: float) -> dict[str, float]:
    """Count attempts at a rate limit of which a client that knows no limits would see 30% refused."""
    latency = ("--latency-ms", str(latency_ms))
    texts = [json.loads(line)["text"] for line in (recorded / "items.jsonl").read_text().splitlines()]
    with serving(recorded, *latency) as server:
        offered = _ask_without_regard(server.url, texts[: min(n, 10 * concurrency)], concurrency)
    limit = ("--rpm", f"{0.7 * 60 * offered:.0f}", "--burst-seconds", "0.25")
    with serving(recorded, *latency, *limit) as server:
        _ask_without_regard(server.url, texts[:n], concurrency)
        counted = stats(server.url)
        heedless = counted["over_limit"] / counted["requests"]
    with serving(recorded, *latency, *limit) as server:
        workspace = new_workspace(folder / "limited", recorded, server.url, concurrency)
        spent = prelabel(workspace)
        counted, labelled = stats(server.url), n_labelled(workspace)
    return {
        "limit_per_s": 0.7 * offered,
        "refused_share_of_a_heedless_client": heedless,
        "attempts_per_item_at_the_limit": counted["requests"] / n,
        "early_retries": counted["early_retries"],
        "share_of_the_limit_used": n / spent.seconds / (0.7 * offered),
        "rows_lost_at_the_limit": n - labelled,
    }


def kills(folder: Path, recorded: Path, n: int, concurrency: int) -> dict[str, float]:
    """Kill the command in the middle, three times, then let it finish; count what was asked twice."""
    rng = random.Random(1)
    committed: set[str] = set()
    with serving(recorded) as server:
        workspace = new_workspace(folder / "killed", recorded, server.url, concurrency)
        for kill in range(1, 4):
            process = subprocess.Popen([*LABELWRIGHT, "prelabel", "-w", str(workspace)], stdout=subprocess.DEVNULL)
            goal = int(n * (kill - rng.random() / 2) / 4)
            while process.poll() is None and len(paid(workspace)) < goal:
                time.sleep(0.01)
            process.send_signal(signal.SIGKILL)
            process.wait()
            committed = paid(workspace)
        before = _answers_by_item(server.url)
        prelabel(workspace)
        after = _answers_by_item(server.url)
    return {
        "kills": 3,
        "committed_before_the_last_run": len(committed),
        "committed_calls_repeated": sum(after[item] - before[item] for item in committed),
        "calls_in_flight_repeated": sum(after.values()) - n,
        "most_in_flight_at_the_kills": 3 * concurrency,
        "rows_lost_after_kills": n - len(paid(workspace)),
    }


def batches(folder: Path, recorded: Path, n: int, concurrency: int) -> dict[str, float]:
    """Kill the command as soon as the provider has a batch of it, then let it finish; count what was answered twice."""
    with serving(recorded, "--batch-seconds", "5") as server:
        workspace = new_workspace(folder / "batch", recorded, server.url, concurrency, delivery="batch")
        process = subprocess.Popen([*LABELWRIGHT, "prelabel", "-w", str(workspace)], stdout=subprocess.DEVNULL)
        until = time.monotonic() + 60
        while process.poll() is None and time.monotonic() < until and not _n_batches(server.url):
            time.sleep(0.01)
        process.send_signal(signal.SIGKILL)
        process.wait()
        made = _n_batches(server.url)
        if not made:
            raise RuntimeError("no batch was made: delivery 'batch' was not used")
        prelabel(workspace)
        answers, labelled = _answers_by_item(server.url), n_labelled(workspace)
    return {
        "batches_at_the_kill": made,
        "batch_answers_repeated": sum(count - 1 for count in answers.values()),
        "rows_lost_in_batches": n - labelled,
    }


def _n_batches(url: str) -> int:
    with urllib.request.urlopen(f"{url}/batches") as reply:  # noqa: S310 - our own server
        return len(json.load(reply)["data"])


def paid(workspace: Path) -> set[str]:
    """Give the items with a committed answer."""
    return {str(row[0]) for row in _query(workspace, "SELECT item_id FROM call WHERE status = 'ok'")}


def n_labelled(workspace: Path) -> int:
    """Count the items with a valid label or a reason why there is none."""
    return int(
        _query(workspace, "SELECT count(DISTINCT item) FROM prediction WHERE status IN ('valid', 'invalid')")[0][0]
    )


def _query(workspace: Path, statement: str) -> Sequence[Any]:
    database = sqlite3.connect(workspace / "labelwright.db")
    try:
        return database.execute(statement).fetchall()
    finally:
        database.close()


def _answers_by_item(url: str) -> dict[str, int]:
    return {name.removeprefix("model "): count for name, count in stats(url)["by_item"].items()}


def _ask_without_regard(url: str, texts: Sequence[str], concurrency: int) -> float:
    """Ask as fast as answers come, and what is refused at once again; give the answers per second."""

    async def work() -> float:
        left = iter(texts)
        async with aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=0)) as session:

            async def ask() -> None:
                for text in left:
                    said = [
                        {"role": "system", "content": GUIDELINE},
                        {"role": "user", "content": f"<item>\n{text}\n</item>"},
                    ]
                    while True:
                        async with session.post(
                            f"{url}/chat/completions", json={"model": "model", "messages": said}
                        ) as reply:
                            await reply.read()
                            if reply.status == 200:
                                break

            started = time.perf_counter()
            await asyncio.gather(*(ask() for _ in range(concurrency)))
            return len(texts) / (time.perf_counter() - started)

    return asyncio.run(work())
