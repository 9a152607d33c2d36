"""S3: no secret in any response, log, export or database, also when a provider repeats the key in all it says."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import httpx

from labelwright.workspace import Workspace
from tests.fault.serving_process import start
from tests.story.recorded_project import write_lines, write_project

KEY = "sk-zwk-0123456789abcdefghij"
N = 24


class Repeating(BaseHTTPRequestHandler):
    """A provider that says the key it was given: in headers, errors, labels, refusals, and in no JSON at all."""

    protocol_version = "HTTP/1.1"

    def do_POST(self) -> None:
        asked = self.rfile.read(int(self.headers["Content-Length"]))
        given = self.headers["Authorization"]
        say = {"message": {"role": "assistant", "content": json.dumps({"label": given})}, "finish_reason": "stop"}
        answers = [
            (200, json.dumps({"choices": [say], "model": given, "usage": {"prompt_tokens": 1}})),
            (200, json.dumps({"choices": [{"message": {"refusal": given}, "finish_reason": "stop"}]})),
            (200, f"<html>{given}</html>"),
            (400, json.dumps({"error": {"message": f"bad request with {given}", "param": given}})),
            (404, f"no route for {given}"),
        ]
        status, body = answers[sum(asked) % len(answers)]
        self.send_response(status)
        self.send_header("X-You-Sent", given)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body.encode())

    def log_message(self, format: str, *args: object) -> None:
        pass


@contextmanager
def repeating() -> Iterator[str]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), Repeating)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}/v1"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def labelwright(*words: str, cwd: Path) -> str:
    """Run a command with the key in its environment; give all it said."""
    command = [sys.executable, "-m", "labelwright.cli", *words]
    done = subprocess.run(
        command, cwd=cwd, capture_output=True, text=True, check=False, env=os.environ | {"ZWK_KEY": KEY}, timeout=120
    )
    assert "Traceback" not in done.stderr
    return done.stdout + done.stderr


def test_S3_keys_and_tokens_are_nowhere_but_in_the_environment(tmp_path: Path) -> None:
    work = tmp_path / "work"
    said = ""
    with repeating() as url:
        write_project(work, url, key="ZWK_KEY")
        write_lines(work / "items.jsonl", [{"id": f"i{n}", "text": f"text {n}"} for n in range(N)])
        with Workspace.create(work) as workspace:
            workspace.apply()
            workspace.project().import_items(work / "items.jsonl", id_field="id")
        for words in (
            ("prelabel",),
            ("prelabel", "--json"),
            ("status", "--json"),
            ("calibrate",),
            ("report", "--json"),
        ):
            said += labelwright(*words, cwd=work)
        said += labelwright("aggregate", cwd=work) + labelwright("export", "out", cwd=work)
    invite = labelwright("invite", "ann", cwd=work).splitlines()[0].partition("/join#")[2]
    server = start(work)
    try:
        opened = httpx.post(f"{server.url}/api/v1/sessions", json={"invite": invite})
        token = opened.json()["token"]
        headers = {"Authorization": f"Bearer {token}"}
        for path in ("session", "projects", "projects/small", "projects/small/progress", "projects/small/report"):
            said += httpx.get(f"{server.url}/api/v1/{path}", headers=headers).text
    finally:
        assert server.stop() == 0
    kept = {path: path.read_bytes() for path in work.rglob("*") if path.is_file()}
    database = kept[work / "labelwright.db"]
    assert b"[key]" in database, "the provider did say it, and what it said was kept"
    for secret in (KEY, KEY[8:], invite, token):
        assert secret not in said
        for path, text in kept.items():
            assert secret.encode() not in text, (path.name, secret)
