"""The same steps through Label Studio, in a virtual environment of its own: start, import, label, 8 people, export.

Its cold start is the first one, which makes its database. `next` and `submit` are one person's, in turn.
"""

from __future__ import annotations

import asyncio
import json
import os
import secrets
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import aiohttp
from server_load import LABELS, at_once, cpu_seconds, quantiles_ms, rss_mb

STEPS = 60
BOSS = "boss@example.org"
PASSWORD = "a long password"  # noqa: S105 - of a server that lives for one run
RESULT = [{"from_name": "topic", "to_name": "text", "type": "choices", "value": {"choices": ["price"]}}]
# People with tokens, made inside Label Studio's own process: there is no API for it.
ADD_PEOPLE = """
import json, os, sys
import label_studio, pathlib
sys.path.insert(0, str(pathlib.Path(label_studio.__file__).parent))
os.environ["DJANGO_SETTINGS_MODULE"] = "core.settings.label_studio"
import django
django.setup()
from organizations.models import Organization
from rest_framework.authtoken.models import Token
from users.models import User
organization = Organization.objects.first()
tokens = []
for number in range(8):
    user = User.objects.create_user(email=f"person{number}@example.org", password="a long password")
    organization.add_user(user)
    user.active_organization = organization
    user.save()
    tokens.append(Token.objects.get_or_create(user=user)[0].key)
organization.jwt.legacy_api_tokens_enabled = True
organization.jwt.save()
print("TOKENS " + json.dumps(tokens))
"""


def config(labels: Sequence[str]) -> str:
    """Give the labelling interface of one question about a text."""
    choices = "".join(f'<Choice value="{label}"/>' for label in labels)
    return f'<View><Text name="text" value="$text"/><Choices name="topic" toName="text">{choices}</Choices></View>'


@dataclass(frozen=True)
class Studio:
    """A Label Studio that runs, with the one person its first start makes."""

    environment: Path
    variables: dict[str, str]
    base: str
    token: str
    process: subprocess.Popen[bytes]
    began: float
    """When it was started, by `time.perf_counter`."""


