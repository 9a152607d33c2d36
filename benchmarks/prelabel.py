"""What pre-labelling costs the client: CPU per call, calls per second, and what a kill -9 costs.

    python benchmarks/prelabel.py [--items 20000] [--openai FOLDER]

`labelwright prelabel` runs as a command of its own against `labelwright replay` on the same machine: prompt, HTTP,
check of the answer, price, and a synchronous commit of every call before its answer counts, all in. CPU is that of the
whole command, start-up included; calls per second are those of the whole command less the time of one that finds
nothing due: connecting, the first and the last answers count. At 200 ms it is 60 answers per worker, so that the pace
while it runs outweighs how it begins and ends. The load average beside each figure says how much else was running.
Where a virtual environment with the `openai` package is named, its asynchronous client asks the same questions beside
it, keeping nothing.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import random
import signal
import sqlite3
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Generator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from labelwright.workspace import Workspace

RESULTS = Path(__file__).parent / "results"
LABELWRIGHT = [sys.executable, "-m", "labelwright.cli"]
LABELS = ["battery", "screen", "price", "service"]
WORDS = ["the", "a", "very", "never", "battery", "screen", "price", "shop", "light", "fine", "broke", "lasts", "costs"]
LATENCY_MS = 200.0
GOALS: Mapping[str, tuple[str, float]] = {
    "cpu_ms_per_call": ("≤", 0.5),
    "calls_per_s": ("≥", 4000.0),
    "share_of_ideal_at_200_ms": ("≥", 0.9),
    "committed_calls_repeated": ("≤", 0.0),
}


@dataclass(frozen=True, slots=True)
class Spent:
    """What a command took."""

    seconds: float
    cpu_seconds: float


def main() -> None:
    """Measure, print the table, write the results."""
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--items", type=int, default=20_000)
    options.add_argument("--concurrency", type=int, default=128)
    options.add_argument("--openai", type=Path, help="folder of a virtual environment with the openai package")
    chosen = options.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        figures = measure(Path(folder), chosen.items, chosen.concurrency)
        peer = measure_peer(Path(folder), chosen.openai, min(chosen.items, 4000), chosen.concurrency)
    report = {
        "machine": f"{platform.machine()}, {os.cpu_count()} cores, load {os.getloadavg()[0]:.1f} at the end",
        "items": chosen.items,
        "concurrency": chosen.concurrency,
        **figures,
        "goals": {name: f"{sign} {goal:g}" for name, (sign, goal) in GOALS.items()},
        "met": {name: holds(figures[name], sign, goal) for name, (sign, goal) in GOALS.items()},
        "openai_client": peer,
    }
    show(figures, peer)
    RESULTS.mkdir(exist_ok=True)
    (RESULTS / "prelabel.json").write_text(json.dumps(report, indent=1, ensure_ascii=False) + "\n")


def measure(folder: Path, n: int, concurrency: int) -> dict[str, float]:
    """Measure everything of ours."""
    recorded = write_recording(folder / "recorded", n)
    figures: dict[str, float] = {}
    with replaying(recorded) as url:
        workspace = new_workspace(folder / "fast", recorded, url, concurrency)
        spent = prelabel(workspace)
        idle = prelabel(workspace)
        figures["cpu_ms_per_call"] = spent.cpu_seconds / n * 1000
        figures["cpu_ms_per_call_without_start"] = (spent.cpu_seconds - idle.cpu_seconds) / n * 1000
        figures["calls_per_s"] = n / (spent.seconds - idle.seconds)
        figures["load_at_zero_latency"] = round(os.getloadavg()[0], 2)
    few = min(n, 60 * concurrency)
    with replaying(recorded, "--latency-ms", str(LATENCY_MS)) as url:
        workspace = new_workspace(folder / "slow", recorded, url, concurrency)
        spent = prelabel(workspace, "--limit", str(few))
        figures["calls_per_s_at_200_ms"] = few / (spent.seconds - idle.seconds)
        figures["share_of_ideal_at_200_ms"] = figures["calls_per_s_at_200_ms"] / (concurrency / LATENCY_MS * 1000)
        figures["calls_at_200_ms"] = few
        figures["load_at_200_ms"] = round(os.getloadavg()[0], 2)
    with replaying(recorded) as url:
        figures |= kill_and_go_on(new_workspace(folder / "killed", recorded, url, concurrency), url, n)
    return figures


def kill_and_go_on(workspace: Path, url: str, n: int) -> dict[str, float]:
    """Kill the command in the middle, three times, then let it finish; count what was asked twice."""
    rng = random.Random(1)
    committed: set[str] = set()
    for kill in range(1, 4):
        process = subprocess.Popen([*LABELWRIGHT, "prelabel", "-w", str(workspace)], stdout=subprocess.DEVNULL)
        goal = int(n * (kill - rng.random() / 2) / 4)
        while process.poll() is None and n_paid(workspace) < goal:
            time.sleep(0.01)
        process.send_signal(signal.SIGKILL)
        process.wait()
        committed = paid(workspace)
    asked_before = answers_by_item(url)
    prelabel(workspace)
    asked = answers_by_item(url)
    return {
        "kills": 3,
        "committed_before_last_run": len(committed),
        "committed_calls_repeated": sum(asked[item] - asked_before[item] for item in committed),
        "calls_in_flight_repeated": sum(asked.values()) - n,
        "committed_at_the_end": n_paid(workspace),
    }


def measure_peer(folder: Path, environment: Path | None, n: int, concurrency: int) -> dict[str, Any]:
    """Ask the same with the openai package's asynchronous client; say why not, where it is not there."""
    python = None if environment is None else environment / "bin" / "python"
    if python is None or not python.is_file():
        return {"skipped": "name a virtual environment with the openai package: --openai FOLDER"}
    with replaying(folder / "recorded") as url:
        command = [str(python), str(Path(__file__).with_name("prelabel_openai.py")), url, str(folder / "recorded")]
        done = subprocess.run([*command, str(n), str(concurrency)], capture_output=True, text=True, check=False)
    if done.returncode != 0:
        return {"skipped": done.stderr.strip().splitlines()[-1][:300] if done.stderr.strip() else "it failed"}
    told: dict[str, Any] = json.loads(done.stdout)
    return told


