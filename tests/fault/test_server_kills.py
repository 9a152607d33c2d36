"""kill -9 of the real server while people submit (R1, R3), dead clients (R5, R6), and ways to start and end."""

import asyncio
import random
import socket
import time
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from http.client import HTTPConnection
from pathlib import Path

import httpx
import pytest

from labelwright.adapters.storage import open_storage
from labelwright.domain.ids import ProjectId
from labelwright.domain.project import Policy, Project
from tests.contract.serving import ANSWERS, Setting
from tests.fault.serving_process import refused_start, start, tokens_for

KILLS = 8
CLIENTS = 4
DATABASE = "labelwright.db"


@dataclass
class History:
    """What clients know. A submission is named by its `seconds`, which no other one has."""

    acknowledged: dict[int, str] = field(default_factory=dict)
    refused: set[int] = field(default_factory=set)
    unknown: set[int] = field(default_factory=set)
    retried: int = 0
    attempts: int = 0


def free_port(seed: int) -> int:
    """Give a port below those that the system hands out, so that nobody gets it while the server is down."""
    for port in random.Random(seed).sample(range(12_000, 32_000), 100):
        with socket.socket() as taken:
            try:
                taken.bind(("127.0.0.1", port))
            except OSError:
                continue
            return port
    raise AssertionError("a hundred ports are taken")


def prepare(folder: Path, *, n_items: int, policy: Policy) -> tuple[Project, list[str]]:
    storage = open_storage(folder / DATABASE)
    setting = Setting(storage)
    project = setting.project(n_items=n_items, policy=policy)
    setting.enqueue(project)
    tokens = tokens_for(setting, project, [f"person-{place}" for place in range(CLIENTS)])
    storage.close()
    return project, tokens


async def work(token: str, base: str, history: History, rng: random.Random, over: asyncio.Event) -> None:
    """Take and submit until the end; after a lost answer, retry under the same key or give up, by a coin."""
    headers = {"Authorization": f"Bearer {token}"}
    async with httpx.AsyncClient(base_url=base, headers=headers, timeout=20) as person:
        while not over.is_set():
            history.attempts += 1
            name = history.attempts
            is_wrong = rng.random() < 0.1
            try:
                answer = await person.post("/leases", json={"count": 1})
                if answer.status_code == 503:
                    continue
                entries = answer.json()["entries"]
            except httpx.HTTPError:
                await asyncio.sleep(0.02)
                continue
            if not entries:
                return
            answers = {"sentiment": "no such label", "topics": []} if is_wrong else ANSWERS
            body = {"lease": entries[0]["lease"], "answers": answers, "seconds": float(name)}
            await send(person, body, name, history, gives_up=rng.random() < 0.5)


async def send(person: httpx.AsyncClient, body: dict, name: int, history: History, *, gives_up: bool) -> None:
    for _ in range(400):
        try:
            answer = await person.post("/submissions", json=body, headers={"Idempotency-Key": f"key-{name}"})
        except httpx.HTTPError:
            if gives_up:
                history.unknown.add(name)
                return
            history.retried += 1
            await asyncio.sleep(0.05)
            continue
        if answer.status_code == 201:
            history.acknowledged[name] = answer.json()["submission"]
        elif answer.status_code < 500:
            history.refused.add(name)
        else:
            await asyncio.sleep(0.01)
            continue
        return
    history.unknown.add(name)


async def until(is_so: Callable[[], bool], people: Sequence[asyncio.Task[None]]) -> None:
    """Wait for something, as long as all are at work."""
    while not is_so() and not any(one.done() for one in people):  # noqa: ASYNC110 - looked at from outside
        await asyncio.sleep(0.01)


async def scenario(folder: Path, tokens: list[str], rng: random.Random) -> History:
    port = free_port(rng.randrange(1 << 30))
    history, over = History(), asyncio.Event()
    base = f"http://127.0.0.1:{port}/api/v1/projects/reviews"
    server = await asyncio.to_thread(start, folder, port=port)
    people = [asyncio.create_task(work(token, base, history, rng, over)) for token in tokens]
    for _ in range(KILLS):
        before = len(history.acknowledged)
        await until(lambda: len(history.acknowledged) > before, people)  # noqa: B023 - over before the next round
        await asyncio.sleep(rng.uniform(0, 0.15))
        server.kill()
        server = await asyncio.to_thread(start, folder, port=port)
    await asyncio.sleep(0.3)
    await until(lambda: bool(history.refused), people)  # one answer in ten is wrong: there may have been none yet
    over.set()
    await asyncio.gather(*people)
    assert await asyncio.to_thread(server.stop) == 0
    return history


