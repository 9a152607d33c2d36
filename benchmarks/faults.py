"""Every fault a model provider can make, in one long run: what becomes of the items, and of the bill.

    python benchmarks/faults.py [--items 20000] [--share 0.3]

`labelwright replay --fault all=SHARE` spoils that share of all requests, each in one of thirty ways that need not end a
run. A real server, real HTTP, a real workspace; the client waits two seconds for an answer, so that late ones are late.
tests/fault/test_llm_faults.py runs every way by itself, and a thousand items of this mix.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import re
import tempfile
import time
from collections import Counter
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from labelwright.adapters.chat.replay_faults import FAULTS
from labelwright.adapters.execution.retry import RetryPolicy
from labelwright.testing.fault_run import (
    differences,
    ending_of,
    label,
    ledger_of,
    replaying,
    stats,
    write_recording,
    write_workspace,
)

RESULTS = Path(__file__).parent / "results"
SECONDS = 2.0


def main() -> None:
    """Run, print the table, write the results."""
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--items", type=int, default=20_000)
    options.add_argument("--share", type=float, default=0.3)
    options.add_argument("--concurrency", type=int, default=128)
    chosen = options.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        report = measure(Path(folder), chosen.items, chosen.share, chosen.concurrency)
    show(report)
    RESULTS.mkdir(exist_ok=True)
    (RESULTS / "faults.json").write_text(json.dumps(report, indent=1, ensure_ascii=False) + "\n")
    if report["differences"] or report["lost"] or report["coerced"]:
        raise SystemExit("a promise is broken: see above")


def measure(folder: Path, n: int, share: float, concurrency: int) -> dict[str, Any]:
    """Label n items through all of it."""
    recorded = write_recording(folder / "recorded", n)
    faults = ("--fault", f"all={share}", "--slow-seconds", "10", "--retry-after", "0.1")
    with (
        replaying(recorded, *faults) as url,
        write_workspace(folder / "work", recorded, url, concurrency=concurrency) as workspace,
    ):
        started = time.perf_counter()
        label(workspace, seconds=SECONDS, retry=RetryPolicy(first_wait=0.05, longest_wait=0.5))
        took = time.perf_counter() - started
        ending, ledger, counted = ending_of(workspace), ledger_of(workspace), stats(url)
        workspace.verify()
    reasons = Counter[str]()
    for reason, count in ending.quarantined.items():
        reasons[re.sub(r"http\S+", "the endpoint", reason)[:100]] += count
    told, untold = ledger.told, counted["billed_untold"]
    return {
        "machine": f"{platform.machine()}, {os.cpu_count()} cores, load {os.getloadavg()[0]:.1f} at the end",
        "items": n,
        "share": share,
        "seconds": round(took, 1),
        "attempts": ledger.attempts,
        "labelled_as_recorded": ending.right,
        "quarantined": sum(ending.quarantined.values()),
        "reasons": dict(reasons.most_common()),
        "lost": ending.lost,
        "coerced": ending.coerced,
        "ledger": {"answers": told[0], "tokens_in": told[1], "tokens_out": told[2], "unknown": ledger.unknown},
        "provider": {"billed": counted["billed"], "of_it_untold": untold},
        "differences": differences(ledger, [counted]),
        "faults": {name: counted["faults"].get(name, 0) for name, kind in FAULTS.items() if not kind.ends_run},
    }


def show(report: Mapping[str, Any]) -> None:
    """Print the table."""
    for name in ("items", "seconds", "attempts", "labelled_as_recorded", "quarantined", "lost", "coerced"):
        print(f"{name:<24}{report[name]:>12,}")
    print(f"{'ledger':<24}{report['ledger']}")
    print(f"{'provider':<24}{report['provider']}")
    print("differences             " + ("; ".join(report["differences"]) or "none"))
    print("\nfault                  times  what happens")
    for name, count in report["faults"].items():
        print(f"{name:<20}{count:>8}  {FAULTS[name].happens}")
    print("\nquarantined, for example")
    for reason, count in list(report["reasons"].items())[:12]:
        print(f"{count:>8}  {reason}")


if __name__ == "__main__":
    main()