@contextmanager
def running(environment: Path) -> Iterator[Studio]:
    """Start Label Studio as it is installed in a virtual environment, over an empty folder; it may not answer yet."""
    with tempfile.TemporaryDirectory() as folder:
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            port = free.getsockname()[1]
        token = secrets.token_hex(20)
        variables = os.environ | {
            "LABEL_STUDIO_BASE_DATA_DIR": folder,
            "LABEL_STUDIO_ENABLE_LEGACY_API_TOKEN": "true",
            "LABEL_STUDIO_USERNAME": BOSS,
            "LABEL_STUDIO_PASSWORD": PASSWORD,
            "LABEL_STUDIO_USER_TOKEN": token,
            "COLLECT_ANALYTICS": "false",
            "SENTRY_DSN": "",
            "LATEST_VERSION_CHECK": "false",
        }
        words = [str(environment / "bin" / "label-studio"), "start", "--no-browser", "--port", str(port)]
        began = time.perf_counter()
        server = subprocess.Popen(words, env=variables, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        try:
            yield Studio(environment, variables, f"http://127.0.0.1:{port}", token, server, began)
        finally:
            server.terminate()
            server.wait(30)


async def project_of(http: aiohttp.ClientSession, base: str, texts: list[str], labels: Sequence[str]) -> int:
    """Make a project of one question, and import the texts. Gives its number."""
    made = await _json(http, "POST", f"{base}/api/projects", {"title": "reviews", "label_config": config(labels)})
    await _json(http, "POST", f"{base}/api/projects/{made['id']}/import", [{"text": text} for text in texts])
    return made["id"]


def measure_label_studio(environment: Path, texts: list[str], *, seconds: float) -> dict[str, float]:
    """Measure Label Studio, installed in a virtual environment."""
    with running(environment) as studio:
        return asyncio.run(_steps(studio, texts, seconds))


async def _steps(studio: Studio, texts: list[str], seconds: float) -> dict[str, float]:
    found: dict[str, float] = {}
    base, pid = studio.base, studio.process.pid
    await until_up(f"{base}/health")
    found["cold_start_s"], found["cold_start_cpu_s"] = time.perf_counter() - studio.began, cpu_seconds(pid)
    made = await asyncio.to_thread(_add_people, studio.environment, studio.variables)
    people = json.loads(made.rpartition("TOKENS ")[2])
    async with aiohttp.ClientSession(headers={"Authorization": f"Token {studio.token}"}) as http:
        before = cpu_seconds(pid)
        project = await project_of(http, base, texts, LABELS)
        found["import_cpu_s"] = cpu_seconds(pid) - before
        boss = _Person(http, base, project)
        await boss.take()
        await boss.submit()
        found |= await _alternate(boss, pid)
        sessions = [aiohttp.ClientSession(headers={"Authorization": f"Token {one}"}) for one in people]
        workers = [_Person(session, base, project) for session in sessions]
        found |= await at_once([(worker.take, worker.submit) for worker in workers], seconds)
        for session in sessions:
            await session.close()
        found["rss_mb"] = rss_mb(pid)
        before = cpu_seconds(pid)
        address = f"{base}/api/projects/{project}/export?exportType=JSON&download_all_tasks=true"
        async with http.get(address, timeout=aiohttp.ClientTimeout(total=600)) as answer:
            assert answer.status == 200, await answer.text()
            await answer.read()
        found["export_cpu_s"] = cpu_seconds(pid) - before
    return found


def version(environment: Path) -> str:
    """Give the version that is installed there."""
    words = [
        str(environment / "bin" / "python"),
        "-c",
        "from importlib.metadata import version as v; print(v('label-studio'))",
    ]
    return subprocess.run(words, capture_output=True, text=True, check=True).stdout.strip()


def _add_people(environment: Path, variables: dict[str, str]) -> str:
    python = str(environment / "bin" / "python")
    words = [python, "-c", ADD_PEOPLE]
    return subprocess.run(words, env=variables, capture_output=True, text=True, check=True).stdout


async def _alternate(person: _Person, pid: int) -> dict[str, float]:
    """Take and submit in turn; `next` is spent looking, so both costs are apart."""
    cost = {"next": 0.0, "submit": 0.0}
    walls: dict[str, list[float]] = {"next": [], "submit": []}
    for _ in range(STEPS):
        for name, step in (("next", person.take), ("submit", person.submit)):
            before, began = cpu_seconds(pid), time.perf_counter()
            assert await step(), f"{name} was refused"
            cost[name] += cpu_seconds(pid) - before
            walls[name].append(time.perf_counter() - began)
    found: dict[str, float] = {}
    for name, total in cost.items():
        found[f"{name}_cpu_ms"] = 1000 * total / STEPS
        found[f"{name}_p50_ms"], found[f"{name}_p95_ms"] = quantiles_ms(walls[name])
    return found


class _Person:
    def __init__(self, http: aiohttp.ClientSession, base: str, project: int) -> None:
        self.http, self.base, self.project, self.task = http, base, project, 0

    async def take(self) -> bool:
        async with self.http.get(f"{self.base}/api/projects/{self.project}/next") as answer:
            found = await answer.json(content_type=None) if answer.status == 200 else {}
            self.task = found.get("id", 0)
            return bool(self.task)

    async def submit(self) -> bool:
        address = f"{self.base}/api/tasks/{self.task}/annotations?project={self.project}"
        async with self.http.post(address, json={"result": RESULT, "lead_time": 3.5}) as answer:
            await answer.read()
            return answer.status == 201


async def _json(http: aiohttp.ClientSession, method: str, address: str, body: object) -> Any:  # noqa: ANN401
    async with http.request(method, address, json=body, timeout=aiohttp.ClientTimeout(total=600)) as answer:
        assert answer.status in {200, 201}, (address, answer.status, (await answer.text())[:500])
        return await answer.json()


async def until_up(address: str) -> None:
    """Wait for the first good answer of an address."""
    async with aiohttp.ClientSession() as http:
        for _ in range(600):
            try:
                async with http.get(address) as answer:
                    if answer.status == 200:
                        return
            except aiohttp.ClientError:
                pass
            await asyncio.sleep(0.2)
    raise SystemExit("Label Studio did not start")