@pytest.mark.slow
async def test_R1_R3_what_was_acknowledged_is_there_once_whatever_kills_the_server(tmp_path: Path) -> None:
    project, tokens = prepare(tmp_path, n_items=4000, policy=Policy(lease_seconds=600))
    seed = time.time_ns()
    print(f"seed {seed}")
    history = await scenario(tmp_path, tokens, random.Random(seed))
    print(f"{len(history.acknowledged)} acknowledged, {len(history.unknown)} unknown, {history.retried} retries")
    kept = stored(tmp_path, project.id)
    for name, submission in history.acknowledged.items():
        assert kept.pop((name, submission)) == 2  # present once: one row per question
    strangers = {name for name, _ in kept}
    assert not strangers & history.refused  # absent
    assert strangers <= history.unknown  # nothing else but what nobody knows the fate of ...
    assert set(kept.values()) <= {2}  # ... whole, and at most once
    assert len(kept) == len(strangers)
    assert len(history.acknowledged) >= KILLS
    assert history.refused


def test_R3_a_key_is_remembered_by_the_database_and_not_by_the_process(tmp_path: Path) -> None:
    """Mutant: idempotency keys kept in memory. The answer got lost, the server was killed, the page asks again."""
    project, tokens = prepare(tmp_path, n_items=1, policy=Policy())
    headers = {"Authorization": f"Bearer {tokens[0]}", "Idempotency-Key": "k"}
    port = free_port(time.time_ns())
    base = f"http://127.0.0.1:{port}/api/v1/projects/reviews"
    said: list[tuple[int, bytes]] = []
    server = start(tmp_path, port=port)
    lease = httpx.post(f"{base}/leases", json={"count": 1}, headers=headers).json()["entries"][0]["lease"]
    body = {"lease": lease, "answers": ANSWERS, "seconds": 1}
    for _ in range(2):
        answer = httpx.post(f"{base}/submissions", json=body, headers=headers)
        said.append((answer.status_code, answer.content))
        server.kill()
        server = start(tmp_path, port=port)
    other = httpx.post(f"{base}/submissions", json=body | {"seconds": 2}, headers=headers)
    assert server.stop() == 0
    assert said[0][0] == 201
    assert said[0] == said[1]
    assert (other.status_code, other.json()["type"]) == (422, "labelwright:IdempotencyConflict")
    assert list(stored(tmp_path, project.id).values()) == [2]


def test_S12_an_endless_address_or_header_is_cut_off(tmp_path: Path) -> None:
    prepare(tmp_path, n_items=1, policy=Policy())
    server = start(tmp_path)
    port = int(server.url.rpartition(":")[2])
    try:
        for beginning in (b"GET /", b"GET /health HTTP/1.1\r\nHost: localhost\r\nX-Long: "):
            with socket.create_connection(("127.0.0.1", port), timeout=10) as line:
                line.sendall(beginning)
                sent = endless(line, most=20_000_000)
            assert sent < 20_000_000
        long = {"X-Long": "a" * 60_000}  # within the limit, again and again on one connection
        with httpx.Client(base_url=server.url, headers=long) as http:
            assert [http.get("/health").status_code for _ in range(3)] == [200, 200, 200]
            assert http.post("/api/v1/sessions", json={"invite": "x" * 100_000}).status_code == 422
            assert http.get("/health").status_code == 200
    finally:
        assert server.stop() == 0


def endless(line: socket.socket, *, most: int) -> int:
    """Send until the other side hangs up; give how much it took."""
    sent = 0
    while sent < most:
        try:
            line.sendall(b"a" * 65_536)
        except OSError:
            return sent
        sent += 65_536
    return sent