def write_recording(folder: Path, n: int) -> Path:
    """Write n short texts and one model's answers to them."""
    rng = random.Random(0)
    folder.mkdir()
    texts = [" ".join(rng.choices(WORDS, k=25)) + f" ({i})" for i in range(n)]
    labels = [rng.choice(LABELS) for _ in range(n)]
    task = {"name": "bench", "type": "classification", "labels": LABELS, "content_fields": ["text"]}
    (folder / "task.json").write_text(json.dumps(task))
    rows = {
        "items": [{"id": f"i{i}", "text": text} for i, text in enumerate(texts)],
        "gold": [{"id": f"i{i}", "label": label} for i, label in enumerate(labels)],
        "llm": [{"id": f"i{i}", "model": "model", "label": label, "confidence": 0.9} for i, label in enumerate(labels)],
    }
    for stem, lines in rows.items():
        (folder / f"{stem}.jsonl").write_text("".join(json.dumps(line) + "\n" for line in lines))
    return folder


def new_workspace(folder: Path, recorded: Path, url: str, concurrency: int) -> Path:
    """Make a workspace with the items in, and the model named."""
    folder.mkdir()
    model = {"model": "model", "base_url": url, "concurrency": concurrency, "price_input": 0.1, "price_output": 0.5}
    project = {
        "name": "bench",
        "content_fields": ["text"],
        "recorded": True,
        "guideline": "guideline.md",
        "questions": [{"name": "label", "type": "classification", "labels": LABELS}],
        "models": [model],
    }
    (folder / "guideline.md").write_text("Label what the review is mostly about.\n" * 40)
    (folder / "project.yaml").write_text(json.dumps(project))  # JSON is YAML
    with Workspace.create(folder) as workspace:
        workspace.apply()
        workspace.project().import_items(recorded / "items.jsonl", id_field="id")
    return folder


def prelabel(workspace: Path, *options: str) -> Spent:
    """Run the command to its end."""
    started = time.perf_counter()
    process = subprocess.Popen(
        [*LABELWRIGHT, "prelabel", "-w", str(workspace), "--json", *options], stdout=subprocess.DEVNULL
    )
    _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    assert process.returncode == 0
    return Spent(time.perf_counter() - started, usage.ru_utime + usage.ru_stime)


@contextmanager
def replaying(folder: Path, *options: str) -> Generator[str]:
    """Serve the recording; give its base URL."""
    command = [*LABELWRIGHT, "replay", str(folder), "--json", *options]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        try:
            yield json.loads(process.stdout.readline())["url"]
        finally:
            process.terminate()


def answers_by_item(url: str) -> dict[str, int]:
    """Count, per item, what the server answered."""
    with urllib.request.urlopen(url.removesuffix("/v1") + "/stats?detail=1") as reply:  # noqa: S310 - our own server
        counts: dict[str, int] = json.load(reply)["by_item"]
    return {name.removeprefix("model "): count for name, count in counts.items()}


def paid(workspace: Path) -> set[str]:
    """Give the items with a committed answer."""
    return {str(row[0]) for row in _query(workspace, "SELECT item_id FROM call WHERE status = 'ok'")}


def n_paid(workspace: Path) -> int:
    """Count committed answers."""
    return int(_query(workspace, "SELECT count(*) FROM call WHERE status = 'ok'")[0][0])


def _query(workspace: Path, statement: str) -> Sequence[Any]:
    database = sqlite3.connect(workspace / "labelwright.db")
    try:
        return database.execute(statement).fetchall()
    finally:
        database.close()


def holds(figure: float, sign: str, goal: float) -> bool:
    """Whether a figure is on the right side of its goal."""
    return figure <= goal if sign == "≤" else figure >= goal


def show(figures: Mapping[str, float], peer: Mapping[str, Any]) -> None:
    """Print the table."""
    print(f"{'figure':<34}{'measured':>12}  {'goal':>9}  {'openai client':>14}")
    for name, figure in figures.items():
        sign, goal = GOALS.get(name, ("", 0.0))
        wanted = f"{sign} {goal:g}" if sign else ""
        mark = "" if not sign else " ok" if holds(figure, sign, goal) else " MISSED"
        other = f"{peer[name]:.3f}" if name in peer else ""
        print(f"{name:<34}{figure:>12,.3f}  {wanted:>9}  {other:>14}{mark}")
    if "skipped" in peer:
        print(f"openai client: skipped ({peer['skipped']})")


if __name__ == "__main__":
    main()
