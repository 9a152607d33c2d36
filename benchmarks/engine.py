"""The labelling engine beside its peers: calls per second, CPU per call, memory, rows lost, what a kill -9 costs.

    python benchmarks/engine.py [--venvs FOLDER] [--install] [--items 5000] [--rows 100000]

Everybody puts the same short texts and the same guideline to the same server on the same machine, one after the other
in one run: `labelwright replay`, whose own CPU per answer stands beside the figures (it is no bottleneck as long as it
is below a millisecond per call of the fastest client). Labelwright runs as the command that users run: prompt, HTTP,
check of the answer, price, and a synchronous commit of every call before its answer counts, all in. The peers keep
nothing, or their own cache. Start-up is taken off everybody's figures.

Each peer has a virtual environment `FOLDER/NAME`; `--install` makes those that are missing. One that is not there, or
fails, is reported with its reason. A peer that keeps one request in flight is given fewer texts at 200 ms.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import subprocess
import sys
import tempfile
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import engine_ours as ours
from engine_watch import run

RESULTS = Path(__file__).parent / "results"
PEERS: Mapping[str, tuple[str, ...]] = {
    "openai": ("openai",),
    "instructor": ("instructor",),
    "curator": ("bespokelabs-curator",),
    "distilabel": ("distilabel[openai]", "requests"),
    "autolabel": ("refuel-autolabel[openai]", "openai<1"),
}
"""What is installed for each; the second package is one that the first needs and does not say."""
LATENCIES_MS = (0, 200)
FEWER_AT_LATENCY: Mapping[str, int] = {"autolabel": 150}
"""Texts for a peer that asks one at a time: 5,000 would take a quarter of an hour."""
N_MALFORMED = 500
"""Some wait long after each of them."""
PATIENCE = 240.0
GOALS: Mapping[str, tuple[str, float]] = {
    "cpu_ms_per_call": ("≤", 0.5),
    "times_the_fastest_peer": ("≥", 4.0),
    "rss_mb_at_rows": ("≤", 150.0),
    "rows_lost_at_malformed": ("≤", 0.0),
    "extra_calls_per_malformed": ("≤", 1.05),
    "attempts_per_item_at_the_limit": ("≤", 1.3),
    "early_retries": ("≤", 0.0),
    "committed_calls_repeated": ("≤", 0.0),
    "batch_answers_repeated": ("≤", 0.0),
}


def main() -> None:
    """Measure, print the tables, write the results."""
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--venvs", type=Path, default=os.environ.get("LABELWRIGHT_PEERS"), help="peers' environments")
    options.add_argument("--install", action="store_true", help="make the environments that are missing")
    options.add_argument("--items", type=int, default=5_000)
    options.add_argument("--rows", type=int, default=100_000, help="rows of the run whose memory is measured; 0 = none")
    options.add_argument("--concurrency", type=int, default=128)
    options.add_argument("--results", type=Path, default=RESULTS / "engine.json")
    chosen = options.parse_args()
    venvs = None if chosen.venvs is None else Path(chosen.venvs).absolute()
    if chosen.install:
        install(venvs or options.error("--install needs --venvs FOLDER"))
    with tempfile.TemporaryDirectory() as folder:
        report = measure(Path(folder), venvs, chosen.items, chosen.rows, chosen.concurrency)
    show(report)
    chosen.results.parent.mkdir(exist_ok=True)
    chosen.results.write_text(json.dumps(report, indent=1, ensure_ascii=False) + "\n")


def measure(folder: Path, venvs: Path | None, n: int, rows: int, concurrency: int) -> dict[str, Any]:
    """Measure everybody."""
    recorded = ours.write_recording(folder / "recorded", n)
    by_latency: dict[str, dict[str, Any]] = {}
    for latency in LATENCIES_MS:
        options = ("--latency-ms", str(latency))
        place = folder / f"ours{latency}"
        place.mkdir()
        say(f"labelwright at {latency} ms")
        figures: dict[str, Any] = {"labelwright": ours.speed(place, recorded, n, concurrency, *options)}
        for name in PEERS:
            say(f"{name} at {latency} ms")
            few = min(n, FEWER_AT_LATENCY.get(name, n)) if latency else n
            figures[name] = peer(venvs, name, recorded, few, concurrency, *options)
        by_latency[str(latency)] = figures
    own: dict[str, Any] = {}
    failed: list[str] = []
    parts: list[Callable[[], dict[str, float]]] = [
        lambda: ours.malformed(folder, recorded, n, concurrency),
        lambda: ours.limited(folder, recorded, n, concurrency, 200),
        lambda: ours.kills(folder, recorded, n, concurrency),
        lambda: ours.batches(folder, recorded, n, concurrency),
        *([lambda: ours.memory(folder, rows, concurrency)] if rows else []),
    ]
    for part in parts:
        try:
            own |= part()
        except Exception as problem:  # noqa: BLE001 - the other parts' figures are worth keeping
            failed.append(f"{type(problem).__name__}: {problem}"[:500])
            say(failed[-1])
    lost: dict[str, Any] = {}
    for name in PEERS:
        say(f"{name} with 2% malformed answers")
        lost[name] = peer(venvs, name, recorded, min(n, N_MALFORMED), concurrency, "--rate-malformed", "0.02")
    at_latency = by_latency["200"]["labelwright"]["items_per_s"]
    own["share_of_ideal_at_200_ms"] = at_latency / (concurrency / 0.2)
    own["cpu_ms_per_call"] = by_latency["0"]["labelwright"]["cpu_ms_per_call"]
    rates = [each["items_per_s"] for name, each in by_latency["0"].items() if name in PEERS and "items_per_s" in each]
    if rates:
        own["times_the_fastest_peer"] = by_latency["0"]["labelwright"]["items_per_s"] / max(rates)
    return {
        "machine": f"{platform.machine()}, {os.cpu_count()} cores, load {os.getloadavg()[0]:.1f} at the end",
        "python": platform.python_version(),
        "server": "labelwright replay",
        "items": n,
        "concurrency": concurrency,
        "by_latency_ms": by_latency,
        "malformed_2_percent": lost,
        "malformed_items": min(n, N_MALFORMED),
        "labelwright": own,
        "failed_parts": failed,
        "goals": {name: f"{sign} {goal:g}" for name, (sign, goal) in GOALS.items()},
        "met": {name: holds(own[name], *GOALS[name]) for name in GOALS if name in own},
    }


def peer(venvs: Path | None, name: str, recorded: Path, n: int, concurrency: int, *options: str) -> dict[str, Any]:
    """Have a peer label n texts; say why not, where it cannot."""
    python = None if venvs is None else venvs / name / "bin" / "python"
    if python is None or not python.is_file():
        return {"skipped": "no virtual environment: --venvs FOLDER, --install"}
    script = str(Path(__file__).with_name("engine_peers.py"))
    with ours.serving(recorded, *options) as server:
        command = [str(python), script, name, server.url, str(recorded), str(n), str(concurrency)]
        spent = run(command, seconds=PATIENCE)
    line = spent.stdout.strip().splitlines()[-1:] or [""]
    if spent.status or not line[0].startswith("{"):
        why = [text for text in spent.stderr.strip().splitlines() if text.strip()][-1:] or ["it said nothing"]
        ended = f"killed after {PATIENCE:g} s" if spent.seconds >= PATIENCE else f"status {spent.status}"
        return {"failed": f"{ended}: {why[0].strip()[:300]}"}
    told: dict[str, Any] = json.loads(line[0])
    return {
        "version": told["version"],
        "n": n,
        "items_per_s": n / told["seconds"],
        "cpu_ms_per_call": told["cpu_seconds"] / n * 1000,
        "cpu_ms_per_call_with_start": spent.cpu_seconds / n * 1000,
        "rss_mb": spent.rss_mb,
        "rows_lost": n - told["labelled"],
    }


def install(venvs: Path) -> None:
    """Make the environments that are missing. What cannot be installed is left out, and said."""
    for name, packages in PEERS.items():
        place = venvs / name
        if (place / "installed").is_file():
            continue
        say(f"installing {name}")
        venvs.mkdir(parents=True, exist_ok=True)
        subprocess.run([sys.executable, "-m", "venv", str(place)], check=True)
        pip = [str(place / "bin" / "python"), "-m", "pip", "--disable-pip-version-check", "install", "--quiet"]
        done = subprocess.run([*pip, *packages], check=False, capture_output=True, text=True)
        if done.returncode:
            say(f"{name} cannot be installed: {done.stderr.strip()[-300:]}")
            (place / "bin" / "python").unlink(missing_ok=True)
        else:
            (place / "installed").touch()


def holds(figure: float, sign: str, goal: float) -> bool:
    """Whether a figure is on the right side of its goal."""
    return figure <= goal if sign == "≤" else figure >= goal


def show(report: Mapping[str, Any]) -> None:
    """Print the tables."""
    for latency, figures in report["by_latency_ms"].items():
        print(f"\nat {latency} ms latency{'items/s':>22}{'CPU-ms/call':>13}{'with start':>12}{'RSS MB':>9}{'lost':>6}")
        for name, f in figures.items():
            why = f.get("skipped") or f.get("failed")
            if why:
                print(f"  {name}: {why}")
                continue
            title = f"{name} {f.get('version', '')} ({f['n']:,})"
            cells = f"{f['items_per_s']:>8,.0f}{f['cpu_ms_per_call']:>13.2f}{f['cpu_ms_per_call_with_start']:>12.2f}"
            print(f"  {title:<32}{cells}{f['rss_mb']:>9.0f}{f['rows_lost']:>6.0f}")
    print(f"\nrows lost of {report['malformed_items']} at 2% malformed answers")
    for name, f in report["malformed_2_percent"].items():
        print(f"  {name:<32}{f.get('rows_lost', f.get('skipped') or f.get('failed'))}")
    print()
    for name, figure in report["labelwright"].items():
        sign, goal = GOALS.get(name, ("", 0.0))
        wanted = f"{sign} {goal:g}" if sign else ""
        mark = "" if not sign else " ok" if report["met"][name] else " MISSED"
        print(f"{name:<40}{figure:>12,.3f}  {wanted:>9}{mark}")


def say(words: str) -> None:
    """Say what is going on."""
    print(words, file=sys.stderr, flush=True)


if __name__ == "__main__":
    main()
