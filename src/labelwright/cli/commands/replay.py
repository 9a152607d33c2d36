"""labelwright replay."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from labelwright.adapters.chat.recording import Recording
from labelwright.adapters.chat.replay_batch import BatchFaults
from labelwright.adapters.chat.replay_faults import SLOW_SECONDS, FaultRates, read_shares
from labelwright.adapters.chat.replay_server import serve_recording
from labelwright.cli.options import JsonOption
from labelwright.cli.output import note


def command(
    folder: Annotated[Path, typer.Argument(help="Folder with task.json, items.jsonl and llm.jsonl.", metavar="FOLDER")],
    *,
    host: Annotated[str, typer.Option(help="Address to listen on.")] = "127.0.0.1",
    port: Annotated[int, typer.Option(min=0, max=65535, help="Port to listen on; 0 = any free one.")] = 0,
    latency_ms: Annotated[float, typer.Option(min=0, help="Wait so long before every answer.")] = 0.0,
    fault: Annotated[
        list[str] | None,
        typer.Option(
            metavar="NAME=SHARE",
            help="Share of requests that go wrong in this way; may be repeated. `all` = every way that need not end a "
            "run. docs/reference/replay.md lists the names.",
        ),
    ] = None,
    slow_seconds: Annotated[float, typer.Option(min=0, help="How long `late` and `drip` take.")] = SLOW_SECONDS,
    rpm: Annotated[
        float | None, typer.Option(min=0.001, help="Requests per minute to allow; what is above gets 429.")
    ] = None,
    tpm: Annotated[
        float | None, typer.Option(min=0.001, help="Tokens per minute to allow; what is above gets 429.")
    ] = None,
    burst_seconds: Annotated[
        float, typer.Option(min=0, help="A pause saves up what the limits bring in so many seconds.")
    ] = 1.0,
    rate_429: Annotated[
        float, typer.Option("--rate-429", min=0, max=1, help="Share of requests refused by a rate limit.")
    ] = 0.0,
    retry_after: Annotated[
        float | None, typer.Option(min=0, help="Seconds that a rate limit asks to wait; not said when left out.")
    ] = None,
    rate_500: Annotated[
        float, typer.Option("--rate-500", min=0, max=1, help="Share of requests that fail in the server.")
    ] = 0.0,
    rate_malformed: Annotated[
        float, typer.Option(min=0, max=1, help="Share of answers that are no chat completion.")
    ] = 0.0,
    rate_truncated: Annotated[float, typer.Option(min=0, max=1, help="Share of answers that are cut off.")] = 0.0,
    quota: Annotated[int | None, typer.Option(min=0, help="Answers to give before the quota is spent.")] = None,
    demand_key: Annotated[str | None, typer.Option(help="API key to demand of every request.")] = None,
    batch_seconds: Annotated[float, typer.Option(min=0, help="How long a batch takes.")] = 0.0,
    batch_expire_at: Annotated[
        float | None, typer.Option(min=0.01, max=1, help="Share of a batch that is answered before it expires.")
    ] = None,
    batch_duplicate: Annotated[float, typer.Option(min=0, max=1, help="Share of results that come twice.")] = 0.0,
    batch_missing: Annotated[float, typer.Option(min=0, max=1, help="Share of results that never come.")] = 0.0,
    batch_unknown: Annotated[
        float, typer.Option(min=0, max=1, help="Results besides, under names that nobody gave.")
    ] = 0.0,
    batch_fail: Annotated[int, typer.Option(min=0, help="So many batches, the first ones, are not taken.")] = 0,
    seed: Annotated[int, typer.Option(help="Seed of the faults.")] = 1,
    json: JsonOption = False,
) -> None:
    """Serve recorded model answers as an OpenAI-compatible and Anthropic-compatible endpoint.

    It answers with what the recorded model said about the item in the final <item> … </item> block of the prompt. When
    it is ready it writes one line of JSON to stdout: {"url": "http://127.0.0.1:…/v1", "models": […]}. The fault options
    make it fail on purpose, so that a client can be seen to survive. Stop it with Ctrl-C.
    """
    faults = FaultRates(
        latency_ms=latency_ms,
        rate_429=rate_429,
        rate_500=rate_500,
        rate_malformed=rate_malformed,
        rate_truncated=rate_truncated,
        retry_after=retry_after,
        quota=quota,
        api_key=demand_key,
        seed=seed,
        shares=read_shares(fault or ()),
        slow_seconds=slow_seconds,
        requests_per_minute=rpm,
        tokens_per_minute=tpm,
        burst_seconds=burst_seconds,
    )
    batches = BatchFaults(
        seconds=batch_seconds,
        expire_at=batch_expire_at,
        duplicate=batch_duplicate,
        missing=batch_missing,
        unknown=batch_unknown,
        fail=batch_fail,
        seed=seed,
    )
    serve_recording(
        folder,
        host=host,
        port=port,
        faults=faults,
        batches=batches,
        announce=lambda url, made: _announce(url, made, json),
    )


def _announce(url: str, recording: Recording, quiet: bool) -> None:
    import sys

    import orjson

    line = {"url": url, "name": recording.name, "models": list(recording.models)}
    sys.stdout.write(orjson.dumps(line).decode() + "\n")
    sys.stdout.flush()
    if not quiet:
        note(f"replaying {recording.name}; stop with Ctrl-C")