def stored(folder: Path, project: ProjectId) -> Counter[tuple[int, str]]:
    """Count rows per (name, submission), once the chain and every commitment hold."""
    storage = open_storage(folder / DATABASE)
    try:
        storage.verify()
        with storage.reading() as views:
            rows = views.annotations(project)
        per_slot = Counter((row.item, row.question) for row in rows if row.status == "active")
        assert set(per_slot.values()) <= {1}  # R4: one slot, one vote
        return Counter((int(row.seconds), row.submission) for row in rows)
    finally:
        storage.close()


def test_R6_a_dead_clients_entry_comes_back_and_R5_its_late_answer_is_kept(tmp_path: Path) -> None:
    ttl = 1
    project, tokens = prepare(tmp_path, n_items=1, policy=Policy(lease_seconds=ttl))
    server = start(tmp_path)
    base = f"{server.url}/api/v1/projects/reviews"
    dead, alive = ({"Authorization": f"Bearer {token}"} for token in tokens[:2])
    try:
        with httpx.Client(base_url=base) as http:
            began = time.monotonic()
            (lost,) = http.post("/leases", json={"count": 1}, headers=dead).json()["entries"]
            entries: list[dict] = []
            while not entries and time.monotonic() - began < ttl + 60:
                time.sleep(0.1)
                entries = http.post("/leases", json={"count": 1}, headers=alive).json()["entries"]
            assert time.monotonic() - began >= ttl - 0.1
            status = []
            for person, lease in ((alive, entries[0]["lease"]), (dead, lost["lease"])):
                body = {"lease": lease, "answers": ANSWERS, "seconds": 1}
                answer = http.post("/submissions", json=body, headers=person | {"Idempotency-Key": "k"})
                status.append((answer.status_code, answer.json()["status"]))
            assert status == [(201, "accepted"), (201, "surplus")]
    finally:
        assert server.stop() == 0
    assert sum(stored(tmp_path, project.id).values()) == 4


def test_a_taken_port_is_named_and_nothing_is_printed_as_if_served(tmp_path: Path) -> None:
    prepare(tmp_path, n_items=1, policy=Policy())
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        status, said = refused_start(tmp_path, "--port", str(port))
    assert status == 1
    assert f"port {port}" in said
    assert "--port" in said
    assert "Traceback" not in said


def test_S6_the_first_run_prints_a_managers_link_and_later_runs_only_when_asked(tmp_path: Path) -> None:
    prepare(tmp_path, n_items=1, policy=Policy())
    first = start(tmp_path)
    assert list(first.links) == ["reviews"]
    token = first.links["reviews"].partition("/join#")[2]
    answer = httpx.post(f"{first.url}/api/v1/sessions", json={"invite": token})
    assert answer.json()["annotator"]["role"] == "manager"
    assert first.stop() == 0
    second = start(tmp_path)
    assert second.links == {}
    assert second.stop() == 0
    third = start(tmp_path, "--link")
    assert list(third.links) == ["reviews"]
    assert third.links != first.links
    assert third.stop() == 0


def test_S6_an_annotator_called_manager_does_not_stop_the_first_run(tmp_path: Path) -> None:
    storage = open_storage(tmp_path / DATABASE)
    setting = Setting(storage)
    setting.invite(setting.project(), "manager")
    storage.close()
    server = start(tmp_path)
    token = server.links["reviews"].partition("/join#")[2]
    who = httpx.post(f"{server.url}/api/v1/sessions", json={"invite": token}).json()["annotator"]
    assert server.stop() == 0
    assert (who["name"], who["role"]) == ("manager-2", "manager")


def test_a_workspace_without_a_project_is_refused_with_the_next_step(tmp_path: Path) -> None:
    open_storage(tmp_path / DATABASE).close()
    status, said = refused_start(tmp_path, "--port", "0")
    assert status == 1
    assert "labelwright apply" in said


def test_connections_stay_open_while_people_think(tmp_path: Path) -> None:
    prepare(tmp_path, n_items=1, policy=Policy())
    server = start(tmp_path)
    line = HTTPConnection(server.url.removeprefix("http://"))
    line.connect()
    line.auto_open = 0  # a connection that was hung up is an error
    try:
        for pause in (0, 6):  # a stock uvicorn hangs up after 5 s
            time.sleep(pause)
            line.request("GET", "/health")
            answer = line.getresponse()
            assert (answer.status, answer.read()[:14]) == (200, b'{"status":"ok"')
    finally:
        line.close()
        assert server.stop() == 0
