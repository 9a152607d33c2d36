"""Pre-label against `labelwright replay --fault …`, and say everything that is not as it must be.

For tests and benchmarks: a real server process, real HTTP, a real workspace.
"""

from __future__ import annotations

import json
import sqlite3
import subprocess
import sys
import threading
import urllib.request
from collections import Counter
from collections.abc import Generator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from labelwright.adapters.chat.registry import provider_of
from labelwright.adapters.execution.retry import RetryPolicy
from labelwright.adapters.execution.stored_calls import StoredCalls
from labelwright.adapters.execution.threaded import ThreadedRunner
from labelwright.bootstrap import surroundings
from labelwright.domain.project import ModelSource
from labelwright.ports.chat import FlowRunner
from labelwright.services.models.prelabel import PrelabelReport, prelabel
from labelwright.workspace import Workspace

LABELS = ("battery", "screen", "price", "service")
MODEL = "model"


@dataclass(frozen=True, slots=True)
class Ledger:
    """The attempts in a workspace's call ledger.

    told: answers whose bill is known, with their tokens.  unknown: attempts that may have been billed.
    statuses: attempts by HTTP status, "none" where no answer came.
    """

    attempts: int
    told: tuple[int, int, int]
    unknown: int
    statuses: Counter[str] = field(default_factory=Counter[str])


@dataclass(frozen=True, slots=True)
class Ending:
    """How the items of a run ended. right: labelled as recorded.  quarantined: by the item's reason, shortened.

    lost: without an ending.  coerced: with a label that no model gave, or quarantined without a reason.
    """

    right: int
    quarantined: Mapping[str, int]
    lost: int
    coerced: int


def write_recording(folder: Path, n: int, *, seed_text: str = "The battery lasts.") -> Path:
    """Write n short texts and what one model said of each."""
    folder.mkdir(parents=True)
    task = {"name": "faulty", "type": "classification", "labels": list(LABELS), "content_fields": ["text"]}
    (folder / "task.json").write_text(json.dumps(task))
    labels = [LABELS[i % len(LABELS)] for i in range(n)]
    rows = {
        "items": [{"id": f"i{i}", "text": f"{seed_text} ({i})"} for i in range(n)],
        "gold": [{"id": f"i{i}", "label": label} for i, label in enumerate(labels)],
        "llm": [{"id": f"i{i}", "model": MODEL, "label": label, "confidence": 0.9} for i, label in enumerate(labels)],
    }
    for stem, lines in rows.items():
        (folder / f"{stem}.jsonl").write_text("".join(json.dumps(line) + "\n" for line in lines))
    return folder


def write_workspace(folder: Path, recorded: Path, url: str, *, concurrency: int, provider: str = "openai") -> Workspace:
    """Make a workspace with the recording's items in, and its model named."""
    folder.mkdir(parents=True)
    model = {"model": MODEL, "base_url": url, "concurrency": concurrency, "price_input": 0.1, "price_output": 0.5}
    project = {
        "name": "faulty",
        "content_fields": ["text"],
        "recorded": True,
        "questions": [{"name": "label", "type": "classification", "labels": list(LABELS)}],
        "models": [{**model, "provider": provider}],
    }
    (folder / "project.yaml").write_text(json.dumps(project))  # JSON is YAML
    workspace = Workspace.create(folder)
    workspace.apply()
    workspace.project().import_items(recorded / "items.jsonl", id_field="id")
    return workspace


@contextmanager
def replaying(folder: Path, *options: str) -> Generator[str]:
    """Serve a recording in a process of its own; give its base URL."""
    command = [sys.executable, "-m", "labelwright.cli", "replay", str(folder), "--json", *options]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:  # noqa: S603 - our own program
        assert process.stdout is not None
        try:
            yield json.loads(process.stdout.readline())["url"]
        finally:
            process.terminate()
            process.wait(timeout=20)


def stats(url: str) -> dict[str, Any]:
    """Give what the server counted."""
    with urllib.request.urlopen(url.removesuffix("/v1") + "/stats?detail=1") as reply:  # noqa: S310 - our own server
        return json.load(reply)


