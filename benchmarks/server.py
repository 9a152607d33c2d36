"""What the server costs: 20,000 short texts imported, served to annotators, exported.

    python benchmarks/server.py [--items 20000] [--label-studio FOLDER]

CPU seconds are those of the server's or the command's own process, children included. `next` is a fresh claim, `submit`
an acknowledged (fsynced) submission, each by a person of their own, one after another; then 8 annotators at once take
and submit, each with a connection of their own. Label Studio, where its virtual environment is named, goes through the
same steps in the same run (benchmarks/label_studio.py).
"""

from __future__ import annotations

import argparse
import asyncio
import compileall
import json
import os
import platform
import random
import secrets
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import aiohttp
import orjson
from label_studio import measure_label_studio, version
from server_load import LABELS, at_once, cpu_seconds, quantiles_ms, rss_mb

import labelwright
from labelwright.domain.annotator import Annotator
from labelwright.domain.ids import AnnotatorId, ItemKey
from labelwright.domain.queue import NewEntry
from labelwright.events import AnnotatorAdded, ItemsRouted
from labelwright.ports.storage import Transaction
from labelwright.services.people.manage_people import token_hash
from labelwright.workspace import Workspace

RESULTS = Path(__file__).parent / "results"
LABELWRIGHT = Path(sys.executable).with_name("labelwright")
GOALS: dict[str, tuple[str, float]] = {
    "import_cpu_s": ("≤", 2.0),
    "cold_start_cpu_s": ("≤", 2.0),
    "next_cpu_ms": ("≤", 1.5),
    "submit_cpu_ms": ("≤", 1.5),
    "labels_per_s_8": ("≥", 100.0),
    "errors_8": ("≤", 0.0),
    "export_cpu_s": ("≤", 1.0),
    "rss_mb": ("≤", 150.0),
}
PROJECT_FILE = """\
name: reviews
content_fields: [text]
guideline: guideline.md
questions:
  - name: topic
    type: classification
    labels: [battery, screen, price, service]
models: []
"""


def main() -> None:
    """Measure, print the table, write the results."""
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--items", type=int, default=20_000)
    options.add_argument("--people", type=int, default=1_000, help="people of the next and submit phases")
    options.add_argument("--seconds", type=float, default=10.0, help="how long 8 annotators work")
    options.add_argument("--label-studio", type=Path, help="folder of a virtual environment with label-studio")
    chosen = options.parse_args()
    # As an installer does: a checkout that is run without keeping bytecode would be compiled anew by every command.
    compileall.compile_dir(Path(labelwright.__file__).parent, quiet=1)
    texts = short_texts(chosen.items)
    with tempfile.TemporaryDirectory() as folder:
        ours = measure(Path(folder), texts, people=chosen.people, seconds=chosen.seconds)
    theirs: dict[str, float] | None = None
    their_version: str | None = None
    if chosen.label_studio:
        their_version = version(chosen.label_studio)
        theirs = measure_label_studio(chosen.label_studio, texts, seconds=chosen.seconds)
    show(ours, theirs)
    written = {
        "machine": {"cpus": os.cpu_count(), "python": platform.python_version(), "load": os.getloadavg()[0]},
        "items": chosen.items,
        "labelwright": ours,
        "label_studio": theirs,
        "label_studio_version": their_version,
        "goals": {name: f"{sign} {value:g}" for name, (sign, value) in GOALS.items()},
    }
    RESULTS.mkdir(exist_ok=True)
    (RESULTS / "server.json").write_text(json.dumps(written, indent=2) + "\n")


def short_texts(n: int) -> list[str]:
    """Give n short texts, the same each time."""
    rng = random.Random(1)
    words = [*LABELS, "the", "is", "was", "very", "good", "bad", "slow", "fast", "after", "a", "week", "of", "use"]
    return [f"{number}: {' '.join(rng.choices(words, k=14))}" for number in range(n)]


def measure(folder: Path, texts: list[str], *, people: int, seconds: float) -> dict[str, float]:
    """Measure Labelwright."""
    (folder / "project.yaml").write_text(PROJECT_FILE)
    (folder / "guideline.md").write_text("Choose the topic.\n")
    lines = (orjson.dumps({"id": f"i{number}", "text": text}) for number, text in enumerate(texts))
    (folder / "items.jsonl").write_bytes(b"\n".join(lines) + b"\n")
    with Workspace.create(folder) as workspace:
        workspace.apply()
    found: dict[str, float] = {}
    found["import_cpu_s"] = command("import", str(folder / "items.jsonl"), "-w", str(folder))
    queue_all(folder)
    phase_tokens = add_people(folder, people)
    eight = add_people(folder, 8)
    started = time.perf_counter()
    server, url = start(folder)
    try:
        found["cold_start_s"] = time.perf_counter() - started
        found["cold_start_cpu_s"] = cpu_seconds(server.pid)
        found |= asyncio.run(phases(server.pid, url, phase_tokens, eight, seconds=seconds))
        found["rss_mb"] = rss_mb(server.pid)
    finally:
        server.send_signal(signal.SIGTERM)
        assert server.wait(20) == 0, "the server did not end well"
    command("aggregate", "-w", str(folder))
    found["export_cpu_s"] = command("export", str(folder / "out"), "-w", str(folder))
    return found