def label(workspace: Workspace, *, retry: RetryPolicy, seconds: float | None = None) -> PrelabelReport:
    """Pre-label everything due. seconds: how long one attempt may take; None = as project.yaml says.

    retry: how long to wait between attempts.
    """
    project = workspace.project().config
    calls = StoredCalls(workspace.storage)
    around = surroundings(
        project, workspace.path, storage=workspace.storage, world=workspace.world, stop=threading.Event()
    )

    def runner(source: ModelSource) -> FlowRunner:
        held_to = source if seconds is None else replace(source, timeout_seconds=seconds)
        model = provider_of(source.provider).connect(held_to, environment={}, send_metadata=True)
        return ThreadedRunner(model, calls, concurrency=source.concurrency, retry=retry, now=workspace.world.now)

    return prelabel(project, replace(around, runner=runner))


def ledger_of(workspace: Workspace) -> Ledger:
    """Read the call ledger from the file, behind the software's back."""
    database = sqlite3.connect(workspace.path / "labelwright.db")
    try:
        rows = database.execute("SELECT http_status, tokens_in, tokens_out, cost_pico FROM call").fetchall()
    finally:
        database.close()
    stated = [(row[1], row[2]) for row in rows if row[1] is not None]
    return Ledger(
        attempts=len(rows),
        told=(len(stated), sum(tokens for tokens, _ in stated), sum(tokens for _, tokens in stated)),
        unknown=sum(row[1] is None and row[3] is None for row in rows),
        statuses=Counter("none" if row[0] is None else str(row[0]) for row in rows),
    )


def ending_of(workspace: Workspace) -> Ending:
    """Look at every item: labelled as recorded, quarantined with a reason, or neither."""
    project = workspace.project().config
    with workspace.storage.reading() as views:
        ids = views.item_ids(project.id)
        columns = views.predictions(project.id, "label", MODEL)
        failed = [
            row
            for status in ("invalid", "failed")
            for row in views.prediction_raw(project.id, status=status, limit=len(ids))
        ]
    reasons = {str(row["item"]): str(row["problem"] or "") for row in failed}
    right = coerced = 0
    quarantined: Counter[str] = Counter()
    for key, status, value in zip(columns.item, columns.status, columns.value, strict=True):
        name = str(ids[int(key)])
        if status == "valid":
            recorded = LABELS[int(name[1:]) % len(LABELS)]
            right, coerced = right + (value == recorded), coerced + (value != recorded)
        elif reasons.get(name):
            quarantined[reasons[name][:300]] += 1
        else:
            coerced += 1
    return Ending(right, quarantined, len(ids) - len(columns.item), coerced)


def differences(ledger: Ledger, counted: Sequence[Mapping[str, Any]]) -> list[str]:
    """Say where a ledger and the counts of the servers it was kept against differ; nothing, where they agree.

    What was billed without the client learning it is all that the ledger may not know; it must say that it does not.
    Where no answer came it cannot know whether anything was billed, so a request that was dropped before any work was
    done is unknown too.
    """

    def total(*path: str) -> int:
        found = 0
        for each in counted:
            value: Any = each
            for name in path:
                value = value.get(name, 0)
            found += value
        return found

    told = tuple(total("billed", key) - total("billed_untold", key) for key in ("answers", "tokens_in", "tokens_out"))
    unknown = total("billed_untold", "answers") + total("faults", "reset") + total("faults", "silent")
    found: list[str] = []
    if ledger.told != told:
        found.append(f"answers and tokens in, out: {ledger.told} in the ledger, {told} at the provider")
    if ledger.unknown != unknown:
        found.append(f"attempts of unknown cost: {ledger.unknown} in the ledger, {unknown} at the provider")
    if ledger.attempts != total("requests"):
        found.append(f"attempts: {ledger.attempts} in the ledger, {total('requests')} at the provider")
    refused = {status for each in counted for status in each["statuses"] if status not in ("none", "200")}
    kept = {status for status in ledger.statuses if status not in ("none", "200")}
    found += [
        f"status {status}: {ledger.statuses[status]} times, {total('statuses', status)} at the provider"
        for status in sorted(refused | kept)
        if ledger.statuses[status] != total("statuses", status)
    ]
    return found