async def phases(pid: int, url: str, tokens: list[str], eight: list[str], *, seconds: float) -> dict[str, float]:
    """Measure next, submit, and 8 people at once."""
    found: dict[str, float] = {}
    base = f"{url}/api/v1/projects/reviews"
    async with aiohttp.ClientSession() as session:
        people = [Person(session, base, token) for token in tokens]
        await people[0].progress()
        for name, step in (("next", Person.take), ("submit", Person.submit)):
            before, walls = cpu_seconds(pid), list[float]()
            for person in people:
                began = time.perf_counter()
                assert await step(person), f"{name} was refused"
                walls.append(time.perf_counter() - began)
            found[f"{name}_cpu_ms"] = 1000 * (cpu_seconds(pid) - before) / len(people)
            found[f"{name}_p50_ms"], found[f"{name}_p95_ms"] = quantiles_ms(walls)
    sessions = [aiohttp.ClientSession() for _ in eight]
    workers = [Person(session, base, token) for session, token in zip(sessions, eight, strict=True)]
    found.update(await at_once([(worker.take, worker.submit) for worker in workers], seconds))
    for session in sessions:
        await session.close()
    return found


class Person:
    """An annotator's program: as little work as can be, since it shares the machine with what is measured."""

    def __init__(self, session: aiohttp.ClientSession, base: str, token: str) -> None:
        self.session, self.base, self.entry = session, base, ""
        self.headers = {"Authorization": f"Bearer {token}", "Content-Type": "application/json"}

    async def progress(self) -> None:
        async with self.session.get(f"{self.base}/progress", headers=self.headers) as answer:
            assert answer.status == 200, await answer.text()

    async def take(self) -> bool:
        async with self.session.post(f"{self.base}/leases", data=b'{"count":1}', headers=self.headers) as answer:
            entries = orjson.loads(await answer.read()).get("entries")
            self.entry = entries[0]["lease"] if entries else ""
            return bool(entries)

    async def submit(self) -> bool:
        body = orjson.dumps({"lease": self.entry, "answers": {"topic": "price"}, "seconds": 3.5})
        headers = self.headers | {"Idempotency-Key": secrets.token_hex(8)}
        async with self.session.post(f"{self.base}/submissions", data=body, headers=headers) as answer:
            await answer.read()
            return answer.status == 201


def queue_all(folder: Path) -> None:
    """Queue every item for one person."""
    with Workspace.open(folder) as workspace:
        project, world = workspace.project().config, workspace.world

        def work(tx: Transaction) -> None:
            keys = [ItemKey(int(key)) for key in tx.item_keys(project.id)]
            names = tuple(question.name for question in project.config.schema.questions)
            entries = tuple(NewEntry(key, names, "review", 0, -key / 1e9, blind=False, reason="unsure") for key in keys)
            tx.append([ItemsRouted(project.id, "queue", 1, (), entries)], world.provenance())

        workspace.storage.write(work)


def add_people(folder: Path, n: int) -> list[str]:
    """Add people with sessions; give their tokens."""
    tokens = [secrets.token_urlsafe(32) for _ in range(n)]
    with Workspace.open(folder) as workspace:
        project, world = workspace.project().id, workspace.world

        def work(tx: Transaction) -> None:
            for token in tokens:
                annotator = Annotator(AnnotatorId(world.new_id()), f"person {token[:6]}", "simulated", "annotator")
                tx.append([AnnotatorAdded(project, annotator)], world.provenance())
                tx.add_session(token_hash(token), project, annotator.id, expires_at=world.now() + 86_400)

        workspace.storage.write(work)
    return tokens


def start(folder: Path) -> tuple[subprocess.Popen[bytes], str]:
    """Start the server; give it when it has said where it is."""
    words = [str(LABELWRIGHT), "serve", "-w", str(folder), "--port", "0", "--json"]
    server = subprocess.Popen(words, stdout=subprocess.PIPE)
    assert server.stdout is not None
    said, line = b"", b""
    while line != b"}\n":
        line = server.stdout.readline()
        assert line, "the server ended before it began"
        said += line
    return server, json.loads(said)["url"]


def command(*words: str) -> float:
    """Run a command; give its CPU seconds."""
    child = subprocess.Popen([str(LABELWRIGHT), *words], stdout=subprocess.DEVNULL)
    _, status, usage = os.wait4(child.pid, 0)
    assert status == 0, f"labelwright {' '.join(words)} failed"
    return usage.ru_utime + usage.ru_stime


def show(ours: dict[str, float], theirs: dict[str, float] | None) -> None:
    """Print the table."""
    print(f"{'':<20}{'Labelwright':>12}{'goal':>10}{'':>8}{'Label Studio':>14}")
    for name, value in ours.items():
        sign, goal = GOALS.get(name, ("", 0.0))
        met = "" if not sign else "met" if (value <= goal if sign == "≤" else value >= goal) else "MISSED"
        other = f"{theirs[name]:.2f}" if theirs and name in theirs else "–"
        print(f"{name:<20}{value:>12.2f}{f'{sign} {goal:g}' if sign else '':>10}{met:>8}{other:>14}")
    if theirs is None:
        print("Label Studio was not measured: name the folder of its virtual environment with --label-studio.")


if __name__ == "__main__":
    main()
